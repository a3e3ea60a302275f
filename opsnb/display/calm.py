"""What is said where no rule has judged anything: that it is not the same as being well."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from opsnb.display.markup import element, join, unbroken
from opsnb.display.measures import MetricRow
from opsnb.display.reader import Reader

SHOWN = 3  # changes


def calm(rows: Sequence[MetricRow], reader: Reader) -> Markup:
    """How many key metrics could be judged, and the largest changes on the year before."""
    if not rows:
        return Markup("")
    return element(
        "p",
        join([_judged(rows, reader), _changes(rows, reader)], "" if reader.words.wide else " "),
        class_="note",
    )


def _judged(rows: Sequence[MetricRow], reader: Reader) -> str:
    words, n = reader.words, len(rows)
    judged = sum(row.number("attainment") is not None for row in rows)
    if judged == 0:
        return words(
            "None of the {n} key metrics has a target, so none is judged; "
            "that nothing is reported does not mean that all is well.",
            n=n,
        )
    if judged == n:
        return words("All {n} key metrics are judged against their targets.", n=n)
    return words(
        "{judged} of {n} key metrics are judged; the others have no target.", judged=judged, n=n
    )


def _changes(rows: Sequence[MetricRow], reader: Reader) -> Markup | None:
    """Growth of the metrics that moved most; differences of ratios are of another kind."""
    moved = [row for row in rows if row.number("yoy") is not None]
    moved.sort(key=lambda row: -abs(row.number("yoy") or 0.0))
    if not moved:
        return None
    parts = (join([reader.metric(row.metric), _growth(row)], " ") for row in moved[:SHOWN])
    listed = join(parts, "，" if reader.words.wide else ", ")
    return reader.words.html("Largest changes on the year before: {changes}.", changes=listed)


def _growth(row: MetricRow) -> Markup:
    text = row.text("yoy")
    return element("span", text, class_=unbroken(text), data_key=row.key("yoy"))

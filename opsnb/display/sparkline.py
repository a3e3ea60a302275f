"""A line the size of a word: the last months of one metric, its last point marked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from markupsafe import Markup

from opsnb.display.markup import element
from opsnb.display.numbers import NumberFormat
from opsnb.display.reader import number, records
from opsnb.display.words import Words
from opsnb.results import Result

WIDTH, HEIGHT = 160, 44
LIMITS = ("adjusted", "center", "lower", "upper")
LEFT, RIGHT, TOP, BOTTOM = 2, 152, 6, 38


@dataclass(frozen=True)
class Band:
    """Control limits behind a line, on its scale, and the line as they judge it.

    Parameters
    ----------
    values : tuple of float or None
        Adjusted for the calendar where that was done.
    center, lower, upper : tuple of float or None
    """

    values: tuple[float | None, ...]
    center: tuple[float | None, ...]
    lower: tuple[float | None, ...]
    upper: tuple[float | None, ...]

    @property
    def known(self) -> list[float]:
        """Values of the limits that are there."""
        return [v for line in (self.lower, self.upper) for v in line if v is not None]


def sparkline(
    values: Sequence[float | None],
    style: NumberFormat,
    words: Words,
    *,
    whole: bool = True,
    band: Band | None = None,
    tone: str = "",
) -> Markup:
    """SVG of `values`, oldest first; None is a gap. Says its last number and range in words.

    Parameters
    ----------
    values : sequence of float or None
        In the metric's unit, the last one of the report's period.
    style : NumberFormat
        For the numbers in the label.
    whole : bool
        Whether the last value is of all units; one that is not would show as a fall, and is
        left out.
    band : Band, optional
        Drawn behind the line, whose values then are the band's.
    tone : {"", "good", "bad"}
        Of the last point, where it is a signal.
    """
    if not whole:
        values = [*values[:-1], None]
    known = [value for value in values if value is not None]
    if not known:
        return Markup("")
    drawn, edges = (values, []) if band is None else (band.values, band.known)
    low, high = min(span := [v for v in (*drawn, *edges) if v is not None]), max(span)
    marks = _band(band, low, high) if band else []
    marks.append(element("path", d=line(drawn, low, high), class_="sl"))
    if drawn[-1] is not None:
        x, y = points(drawn, low, high)[-1] or (0.0, 0.0)
        css = f"dot {tone}".strip()
        marks.append(element("path", d=f"M{_short(x)} {_short(y)}h0", class_=css))
    return element(
        "svg",
        *marks,
        viewBox=f"0 0 {WIDTH} {HEIGHT}",
        class_="sp",
        role="img",
        aria_label=spoken(values, style, words, whole=whole),
    )


def _band(band: Band, low: float, high: float) -> list[Markup]:
    """Area between the limits and the centre, by their corners alone."""
    lower, upper, center = (
        points(line, low, high) for line in (band.lower, band.upper, band.center)
    )
    known = [i for i, place in enumerate(lower) if place and upper[i] and center[i]]
    if len(known) < 2:
        return []
    top, bottom, middle = (
        _corners([line[i] or (0.0, 0.0) for i in known]) for line in (upper, lower, center)
    )
    return [
        element("path", d=_path([*top, *bottom[::-1]]) + "z", class_="bd"),
        element("path", d=_path(middle), class_="ce"),
    ]


def _corners(places: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Places without those that lie on the line between their neighbours."""
    kept = places[:1]
    for here, after in pairwise(places[1:]):
        (x0, y0), (x1, y1), (x2, y2) = kept[-1], here, after
        if abs((y1 - y0) * (x2 - x0) - (y2 - y0) * (x1 - x0)) > 0.5 * (x2 - x0):
            kept.append(here)
    return [*kept, places[-1]]


def _path(places: Sequence[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{_short(x)} {_short(y)}" for x, y in places)


def points(
    values: Sequence[float | None], low: float | None = None, high: float | None = None
) -> list[tuple[float, float] | None]:
    """Place of each value in the drawing; `low` lies at the bottom, `high` at the top.

    These are the lowest and the highest value by default. A constant line lies in the middle.
    """
    known = [value for value in values if value is not None]
    low, high = min(known) if low is None else low, max(known) if high is None else high
    step = (RIGHT - LEFT) / max(len(values) - 1, 1)
    placed: list[tuple[float, float] | None] = []
    for i, value in enumerate(values):
        if value is None:
            placed.append(None)
            continue
        height = 0.5 if high == low else (value - low) / (high - low)
        placed.append((LEFT + i * step, BOTTOM - (BOTTOM - TOP) * height))
    return placed


def line(
    values: Sequence[float | None], low: float | None = None, high: float | None = None
) -> str:
    """Path data of the line; a gap lifts the pen, and a lone point becomes a dash of no length.

    >>> line([0.0, 1.0])
    'M2 38L152 6'
    """
    path, down = "", False
    for place in points(values, low, high):
        if place is not None:
            path += f"{'L' if down else 'M'}{_short(place[0])} {_short(place[1])}"
        down = place is not None
    return path


def histories(result: Result) -> dict[str, list[float | None]]:
    """Values of each metric, oldest first, from the part ``history``; empty without it."""
    found: dict[str, list[float | None]] = {}
    for part in result.parts:
        if part.name == "history":
            for record in sorted(records(part), key=lambda record: str(record["period"])):
                found.setdefault(str(record["metric"]), []).append(number(record["value"]))
    return found


def bands(result: Result) -> dict[str, Band]:
    """Band of each metric whose part ``history`` has limits on the metric's scale."""
    lines: dict[str, list[dict[str, float | None]]] = {}
    for part in result.parts:
        if part.name == "history" and "lower" in part.frame:
            for record in sorted(records(part), key=lambda record: str(record["period"])):
                row = {name: number(record[name]) for name in LIMITS}
                lines.setdefault(str(record["metric"]), []).append(row)
    return {
        metric: Band(*(tuple(row[name] for row in rows) for name in LIMITS))
        for metric, rows in lines.items()
        if any(row["lower"] is not None for row in rows)
    }


def spoken(
    values: Sequence[float | None], style: NumberFormat, words: Words, *, whole: bool = True
) -> str:
    """Last number and range of `values` in words, of which one at least is known."""
    known = [value for value in values if value is not None]
    last, missing = values[-1], words("no data") if whole else words("incomplete")
    return words(
        "Last {n} periods: now {last}, range {low} to {high}",
        n=len(values),
        last=missing if last is None else style.text(last),
        low=style.text(min(known)),
        high=style.text(max(known)),
    )


def _short(value: float) -> str:
    return f"{value:.1f}".rstrip("0").rstrip(".")

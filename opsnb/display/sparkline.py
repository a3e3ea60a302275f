"""A line the size of a word: the last months of one metric, its last point marked."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from opsnb.display.markup import element
from opsnb.display.numbers import NumberFormat
from opsnb.display.reader import number, records
from opsnb.display.words import Words
from opsnb.results import Result

WIDTH, HEIGHT = 160, 44
LEFT, RIGHT, TOP, BOTTOM = 2, 152, 6, 38


def sparkline(
    values: Sequence[float | None], style: NumberFormat, words: Words, *, whole: bool = True
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
    """
    if not whole:
        values = [*values[:-1], None]
    known = [value for value in values if value is not None]
    if not known:
        return Markup("")
    marks = [element("path", d=line(values), class_="sl")]
    if values[-1] is not None:
        x, y = points(values)[-1] or (0.0, 0.0)
        marks.append(element("path", d=f"M{_short(x)} {_short(y)}h0", class_="dot"))
    return element(
        "svg",
        *marks,
        viewBox=f"0 0 {WIDTH} {HEIGHT}",
        class_="sp",
        role="img",
        aria_label=spoken(values, style, words, whole=whole),
    )


def points(values: Sequence[float | None]) -> list[tuple[float, float] | None]:
    """Place of each value in the drawing; the lowest lies at the bottom, the highest at the top.

    A constant line lies in the middle.
    """
    known = [value for value in values if value is not None]
    low, high = min(known), max(known)
    step = (RIGHT - LEFT) / max(len(values) - 1, 1)
    placed: list[tuple[float, float] | None] = []
    for i, value in enumerate(values):
        if value is None:
            placed.append(None)
            continue
        height = 0.5 if high == low else (value - low) / (high - low)
        placed.append((LEFT + i * step, BOTTOM - (BOTTOM - TOP) * height))
    return placed


def line(values: Sequence[float | None]) -> str:
    """Path data of the line; a gap lifts the pen, and a lone point becomes a dash of no length.

    >>> line([0.0, 1.0])
    'M2 38L152 6'
    """
    path, down = "", False
    for place in points(values):
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

"""Drawings of risk: the matrix on log scales, and how likely a year's loss passes each amount."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from opsnb.display.figures import NARROW, Canvas, text_width
from opsnb.display.sheet import Sheet, shortened
from opsnb.display.tokens import LIGHT

if TYPE_CHECKING:
    from matplotlib.figure import Figure

GAP, HEAD, FOOT, RIGHT = 8.0, 22.0, 42.0, 6.0
LINE = 15.0
DOT = 5.0
Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Spot:
    """One risk on the matrix; intervals and the place before are NaN where they are not known."""

    name: str
    label: str
    x: float
    y: float
    x_low: float
    x_high: float
    y_low: float
    y_high: float
    x_before: float
    y_before: float
    rating: str


@dataclass(frozen=True)
class MatrixData:
    """What a matrix shows.

    Parameters
    ----------
    spots : tuple of Spot
        x in events a year, y in the currency.
    x_ticks, y_ticks : tuple of (value, label)
    medium, high : float
        Products of x and y at which the ratings begin.
    heads : (y axis, x axis)
    regions : (high, medium, low)
        Labels of the ratings.
    """

    spots: tuple[Spot, ...]
    x_ticks: tuple[tuple[float, str], ...]
    y_ticks: tuple[tuple[float, str], ...]
    medium: float
    high: float
    heads: tuple[str, str]
    regions: tuple[str, str, str]


@dataclass(frozen=True)
class Axis:
    """A log scale in pixels."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        """Pixels of a value."""
        share = (math.log10(value) - math.log10(self.low)) / (
            math.log10(self.high) - math.log10(self.low)
        )
        return self.start + share * (self.end - self.start)

    def within(self, value: float) -> float:
        """Value, or the nearer end of the scale."""
        return min(max(value, self.low), self.high)


def matrix(data: MatrixData, canvas: Canvas) -> Figure:
    """Risks on log scales, with their intervals and where they were; ratings as ground."""
    height = 330.0 if canvas is NARROW else 384.0
    sheet = Sheet(canvas.width, height)
    left = max(text_width(label) for _, label in data.y_ticks) + GAP
    x = Axis(*_reach([s.x for s in data.spots], [s.x_before for s in data.spots],
                     [t for t, _ in data.x_ticks]), left, canvas.width - RIGHT)  # fmt: skip
    y = Axis(*_reach([s.y for s in data.spots], [s.y_before for s in data.spots],
                     [t for t, _ in data.y_ticks]), height - FOOT, HEAD)  # fmt: skip
    _ground(sheet, data, x, y)
    sheet.text(0, 9, data.heads[0], "m")
    sheet.text(canvas.width, height - 8, data.heads[1], "m", "right")
    for value, label in data.y_ticks:
        if y.low <= value <= y.high:
            sheet.text(left - GAP, y(value), label, "m", "right")
    x_labels(sheet, data.x_ticks, x, y.start)
    sheet.line((x.start, x.start), (y.start, y.end), "ink3")
    sheet.line((x.start, x.end), (y.start, y.start), "ink3")
    taken = _regions(sheet, data, x, y)
    for spot in data.spots:
        _spot(sheet, spot, x, y)
    _labels(sheet, data.spots, x, y, taken, short=canvas is NARROW)
    return sheet.figure


def _reach(*groups: Sequence[float]) -> tuple[float, float]:
    """Ends of a scale that holds all known values, with some room."""
    known = [v for group in groups for v in group if math.isfinite(v) and v > 0]
    return min(known) / 1.5, max(known) * 1.7


def _ground(sheet: Sheet, data: MatrixData, x: Axis, y: Axis) -> None:
    """Ratings as ground: above a line of equal expected loss."""
    for limit, colour in ((data.medium, "band"), (data.high, "hot")):
        edges = sorted(
            {x.low, x.high, *(v for v in (limit / y.high, limit / y.low) if x.low < v < x.high)}
        )
        below = [y(y.within(limit / value)) for value in edges]
        at = [x(value) for value in edges]
        sheet.axes.fill_between(
            at, below, [y.end] * len(at), color=LIGHT[colour], linewidth=0, clip_on=False
        )
    for limit in (data.medium, data.high):
        ends = [max(x.low, limit / y.high), min(x.high, limit / y.low)]
        if ends[0] < ends[1]:
            style: Any = {"color": LIGHT["ink3"], "linewidth": 0.8, "dashes": (1.5, 2.5)}
            sheet.axes.plot(
                [x(v) for v in ends], [y(limit / v) for v in ends], clip_on=False, **style
            )


def x_labels(sheet: Sheet, ticks: Sequence[tuple[float, str]], x: Axis, foot: float) -> None:
    """Labels below the axis, those left out that would touch the one before."""
    end = -math.inf
    for value, label in ticks:
        if not x.low <= value <= x.high:
            continue
        at = min(x(value), sheet.width - text_width(label) / 2)
        sheet.line((x(value), x(value)), (foot, foot + 5), "ink3")
        if at - text_width(label) / 2 > end + GAP:
            sheet.text(at, foot + 14, label, "m", "center")
            end = at + text_width(label) / 2


def _regions(sheet: Sheet, data: MatrixData, x: Axis, y: Axis) -> list[Box]:
    """Names of the ratings in their corners; returns where they stand."""
    high, medium, low = data.regions
    taken: list[Box] = []
    places = [(x.end - 6, y.end + 11, high, "b", "right", data.high, x.high * y.high),
              (x.start + 6, y.start - 11, low, "m", "left", None, None)]  # fmt: skip
    for at, middle, text, css, align, limit, most in places:
        if limit is not None and most is not None and most <= limit:
            continue
        sheet.text(at, middle, text, css, align)
        width = text_width(text)
        start = at - width if align == "right" else at
        taken.append((start, middle - LINE / 2, start + width, middle + LINE / 2))
    corner = data.medium / y.low * 1.15
    if x.low < corner < x.high and medium:
        at = min(x(corner) + 4, x.end - text_width(medium))
        sheet.text(at, y.start - 11, medium, "m")
        taken.append((at, y.start - 19, at + text_width(medium), y.start - 3))
    return taken


def _spot(sheet: Sheet, spot: Spot, x: Axis, y: Axis) -> None:
    at, middle = x(spot.x), y(spot.y)
    if math.isfinite(spot.x_low) and spot.x_low > 0:
        ends = [x(x.within(v)) for v in (spot.x_low, spot.x_high)]
        sheet.line((ends[0], ends[1]), (middle, middle), "py", 1.2)
    if math.isfinite(spot.y_low) and spot.y_low > 0:
        ends = [y(y.within(v)) for v in (spot.y_low, spot.y_high)]
        sheet.line((at, at), (ends[0], ends[1]), "py", 1.2)
    if math.isfinite(spot.x_before) and math.isfinite(spot.y_before):
        was = x(spot.x_before), y(spot.y_before)
        if math.dist(was, (at, middle)) > 2 * DOT:
            _arrow(sheet, was, (at, middle))
    face = {"high": "bad", "medium": "ink2"}.get(spot.rating, "paper")
    edge = "bad" if spot.rating == "high" else "ink2"
    circle(sheet, at, middle, DOT, face, edge)


def circle(sheet: Sheet, x: float, y: float, radius: float, face: str, edge: str) -> None:
    """Circle at a place in pixels."""
    from matplotlib.patches import Circle

    sheet.axes.add_patch(
        Circle((x, y), radius, facecolor=LIGHT[face], edgecolor=LIGHT[edge], linewidth=1.4,
               clip_on=False, zorder=3)
    )  # fmt: skip


def _arrow(sheet: Sheet, was: tuple[float, float], now: tuple[float, float]) -> None:
    """Line from where a risk was to where it is, with a head before its dot."""
    circle(sheet, *was, 2.5, "paper", "ink3")
    length = math.dist(was, now)
    ux, uy = (now[0] - was[0]) / length, (now[1] - was[1]) / length
    start = was[0] + 2.5 * ux, was[1] + 2.5 * uy
    tip = now[0] - (DOT + 1) * ux, now[1] - (DOT + 1) * uy
    sheet.line((start[0], tip[0]), (start[1], tip[1]), "ink2", 1.2)
    for side in (1, -1):
        wing = tip[0] - 5 * ux - side * 3 * uy, tip[1] - 5 * uy + side * 3 * ux
        sheet.line((wing[0], tip[0]), (wing[1], tip[1]), "ink2", 1.2)


def _labels(
    sheet: Sheet, spots: Sequence[Spot], x: Axis, y: Axis, taken: list[Box], *, short: bool
) -> None:
    """Names beside the dots, where they cover no dot and no other name."""
    dots = [_around(x(spot.x), y(spot.y)) for spot in spots]
    kept = [*taken]
    kept += [
        _around(x(spot.x_before), y(spot.y_before))
        for spot in spots
        if math.isfinite(spot.x_before) and math.isfinite(spot.y_before)
        if math.dist((x(spot.x_before), y(spot.y_before)), (x(spot.x), y(spot.y))) > 2 * DOT
    ]
    order = sorted(range(len(spots)), key=lambda i: spots[i].rating != "high")
    for place in order:
        spot = spots[place]
        text = spot.name if short else shortened(f"{spot.name} {spot.label}", 0.36 * sheet.width)
        others = [*kept, *(dot for other, dot in enumerate(dots) if other != place)]
        box, align = _free(x(spot.x), y(spot.y), text_width(text), others, x, y)
        at = {"left": box[0], "right": box[2], "center": (box[0] + box[2]) / 2}[align]
        css = "b" if spot.rating == "high" else ""
        sheet.text(at, (box[1] + box[3]) / 2, text, css, align)
        kept.append(box)


def _around(at: float, middle: float) -> Box:
    return at - DOT - 1, middle - DOT - 1, at + DOT + 1, middle + DOT + 1


def _free(
    at: float, middle: float, width: float, others: Sequence[Box], x: Axis, y: Axis
) -> tuple[Box, str]:
    """The first place around a dot that covers the least of the others, within the axes."""
    side, up = DOT + 4, DOT + LINE / 2 + 2
    choices = [
        (at + side, middle, "left"),
        (at - side - width, middle, "right"),
        (at - width / 2, middle - up, "center"),
        (at - width / 2, middle + up, "center"),
        *((at + side, middle + k * LINE, "left") for k in (-1, 1)),
        *((at - side - width, middle + k * LINE, "right") for k in (-1, 1)),
        *((at - width / 2, middle + k * (up + LINE), "center") for k in (-1, 1)),
    ]
    best: tuple[float, Box, str] | None = None
    for start, center, align in choices:
        box = (start, center - LINE / 2, start + width, center + LINE / 2)
        cover = sum(_common(box, other) for other in others)
        outside = max(0.0, x.start + 2 - box[0]) + max(0.0, box[2] - x.end)
        outside += max(0.0, y.end - box[1]) + max(0.0, box[3] - y.start)
        cover += 50.0 * outside
        if best is None or cover < best[0] - 1e-9:
            best = cover, box, align
    assert best is not None  # noqa: S101 - there are always choices
    return best[1], best[2]


def _common(one: Box, other: Box) -> float:
    """Area that two boxes share."""
    wide = min(one[2], other[2]) - max(one[0], other[0])
    tall = min(one[3], other[3]) - max(one[1], other[1])
    return wide * tall if wide > 0 and tall > 0 else 0.0

"""The curve of exceedance: how likely a year's loss passes each amount, against the appetite."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from opsnb.display.figures import NARROW, Canvas, text_width
from opsnb.display.risk_figures import FOOT, GAP, HEAD, LINE, RIGHT, Axis, circle, x_labels
from opsnb.display.sheet import Sheet
from opsnb.display.tokens import LIGHT

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Pairs = list[tuple[float, float]]
"""Points of a curve in pixels."""


@dataclass(frozen=True)
class Curve:
    """Probability that a year's loss passes each amount, and the name of the curve."""

    losses: tuple[float, ...]
    chances: tuple[float, ...]
    label: str
    kind: str


@dataclass(frozen=True)
class CurveData:
    """What the figure of exceedance shows.

    Parameters
    ----------
    curves : tuple of Curve
        ``inherent``, ``residual`` and ``target`` by their kind.
    limits : tuple of (loss, probability)
        Points of the appetite.
    limit_label : str
    noted : (loss, residual probability, lines of text) or None
        The point that is written out.
    x_ticks : tuple of (value, label)
    heads : (y axis, x axis)
    """

    curves: tuple[Curve, ...]
    limits: tuple[tuple[float, float], ...]
    limit_label: str
    noted: tuple[float, float, tuple[str, ...]] | None
    x_ticks: tuple[tuple[float, str], ...]
    heads: tuple[str, str]


STROKES: dict[str, dict[str, Any]] = {
    "inherent": {"color": LIGHT["py"], "linewidth": 1.6},
    "residual": {"color": LIGHT["ink"], "linewidth": 1.8},
    "target": {"color": LIGHT["ink2"], "linewidth": 1.3, "dashes": (4, 2.5)},
}
HEIGHTS = {"inherent": 0.62, "residual": 0.42, "target": 0.2}
"""Chances at which the curves have their names, where there is room."""
CSS = {"residual": "e", "inherent": "m"}
STEPS = (0.0, 0.25, 0.5, 0.75, 1.0)


def exceedance(data: CurveData, canvas: Canvas) -> Figure:
    """Curves on a log scale of losses, the appetite as a dotted line of its own."""
    height = 320.0 if canvas is NARROW else 360.0
    sheet = Sheet(canvas.width, height)
    left = text_width("100 %") + GAP
    known = [loss for loss, _ in data.limits]
    whole = next(curve for curve in data.curves if curve.kind == "inherent")
    seen = [x for x, p in zip(whole.losses, whole.chances, strict=True) if 0.002 < p < 0.99 and x]
    low = min([*seen[:1], *known], default=1.0)
    high = max([*seen[-1:], *known], default=10.0)
    x = Axis(low / 1.2, high * 1.1, left, canvas.width - RIGHT)

    def y(chance: float) -> float:
        return height - FOOT - chance * (height - FOOT - HEAD - 4)

    sheet.text(0, 9, data.heads[0], "m")
    sheet.text(canvas.width, height - 8, data.heads[1], "m", "right")
    for step in STEPS:
        sheet.line((left, x.end), (y(step), y(step)), "rule" if step else "ink3")
        text = f"{100 * step:.0f}" + ("\u00a0%" if step else "")
        sheet.text(left - GAP, y(step), text, "m", "right")
    x_labels(sheet, data.x_ticks, x, y(0.0))
    drawn = {curve.kind: _pairs(curve, x, y) for curve in data.curves}
    for kind, pairs in drawn.items():
        if pairs:
            sheet.axes.plot(*zip(*pairs, strict=True), clip_on=False, **STROKES[kind])
    beside = {kind: _beside(kind, drawn, y) for kind in drawn}
    names = {curve.kind: curve.label for curve in data.curves if drawn[curve.kind]}
    free = y(1.0)
    if all(beside[kind][1] >= text_width(name) + GAP for kind, name in names.items()):
        _names(sheet, names, beside, drawn)
    else:
        free = _legend(sheet, names, free, x.end)
    _appetite(sheet, data, x, y, free)
    return sheet.figure


def _pairs(curve: Curve, x: Axis, y: Any) -> Pairs:
    """Places of a curve's points, from left to right, which is downwards."""
    return [
        (x(loss), y(chance))
        for loss, chance in zip(curve.losses, curve.chances, strict=True)
        if x.low <= loss <= x.high
    ]


def _beside(kind: str, drawn: dict[str, Pairs], y: Any) -> tuple[float, float]:
    """Height for the name of a curve, and the free way there; that of the first is on its right."""
    pairs, height = drawn[kind], y(HEIGHTS[kind])
    if not pairs or kind == "inherent":
        return height, math.inf
    others = [line for name, line in drawn.items() if name not in (kind, "inherent") and line]
    return height, _room(pairs, others, height)


def _names(
    sheet: Sheet, names: dict[str, str], beside: dict[str, tuple[float, float]],
    drawn: dict[str, Pairs],
) -> None:  # fmt: skip
    """Names of the curves beside them: of the first on its right, of all others on their left."""
    for kind, name in names.items():
        height, right = beside[kind][0], kind == "inherent"
        at = _across(drawn[kind], height + (LINE / 2 if right else -LINE / 2))
        place, side = (at + 8, "left") if right else (at - 8, "right")
        sheet.text(place, height, name, CSS.get(kind, ""), side)


def _legend(sheet: Sheet, names: dict[str, str], top: float, end: float) -> float:
    """Names in the upper right corner, each with a piece of its line; returns where it ends."""
    wide = max(map(text_width, names.values()))
    for row, (kind, name) in enumerate(names.items()):
        middle = top + LINE * (row + 0.8)
        sheet.text(end - wide, middle, name, CSS.get(kind, ""))
        ends = (end - wide - GAP - 24, end - wide - GAP)
        sheet.axes.plot(ends, (middle, middle), clip_on=False, **STROKES[kind])
    return top + LINE * (len(names) + 0.6)


def _across(pairs: Pairs, up: float) -> float:
    """Where a curve, which falls, passes a height."""
    return float(np.interp(up, [v for _, v in pairs], [h for h, _ in pairs]))


def _room(pairs: Pairs, others: Sequence[Pairs], up: float) -> float:
    """Free way on the left of a curve for a line of text at a height."""
    here = _across(pairs, up - LINE / 2) - 8
    left = [at for line in others if (at := _across(line, up + LINE / 2)) < here]
    return here - max(left, default=0.0)


def _appetite(sheet: Sheet, data: CurveData, x: Axis, y: Any, free: float) -> None:
    """Limits and what is noted of one of them; on the right nothing else stands below `free`."""
    if not data.limits:
        return
    at = [x(loss) for loss, _ in data.limits]
    up = [y(chance) for _, chance in data.limits]
    style: Any = {"color": LIGHT["org"], "linewidth": 1.5, "dashes": (1, 2)}
    sheet.axes.plot(at, up, clip_on=False, **style)
    for place in zip(at, up, strict=True):
        sheet.bar((place[0] - 3, place[0] + 3), place[1], 6, "org")
    first = data.limits[0]
    width = text_width(data.limit_label)
    start = x(first[0]) + 8
    side = "left" if start + width < x.end else "right"
    sheet.text(start if side == "left" else x(first[0]) - 8, y(first[1]) - 9, data.limit_label,
               "o", side)  # fmt: skip
    if data.noted is None:
        return
    loss, chance, lines = data.noted
    circle(sheet, x(loss), y(chance), 4, "bad", "paper")
    wide = max(map(text_width, lines))
    start = min(max(x(loss) + 24, x.start), x.end - wide)
    top = max(y(0.72) if x(loss) > (x.start + x.end) / 2.6 else y(0.9), free + LINE / 2)
    foot = top + LINE * len(lines)
    sheet.line((x(loss), start + 4), (y(chance) - 5, foot - 4), "ink3", 0.8)
    for row, line in enumerate(lines):
        css = ("e", "b", "o")[min(row, 2)]
        sheet.text(start, top + LINE * row - 4, line, css)

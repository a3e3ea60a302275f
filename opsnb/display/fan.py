"""Fan chart: what was, what is expected, and how far it may stray.

IBCS notation: actual solid, forecast dashed and hatched, plan outlined as dotted steps.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from opsnb.display.figures import (
    Canvas,
    Line,
    Tick,
    apart,
    axes_for,
    steps,
    stroke,
    time_axis,
    write,
)
from opsnb.display.tokens import LIGHT

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

HATCH = 6.0
"""Pixels between the strokes of the hatching."""
FOOT = 4.0


@dataclass(frozen=True)
class FanData:
    """What a fan chart shows, on the shown scale; all lines of equal length, NaN where missing.

    Parameters
    ----------
    actual : Line
    adjusted, plan : Line
        Without the calendar; plan of past and future.
    mean : Line
        From the last actual value on; labelled at the right end.
    inner, outer : pair of Line
        Lower and upper end of the narrow and of the wide interval; the upper ones are labelled.
    last : tuple of three floats or None
        What the month before said of the last actual month: mean, lower and upper end.
    ticks : tuple of Tick
    sides : pair of str
        Words for what was and what is expected, on either side of the line between them.
    """

    actual: Line
    adjusted: Line
    plan: Line
    mean: Line
    inner: tuple[Line, Line]
    outer: tuple[Line, Line]
    last: tuple[float, float, float] | None
    ticks: tuple[Tick, ...]
    sides: tuple[str, str]


def fan(data: FanData, canvas: Canvas) -> Figure:
    """Solid line to the last month, dashed from there, within a hatched and a plain band."""
    lines = [data.actual, data.plan, data.mean, *data.inner, *data.outer]
    if data.last:
        lines.append(Line((*data.last, *[math.nan] * (len(data.mean.values) - 3)), ""))
    figure, ax = axes_for([Line(data.adjusted.values, ""), *lines], canvas)
    now = max(i for i, v in enumerate(data.mean.values) if math.isnan(v)) + 1
    _band(ax, data.outer)
    _hatched(ax, data.inner)
    ax.plot(*steps(data.plan.values), **stroke("ink2", 1.3, (2, 2)))
    ax.plot(range(len(data.adjusted.values)), data.adjusted.values, **stroke("py", 1.3))
    ax.plot(range(len(data.actual.values)), data.actual.values, **stroke("ink", 1.7))
    ax.plot(range(len(data.mean.values)), data.mean.values, **stroke("ink", 1.5, (2.4, 1.6)))
    _points(ax, data, now)
    _divide(ax, now, data.sides, canvas)
    _ends(ax, data, canvas)
    time_axis(ax, data.ticks, canvas)
    return figure


def _band(ax: Axes, ends: tuple[Line, Line]) -> None:
    x, low, high = _known(ends)
    ax.fill(x + x[::-1], low + high[::-1], color=LIGHT["band"], linewidth=0, clip_on=False)


def _known(ends: tuple[Line, Line]) -> tuple[list[float], list[float], list[float]]:
    places = [i for i, v in enumerate(ends[0].values) if math.isfinite(v)]
    low, high = ([end.values[i] for i in places] for end in ends)
    return [float(i) for i in places], low, high


def _hatched(ax: Axes, ends: tuple[Line, Line]) -> None:
    """Edges of the narrow band and slanting strokes within it, as lines: a pattern has no theme."""
    x, low, high = _known(ends)
    for edge in (low, high):
        ax.plot(x, edge, **stroke("ink3", 0.8))
    to_pixels = ax.transData.transform
    px = to_pixels(np.column_stack([x, low]))
    top = to_pixels(np.column_stack([x, high]))[:, 1]
    found = strokes(px[:, 0], px[:, 1], top)
    if found:
        tips = np.array([ax.transData.inverted().transform(path) for path in found])
        gaps = np.full((len(tips), 1, 2), math.nan)
        line = np.concatenate([tips, gaps], axis=1).reshape(-1, 2)
        ax.plot(line[:, 0], line[:, 1], **stroke("ink3", 0.7))


def strokes(
    x: np.ndarray[Any, Any], low: np.ndarray[Any, Any], high: np.ndarray[Any, Any]
) -> list[np.ndarray[Any, Any]]:
    """Strokes at 45 degrees within a band, each by its two ends.

    >>> found = strokes(np.array([0.0, 10.0]), np.array([0.0, 0.0]), np.array([10.0, 10.0]))
    >>> [stroke.round().tolist() for stroke in found][:1]
    [[[0.0, 4.0], [6.0, 10.0]]]
    """
    if len(x) < 2:
        return []
    at = np.linspace(x[0], x[-1], int(np.ceil(2 * (x[-1] - x[0]))) + 1)
    floor, roof = np.interp(at, x, low), np.interp(at, x, high)
    found = []
    first = math.floor((floor - at).min() / HATCH) + 1
    last = math.ceil((roof - at).max() / HATCH)
    for offset in range(last - 1, first - 1, -1):
        y = at + HATCH * offset - HATCH / 3
        inside = np.concatenate([[False], (y >= floor) & (y <= roof), [False]])
        edges = np.flatnonzero(np.diff(inside.astype(int)))
        for start, stop in zip(edges[::2], edges[1::2] - 1, strict=True):
            if stop > start:
                found.append(np.array([[at[start], y[start]], [at[stop], y[stop]]]))
    return found


def _points(ax: Axes, data: FanData, now: int) -> None:
    """Last actual month solid, months ahead hollow, and what the month before said of the last."""
    ahead = list(range(now + 1, len(data.mean.values)))
    hollow: Any = {"markersize": 5, "markerfacecolor": LIGHT["paper"], "clip_on": False,
                   "markeredgecolor": LIGHT["ink"], "markeredgewidth": 1.2}  # fmt: skip
    ax.plot(ahead, [data.mean.values[i] for i in ahead], "o", **hollow)
    if data.last:
        mean, low, high = data.last
        ax.plot([now, now], [low, high], **stroke("ink3", 1.2))
        ax.plot([now], [mean], "D", **(hollow | {"markersize": 6}))
    if math.isfinite(data.actual.values[now]):
        solid: Any = {"markersize": 5.5, "color": LIGHT["ink"], "markeredgewidth": 0}
        ax.plot([now], [data.actual.values[now]], "o", **solid)


def _divide(ax: Axes, now: int, sides: tuple[str, str], canvas: Canvas) -> None:
    """Dashed line between what was and what is expected, with a word on either side."""
    low, high = ax.get_ylim()
    ax.plot([now + 0.5] * 2, [low, high], **stroke("ink3", 1.0, (3, 3)))
    x, y = ax.transData.transform((now + 0.5, high))
    for word, shift, align in zip(sides, (-FOOT, FOOT), ("right", "left"), strict=True):
        write(ax, x + shift, min(y + 1, canvas.height - 14), word, "m", align)


def _ends(ax: Axes, data: FanData, canvas: Canvas) -> None:
    """Labels at the right edge, each beside its level, kept apart."""
    ends: Sequence[tuple[Line, str]] = [
        (data.outer[1], "m"), (data.inner[0], "m"), (data.mean, "e"), (data.plan, "m"),
    ]  # fmt: skip
    known = [(line, css) for line, css in ends if line.label and math.isfinite(line.values[-1])]
    wanted = [ax.transData.transform((0, line.values[-1]))[1] for line, _ in known]
    for (line, css), y in zip(known, apart(wanted, 8, canvas.height - 20), strict=True):
        write(ax, canvas.width, y - 4, line.label, css, "right")

"""Control chart: the points, their centre and limits by segment, and the signals among them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from opsnb.display.figures import (
    GAP,
    SPACE,
    Canvas,
    Line,
    Tick,
    apart,
    axes_for,
    steps,
    stroke,
    text_width,
    time_axis,
    write,
)
from opsnb.display.tokens import LIGHT

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MARKERS = {"outside": "D", "trend": "^", "two_of_three": "s", "shift": "o"}
SIZES = {"outside": 6.5, "trend": 8.0, "two_of_three": 6.5, "shift": 6.5}
COLOURS = {"good": "good", "bad": "bad", "past": "ink3", "": "ink"}
PAST = 0.75
CLASSES = {"good": "g", "bad": "b", "": "e"}


@dataclass(frozen=True)
class Flag:
    """A point with a signal: where, which, and whether it is ``good``, ``bad``, ``past`` or ""."""

    place: int
    signal: str
    tone: str = ""


@dataclass(frozen=True)
class ControlData:
    """What a control chart shows, on the shown scale; all lines of equal length.

    Parameters
    ----------
    points, center, lower, upper : Line
        Labelled at the right end.
    near : pair of tuples of float
        The inner limits, lower and upper.
    segments : tuple of int
        Segment of each point.
    flags : tuple of Flag
    target : Line or None
        NaN but for the last point, where it is a level.
    causes : tuple of (place, text)
        Why a segment starts.
    ticks : tuple of Tick
    """

    points: Line
    center: Line
    lower: Line
    upper: Line
    near: tuple[tuple[float, ...], tuple[float, ...]]
    segments: tuple[int, ...]
    flags: tuple[Flag, ...]
    target: Line | None
    causes: tuple[tuple[int, str], ...]
    ticks: tuple[Tick, ...]


def control(data: ControlData, canvas: Canvas) -> Figure:
    """Points on a band between the limits; a signal has a shape and a colour."""
    lines = [data.points, data.center, data.lower, data.upper]
    lines += [data.target] if data.target else []
    figure, ax = axes_for(lines, canvas)
    for part in _segments(data.segments):
        _band(ax, data, part)
    if data.target:
        ax.plot(*steps(data.target.values), **stroke("ink", 1.3, (1.5, 2)))
    ax.plot(range(len(data.points.values)), data.points.values, **stroke("ink", 1.7))
    _causes(ax, data.causes, canvas)
    _flags(ax, data)
    _ends(ax, data, canvas)
    time_axis(ax, data.ticks, canvas)
    return figure


def _segments(segments: Sequence[int]) -> list[range]:
    """Places of each segment."""
    starts = [0, *(i + 1 for i, (a, b) in enumerate(pairwise(segments)) if a != b), len(segments)]
    return [range(a, b) for a, b in pairwise(starts)]


def _band(ax: Axes, data: ControlData, part: range) -> None:
    """Band, limits, inner limits and centre of one segment, half a month wider at its ends."""
    x = [part[0] - 0.5, *part, part[-1] + 0.5]

    def over(values: Sequence[float]) -> list[float]:
        inner = [values[place] for place in part]
        return _widened(inner)

    lower, upper = over(data.lower.values), over(data.upper.values)
    if not all(map(math.isfinite, (*lower, *upper))):
        return
    x, *edges = _bent(x, lower, upper, over(data.center.values), *map(over, data.near))
    ax.fill(x + x[::-1], edges[0] + edges[1][::-1], color=LIGHT["band"], linewidth=0)
    for values in edges[:2]:
        ax.plot(x, values, **stroke("ink3", 1.0))
    ax.plot(x, edges[2], **stroke("ink3", 1.0))
    for values in edges[3:]:
        ax.plot(x, values, **stroke("ink3", 1.0, (1, 3)))


def _bent(x: list[float], *lines: list[float]) -> list[list[float]]:
    """Lines by their ends alone where all of them are straight, which levels and slopes are."""
    straight = all(
        abs(b - a - (c - b)) <= 1e-9 * (abs(a) + abs(b) + abs(c))
        for values in lines
        for a, b, c in zip(values[1:-2], values[2:-1], values[3:], strict=False)
    )
    keep = [0, -1] if straight else range(len(x))
    return [[values[place] for place in keep] for values in (x, *lines)]


def _widened(values: list[float]) -> list[float]:
    """Values with half a step more at both ends, along the line."""
    step = (values[-1] - values[0]) / max(len(values) - 1, 1)
    return [values[0] - step / 2, *values, values[-1] + step / 2]


def _flags(ax: Axes, data: ControlData) -> None:
    last = len(data.points.values) - 1
    if math.isfinite(data.points.values[last]) and last not in {f.place for f in data.flags}:
        style: Any = {"markersize": 6, "color": LIGHT["ink"], "markeredgewidth": 0}
        ax.plot([last], [data.points.values[last]], "o", **style)
    for flag in data.flags:
        style = {
            "markersize": SIZES.get(flag.signal, 6.5) * (PAST if flag.tone == "past" else 1.0),
            "markerfacecolor": LIGHT[COLOURS[flag.tone]],
            "markeredgecolor": LIGHT["paper"],
            "markeredgewidth": 1,
            "clip_on": False,
        }
        ax.plot(
            [flag.place], [data.points.values[flag.place]], MARKERS.get(flag.signal, "o"), **style
        )


def _ends(ax: Axes, data: ControlData, canvas: Canvas) -> None:
    """Labels at the right edge, each beside its level, kept apart."""
    last = len(data.points.values) - 1
    tone = next((flag.tone for flag in data.flags if flag.place == last), "")
    ends = [(data.upper, "m"), (data.center, ""), (data.lower, "m"), (data.points, CLASSES[tone])]
    ends += [(data.target, "e")] if data.target else []
    known = [(line, css) for line, css in ends if line.label and math.isfinite(line.values[-1])]
    wanted = [ax.transData.transform((0, line.values[-1]))[1] for line, _ in known]
    for (line, css), y in zip(known, apart(wanted, 8, canvas.height - 8), strict=True):
        write(ax, canvas.width, y - 4, line.label, css, "right")


def _causes(ax: Axes, causes: Sequence[tuple[int, str]], canvas: Canvas) -> None:
    """Dashed line where a segment starts, and its cause on the roomier side, as far as it fits."""
    (left, right), (low, high) = ax.get_xlim(), ax.get_ylim()
    edges = [ax.transData.transform((x, high))[0] for x in (left, right)]
    taken: list[tuple[float, float]] = []
    for place, text in causes:
        ax.plot([place - 0.5] * 2, [low, high], **stroke("ink3", 1.0, (3, 3)))
        x, y = ax.transData.transform((place - 0.5, high))
        align = "left" if edges[1] - x >= x - edges[0] else "right"
        room = (edges[1] - x if align == "left" else x - edges[0]) - SPACE
        shown = fitted(text, room)
        start = x + 4 if align == "left" else x - 4 - text_width(shown)
        span = (start, start + text_width(shown))
        if shown and all(span[1] < a or b < span[0] for a, b in taken):
            taken.append(span)
            write(ax, x + (4 if align == "left" else -4), min(y - 13, canvas.height - GAP), shown,
                  "m", align)  # fmt: skip


def fitted(text: str, room: float) -> str:
    """Text cut to `room` pixels with an ellipsis; empty where not even two characters fit."""
    if text_width(text) <= room:
        return text
    for length in range(len(text) - 1, 1, -1):
        if text_width(shown := text[:length] + "…") <= room:
            return shown
    return ""

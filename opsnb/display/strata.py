"""Strata: what a forecast is made of, one strip each over the same months."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from opsnb.display.figures import (
    BOTTOM,
    SPACE,
    Canvas,
    Tick,
    round_steps,
    stroke,
    text_width,
    time_axis,
    write,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure


HEAD, GAP = 20.0, 14.0


@dataclass(frozen=True)
class Stratum:
    """One strip: its name with the unit, and its values on the shown scale.

    Attributes
    ----------
    bars : bool
        Bars from zero, for shares; else a line.
    behind : tuple of float
        A lighter line behind it, such as the values themselves.
    """

    name: str
    values: tuple[float, ...]
    bars: bool = False
    behind: tuple[float, ...] = ()


def strata(strips: Sequence[Stratum], now: int, ticks: tuple[Tick, ...], canvas: Canvas) -> Figure:
    """Strips one below another; months after `now` are expected, and stand outlined or dashed."""
    from matplotlib.figure import Figure

    from opsnb.display.bare_axes import BareAxes

    figure = Figure(figsize=(canvas.width / 72, canvas.height / 72), dpi=72)
    scales = [_scale(strip) for strip in strips]
    left = max(text_width(name) for _, names in scales for name in names) + SPACE
    height = (canvas.height - BOTTOM - len(strips) * HEAD) / len(strips)
    top = float(canvas.height)
    for place, (strip, (grid, names)) in enumerate(zip(strips, scales, strict=True)):
        bottom = top - HEAD - height + (GAP if place < len(strips) - 1 else 0)
        box = (left / canvas.width, bottom / canvas.height, 1 - (left + SPACE) / canvas.width,
               (top - HEAD - bottom) / canvas.height)  # fmt: skip
        ax = figure.add_axes(box, axes_class=BareAxes, label=str(place))
        ax.set(xlim=(-0.6, len(strip.values) - 0.4), ylim=(grid[0], grid[-1]))
        for value, name in zip(grid, names, strict=True):
            ax.axhline(value, **stroke("ink3" if strip.bars and value == 0 else "rule", 1.0))
            y = ax.transData.transform((0, value))[1]
            write(ax, left - SPACE, y - 4, name, "m", "right")
        write(ax, left, top - 13, strip.name, "m", "left")
        _draw(ax, strip, now)
        ax.plot([now + 0.5] * 2, [grid[0], grid[-1]], **stroke("ink3", 1.0, (3, 3)))
        if place == len(strips) - 1:
            time_axis(ax, ticks, canvas)
        top -= HEAD + height
    return figure


def _scale(strip: Stratum) -> tuple[list[float], list[str]]:
    """Round values of the strip's axis, and how they are written."""
    known = [v for v in (*strip.values, *strip.behind) if math.isfinite(v)] or [0.0, 1.0]
    known += [0.0] if strip.bars else []
    grid, decimals = round_steps(min(known), max(known), 2)
    return grid, [f"{v:,.{decimals}f}".replace("-", "\u2212") for v in grid]


def _draw(ax: Any, strip: Stratum, now: int) -> None:
    if not strip.bars:
        ax.plot(range(len(strip.behind)), strip.behind, **stroke("py", 1.3))
        ax.plot(range(now + 1), strip.values[: now + 1], **stroke("ink", 1.7))
        ahead = range(now, len(strip.values))
        ax.plot(ahead, strip.values[now:], **stroke("ink", 1.5, (2.4, 1.6)))
        return
    step = ax.transData.transform((1, 0))[0] - ax.transData.transform((0, 0))[0]
    width = max(step * 0.6, 2.0)
    _bars(ax, strip.values[: now + 1], 0, "ink3", width)
    _bars(ax, strip.values[now + 1 :], now + 1, "ink3", width)
    _bars(ax, strip.values[now + 1 :], now + 1, "paper", width - 2, inside=True)


def _bars(
    ax: Any, values: Sequence[float], first: int, colour: str, width: float, *, inside: bool = False
) -> None:
    """Bars from zero as one line with gaps; `inside` leaves a pixel at their ends."""
    pixel = (
        ax.transData.inverted().transform((0, 1))[1] - ax.transData.inverted().transform((0, 0))[1]
    )
    x: list[float] = []
    y: list[float] = []
    for place, value in enumerate(values):
        end = value
        if inside:
            end = math.copysign(max(abs(value) - pixel, 0.0), value)
        x += [first + place, first + place, math.nan]
        y += [0.0, end, math.nan]
    ax.plot(x, y, **stroke(colour, width))

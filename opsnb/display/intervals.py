"""Intervals: one row a candidate, a dot with its interval on a scale from -1 to 1."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from opsnb.display.figures import Canvas, text_width
from opsnb.display.sheet import Sheet, shortened

if TYPE_CHECKING:
    from matplotlib.figure import Figure

GAP, ROW, HEAD, FOOT = 10.0, 30.0, 20.0, 22.0
TICKS = (-1.0, -0.5, 0.0, 0.5, 1.0)
WIDEST = 0.34


@dataclass(frozen=True)
class Interval:
    """A correlation with its interval, NaN where there is none, and whether it stands out."""

    label: str
    low: float
    value: float
    high: float
    text: str
    strong: bool


def intervals(rows: tuple[Interval, ...], head: str, canvas: Canvas) -> Figure:
    """Dots and intervals; those that leave out chance are solid, the others grey."""
    sheet = Sheet(canvas.width, HEAD + ROW * len(rows) + FOOT)
    left = min(max(text_width(row.label) for row in rows), WIDEST * canvas.width) + GAP
    right = canvas.width - max(text_width(row.text) for row in rows) - 2 * GAP

    def at(value: float) -> float:
        return left + 8 + (value + 1) / 2 * (right - left - 16)

    sheet.text(0, 9, head, "m")
    bottom = HEAD + ROW * len(rows)
    for tick in TICKS:
        css = "ink3" if tick == 0 else "rule"
        sheet.line((at(tick), at(tick)), (HEAD, bottom), css)
        label = f"{tick:+g}".replace("-", "\u2212") if tick else "0"
        sheet.text(at(tick), bottom + 11, label, "m", "center")
    for place, row in enumerate(rows):
        middle = HEAD + ROW * (place + 0.5)
        css = "e" if row.strong else ""
        sheet.text(left - GAP, middle, shortened(row.label, left - GAP), css, "right")
        sheet.text(canvas.width, middle, row.text, css, "right")
        if math.isfinite(row.value):
            tone = "ink" if row.strong else "ink3"
            sheet.line((at(row.low), at(row.high)), (middle, middle), tone, 2.0)
            sheet.bar((at(row.value) - 4, at(row.value) + 4), middle, 8, tone)
    return sheet.figure

"""Waterfall: totals above, what makes their difference below, each on a scale from zero.

Actual is solid, the year before lighter, the target outlined; contributions are good or bad by
the metric's direction, and their share of the base stands beside them as pins.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from opsnb.display.figures import NARROW, Canvas, text_width
from opsnb.display.sheet import Sheet, shortened

if TYPE_CHECKING:
    from matplotlib.figure import Figure

GAP, TALL, HEAD = 8.0, 15.0, 22.0
TOTAL_ROW, STEP_ROW = 22.0, 25.0
WIDEST = 0.3
"""Share of the width that labels may take."""
Tone = Literal["good", "bad", "ink2"]


@dataclass(frozen=True)
class Total:
    """A total on the shown scale, NaN where missing, and how it is filled."""

    label: str
    value: float
    text: str
    fill: Literal["py", "plan", "ink"]


@dataclass(frozen=True)
class Step:
    """A contribution on the shown scale, and its share of the base in percent."""

    label: str
    value: float
    text: str
    tone: Tone
    share: float = math.nan
    share_text: str = ""


@dataclass(frozen=True)
class WaterfallData:
    """What a waterfall shows.

    Parameters
    ----------
    totals, steps : tuple
    sum : Step
        Of the steps.
    heads : tuple of str
        Over the totals, over the steps, and over the pins.
    """

    totals: tuple[Total, ...]
    steps: tuple[Step, ...]
    sum: Step
    heads: tuple[str, str, str]


def waterfall(data: WaterfallData, canvas: Canvas) -> Figure:
    """Totals and contributions, one row each; pins where there is room and there are shares."""
    rows = (*data.steps, data.sum)
    height = HEAD + TOTAL_ROW * len(data.totals) + 12 + HEAD + STEP_ROW * len(rows) + 4
    sheet = Sheet(canvas.width, height)
    names = [*(total.label for total in data.totals), *(row.label for row in rows)]
    left = min(max(map(text_width, names)), WIDEST * canvas.width) + GAP
    has_shares = any(math.isfinite(row.share) for row in rows)
    shares = max(map(text_width, (*(r.share_text for r in rows), "")), default=0.0)
    pins = 0.0 if canvas is NARROW or not has_shares else 84.0
    right = canvas.width - (shares + GAP if has_shares else 0) - (pins + GAP if pins else 0)
    y = _totals(sheet, data, left, right)
    y = _steps(sheet, data, left, right, y)
    if has_shares:
        _shares(sheet, rows, y, pins, shares)
        sheet.text(canvas.width, y - HEAD / 2, data.heads[2], "m", "right")
    return sheet.figure


def _totals(sheet: Sheet, data: WaterfallData, left: float, right: float) -> float:
    sheet.text(0, 9, data.heads[0], "m")
    known = [total.value for total in data.totals if math.isfinite(total.value)]
    room = max((text_width(total.text) for total in data.totals), default=0.0) + 2 * GAP
    at = _scale([0.0, *known], left, right - room)
    y = HEAD
    for total in data.totals:
        middle = y + TOTAL_ROW / 2
        strong = total.fill == "ink"
        label = shortened(total.label, left - GAP)
        sheet.text(left - GAP, middle, label, "e" if strong else "", "right")
        end = at(0.0)
        if math.isfinite(total.value):
            sheet.bar((at(0.0), at(total.value)), middle, TALL, total.fill)
            end = max(at(0.0), at(total.value))
        sheet.text(end + 6, middle, total.text, "e" if strong else "")
        y += TOTAL_ROW
    sheet.line((at(0.0), at(0.0)), (HEAD, y), "ink3")
    return y + 12


def _steps(sheet: Sheet, data: WaterfallData, left: float, right: float, top: float) -> float:
    """Steps from zero on, each where the one before ended; returns the top of their rows."""
    sheet.text(0, top + 9, data.heads[1], "m")
    rows = (*data.steps, data.sum)
    levels = [0.0]
    for step in data.steps:
        levels.append(levels[-1] + step.value)
    room = max(text_width(row.text) for row in rows) + 2 * GAP
    at = _scale([*levels, data.sum.value], left, right - room)
    y = top = top + HEAD
    for place, step in enumerate(rows):
        middle = y + STEP_ROW / 2
        last = place == len(rows) - 1
        start, end = (0.0, step.value) if last else (levels[place], levels[place + 1])
        label = shortened(step.label, left - GAP)
        sheet.text(left - GAP, middle, label, "e" if last else "", "right")
        _bar(sheet, at(start), at(end), middle, step.tone)
        tone = {"good": "tg", "bad": "tb"}.get(step.tone, "")
        sheet.text(max(at(start), at(end)) + 5, middle, step.text, "e" if last else tone)
        if not last:
            down = (middle + TALL / 2, middle + STEP_ROW - TALL / 2)
            sheet.line((at(end), at(end)), down, "ink3", 0.8)
        y += STEP_ROW
    sheet.line((at(0.0), at(0.0)), (top, y), "ink3")
    return top


def _bar(sheet: Sheet, start: float, end: float, middle: float, tone: str) -> None:
    """Bar of a step; one of nothing is a stroke."""
    if abs(end - start) < 1:
        start, end = (start + end) / 2 - 0.5, (start + end) / 2 + 0.5
    sheet.bar((start, end), middle, TALL, tone)


def _shares(sheet: Sheet, rows: Sequence[Step], top: float, pins: float, room: float) -> None:
    """Shares at the right edge, and pins before them on a scale of their own."""
    known = [row.share for row in rows if math.isfinite(row.share)]
    right = sheet.width - room - GAP
    at = _scale([0.0, *known], right - pins + 4, right - 4)
    for place, row in enumerate(rows):
        middle = top + STEP_ROW * (place + 0.5)
        css = "e" if place == len(rows) - 1 else ""
        sheet.text(sheet.width, middle, row.share_text, css, "right")
        if pins and math.isfinite(row.share):
            sheet.line((at(0.0), at(row.share)), (middle, middle), row.tone, 1.4)
            sheet.bar((at(row.share) - 3, at(row.share) + 3), middle, 6, row.tone)
    if pins:
        sheet.line((at(0.0), at(0.0)), (top, top + STEP_ROW * len(rows)), "ink3")


def _scale(values: Sequence[float], left: float, right: float) -> Callable[[float], float]:
    """Pixels of a value; the least and the greatest of `values` stand at the ends."""
    low, high = min(values), max(values)
    factor = (right - left) / ((high - low) or 1.0)
    return lambda value: left + (value - low) * factor

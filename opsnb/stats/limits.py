"""The arithmetic of an XmR chart, for many series of equal length at once.

Arrays are of shape (series, points), without gaps; :mod:`opsnb.stats.spc` is the face of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Codes = npt.NDArray[np.int8]
Rules = Literal["nhs", "wheeler"]
SCREEN = 3.267
"""Upper limit of moving ranges over their mean, D4 for samples of two."""
WIDTH = 2.66
"""Distance of the limits over the mean moving range, 3 / d2."""
D2 = 1.128
"""Mean moving range over the standard deviation."""
NEAR = 2 / 3
OUTSIDE, TREND, NEARBY, SHIFT = 1, 2, 3, 4
TREND_STEPS, NHS_SHIFT, WHEELER_SHIFT = 6, 7, 8


@dataclass(frozen=True)
class Limits:
    """Centre and mean moving range of each series, shape (series, 1)."""

    center: Array
    range: Array

    @property
    def reach(self) -> Array:
        """Distance from the centre to either limit."""
        return WIDTH * self.range


def limits(x: Array, *, baseline: int | None = None, screen: bool = True) -> Limits:
    """Centre and mean moving range of the first `baseline` points, all of them when None.

    Moving ranges of 3.267 times their mean or more are left out once; their points stay in the
    centre.
    """
    fixed = x[:, :baseline]
    first = fixed[:, :1]
    # measured from the first point, so that a constant series has its own value as centre
    center = first + (fixed - first).mean(axis=1, keepdims=True)
    moving = np.abs(np.diff(fixed, axis=1))
    if not moving.shape[1]:
        return Limits(center, np.zeros_like(center))
    mean = moving.mean(axis=1, keepdims=True)
    if screen:
        kept = (moving < SCREEN * mean) | (mean == 0)
        total = np.where(kept, moving, 0.0).sum(axis=1, keepdims=True)
        mean = total / kept.sum(axis=1, keepdims=True)
    return Limits(center, mean)


def signals(
    x: Array, found: Limits, rules: Rules = "nhs", raw: Array | None = None
) -> tuple[Codes, Codes]:
    """Which rule flags each point, 0 for none, and in which direction: 1 up or high, -1, or 0.

    The first rule that matches wins: outside, trend, two of three (three of four), shift. A trend
    of residuals is one where `raw`, which they are the residuals of, goes the same way.
    """
    upper, lower = found.center + found.reach, found.center - found.reach
    codes, ways = np.zeros(x.shape, np.int8), np.zeros(x.shape, np.int8)
    sides = [(x > found.center, 1), (x < found.center, -1)]
    _mark(codes, ways, OUTSIDE, [(x > upper, 1), (x < lower, -1)])
    if rules == "nhs":
        runs = [(_windows(_goes(way, x, raw), TREND_STEPS), way) for way in (1, -1)]
        long = TREND_STEPS + 1
        _mark(codes, ways, TREND, [(_covered(x, starts, long), way) for starts, way in runs])
    _mark(codes, ways, NEARBY, [(_nearby(x, found, way, rules), way) for way in (1, -1)])
    length = NHS_SHIFT if rules == "nhs" else WHEELER_SHIFT
    stays = [(_covered(x, _windows(side, length), length), way) for side, way in sides]
    _mark(codes, ways, SHIFT, stays)
    return codes, ways


def _goes(way: int, x: Array, raw: Array | None) -> Flags:
    """Steps that go one way, of the residuals and of what they are residuals of."""
    found: Flags = way * np.diff(x, axis=1) > 0
    return found if raw is None else found & (way * np.diff(raw, axis=1) > 0)


def _mark(codes: Codes, ways: Codes, code: int, found: list[tuple[Flags, int]]) -> None:
    """Set `code` where a flag is raised and no rule before has matched."""
    for flags, way in found:
        free = flags & (codes == 0)
        codes[free], ways[free] = code, way


def _nearby(x: Array, found: Limits, way: int, rules: Rules) -> Flags:
    """Points beyond two thirds of the way to the limit, two of three and all three on its side.

    By Wheeler's rule: beyond half way, three of four, wherever the fourth is.
    """
    distance = way * (x - found.center)
    if rules == "wheeler":
        near = (distance > found.reach / 2) & (found.reach > 0)
        return near & _covered(x, _counts(near, 4) >= 3, 4)
    near = (distance > NEAR * found.reach) & (distance < found.reach)
    return near & _covered(x, (_counts(near, 3) >= 2) & _windows(distance > 0, 3), 3)


def _windows(flags: Flags, length: int) -> Flags:
    """Whether all of the `length` flags from each place on are raised."""
    whole: Flags = _counts(flags, length) == length
    return whole


def _counts(flags: Flags, length: int) -> npt.NDArray[np.int64]:
    """Raised flags among the `length` from each place on; no places where there are too few."""
    sums = np.cumsum(np.pad(flags, ((0, 0), (1, 0))), axis=1, dtype=np.int64)
    return sums[:, length:] - sums[:, : max(sums.shape[1] - length, 0)]


def _covered(x: Array, starts: Flags, length: int) -> Flags:
    """Points of `x` that lie in a window of `length` whose start is raised."""
    out = np.zeros(x.shape, bool)
    if x.shape[1] < length:
        return out
    for offset in range(length):
        out[:, offset : offset + starts.shape[1]] |= starts
    return out

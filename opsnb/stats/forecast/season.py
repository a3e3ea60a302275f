"""Seasonal indices, shrunk towards none and weighted towards the recent years."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from opsnb.stats.forecast.panel import Array

DECAY = 0.7
"""Weight of a year's deviations relative to the next year's."""
SHRINKAGE = 1.5
"""How many times the noise of an index counts against its size."""
PASSES = 2
FREEDOM = 3.0
"""Least degrees of freedom from which the noise within a month is known at all."""


@dataclass(frozen=True)
class Season:
    """Additive indices by phase, phase 0 being the month after the last one.

    Attributes
    ----------
    index : ndarray, shape (season_length, series)
    strength : ndarray, shape (series,)
        Share of the raw indices that was kept, 0 to 1.
    """

    index: Array
    strength: Array

    def over(self, first: int, rows: int) -> Array:
        """Indices of `rows` months from `first`, counted from the first month ahead."""
        return self.index[(first + np.arange(rows)) % len(self.index)]


def season(x: Array, length: int) -> Season:
    """Indices of each series, in the units of `x`.

    Deviations from a centred moving average give first indices; then, on the adjusted series, a
    local line replaces the average, which carries the trend to both ends. Each index is a mean over
    years with weights 0.7 a year; all are multiplied by the James-Stein factor
    max(0, 1 - c noise / signal), so that a season no larger than its error vanishes.

    Parameters
    ----------
    x : ndarray, shape (months, series)
        Values aligned at the last row; NaN where missing.
    length : int
        Months of the season; below 2 there is none.
    """
    rows, series = x.shape
    if length < 2:
        return Season(np.zeros((1, series)), np.zeros(series))
    window = _window(length)
    total, weight = _moving(x, window)
    whole = weight > length - 0.6
    found = _indices(x - np.where(whole, total / np.where(whole, weight, 1.0), np.nan), length)
    for _ in range(PASSES):
        adjusted = x - found.over(-rows, rows)
        found = _indices(x - _local_line(adjusted, window), length)
    return found


def _window(length: int) -> Array:
    """Centred weights over a season: 2 x m for an even length."""
    if length % 2:
        return np.ones(length)
    return np.concatenate([[0.5], np.ones(length - 1), [0.5]])


def _moving(x: Array, weights: Array) -> tuple[Array, Array]:
    """Weighted sums of what is present within the window, and the weights present."""
    rows, series = x.shape
    half = len(weights) // 2
    present = ~np.isnan(x)
    values = np.zeros((rows + 2 * half, series))
    known = np.zeros_like(values)
    values[half : half + rows] = np.where(present, x, 0.0)
    known[half : half + rows] = present
    total, weight = np.zeros((rows, series)), np.zeros((rows, series))
    for lag, w in enumerate(weights):
        total += w * values[lag : lag + rows]
        weight += w * known[lag : lag + rows]
    return total, weight


def _local_line(x: Array, window: Array) -> Array:
    """Value at each month of the weighted line through the months of its window."""
    offset = np.arange(len(window)) - len(window) // 2
    ones = np.where(np.isnan(x), np.nan, 1.0)
    y0, w0 = _moving(x, window)
    y1, _ = _moving(x, window * offset)
    w1, _ = _moving(ones, window * offset)
    w2, _ = _moving(ones, window * offset**2)
    determinant = w0 * w2 - w1**2
    line = determinant > 1e-9
    mean = y0 / np.where(w0 > 0, w0, 1.0)
    return np.where(line, (w2 * y0 - w1 * y1) / np.where(line, determinant, 1.0), mean)


def _indices(deviation: Array, length: int) -> Season:
    """Weighted means by phase, centred and shrunk."""
    rows, series = deviation.shape
    at = np.arange(rows) - rows
    years = DECAY ** ((-1 - at) // length)
    index, effective = np.zeros((length, series)), np.zeros((length, series))
    within, freedom = np.zeros(series), np.zeros(series)
    for phase in range(min(length, rows)):
        mine = at % length == phase
        d = deviation[mine]
        w = years[mine][:, None] * ~np.isnan(d)
        d = np.where(np.isnan(d), 0.0, d)
        sum1, sum2 = w.sum(0), (w**2).sum(0)
        safe = np.where(sum1 > 0, sum1, 1.0)
        index[phase] = (w * d).sum(0) / safe
        effective[phase] = sum1**2 / np.where(sum2 > 0, sum2, 1.0)
        within += (w * (d - index[phase]) ** 2).sum(0)
        freedom += sum1 - sum2 / safe
    known = effective > 0
    count = np.maximum(known.sum(0), 1)
    index = np.where(known, index - index.sum(0) / count, 0.0)
    noise = within / np.where(freedom > 0, freedom, 1.0) / np.maximum(effective.sum(0) / count, 1.0)
    signal = (index**2).sum(0) / np.maximum(count - 1, 1)
    usable = (signal > 0) & (freedom >= FREEDOM * length / 12)
    kept = 1.0 - SHRINKAGE * noise / np.where(signal > 0, signal, 1.0)
    strength = np.where(usable, np.maximum(kept, 0.0), 0.0)
    return Season(index * strength, strength)

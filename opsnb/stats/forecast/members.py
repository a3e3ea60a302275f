"""Many exponential smoothers side by side, and their average weighted by how well each did.

A member smooths with fixed parameters, so nothing is optimised and nothing fails to converge:
damped trends (Gardner & McKenzie 1985) over a grid of level, trend and damping, and the Theta
method (Assimakopoulos & Nikolopoulos 2000), which is simple smoothing with half the slope of the
history as its drift (Hyndman & Billah 2003); a quarter and three quarters of the slope stand beside
it.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np

from opsnb.stats.forecast.flags import Flags
from opsnb.stats.forecast.panel import Array

HORIZONS = (1, 2, 3, 4, 6, 8, 10, 12, 15, 18)
"""Steps whose errors within the history are judged."""
FARTHEST_JUDGED = 12
"""Largest step whose errors make the loss of a member."""
HALF_LIFE = 36.0
"""Months after which an error counts half in the loss of a member."""
SHARPNESS = 24.0
"""Weight of a member: its loss to the power of minus this."""
THETA_PRIOR = 0.5
"""Log-weight of each Theta member over each damped one."""
BURN = 3
"""First months of a history whose forecasts are not judged."""
START = 10
"""Months at the start of a history that give its first level and slope."""
SMALLEST = 1e-10
UNKNOWN = 0.1
"""Mean change, as a share of the value, of a series that shows none."""

LEVELS = (0.05, 0.15, 0.3, 0.5, 0.75, 1.0)
TRENDS = (0.03, 0.1, 0.25)
DAMPINGS = (0.8, 0.9, 0.96)
DRIFTS = (0.25, 0.5, 0.75)
DAMPED = [(a, b, d, 0.0) for a in LEVELS for b, d in [(0.0, 0.9), *product(TRENDS, DAMPINGS)]]
THETA = [(a, 0.0, 1.0, d) for a, d in product(LEVELS, DRIFTS)]
ALPHA, BETA, PHI, DRIFT = np.array([*DAMPED, *THETA]).T
PRIOR = np.where(DRIFT > 0, THETA_PRIOR, 0.0)
DAMPING_OF = np.array(sorted(set(PHI)))
OF_DAMPING = (PHI[:, None] == DAMPING_OF).astype(np.float64)


@dataclass(frozen=True)
class Averaged:
    """Weighted average of all members for some series, in the units of the adjusted values.

    Attributes
    ----------
    ahead : ndarray, shape (h, series)
        Forecasts.
    error, square : ndarray, shape (len(HORIZONS), series)
        Mean absolute and mean squared error of the average within the history; 0 where none is
        known.
    count : ndarray, shape (len(HORIZONS), series)
        Forecasts judged.
    alpha : ndarray, shape (series,)
        Average level parameter: how much of one month's surprise stays.
    change : ndarray, shape (series,)
        Mean absolute change from one month to the next.
    discord, doubt : ndarray, shape (h, series)
        Standard deviation of the members' forecasts: weighted, and of all alike.
    recent : ndarray, shape (series,)
        Mean absolute one-step error of the last year.
    residual : ndarray, shape (months, series)
        One-step errors; NaN where there is none.
    """

    ahead: Array
    error: Array
    square: Array
    count: Array
    alpha: Array
    change: Array
    discord: Array
    doubt: Array
    recent: Array
    residual: Array


def average(z: Array, flat: Flags, h: int) -> Averaged:
    """Smooth each series with every member and average the members.

    Parameters
    ----------
    z : ndarray, shape (months, series)
        Seasonally adjusted values aligned at the last row; NaN where missing. A series has at least
        one value.
    flat : ndarray of bool, shape (series,)
        Series whose forecast is their mean: simple smoothers alone, averaged nearly evenly, since
        the absolute error would choose the median.
    h : int
        Months ahead.
    """
    start = np.argmax(~np.isnan(z), axis=0)
    level, slope = _beginning(z, start)
    slope = np.where(flat, 0.0, slope)
    trend = np.where(DRIFT > 0, DRIFT * _overall_slope(z)[:, None], slope[:, None])
    levels, trends = _smooth(z, start, level, trend)
    judged = _judged(z, start)
    weight = _weights(*_losses(z, judged, levels, trends), flat)
    by_series = weight[:, :, None] * OF_DAMPING
    mean_level = np.matmul(levels.transpose(1, 0, 2), weight[:, :, None])[:, :, 0].T
    mean_trend = np.matmul(trends.transpose(1, 0, 2), by_series).transpose(2, 1, 0)

    def forecast(rows: slice, k: int) -> Array:
        gone = np.tensordot(reach(DAMPING_OF, k), mean_trend[:, rows], 1)
        return np.asarray(mean_level[rows] + gone)

    error, square, count = (np.zeros((len(HORIZONS), z.shape[1])) for _ in range(3))
    residual = np.full_like(z, np.nan)
    for row, k in enumerate(HORIZONS):
        if k < len(z):
            e = np.where(judged[k - 1], z[k:] - forecast(slice(None, -k), k), 0.0)
            count[row] = judged[k - 1].sum(0)
            safe = np.maximum(count[row], 1)
            error[row], square[row] = np.abs(e).sum(0) / safe, (e**2).sum(0) / safe
            if k == 1:
                residual[1:] = np.where(judged[0], e, np.nan)
    last = slice(len(z) - 1, None)
    ahead = np.concatenate([forecast(last, k) for k in range(1, h + 1)])
    discord, doubt = _disagreement(levels[-1], trends[-1], weight, h)
    year = residual[-12:]
    recent = np.nansum(np.abs(year), axis=0) / np.maximum((~np.isnan(year)).sum(0), 1)
    alpha = weight @ ALPHA
    return Averaged(
        ahead, error, square, count, alpha, _change(z), discord, doubt, recent, residual
    )


def reach(phi: Array, k: int) -> Array:
    """Sum of phi, phi^2, ..., phi^k: how far a damped trend has gone after k steps."""
    return np.asarray(sum(phi**i for i in range(1, k + 1)))


def _disagreement(level: Array, trend: Array, weight: Array, h: int) -> tuple[Array, Array]:
    """Standard deviations of the members' forecasts, weighted and not, shape (h, series)."""
    weighted, alike = np.empty((h, len(level))), np.empty((h, len(level)))
    gone = np.zeros_like(PHI)
    for k in range(h):
        gone = PHI * (gone + 1.0)
        value = level + gone * trend
        centre = (weight * value).sum(1, keepdims=True)
        weighted[k] = np.sqrt((weight * (value - centre) ** 2).sum(1))
        alike[k] = value.std(1)
    return weighted, alike


def _change(z: Array) -> Array:
    """Mean absolute difference of neighbouring months; a tenth where there is none."""
    difference = np.abs(np.diff(z, axis=0))
    known = ~np.isnan(difference)
    total, n = np.where(known, difference, 0.0).sum(0), known.sum(0)
    return np.where(n > 0, total / np.maximum(n, 1), UNKNOWN)


def _line(z: Array, rows: Array) -> tuple[Array, Array, Array]:
    """Slope, mean row and mean value of the line through the rows marked, by series."""
    at = np.arange(len(z))[:, None] - (len(z) - 1.0)
    weight = rows * ~np.isnan(z)
    value = np.where(np.isnan(z), 0.0, z)
    n = np.maximum(weight.sum(0), 1)
    row, mean = (weight * at).sum(0) / n, (weight * value).sum(0) / n
    spread = (weight * (at - row) ** 2).sum(0)
    cross = (weight * (at - row) * (value - mean)).sum(0)
    return np.where(spread > 0, cross / np.where(spread > 0, spread, 1.0), 0.0), row, mean


def _beginning(z: Array, start: Array) -> tuple[Array, Array]:
    """Level and slope before the first month; half of the slope of the first months."""
    at = np.arange(len(z))[:, None] - start
    slope, row, mean = _line(z, ((at >= 0) & (at < START)).astype(np.float64))
    slope = 0.5 * slope
    return mean - slope * (row - (start - (len(z) - 1.0)) + 1.0), slope


def _overall_slope(z: Array) -> Array:
    """Slope of the whole history, cautious where it is short."""
    n = (~np.isnan(z)).sum(0)
    return np.asarray(_line(z, np.ones_like(z))[0] * n / (n + 6.0))


def _smooth(z: Array, start: Array, level: Array, trend: Array) -> tuple[Array, Array]:
    """Level and trend of every member after each month, shape (months, series, members)."""
    rows, series = z.shape
    levels, trends = (np.empty((rows, series, len(ALPHA))) for _ in range(2))
    now, slope = np.repeat(level[:, None], len(ALPHA), 1), trend.copy()
    known, value = ~np.isnan(z), np.where(np.isnan(z), 0.0, z)
    both = ALPHA * BETA
    began = np.arange(rows)[:, None] >= start
    for t in range(rows):
        damped = slope * PHI
        ahead = now + damped
        surprise = np.where(known[t][:, None], value[t][:, None] - ahead, 0.0)
        ahead += ALPHA * surprise
        damped += both * surprise
        if began[t].all():
            now, slope = ahead, damped
        else:
            now = np.where(began[t][:, None], ahead, now)
            slope = np.where(began[t][:, None], damped, slope)
        levels[t], trends[t] = now, slope
    return levels, trends


def _judged(z: Array, start: Array) -> dict[int, Flags]:
    """Whether the month k rows after each row is known and its forecast counts, by k - 1."""
    known = ~np.isnan(z)
    mature = np.arange(len(z))[:, None] >= start + BURN
    return {k - 1: known[k:] & mature[:-k] for k in HORIZONS if k < len(z)}


def _losses(
    z: Array, judged: dict[int, Flags], levels: Array, trends: Array
) -> tuple[Array, Array, Array]:
    """Mean of |error| / sqrt(k), recent months first; n; how many judged.

    The first is of shape (series, members), the others of shape (series,).
    """
    series = z.shape[1]
    total, mass, count = np.zeros((series, len(ALPHA))), np.zeros(series), np.zeros(series)
    value = np.where(np.isnan(z), 0.0, z)
    for k in (k for k in HORIZONS if k < len(z) and k <= FARTHEST_JUDGED):
        age = np.arange(len(z) - k)[::-1, None]
        weight = judged[k - 1] * 0.5 ** (age / HALF_LIFE)
        error = trends[:-k] * reach(PHI, k)
        error += levels[:-k]
        np.subtract(value[k:, :, None], error, out=error)
        np.abs(error, out=error)
        total += np.einsum("ts,tsg->sg", weight, error) / np.sqrt(k)
        mass += weight.sum(0)
        count += judged[k - 1].sum(0)
    loss = total / np.where(mass > 0, mass, 1.0)[:, None]
    return loss, (~np.isnan(z)).sum(0), count


def _weights(loss: Array, n: Array, count: Array, flat: Flags) -> Array:
    """Weights of the members, which sum to 1, shape (series, members)."""
    sharpness = (SHARPNESS * np.where(flat, 0.1, 1.0) * count / (count + 20.0))[:, None]
    log = PRIOR - sharpness * np.log(loss + SMALLEST)
    log = log - 2.0 * (BETA > 0) * np.maximum(np.log(24.0 / n), 0.0)[:, None]
    log = np.where(flat[:, None] & ((BETA > 0) | (DRIFT > 0)), -np.inf, log)
    weight = np.exp(log - log.max(1, keepdims=True))
    return np.asarray(weight / weight.sum(1, keepdims=True))

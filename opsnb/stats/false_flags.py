"""How often a chart flags its latest point although nothing has changed."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from opsnb.stats.limits import Array, Rules, limits, signals

RUNS = 2_000
SEED = 20_260
STEP = 0.1
"""Correlations are rounded to it: the rate moves by less than its own error within a step."""
WARM = 20


def false_flag_rate(
    points: int,
    lag: float = 0.0,
    *,
    rules: Rules = "nhs",
    baseline: int | None = None,
    detrended: bool = False,
) -> float:
    """Probability that the latest of `points` is flagged in a series without a change.

    Simulated: 2,000 seeded series of normal noise with lag-1 correlation `lag` (rounded to
    0.1), limits screened. Equal arguments give equal numbers, which are kept.

    Parameters
    ----------
    points : int
        Of the chart's last segment.
    lag : float
        Cut to -0.9 .. 0.9.
    rules, baseline
        As of :func:`opsnb.stats.spc.xmr`.
    detrended : bool
        Take a straight line through the points before the latest off first.

    Returns
    -------
    float
        0 to 1; 0 for fewer than 2 points.

    Examples
    --------
    >>> 0.01 < false_flag_rate(36) < 0.025 < false_flag_rate(36, 0.5)
    True
    """
    if points < 2:
        return 0.0
    rounded = round(round(min(max(lag, -0.9), 0.9) / STEP) * STEP, 1)
    return _rate(points, rounded + 0.0, rules, baseline, detrended)


@lru_cache(maxsize=512)
def _rate(points: int, lag: float, rules: Rules, baseline: int | None, detrended: bool) -> float:
    x = _noise(points, lag)
    if detrended and points > 3:
        x = _detrended(x)
    # a flag of the latest point needs no more than the last of them
    tail = x[:, -9:]
    codes, _ = signals(tail, limits(x, baseline=baseline), rules)
    return float((codes[:, -1] > 0).mean())


def _noise(points: int, lag: float) -> Array:
    """Autoregressive noise of unit variance, shape (runs, points)."""
    drawn = np.random.default_rng(SEED).standard_normal((points + WARM, RUNS))
    for step in range(1, points + WARM):
        drawn[step] = lag * drawn[step - 1] + (1 - lag**2) ** 0.5 * drawn[step]
    return np.ascontiguousarray(drawn[WARM:].T)


def _detrended(x: Array) -> Array:
    t = np.arange(x.shape[1], dtype=np.float64)
    t -= t[:-1].mean()
    slope = (x[:, :-1] - x[:, :-1].mean(axis=1, keepdims=True)) @ t[:-1] / (t[:-1] @ t[:-1])
    return np.asarray(x - slope[:, None] * t)

"""A learned correction of the path: how series like this one went on.

The average of the members is moved by

    share * base * out_k(features)

where base is the mean absolute one-step error, the features are free of units (three years of
adjusted values, the shape of the forecast, how errors grow and how members disagree), and out is
the mean of some small neural networks: one hidden layer each, which makes the mean a single
network. They were learned by absolute error on windows that end before the last 18 months of every
development series (``python -m benchmarks._learn_lean``) and stand in ``lean.npz``. The correction
is used for monthly series of positive values with two years of history, and is nothing elsewhere.
"""

from __future__ import annotations

import numpy as np

from opsnb.stats.forecast.members import Averaged
from opsnb.stats.forecast.network import over, shipped
from opsnb.stats.forecast.panel import Array

SHARE = 0.65
"""How much of what was learned is believed: other years are not those it was learned from."""
MEMORY = 36
"""Months of adjusted values that are seen."""
SMALLEST = 0.003
"""Least error, as a share of the value, in which movements are measured; what is added to the path
is measured in the error itself."""
STEPS = (1, 3, 6, 9, 12, 15, 18)
SPREADS = (1, 6, 12, 18)


def lean(seen: Array, averaged: Averaged) -> Array:
    """Correction on the logarithmic scale, shape (h, series).

    Parameters
    ----------
    seen : ndarray, shape (series, features)
        Of :func:`features`.
    averaged : Averaged
    """
    moved = over(shipped("lean").out(seen), len(averaged.ahead)).T
    return np.asarray(SHARE * averaged.error[0] * moved)


def base(averaged: Averaged) -> Array:
    """Unit of the movements: the mean absolute one-step error, or what is hardly an error."""
    return np.asarray(np.maximum(averaged.error[0], SMALLEST))


def features(z: Array, averaged: Averaged, strength: Array, n: Array) -> Array:
    """What the correction depends on, shape (series, features).

    Parameters
    ----------
    z : ndarray, shape (months, series)
        Adjusted logarithms.
    averaged : Averaged
        Its forecasts reach at least 18 months.
    strength, n : ndarray, shape (series,)
        Of the season; months with a value.
    """
    unit = base(averaged)
    path = averaged.ahead
    known = averaged.count > 0
    growth = np.log(np.clip(averaged.error / unit, 0.2, 20.0)) * known
    last = np.where(np.isnan(z[-1]), path[0], z[-1])
    columns = [
        *_memory(z, path[0], unit),
        *(_bounded((path[k - 1] - path[0]) / unit) for k in STEPS[1:]),
        *(_bounded((path[k - 1] - last) / unit) for k in STEPS),
        *growth,
        *(np.log1p(averaged.discord[k - 1] / unit) for k in SPREADS),
        *(np.log1p(averaged.doubt[k - 1] / unit) for k in SPREADS),
        np.log(np.clip(averaged.recent / unit, 0.2, 5.0)),
        np.log(np.maximum(n, 2) / 72.0),
        strength,
        averaged.alpha,
        np.log(unit),
    ]
    return np.stack(columns, axis=1)


def _memory(z: Array, now: Array, unit: Array) -> Array:
    """Last adjusted values about the first one ahead, and which half years have none.

    A missing month takes the mean of those that are known.
    """
    seen = np.full((MEMORY, z.shape[1]), np.nan)
    rows = min(MEMORY, len(z))
    seen[MEMORY - rows :] = z[len(z) - rows :]
    far = (seen - now) / unit
    missing = np.isnan(far)
    mean = np.where(missing, 0.0, far).sum(0) / np.maximum((~missing).sum(0), 1)
    return np.concatenate([_bounded(np.where(missing, mean, far)), missing[::6]])


def _bounded(x: Array) -> Array:
    """A movement in units of error, flattening beyond a dozen."""
    return np.asarray(3.0 * np.tanh(x / 8.0))

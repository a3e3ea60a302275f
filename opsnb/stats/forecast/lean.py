"""A small learned correction of the path: how series like this one went on.

The average of the members is moved by

    base * (a_1 sqrt(k / 18) + a_2 k / 18),   a = LEAN . features

where base is the mean absolute one-step error and the features are free of units: the shape of the
forecast, the last year's movement, and how errors grow. LEAN has 28 numbers, learned by absolute
error on windows that end before the last 18 months of every development series, and halved. It is
used for monthly series of positive values with two years of history, and is nothing elsewhere.
"""

from __future__ import annotations

import numpy as np

from opsnb.stats.forecast.constants import LEAN
from opsnb.stats.forecast.members import HORIZONS, Averaged
from opsnb.stats.forecast.panel import Array

REACH = 18
"""Steps to which the correction grows."""
SHARE = 0.5
SMALLEST = 0.003
"""Least error, as a share of the value, in which movements are measured; what is added to the path
is measured in the error itself."""
SEEN = tuple(HORIZONS.index(k) for k in (4, 8, 12, 18))


def lean(z: Array, averaged: Averaged, strength: Array, n: Array) -> Array:
    """Correction on the logarithmic scale, shape (h, series).

    Parameters
    ----------
    z : ndarray, shape (months, series)
        Adjusted logarithms.
    averaged : Averaged
        Its forecasts reach at least 18 months.
    strength, n : ndarray, shape (series,)
        Of the season; months with a value.
    """
    slope = features(z, averaged, strength, n) @ LEAN
    k = np.minimum(np.arange(1, len(averaged.ahead) + 1) / REACH, 1.0)
    path = np.outer(np.sqrt(k), slope[:, 0]) + np.outer(k, slope[:, 1])
    return np.asarray(SHARE * averaged.error[0] * path)


def base(averaged: Averaged) -> Array:
    """Unit of the movements: the mean absolute one-step error, or what is hardly an error."""
    return np.asarray(np.maximum(averaged.error[0], SMALLEST))


def features(z: Array, averaged: Averaged, strength: Array, n: Array) -> Array:
    """What the correction depends on, shape (series, 14)."""
    unit = base(averaged)
    last = np.where(np.isnan(z[-1]), averaged.ahead[0], z[-1])
    path = [_bounded((averaged.ahead[k - 1] - last) / unit) for k in (1, 6, 12, 18)]
    before = z[-24:-12]
    known = ~np.isnan(before)
    mean = np.where(known, before, 0.0).sum(0) / np.maximum(known.sum(0), 1)
    year = np.where(known.any(0), _bounded((last - mean) / unit), 0.0)
    error, count = averaged.error, averaged.count
    growth = [np.log(np.clip(error[i] / unit, 0.2, 20.0)) * (count[i] > 0) for i in SEEN]
    age = np.log(np.maximum(n, 2) / 72.0)
    rest = [age, strength, averaged.alpha, np.log(unit)]
    return np.stack([np.ones(len(n)), *path, year, *growth, *rest], axis=1)


def _bounded(x: Array) -> Array:
    """A movement in units of error, flattening beyond a dozen."""
    return np.asarray(3.0 * np.tanh(x / 8.0))

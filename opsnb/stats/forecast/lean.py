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

from dataclasses import dataclass
from functools import cache
from importlib import resources

import numpy as np

from opsnb.stats.forecast.members import Averaged
from opsnb.stats.forecast.panel import Array

REACH = 18
"""Steps the networks know; further ones are moved like the last."""
SHARE = 0.65
"""How much of what was learned is believed: other years are not those it was learned from."""
MEMORY = 36
"""Months of adjusted values that are seen."""
SMALLEST = 0.003
"""Least error, as a share of the value, in which movements are measured; what is added to the path
is measured in the error itself."""
UNUSUAL = 4.0
"""Standard deviations at which a feature is cut off."""
BATCH = 64
"""Series corrected at once, so that their arrays stay in the processor's cache."""
STEPS = (1, 3, 6, 9, 12, 15, 18)
SPREADS = (1, 6, 12, 18)


@dataclass(frozen=True)
class Network:
    """Mean of networks with one hidden layer.

    Attributes
    ----------
    mean, sd : ndarray, shape (features,)
        Of the features, by which they are standardised.
    inner : ndarray, shape (features, units)
    threshold : ndarray, shape (units,)
    outer : ndarray, shape (units, 18)
    constant : ndarray, shape (18,)
    """

    mean: Array
    sd: Array
    inner: Array
    threshold: Array
    outer: Array
    constant: Array

    def out(self, x: Array) -> Array:
        """Correction in units of error, shape (series, 18).

        Sums are taken term by term: a product of matrices would round a series differently alone
        and among others.
        """
        parts = [self._some(x[first : first + BATCH]) for first in range(0, len(x), BATCH)]
        return np.concatenate(parts) if parts else np.zeros((0, REACH))

    def _some(self, x: Array) -> Array:
        x = np.clip((x - self.mean) / self.sd, -UNUSUAL, UNUSUAL)
        hidden = np.maximum(_summed(x, self.inner) + self.threshold, 0.0)
        return _summed(hidden, self.outer) + self.constant


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
    moved = network().out(features(z, averaged, strength, n)).T
    step = np.minimum(np.arange(len(averaged.ahead)), REACH - 1)
    return np.asarray(SHARE * averaged.error[0] * moved[step])


@cache
def network() -> Network:
    """The shipped network."""
    file = resources.files("opsnb.stats.forecast") / "lean.npz"
    with file.open("rb") as stream, np.load(stream) as stored:
        return Network(**{name: stored[name].astype(np.float64) for name in stored.files})


def base(averaged: Averaged) -> Array:
    """Unit of the movements: the mean absolute one-step error, or what is hardly an error."""
    return np.asarray(np.maximum(averaged.error[0], SMALLEST))


def features(z: Array, averaged: Averaged, strength: Array, n: Array) -> Array:
    """What the correction depends on, shape (series, features)."""
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


def _summed(x: Array, weights: Array) -> Array:
    """Product of matrices whose rows do not depend on each other, to the last bit."""
    total = np.zeros((len(x), weights.shape[1]))
    for column, row in zip(x.T, weights, strict=True):
        total += column[:, None] * row
    return total

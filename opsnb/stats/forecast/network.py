"""Small neural networks that ship with the package: one hidden layer each, as is their mean."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import resources

import numpy as np

from opsnb.stats.forecast.panel import Array

REACH = 18
"""Steps that networks know; further ones are as the last."""
UNUSUAL = 4.0
"""Standard deviations at which a feature is cut off."""
BATCH = 64
"""Series put through at once, so that their arrays stay in the processor's cache."""


@dataclass(frozen=True)
class Network:
    """Mean of networks with one hidden layer.

    Attributes
    ----------
    mean, sd : ndarray, shape (features,)
        Of the features, by which they are standardised.
    inner : ndarray, shape (features, units)
    threshold : ndarray, shape (units,)
    outer : ndarray, shape (units, outputs)
    constant : ndarray, shape (outputs,)
    """

    mean: Array
    sd: Array
    inner: Array
    threshold: Array
    outer: Array
    constant: Array

    def out(self, x: Array) -> Array:
        """What comes out, shape (series, outputs).

        Sums are taken term by term: a product of matrices would round a series differently alone
        and among others.
        """
        parts = [self._some(x[first : first + BATCH]) for first in range(0, len(x), BATCH)]
        return np.concatenate(parts) if parts else np.zeros((0, len(self.constant)))

    def _some(self, x: Array) -> Array:
        x = np.clip((x - self.mean) / self.sd, -UNUSUAL, UNUSUAL)
        hidden = np.maximum(_summed(x, self.inner) + self.threshold, 0.0)
        return _summed(hidden, self.outer) + self.constant


@cache
def shipped(name: str) -> Network:
    """Network of the file ``NAME.npz`` beside this one."""
    file = resources.files("opsnb.stats.forecast") / f"{name}.npz"
    with file.open("rb") as stream, np.load(stream) as stored:
        return Network(**{name: stored[name].astype(np.float64) for name in stored.files})


def over(out: Array, h: int) -> Array:
    """Outputs over `h` steps, those beyond the last as it is, shape (..., h)."""
    return np.asarray(out[..., np.minimum(np.arange(h), REACH - 1)])


def _summed(x: Array, weights: Array) -> Array:
    """Product of matrices whose rows do not depend on each other, to the last bit."""
    total = np.zeros((len(x), weights.shape[1]))
    for column, row in zip(x.T, weights, strict=True):
        total += column[:, None] * row
    return total

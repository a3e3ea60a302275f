"""Severities: what one event costs, as a random variable with its moments and its cells.

Cells are how the second engine sees a severity: a discrete law of conditional means, made of the
distribution function and not of random numbers.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Protocol

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
CELLS = 1 << 13
"""Cells of a continuous severity."""
TABLE = 1 << 14
"""Steps of the table by which a PERT is drawn; the mean errs by less than 1e-6 of the range."""
ENDS = 8
"""Steps at both ends where the quantile function is too steep for a table."""
GAMMA = 4.0
"""Weight of the mode of a PERT."""
Z95 = 1.6448536269514722
REACH = 8.5
"""Standard deviations to which a lognormal's cells reach; 1e-17 lies beyond."""
DENSE = (-2.0, 4.5)
"""Where most of its cells are, since quantiles of a register's loss depend on them."""


class Severity(Protocol):
    """Loss of one event, in the register's currency; never negative."""

    @property
    def mean(self) -> float:
        """Expected loss of an event."""

    def sample(self, random: np.random.Generator, size: int) -> Array:
        """Losses of `size` events."""

    def cells(self, edges: Array) -> tuple[Array, Array]:
        """Values and weights of a discrete law; no cell reaches over one of the losses `edges`."""


@dataclass(frozen=True)
class Lognormal:
    """Severity of which 5 % lie below `low` and 5 % above `high`.

    mu = (ln low + ln high) / 2, sigma = (ln high - ln low) / (2 * 1.644854), as riskquant does.

    >>> risk = Lognormal(1e5, 1e6)
    >>> round(risk.mu, 6), round(risk.sigma, 9), round(risk.mean, 4)
    (12.664218, 0.699936169, 404001.2827)
    """

    low: float
    high: float

    @property
    def mu(self) -> float:
        """Mean of the logarithm."""
        return (math.log(self.low) + math.log(self.high)) / 2

    @property
    def sigma(self) -> float:
        """Standard deviation of the logarithm."""
        return (math.log(self.high) - math.log(self.low)) / (2 * Z95)

    @property
    def mean(self) -> float:
        """exp(mu + sigma² / 2)."""
        return math.exp(self.mu + self.sigma**2 / 2)

    def sample(self, random: np.random.Generator, size: int) -> Array:
        """Losses of `size` events."""
        values = random.standard_normal(size)
        values *= self.sigma
        values += self.mu
        return np.exp(values, out=values)

    def cells(self, edges: Array) -> tuple[Array, Array]:
        """Conditional means between steps of the logarithm."""
        with np.errstate(divide="ignore"):
            further = (np.log(edges) - self.mu) / self.sigma
        bounds = (-REACH, *DENSE, REACH + self.sigma)
        steps = (CELLS // 16, CELLS - CELLS // 8, CELLS // 16)
        even = [np.linspace(*ends, n) for ends, n in zip(pairwise(bounds), steps, strict=True)]
        z = np.unique(np.concatenate([*even, further[np.isfinite(further)]]))
        z[0], z[-1] = -np.inf, np.inf
        return _means(_normal(z), self.mean * _normal(z - self.sigma))


@dataclass(frozen=True)
class Pert:
    """Severity (or frequency) between `low` and `high`, most likely at `mode`.

    A beta on the range: alpha = 1 + 4 (mode - low) / (high - low), alpha + beta = 6.

    >>> round(Pert(10, 20, 100).mean, 5)
    31.66667
    """

    low: float
    mode: float
    high: float

    @property
    def alpha(self) -> float:
        """First parameter of the beta, 1 to 5."""
        return 1 + GAMMA * (self.mode - self.low) / (self.high - self.low)

    @property
    def beta(self) -> float:
        """Second parameter of the beta, 1 to 5."""
        return 1 + GAMMA * (self.high - self.mode) / (self.high - self.low)

    @property
    def mean(self) -> float:
        """(low + 4 mode + high) / 6."""
        return (self.low + GAMMA * self.mode + self.high) / (GAMMA + 2)

    def sample(self, random: np.random.Generator, size: int) -> Array:
        """Values by the quantile function: exact at both ends, else linear between steps."""
        from scipy.special import betaincinv

        start, step = self._table
        place = random.random(size)
        outer = np.abs(place - 0.5) > 0.5 - ENDS / TABLE
        ends = betaincinv(self.alpha, self.beta, place[outer])
        place *= TABLE
        cell = place.astype(np.intp)
        place -= cell
        place *= step[cell]
        place += start[cell]
        place[outer] = self.low + (self.high - self.low) * ends
        return place

    def cells(self, edges: Array) -> tuple[Array, Array]:
        """Conditional means between equal steps of the range."""
        from scipy.special import betainc

        x = np.linspace(self.low, self.high, CELLS // 2 + 1)
        x = np.union1d(x, edges[(edges > self.low) & (edges < self.high)])
        t = (x - self.low) / (self.high - self.low)
        weights = np.diff(betainc(self.alpha, self.beta, t))
        share = self.alpha / (self.alpha + self.beta)
        first = share * np.diff(betainc(self.alpha + 1, self.beta, t))
        return _means(weights, self.low * weights + (self.high - self.low) * first)

    @cached_property
    def _table(self) -> tuple[Array, Array]:
        """Quantiles at equal steps of probability, and the way to the next."""
        from scipy.special import betainc

        t = (1 - np.cos(np.linspace(0, np.pi, TABLE // 2 + 1))) / 2  # dense at both ends
        p = np.linspace(0, 1, TABLE + 1)
        quantile = np.interp(p, betainc(self.alpha, self.beta, t), t)
        values = self.low + (self.high - self.low) * quantile
        return values[:-1], np.diff(values)


@dataclass(frozen=True)
class Empirical:
    """Severity that is one of the losses observed, each as likely as it was frequent."""

    losses: tuple[float, ...]

    @property
    def mean(self) -> float:
        """Mean of the losses observed."""
        return math.fsum(self.losses) / len(self.losses)

    def sample(self, random: np.random.Generator, size: int) -> Array:
        """Losses drawn with replacement."""
        return self._observed[random.integers(0, len(self.losses), size)]

    def cells(self, edges: Array) -> tuple[Array, Array]:
        """The losses observed and their shares."""
        values, counts = np.unique(self._observed, return_counts=True)
        return values, counts / counts.sum()

    @cached_property
    def _observed(self) -> Array:
        return np.array(self.losses, dtype=np.float64)


def _normal(z: Array) -> Array:
    """Probabilities of the standard normal between `z`, exact in both tails."""
    from scipy.special import ndtr

    outer = ndtr(-np.abs(z))
    inner, steps = 1 - outer[:-1] - outer[1:], np.diff(outer)
    found: Array = np.where(z[1:] <= 0, steps, np.where(z[:-1] >= 0, -steps, inner))
    return found


def _means(weights: Array, first: Array) -> tuple[Array, Array]:
    """Conditional means and weights of the cells that have any."""
    some = weights > 0
    return first[some] / weights[some], weights[some]

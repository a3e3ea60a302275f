"""The second engine: the compound distribution by its Fourier transform, without random numbers.

Severities become masses on a grid, their mean kept; the transform of the annual loss follows from
the generating function of its counts. All is tilted by exp(-theta x), so that what lies beyond the
grid does not come back at its beginning (Grübel and Hermesmeier, ASTIN Bulletin 29, 1999).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np
import numpy.typing as npt

from opsnb.stats.losses.register import Risk
from opsnb.stats.losses.severity import Array, Pert
from opsnb.stats.losses.treatments import Terms

TILT = 20.0
"""exp(-20) of what lies beyond the grid remains."""
COARSEST, FINEST = 13, 18
"""Powers of two between which the number of grid points is chosen."""
ROUGHNESS = 1e-3
"""Share of the variance that the grid may add."""
MOST = 128
"""Nodes of the quadrature over a group's shock, at most."""
FAINT = 1e-12
"""Weight of a node that is left out."""

Complex = npt.NDArray[np.complex128]


@dataclass(frozen=True)
class Compound:
    """One risk's events a year and what each costs, as a discrete law.

    Attributes
    ----------
    values, weights : ndarray
        Losses of an event, and how likely they are.
    low, mean, high : float
        Events a year; alike unless a PERT is drawn.
    alpha, beta : float
        Parameters of that PERT.
    group : str
    cv : float
        Variation of the group's shock; 0 for none.
    """

    values: Array
    weights: Array
    low: float
    mean: float
    high: float
    alpha: float
    beta: float
    group: str
    cv: float

    @property
    def is_fixed(self) -> bool:
        """Whether the frequency is one number."""
        return self.low == self.high

    @property
    def first(self) -> float:
        """Mean loss of an event."""
        return float((self.weights * self.values).sum())

    @property
    def second(self) -> float:
        """Mean square of the loss of an event."""
        return float((self.weights * self.values**2).sum())

    @property
    def spread(self) -> float:
        """Variance of the frequency, before any shock."""
        return (self.high - self.low) ** 2 * self.alpha * self.beta / 252  # (6² · 7)


def compound(risk: Risk, terms: Terms) -> Compound:
    """A risk under some terms."""
    values, weights = risk.severity.cells(terms.edges)
    frequency, keep = risk.frequency, terms.keep
    if isinstance(frequency, Pert):
        low, mean, high = frequency.low, frequency.mean, frequency.high
        alpha, beta = frequency.alpha, frequency.beta
    else:
        low, mean, high, alpha, beta = frequency, frequency, frequency, 1.0, 1.0
    return Compound(
        terms.retained(values),
        weights,
        low * keep,
        mean * keep,
        high * keep,
        alpha,
        beta,
        risk.group,
        risk.group_cv,
    )


@dataclass(frozen=True)
class Law:
    """Distribution of an annual loss below the end of a grid, and its exact moments.

    Attributes
    ----------
    step : float
        Distance of the grid's points.
    masses : ndarray
        Probability at 0, step, 2 step, ...
    mean, sd, p_zero : float
        In closed form, not from the grid.
    """

    step: float
    masses: Array
    mean: float
    sd: float
    p_zero: float

    def probability(self, loss: float) -> float:
        """P(S <= loss), linear between the points; half a point's mass lies below it."""
        if loss < 0:
            return 0.0
        return float(np.interp(loss, self._points, self._middle))

    def var(self, q: float) -> float:
        """Smallest loss x with P(S <= x) >= q."""
        if self.p_zero >= q:
            return 0.0
        return float(np.interp(q, self._middle, self._points))

    def excess(self, loss: float) -> tuple[float, float]:
        """Mean and standard deviation of max(S - loss, 0), from the moments and what lies below."""
        short = np.maximum(loss - self._points, 0.0)
        mean = max(self.mean - loss + float((self.masses * short).sum()), 0.0)
        square = self.sd**2 + (self.mean - loss) ** 2 - float((self.masses * short**2).sum())
        return mean, math.sqrt(max(square - mean**2, 0.0))

    def es(self, q: float) -> float:
        """Mean of the worst 1 - q: VaR and the mean excess over it by 1 - q."""
        var = self.var(q)
        return var + self.excess(var)[0] / (1 - q)

    @cached_property
    def _points(self) -> Array:
        return np.arange(self.masses.size, dtype=np.float64) * self.step

    @cached_property
    def _middle(self) -> Array:
        """Probability of a loss up to each point, with half of the point's own mass."""
        middle: Array = np.maximum(np.cumsum(self.masses) - self.masses / 2, self.p_zero)
        middle[0] = self.p_zero
        return middle


def law(parts: Sequence[Compound], reach: float) -> Law:
    """Distribution of the sum of some risks.

    Parameters
    ----------
    parts : sequence of Compound
    reach : float
        Loss up to which the distribution is asked for.
    """
    mean = math.fsum(part.mean * part.first for part in parts)
    variance = _variance(parts)
    zeros = _exponents(parts, [np.array([_chance(part)]) for part in parts])
    p_zero = math.exp(math.fsum(float(zero[0].real) for zero in zeros))
    if variance == 0:
        return Law(1.0, np.array([1.0, 0.0]), mean, 0.0, p_zero)
    reach = max(1.1 * reach, mean, 1e-3 * math.sqrt(variance))
    events = sum(part.mean for part in parts)
    finest = 2 * math.sqrt(ROUGHNESS * variance / events)
    power = min(max(math.ceil(math.log2(reach / finest)), COARSEST), FINEST)
    size = 1 << power
    step, theta = reach / size, TILT / size
    decay = np.exp(-theta * np.arange(size))
    transforms = [np.fft.rfft(_gridded(part, step, size) * decay) - 1 for part in parts]
    exponent = np.sum(_exponents(parts, transforms), axis=0)
    masses = np.fft.irfft(np.exp(exponent), size) / decay
    return Law(step, np.maximum(masses, 0.0), mean, math.sqrt(variance), p_zero)


def _chance(part: Compound) -> complex:
    """Transform less one where only a loss of zero counts."""
    return complex(float(part.weights[part.values == 0].sum()) - 1.0)


def _variance(parts: Sequence[Compound]) -> float:
    """Variance of the annual loss: of counts and severities, of PERT rates, and of shocks."""
    total = 0.0
    by_group: dict[str, tuple[float, float]] = {}
    for part in parts:
        growth = 1 + part.cv**2
        total += part.mean * part.second + growth * part.spread * part.first**2
        cv, mean = by_group.get(part.group, (part.cv, 0.0))
        by_group[part.group] = (cv, mean + part.mean * part.first)
    return total + math.fsum((cv * mean) ** 2 for cv, mean in by_group.values())


def _gridded(part: Compound, step: float, size: int) -> Array:
    """Masses of a severity on the grid, each value split between its neighbours."""
    places = part.values / step
    inside = places < size - 1
    places, weights = places[inside], part.weights[inside]
    below = places.astype(np.intp)
    upper = (places - below) * weights
    masses: Array = np.bincount(below, weights - upper, size).astype(np.float64)
    masses[1:] += np.bincount(below, upper, size)[:-1]
    return masses


def _exponents(parts: Sequence[Compound], transforms: Sequence[Complex]) -> list[Complex]:
    """Logarithms of the generating functions of independent groups; transforms are less one."""
    groups: dict[str, list[tuple[Compound, Complex]]] = {}
    for part, transform in zip(parts, transforms, strict=True):
        groups.setdefault(part.group, []).append((part, transform))
    found = []
    for pairs in groups.values():
        cv = pairs[0][0].cv
        fixed = np.zeros_like(pairs[0][1])
        for part, transform in pairs:
            if part.is_fixed:
                fixed = fixed + part.mean * transform
        drawn = [pair for pair in pairs if not pair[0].is_fixed]
        if not cv:
            found += [fixed, *(np.log(_drawn(*pair, 1.0)) for pair in drawn)]
        elif not drawn:
            found.append(-np.log(1 - cv**2 * fixed) / cv**2)
        elif len(drawn) == 1:
            found.append(np.log(_negative_binomial(fixed, *drawn[0], cv)))
        else:
            found.append(np.log(_shocked(fixed, drawn, cv)))
    return found


def _negative_binomial(fixed: Complex, part: Compound, transform: Complex, cv: float) -> Complex:
    """Generating function of a group with one drawn frequency: its shock in closed form."""
    total = np.zeros_like(fixed)
    for rate, weight in _rate_nodes(part, 1.0, 32):
        total += weight * np.exp(-np.log(1 - cv**2 * (fixed + rate * transform)) / cv**2)
    return total


def _shocked(fixed: Complex, drawn: Sequence[tuple[Compound, Complex]], cv: float) -> Complex:
    """Generating function of a group with several drawn frequencies, over its shock."""
    steepest = cv**2 * float(np.abs(fixed + sum(part.mean * c for part, c in drawn)).max())
    count = min(24 + math.ceil(4 * steepest), MOST)  # the error falls as (1 + 2 / s)^(-2 n)
    total = np.zeros_like(fixed)
    for shock, weight in _gamma_nodes(cv, count):
        term = np.exp(fixed * shock)
        for pair in drawn:
            term = term * _drawn(*pair, shock)
        total += term * weight
    return total


def _drawn(part: Compound, transform: Complex, shock: float) -> Complex:
    """Generating function of counts whose rate is a PERT times `shock`."""
    total = np.zeros_like(transform)
    for rate, weight in _rate_nodes(part, shock, 12):
        total += weight * np.exp(rate * transform)
    return total


def _rate_nodes(part: Compound, shock: float, least: int) -> list[tuple[float, float]]:
    """Rates and weights of Gauss-Jacobi for a PERT times `shock`, `least` of them or more."""
    width = (part.high - part.low) * shock
    further = math.ceil(min(width, 6 * math.sqrt(width)) / 8) * 8
    nodes = _unit_nodes(part.alpha, part.beta, least + further)
    return [(part.low * shock + width * place, weight) for place, weight in nodes]


@cache
def _unit_nodes(alpha: float, beta: float, count: int) -> list[tuple[float, float]]:
    """Nodes and weights of Gauss-Jacobi for a beta, between 0 and 1."""
    from scipy.special import roots_jacobi

    nodes, weights = roots_jacobi(count, beta - 1, alpha - 1)
    return _pairs((1 + nodes) / 2, weights / weights.sum())


@cache
def _gamma_nodes(cv: float, count: int) -> list[tuple[float, float]]:
    """Nodes and weights of Gauss-Laguerre for a Gamma of mean 1, by Golub and Welsch."""
    from scipy.linalg import eigh_tridiagonal

    shape = 1 / cv**2
    i = np.arange(count)
    nodes, vectors = eigh_tridiagonal(2 * i + shape, np.sqrt(i[1:] * (i[1:] + shape - 1)))
    return _pairs(nodes / shape, vectors[0] ** 2)


def _pairs(nodes: Array, weights: Array) -> list[tuple[float, float]]:
    """Nodes that have a weight, with their weights."""
    some = weights > FAINT
    return list(zip(nodes[some].tolist(), weights[some].tolist(), strict=True))

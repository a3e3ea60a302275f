"""Quantiles and means of the worst trials, from the largest values alone."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from opsnb.stats.losses.severity import Array


class BeyondKeptError(Exception):
    """A quantile lies among the values that were left out."""


@dataclass(frozen=True)
class Upper:
    """The largest of `count` values, ascending; those left out are zero or at most `rest`."""

    values: Array
    count: int
    rest: float = 0.0


@dataclass(frozen=True)
class Tail:
    """The worst (1 - q) of all trials.

    Attributes
    ----------
    var : float
        Smallest x with F(x) >= q.
    es : float
        Mean of the worst (1 - q) N trials.
    mass : float
        (1 - q) N.
    """

    var: float
    es: float
    mass: float


def largest(values: Array, count: int) -> Upper:
    """The `count` largest of `values`, without zeros and unsorted."""
    if count >= values.size:
        kept, rest = values, 0.0
    else:
        place = values.size - count
        kept = np.partition(values, place)[place:].copy()  # the rest is let go
        rest = float(kept.min())
    return Upper(kept[kept > 0] if rest == 0 else kept, values.size, rest)


def joined(parts: Sequence[Upper]) -> Upper:
    """The largest values of all parts together."""
    values = np.sort(np.concatenate([part.values for part in parts]))
    rest = max(part.rest for part in parts)
    return Upper(values, sum(part.count for part in parts), rest)


def tail(upper: Upper, q: float) -> Tail:
    """VaR and expected shortfall.

    The trial in which F reaches q belongs to the tail with the part that is missing to its mass:
    so an atom is split, and ES is right where VaR is 0 or a value that many trials share.

    Raises
    ------
    BeyondKeptError
        Values that were left out would be needed.

    >>> values = np.array([0.0, 0.0, 0.0, 10.0])
    >>> tail(Upper(values, 4), 0.5)
    Tail(var=0.0, es=5.0, mass=2.0)
    >>> tail(Upper(values, 4), 0.6).var, tail(Upper(values, 4), 0.9).es
    (0.0, 10.0)
    """
    reached = Fraction(str(float(q))) * upper.count
    rank = math.ceil(reached)
    beyond, mass = upper.count - rank, float(upper.count - reached)
    known = upper.values.size
    var = float(upper.values[known - 1 - beyond]) if beyond < known else 0.0
    if var < upper.rest:
        raise BeyondKeptError
    worst = upper.values[max(known - beyond, 0) :]
    return Tail(var, (float(worst.sum()) + float(rank - reached) * var) / mass, mass)


def weights(totals: Array, found: Tail) -> Array:
    """Weight of each trial in the tail: 1 above VaR, one part for all that lie on it, else 0.

    The weights of all trials of the simulation add up to the mass of the tail, if VaR is not 0.
    """
    above, on = totals > found.var, totals == found.var
    left = found.mass - np.count_nonzero(above)
    part = left / np.count_nonzero(on) if on.any() else 0.0
    each: Array = above + on * part
    return each

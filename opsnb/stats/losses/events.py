"""Events of one risk in one chunk of trials: Poisson splitting.

The number of events of all trials together is drawn once, and each event falls on a trial at
random: given their sum, Poisson counts are multinomial. Where the trials differ in their rates,
events are drawn evenly at a cap and thinned, and those of the rates beyond it are drawn apart.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

import numpy as np
import numpy.typing as npt

from opsnb.stats.losses.register import Risk
from opsnb.stats.losses.severity import Array, Pert
from opsnb.stats.losses.streams import stream
from opsnb.stats.losses.treatments import Terms

CHUNK = 1 << 14
"""Trials that are simulated together, whatever the number of workers."""
BLOCK = 1 << 18
"""Events that are held in memory together."""
CAP = 1.5
"""Rate, by their mean, up to which unequal ones are drawn together and thinned."""

Places = npt.NDArray[np.intp]


def losses(
    risk: Risk, terms: tuple[Terms, ...], shock: Array | None, *, seed: int, chunk: int, size: int
) -> list[Array]:
    """Annual losses of a risk under each of `terms`, by the same events.

    Parameters
    ----------
    risk : Risk
    terms : tuple of Terms
    shock : ndarray, shape (size,), optional
        Factor of the group on the frequency of each trial.
    seed, chunk : int
    size : int
        Trials of the chunk.

    Returns
    -------
    list of ndarray, shape (size,)
    """
    random = stream(seed, "risk", risk.risk_id, chunk)
    thin = None
    if any(term.keep < 1 for term in terms):
        thin = stream(seed, "treated", risk.risk_id, chunk)
    found: list[Array] = []
    for where, severity in _blocks(risk, _rates(risk, shock, random, size), random, size):
        chance = None if thin is None else thin.random(where.size)
        parts = [_annual(where, severity, term, chance, size) for term in terms]
        found = [one + part for one, part in zip(found, parts, strict=True)] if found else parts
    return found or [np.zeros(size) for _ in terms]


def _annual(where: Places, severity: Array, term: Terms, chance: Array | None, size: int) -> Array:
    """Sums by trial of what some events cost; those whose chance is at `keep` do not happen."""
    if chance is not None and term.keep < 1:
        kept = chance < term.keep
        where, severity = where[kept], severity[kept]
    sums: Array = np.bincount(where, term.retained(severity), size).astype(np.float64, copy=False)
    return sums


def shock(group: str, cv: float, *, seed: int, chunk: int, size: int) -> Array:
    """Gamma factors of mean 1 and variation `cv`, one a trial."""
    random = stream(seed, "group", group, chunk)
    return random.standard_gamma(1 / cv**2, size) * cv**2


def _rates(
    risk: Risk, shock: Array | None, random: np.random.Generator, size: int
) -> Array | float:
    """Events a year that are expected in each trial; one number where all are alike."""
    frequency = risk.frequency
    own = frequency.sample(random, size) if isinstance(frequency, Pert) else frequency
    return own if shock is None else own * shock


def _blocks(
    risk: Risk, rates: Array | float, random: np.random.Generator, size: int
) -> Iterator[tuple[Places, Array]]:
    """Trials and severities of the events, some at a time."""
    if isinstance(rates, float):
        found = _even(rates, random, size)
    else:
        cap = CAP * float(rates.mean())
        found = chain(_thinned(rates, cap, random), _beyond(rates, cap, random))
    for where in found:
        yield where, risk.severity.sample(random, where.size)


def _even(rate: float, random: np.random.Generator, size: int) -> Iterator[Places]:
    """Trials of events that are as likely in each of them."""
    for count in _parts(rate * size, random):
        yield random.integers(0, size, count, dtype=np.uint16).astype(np.intp)


def _thinned(rates: Array, cap: float, random: np.random.Generator) -> Iterator[Places]:
    """Trials of events whose rates are `rates`, but never more than `cap`."""
    for where in _even(cap, random, rates.size):
        yield where[random.random(where.size) * cap < rates[where]]


def _beyond(rates: Array, cap: float, random: np.random.Generator) -> Iterator[Places]:
    """Trials of the events that are missing where the rate is above `cap`."""
    above = np.flatnonzero(rates > cap)
    if above.size:
        edges = np.cumsum(rates[above] - cap)
        for count in _parts(edges[-1], random):
            places = np.searchsorted(edges, random.random(count) * edges[-1], side="right")
            yield above[np.minimum(places, above.size - 1)]


def _parts(expected: float, random: np.random.Generator) -> Iterator[int]:
    """A Poisson number, in parts of at most BLOCK."""
    left = int(random.poisson(expected))
    while left:
        count = min(left, BLOCK)
        left -= count
        yield count

"""Events of one risk in one chunk of trials: Poisson splitting.

The number of events of all trials together is drawn once, and each event falls on a trial at
random: given their sum, Poisson counts are multinomial. Where the trials differ in their rates,
events are drawn at the highest of them and thinned.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from opsnb.stats.losses.register import Risk
from opsnb.stats.losses.severity import Array, Pert
from opsnb.stats.losses.streams import stream
from opsnb.stats.losses.treatments import Terms

CHUNK = 1 << 16
"""Trials that are simulated together, whatever the number of workers."""
BLOCK = 1 << 18
"""Events that are held in memory together."""

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
    thin = stream(seed, "treated", risk.risk_id, chunk)
    found = [np.zeros(size) for _ in terms]
    for where, severity in _blocks(risk, _rates(risk, shock, random, size), random, size):
        chance = thin.random(where.size) if any(term.keep < 1 for term in terms) else None
        for place, term in enumerate(terms):
            kept = slice(None) if chance is None or term.keep == 1 else chance < term.keep
            found[place] += np.bincount(where[kept], term.retained(severity[kept]), size)
    return found


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
    most = float(np.max(rates))
    left = int(random.poisson(most * size))
    while left:
        count = min(left, BLOCK)
        left -= count
        where = random.integers(0, size, count, dtype=np.uint16).astype(np.intp)
        if isinstance(rates, np.ndarray):
            where = where[random.random(count) * most < rates[where]]
        yield where, risk.severity.sample(random, where.size)

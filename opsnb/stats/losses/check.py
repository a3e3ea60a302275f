"""What the two engines say, and how many standard errors lie between them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

from opsnb.stats.losses.spectrum import Law
from opsnb.stats.losses.tails import Tail
from opsnb.stats.losses.trials import Moments

GRID = 2.0
"""Steps of the second engine's grid within which quantiles are not told apart."""
ROUNDING = 1e-9
"""Relative difference that is none."""
Line = tuple[str, float, float, float]


def lines(simulated: Moments, tails: Mapping[float, Tail], law: Law) -> Iterator[Line]:
    """Statistic, simulated, by Fourier transform, and their difference in standard errors.

    Standard errors come from the second engine; that of a quantile is one of probability, at the
    simulated loss, since a density is not needed then and an atom does no harm.
    """
    trials = simulated.count
    root = math.sqrt(trials)
    p_zero = simulated.zeros / trials
    of_zero = math.sqrt(law.p_zero * (1 - law.p_zero)) / root
    yield "mean", simulated.mean, law.mean, _difference(simulated.mean, law.mean, law.sd / root)
    yield "p_zero", p_zero, law.p_zero, _difference(p_zero, law.p_zero, of_zero)
    for q, tail in tails.items():
        yield f"var_{100 * q:g}", tail.var, law.var(q), _apart(tail.var, q, law, root)
    for q, tail in tails.items():
        es = law.es(q)
        error = law.excess(law.var(q))[1] / ((1 - q) * root)
        yield f"es_{100 * q:g}", tail.es, es, _difference(tail.es, es, error)


def _difference(one: float, other: float, error: float) -> float:
    apart = one - other
    if abs(apart) <= ROUNDING * max(abs(one), abs(other)):
        return 0.0
    return apart / error if error > 0 else math.copysign(math.inf, apart)


def _apart(var: float, q: float, law: Law, root: float) -> float:
    """How far q is from the probability of the losses around a simulated quantile."""
    reach = GRID * law.step
    below, above = law.probability(var - reach), law.probability(var + reach)
    nearest = min(max(q, below), above)
    return (nearest - q) / math.sqrt(q * (1 - q)) * root

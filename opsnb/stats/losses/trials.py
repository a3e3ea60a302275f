"""The first engine: chunks of trials, each on its own, joined in their order."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise

import numpy as np

from opsnb.stats.losses import events
from opsnb.stats.losses.register import Risk
from opsnb.stats.losses.severity import Array
from opsnb.stats.losses.tails import Upper, joined, largest
from opsnb.stats.losses.treatments import Terms

UNTREATED = Terms()
Key = tuple[str, Terms]


@dataclass(frozen=True)
class Plan:
    """What is simulated.

    Attributes
    ----------
    risks : sequence of Risk
    stages : mapping stage -> risk_id -> Terms
        Risks without terms are untreated.
    contrasts : mapping treatment_id -> (risk_id, Terms, Terms)
        Pairs whose difference is asked for.
    trials, seed : int
    share : float
        Share of the worst trials whose quantiles are asked for.
    worst : float
        Share of the worst trials that are split by risk.
    """

    risks: Sequence[Risk]
    stages: Mapping[str, Mapping[str, Terms]]
    contrasts: Mapping[str, tuple[str, Terms, Terms]]
    trials: int
    seed: int
    share: float
    worst: float

    def terms(self, stage: str, risk: Risk) -> Terms:
        """Terms of a risk at a stage."""
        return self.stages[stage].get(risk.risk_id, UNTREATED)

    def all_terms(self, risk: Risk) -> tuple[Terms, ...]:
        """Each of a risk's terms once, untreated first and the mildest treatment first."""
        found = [self.terms(stage, risk) for stage in self.stages]
        pairs = [pair for risk_id, *pair in self.contrasts.values() if risk_id == risk.risk_id]
        return tuple(dict.fromkeys([*found, *(term for pair in pairs for term in pair)]))


@dataclass(frozen=True)
class Moments:
    """Number, mean, sum of squared deviations and zeros of some values."""

    count: int
    mean: float
    squares: float
    zeros: int

    @property
    def sd(self) -> float:
        """Standard deviation of the values, not of a population behind them."""
        return float(np.sqrt(self.squares / self.count))


@dataclass(frozen=True)
class Trials:
    """What is kept of some trials.

    Attributes
    ----------
    moments, upper : mapping (risk_id, terms) -> Moments, Upper
    totals : mapping stage -> ndarray
        Loss of the register in every trial.
    worst : mapping stage -> ndarray, shape (trials kept, risks)
        Losses by risk in the worst of them.
    floor : mapping stage -> float
        Trials whose total is below this may be missing in `worst`.
    differences : mapping treatment_id -> Moments
    """

    moments: Mapping[Key, Moments]
    upper: Mapping[Key, Upper]
    totals: Mapping[str, Array]
    worst: Mapping[str, Array]
    floor: Mapping[str, float]
    differences: Mapping[str, Moments] = field(default_factory=dict)


def simulated(plan: Plan, workers: int | None, slack: float) -> Trials:
    """All trials; the same for any number of `workers`.

    Parameters
    ----------
    plan : Plan
    workers : int, optional
        Threads; by default as many as the machine has processors.
    slack : float
        How many more of the largest values are kept in each chunk than are likely to be needed.
    """
    chunks = range(-(-plan.trials // events.CHUNK))
    threads = min(workers or os.cpu_count() or 1, len(chunks))
    one = partial(_chunk, plan, slack)
    with ThreadPoolExecutor(threads) as pool:
        return _joined(list(pool.map(one, chunks)))


def moments(values: Array) -> Moments:
    """Moments of values."""
    mean = float(values.mean())
    apart = values - mean
    apart *= apart
    zeros = values.size - int(np.count_nonzero(values))
    return Moments(values.size, mean, float(apart.sum()), zeros)


def added(rows: Sequence[Array]) -> Array:
    """Sum of the rows in their order, so that equal rows have equal sums to the last bit."""
    return sum(rows[1:], rows[0])


def annual(plan: Plan, chunk: int) -> dict[str, dict[Terms, Array]]:
    """Losses of each risk under each of its terms, in the trials of one chunk."""
    size = min(events.CHUNK, plan.trials - chunk * events.CHUNK)
    where = {"seed": plan.seed, "chunk": chunk, "size": size}
    groups = {risk.group: risk.group_cv for risk in plan.risks if risk.group}
    shocks = {group: events.shock(group, cv, **where) for group, cv in groups.items()}
    found = {}
    for risk in plan.risks:
        terms = plan.all_terms(risk)
        losses = events.losses(risk, terms, shocks.get(risk.group), **where)
        found[risk.risk_id] = dict(zip(terms, losses, strict=True))
        for one, other in pairwise(plan.terms(stage, risk) for stage in plan.stages):
            before, after = (found[risk.risk_id][term] for term in (one, other))
            np.minimum(before, after, out=after)  # what rounding alone would turn round
    return found


def _chunk(plan: Plan, slack: float, chunk: int) -> Trials:
    losses = annual(plan, chunk)
    rows = {
        stage: [losses[risk.risk_id][plan.terms(stage, risk)] for risk in plan.risks]
        for stage in plan.stages
    }
    totals = {stage: added(some) for stage, some in rows.items()}
    worst, floor = {}, {}
    for stage, total in totals.items():
        count = _kept(plan.worst, total.size, slack)
        floor[stage] = _floor(total, count)
        kept = np.flatnonzero((total >= floor[stage]) & (total > 0))
        worst[stage] = np.column_stack([row[kept] for row in rows[stage]])
    keys = {(r.risk_id, plan.terms(s, r)): None for s in plan.stages for r in plan.risks}
    return Trials(
        {key: moments(losses[key[0]][key[1]]) for key in keys},
        {key: _upper(plan, losses[key[0]][key[1]], slack) for key in keys},
        totals,
        worst,
        floor,
        {
            name: moments(losses[risk_id][without] - losses[risk_id][treated])
            for name, (risk_id, without, treated) in plan.contrasts.items()
        },
    )


def _kept(share: float, size: int, slack: float) -> int:
    """Values to keep: those likely to be needed, and some more."""
    return int(slack * (share * size + 64))


def _upper(plan: Plan, values: Array, slack: float) -> Upper:
    return largest(values, _kept(plan.share, values.size, slack))


def _floor(values: Array, count: int) -> float:
    if count >= values.size:
        return 0.0
    place = values.size - count
    return float(np.partition(values, place)[place])


def _joined(parts: Sequence[Trials]) -> Trials:
    first = parts[0]
    return Trials(
        {key: _pooled([part.moments[key] for part in parts]) for key in first.moments},
        {key: joined([part.upper[key] for part in parts]) for key in first.upper},
        {key: np.concatenate([part.totals[key] for part in parts]) for key in first.totals},
        {key: np.concatenate([part.worst[key] for part in parts]) for key in first.worst},
        {key: max(part.floor[key] for part in parts) for key in first.floor},
        {key: _pooled([part.differences[key] for part in parts]) for key in first.differences},
    )


def _pooled(parts: Sequence[Moments]) -> Moments:
    """Moments of all values together, by Chan's formula."""
    counts = np.array([part.count for part in parts], dtype=np.float64)
    means = np.array([part.mean for part in parts])
    mean = float(counts @ means / counts.sum())
    squares = sum(part.squares for part in parts) + float(counts @ (means - mean) ** 2)
    return Moments(int(counts.sum()), mean, squares, sum(part.zeros for part in parts))

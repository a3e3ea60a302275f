"""Both engines over a register, and the tables made of them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from numbers import Integral, Real

import numpy as np
import pandas as pd

from opsnb.errors import ParameterError
from opsnb.stats.losses import register, treatments
from opsnb.stats.losses.check import lines
from opsnb.stats.losses.register import TOTAL
from opsnb.stats.losses.result import LossResult, exceedance
from opsnb.stats.losses.severity import Array
from opsnb.stats.losses.spectrum import Law, compound, law
from opsnb.stats.losses.tails import BeyondKeptError, Tail, Upper, tail, weights
from opsnb.stats.losses.treatments import Treatment
from opsnb.stats.losses.trials import Key, Moments, Plan, Trials, added, moments, simulated

SLACK = 1.25
"""Largest values that a chunk keeps, to those that it is expected to need."""
Z975 = 1.959963984540054
BENEFIT = [
    "treatment_id", "risk_id", "status", "benefit", "benefit_error", "cost", "net", "net_low",
    "net_high",
]  # fmt: skip


def simulate(
    risks: pd.DataFrame,
    *,
    trials: int = 100_000,
    seed: int = 0,
    treatments: pd.DataFrame | None = None,
    level: Sequence[float] = (0.9, 0.95, 0.99),
    workers: int | None = None,
) -> LossResult:
    """Annual losses of a register: simulated, and checked by a second engine.

    A year's loss of a risk is the sum of as many severities as it has events. Each risk has its
    own random stream, seeded by its id: it does not change when other risks come or go. All stages
    see the same events, hence inherent >= residual >= target in every trial.

    Parameters
    ----------
    risks : DataFrame
        A row a risk; other columns are not looked at. **risk_id**; **frequency** (events a year),
        or **freq_low, freq_mode, freq_high** (a PERT, drawn anew each year); and one of
        **loss_low, loss_high** (5 and 95 % of a lognormal), **loss_min, loss_mode, loss_max** (a
        PERT) and **losses** (a list of losses that were observed; events cost one of them, each as
        likely). Optional: **group** and **group_cv** (risks of a group share a Gamma factor on
        their frequencies, of mean 1 and this variation; one of its rows must give it, and 0 means
        none) and **category**.
    trials : int
        Simulated years.
    seed : int
    treatments : DataFrame, optional
        **treatment_id, risk_id, status** (proposed, ongoing, effective, ended); optional, with no
        effect where empty: **effect_frequency** and **effect_severity** (shares that fall away),
        **share, deductible, limit** (insurance of what remains of a loss: share times what is over
        the deductible, up to the limit, without one where empty), **cost** (a year). Only
        effective ones count in the residual loss; ongoing and proposed ones count in the target.
        Without this frame there is only the inherent stage.
    level : sequence of float
        Levels of VaR and expected shortfall, between 0 and 1.
    workers : int, optional
        Threads. The result does not depend on it.

    Returns
    -------
    LossResult

    Raises
    ------
    SettingsError, UnknownNameError
        A cell does not hold; the label of its row, its column and the nearest match are named.
    ParameterError
        `trials`, `seed`, `level` or `workers` is out of range.

    >>> risks = pd.DataFrame({"risk_id": ["R1"], "frequency": [0.1],
    ...                       "loss_low": [1e5], "loss_high": [1e6]})
    >>> total = simulate(risks).summary.set_index("risk_id").loc["total"]
    >>> bool(abs(total["mean"] - 40_400) < 4 * total["mean_error"])
    True
    """
    levels = _levels(level)
    _check_whole("trials", trials, 1)
    _check_whole("seed", seed, 0)
    if workers is not None:
        _check_whole("workers", workers, 1)
    plan, found = _plan(risks, treatments, levels, int(trials), int(seed))
    figures = _figures(plan, levels, workers)
    names = [str(name).strip() for name in risks["risk_id"]]
    return LossResult(
        _ordered(_summary(plan, figures), plan, names),
        exceedance(figures.totals),
        _ordered(_check(plan, figures), plan, names),
        _benefit(found, figures.differences),
        figures.totals,
    )


@dataclass(frozen=True)
class Figures:
    """What the first engine found, by stage and risk, the total among them.

    Attributes
    ----------
    contributions : mapping stage -> ndarray
        Mean loss of each risk in the worst trials of the highest level.
    """

    moments: Mapping[tuple[str, str], Moments]
    tails: Mapping[tuple[str, str], Mapping[float, Tail]]
    contributions: Mapping[str, Array]
    totals: Mapping[str, Array]
    differences: Mapping[str, Moments]


def _plan(
    risks: pd.DataFrame,
    treated: pd.DataFrame | None,
    levels: Sequence[float],
    trials: int,
    seed: int,
) -> tuple[Plan, tuple[Treatment, ...]]:
    known = register.read(risks)
    found = () if treated is None else treatments.read(treated, known)
    stages = {"inherent": {}} if treated is None else treatments.stages(found)
    pairs = treatments.contrasts(found)
    by_risk = {t.treatment_id: t.risk_id for t in found}
    contrasts = {name: (by_risk[name], *pair) for name, pair in pairs.items()}
    share, worst = 1 - min(levels), 1 - max(levels)
    return Plan(known, stages, contrasts, trials, seed, share, worst), found


def _figures(plan: Plan, levels: Sequence[float], workers: int | None) -> Figures:
    """Figures of all trials; again with more kept in the rare case that it was not enough."""
    slack = SLACK
    while True:
        try:
            return _read(plan, levels, simulated(plan, workers, slack))
        except BeyondKeptError:
            slack *= 4


def _read(plan: Plan, levels: Sequence[float], found: Trials) -> Figures:
    """Figures of the trials; BeyondKeptError where too little of them was kept."""
    totals = {stage: np.sort(values) for stage, values in found.totals.items()}
    some, tails, shares = {}, {}, {}
    by_terms = {key: _tails(upper, levels) for key, upper in found.upper.items()}
    for stage, total in totals.items():
        for risk in plan.risks:
            key = (risk.risk_id, plan.terms(stage, risk))
            some[stage, risk.risk_id] = found.moments[key]
            tails[stage, risk.risk_id] = by_terms[key]
        some[stage, TOTAL] = moments(total)
        tails[stage, TOTAL] = _tails(Upper(total, total.size), levels)
        worst = tails[stage, TOTAL][max(levels)]
        if worst.var < found.floor[stage]:
            raise BeyondKeptError
        parts = found.worst[stage]
        shares[stage] = weights(added(list(parts.T)), worst) @ parts / worst.mass
    return Figures(some, tails, shares, totals, found.differences)


def _tails(upper: Upper, levels: Sequence[float]) -> dict[float, Tail]:
    return {q: tail(upper, q) for q in levels}


def _summary(plan: Plan, figures: Figures) -> pd.DataFrame:
    found = []
    for (stage, risk_id), some in figures.moments.items():
        row = {
            "stage": stage,
            "risk_id": risk_id,
            "mean": some.mean,
            "mean_error": some.sd / math.sqrt(some.count),
            "sd": some.sd,
            "p_zero": some.zeros / some.count,
        }
        for q, one in figures.tails[stage, risk_id].items():
            row |= {f"var_{100 * q:g}": one.var, f"es_{100 * q:g}": one.es}
        found.append(row)
    frame = pd.DataFrame(found)
    parts = [np.append(some, some.sum()) for some in figures.contributions.values()]
    frame["tail_loss"] = np.concatenate(parts)
    whole = np.repeat([part[-1] for part in parts], len(plan.risks) + 1)
    frame["tail_share"] = frame["tail_loss"] / np.where(whole > 0, whole, np.nan)
    return frame


def _check(plan: Plan, figures: Figures) -> pd.DataFrame:
    """Both engines side by side, for each risk and the total at each stage."""
    laws: dict[Key, Law] = {}
    found = []
    for stage in plan.stages:
        keys = [(risk.risk_id, plan.terms(stage, risk)) for risk in plan.risks]
        parts = [compound(risk, key[1]) for risk, key in zip(plan.risks, keys, strict=True)]
        reach = {key: _reach(figures, stage, key[0]) for key in keys}
        laws |= {
            key: law([part], reach[key])
            for key, part in zip(keys, parts, strict=True)
            if key not in laws
        }
        of_risk = {risk_id: laws[risk_id, terms] for risk_id, terms in keys}
        of_risk[TOTAL] = law(parts, _reach(figures, stage, TOTAL))
        for risk_id, one in of_risk.items():
            some = lines(figures.moments[stage, risk_id], figures.tails[stage, risk_id], one)
            found += [(stage, risk_id, *line) for line in some]
    columns = ["stage", "risk_id", "statistic", "simulated", "fft", "difference"]
    return pd.DataFrame(found, columns=columns)


def _ordered(frame: pd.DataFrame, plan: Plan, names: Sequence[str]) -> pd.DataFrame:
    """Rows by stage, and by risk as the register has them, the total last."""
    stages = {stage: place for place, stage in enumerate(plan.stages)}
    risks = {name: place for place, name in enumerate([*names, TOTAL])}
    order = np.lexsort((frame["risk_id"].map(risks), frame["stage"].map(stages)))
    return frame.iloc[order].reset_index(drop=True)


def _reach(figures: Figures, stage: str, risk_id: str) -> float:
    return max(one.var for one in figures.tails[stage, risk_id].values())


def _benefit(found: Sequence[Treatment], differences: Mapping[str, Moments]) -> pd.DataFrame:
    """What each treatment saves a year, what it costs, and how exactly that is known."""
    lines = []
    for treatment in found:
        some = differences.get(treatment.treatment_id)
        saved = some.mean if some else math.nan
        error = some.sd / math.sqrt(some.count) if some else math.nan
        net = saved - treatment.cost
        lines.append(
            {
                "treatment_id": treatment.treatment_id,
                "risk_id": treatment.risk_id,
                "status": treatment.status,
                "benefit": saved,
                "benefit_error": error,
                "cost": treatment.cost,
                "net": net,
                "net_low": net - Z975 * error,
                "net_high": net + Z975 * error,
            }
        )
    return pd.DataFrame(lines, columns=BENEFIT)


def _levels(given: Sequence[float]) -> tuple[float, ...]:
    """Levels, ascending."""
    expected = "one number or more between 0 and 1, each once"
    found = [level for level in given if isinstance(level, Real) and 0 < level < 1]
    if not found or len(set(found)) < len(list(given)):
        raise ParameterError(f"level is {list(given)}", where="simulate", expected=expected)
    return tuple(sorted(float(level) for level in found))


def _check_whole(name: str, given: object, least: int) -> None:
    is_whole = isinstance(given, Integral) and not isinstance(given, bool)
    if not is_whole or given < least:  # type: ignore[operator]
        expected = f"a whole number from {least}"
        raise ParameterError(f"{name} is {given!r}", where="simulate", expected=expected)

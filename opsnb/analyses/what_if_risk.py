"""What if, and the risk: breaches of the metric's own indicators, and losses under a treatment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt
import pandas as pd

from opsnb.analyses.grid import Grid
from opsnb.analyses.indicators import LENGTH, kri_rows, kri_rule, kri_values
from opsnb.analyses.register import LOSS, TRIALS, Register, assessed, definition
from opsnb.analyses.simulations import simulated
from opsnb.errors import ParameterError, UnknownNameError
from opsnb.period import Period
from opsnb.results import Column, Result
from opsnb.stats.indicators import Rule, paths_ahead, reached
from opsnb.stats.losses import LossResult, expected
from opsnb.workbook import Workbook

Array = npt.NDArray[np.float64]
Moves = Mapping[str, tuple[Array, Array]]
"""Factor and addend of each month ahead, by scenario."""
KRIS = (
    Column("metric", "key"), Column("unit", "key"), Column("period", "key"),
    Column("kri", "key"), Column("scenario", "key"), Column("p_red", "ratio"),
    Column("p_red_change", "points"), Column("red", "metric"),
)  # fmt: skip
LOSSES = (
    Column("metric", "key"), Column("period", "key"), Column("scenario", "key"),
    Column("loss_mean", "metric"), Column("loss_var", "metric"), Column("loss_change", "metric"),
)  # fmt: skip
EFFECTIVE, RESIDUAL = "effective", "residual"


@dataclass(frozen=True)
class Treated:
    """Losses of a year without and with a treatment.

    Attributes
    ----------
    cost : float
        Of the treatment, a year.
    mean, value_at_risk : (float, float)
        Before and after.
    """

    cost: float
    mean: tuple[float, float]
    value_at_risk: tuple[float, float]

    @property
    def net(self) -> float:
        """What it saves a year on average, less what it costs."""
        return self.mean[0] - self.mean[1] - self.cost


@dataclass(frozen=True)
class Watched:
    """One indicator of the metric: its rule, and the paths that it is foretold by."""

    kri: str
    rule: Rule
    paths: Array


def watched(workbook: Workbook, metric: str) -> list[Watched]:
    """Indicators of the workbook's unit that this metric measures, and can be foretold."""
    rows = [r for r in kri_rows(workbook) if (r["metric"], r["unit"]) == (metric, workbook.unit)]
    if not rows:
        return []
    months = workbook.period.back(LENGTH)
    stamps = [pd.Timestamp(month.start) for month in months]
    values = pd.DataFrame({r["kri_id"]: kri_values(workbook, r, months) for r in rows}, stamps)
    rules = {r["kri_id"]: kri_rule(workbook, r, values[r["kri_id"]]) for r in rows}
    horizon = workbook.company.profile.risk.horizon
    found = paths_ahead(values, rules, stamps[-1], horizon=horizon)
    return [Watched(name, rules[name], paths) for name, paths in found.items()]


def months_ahead(workbook: Workbook) -> list[Period]:
    """Months that indicators are foretold for."""
    horizon = workbook.company.profile.risk.horizon
    return [workbook.period.shift(step) for step in range(1, horizon + 1)]


def breaches(workbook: Workbook, metric: str, known: list[Watched], moves: Moves) -> Result:
    """How likely each indicator turns red within the horizon, in every scenario.

    Returns
    -------
    Result
        ``what_if_kri``, a row an indicator and scenario; the first scenario is what is expected.
    """
    grid = Grid(KRIS)
    for one in known:
        red = one.rule.thresholds[2]
        first: float | None = None
        for name, (factor, addend) in moves.items():
            paths = np.clip(one.paths * factor + addend, one.rule.lower, one.rule.upper)
            odds = reached(paths, red, one.rule.better)
            first = odds if first is None else first
            grid.add(
                {
                    "metric": metric, "unit": workbook.unit, "period": str(workbook.period),
                    "kri": one.kri, "scenario": name, "p_red": odds,
                    "p_red_change": odds - first, "red": red,
                }
            )  # fmt: skip
    return Result("what_if_kri", grid.frame, KRIS, grid.reasons)


def losses(workbook: Workbook, found: Mapping[str, Treated]) -> Result:
    """Losses of a year as they are and under each treatment.

    Returns
    -------
    Result
        ``what_if_losses``, a row a scenario; without treatments it has no rows.
    """
    grid = Grid(LOSSES)
    for name, one in found.items():
        for place, scenario in enumerate(("expected", name)):
            grid.add(
                {
                    "metric": LOSS, "period": str(workbook.period), "scenario": scenario,
                    "loss_mean": one.mean[place], "loss_var": one.value_at_risk[place],
                    "loss_change": one.mean[place] - one.mean[0],
                }
            )  # fmt: skip
    provenance = workbook.provenance() if found else {}
    if found:
        provenance["metrics"] = {**provenance["metrics"], LOSS: definition(workbook)}
        provenance["risk"] = {"level": workbook.company.profile.risk.level}
    return Result("what_if_losses", grid.frame, LOSSES, grid.reasons, provenance=provenance)


class Treatments:
    """Treatments of a month's register, each simulated once."""

    def __init__(self, workbook: Workbook) -> None:
        self.register: Register = assessed(workbook)
        self.treated = cache(self._treated)

    @property
    def open(self) -> list[str]:
        """Treatments that do not count yet."""
        rows = self.register.treated
        return list(rows.loc[~rows["status"].isin([EFFECTIVE, "ended"]), "treatment_id"])

    def _treated(self, name: str) -> Treated:
        """Losses with a treatment in force that is not yet.

        Raises
        ------
        UnknownNameError
            There is none of this name, or no risk is quantified.
        ParameterError
            It counts already, or the register is of the whole company.
        """
        register, rows = self.register, self.register.treated
        if register.workbook.unit != register.workbook.units.root:
            raise ParameterError(
                "the register of risks is the whole company's", where="treatment",
                expected=register.workbook.units.root,
            )  # fmt: skip
        if name not in set(rows["treatment_id"]):
            raise UnknownNameError(
                f"no treatment {name!r} of a quantified risk", where="treatments", given=name,
                choices=list(rows["treatment_id"]),
            )  # fmt: skip
        own = rows["treatment_id"] == name
        if name not in self.open:
            status = rows.loc[own, "status"].iloc[0]
            raise ParameterError(
                f"treatment {name!r} is {status}, and counted so", where="treatment",
                expected=f"one of {', '.join(self.open)}",
            )  # fmt: skip
        after = rows.assign(status=rows["status"].mask(own, EFFECTIVE))
        return Treated(
            float(rows.loc[own, "cost"].iloc[0]),
            (self._mean(rows), self._mean(after)),
            (self._var(self.register.losses), self._var(self._simulated(after))),
        )

    def _mean(self, rows: pd.DataFrame) -> float:
        found = expected(self.register.quantified, rows)
        return float(found.loc[found["stage"] == RESIDUAL, "loss"].sum())

    def _simulated(self, rows: pd.DataFrame) -> LossResult:
        return simulated(self.register.quantified, rows, self.register.levels, TRIALS)

    def _var(self, found: LossResult | None) -> float:
        level = self.register.workbook.company.profile.risk.level
        assert found is not None  # noqa: S101 - a treatment is of a quantified risk
        whole = found.summary.query("stage == @RESIDUAL and risk_id == 'total'")
        return float(whole[f"var_{100 * level:g}"].iloc[0])

"""Backtests: what the same procedure would have said in earlier months, beside what came."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from opsnb.analyses.forecast import HORIZON, KEYS, seasonal_naive
from opsnb.analyses.grid import Grid, Value, number
from opsnb.analyses.histories import History, Series, history
from opsnb.analyses.odds import published, year_goals
from opsnb.analyses.origins import Case, Origin, looked_back
from opsnb.analyses.outlooks import LEVELS
from opsnb.progress import working
from opsnb.results import Column, NotApplicable, Result
from opsnb.stats import accuracy
from opsnb.stats.calibration import brier, calibration
from opsnb.workbook import Workbook

Array = npt.NDArray[np.float64]
SCORES = (
    Column("origins", "count"),
    Column("checked", "count"),
    Column("mase", "number"),
    Column("naive_mase", "number"),
    Column("skill", "ratio"),
    Column("bias", "ratio"),
    Column("coverage_80", "ratio"),
    Column("coverage_95", "ratio"),
)
COLUMNS = (*KEYS, *SCORES)
CALIBRATED = (
    Column("period", "key"),
    Column("low", "key"),
    Column("high", "key"),
    Column("forecasts", "count"),
    Column("said", "ratio"),
    Column("happened", "ratio"),
)
OVERALL = (
    Column("period", "key"),
    Column("forecasts", "count"),
    Column("cases", "count"),
    Column("with_target", "count"),
    Column("brier", "number"),
    Column("simulated_brier", "number"),
    Column("reference_brier", "number"),
)
UNKNOWN = NotApplicable("too few points")
NO_NAIVE = NotApplicable("the base is zero")


@dataclass(frozen=True)
class Checked:
    """Forecasts of one series from several origins, and what came.

    Attributes
    ----------
    actual, forecast, naive : ndarray, shape (origins, months)
        NaN where nothing came, or nothing was known.
    lower, upper : mapping level -> ndarray
    histories : list of ndarray
        Values before each origin.
    """

    actual: Array
    forecast: Array
    naive: Array
    lower: dict[float, Array]
    upper: dict[float, Array]
    histories: list[Array]

    def scores(self) -> dict[str, Value]:
        """Measures of :data:`SCORES`."""
        known = np.isfinite(self.actual) & np.isfinite(self.forecast)
        if not known.any():
            return {column.name: UNKNOWN for column in SCORES} | {
                "origins": float(len(self.actual)), "checked": 0.0,
            }  # fmt: skip
        actual = np.where(known, self.actual, math.nan)
        own, naive = (
            _value(accuracy.mase(actual, f, self.histories)) for f in (self.forecast, self.naive)
        )
        size = float(np.abs(actual[known]).mean())
        return {
            "origins": float(known.any(1).sum()),
            "checked": float(known.sum()),
            "mase": own,
            "naive_mase": naive,
            "skill": 1 - number(own) / number(naive) if _positive(own, naive) else NO_NAIVE,
            "bias": accuracy.bias(actual, self.forecast) / size if size else NO_NAIVE,
            **{
                f"coverage_{level:g}": _value(
                    accuracy.coverage(actual, self.lower[level], self.upper[level])
                )
                for level in LEVELS
            },
        }


def _value(found: float) -> Value:
    return found if math.isfinite(found) else NO_NAIVE


def _positive(own: Value, naive: Value) -> bool:
    return not isinstance(own, NotApplicable) and number(naive) > 0


def backtest(workbook: Workbook, metrics: Sequence[str] = (), horizon: int = HORIZON) -> Result:
    """Forecasts as they would have been made, scored; and the calibration of the year's odds.

    Returns
    -------
    Result
        ``backtest``, one row a metric of the workbook's unit: errors over all months ahead against
        the same month of the year before, and how many values the intervals held. Its part
        ``calibration`` has the probabilities of reaching the year's target, of all metrics and
        units that add up, by class, beside how often it was reached; ``overall`` sums it up. They
        are the odds as they are published, adjusted by the years before each. Where a past year
        has no target on record, the year before it stands for one.
    """
    past = history(workbook)
    wanted = [name for name in metrics or past.metrics if (name, workbook.unit) in past.values]
    own = [(name, workbook.unit) for name in wanted]
    with working("forecasting anew from earlier months"):
        looked = looked_back(past, horizon, year_goals(workbook, past))
    grid = Grid(COLUMNS)
    for key in own:
        scores = _checked(past, key, looked.origins, horizon).scores() if looked.origins else {
            column.name: UNKNOWN for column in SCORES
        }  # fmt: skip
        names = {"metric": key[0], "unit": key[1], "period": str(past.origin)}
        grid.add(names | scores)
    return Result(
        "backtest",
        grid.frame,
        COLUMNS,
        grid.reasons,
        parts=_calibration(past, looked.cases),
        provenance=workbook.provenance(wanted),
    )


def _checked(past: History, key: Series, made: Sequence[Origin], horizon: int) -> Checked:
    y = np.concatenate([past.values[key], np.full(horizon, math.nan)])
    found = [origin.found[key] for origin in made]
    places = [origin.place for origin in made]
    naive = [[number(seasonal_naive(y[:place], k)) for k in range(horizon)] for place in places]
    return Checked(
        np.array([y[place : place + horizon] for place in places]),
        np.array([one.mean for one in found]),
        np.array(naive),
        {level: np.array([one.intervals[level][0] for one in found]) for level in LEVELS},
        {level: np.array([one.intervals[level][1] for one in found]) for level in LEVELS},
        [y[:place] for place in places],
    )


def _calibration(past: History, cases: Sequence[Case]) -> tuple[Result, Result]:
    said = [case.said for case in published(cases)]
    simulated, met = [case.said for case in cases], [float(case.met) for case in cases]
    period = str(past.origin)
    grid, overall = Grid(CALIBRATED), Grid(OVERALL)
    for row in calibration(said, met).itertuples():
        shares = {"said": UNKNOWN, "happened": UNKNOWN}
        if row.n:
            shares = {"said": float(row.said), "happened": float(row.happened)}  # type: ignore[arg-type, dict-item]
        ends = {"low": f"{row.low:g}", "high": f"{row.high:g}"}
        grid.add({"period": period, **ends, "forecasts": float(row.n), **shares})  # type: ignore[arg-type]
    base = float(np.mean(met)) if met else math.nan
    overall.add(
        {
            "period": period,
            "forecasts": float(len(cases)),
            "cases": float(len({case.about for case in cases})),
            "with_target": float(sum(case.is_planned for case in cases)),
            "brier": brier(said, met) if cases else UNKNOWN,
            "simulated_brier": brier(simulated, met) if cases else UNKNOWN,
            "reference_brier": base * (1 - base) if cases else UNKNOWN,
        }
    )
    return (
        Result("calibration", grid.frame, CALIBRATED, grid.reasons),
        Result("overall", overall.frame, OVERALL, overall.reasons),
    )

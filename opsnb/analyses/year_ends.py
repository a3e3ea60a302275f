"""Year ends: what the fiscal year comes to, and how likely its target is met."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from opsnb.analyses import targets
from opsnb.analyses.comparison import INCOMPLETE, NOT_MEANINGFUL
from opsnb.analyses.grid import Value, number
from opsnb.analyses.outlooks import LEVELS, Outlook
from opsnb.metrics.spans import Span
from opsnb.results import NotApplicable
from opsnb.stats.odds import Adjustment
from opsnb.workbook import Workbook

Array = npt.NDArray[np.float64]
OVER = NotApplicable("the year is over")
NO_TARGET = NotApplicable("no target")


@dataclass(frozen=True)
class YearEnd:
    """Where a metric stands at the end of the fiscal year.

    Attributes
    ----------
    to_date : float or NotApplicable
        Sum of the months that are over, of what adds up over months.
    mean : float or NotApplicable
    intervals : mapping level -> (lower, upper)
        Empty without a forecast.
    target, p_met : float or NotApplicable
        Target of the year, of a stock that of its last month; probability of reaching it, adjusted
        by what past years show where months are summed.
    required, expected : float or NotApplicable
        What every remaining workday has to bring, and what it is expected to.
    """

    to_date: Value
    mean: Value
    intervals: dict[float, tuple[float, float]]
    target: Value
    p_met: Value
    required: Value
    expected: Value


def nothing(reason: NotApplicable, target: Value = NO_TARGET) -> YearEnd:
    """Year end that cannot be told, for one reason."""
    return YearEnd(reason, reason, {}, target, reason, reason, reason)


def year_end(workbook: Workbook, found: Outlook | None, learned: Adjustment) -> YearEnd:
    """Year end of the outlook's metric in the workbook's unit.

    Months are summed along each path, with what is there already. Of a stock the last month counts.
    Ratios and averages have no year end: the year's ratio is not made of its months' ratios.
    """
    if found is None or "empty" in found.flag.split(","):
        return nothing(NotApplicable("too few points"))
    is_sum = workbook.catalogue.is_additive(found.metric)
    metric, period = workbook.metric(found.metric), workbook.period
    if not is_sum and not (metric.over_time == "last" and metric.kind == "simple"):
        return nothing(NOT_MEANINGFUL)
    remaining = period.year.months[-1].first - period.first
    goal, better = _target(workbook, found.metric, is_sum=is_sum), metric.better
    if (reason := _hindrance(workbook, found, remaining)) is not None:
        return nothing(reason, goal)
    if not is_sum:
        last = found.paths[:, remaining - 1]
        return _ended(last, NOT_MEANINGFUL, goal, _odds(last, goal, better), workbook)
    span = Span.to_date(period)
    to_date = workbook.values([found.metric], [span]).value(found.metric, span, found.unit)
    if isinstance(to_date, NotApplicable):
        return nothing(to_date, goal)
    ahead = found.paths[:, :remaining]
    total = ahead.sum(1) + to_date
    p_met = _odds(total, goal, better)
    if not isinstance(goal, NotApplicable) and not is_decided(ahead, to_date, goal, better):
        p_met = learned.odds(number(p_met), higher=better == "higher", left=remaining / 12)
    return _ended(total, to_date, goal, p_met, workbook)


def _hindrance(workbook: Workbook, found: Outlook, remaining: int) -> NotApplicable | None:
    """Why the year's end cannot be told although the metric has one."""
    if remaining == 0:
        return OVER
    if remaining > len(found.months):
        return NotApplicable("too few points")
    return INCOMPLETE if workbook.missing_units(found.metric) else None


def _target(workbook: Workbook, metric: str, *, is_sum: bool) -> Value:
    if workbook.metric(metric).better == "band":
        return NO_TARGET
    if is_sum:
        return targets.year_target(workbook, metric, workbook.unit)
    last = workbook.period.year.months[-1]
    value = workbook.targets.value(metric, workbook.unit, last)
    return NO_TARGET if value is None else value


def _ended(total: Array, to_date: Value, goal: Value, p_met: Value, workbook: Workbook) -> YearEnd:
    mean = float(total.mean())
    ends = {level: _quantiles(total, level) for level in LEVELS}
    progress = workbook.time_progress
    days = progress.workdays_total - progress.workdays
    flows = not isinstance(to_date, NotApplicable) and days > 0
    expected: Value = (mean - number(to_date)) / days if flows else NOT_MEANINGFUL
    if isinstance(goal, NotApplicable):
        return YearEnd(to_date, mean, ends, goal, goal, goal, expected)
    required: Value = (goal - number(to_date)) / days if flows else NOT_MEANINGFUL
    return YearEnd(to_date, mean, ends, goal, p_met, required, expected)


def _odds(total: Array, goal: Value, better: str) -> Value:
    """Share of the simulated futures that reach the goal."""
    return goal if isinstance(goal, NotApplicable) else probability(total, goal, better)


def is_decided(ahead: Array, to_date: float, goal: float, better: str) -> bool:
    """Whether the months that are over decide it: the goal is passed and no month is below 0.

    Such odds are 0 or 1 and no forecast any more.
    """
    beyond = to_date >= goal if better == "higher" else to_date > goal
    return bool(beyond and (ahead >= 0).all())


def probability(total: Array, goal: float, better: str) -> float:
    """Share of paths that reach the goal, a path on it counting as reached."""
    met = total >= goal if better == "higher" else total <= goal
    return float(met.mean())


def _quantiles(total: Array, level: float) -> tuple[float, float]:
    low, high = np.quantile(total, [0.5 - level / 200, 0.5 + level / 200])
    return (float(low), float(high)) if math.isfinite(low + high) else (math.nan, math.nan)

"""Comparison of one value with another, where either may be missing for a reason."""

from __future__ import annotations

from opsnb.analyses.grid import Value, number
from opsnb.company import Metric
from opsnb.period import Period
from opsnb.results import NotApplicable
from opsnb.stats import compare
from opsnb.workbook import Workbook

FESTIVAL_MONTHS = (1, 2)
PRIOR = "no data in the prior period"
LAST_YEAR = "no data in the same period last year"
INCOMPLETE = NotApplicable("some units have no data in this period")
TOGETHER = NotApplicable("January and February are compared together")
NOT_MEANINGFUL = NotApplicable("not meaningful for this metric")


def is_split_festival(workbook: Workbook, name: str, month: Period) -> bool:
    """Whether `month` is a January or February whose flow depends on where Spring Festival fell."""
    metric = workbook.metric(name)
    flow = metric.over_time == "sum" and not metric.is_ratio and metric.kind != "cumulative"
    if not (flow and month.start.month in FESTIVAL_MONTHS and workbook.has_festival):
        return False
    return not workbook.is_january_combined(name)


def because(value: Value, reason: str) -> Value:
    """The same, with the comparison's own reason where there are no data."""
    if isinstance(value, NotApplicable) and value.reason == "no data in this period":
        return NotApplicable(reason)
    return value


def difference(actual: Value, base: Value) -> Value:
    """Actual less base."""
    return _missing(actual, base) or number(actual) - number(base)


def growth(metric: Metric, actual: Value, base: Value) -> Value:
    """Growth on the base; ratios differ in points instead, see :func:`difference`."""
    if (missing := _missing(actual, base)) is not None:
        return missing
    if metric.is_ratio:
        return NOT_MEANINGFUL
    if number(base) == 0:
        return NotApplicable("the base is zero")
    return float(compare.growth(number(actual), number(base)))


def attainment(metric: Metric, actual: Value, target: Value, *, is_root: bool) -> Value:
    """Degree to which the target, or the metric's band, is met.

    A band of amounts or counts is the whole company's; that of a ratio holds for every unit.
    """
    if metric.better == "band":
        if not (is_root or metric.is_ratio):
            return NotApplicable("no target")
        if isinstance(actual, NotApplicable) or target == INCOMPLETE:
            return _missing(actual) or INCOMPLETE
        return float(compare.attainment(number(actual), 0.0, better="band", band=metric.band))
    if (missing := _missing(actual, target)) is not None:
        return missing
    if number(target) == 0:
        return NotApplicable("the target is zero")
    return float(compare.attainment(number(actual), number(target), better=metric.better))


def quotient(value: Value, total: Value) -> Value:
    """Share of `total` that `value` is."""
    if (missing := _missing(value, total)) is not None:
        return missing
    if number(total) == 0:
        return NotApplicable("the target is zero")
    return float(compare.time_progress(number(value), number(total)))


def _missing(*values: Value) -> NotApplicable | None:
    return next((value for value in values if isinstance(value, NotApplicable)), None)

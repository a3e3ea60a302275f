"""Comparison of one value with another, where either may be missing for a reason."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from opsnb.analyses.grid import Value, number
from opsnb.company import Metric
from opsnb.metrics.spans import Span
from opsnb.period import Period
from opsnb.results import NOTES, NotApplicable
from opsnb.stats import compare
from opsnb.workbook import Workbook

TWO_IN_ONE, LEFT_OUT, ONE_SEGMENT, NO_REGRESSION = NOTES
FESTIVAL_MONTHS = (1, 2)
PRIOR = "no data in the prior period"
LAST_YEAR = "no data in the same period last year"
INCOMPLETE = NotApplicable("some units have no data in this period")
TOGETHER = NotApplicable("January and February are compared together")
WITH_FEBRUARY = NotApplicable("January comes together with February")
TWO_MONTHS = NotApplicable("the prior period is two months")
NO_UNITS = NotApplicable("the data know no units")
NOT_DUE = NotApplicable("the data do not come every month")
NOT_MEANINGFUL = NotApplicable("not meaningful for this metric")
CURRENCY = re.compile(r"[A-Z]{3}")


def is_split_festival(workbook: Workbook, name: str, span: Span) -> bool:
    """Whether `span` holds one of January and February, and the festival may lie in the other.

    A year to date that ends with January does, and so does either month alone. Where the data
    give both months in one, nothing is split.
    """
    ends_in_january = span.last % 12 == 0
    february_alone = span.first == span.last and span.last % 12 == 1
    if not (is_flow(workbook.metric(name)) and (ends_in_january or february_alone)):
        return False
    return workbook.has_festival and not workbook.is_january_combined(name)


def follows_two_months(workbook: Workbook, name: str, month: Period) -> bool:
    """Whether the month before is January and February in one, against which a flow would fall."""
    is_march = month.start.month == max(FESTIVAL_MONTHS) + 1
    return is_march and is_flow(workbook.metric(name)) and workbook.is_january_combined(name)


def explained(workbook: Workbook, name: str, value: Value, month: Period) -> Value:
    """The same; where there are no data and none are due, it says so."""
    if month.start.month == min(FESTIVAL_MONTHS) and workbook.is_january_combined(name):
        return WITH_FEBRUARY
    if not (isinstance(value, NotApplicable) and value.reason == "no data in this period"):
        return value
    if workbook.unit != workbook.units.root and not workbook.has_units(name):
        return NO_UNITS
    return value if workbook.is_due(name, month) else NOT_DUE


def told_here(workbook: Workbook, names: Iterable[str]) -> list[str]:
    """Metrics that can be told for the workbook's unit; all of them where none can."""
    wanted = list(names)
    if workbook.unit == workbook.units.root:
        return wanted
    return [name for name in wanted if workbook.has_units(name)] or wanted


def notes(workbook: Workbook, names: Iterable[str]) -> tuple[str, ...]:
    """What the reader must know of the metrics' months."""
    combined = any(workbook.is_january_combined(name) for name in names)
    return (TWO_IN_ONE,) if combined else ()


def is_flow(metric: Metric) -> bool:
    """Whether months of the metric add up."""
    return metric.over_time == "sum" and not metric.is_ratio and metric.kind != "cumulative"


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
    return _number(compare.growth(number(actual), number(base)), "the base is zero")


def turn(metric: Metric, actual: Value, base: Value) -> str:
    """Name of an amount's change in which a loss takes part; empty where none does."""
    is_amount = isinstance(metric.unit, str) and CURRENCY.fullmatch(metric.unit)
    if not is_amount or metric.better != "higher" or _missing(actual, base) is not None:
        return ""
    return compare.turn(number(actual), number(base))


def attainment(metric: Metric, actual: Value, target: Value, *, is_root: bool) -> Value:
    """Degree to which the target, or the metric's band, is met.

    A band of amounts or counts is the whole company's; that of a ratio holds for every unit.
    """
    if metric.better == "band":
        if not (is_root or metric.is_ratio):
            return NotApplicable("no target")
        if isinstance(actual, NotApplicable) or target == INCOMPLETE:
            return _missing(actual) or INCOMPLETE
        reached = compare.attainment(number(actual), 0.0, better="band", band=metric.band)
        return _number(reached, "the target is zero")
    if (missing := _missing(actual, target)) is not None:
        return missing
    reached = compare.attainment(number(actual), number(target), better=metric.better)
    return _number(reached, "the target is zero")


def quotient(value: Value, total: Value) -> Value:
    """Share of `total` that `value` is."""
    if (missing := _missing(value, total)) is not None:
        return missing
    return _number(compare.time_progress(number(value), number(total)), "the target is zero")


def _number(value: npt.ArrayLike, reason: str) -> Value:
    """Value as a float, or the reason where the comparison has none."""
    found = float(np.asarray(value))
    return NotApplicable(reason) if math.isnan(found) else found


def _missing(*values: Value) -> NotApplicable | None:
    return next((value for value in values if isinstance(value, NotApplicable)), None)

"""Comparison of one value with another, where either may be missing for a reason."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from opsnb.analyses.grid import Value, number
from opsnb.company import Metric
from opsnb.metrics.spans import Span
from opsnb.results import NotApplicable
from opsnb.stats import compare
from opsnb.workbook import Workbook

PRIOR = "no data in the prior period"
LAST_YEAR = "no data in the same period last year"
INCOMPLETE = NotApplicable("some units have no data in this period")
TOGETHER = NotApplicable("January and February are compared together")
NOT_MEANINGFUL = NotApplicable("not meaningful for this metric")


def is_split_festival(metric: Metric, span: Span, workbook: Workbook) -> bool:
    """Whether `span` holds one of January and February, and the festival may lie in the other.

    A year to date that ends with January does, and so does either month alone.
    """
    flow = metric.over_time == "sum" and not metric.is_ratio and metric.kind != "cumulative"
    ends_in_january = span.last % 12 == 0
    february_alone = span.first == span.last and span.last % 12 == 1
    return flow and (ends_in_january or february_alone) and workbook.has_festival


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

"""Trend: a metric over the last months, beside the year before and the plan."""

from __future__ import annotations

from typing import Any

from opsnb.analyses.comparison import (
    INCOMPLETE,
    LAST_YEAR,
    TOGETHER,
    attainment,
    because,
    difference,
    explained,
    growth,
    is_split_festival,
    notes,
)
from opsnb.analyses.grid import Grid
from opsnb.analyses.scorecard import findings, rows
from opsnb.findings.doubts import CAVEATS
from opsnb.metrics.spans import Span
from opsnb.metrics.values import Values
from opsnb.period import Period
from opsnb.results import Column, NotApplicable, Result
from opsnb.workbook import Workbook

COLUMNS = (
    Column("metric", "key"),
    Column("unit", "key"),
    Column("period", "key"),
    Column("value", "metric"),
    Column("prior_year", "metric"),
    Column("target", "metric"),
    Column("attainment", "ratio"),
    Column("yoy", "ratio"),
    Column("yoy_difference", "difference"),
)


def trend(workbook: Workbook, metric: str, months: int = 36) -> Result:
    """Values of `metric` over the last `months` months of the workbook's unit.

    Returns
    -------
    Result
        ``trend``, one row a month: value, the same month of the year before, target, attainment
        and growth; the findings are the caveats of the last month.

    Raises
    ------
    UnknownNameError
    """
    span = workbook.period.back(months)
    wanted = [Span.of(month.year_ago) for month in span] + [Span.of(month) for month in span]
    values = workbook.values([metric], dict.fromkeys(wanted))
    grid = Grid(COLUMNS)
    for month in span:
        grid.add(_row(workbook, metric, values, month))
    found = findings(workbook, rows(workbook, [metric]).frame)
    return Result(
        "trend",
        grid.frame,
        COLUMNS,
        grid.reasons,
        findings=tuple(
            finding for finding in found if finding.code in CAVEATS or finding.code == "OPS004"
        ),
        notes=notes(workbook, [metric]),
        provenance=workbook.provenance([metric]),
    )


def _row(workbook: Workbook, name: str, values: Values, month: Period) -> dict[str, Any]:
    metric, unit = workbook.metric(name), workbook.unit
    is_root = unit == workbook.units.root
    value = explained(workbook, name, values.value(name, Span.of(month), unit), month)
    prior = because(values.value(name, Span.of(month.year_ago), unit), LAST_YEAR)
    planned = workbook.targets.value(name, unit, month)
    target = NotApplicable("no target") if planned is None else planned
    base = TOGETHER if is_split_festival(workbook, name, Span.of(month)) else prior
    goal = target
    if month == workbook.period and workbook.missing_units(name):
        base = goal = INCOMPLETE
    return {
        "metric": name,
        "unit": unit,
        "period": str(month),
        "value": value,
        "prior_year": prior,
        "target": target,
        "attainment": attainment(metric, value, goal, is_root=is_root),
        "yoy": growth(metric, value, base),
        "yoy_difference": difference(value, base),
    }

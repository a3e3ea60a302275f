"""Trend: a metric over the last months, beside the year before and the plan."""

from __future__ import annotations

from opsnb.analyses.grid import Grid
from opsnb.metrics.spans import Span
from opsnb.results import Column, NotApplicable, Result
from opsnb.workbook import Workbook

COLUMNS = (
    Column("metric", "key"),
    Column("unit", "key"),
    Column("period", "key"),
    Column("value", "metric"),
    Column("prior_year", "metric"),
    Column("target", "metric"),
)


def trend(workbook: Workbook, metric: str, months: int = 36) -> Result:
    """Values of `metric` over the last `months` months of the workbook's unit.

    Returns
    -------
    Result
        ``trend``: value, the same month of the year before, and target, one row a month.

    Raises
    ------
    UnknownNameError
    """
    span = workbook.period.back(months)
    wanted = dict.fromkeys(
        [Span.of(month.year_ago) for month in span] + [Span.of(month) for month in span]
    )
    values = workbook.values([metric], wanted)
    grid = Grid(COLUMNS)
    for month in span:
        target = workbook.targets.value(metric, workbook.unit, month)
        prior = values.value(metric, Span.of(month.year_ago), workbook.unit)
        if isinstance(prior, NotApplicable):
            prior = NotApplicable("no data in the same period last year")
        grid.add(
            {
                "metric": metric,
                "unit": workbook.unit,
                "period": str(month),
                "value": values.value(metric, Span.of(month), workbook.unit),
                "prior_year": prior,
                "target": NotApplicable("no target") if target is None else target,
            }
        )
    return Result(
        "trend", grid.frame, COLUMNS, grid.reasons, provenance=workbook.provenance([metric])
    )

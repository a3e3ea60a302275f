"""Units: the units below this one, side by side on the key metrics."""

from __future__ import annotations

from collections.abc import Sequence

from opsnb.analyses.comparison import explained
from opsnb.analyses.control import charts
from opsnb.analyses.grid import Grid
from opsnb.analyses.scorecard import HISTORY_COLUMNS, findings, rows
from opsnb.findings import rank
from opsnb.findings.doubts import CAVEATS
from opsnb.metrics.spans import Span
from opsnb.results import Column, Result
from opsnb.workbook import Workbook

MONTHS = 24
COLUMNS = (
    Column("metric", "key"),
    Column("unit", "key"),
    Column("actual", "metric"),
    Column("target", "metric"),
    Column("attainment", "ratio"),
    Column("yoy", "ratio"),
    Column("yoy_difference", "difference"),
    Column("yoy_turn", "text"),
)
MONTH_COLUMNS = HISTORY_COLUMNS[:4]
"""Metric, unit, period and value, without the limits."""


def units(workbook: Workbook, metrics: Sequence[str] = ()) -> Result:
    """Actual, target, attainment and growth of each unit below the workbook's, for `metrics`.

    Returns
    -------
    Result
        ``units``, one row a metric and unit; no rows where the unit has none below it, and none
        for metrics whose tables know no units. The findings are those about these units. The part
        ``by_unit`` has the last 24 months of the first metric in each of them.
    """
    names = list(dict.fromkeys(metrics)) or list(workbook.company.metrics)[:6]
    names = [name for name in names if workbook.has_units(name)]
    children = workbook.units.children(workbook.unit, workbook.period.first)
    below = [workbook.for_unit(child) for child in children]
    frames = [rows(child, names) for child in below]
    grid = Grid(COLUMNS)
    for i in range(len(names)):
        for source in frames:
            grid.add({column.name: source.cell(i, column.name) for column in COLUMNS})
    found = [
        f
        for child, source in zip(below, frames, strict=True)
        for f in findings(child, source.frame, charts(child, names))
    ]
    first = [name for name in names[:1] if below]
    return Result(
        "units",
        grid.frame,
        COLUMNS,
        grid.reasons,
        rank(f for f in found if f.severity != "info" or f.code in CAVEATS),
        parts=tuple(_months(workbook, name, children) for name in first),
        provenance=workbook.provenance(names),
    )


def _months(workbook: Workbook, name: str, children: Sequence[str]) -> Result:
    """The last months of one metric in each of the units."""
    months = workbook.period.back(MONTHS)
    values = workbook.values([name], months)
    grid = Grid(MONTH_COLUMNS)
    for unit in children:
        at = workbook.for_unit(unit)
        for month in months:
            value = explained(at, name, values.value(name, Span.of(month), unit), month)
            grid.add({"metric": name, "unit": unit, "period": str(month), "value": value})
    return Result("by_unit", grid.frame, MONTH_COLUMNS, grid.reasons)

"""Annex: where the numbers come from, and what they mean."""

from __future__ import annotations

from collections.abc import Sequence

from opsnb.analyses.grid import Grid
from opsnb.analyses.headline import table_cases
from opsnb.findings import find_in_tables
from opsnb.results import Column, NotApplicable, Result
from opsnb.workbook import Workbook

LOOKED_UP = NotApplicable("only looked up, without dates")
SOURCE_COLUMNS = (
    Column("table", "key"),
    Column("path", "text"),
    Column("rows", "count"),
    Column("rows_in_period", "count"),
    Column("excluded", "count"),
    Column("recognised", "count"),
    Column("unmatched", "count"),
    Column("sha256", "text"),
    Column("owner", "text"),
    Column("units_missing", "text"),
)
DEFINITION_COLUMNS = (
    Column("metric", "key"),
    Column("formula", "text"),
    Column("sql", "text"),
    Column("owner", "text"),
    Column("tables", "text"),
)


def sources(workbook: Workbook) -> Result:
    """Every table: its file, hash, rows, what was made of them, and who has not delivered.

    Returns
    -------
    Result
        ``sources``, with the findings of the table rules.
    """
    grid = Grid(SOURCE_COLUMNS)
    here = set(workbook.units.leaves(workbook.unit))  # of others this report says nothing
    for name, table in workbook.company.tables.items():
        loaded = workbook.load(name)
        coverage = workbook.coverage(name) if table.date else None
        missing = [unit for unit in coverage.missing if unit in here] if coverage else []
        grid.add(
            {
                "table": name,
                "path": loaded.path,
                "rows": loaded.rows,
                "rows_in_period": coverage.rows if coverage else LOOKED_UP,
                "excluded": loaded.excluded,
                "recognised": sum(loaded.recognised.values()),
                "unmatched": sum(loaded.unmatched.values()),
                "sha256": loaded.sha256,
                "owner": table.owner.zh,
                "units_missing": ",".join(missing),
            }
        )
    findings = find_in_tables(table_cases(workbook))
    provenance = workbook.provenance(tables=workbook.company.tables)
    return Result(
        "sources", grid.frame, SOURCE_COLUMNS, grid.reasons, findings, provenance=provenance
    )


def definitions(workbook: Workbook, metrics: Sequence[str] = ()) -> Result:
    """Definition, formula and SQL of `metrics`, all of ``metrics.yaml`` when none are named.

    Returns
    -------
    Result
        ``definitions``, one row a metric.
    """
    names = list(metrics) or list(workbook.company.metrics)
    grid = Grid(DEFINITION_COLUMNS)
    for name in names:
        grid.add(
            {
                "metric": name,
                "formula": workbook.catalogue.text(name),
                "sql": workbook.sql(name),
                "owner": workbook.metric(name).owner.zh,
                "tables": ",".join(workbook.catalogue.tables(name)),
            }
        )
    return Result(
        "definitions", grid.frame, DEFINITION_COLUMNS, provenance=workbook.provenance(names)
    )

"""Benchmarks: how far each metric is from what others reach, and where it stands among them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from opsnb.analyses.comparison import difference
from opsnb.analyses.grid import Grid, Value
from opsnb.metrics.spans import Span
from opsnb.results import Column, NotApplicable, Result
from opsnb.workbook import Workbook

COLUMNS = (
    Column("metric", "key"), Column("unit", "key"), Column("period", "key"),
    Column("source", "key"), Column("percentile", "key"), Column("benchmark", "metric"),
    Column("actual", "metric"), Column("benchmark_gap", "difference"),
    Column("own_percentile", "ratio"), Column("note", "text"),
)  # fmt: skip
ONE = NotApplicable("too few points")


def benchmarks(workbook: Workbook, metrics: Sequence[str] = ()) -> Result:
    """Values of the ledger of benchmarks for the workbook's unit, and the company's own beside.

    Of each metric and source the latest period counts that is over at the end of the workbook's;
    the metric is measured over that very period. Where a source gives values at several
    percentiles, `own_percentile` lies between them, in proportion; beyond the outermost it is told
    as that one.

    Returns
    -------
    Result
        ``benchmarks``, a row a line of the ledger that counts; none where there is no such line.

    Raises
    ------
    UnknownNameError, SettingsError
    """
    names = list(dict.fromkeys(metrics)) or list(workbook.company.metrics)
    ledger = _latest(workbook, names)
    grid = Grid(COLUMNS)
    for _, group in ledger.groupby(["metric", "source"], sort=False):
        period = workbook.company.period(str(group["period"].iloc[0]))
        name, span = str(group["metric"].iloc[0]), Span.of(period)
        own = workbook.values([name], [span]).value(name, span, workbook.unit)
        standing = _standing(own, group)
        for row in group.to_dict("records"):
            grid.add(_row(row, own, standing))
    told = list(dict.fromkeys(ledger["metric"]))
    return Result(
        "benchmarks", grid.frame, COLUMNS, grid.reasons, provenance=workbook.provenance(told)
    )


def _latest(workbook: Workbook, names: Sequence[str]) -> pd.DataFrame:
    """Lines of the unit and metrics whose period is over, the latest of each source."""
    ledger = workbook.ledger("benchmarks")
    kept = ledger[(ledger["unit"] == workbook.unit) & ledger["metric"].isin(names)]
    ends = kept["period"].map(lambda text: workbook.company.period(str(text)).end)
    kept = kept.assign(_end=ends)[ends <= workbook.period.end]
    last = kept.groupby(["metric", "source"])["_end"].transform("max")
    order = {name: place for place, name in enumerate(names)}
    kept = kept[kept["_end"] == last].assign(_order=kept["metric"].map(order))
    return kept.sort_values(["_order", "source", "percentile"], kind="stable")


def _standing(own: Value, group: pd.DataFrame) -> Value:
    """Share of the others below the company's own value, between the percentiles given."""
    given = group.dropna(subset=["percentile"]).sort_values("percentile")
    if isinstance(own, NotApplicable):
        return own
    if len(given) < 2:
        return ONE
    at, shares = given["value"].to_numpy(float), given["percentile"].to_numpy(float)
    if not (np.diff(at) > 0).all():
        return NotApplicable("not meaningful for this metric")
    return float(np.interp(own, at, shares))


def _row(row: dict[Any, Any], own: Value, standing: Value) -> dict[str, Any]:
    share = row["percentile"]
    return {
        "metric": row["metric"],
        "unit": row["unit"],
        "period": row["period"],
        "source": row["source"],
        "percentile": "" if pd.isna(share) else f"P{100 * float(share):g}",
        "benchmark": float(row["value"]),
        "actual": own,
        "benchmark_gap": difference(own, float(row["value"])),
        "own_percentile": standing,
        "note": row["note"],
    }

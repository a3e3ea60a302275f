"""Descriptives: what the months of each metric look like, robustly, with what is missing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from opsnb.analyses.comparison import explained
from opsnb.analyses.grid import Grid, number
from opsnb.metrics.spans import Span
from opsnb.results import Column, NotApplicable, Result
from opsnb.workbook import Workbook

MONTHS = 36
COLUMNS = (
    Column("metric", "key"), Column("unit", "key"), Column("period", "key"),
    Column("nobs", "count"), Column("missing", "count"),
    *(Column(name, "metric") for name in (
        "median", "robust_deviation", "mean", "standard_deviation", "minimum", "maximum",
    )),
)  # fmt: skip
NORMAL = 1.4826
"""Median absolute deviations to a standard deviation, of normal numbers."""
NO_DATA = NotApplicable("no data in this period")
TOO_FEW = NotApplicable("too few points")


def descriptives(workbook: Workbook, metrics: Sequence[str] = (), months: int = MONTHS) -> Result:
    """Months of `metrics` up to the workbook's: how many, how large, how far apart.

    Returns
    -------
    Result
        ``descriptives``, a row a metric: ``nobs`` and ``missing`` (months with and without a
        value, since the first that has one; a month that lacks units has none), ``median`` and
        ``robust_deviation`` (1.4826 times the median absolute deviation), ``mean`` and
        ``standard_deviation`` (of a sample), ``minimum`` and ``maximum``.

    Raises
    ------
    UnknownNameError
    """
    names = list(dict.fromkeys(metrics)) or list(workbook.company.metrics)
    periods = workbook.period.back(months)
    values = workbook.values(names, periods)
    grid = Grid(COLUMNS)
    for name in names:
        cells = (values.value(name, Span.of(month), workbook.unit) for month in periods)
        pairs = zip(cells, periods, strict=True)
        series = np.array([number(explained(workbook, name, *pair)) for pair in pairs])
        if workbook.missing_units(name):
            series[-1] = np.nan  # it is too small
        keys = {"metric": name, "unit": workbook.unit, "period": str(workbook.period)}
        grid.add(keys | _described(series))
    return Result(
        "descriptives", grid.frame, COLUMNS, grid.reasons, provenance=workbook.provenance(names)
    )


def _described(series: np.ndarray[Any, np.dtype[np.float64]]) -> dict[str, float | NotApplicable]:
    known = np.flatnonzero(np.isfinite(series))
    if not len(known):
        told = dict.fromkeys((c.name for c in COLUMNS[5:]), NO_DATA)
        return {"nobs": 0.0, "missing": float(len(series)), **told}
    x = series[known]
    center = float(np.median(x))
    spread = float(x.std(ddof=1)) if len(x) > 1 else TOO_FEW
    robust = NORMAL * float(np.median(np.abs(x - center))) if len(x) > 1 else TOO_FEW
    return {
        "nobs": float(len(x)),
        "missing": float(len(series) - known[0] - len(x)),
        "median": center,
        "robust_deviation": robust,
        "mean": float(x.mean()),
        "standard_deviation": spread,
        "minimum": float(x.min()),
        "maximum": float(x.max()),
    }

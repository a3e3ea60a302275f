"""Calendar factors: what working days and festivals do, taken out before and put back after."""

from __future__ import annotations

import numpy as np
import pandas as pd

from opsnb.errors import ParameterError
from opsnb.stats.forecast.panel import Array, Months, Panel, numbers, ordinals, require, single

Factors = pd.DataFrame | None


def remove(panel: Panel, factors: Factors) -> Panel:
    """Panel with every value divided by its factor.

    Raises
    ------
    ParameterError
        A month with a value has no factor, or one that is not positive.
    """
    if factors is None:
        return panel
    rows = len(panel.y)
    months = panel.last - panel.step * np.arange(rows - 1, -1, -1)[:, None]
    known = ~np.isnan(panel.y)
    return Panel(
        panel.unique_id, panel.y / _table(factors, panel, months, known), panel.last, panel.step
    )


def ahead(panel: Panel, factors: Factors, h: int) -> Array:
    """Factors of the months to come, shape (series, h); 1 without a table.

    Raises
    ------
    ParameterError
        A month ahead has no factor, or one that is not positive.
    """
    months = panel.months(h)
    if factors is None:
        return np.ones(months.shape)
    return _table(factors, panel, months.T, np.ones(months.T.shape, dtype=bool)).T


def _table(factors: pd.DataFrame, panel: Panel, months: Months, needed: Array) -> Array:
    """Factors by month and series; 1 where none is needed."""
    where = "factors"
    require(factors, ("unique_id", "ds", "factor"), where)
    codes = panel.unique_id.get_indexer(pd.Index(factors["unique_id"]))
    mine = codes >= 0
    codes, table = codes[mine], factors[mine]
    month = ordinals(table["ds"], where)
    single(codes, month, panel.unique_id, where)
    value = numbers(table["factor"], "factors, column factor")
    key = codes.astype(np.int64) * 1_000_000 + month
    order = np.argsort(key)
    wanted = np.arange(months.shape[1]) * 1_000_000 + months
    at = np.minimum(np.searchsorted(key[order], wanted), max(len(key) - 1, 0))
    found = np.full(wanted.shape, np.nan)
    if len(key):
        found = np.where(key[order][at] == wanted, value[order][at], np.nan)
    wrong = needed & ~(np.isfinite(found) & (found > 0))
    if wrong.any():
        row, series = np.argwhere(wrong)[0]
        month_ = int(months[row, series])
        raise ParameterError(
            f"no positive factor for series {panel.unique_id[series]!r} "
            f"in {month_ // 12}-{month_ % 12 + 1:02d}",
            where=where,
            expected="a factor above 0 for every month of the history and of the horizon",
        )
    return np.where(needed, found, 1.0)

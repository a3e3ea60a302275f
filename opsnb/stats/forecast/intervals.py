"""Forecast of every series of a panel, with intervals and flags."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from opsnb.errors import ParameterError
from opsnb.stats.forecast.calendar import ahead, remove
from opsnb.stats.forecast.engine import Fitted, fit
from opsnb.stats.forecast.panel import Array, Panel, by_series, read, stamps
from opsnb.stats.forecast.scale import Scale
from opsnb.stats.forecast.widths import Spread, quantile, spread

Bound = float | Mapping[object, float] | pd.Series | None


@dataclass(frozen=True)
class Outlook:
    """A fitted panel: what a quantile of each month is, in the units of the series."""

    panel: Panel
    fitted: Fitted
    spread: Spread
    factor: Array
    lower: Array
    upper: Array

    def at(self, z: float | Array) -> Array:
        """Value at normal quantile `z`: shape (series, h), or that of `z` (series, path, h)."""
        between = (None,) * max(np.ndim(z) - 2, 0)
        shape = (slice(None), *between, slice(None))
        value = self.fitted.displaced(self.spread.at(z)) * self.factor[shape]
        return np.clip(value, self.lower[:, None][shape], self.upper[:, None][shape])


def forecast(
    panel: pd.DataFrame,
    h: int,
    *,
    level: Sequence[float] = (80, 95),
    season_length: int = 12,
    lower: Bound = None,
    upper: Bound = None,
    factors: pd.DataFrame | None = None,
    scale: Scale | None = None,
) -> pd.DataFrame:
    """Forecast of each series with prediction intervals.

    A series' forecast depends on nothing but its own history. On logarithms where every value is
    positive, else on the values, it is the season (see `season.season`) plus the average of damped
    trends and Theta members (see `members`); widths are explained in `widths`.

    Parameters
    ----------
    panel : DataFrame[unique_id, ds, y]
        A row a series and month, in any order; months may be missing. Monthly or, with
        ``season_length=4``, quarterly.
    h : int
        Months ahead, counted from each series' last row.
    level : sequence of float
        Coverage in percent, above 0 and below 100.
    season_length : int
        Rows a year; 1 for no season.
    lower, upper : float, mapping or Series by unique_id, optional
        Bounds of the metric: 0 and 1 for a ratio. A history without a negative value has the lower
        bound 0 in any case.
    factors : DataFrame[unique_id, ds, factor], optional
        Calendar factors over history and horizon: values are divided by them before and multiplied
        after.
    scale : Scale, optional
        From `fit_scale`; without it the shipped widths stand.

    Returns
    -------
    DataFrame[unique_id, ds, mean, lo-80, hi-80, lo-95, hi-95, flag]
        Sorted by unique_id and ds, in the units of y. `mean` is the centre: the median where errors
        are proportional to the value. `flag` is "" or codes joined by commas (see `flags`).

    Raises
    ------
    ParameterError
        h below 1, a level out of range, two rows for one month, a missing factor, lower above
        upper.
    UnknownNameError
        A column is absent.

    >>> ds = pd.date_range("2024-01-01", periods=30, freq="MS")
    >>> panel = pd.DataFrame({"unique_id": "a", "ds": ds, "y": 100.0})
    >>> forecast(panel, 1)[["mean", "lo-95", "flag"]].round(6).values.tolist()
    [[100.0, 100.0, 'constant']]
    """
    _check(h, level)
    found = outlook(panel, h, season_length, lower, upper, factors, scale)
    series, flags = len(found.panel.unique_id), found.fitted.marks.text()
    columns = {
        "unique_id": found.panel.unique_id.repeat(h),
        "ds": stamps(found.panel.months(h).ravel()),
        "mean": found.at(0.0).ravel(),
    }
    for percent in level:
        z = quantile(percent)
        columns[f"lo-{percent:g}"] = found.at(-z).ravel()
        columns[f"hi-{percent:g}"] = found.at(z).ravel()
    columns["flag"] = np.repeat(np.array(flags, dtype=object), h)
    return pd.DataFrame(columns, index=pd.RangeIndex(series * h)).astype({"flag": "str"})


def outlook(
    panel: pd.DataFrame,
    h: int,
    season_length: int,
    lower: Bound,
    upper: Bound,
    factors: pd.DataFrame | None,
    scale: Scale | None,
) -> Outlook:
    """Everything that `forecast` and `simulate_paths` have in common."""
    table = read(panel, season_length)
    low = by_series(lower, table.unique_id, -np.inf, "lower")
    high = by_series(upper, table.unique_id, np.inf, "upper")
    smallest = np.where(np.isnan(table.y), np.inf, table.y).min(0)
    low = np.where(np.isfinite(smallest) & (smallest >= 0), np.maximum(low, 0.0), low)
    if (low > high).any():
        name = table.unique_id[int(np.argmax(low > high))]
        raise ParameterError(
            f"series {name!r} has a lower bound above its upper bound", expected="lower <= upper"
        )
    factor = ahead(table, factors, h)
    fitted = fit(remove(table, factors), h, season_length)
    widths = spread(fitted, (scale or Scale()).factors())
    return Outlook(table, fitted, widths, factor, low, high)


def _check(h: int, level: Sequence[float]) -> None:
    if h < 1:
        raise ParameterError(f"h={h}", expected="at least one month ahead")
    for percent in level:
        if not 0 < percent < 100:
            raise ParameterError(f"level={percent}", expected="a percentage between 0 and 100")

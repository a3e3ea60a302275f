"""What a forecast is made of: level, trend, season and calendar, over history and horizon."""

from __future__ import annotations

import numpy as np
import pandas as pd

from opsnb.stats.forecast.calendar import ahead, remove
from opsnb.stats.forecast.engine import FARTHEST, Fitted, fit
from opsnb.stats.forecast.panel import Array, read, stamps


def components(
    panel: pd.DataFrame,
    h: int,
    *,
    season_length: int = 12,
    factors: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Parts of each series, month by month: ``level (1 + season) (1 + calendar)`` is the forecast.

    For a series that is not positive throughout season is a multiple of the mean size of its
    values, and ``level + season * size`` takes the place of the first product.

    Parameters
    ----------
    panel, h, season_length, factors
        As of :func:`opsnb.stats.forecast.forecast`.

    Returns
    -------
    DataFrame[unique_id, ds, level, season, calendar, size]
        Sorted by unique_id and ds, from each series' first value on. `level` holds what was
        expected one month before, and over the horizon the trend, in the units of y; `season` and
        `calendar` are shares; `size` is the mean size of the values.

    Raises
    ------
    ParameterError, UnknownNameError

    >>> ds = pd.date_range("2024-01-01", periods=3, freq="MS")
    >>> components(pd.DataFrame({"unique_id": "a", "ds": ds, "y": 5.0}), 1).iloc[-1, 2:].tolist()
    [5.0, 0.0, 0.0, 5.0]
    """
    table = read(panel, season_length)
    plain = remove(table, factors)
    fitted = fit(plain, h, season_length)
    rows = len(table.y)
    level = np.concatenate([_expected(plain.y, fitted), _trend(fitted, h)])
    season = fitted.season.over(-rows, rows + h)
    share = np.where(fitted.logged, np.expm1(np.clip(season, -FARTHEST, FARTHEST)), season)
    past = _past_factors(table.y, plain.y)
    calendar = np.concatenate([past, ahead(table, factors, h).T]) - 1.0
    months = table.last[:, None] + table.step * np.arange(1 - rows, h + 1)
    begun = np.arange(rows + h)[:, None] >= np.argmax(~np.isnan(table.y), axis=0)
    size = np.nansum(np.abs(table.y), axis=0) / np.maximum((~np.isnan(table.y)).sum(0), 1)
    frame = pd.DataFrame(
        {
            "unique_id": table.unique_id.repeat(rows + h),
            "ds": stamps(months.ravel()),
            "level": level.T.ravel(),
            "season": share.T.ravel(),
            "calendar": calendar.T.ravel(),
            "size": np.repeat(size, rows + h),
        }
    )
    kept: pd.DataFrame = frame[begun.T.ravel()]
    return kept.reset_index(drop=True)


def _expected(y: Array, fitted: Fitted) -> Array:
    """What was expected of each month one month before, without season; months x series."""
    rows = len(y)
    with np.errstate(divide="ignore", invalid="ignore"):
        x = np.where(fitted.logged, np.log(fitted.marks.clean), fitted.marks.clean / fitted.unit)
    z = x - fitted.season.over(-rows, rows) - fitted.averaged.residual
    filled = pd.DataFrame(z).bfill().ffill().fillna(0.0).to_numpy()
    return _raised(filled, fitted)


def _trend(fitted: Fitted, h: int) -> Array:
    """Forecast without season; months x series."""
    return _raised(fitted.point.T - fitted.season.over(0, h), fitted)


def _raised(x: Array, fitted: Fitted) -> Array:
    raised = np.exp(np.clip(np.where(fitted.logged, x, 0.0), -FARTHEST, FARTHEST))
    return np.where(fitted.logged, raised, x * fitted.unit)


def _past_factors(raw: Array, plain: Array) -> Array:
    """Factors that were taken out; 1 where there was no value, or none but zero."""
    with np.errstate(divide="ignore", invalid="ignore"):
        factor = raw / plain
    return np.where(np.isfinite(factor), factor, 1.0)

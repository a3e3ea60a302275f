"""How good forecasts were: errors, scaled errors, intervals. NaN where a measure is not applicable.

Actuals and forecasts are one series of shape (months,), or several of shape (series, months);
months without an actual are left out. Scaled measures take the history before the forecasts: one
array, or one for each series. With several series scaled measures are averaged over series, so that
each counts the same; the others are taken over all months.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from opsnb.errors import ParameterError

Array = npt.NDArray[np.float64]
History = npt.ArrayLike | Sequence[npt.ArrayLike]


def mase(
    actual: npt.ArrayLike, forecast: npt.ArrayLike, history: History, *, season_length: int = 12
) -> float:
    """Mean absolute error over that of the seasonal naive forecast within the history.

    Hyndman & Koehler 2006. A history of a season or less is scaled by its changes from month to
    month.

    >>> mase([12.0, 14.0], [10.0, 13.0], [1.0, 2.0, 3.0, 4.0], season_length=1)
    1.5
    """
    a, f = _rows(actual, forecast)
    with np.errstate(all="ignore"):
        return _mean(_row_means(np.abs(f - a)) / _scales(history, len(a), season_length))


def smape(actual: npt.ArrayLike, forecast: npt.ArrayLike) -> float:
    """Symmetric mean absolute percentage error, 200 |f - a| / (|f| + |a|), in percent, 0 to 200.

    As in the M3 and M4 competitions; 0 where both are 0.

    >>> smape([100.0], [50.0]).__round__(4)
    66.6667
    """
    a, f = _rows(actual, forecast)
    size = np.abs(f) + np.abs(a)
    return _mean(np.where(size == 0, 0.0, 200 * np.abs(f - a) / np.where(size == 0, 1.0, size)))


def owa(
    actual: npt.ArrayLike,
    forecast: npt.ArrayLike,
    reference: npt.ArrayLike,
    history: History,
    *,
    season_length: int = 12,
) -> float:
    """Overall weighted average of the M4 competition: mean of sMAPE and MASE over the reference's.

    `reference` is the forecast to be beaten, Naive2 in M4; below 1 is better than it.

    >>> round(owa([10.0], [11.0], [12.0], [8.0, 9.0, 10.0], season_length=1), 4)
    0.5119
    """
    errors = smape(actual, forecast), smape(actual, reference)
    scaled = (mase(actual, f, history, season_length=season_length) for f in (forecast, reference))
    return (_ratio(*errors) + _ratio(*scaled)) / 2


def wape(actual: npt.ArrayLike, forecast: npt.ArrayLike) -> float:
    """Sum of absolute errors over the sum of absolute actuals, a ratio.

    >>> wape([100.0, 0.0], [90.0, 10.0])
    0.2
    """
    a, f = _rows(actual, forecast)
    return _ratio(
        float(np.nansum(np.abs(f - a))), float(np.nansum(np.where(np.isnan(f), f, np.abs(a))))
    )


def bias(actual: npt.ArrayLike, forecast: npt.ArrayLike) -> float:
    """Mean of forecast less actual, in the units of the series; above 0 was too high.

    >>> bias([10.0, 20.0], [12.0, 21.0])
    1.5
    """
    a, f = _rows(actual, forecast)
    return _mean(f - a)


def coverage(actual: npt.ArrayLike, lower: npt.ArrayLike, upper: npt.ArrayLike) -> float:
    """Share of actuals within their interval, ends included, a ratio.

    >>> coverage([1.0, 5.0], [0.0, 0.0], [2.0, 2.0])
    0.5
    """
    a, low, high = _rows(actual, lower, upper)
    known = ~np.isnan(a + low + high)
    return _ratio(float(((low <= a) & (a <= high))[known].sum()), float(known.sum()))


def winkler(
    actual: npt.ArrayLike, lower: npt.ArrayLike, upper: npt.ArrayLike, *, level: float = 95
) -> float:
    """Mean interval score: the width, and 2 / alpha times the distance of an actual outside.

    Winkler 1972; alpha = 1 - level / 100; in the units of the series, lower is better.

    >>> winkler([1.0, 5.0], [0.0, 0.0], [2.0, 2.0], level=50)
    8.0
    """
    return _mean(_interval_score(actual, lower, upper, level))


def msis(
    actual: npt.ArrayLike,
    lower: npt.ArrayLike,
    upper: npt.ArrayLike,
    history: History,
    *,
    level: float = 95,
    season_length: int = 12,
) -> float:
    """Mean scaled interval score of the M4 competition: `winkler` over the scale of `mase`.

    >>> msis([1.0, 5.0], [0.0, 0.0], [2.0, 2.0], [1.0, 3.0], level=50, season_length=1)
    4.0
    """
    score = _interval_score(actual, lower, upper, level)
    with np.errstate(all="ignore"):
        return _mean(_row_means(score) / _scales(history, len(score), season_length))


def _rows(*values: npt.ArrayLike) -> list[Array]:
    """Values as (series, months), all of one shape.

    Raises
    ------
    ParameterError
        The shapes differ.
    """
    arrays = [np.atleast_2d(np.asarray(value, dtype=np.float64)) for value in values]
    if len({array.shape for array in arrays}) > 1:
        shapes = ", ".join(str(array.shape) for array in arrays)
        raise ParameterError(f"arrays of shapes {shapes}", expected="one shape")
    return arrays


def _interval_score(
    actual: npt.ArrayLike, lower: npt.ArrayLike, upper: npt.ArrayLike, level: float
) -> Array:
    if not 0 < level < 100:
        raise ParameterError(f"level={level}", expected="a percentage between 0 and 100")
    a, low, high = _rows(actual, lower, upper)
    outside = np.maximum(low - a, 0.0) + np.maximum(a - high, 0.0)
    return (high - low) + 2 / (1 - level / 100) * outside


def _scales(history: History, series: int, season_length: int) -> Array:
    """Mean absolute error of the seasonal naive forecast in each history; NaN where it is zero.

    Raises
    ------
    ParameterError
        As many histories as series are not given.
    """
    given: list[npt.ArrayLike] = list(history)  # type: ignore[arg-type]
    histories = [np.asarray(given)] if not given or np.ndim(given[0]) == 0 else given
    if len(histories) != series:
        raise ParameterError(f"{len(histories)} histories", expected=f"one a series: {series}")
    return np.array([_scale(np.asarray(h, dtype=np.float64), season_length) for h in histories])


def _scale(history: Array, season_length: int) -> float:
    lag = season_length if len(history) > season_length else 1
    error = _mean(np.abs(history[lag:] - history[:-lag]))
    return error if error > 0 else np.nan


def _row_means(values: Array) -> Array:
    """Mean of each row over the months that are known; NaN where none is."""
    known = ~np.isnan(values)
    total = np.where(known, values, 0.0).sum(1)
    return np.where(known.any(1), total / np.maximum(known.sum(1), 1), np.nan)


def _mean(values: Array) -> float:
    known = values[~np.isnan(values)]
    return float(known.mean()) if known.size else np.nan


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole else np.nan

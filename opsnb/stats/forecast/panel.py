"""A panel of series as arrays: months made regular, series aligned at their own last month."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from opsnb.errors import ParameterError, UnknownNameError

Array = npt.NDArray[np.float64]
Months = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Panel:
    """Series side by side; the last row of `y` is each series' own last month.

    Attributes
    ----------
    unique_id : Index
        Ids of the series in ascending order.
    y : ndarray of float64, shape (months, series)
        Values; NaN before a series begins and where a month is missing.
    last : ndarray of int64, shape (series,)
        Last month of each series, in months since year 0.
    step : int
        Months from one row to the next: 12 / season_length, or 1.
    """

    unique_id: pd.Index
    y: Array
    last: Months
    step: int

    def months(self, h: int) -> Months:
        """Months that follow each series' last one, shape (series, h)."""
        return self.last[:, None] + self.step * np.arange(1, h + 1)

    def before(self, months: int) -> Panel:
        """Same panel as it stood so many rows earlier; series that began later are all NaN."""
        cut = self.y[: len(self.y) - months] if months else self.y
        if not len(cut):
            cut = np.full((1, self.y.shape[1]), np.nan)
        return Panel(self.unique_id, cut, self.last - months * self.step, self.step)

    def take(self, series: npt.NDArray[np.intp]) -> Panel:
        """Same panel with only these series, by position."""
        return Panel(self.unique_id[series], self.y[:, series], self.last[series], self.step)


def read(panel: pd.DataFrame, season_length: int) -> Panel:
    """Arrays of a long table.

    Parameters
    ----------
    panel : DataFrame[unique_id, ds, y]
        A row a series and month, in any order. Months without a row, and values that are not
        finite, are missing.
    season_length : int
        Rows a year; 12 for months, 4 for quarters.

    Raises
    ------
    ParameterError
        Two rows for one series and month, a row without a date, or y that is not a number.
    UnknownNameError
        A column is absent.
    """
    require(panel, ("unique_id", "ds", "y"), "panel")
    codes, ids = pd.factorize(panel["unique_id"], sort=True)
    if (codes < 0).any():
        raise ParameterError("a row has no unique_id", where="panel", expected="an id in every row")
    month = ordinals(panel["ds"], "panel")
    single(codes, month, ids, "panel")
    y = numbers(panel["y"], "panel, column y")
    last = np.full(len(ids), np.iinfo(np.int64).min)
    np.maximum.at(last, codes, month)
    step = _step(last[codes] - month, season_length)
    age = (last[codes] - month) // step
    grid = np.full((int(age.max()) + 1 if len(age) else 1, len(ids)), np.nan)
    grid[len(grid) - 1 - age, codes] = np.where(np.isfinite(y), y, np.nan)
    return Panel(pd.Index(ids), grid, last, step)


def require(frame: pd.DataFrame, columns: Iterable[str], where: str) -> None:
    """Every column is there.

    Raises
    ------
    UnknownNameError
        One is not; the nearest is named.
    """
    for name in columns:
        if name not in frame.columns:
            raise UnknownNameError(
                f"no column {name!r}", where=where, given=name, choices=map(str, frame.columns)
            )


def numbers(values: pd.Series, where: str) -> Array:
    """Values as floats.

    Raises
    ------
    ParameterError
        One is not a number.
    """
    try:
        return np.asarray(values.to_numpy(dtype=np.float64, na_value=np.nan))
    except (TypeError, ValueError) as error:
        raise ParameterError(str(error), where=where, expected="numbers") from error


def ordinals(ds: pd.Series, where: str) -> Months:
    """Months since year 0.

    Raises
    ------
    ParameterError
        A value is no date.
    """
    try:
        stamp = pd.DatetimeIndex(pd.to_datetime(ds))
    except (TypeError, ValueError) as error:
        raise ParameterError(str(error), where=f"{where}, column ds", expected="dates") from error
    if stamp.hasnans:
        raise ParameterError("a row has no date", where=f"{where}, column ds", expected="a month")
    return np.asarray(stamp.year, dtype=np.int64) * 12 + np.asarray(stamp.month, dtype=np.int64) - 1


def stamps(months: Months) -> pd.DatetimeIndex:
    """First days of months since year 0."""
    return pd.DatetimeIndex((months - 1970 * 12).astype("datetime64[M]").astype("datetime64[us]"))


def single(codes: npt.NDArray[np.intp], month: Months, ids: pd.Index, where: str) -> None:
    """Every series has at most one row a month.

    Raises
    ------
    ParameterError
        It has two; the first such series and month are named.
    """
    key = codes.astype(np.int64) * 1_000_000 + month
    values, counts = np.unique(key, return_counts=True)
    if (counts > 1).any():
        code, at = divmod(int(values[counts > 1][0]), 1_000_000)
        raise ParameterError(
            f"series {ids[code]!r} has two rows for {at // 12}-{at % 12 + 1:02d}",
            where=where,
            expected="one row a series and month",
        )


def by_series(
    given: float | Mapping[object, float] | pd.Series | None,
    ids: pd.Index,
    absent: float,
    name: str,
) -> Array:
    """One value a series, from a number for all or a mapping by id; `absent` where none is given.

    Raises
    ------
    ParameterError
        A value is no number.
    """
    if given is None:
        return np.full(len(ids), absent)
    if isinstance(given, (Mapping, pd.Series)):
        table = pd.Series(given, dtype=object)
        return np.nan_to_num(numbers(table.reindex(ids), name), nan=absent)
    return np.full(len(ids), float(given))


def _step(distance: Months, season_length: int) -> int:
    """Months between rows: those of the season where every row lies on them, else 1."""
    if season_length > 1 and 12 % season_length == 0:
        step = 12 // season_length
        if not (distance % step).any():
            return step
    return 1

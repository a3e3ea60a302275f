"""Working days and Spring Festival, read from an editable table.

``cn`` is the table shipped in ``opsnb/calendars/cn.csv``; ``none`` is Monday to Friday without
a festival; a path to a CSV of the same columns is a company's own table. The README beside the
shipped table says how it is edited. A year the table does not settle is counted all the same
and named: see :func:`calendar_status` and :func:`coverage`.
"""

from __future__ import annotations

import datetime as dt
import functools
import hashlib
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from opsnb.calendars.table import Table, read_table
from opsnb.errors import SettingsError, UnknownNameError
from opsnb.period import Period

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pandas as pd

Status = Literal["final", "provisional"]
Calendar = str | Path
NONE = "none"
SHIPPED = Path(__file__).parent / "calendars"
PRE, DURING, POST = (-6, -1), (0, 6), (7, 20)
WINDOWS = {"pre": PRE, "during": DURING, "post": POST}
"""Days from and to the first day of Spring Festival, both inclusive."""


@dataclass(frozen=True)
class TimeProgress:
    """Share of a fiscal year that has passed, in calendar days and in working days.

    Attributes
    ----------
    days, days_total : int
        Calendar days elapsed and in the fiscal year.
    workdays, workdays_total : int
        Working days elapsed and in the fiscal year.
    provisional_years : tuple of int
        Calendar years among them whose working days are provisional.
    """

    days: int
    days_total: int
    workdays: int
    workdays_total: int
    provisional_years: tuple[int, ...] = ()

    @property
    def calendar_share(self) -> float:
        """Calendar days elapsed over those of the year, 0 to 1."""
        return self.days / self.days_total

    @property
    def workday_share(self) -> float:
        """Working days elapsed over those of the year, 0 to 1."""
        return self.workdays / self.workdays_total

    @property
    def status(self) -> Status:
        """``final`` when every year counted is settled."""
        return "provisional" if self.provisional_years else "final"


def is_workday(day: dt.date, calendar: Calendar = "cn") -> bool:
    """Whether `day` is worked: Monday to Friday, less holidays, plus make-up days.

    >>> is_workday(dt.date(2026, 2, 14)), is_workday(dt.date(2026, 2, 23))
    (True, False)
    """
    return _count(_table(calendar), day, day) == 1


def workdays(period: Period, calendar: Calendar = "cn") -> int:
    """Working days of a month, quarter, half-year or year.

    A year that the table does not settle is Monday to Friday less its provisional rows, if
    any; :func:`calendar_status` tells such a count from a final one.

    >>> workdays(Period.parse("2026-02")), workdays(Period.parse("2025"))
    (16, 248)
    """
    return _count(_table(calendar), period.start, period.end)


def workday_flags(start: dt.date, end: dt.date, calendar: Calendar = "cn") -> npt.NDArray[np.bool_]:
    """Whether each day from `start` to `end`, both included, is a working day.

    Returns
    -------
    numpy.ndarray of bool, shape (days,)
        Empty when `end` is before `start`.

    Examples
    --------
    >>> workday_flags(dt.date(2025, 1, 25), dt.date(2025, 1, 28)).tolist()
    [False, True, True, False]
    """
    import numpy as np

    table = _table(calendar)
    days = np.datetime64(start, "D") + np.arange(max(0, (end - start).days + 1))
    holidays = np.array(table.off, dtype="datetime64[D]")
    makeup = np.array(table.on, dtype="datetime64[D]")
    flags: npt.NDArray[np.bool_] = np.is_busday(days, holidays=holidays) | np.isin(days, makeup)
    return flags


def calendar_status(period: Period, calendar: Calendar = "cn") -> Status:
    """Status of the working days of `period`: ``final`` when the table settles its years.

    >>> calendar_status(Period.parse("2026-02")), calendar_status(Period.parse("2040-02"))
    ('final', 'provisional')
    """
    return "provisional" if coverage([period], calendar) else "final"


def coverage(periods: Iterable[Period], calendar: Calendar = "cn") -> list[int]:
    """Calendar years of `periods` that are provisional or absent in the table, in order.

    Empty when every working day counted is settled; a report prints the years otherwise.

    >>> coverage(Period.parse("2041-01").back(15))
    [2039, 2040, 2041]
    """
    table = _table(calendar)
    if table.final_years is None:
        return []
    years = {y for period in periods for y in range(period.start.year, period.end.year + 1)}
    return sorted(years - table.final_years)


def festival_dates(calendar: Calendar = "cn") -> dict[int, dt.date]:
    """First day of Spring Festival by year.

    >>> festival_dates()[2026]
    datetime.date(2026, 2, 17)
    """
    return {day.year: day for day in _table(calendar).festivals}


def spring_festival_share(period: Period, start: int, end: int, calendar: Calendar = "cn") -> float:
    """Share of the window [festival + start, festival + end] that falls in `period`.

    As ``genhol`` of R's seasonal: days of the window in the period over days of the window.
    A period that holds the windows of several years sums their shares.

    Parameters
    ----------
    period : Period
    start, end : int
        Days from the first day of the festival, both inclusive; see ``WINDOWS``.
    calendar : str or Path

    Examples
    --------
    >>> round(spring_festival_share(Period.parse("2025-01"), *DURING), 4)
    0.4286
    """
    if end < start:
        raise ValueError(f"window ends ({end}) before it starts ({start})")
    return _share(_table(calendar).festivals, period, start, end)


def _share(festivals: Sequence[dt.date], period: Period, start: int, end: int) -> float:
    """Share of the windows around `festivals` that falls in `period`."""
    near = slice(
        bisect_left(festivals, period.start - dt.timedelta(days=end)),
        bisect_right(festivals, period.end - dt.timedelta(days=start)),
    )
    inside = 0
    for festival in festivals[near]:
        first = max(period.start, festival + dt.timedelta(days=start))
        last = min(period.end, festival + dt.timedelta(days=end))
        inside += max(0, (last - first).days + 1)
    return inside / (end - start + 1)


def regressors(periods: Sequence[Period], calendar: Calendar = "cn") -> pd.DataFrame:
    """Working days and Spring Festival shares of each period, for calendar adjustment.

    Returns
    -------
    pandas.DataFrame
        Index ``period`` (str); columns ``workdays`` (int64, days), ``pre``, ``during`` and
        ``post`` (float64, shares of the windows of ``WINDOWS``).

    Examples
    --------
    >>> regressors(Period.parse("2026-03").back(2)).round(4).to_dict("list")
    {'workdays': [16, 22], 'pre': [1.0, 0.0], 'during': [1.0, 0.0], 'post': [0.3571, 0.6429]}
    """
    import pandas as pd

    table = _table(calendar)
    columns: dict[str, list[int] | list[float]] = {
        "workdays": [_count(table, period.start, period.end) for period in periods]
    }
    for name, window in WINDOWS.items():
        columns[name] = [_share(table.festivals, period, *window) for period in periods]
    types = dict.fromkeys(WINDOWS, "float64") | {"workdays": "int64"}
    index = pd.Index([str(period) for period in periods], name="period", dtype="str")
    return pd.DataFrame(columns, index=index).astype(types)


def time_progress(period: Period, calendar: Calendar = "cn") -> TimeProgress:
    """How much of the fiscal year has passed at the end of `period`.

    >>> progress = time_progress(Period.parse("2025-09"))
    >>> round(progress.calendar_share, 4), round(progress.workday_share, 4)
    (0.7479, 0.754)
    """
    table, year = _table(calendar), period.year
    return TimeProgress(
        days=(period.end - year.start).days + 1,
        days_total=year.days,
        workdays=_count(table, year.start, period.end),
        workdays_total=_count(table, year.start, year.end),
        provisional_years=tuple(coverage([year], calendar)),
    )


def calendar_version(calendar: Calendar = "cn") -> str:
    """First 12 hexadecimal digits of the SHA-256 of the table's bytes; ``none`` for no table."""
    path = _path(calendar)
    return NONE if path is None else hashlib.sha256(path.read_bytes()).hexdigest()[:12]


def _count(table: Table, start: dt.date, end: dt.date) -> int:
    """Working days from `start` to `end`, both included."""
    week = _weekdays(end.toordinal()) - _weekdays(start.toordinal() - 1)
    return week - _between(table.off, start, end) + _between(table.on, start, end)


def _weekdays(ordinal: int) -> int:
    """Mondays to Fridays among the days 1 to `ordinal`; day 1 was a Monday."""
    return 5 * (ordinal // 7) + min(ordinal % 7, 5)


def _between(days: Sequence[dt.date], start: dt.date, end: dt.date) -> int:
    return bisect_right(days, end) - bisect_left(days, start)


def _table(calendar: Calendar) -> Table:
    path = _path(calendar)
    if path is None:
        return Table()
    return _read(path, path.stat().st_mtime_ns)


@functools.lru_cache(maxsize=32)
def _read(path: Path, modified: int) -> Table:
    # `modified` is part of the key: a table saved anew is read anew.
    return read_table(path)


def _path(calendar: Calendar) -> Path | None:
    """File of the table; None for ``none``."""
    if isinstance(calendar, Path) or calendar.endswith(".csv"):
        path = Path(calendar)
        if not path.is_file():
            raise SettingsError("no such calendar table", where=str(path))
        return path
    if calendar == NONE:
        return None
    names = _shipped()
    if calendar not in names:
        raise UnknownNameError(
            f"calendar {calendar!r} does not exist", given=calendar, choices=[NONE, *names]
        )
    return names[calendar]


@functools.cache
def _shipped() -> dict[str, Path]:
    return {path.stem: path for path in sorted(SHIPPED.glob("*.csv"))}

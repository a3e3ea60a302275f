"""Checks of a table before it is believed: whether it is there, and who has not delivered."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd
from sqlglot import exp

from opsnb.company import Table
from opsnb.data.engine import Engine
from opsnb.data.sql import as_date, column
from opsnb.period import Period
from opsnb.units import Units

LOOK_BACK = {"month": 3, "quarter": 3, "half": 6, "year": 12}
"""Months before the period in which a unit that is expected has delivered, by `Table.every`."""


@dataclass(frozen=True)
class Coverage:
    """Which units a table has rows for.

    Attributes
    ----------
    rows : int
        Rows in the period, all units together.
    missing : tuple of str
        Units without children that are open, had rows in one of the `LOOK_BACK` months before the
        period, and have none in it; nobody where nothing is expected.
    unknown : mapping value -> rows
        Values of the unit column that are no unit, in the period; they count for the root only.
    due : date or None
        Day by which the period's rows should be there, where the table says so.
    overdue : bool
        Whether that day has come.
    expected : bool
        Whether the table brings data in this month at all: one that comes by quarter does so only
        in a quarter's last month.
    ahead : int
        Rows of days after the day of the report, where the table is not said to hold a plan.
    latest : date or None
        Last of these days.
    """

    rows: int
    missing: tuple[str, ...]
    unknown: dict[str, int]
    due: dt.date | None = None
    overdue: bool = False
    expected: bool = True
    ahead: int = 0
    latest: dt.date | None = None

    @property
    def is_missing(self) -> bool:
        """Whether anything is missing."""
        return self.expected and (self.rows == 0 or bool(self.missing))


def coverage(
    engine: Engine, name: str, table: Table, units: Units, period: Period, as_of: dt.date
) -> Coverage:
    """Rows of a table by unit in `period`, held against the months before and the due day."""
    before = Period(period.first - LOOK_BACK[table.every], 1, period.fiscal)
    ends = table.brings(period)
    rows: dict[str, int] = {}
    earlier: set[str] = set()
    frame = engine.query(_counts(name, table, before, period).sql(engine.dialect, identify=True))
    for unit, inside, count in frame.itertuples(index=False):
        value = "" if pd.isna(unit) else str(unit)
        if int(inside):
            rows[value] = int(count)
        else:
            earlier.add(value)
    ahead, latest = (0, None) if table.ahead else _ahead(engine, name, table, as_of)
    due = period.shift(1).start.replace(day=table.due.day) if table.due and ends else None
    silent = table.unit is None or table.sparse or not ends
    expected = [] if silent else _open_leaves(units, period)
    return Coverage(
        rows=sum(rows.values()),
        missing=tuple(unit for unit in expected if unit in earlier and unit not in rows),
        unknown={} if table.unit is None else {v: n for v, n in rows.items() if v not in units},
        due=due,
        overdue=due is not None and as_of >= due,
        expected=ends,
        ahead=ahead,
        latest=latest,
    )


def _ahead(engine: Engine, name: str, table: Table, as_of: dt.date) -> tuple[int, dt.date | None]:
    """Rows of days after `as_of`, and the last of them."""
    day = exp.cast(column(str(table.date)), "date")
    rows, last = exp.Count(this=exp.Star()), exp.Max(this=day.copy())
    later = exp.GT(this=day, expression=as_date(as_of))
    select = exp.select(exp.alias_(rows, "_rows"), exp.alias_(last, "_last"))
    select = select.from_(exp.table_(name, quoted=True)).where(later)
    ((count, latest),) = engine.query(select.sql(engine.dialect, identify=True)).itertuples(
        index=False
    )
    return int(count), pd.Timestamp(latest).date() if count else None


def _open_leaves(units: Units, period: Period) -> Sequence[str]:
    at = period.first
    return [u for u in units.leaves(units.root, at) if units[u].open_in(at)]


def _counts(name: str, table: Table, before: Period, period: Period) -> exp.Select:
    """Rows by unit, before the period and in it."""
    date = column(str(table.date))
    since, start, after = (
        exp.cast(exp.Literal.string(month.start.isoformat()), "date")
        for month in (before, period, period.shift(1))
    )
    now = exp.If(this=exp.GTE(this=date, expression=start), true=exp.Literal.number(1))
    inside = exp.Case(ifs=[now], default=exp.Literal.number(0))
    unit = exp.Literal.string("") if table.unit is None else column(table.unit)
    reach = exp.and_(
        exp.GTE(this=date.copy(), expression=since), exp.LT(this=date.copy(), expression=after)
    )
    scan = exp.select(exp.alias_(unit, "_unit"), exp.alias_(inside, "_inside"))
    scan = scan.from_(exp.table_(name, quoted=True)).where(reach)
    rows = exp.alias_(exp.Count(this=exp.Star()), "_rows")
    return (
        exp.select("_unit", "_inside", rows)
        .from_(scan.subquery("scan"))
        .group_by("_unit", "_inside")
    )

"""Coverage: who has delivered, who has not, and who is nobody."""

import datetime as dt

import pytest

from opsnb.company import Company
from opsnb.data.checks import coverage
from opsnb.data.engine import DuckDB
from opsnb.data.ledgers import units
from opsnb.data.sources import load
from opsnb.period import Period

UNITS = """unit,label,parent,opened,closed
north,N,,,
n1,N1,north,,
n2,N2,north,,
south,S,,,
new,New,,2026-11-01,
shut,Shut,,,2026-09-30
ends,Ends,,,2026-10-01
"""
ROWS = [
    *[("2026-09-30", unit) for unit in ("n1", "n2", "south", "shut", "ends")],
    ("2026-10-01", "n1"),
    ("2026-10-31", "n1"),
    ("2026-10-15", "north"),
    ("2026-10-02", "nobody"),
    ("2026-10-03", "nobody"),
    ("2026-10-04", "o'brien"),
    ("2026-10-05", ""),
    ("2026-11-01", "n2"),
    ("", "south"),
]


@pytest.fixture
def covered(write_company, tmp_path):
    """Coverage of a table with the given rows in October 2026."""

    def covered(rows, period="2026-10", unit="unit", kind="date", as_of="2026-11-05", **more):
        folder = write_company(
            tmp_path,
            metrics={"n": {"table": "t", "measure": "count(*)"}},
            sources={"t": {"columns": {"day": kind, "unit": "text"}, "unit": unit} | more},
            data={"t": "day,unit\n" + "".join(f"{day},{name}\n" for day, name in rows)},
            ledgers={"units": UNITS},
        )
        company, engine = Company(folder), DuckDB()
        load(engine, "t", company.tables["t"], company.data_folder)
        tree = units(company)
        day = dt.date.fromisoformat(as_of)
        return coverage(engine, "t", company.tables["t"], tree, Period.parse(period), day)

    return covered


def test_who_delivered_before_and_not_now_is_missing(covered):
    found = covered(ROWS)
    assert found.missing == ("n2", "south", "ends")
    assert found.rows == 7
    assert found.unknown == {"nobody": 2, "o'brien": 1, "": 1}


@pytest.mark.parametrize(
    ("day", "is_missing"),
    [("2026-06-30", False), ("2026-07-01", True), ("2026-09-30", True), ("2025-10-31", False)],
)
def test_only_the_last_three_months_are_looked_at(covered, day, is_missing):
    found = covered([(day, "south"), ("2026-10-01", "n1")])
    assert found.missing == (("south",) if is_missing else ())


def test_the_last_moment_of_the_month_is_in_it(covered):
    rows = [("2026-09-01", "n1"), ("2026-10-31 23:59:59", "n1"), ("2026-09-30 23:59", "south")]
    found = covered(rows, kind="datetime")
    assert (found.rows, found.missing) == (1, ("south",))


def test_a_table_without_units_has_nobody_to_miss(covered):
    found = covered(ROWS, unit=None)
    assert (found.rows, found.missing, found.unknown) == (7, (), {})


def test_a_month_without_rows_misses_everybody(covered):
    found = covered([("2026-09-30", "n1"), ("2026-09-30", "south")])
    assert (found.rows, found.missing) == (0, ("n1", "south"))
    assert covered([]).missing == ()

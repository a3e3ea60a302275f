"""Databases read by a watermark: only what is new is fetched, and the whole is as read anew."""

from __future__ import annotations

import datetime as dt
import sqlite3

import pytest

from opsnb.company import Table
from opsnb.data import increments
from opsnb.data.cache import Cache
from opsnb.data.engine import DuckDB
from opsnb.data.sources import load
from opsnb.errors import SourceError

COLUMNS = {"day": "date", "unit": "text", "n": "integer"}
ROWS = [
    ("2026-09-01", "east", "1", 1),
    ("2026-09-02", "west", "x", 2),
    ("2026-09-03", "east", "3", 3),
    ("2026-09-03", "west", "4", 3),
    ("2026-09-04", "west", "5", None),
]


@pytest.fixture
def base(tmp_path):
    made = sqlite3.connect(tmp_path / "base.db", isolation_level=None)
    made.execute("CREATE TABLE sales (day TEXT, unit TEXT, n TEXT, version INTEGER)")
    made.executemany("INSERT INTO sales VALUES (?, ?, ?, ?)", ROWS)
    yield made
    made.close()


@pytest.fixture
def read(tmp_path):
    """Read the relation; answer with what was loaded and its rows, in the order of their values."""

    def read(cache=Cache(tmp_path / "kept"), **more):  # noqa: B008 - one for a test
        given = {
            "url": f"sqlite:///{tmp_path / 'base.db'}", "relation": "sales", "label": "T",
            "columns": COLUMNS, "date": "day", "watermark": "version",
        }  # fmt: skip
        engine = DuckDB()
        try:
            loaded = load(engine, "t", Table(**given | more), tmp_path, cache=cache)
            names = [*given["columns"], "_unparsed", "_file"]
            rows = engine.connection.execute(f"SELECT {', '.join(names)} FROM t").fetchall()  # noqa: S608
            records = engine.connection.execute("SELECT _record FROM t").fetchall()
            assert sorted(records) == [(i + 1,) for i in range(len(rows))]
            return loaded, sorted(rows, key=repr)
        finally:
            engine.close()

    return read


@pytest.fixture
def fetched(monkeypatch):
    """How many rows each reading fetched, and whether what was known before was kept."""
    found = []

    def noted(*arguments):
        answer = original(*arguments)
        found.append((len(answer.rows), answer.continues))
        return answer

    original = increments.fetch
    monkeypatch.setattr(increments, "fetch", noted)
    return found


def same(one, other):
    """Equal but for the moment of reading, and the order of what shares a watermark."""
    (left, left_rows), (right, right_rows) = one, other
    assert left_rows == right_rows
    files = [(file.path, file.sha256) for file in left.files]
    assert files == [(file.path, file.sha256) for file in right.files]
    for name in ("rows", "unparsed", "examples", "without_date", "recognised", "months"):
        assert getattr(left, name) == getattr(right, name)


def test_only_rows_from_the_highest_known_value_on_are_fetched(base, read, fetched):
    first = read()
    same(first, read(cache=Cache(None)))
    again = read()
    same(again, first)
    assert fetched == [(5, False), (5, False), (3, True)]
    base.execute("INSERT INTO sales VALUES ('2026-10-01', 'east', '7', 3)")  # shares the highest
    base.execute("INSERT INTO sales VALUES ('2026-10-02', 'east', 'y', 9)")
    more = read()
    assert fetched[-1] == (5, True)
    same(more, read(cache=Cache(None)))
    assert (more[0].rows, more[0].unparsed) == (7, 2)
    assert [bad.value for bad in more[0].examples] == ["x", "y"]
    same(read(), more)
    assert fetched[-1] == (2, True)


def test_what_changed_in_the_past_is_not_seen_until_all_is_read_again(base, read, fetched):
    read()
    base.execute("UPDATE sales SET n = '100' WHERE version = 1")
    old = read()
    assert (dt.date(2026, 9, 1), "east", 1, 0, 0) in old[1]
    new = read(cache=Cache(None))
    assert (dt.date(2026, 9, 1), "east", 100, 0, 0) in new[1]
    assert old[0].sha256 != new[0].sha256


@pytest.mark.parametrize(
    "change",
    [
        "DELETE FROM sales WHERE version = 1",
        "INSERT INTO sales VALUES ('2026-09-09', 'late', '1', 2)",
        "DELETE FROM sales",
    ],
)
def test_rows_that_come_or_go_below_are_noticed_by_their_number(base, read, fetched, change):
    read()
    base.execute(change)
    same(read(), read(cache=Cache(None)))
    assert fetched[1][1] is False


def test_another_definition_fetches_all(base, read, fetched):
    read()
    read(columns=COLUMNS | {"n": "text"})
    read(missing=["x"])
    assert [kept for _, kept in fetched] == [False] * 3


def test_a_column_that_is_lost_between_two_runs_is_named(base, read):
    read()
    base.execute("ALTER TABLE sales DROP COLUMN n")
    with pytest.raises(SourceError, match=r"no column 'n'; known: day, unit, version"):
        read()
    base.execute("ALTER TABLE sales ADD COLUMN n TEXT")
    base.execute("ALTER TABLE sales RENAME COLUMN version TO versions")
    with pytest.raises(SourceError, match=r"no column 'version' \(the watermark\).*'versions'"):
        read()


def test_a_watermark_may_be_text_or_a_column_that_is_read(base, read, fetched):
    same(read(watermark="day"), read(watermark="day"))
    assert fetched == [(5, False), (1, True)]
    base.execute("INSERT INTO sales VALUES ('2026-11-01', 'east', '8', 1)")
    same(read(watermark="day"), read(watermark="day", cache=Cache(None)))


def test_one_that_is_bytes_is_refused(base, read):
    base.execute("UPDATE sales SET version = x'00'")
    with pytest.raises(SourceError, match="watermark 'version' is of type bytes"):
        read()


def test_months_as_columns_grow_too(base, read, fetched):
    base.execute("CREATE TABLE wide (unit TEXT, version INTEGER, m1 TEXT, m2 TEXT)")
    base.executemany(
        "INSERT INTO wide VALUES (?, ?, ?, ?)", [("a", 1, "1", "x"), ("b", 2, "3", "")]
    )
    more = {
        "relation": "wide",
        "columns": {"unit": "text", "month": "text", "n": "integer"},
        "unpivot": {"columns": ["m*"], "name": "month", "value": "n"},
        "date": None,
    }

    def found_in(cache):
        table = {"url": None, "label": "T", "watermark": "version"} | more
        table["url"] = f"sqlite:///{base.execute('PRAGMA database_list').fetchone()[2]}"
        engine = DuckDB()
        loaded = load(engine, "t", Table(**table), cache.folder or "", cache=cache)
        found = engine.connection.execute("SELECT unit, month, n FROM t").fetchall()
        engine.close()
        return sorted(found), loaded.rows, loaded.unparsed, loaded.files[0].sha256

    kept = Cache(read.__defaults__[0].folder)
    first = found_in(kept)
    base.execute("INSERT INTO wide VALUES ('c', 3, '5', '6')")
    assert found_in(kept) == found_in(Cache(None)) != first
    assert fetched[1] == (2, True)


def test_a_watermark_and_a_timeout_belong_to_databases():
    for key, value in (("watermark", "x"), ("timeout", 9)):
        with pytest.raises(ValueError, match=f"key '{key}' belongs to a database"):
            Table(path="a.csv", label="T", columns=COLUMNS, **{key: value})

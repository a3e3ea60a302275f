"""Typed Parquet is read where it lies, and holds what it does when it is read as text."""

import datetime as dt
import os
from decimal import Decimal

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import opsnb
from opsnb.data import sources
from opsnb.errors import SourceError

SCHEMA = {
    "day": pa.date32(), "at": pa.timestamp("ms"), "unit": pa.string(), "n": pa.int32(),
    "x": pa.decimal128(12, 1), "y": pa.float64(), "ok": pa.bool_(), "only_here": pa.int64(),
}  # fmt: skip
COLUMNS = {
    "day": "date", "moment": {"type": "datetime", "from": "at"}, "unit": "text", "n": "integer",
    "x": "decimal(2)", "y": "number", "ok": "boolean",
}  # fmt: skip
ROWS = [
    (dt.date(2026, 10, 1), dt.datetime(2026, 10, 1, 9, 30), " 东 ", -3, Decimal("-1.2"), 0.1,
     True, 1),
    (dt.date(2026, 9, 30), dt.datetime(2026, 1, 1), "", 2**31 - 1, Decimal("12345678901.5"), -0.5,
     False, 2),
    (None,) * 8,
]  # fmt: skip


def parquet(rows=ROWS, **changed):
    names = list(SCHEMA)

    def write(path):
        columns = {
            name: pa.array([row[i] for row in rows], (SCHEMA | changed)[name])
            for i, name in enumerate(names)
        }
        pq.write_table(pa.table(columns), path)

    return write


@pytest.fixture
def both(load_files, monkeypatch):
    """Load in place and as text; answer with both, and whether the first was a view."""

    def both(files, columns=COLUMNS, **more):
        first, rows = load_files(files, columns, **more)
        monkeypatch.setattr("opsnb.data.readers.native", lambda *_: None)
        second, texts = load_files(files, columns, **more)
        monkeypatch.undo()
        assert not second.stays
        keys = ("sha256", "rows", "without_date", "unparsed", "examples", "excluded", "months")
        assert all(getattr(first, key) == getattr(second, key) for key in keys)
        assert rows == texts
        return first, rows

    return both


def test_every_type(both):
    loaded, rows = both({"a.parquet": parquet()}, date="day", unit="unit")
    assert loaded.stays
    assert [row[2] for row in rows] == [" 东 ", None, None]
    assert (loaded.rows, loaded.without_date) == (3, 1)


def test_several_files_whose_columns_stand_in_another_order(both):
    def turned(path):
        frame = pq.read_table(path.with_name("1.parquet"))
        pq.write_table(frame.select(list(SCHEMA)[::-1]), path)

    files = {"1.parquet": parquet(), "2.parquet": turned}
    loaded, rows = both(files, date="day", path="*.parquet")
    assert (loaded.stays, len(rows), len(loaded.files)) == (True, 6, 2)


@pytest.mark.parametrize(
    ("rows", "changed", "columns"),
    [
        ([*ROWS, (None,) * 5 + (float("nan"), None, None)], {}, {}),
        ([*ROWS, (None,) * 5 + (float("inf"), None, None)], {}, {}),
        ([*ROWS, (dt.date(9, 1, 1), *(None,) * 7)], {}, {}),
        (ROWS, {"x": pa.decimal128(38, 4)}, {}),
        (ROWS, {"n": pa.float64()}, {}),
        (ROWS, {"y": pa.float32()}, {}),
        (ROWS, {}, {"n": "text"}),
        (ROWS, {}, {"unit": {"type": "text", "missing": ["-"]}}),
    ],
    ids=["nan", "infinity", "year 9", "digits", "float", "single", "as text", "words"],
)
def test_what_a_cast_must_look_at_is_read_as_text(both, rows, changed, columns):
    loaded, _ = both({"a.parquet": parquet(rows, **changed)}, COLUMNS | columns, date="day")
    assert not loaded.stays


def test_derived_columns_and_rows_left_out_are_computed_once(both):
    derive = {"twice": "n * 2"}
    loaded, rows = both({"a.parquet": parquet()}, date="day", derive=derive, where="n < 0")
    assert [row[-1] for row in rows] == [-6]
    assert (loaded.stays, loaded.excluded) == (False, 2)


@pytest.fixture
def workbook(write_company, tmp_path):
    folder = write_company(
        tmp_path / "c",
        metrics={"n": {"table": "t", "measure": "sum(n)"}},
        sources={
            "t": {"path": "t.parquet", "unit": "unit", "columns": {
                "day": "date", "unit": "text", "n": "integer"}},
        },
        data={},
        ledgers={"units": "unit,label\neast,东区\nwest,西区\n"},
    )  # fmt: skip
    frame = pd.DataFrame({"unit": ["东区", "east", " 西区 ", "nobody"], "n": [1, 2, 4, 8]})
    frame.insert(0, "day", dt.date(2026, 10, 1))
    frame.to_parquet(folder / "data/t.parquet")
    return opsnb.open(folder, "2026-10")


def test_words_for_units_are_found_without_a_copy(workbook):
    values = workbook.values(["n"], [workbook.period]).frame["n"]
    assert workbook.load("t").stays
    found = {unit: value for (_, unit), value in values.items()}
    assert found == {"all": 15, "east": 3, "west": 4}
    kinds = workbook.engine.connection.execute(
        "SELECT table_type FROM information_schema.tables WHERE table_name = 't'"
    ).fetchall()
    assert kinds == [("VIEW",)]


def test_a_file_that_changes_while_it_is_open_is_refused(workbook):
    workbook.values(["n"], [workbook.period])
    path = workbook.company.data_folder / "t.parquet"
    pd.read_parquet(path).assign(n=0).to_parquet(path)
    with pytest.raises(SourceError, match=r"t\.parquet.*has changed since it was opened"):
        workbook.values(["n"], [workbook.period.prior])


def test_a_file_that_changes_while_it_is_read_is_refused(load_files, monkeypatch, tmp_path):
    """Also one whose rows are copied, for what is derived: its hash is of other rows by then."""
    original = sources.joins.create_table

    def slow(engine, name, table, select, *more, **kind):
        original(engine, name, table, select, *more, **kind)
        path = tmp_path / "data" / "a.parquet"
        os.utime(path, ns=(0, path.stat().st_mtime_ns + 1_000_000))

    monkeypatch.setattr(sources.joins, "create_table", slow)
    for more in ({}, {"derive": {"twice": "n * 2"}}):
        with pytest.raises(SourceError, match=r"a\.parquet.*the file changed while it was read"):
            load_files({"a.parquet": parquet()}, COLUMNS, date="day", **more)


def test_only_what_is_read_as_text_is_kept(load_files, monkeypatch, tmp_path):
    kept = tmp_path / "kept"
    monkeypatch.setenv("OPSNB_CACHE", str(kept))
    load_files({"a.parquet": parquet()}, COLUMNS, date="day")
    assert not kept.exists()
    loaded, rows = load_files({"a.parquet": parquet()}, COLUMNS | {"n": "text"}, date="day")
    again = load_files({"a.parquet": parquet()}, COLUMNS | {"n": "text"}, date="day")
    assert (len(list(kept.glob("*.json"))), loaded.stays) == (1, False)
    assert (again[0].sha256, again[1]) == (loaded.sha256, rows)


def test_brackets_and_stars_in_a_name_are_letters(load_files):
    loaded, rows = load_files({"a[1]?.parquet": parquet()}, COLUMNS, date="day")
    assert (loaded.stays, len(rows)) == (True, 3)

"""Parquet files: typed values go through the same casts as text does."""

import datetime as dt
from decimal import Decimal

import pandas as pd
import pytest

from opsnb.errors import SourceError

COLUMNS = {
    "day": "date", "moment": "datetime", "unit": {"type": "text", "from": "单位"}, "n": "integer",
    "x": "decimal(2)", "y": "number", "ok": "boolean",
}  # fmt: skip
ROWS = [
    (dt.date(2026, 10, 1), dt.datetime(2026, 10, 1, 9, 30), " 东 ", 2**53 + 1, Decimal("1.25"),
     0.1 + 0.2, True),
    (None, None, None, None, None, None, None),
]  # fmt: skip


def parquet(path):
    names = ["day", "moment", "单位", "n", "x", "y", "ok"]
    frame = pd.DataFrame(ROWS, columns=names, dtype=object)
    frame["n"] = frame["n"].astype("Int64")
    frame.assign(更多=1).to_parquet(path)


def test_values_are_those_of_the_file(load_files):
    loaded, rows = load_files({"a.parquet": parquet}, COLUMNS, date="day", unit="unit")
    assert rows == ROWS
    assert (loaded.rows, loaded.unparsed, loaded.without_date) == (2, 0, 1)


def test_a_value_of_another_type_is_counted(load_files):
    frame = pd.DataFrame({"n": [1.5, 2.0]})
    loaded, rows = load_files({"a.parquet": frame.to_parquet}, {"n": "integer"})
    assert rows == [(None,), (2,)]
    assert [(bad.row, bad.value) for bad in loaded.examples] == [(1, "1.5")]


@pytest.mark.parametrize("content", [b"", b"PAR1", "day,x\n"])
def test_what_is_no_parquet_is_refused(load_files, content):
    with pytest.raises(SourceError, match=r"a\.parquet.*not a Parquet file"):
        load_files({"a.parquet": content}, COLUMNS)


def test_a_missing_column_names_the_nearest(load_files):
    with pytest.raises(SourceError, match=r"a\.parquet.*no column 'momnt'.*'moment'"):
        load_files({"a.parquet": parquet}, {"momnt": "datetime"})

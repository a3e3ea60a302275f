"""Reading files: what is refused with its line, and what is counted and stays missing."""

import csv
import datetime as dt
import hashlib
import io

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsnb.company import Table
from opsnb.data.sources import load
from opsnb.errors import NotReadyError, SourceError

COLUMNS = {"day": "date", "x": "integer"}


@given(
    st.lists(
        st.tuples(
            st.decimals(-(10**15), 10**15, places=2),
            st.integers(-(2**53), 2**53),
            st.floats(allow_nan=False, allow_infinity=False),
            st.dates(dt.date(1000, 1, 1), dt.date(2999, 12, 31)),
            st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=8),
        ),
        min_size=1,
        max_size=20,
    )
)
def test_what_python_writes_is_read_back(engine, tmp_path_factory, rows):
    """Against Python's csv module: every value as it was, decimals to the cent."""
    folder = tmp_path_factory.getbasetemp()
    with (folder / "any.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\n")
        writer.writerow(["d", "i", "f", "day", "t"])
        writer.writerows([d, i, repr(f), day, t] for d, i, f, day, t in rows)
    kinds = {"d": "decimal(2)", "i": "integer", "f": "number", "day": "date", "t": "text"}
    table = Table(path="any.csv", label="x", date="day", columns=kinds)
    loaded = load(engine, "any_table", table, folder)
    assert (loaded.rows, loaded.unparsed, loaded.without_date) == (len(rows), 0, 0)
    found = engine.connection.execute("SELECT d, i, f, day, t FROM any_table").fetchall()
    assert found == [(d, i, f, day, t or None) for d, i, f, day, t in rows]


def test_thousands_of_lost_values_are_counted_in_order(read):
    """Of 60,000 rows, in more than one block of the file, every seventh is bad."""
    rows = 60_000
    lines = [f"2026-10-01,{'bad' + str(i) if i % 7 == 3 else i}" for i in range(rows)]
    loaded, found = read("day,x\n" + "\n".join(lines) + "\n")
    bad = [i for i in range(rows) if i % 7 == 3]
    assert (loaded.rows, loaded.unparsed) == (rows, len(bad))
    assert [e.row for e in loaded.examples] == [i + 2 for i in bad[:5]]
    assert [e.value for e in loaded.examples] == [f"bad{i}" for i in bad[:5]]
    assert [value for _, value in found] == [None if i % 7 == 3 else i for i in range(rows)]


def test_a_bad_value_deep_in_a_large_file_is_named_with_its_row(read):
    lines = ["2026-10-01,1"] * 250_000
    lines[249_990] = "2026-10-01,x"
    loaded, _ = read("day,x\n" + "\n".join(lines))
    assert [(e.row, e.value) for e in loaded.examples] == [(249_992, "x")]


def test_values_of_one_row_are_counted_each(read):
    columns = {"day": "date", "x": "integer", "y": "number"}
    loaded, rows = read("day,x,y\nq,1.5,z\n2026-10-01,1,1\n", columns)
    assert (loaded.unparsed, loaded.without_date, loaded.rows) == (3, 1, 2)
    assert [(e.column, e.value) for e in loaded.examples] == [
        ("day", "q"),
        ("x", "1.5"),
        ("y", "z"),
    ]
    assert rows[0] == (None, None, None)


def test_examples_are_few(read):
    columns = {"day": "date"} | {f"c{i}": "integer" for i in range(9)}
    row = ",".join(["2026-10-01"] + ["z"] * 9)
    loaded, _ = read(",".join(columns) + f"\n{row}\n{row}\n", columns)
    assert loaded.unparsed == 18
    assert len(loaded.examples) == 5


@pytest.mark.parametrize(
    ("content", "rows"),
    [
        ("day,x\n2026-10-01,1\n", 1),
        ("day,x\n2026-10-01,1", 1),
        ("day,x\r\n2026-10-01,1\r\n2026-10-02,2\r\n", 2),
        ("day,x\r2026-10-01,1\r", 1),
        (b"\xef\xbb\xbfday,x\n2026-10-01,1\n", 1),
        ("day,x\n2026-10-01,1\n\n\n", 1),
        ("day,x\n2026-10-01,1\n\n2026-10-02,2\n", 2),
        ("day,x,\n2026-10-01,1,\n", 1),
        ("day,,,x\n2026-10-01,8,9,1\n", 1),
        ("day,z,z,x\n2026-10-01,8,9,1\n", 1),
        ("day,X,x\n2026-10-01,8,1\n", 1),
        ('"day","x"\n"2026-10-01","1"\n', 1),
        ('note,day,x\n"a\nb",2026-10-01,1\n', 1),
    ],
)
def test_files_as_programs_write_them(read, content, rows):
    loaded, found = read(content)
    assert loaded.rows == rows
    assert loaded.unparsed == 0
    assert found[0] == (dt.date(2026, 10, 1), 1)


@pytest.mark.parametrize("delimiter", [";", "\t", "|", "，"])
def test_another_delimiter(read, delimiter):
    loaded, found = read(f"day{delimiter}x\n2026-10-01{delimiter}1\n", delimiter=delimiter)
    assert found == [(dt.date(2026, 10, 1), 1)]
    assert loaded.rows == 1


@pytest.mark.parametrize("name", ["销售 额", "a b", 'q"q', "select", "a;b--", "x'y", "field 0"])
def test_columns_may_have_any_name_in_the_file(read, name):
    header = io.StringIO()
    csv.writer(header, lineterminator="\n").writerow([name, "日期"])
    columns = {"day": {"type": "date", "from": "日期"}, "x": {"type": "integer", "from": name}}
    _, rows = read(f"{header.getvalue()}7,2026-10-01\n", columns)
    assert rows == [(dt.date(2026, 10, 1), 7)]


def test_a_header_alone_is_an_empty_table(read):
    for content in ("day,x\n", "day,x"):
        loaded, rows = read(content)
        assert (loaded.rows, loaded.unparsed, loaded.extent, rows) == (0, 0, None, [])


@pytest.mark.parametrize(
    ("content", "line", "words"),
    [
        ("", 1, "the file is empty"),
        ("\n\n", 1, "the file is empty"),
        ("day,y\n2026-10-01,1\n", 1, "no column 'x'"),
        ("day,xx\n", 1, "no column 'x'; known: day, xx"),
        ("day,x,x\n2026-10-01,1,2\n", 1, "column 'x' stands twice"),
        ("day,x\n2026-10-01,1\n2026-10-01,1,2\n", 3, "the record has 3 fields; expected 2"),
        ("day,x\n2026-10-01,1\n2026-10-02\n", 3, "the record has 1 fields; expected 2"),
        ('day,x\n2026-10-01,1\n2026-10-02,"2\n2026-10-03,3\n', 3, "never closed"),
        ('"day,x\n2026-10-01,1\n', 1, "the header cannot be read"),
        (b"day,x,\xff\n2026-10-01,1,2\n", 1, "not UTF-8"),
        ("日期,x\n".encode("gb18030"), 1, "byte 0 is not UTF-8"),
        ("day,x\n".encode("utf-16"), 1, "byte 0 is not UTF-8"),
        (b"day,x\n" + b"2026-10-01,1\n" * 50_000 + b"2026-10-01,\xe9\n", 50_002, "not UTF-8"),
        ("day,x\n2026-10-01," + "9" * 3_000_000 + "\n", 2, "longer than 2,000,000 bytes"),
        (f"day,x,{'9' * 200_000}\n2026-10-01,1,2\n", 1, "the header cannot be read"),
    ],
    ids=range(15),
)
def test_a_file_that_cannot_be_read_is_refused_with_its_line(read, content, line, words):
    with pytest.raises(SourceError) as caught:
        read(content)
    assert str(caught.value).startswith(f"a.csv, line {line} (table 't'): ")
    assert words in str(caught.value)


def test_line_ends_of_two_kinds_are_read_right_or_refused(read):
    for content in (
        "day,x\r\n2026-10-01,1\n2026-10-02,2\r\n",
        "day,x\n2026-10-01,1\r\n2026-10-02,2\n",
        "day,x\n2026-10-01,1\n2026-10-02,2\r\n",
    ):
        try:
            loaded, rows = read(content)
        except SourceError as error:
            assert "the lines end in different ways" in str(error)  # noqa: PT017
            continue
        assert (loaded.unparsed, [x for _, x in rows]) == (0, [1, 2])


def test_a_refused_file_leaves_nothing_behind(engine, read):
    read("day,x\n2026-10-01,1\n")
    with pytest.raises(SourceError):
        read("day,x\n2026-10-01\n")
    views = "SELECT view_name FROM duckdb_views() WHERE NOT internal"
    assert engine.connection.execute(views).fetchall() == []


def test_a_missing_file_names_the_nearest(engine, tmp_path):
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "sales.csv").write_text("day,x\n")
    table = Table(path="deep/sale.csv", label="a", date="day", columns=COLUMNS)
    with pytest.raises(
        SourceError, match=r"no file deep/sale\.csv.*did you mean 'deep/sales\.csv'"
    ):
        load(engine, "t", table, tmp_path)
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(SourceError, match=r"no file folder\.csv"):
        load(engine, "t", table.model_copy(update={"path": "folder.csv"}), tmp_path)
    with pytest.raises(NotReadyError, match="no data folder"):
        load(engine, "t", table, tmp_path / "nowhere")


@pytest.mark.parametrize("name", ["s*.csv", "s[1].csv", "s?.csv", "日 期.csv", "a'b.csv"])
def test_a_file_name_is_no_pattern(engine, tmp_path, name):
    for other in ("s1.csv", "sx.csv"):
        (tmp_path / other).write_text("day,x\n2026-10-01,1\n2026-10-01,1\n")
    (tmp_path / name).write_text("day,x\n2026-10-01,7\n")
    table = Table(path=name, label="a", date="day", columns=COLUMNS)
    assert load(engine, "t", table, tmp_path).rows == 1


@pytest.mark.parametrize("name", ["select", "scan", "cells", "units", "t", "main", "Order"])
def test_a_table_may_have_any_name(engine, tmp_path, name):
    (tmp_path / "a.csv").write_text("day,x\n2026-10-01,7\n")
    table = Table(path="a.csv", label="a", date="day", columns=COLUMNS)
    assert load(engine, name, table, tmp_path).rows == 1


def test_provenance_is_that_of_the_file(read, tmp_path):
    loaded, _ = read("day,x\n2026-03-31,1\n2026-01-01,2\n,3\n")
    path = tmp_path / "a.csv"
    assert loaded.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert loaded.modified.timestamp() == pytest.approx(path.stat().st_mtime)
    assert loaded.extent == (12 * 2026, 12 * 2026 + 2)
    assert (loaded.rows, loaded.without_date) == (3, 1)
    assert (loaded.name, loaded.path) == ("t", "a.csv")


def test_the_demonstration_is_read_as_pandas_reads_it(demonstration, engine):
    """Row by row and column by column, against pandas on the same files."""
    from opsnb.company import Company

    company = Company(demonstration)
    for name, table in company.tables.items():
        loaded = load(engine, f"demo_{name}", table, company.data_folder)
        raw = pd.read_csv(company.data_folder / table.path, dtype=str)
        assert loaded.rows == len(raw)
        assert loaded.unparsed == 0
        found = engine.query(f'SELECT * FROM "demo_{name}"')  # noqa: S608
        for column, spec in table.columns.items():
            text = raw[spec.source or column]
            if spec.type in ("date", "datetime"):
                expected = pd.to_datetime(text).astype(found[column].dtype)
                assert (found[column].isna() == text.isna()).all()
                assert (found[column].dropna() == expected.dropna()).all()
            elif spec.type == "text":
                assert (found[column].fillna("") == text.fillna("")).all()
            else:
                assert found[column].astype(float).equals(text.astype(float))

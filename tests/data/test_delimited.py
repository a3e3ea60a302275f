"""CSV as offices save it: encodings, titles above the header, many files, months as columns."""

import csv
import datetime as dt
import io

import pytest

from opsnb.errors import SourceError

COLUMNS = {"day": {"type": "date", "from": "日期"}, "x": {"type": "integer", "from": "金额"}}
DAYS = [(dt.date(2026, 10, 1), 1), (dt.date(2026, 10, 2), 2)]
TEXT = "日期,金额\n2026-10-01,1\n2026-10-02,2\n"


@pytest.mark.parametrize(
    ("content", "more"),
    [
        (TEXT.encode(), {}),
        (TEXT.encode("utf-8-sig"), {}),
        (TEXT.encode("gb18030"), {"encoding": "gb18030"}),
        (TEXT.replace("\n", "\r\n").encode(), {}),
        (TEXT.replace(",", ";").encode(), {"delimiter": ";"}),
        (TEXT.replace(",", "|").encode("gb18030"), {"delimiter": "|", "encoding": "gb18030"}),
        (f"月报\n\n{TEXT}".encode(), {"header": 3}),
        (f'"两行的\n标题",\n{TEXT}'.encode(), {"header": 2}),
    ],
)
def test_encodings_delimiters_and_titles(load_files, content, more):
    loaded, rows = load_files({"a.csv": content}, COLUMNS, **more)
    assert rows == DAYS
    assert (loaded.rows, loaded.unparsed) == (2, 0)


def test_a_tsv_needs_no_delimiter(load_files):
    assert load_files({"a.tsv": TEXT.replace(",", "\t")}, COLUMNS)[1] == DAYS


def test_a_header_of_two_rows_is_joined_by_a_slash(load_files):
    content = "日期,收入,收入,\n日期,预算,实际,备注\n2026-10-01,5,1,x\n2026-10-02,6,2,\n"
    columns = {"day": COLUMNS["day"], "x": {"type": "integer", "from": "收入/实际"}}
    assert load_files({"a.csv": content}, columns, header=[1, 2])[1] == DAYS


def test_the_row_of_a_value_that_does_not_parse_counts_the_header_and_what_is_above(load_files):
    loaded, rows = load_files({"a.csv": f"月报\n{TEXT}2026-10-03,三\n"}, COLUMNS, header=2)
    (bad,) = loaded.examples
    assert (bad.file, bad.row, bad.column, bad.value) == ("a.csv", 5, "金额", "三")
    assert rows[-1] == (dt.date(2026, 10, 3), None)


def test_several_files_by_a_pattern(load_files):
    """In the order of their names; what programs leave beside them, and folders, are not read."""
    files = {
        "月报/2026-*.csv": lambda path: None,
        "月报/2026-10.csv": "日期,金额\n2026-10-01,1\n",
        "月报/2026-09.csv": "金额,日期\n9,2026-09-01\n",
        "月报/.2026-08.csv": "junk",
        "月报/~$2026-07.csv": "junk",
        "月报/2026/2026-06.csv": "日期,金额\n2026-06-01,6\n",
        "其他/2026-10.csv": "junk",
    }
    loaded, rows = load_files(files, COLUMNS)
    assert rows == [(dt.date(2026, 9, 1), 9), (dt.date(2026, 10, 1), 1)]
    assert [file.path for file in loaded.files] == ["月报/2026-09.csv", "月报/2026-10.csv"]
    assert loaded.path == "月报/2026-09.csv, 月报/2026-10.csv"


def test_a_column_that_is_not_read_may_come_and_go(load_files):
    files = {
        "*.csv": lambda path: None,
        "a.csv": "日期,金额\n2026-10-01,1\n",
        "b.csv": "备注,日期,金额\nx,2026-10-02,2\n",
    }
    assert load_files(files, COLUMNS)[1] == DAYS


@pytest.mark.parametrize("header", ["日期,数额", "日期,金额,金额"])
def test_a_file_without_a_column_that_is_read_is_refused(load_files, header):
    files = {
        "*.csv": lambda path: None,
        "a.csv": TEXT,
        "b.csv": f"{header}\n",
    }
    with pytest.raises(SourceError, match=r"b\.csv: the header differs from that of a\.csv.*金额"):
        load_files(files, COLUMNS)


def test_a_value_that_does_not_parse_is_named_with_its_file(load_files):
    files = {"*.csv": lambda path: None, "a.csv": TEXT, "b.csv": TEXT + "x,3\n"}
    loaded, _ = load_files(files, COLUMNS, date="day")
    assert [(bad.file, bad.row, bad.value) for bad in loaded.examples] == [("b.csv", 4, "x")]
    assert loaded.without_date == 1


def test_months_as_columns_become_rows(load_files):
    content = "单位,1月,2月,备注\n华东,10,20,a\n华西,30,,b\n"
    columns = {
        "unit": {"type": "text", "from": "单位"},
        "day": {"type": "date", "parts": {"year": 2026, "month": "月份"}},
        "x": {"type": "integer", "from": "数"},
    }
    loaded, rows = load_files(
        {"a.csv": content}, columns,
        unpivot={"columns": ["*月"], "name": "月份", "value": "数"}, date="day", unit="unit",
    )  # fmt: skip
    source = list(csv.DictReader(io.StringIO(content)))
    assert sorted(rows, key=str) == sorted(
        (
            (
                row["单位"],
                dt.date(2026, month, 1),
                int(row[f"{month}月"]) if row[f"{month}月"] else None,
            )
            for row in source
            for month in (1, 2)
        ),
        key=str,
    )
    assert (loaded.rows, loaded.unparsed) == (4, 0)


def test_columns_to_unpivot_that_are_not_there_are_refused(load_files):
    spec = {"columns": ["*季度"], "name": "n", "value": "v"}
    with pytest.raises(SourceError, match=r"no column '\*季度' to unpivot"):
        load_files({"a.csv": TEXT}, {"n": "text", "v": "integer"}, unpivot=spec)


def test_the_other_encoding_is_named(load_files):
    with pytest.raises(SourceError, match="encoding: gb18030"):
        load_files({"a.csv": TEXT.encode("gb18030")}, COLUMNS)
    with pytest.raises(SourceError, match="is not GB18030"):
        load_files({"b.csv": TEXT.encode() + b"\xff\xff"}, COLUMNS, encoding="gb18030")


LINES = [f"2026-10-{i % 28 + 1:02d},{i},华东区第{i}号门店\n" for i in range(60_000)]


@pytest.mark.parametrize("at", [1, 30_000, 59_999])
@pytest.mark.parametrize("word", ["联通", "重庆市", "华东区第一门店", "二"])
def test_a_line_of_utf8_in_a_file_of_gb18030_is_named(load_files, at, word):
    """Two programs wrote to one file; of an even number of bytes GB18030 makes other characters."""
    lines = [line.encode("gb18030") for line in LINES]
    lines[at] = f"2026-10-01,1,{word}\n".encode()
    content = "日期,金额,门店\n".encode("gb18030") + b"".join(lines)
    columns = COLUMNS | {"t": {"type": "text", "from": "门店"}}
    with pytest.raises(SourceError, match="the text is UTF-8 here") as caught:
        load_files({"a.csv": content}, columns, encoding="gb18030")
    assert str(caught.value).startswith(f"a.csv, line {at + 2} (table 't')")


def test_a_line_of_gb18030_in_a_file_of_utf8_is_named(load_files):
    lines = [line.encode() for line in LINES]
    lines[30_000] = LINES[30_000].encode("gb18030")
    content = "日期,金额,门店\n".encode() + b"".join(lines)
    columns = COLUMNS | {"t": {"type": "text", "from": "门店"}}
    with pytest.raises(SourceError, match=r"^a\.csv, line 30002 .*the text is not UTF-8"):
        load_files({"a.csv": content}, columns)


@pytest.mark.parametrize("word", ["联通", "重庆市", "鱞鰋鳁", "€", "😀", "鿿", "Ā"])
def test_what_gb18030_holds_is_read(load_files, word):
    """联通 is the word that an old editor took for UTF-8."""
    content = f"日期,金额,门店\n2026-10-01,1,{word}\n".encode("gb18030")
    columns = COLUMNS | {"t": {"type": "text", "from": "门店"}}
    _, rows = load_files({"a.csv": content}, columns, encoding="gb18030")
    assert rows == [(dt.date(2026, 10, 1), 1, word)]


def test_a_wrong_value_far_down_is_named_by_its_row(load_files):
    lines = [f"2026-10-{i % 28 + 1:02d},{i}\n" for i in range(300_000)]
    lines[18_229] = "2026-10-01,十\n"  # below the header, in row 18,231
    loaded, rows = load_files({"a.csv": "日期,金额\n" + "".join(lines)}, COLUMNS)
    (bad,) = loaded.examples
    assert (bad.file, bad.row, bad.column, bad.value) == ("a.csv", 18_231, "金额", "十")
    assert (loaded.rows, loaded.unparsed) == (300_000, 1)
    assert [i for i, (_, x) in enumerate(rows) if x is None] == [18_229]


def test_several_files_may_hold_other_months(load_files):
    """None of them is left out because the first file has it not."""
    files = {
        "*.csv": lambda path: None,
        "a.csv": "单位,1月\n华东,1\n",
        "b.csv": "备注,单位,1月,2月,备注\nx,华东,2,3,\n",
    }
    columns = {
        "u": {"type": "text", "from": "单位"},
        "m": {"type": "text", "from": "月"},
        "x": "integer",
    }
    spec = {"columns": ["*月"], "name": "月", "value": "x"}
    _, rows = load_files(files, columns, unpivot=spec)
    assert sorted(rows) == [("华东", "1月", 1), ("华东", "1月", 2), ("华东", "2月", 3)]

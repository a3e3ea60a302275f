"""Excel sheets as people lay them out; written by openpyxl, read by another library."""

import datetime as dt
from decimal import Decimal

import openpyxl
import pytest

from opsnb.errors import SourceError

DAY = dt.date(2026, 10, 1)


def book(rows, sheet="数据", merged=(), others=("说明",)):
    """Write rows to a sheet that stands behind `others`."""

    def write(path):
        workbook = openpyxl.Workbook()
        workbook.remove(workbook.active)
        for name in others:
            workbook.create_sheet(name)["A1"] = "说明"
        page = workbook.create_sheet(sheet)
        for row in rows:
            page.append(row)
        for cells in merged:
            page.merge_cells(cells)
        workbook.save(path)

    return write


COLUMNS = {
    "day": {"type": "date", "from": "日期"},
    "unit": {"type": "text", "from": "单位"},
    "x": {"type": "decimal(2)", "from": "金额"},
}
HEADER = ["日期", "单位", "金额"]
ROWS = [HEADER, [DAY, "华东", 1.5], [DAY, "华西", 2]]
READ = [(DAY, "华东", Decimal("1.50")), (DAY, "华西", Decimal("2.00"))]


def test_a_sheet_by_its_name(load_files):
    loaded, rows = load_files({"a.xlsx": book(ROWS)}, COLUMNS, sheet="数据")
    assert rows == READ
    assert (loaded.rows, loaded.unparsed, loaded.merged) == (2, 0, 0)


def test_the_first_sheet_where_none_is_named(load_files):
    assert load_files({"a.xlsx": book(ROWS, others=())}, COLUMNS)[1] == READ


def test_a_sheet_that_is_not_there_names_the_nearest(load_files):
    with pytest.raises(SourceError, match=r"a\.xlsx: no sheet '数据表'.*did you mean '数据'"):
        load_files({"a.xlsx": book(ROWS)}, COLUMNS, sheet="数据表")


def test_titles_above_the_header_and_empty_rows_below(load_files):
    rows = [["月报表"], [], *ROWS[:2], [None, None, None], ["", None, ""], ROWS[2], [DAY, "x", "y"]]
    loaded, found = load_files({"a.xlsx": book(rows)}, COLUMNS, sheet="数据", header=3)
    assert found[:2] == READ
    (bad,) = loaded.examples
    assert (bad.row, bad.column, bad.value) == (8, "金额", "y")  # as Excel numbers it


def test_a_header_of_two_rows_with_merged_cells(load_files):
    rows = [["日期", "单位", "收入", None], [None, None, "预算", "实际"], [DAY, "华东", 9, 1.5]]
    columns = COLUMNS | {"x": {"type": "decimal(2)", "from": "收入/实际"}}
    merged = ["A1:A2", "B1:B2", "C1:D1"]
    _, found = load_files(
        {"a.xlsx": book(rows, merged=merged)}, columns, sheet="数据", header=[1, 2]
    )
    assert found == READ[:1]


MERGED = [HEADER, [DAY, "华东", 1], [None, "华东", 2], [None, "华西", 3], [DAY, "华西", 4]]


def test_merged_cells_stand_for_every_row_where_that_is_declared(load_files):
    files = {"a.xlsx": book(MERGED, merged=["A2:A4"])}
    loaded, rows = load_files(files, COLUMNS, sheet="数据", fill_down=["日期"], date="day")
    assert [day for day, _, _ in rows] == [DAY] * 4
    assert (loaded.merged, loaded.without_date) == (0, 0)


def test_merged_cells_are_else_reported_and_not_repeated(load_files):
    """An amount over three rows is one amount."""
    rows = [HEADER, [DAY, "华东", 6], [DAY, "华东", None], [DAY, "华西", None]]
    loaded, found = load_files({"a.xlsx": book(rows, merged=["C2:C4"])}, COLUMNS, sheet="数据")
    assert [x for _, _, x in found] == [Decimal("6.00"), None, None]
    assert loaded.merged == 1


def test_a_column_to_fill_that_is_not_there_names_the_nearest(load_files):
    with pytest.raises(SourceError, match=r"no column '日 期' to fill down.*'日期'"):
        load_files({"a.xlsx": book(MERGED)}, COLUMNS, sheet="数据", fill_down=["日 期"])


@pytest.mark.parametrize(
    ("kind", "cell", "value"),
    [
        ("decimal(2)", 0.1 + 0.2, Decimal("0.30")),
        ("number", 0.1 + 0.2, 0.3),
        ("number", 123456789.012345, 123456789.012345),
        ("number", 1e-7, 1e-7),
        ("number", 1.5e300, 1.5e300),
        ("integer", 3.0, 3),
        ("integer", -12, -12),
        ("integer", 123456789012345, 123456789012345),
        ("integer", 3.0000000000000004, 3),
        ("text", 12, "12"),
        ("text", 1.25, "1.25"),
        ("text", "007", "007"),
        ("text", " x ", " x "),
        ("text", "两\n行", "两\n行"),
        ("text", True, "true"),
        ("boolean", True, True),
        ("boolean", False, False),
        ("date", dt.datetime(2026, 10, 31), dt.date(2026, 10, 31)),
        ("date", dt.datetime(2026, 10, 31, 9, 30), dt.date(2026, 10, 31)),
        ("date", "2026-10-31", dt.date(2026, 10, 31)),
        ("datetime", dt.datetime(2026, 10, 31, 9, 30, 15), dt.datetime(2026, 10, 31, 9, 30, 15)),
    ],
)
def test_cells_are_read_as_excel_stores_them(load_files, kind, cell, value):
    loaded, rows = load_files({"a.xlsx": book([["x"], [cell]], others=())}, {"x": kind})
    assert (rows, loaded.unparsed) == ([(value,)], 0)


@pytest.mark.parametrize(
    ("kind", "cell"), [("integer", 3.5), ("date", 46326), ("decimal(2)", "#N/A"), ("date", "十月")]
)
def test_a_cell_of_another_type_is_missing_and_counted(load_files, kind, cell):
    loaded, rows = load_files({"a.xlsx": book([["x"], [cell]], others=())}, {"x": kind})
    assert (rows, loaded.unparsed) == ([(None,)], 1)
    assert loaded.examples[0].value == str(cell)


def test_a_formula_is_its_cached_value_and_missing_without_one(load_files):
    """openpyxl writes formulas without values, as do programs that never computed them."""
    loaded, rows = load_files({"a.xlsx": book([["x", "y"], ["=1+1", 5]], others=())}, {"x": "integer", "y": "integer"})  # fmt: skip # noqa: E501
    assert rows == [(None, 5)]
    assert loaded.unparsed == 0


def test_several_workbooks_and_no_temporary_files(load_files):
    files = {
        "*.xlsx": lambda path: None,
        "b.xlsx": book(ROWS[:1] + ROWS[2:]),
        "a.xlsx": book(ROWS[:2]),
        "~$a.xlsx": b"junk",
    }
    loaded, rows = load_files(files, COLUMNS, sheet="数据")
    assert rows == READ
    assert [file.path for file in loaded.files] == ["a.xlsx", "b.xlsx"]


def test_months_as_columns(load_files):
    rows = [["单位", "1月", "2月", "合计"], ["华东", 1, 2, 3], ["合计", 1, 2, 3]]
    columns = {
        "unit": {"type": "text", "from": "单位"},
        "month": {"type": "date", "parts": {"year": 2026, "month": "月"}},
        "x": {"type": "integer", "from": "数"},
    }
    loaded, found = load_files(
        {"a.xlsx": book(rows)}, columns, sheet="数据", where="unit <> '合计'", date="month",
        unpivot={"columns": ["*月"], "name": "月", "value": "数"},
    )  # fmt: skip
    assert sorted(found) == [("华东", dt.date(2026, 1, 1), 1), ("华东", dt.date(2026, 2, 1), 2)]
    assert loaded.excluded == 2


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "not an Excel workbook"),
        (b"PK\x03\x04 broken", "not an Excel workbook"),
        ("日期,金额\n", "not an Excel workbook"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "not an Excel workbook"),
    ],
)
def test_what_is_no_workbook_is_refused(load_files, content, words):
    with pytest.raises(SourceError, match=words) as caught:
        load_files({"a.xlsx": content}, COLUMNS)
    assert str(caught.value).startswith("a.xlsx")


def test_a_sheet_that_ends_above_the_header_is_refused(load_files):
    with pytest.raises(SourceError, match="expected a header in row 9"):
        load_files({"a.xlsx": book(ROWS)}, COLUMNS, sheet="数据", header=9)
    with pytest.raises(SourceError, match="expected a header in row 1"):
        load_files({"b.xlsx": book([], others=())}, COLUMNS)

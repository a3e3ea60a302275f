"""Excel sheets as people lay them out; written by openpyxl, read by another library."""

import datetime as dt
import re
import struct
import zipfile
from decimal import Decimal

import openpyxl
import pytest

from opsnb.data.excel import OLE
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


def test_a_formula_that_was_never_computed_is_missing_and_counted(load_files):
    """openpyxl writes formulas without values, as do programs that never computed them."""
    rows = [["x", "t"], ["=1+1", "a"], [5, '=A2&"<"'], ["=A2", "b"], [7, None]]
    loaded, found = load_files({"a.xlsx": book(rows, others=())}, {"x": "integer", "t": "text"})
    assert found == [(None, "a"), (5, '=A2&"<"'), (None, "b"), (7, None)]
    assert loaded.unparsed == 2
    assert [(bad.row, bad.column, bad.value) for bad in loaded.examples] == [
        (2, "x", "=1+1"),
        (4, "x", "=A2"),
    ]


def with_cells(*cells):
    """Workbook whose second row holds `cells` as Excel itself would write them."""

    def write(path):
        names = [f"c{i}" for i in range(len(cells))]
        book([names, [0] * len(cells)], others=())(path)
        with zipfile.ZipFile(path) as archive:
            parts = {name: archive.read(name) for name in archive.namelist()}
        (sheet,) = [name for name in parts if name.startswith("xl/worksheets/")]
        text = parts[sheet].decode()
        for i, cell in enumerate(cells):
            place = f"{chr(ord('A') + i)}2"
            new = re.sub(rf'<c r="{place}".*?</c>', cell.replace("@", place), text)
            assert new != text
            text = new
        with zipfile.ZipFile(path, "w") as archive:
            for name, content in (parts | {sheet: text.encode()}).items():
                archive.writestr(name, content)

    return write


def test_a_formula_with_a_value_is_its_value_even_where_that_is_empty(load_files):
    cells = [
        '<c r="@"><f>1+1</f><v>2</v></c>',
        '<c r="@" t="str"><f>""</f><v></v></c>',
        '<c r="@"><f t="shared" si="0"/><v>0</v></c>',
        '<c r="@" t="e"><f>1/0</f><v>#DIV/0!</v></c>',
        '<c r="@"><f t="shared" si="0"/></c>',
    ]
    columns = {f"c{i}": "integer" for i in range(len(cells))}
    loaded, rows = load_files({"a.xlsx": with_cells(*cells)}, columns)
    assert rows == [(2, None, 0, None, None)]
    assert [(bad.column, bad.value) for bad in loaded.examples] == [("c3", "#DIV/0!"), ("c4", "=")]


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


def with_a_password():
    """Compound file as Excel writes one that is encrypted: a directory with EncryptedPackage."""
    sector, end, free = 512, 0xFFFFFFFE, 0xFFFFFFFF

    def entry(name, kind, child=free, start=end, size=0):
        text = name.encode("utf-16-le")
        head = text.ljust(64, b"\0") + struct.pack("<HBB", len(text) + 2, kind, 1)
        links = struct.pack("<III", free, free, child) + b"\0" * 36
        return head + links + struct.pack("<IQ", start, size)

    header = OLE + b"\0" * 16 + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + b"\0" * 6
    header += struct.pack("<IIIIIIIII", 0, 1, 1, 0, 4096, end, 0, end, 0)
    header += struct.pack("<I", 0) + struct.pack("<I", free) * 108
    fat = struct.pack("<III", 0xFFFFFFFD, end, end).ljust(sector, b"\xff")
    root = entry("Root Entry", 5, child=1)
    package = entry("EncryptedPackage", 2, start=2, size=sector)
    return header + fat + (root + package).ljust(sector, b"\0") + b"\0" * sector


def cut(path):
    book(ROWS, others=())(path)
    path.write_bytes(path.read_bytes()[:-300])


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "not an Excel workbook"),
        (b"PK\x03\x04 broken", "the workbook is cut short; expected the whole file"),
        (cut, "the workbook is cut short"),
        (with_a_password(), "the workbook has a password; expected one without"),
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


def test_two_columns_of_one_name_are_told_by_their_places(load_files):
    rows = [["日期", "金额", "备注", "金额"], [DAY, 1, "x", 2]]
    columns = {"x": {"type": "integer", "from": "金额"}}
    with pytest.raises(SourceError, match=r"a\.xlsx, row 1 .*'金额' stands twice, as columns 2, 4"):
        load_files({"a.xlsx": book(rows, others=())}, columns)
    assert load_files({"a.xlsx": book(rows, others=())}, {"n": {"type": "text", "from": "备注"}})


def test_a_column_that_changes_its_type_half_way_is_counted_from_there(load_files):
    rows = [["x"], *([i] for i in range(40)), *([f"{i} 件"] for i in range(60))]
    loaded, found = load_files({"a.xlsx": book(rows, others=())}, {"x": "integer"})
    assert [x for (x,) in found] == [*range(40), *[None] * 60]
    assert loaded.unparsed == 60
    assert (loaded.examples[0].row, loaded.examples[0].value) == (42, "0 件")


@pytest.mark.parametrize(
    ("serial", "day"),
    [
        (46326, dt.date(2026, 10, 31)),
        (1, dt.date(1900, 1, 1)),
        (59, dt.date(1900, 2, 28)),
        (61, dt.date(1900, 3, 1)),
        (46326.75, dt.date(2026, 10, 31)),
        (60, None),  # 29 February 1900, which only Excel knows
        (0, None),
        (-5, None),
        ("46326", dt.date(2026, 10, 31)),
        ("2026-10-31", None),
        (1e9, None),
    ],
)
def test_days_as_excels_serial_numbers_where_that_is_declared(load_files, serial, day):
    """Against openpyxl, which knows the calendar with the day that never was."""
    rows = [["d"], [serial]]
    columns = {"d": {"type": "date", "format": "serial"}}
    loaded, found = load_files({"a.xlsx": book(rows, others=())}, columns)
    assert (found, loaded.unparsed) == ([(day,)], int(day is None))
    if day is not None:
        assert openpyxl.utils.datetime.from_excel(int(float(serial))).date() == day


def test_a_serial_number_keeps_its_time(load_files):
    columns = {"d": {"type": "datetime", "format": "serial"}}
    _, found = load_files({"a.csv": "d\n46326.75\n46326.999994\n"}, columns)
    assert found == [
        (dt.datetime(2026, 10, 31, 18),), (dt.datetime(2026, 10, 31, 23, 59, 59),),
    ]  # fmt: skip


CONTENT = """\
<office:document-content
xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"
xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body><office:spreadsheet>
<table:table table:name="数据">{}</table:table></office:spreadsheet></office:body>
</office:document-content>"""


MANIFEST = """\
<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">
<manifest:file-entry manifest:full-path="/" manifest:media-type="application/x"/>
</manifest:manifest>"""


def open_document(path):
    """The rows as LibreOffice writes them."""
    cell = '<table:table-cell office:value-type="{}" {}><text:p>{}</text:p></table:table-cell>'
    lines = []
    for row in ROWS:
        cells = []
        for value in row:
            if isinstance(value, dt.date):
                cells.append(cell.format("date", f'office:date-value="{value}"', value))
            elif isinstance(value, str):
                cells.append(cell.format("string", "", value))
            else:
                cells.append(cell.format("float", f'office:value="{value}"', value))
        lines.append(f"<table:table-row>{''.join(cells)}</table:table-row>")
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", MANIFEST)
        archive.writestr("content.xml", CONTENT.format("".join(lines)))


def test_an_open_document_is_read(load_files):
    assert load_files({"a.ods": open_document}, COLUMNS, sheet="数据")[1] == READ


def old_workbook(path):
    """BIFF 8 in a compound file, as Excel 97 wrote it: one sheet with the header and one row."""

    def record(kind, content):
        return struct.pack("<HH", kind, len(content)) + content

    def text(value, width):
        return struct.pack(width, len(value)) + b"\x01" + value.encode("utf-16-le")

    begin = record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0005, 0x0DBB, 0x07CC, 0, 6))
    name = text("数据", "<B")
    sheet_at = len(begin) + len(record(0x0085, struct.pack("<IBB", 0, 0, 0) + name)) + 4
    book_part = begin + record(0x0085, struct.pack("<IBB", sheet_at, 0, 0) + name)
    book_part += record(0x000A, b"")
    sheet = record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0010, 0x0DBB, 0x07CC, 0, 6))
    sheet += record(0x0200, struct.pack("<IIHHH", 0, 2, 0, 3, 0))
    for i, value in enumerate(HEADER):
        sheet += record(0x0204, struct.pack("<HHH", 0, i, 0) + text(value, "<H"))
    for i, value in enumerate(["2026-10-01", "华东"]):
        sheet += record(0x0204, struct.pack("<HHH", 1, i, 0) + text(value, "<H"))
    sheet += record(0x0203, struct.pack("<HHHd", 1, 2, 0, 1.5)) + record(0x000A, b"")
    stream = (book_part + sheet).ljust(4096, b"\0")
    free, end = 0xFFFFFFFF, 0xFFFFFFFE

    def entry(label, kind, child=free, start=end, size=0):
        raw = label.encode("utf-16-le")
        head = raw.ljust(64, b"\0") + struct.pack("<HBB", len(raw) + 2, kind, 1)
        return (
            head + struct.pack("<III", free, free, child) + b"\0" * 36
            + struct.pack("<IQ", start, size)
        )  # fmt: skip

    head = OLE + b"\0" * 16 + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + b"\0" * 6
    head += struct.pack("<IIIIIIIII", 0, 1, 1, 0, 4096, end, 0, end, 0)
    head += struct.pack("<I", 0) + struct.pack("<I", free) * 108
    chain = [0xFFFFFFFD, end, *range(3, 10), end]
    fat = struct.pack(f"<{len(chain)}I", *chain).ljust(512, b"\xff")
    entries = entry("Root Entry", 5, child=1) + entry("Workbook", 2, start=2, size=4096)
    path.write_bytes(head + fat + entries.ljust(512, b"\0") + stream)


def test_an_old_workbook_is_read(load_files):
    assert load_files({"a.xls": old_workbook}, COLUMNS, sheet="数据")[1] == READ[:1]

"""What parses as which type, and what is missing, counted and never 0."""

import csv
import datetime as dt
import io
from decimal import Decimal

import pytest


def one(read, kind, text):
    """Value of one cell of a type, None when it is missing, and whether it was lost."""
    cell = io.StringIO()
    csv.writer(cell, lineterminator="\n").writerow(["2026-10-01", text])
    loaded, rows = read(f"day,x\n{cell.getvalue()}", {"day": "date", "x": kind})
    return rows[0][1], loaded.unparsed


DAY = dt.date(2026, 10, 31)


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("integer", "12", 12),
        ("integer", "12.0", 12),
        ("integer", "1e3", 1000),
        ("integer", " 5 ", 5),
        ("integer", "+5", 5),
        ("integer", "-7", -7),
        ("integer", "9223372036854775807", 2**63 - 1),
        ("decimal(2)", "1234.56", Decimal("1234.56")),
        ("decimal(2)", "1234.5", Decimal("1234.50")),
        ("decimal(2)", "1234.5600", Decimal("1234.56")),
        ("decimal(2)", "0.30000000000000004", Decimal("0.30")),
        ("decimal(2)", "9999999999999999.99", Decimal("9999999999999999.99")),
        ("decimal(2)", "-0.01", Decimal("-0.01")),
        ("decimal(0)", "7", Decimal("7")),
        ("number", "0.1", 0.1),
        ("number", "1e-320", 1e-320),
        ("number", "1.7976931348623157e308", 1.7976931348623157e308),
        ("date", "2026-10-31", DAY),
        ("date", "2026/10/31", DAY),
        ("date", "2026-10-31 23:59:59", DAY),
        ("date", "2026-10-31T23:59:59+08:00", DAY),
        ("date", "1000-01-01", dt.date(1000, 1, 1)),
        ("date", "2999-12-31", dt.date(2999, 12, 31)),
        ("datetime", "2026-10-31 09:30", dt.datetime(2026, 10, 31, 9, 30)),
        ("datetime", "2026-10-31", dt.datetime(2026, 10, 31)),
        ("datetime", "2026-11-01T01:00:00+08:00", dt.datetime(2026, 11, 1, 1)),
        ("boolean", "true", True),
        ("boolean", "No", False),
        ("boolean", "1", True),
        ("text", " as it stands ", " as it stands "),
        ("text", "a\nb", "a\nb"),
        ("text", 'say "x", y', 'say "x", y'),
        ("text", "a\x1eb\x1fc", "a\x1eb\x1fc"),
        ("text", " ", " "),
    ],
)
def test_what_parses(read, kind, text, value):
    assert one(read, kind, text) == (value, 0)


@pytest.mark.parametrize("kind", ["integer", "decimal(2)", "number", "date", "boolean", "text"])
def test_blank_is_missing_and_not_a_fault(read, kind):
    for text in ["", "   "] if kind != "text" else [""]:
        assert one(read, kind, text) == (None, 0)


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("integer", "12.5"),
        ("integer", "1e-1"),
        ("integer", "1,000"),
        ("integer", "0x10"),
        ("integer", "9223372036854775808"),
        ("integer", "twelve"),
        ("integer", "１２"),
        ("integer", "true"),
        ("integer", "-"),
        ("integer", "#N/A"),
        ("decimal(2)", "1.234"),
        ("decimal(2)", "10000000000000000.00"),
        ("decimal(2)", "¥5"),
        ("decimal(0)", "0.5"),
        ("number", "nan"),
        ("number", "inf"),
        ("number", "-Infinity"),
        ("number", "1e400"),
        ("date", "31.10.2026"),
        ("date", "10/31/2026"),
        ("date", "20261031"),
        ("date", "2026-02-30"),
        ("date", "infinity"),
        ("date", "-infinity"),
        ("date", "epoch"),
        ("date", "0044-03-15 (BC)"),
        ("date", "0999-12-31"),
        ("date", "20226-10-01"),
        ("date", "3000-01-01"),
        ("date", "46326"),
        ("date", "2026-10-31abc"),
        ("datetime", "infinity"),
        ("datetime", "2026-10-31 25:00"),
        ("boolean", "是"),
        ("boolean", "2"),
        ("integer", "a\x1eb\x1fc"),
        ("integer", "1\x002"),
    ],
)
def test_what_does_not_parse_is_missing_and_counted_with_its_place(read, kind, text):
    cell = io.StringIO()
    csv.writer(cell, lineterminator="\n").writerow(["2026-10-01", text])
    content = f"day,Wert\n2026-10-01,\n{cell.getvalue()}"
    loaded, rows = read(content, {"day": "date", "x": {"type": kind, "from": "Wert"}})
    assert rows[1][1] is None
    assert loaded.unparsed == 1
    (example,) = loaded.examples
    assert (example.row, example.column, example.value) == (3, "Wert", text)
    assert example.expected == kind
    assert loaded.without_date == 0

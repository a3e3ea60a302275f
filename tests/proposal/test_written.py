"""How values are written: types, dates, habits, and what is no number though it looks like one."""

import pytest

from opsnb.proposal.written import month_named, value_of, written


@pytest.mark.parametrize(
    ("values", "name", "kind", "form", "notation"),
    [
        (["2026-01-31", "2026-02-01"], "", "date", None, ()),
        (["2026-1-31", "2026-12-1"], "", "date", "%Y-%m-%d", ()),
        (["2026/1/3", "2026/12/31"], "", "date", "%Y/%m/%d", ()),
        (["2026年1月3日"], "", "date", "%Y年%m月%d日", ()),
        (["2026年1月", "2026年12月"], "", "date", "%Y年%m月", ()),
        (["2026-01", "2026-12"], "", "date", "%Y-%m", ()),
        (["20260131", "20261231"], "日期", "date", "%Y%m%d", ()),
        (["20260131", "20261231"], "金额", "integer", None, ()),
        (["202601", "202612"], "月份", "date", "%Y%m", ()),
        (["13/01/2026", "01/02/2026"], "", "date", "%d/%m/%Y", ()),
        (["01/13/2026", "02/01/2026"], "", "date", "%m/%d/%Y", ()),
        (["31.12.2026"], "", "date", "%d.%m.%Y", ()),
        (["46326", "46357"], "下单日期", "date", "serial", ()),
        (["46326", "46357"], "数量", "integer", None, ()),
        (["2026-01-31 08:15:00", "2026-02-01 00:00:01"], "", "datetime", None, ()),
        (["2026-01-31 00:00:00"], "", "date", None, ()),
        (["1,234.50", "12"], "", "decimal", None, ("thousands",)),
        (["1.234,50", "12,5"], "", "decimal", None, ("thousands", "decimal_comma")),
        (["12,5", "3,25"], "", "decimal", None, ("decimal_comma",)),
        (["12.5%", "3%"], "", "decimal", None, ("percent",)),
        (["3.2万", "1.5亿"], "", "integer", None, ("wan",)),
        (["(350)", "12"], "", "integer", None, ("parentheses",)),
        (["１２．５"], "", "decimal", None, ("full_width",)),
        (["1e3", "2.5e-2"], "", "number", None, ()),
        (["007", "012", "100"], "", "text", None, ()),
        (["true", "false"], "", "boolean", None, ()),
        (["-", "—", None, ""], "", "empty", None, ()),
    ],
)  # fmt: skip
def test_a_column_is_told_by_its_values(values, name, kind, form, notation):
    found = written(values, name)
    assert (found.kind, found.format, found.notation) == (kind, form, notation)


def test_a_date_that_could_be_another_is_doubted():
    assert written(["01/02/2026", "03/04/2026"]).doubt == "%m/%d/%Y"
    assert written(["01/02/2026", "13/04/2026"]).doubt == ""


def test_words_for_no_value_are_named_and_odd_values_kept():
    found = written(["1", "2", "-", "N/A", "3", *"4567890123456789", "about 5"])
    assert found.kind == "integer"
    assert set(found.missing) == {"-", "N/A"}
    assert found.odd == ("about 5",)


def test_decimals_keep_the_digits_they_have():
    assert written(["1.25", "3"]).digits == 2
    assert written(["12.5%"]).digits == 3
    assert written(["0.00001234567"]).kind == "number"


@pytest.mark.parametrize(
    ("text", "year", "month"),
    [
        ("2026年3月", 2026, 3), ("3月", None, 3), ("三月", None, 3), ("Mar", None, 3),
        ("2026-03", 2026, 3), ("2026-03-01", 2026, 3), ("Mar 2026", 2026, 3),
        ("十二月份", None, 12),
    ],
)  # fmt: skip
def test_headers_that_are_months(text, year, month):
    found = month_named(text)
    assert (found.year, found.month) == (year, month)


@pytest.mark.parametrize("text", ["合计", "Total", "Q1", "产品", "13月", "2026", None])
def test_headers_that_are_none(text):
    assert month_named(text) is None


@pytest.mark.parametrize(
    ("text", "number"), [("1,200", 1200), ("(5)", -5), ("3.2万", 32000), ("50%", 0.5), ("x", None)]
)
def test_a_value_is_read_as_the_column_is_written(text, number):
    found = value_of(text, written(["1,200", "(5)", "3.2万", "50%"]))
    assert found == (None if number is None else pytest.approx(number))

"""Any table: what cannot be proposed is refused in words, and what is proposed can be read."""

from __future__ import annotations

import csv
import datetime as dt

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlglot import exp

from opsnb.company import Company
from opsnb.data.parsing import parse
from opsnb.errors import OpsnbError
from opsnb.proposal.naming import in_words, named
from opsnb.reports import report
from opsnb.runs.check import examine
from opsnb.runs.initial import Request, make

HEADS = (
    "日期", "月份", "年", "月", "日", "区域", "部门", "产品", "金额", "金额（万元）", "数量",
    "单价", "完成率", "目标", "累计", "备注", "order id", "Date", "Sales ($)", "a: b", "[x]", "#",
    "2026年1月", "2026年2月", "2026年3月", "1月", "2月", "3月", "合计", "Total", "", '"q"',
    "it's", "select", "NULL", "yes", "{a}", "*",
)  # fmt: skip
WORDS = (
    "", "-", "N/A", "合计", "无", "#DIV/0!", "Total", "甲", "East", "O'Brien", 'a"b', "x;y",
    "{z}", "=1+1", "<b>", "../x", "all", "2026年3月", "2026/4/17", "5%", "(5)", "3.2万",
    "1,234.50", "2026", "12",
)  # fmt: skip
EARLIEST = dt.date(2019, 1, 1)
CELLS = st.one_of(
    st.sampled_from(WORDS), st.dates().map(str), st.integers(-9, 9999).map(str)
)  # fmt: skip


@st.composite
def tables(draw):
    heads = draw(st.lists(st.sampled_from(HEADS), min_size=1, max_size=9))
    row = st.lists(CELLS, min_size=len(heads), max_size=len(heads))
    rows = draw(st.lists(row, max_size=25))
    title = draw(st.sampled_from(([], [["某公司报表"]])))
    if draw(st.booleans()):  # without a date most tables are refused
        days = draw(st.lists(st.dates(min_value=EARLIEST).map(str), min_size=25, max_size=25))
        return [
            *title,
            ["下单日期", *heads],
            *([day, *cells] for day, cells in zip(days, rows, strict=False)),
        ]
    return [*title, heads, *rows]


@pytest.mark.slow
@settings(max_examples=120, suppress_health_check=[HealthCheck.too_slow])
@given(
    rows=tables(), delimiter=st.sampled_from(",;\t"), encoding=st.sampled_from(("utf-8", "gb18030"))
)
def test_a_proposal_can_be_read_or_is_refused(tmp_path_factory, rows, delimiter, encoding):
    folder = tmp_path_factory.mktemp("any")
    with (folder / "表 1.csv").open("w", encoding=encoding, newline="") as file:
        csv.writer(file, delimiter=delimiter).writerows(rows)
    try:
        make(Request(folder / "co", (str(folder / "表 1.csv"),)))
    except OpsnbError:
        return
    found = examine(report("monthly_operations"), str(folder / "co"))
    assert [step for step in found.steps if step.state == "wrong"] == []


@pytest.mark.parametrize(
    "word", ["Order", "Group", "NULL", "select", "Case", "Table", "End", "Limit"]
)
def test_words_of_sql_can_be_columns(word):
    name = named(word, [], "column")
    assert name.startswith(word.lower())
    assert parse(f"sum({name})", "").find(exp.Column).name == name


@given(st.text(max_size=30))
def test_an_id_is_an_id_or_nothing(text):
    name = in_words(text)
    assert name == "" or (name[0].isalpha() and name.isascii() and name.isidentifier())


@pytest.mark.parametrize(
    ("cells", "metrics"),
    [(["", "-", ""], ["total"]), (["x", "y", "x"], ["records"]), (["1", "-", "3"], ["total"])],
)
def test_months_in_columns_may_hold_nothing_yet_or_words(tmp_path, cells, metrics):
    """An empty form will hold numbers; words are counted and not summed."""
    rows = [["部门", "1月", "2月", "3月"], ["甲", *cells], ["乙", *cells]]
    path = tmp_path / "total.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    make(Request(tmp_path / "co", (str(path),)))
    found = examine(report("monthly_operations"), str(tmp_path / "co"))
    assert [step for step in found.steps if step.state == "wrong"] == []
    assert list(Company.find(str(tmp_path / "co")).metrics) == metrics

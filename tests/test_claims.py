"""Figures in prose: what is one, how it is read, and what it says of a value."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsnb.claims import claims, dates, figure
from opsnb.display.numbers import NumberFormat

# text -> the value it states, the unit of its last digit, and its kind
READ = {
    "1.17 亿元": (1.17e8, 1e6, "money"),
    "3,450.6万": (34_506_000, 1e3, "plain"),
    "¥120.00 million": (1.2e8, 1e4, "money"),
    "CNY 1.2bn": (1.2e9, 1e8, "money"),
    "12.3 %": (0.123, 1e-3, "percent"),
    "12.3%": (0.123, 1e-3, "percent"),
    "2.1 个百分点": (0.021, 1e-3, "points"),
    "0.9 percentage points": (0.009, 1e-3, "points"),
    "30 个基点": (0.003, 1e-4, "points"),
    "3 成": (0.3, 0.1, "percent"),
    "１，２３４": (1234, 1, "plain"),
    "−４．２％": (-0.042, 1e-3, "percent"),
    "+5": (5, 1, "plain"),
    "1,234 yuan": (1234, 1, "money"),
}


@pytest.mark.parametrize("text", READ)
def test_a_figure_is_read_exactly(text):
    value, step, kind = READ[text]
    (claim,) = claims(f"共计{text}。")
    assert claim.text == text
    assert claim.kind == kind
    size = claim.number.scaleb(claim.power)
    assert (claim.sign or 1) * size == Decimal(repr(value)) or float(size) == abs(value)
    assert claim.power - claim.decimals == round(float(Decimal(repr(step)).log10()))


NO_CLAIMS = [
    "2026年10月、9月、10月31日、9—10月，2026-10-31，2026/10，2026年度，FY2026",
    "October 2026, 31 October, Oct 31, 2026, in 2026, since 2024",
    "上半年 H1，2026Q3，2026-Q3，Q4 2025，第 3 季度，第3名，8:30",
    "近 12 个月、过去 3 年、未来 6 个月；the last 12 months",
    "见图 3、表2、附录 1、第 2 节；see Figure 3, Table 2 and Section 3.1, page 4",
    "ISO9001、COVID-19、5G、OPS001、T+1、A3、v2.1、GB/T",
    "order_lines.csv、orders_2026.csv，https://example.com/2026/10，a1@b2.com",
    "1. 第一条", "（2）第二条", "3、第三条", "1.2 总体情况",
    "一半以上、三成、两家",
]  # fmt: skip


@pytest.mark.parametrize("text", NO_CLAIMS)
def test_what_is_no_figure_is_passed_over(text):
    assert [claim.text for claim in claims(text)] == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("2026年10月营业收入 1.17 亿元，同比增长 9.6%，见图 3。", ["1.17 亿元", "9.6%"]),
        ("走访 3 家，其中 2 家提到交期", ["3", "2"]),
        ("安全库存由 12 天提到 20 天", ["12", "20"]),
        ("Revenue rose 9.6% to ¥116.80 million in October 2026", ["9.6%", "¥116.80 million"]),
        ("4.02 亿元是本月收入", ["4.02 亿元"]),
        ("25.8 % 的目标", ["25.8 %"]),
        ("2026 orders were delivered", ["2026"]),
        ("环比−14.7 %", ["−14.7 %"]),
    ],
)
def test_figures_are_found_among_dates_and_references(text, found):
    assert [claim.text for claim in claims(text)] == found


def test_a_range_shares_its_unit():
    low, high = claims("提高 10—12 %")
    assert (low.states(0.10), high.states(0.12), low.kind) == (True, True, "percent")


@pytest.mark.parametrize(
    ("text", "direction"),
    [
        ("增长约 9.6%", 1), ("rose by 9.6%", 1), ("下降了 9.6%", -1), ("fell 9.6%", -1),
        ("下降至 9.6%", 0), ("为 9.6%", 0), ("达到 9.6%", 0), ("rose to 9.6%", 0),
    ],
)  # fmt: skip
def test_direction_is_that_of_the_word_right_before(text, direction):
    (claim,) = claims(text)
    assert claim.direction == direction


@given(
    st.floats(-1e8, 1e8, allow_nan=False),
    st.sampled_from([(-2, "%"), (0, "元"), (4, "万元"), (8, "亿元"), (6, "million")]),
    st.integers(0, 4),
)
def test_a_number_as_the_page_writes_it_states_its_value(value, scale, decimals):
    power, unit = scale
    text = NumberFormat("zh", power, decimals, after=unit).text(value)
    claim = figure(text)
    assert claim is not None
    assert claim.states(value)
    assert not claim.states(abs(value) + 1.6 * 10 ** (power - decimals))
    assert claim.number == 0 or (claim.sign < 0) == (value < 0)


@given(st.integers(0, 10**9))
def test_full_width_digits_say_the_same(number):
    wide = str(number).translate(str.maketrans("0123456789", "０１２３４５６７８９"))
    narrow, other = figure(str(number)), figure(wide)
    assert (narrow.number, narrow.power) == (other.number, other.power)


def test_dates_are_found():
    assert dates("9月为 1.37 亿元，2025年10月以来，the last 12 months") == [
        "9月", "2025年10月", "last 12 months",
    ]  # fmt: skip

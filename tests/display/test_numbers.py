from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsnb.display.markup import NBSP
from opsnb.display.numbers import (
    MINUS,
    NumberFormat,
    amount,
    chosen,
    count,
    difference_format,
    metric_format,
    percent,
    points,
)

AMOUNTS = [
    (120_000_000, "zh", "1.20 亿元"),
    (34_506_000, "zh", "3,450.6 万元"),
    (1_000_000, "zh", "100.0 万元"),
    (999_999.4, "zh", "999,999 元"),
    (12.5, "zh", "12.50 元"),
    (123_456_789_012, "zh", "1,234.57 亿元"),
    (120_000_000, "en", "¥120.00 million"),
    (1_402_000_000, "en", "¥1.40 billion"),
    (22_416.2, "en", "¥22,416"),
    (-2_092_600, "zh", "−209.3 万元"),
    (-2_092_600, "en", "−¥2.09 million"),
]


def spaced(text: str) -> str:
    return text.replace(NBSP, " ")


@pytest.mark.parametrize(("value", "locale", "text"), AMOUNTS)
def test_amounts_are_written_on_the_scale_of_the_language(
    value: float, locale: str, text: str
) -> None:
    assert spaced(amount("CNY", [value], locale).text(value)) == text


@pytest.mark.parametrize(
    ("currency", "zh", "en"),
    [
        ("USD", "500.0 万美元", "$5.00 million"),
        ("EUR", "500.0 万欧元", "€5.00 million"),
        ("CHF", "500.0 万瑞士法郎", "CHF 5.00 million"),
    ],
)
def test_other_currencies(currency: str, zh: str, en: str) -> None:
    for locale, text in (("zh", zh), ("en", en)):
        assert spaced(amount(currency, [5e6], locale).text(5e6)) == text


def test_a_group_shares_the_scale_of_its_largest_number() -> None:
    style = amount("CNY", [112_350_000, 350_000], "zh")
    assert [style.number(v) for v in (112_350_000, 350_000)] == ["1.12", "0.00"]
    assert style.unit == "亿元"


def test_percent_and_points() -> None:
    assert percent("zh").text(0.973) == f"97.3{NBSP}%"
    assert percent("en").text(-0.042, signed=True) == f"{MINUS}4.2{NBSP}%"
    assert points("zh").text(0.021, signed=True) == f"+2.1{NBSP}个百分点"
    assert points("en").text(0.021, signed=True) == f"+2.1{NBSP}pp"


@pytest.mark.parametrize(
    ("value", "signed", "text"),
    [
        (0.00042, True, "±0.0"),
        (-0.00042, True, "±0.0"),
        (-0.00042, False, "0.0"),
        (0.05, False, "5.0"),
    ],
)
def test_zero_has_no_sign_and_plus_stands_on_variances_only(
    value: float, signed: bool, text: str
) -> None:
    assert percent("zh").number(value, signed=signed) == text


def test_half_is_rounded_up_as_in_school() -> None:
    assert [NumberFormat("zh", 0, 1).number(v) for v in (0.25, 0.35, -0.25)] == [
        "0.3",
        "0.4",
        "−0.3",
    ]


@pytest.mark.parametrize(
    ("definition", "value", "text"),
    [
        ({"unit": "ratio", "decimals": None}, 0.8841, "88.4 %"),
        ({"unit": "ratio", "decimals": 2}, 0.8841, "88.41 %"),
        ({"unit": "days", "decimals": None}, 68.42, "68.4 天"),
        ({"unit": {"zh": "单", "en": "orders"}, "decimals": None}, 5012.0, "5,012 单"),
        ({"unit": {"zh": "分", "en": "points"}, "decimals": 2}, 4.312, "4.31 分"),
        ({"unit": {"zh": "人", "en": "people"}}, 12.34, "12.3 人"),
        ({"unit": "CNY", "decimals": 3}, 112_350_000.0, "1.124 亿元"),
        ({}, 3.0, "3"),
    ],
)
def test_the_metric_decides_unit_and_decimals(
    definition: dict[str, Any], value: float, text: str
) -> None:
    assert spaced(metric_format(definition, [value], "zh").text(value)) == text


def test_differences_of_ratios_are_points_and_lone_amounts_have_their_own_scale() -> None:
    ratio, money = {"unit": "ratio"}, {"unit": "CNY"}
    shared = metric_format(ratio, [0.9], "zh")
    assert difference_format(ratio, shared).text(-0.066, signed=True) == f"−6.6{NBSP}个百分点"
    style = metric_format(money, [112_350_000], "zh")
    assert difference_format(money, style).text(-3_150_000) == f"−0.03{NBSP}亿元"
    assert difference_format(money, style, -3_150_000).text(-3_150_000) == f"−315.0{NBSP}万元"


@given(
    value=st.floats(-1e15, 1e15, allow_nan=False),
    power=st.sampled_from([-2, 0, 4, 6, 8]),
    decimals=st.integers(0, 3),
    signed=st.booleans(),
)
def test_what_is_written_parses_back_within_rounding(
    value: float, power: int, decimals: int, signed: bool
) -> None:
    text = NumberFormat("zh", power, decimals).number(value, signed=signed)
    read = float(text.replace(",", "").replace(MINUS, "-").replace("±", ""))
    assert math.isclose(
        read * 10**power, value, rel_tol=1e-12, abs_tol=0.500001 * 10.0 ** (power - decimals)
    )


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_no_finite_number_is_too_large_or_too_small(value: float) -> None:
    assert amount("CNY", [value], "zh").text(value)
    assert count("en").text(value)


def test_labels_fall_back_to_another_language() -> None:
    assert chosen({"zh": "收入", "en": "Revenue"}, "en") == "Revenue"
    assert chosen({"zh": "收入"}, "en") == "收入"
    assert chosen("plain", "zh") == "plain"
    assert chosen(None, "zh") == ""

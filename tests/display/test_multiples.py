"""Small multiples: all panels on one scale, each with its value and its words."""

from __future__ import annotations

import math
import re
from typing import Any

import pandas as pd
import pytest

from opsnb.display.multiples import MOST, NARROW, WIDE, Scale, multiples
from opsnb.display.reader import Reader
from opsnb.display.trend import series
from opsnb.results import Column, Result

COLUMNS = (
    Column("metric", "key"),
    Column("unit", "key"),
    Column("period", "key"),
    Column("value", "metric"),
)
MONTHS = [f"2026-{month:02d}" for month in range(1, 11)]


def part(
    values: dict[str, list[float]], provenance: dict[str, Any], metric: str = "orders"
) -> Result:
    """Months of a metric in each unit; NaN is missing."""
    rows = [
        [metric, unit, month, value]
        for unit, own in values.items()
        for month, value in zip(MONTHS, own, strict=True)
    ]
    frame = pd.DataFrame(rows, columns=[column.name for column in COLUMNS])
    gaps = {(i, "value"): "no data in this period" for i, r in enumerate(rows) if math.isnan(r[3])}
    return Result("by_unit", frame, COLUMNS, gaps, provenance=provenance)


@pytest.fixture
def three(provenance):
    rising = [float(n) for n in range(10, 20)]
    flat = [40.0] * 10
    broken = [math.nan, 5.0, math.nan, 7.0, *[6.0] * 6]
    return part({"east": rising, "south": flat, "north": broken}, provenance)


def shown(result, locale="zh"):
    return str(multiples(result, Reader.of(result, locale))).replace("\u00a0", " ")


def test_the_largest_comes_first_and_the_message_says_highest_and_lowest(three):
    page = shown(three)
    assert re.findall(r"<h4>(.*?)</h4>", page) == ["华南", "华东", "华北"]
    assert "订单数：华南最高（40 单），华北最低（6 单）" in page
    assert "各图同一刻度" in page
    assert "highest in South (40 orders), lowest in North (6 orders)" in shown(three, "en")


@pytest.mark.parametrize("canvas", [WIDE, NARROW])
def test_equal_values_have_equal_heights_in_all_panels(three, canvas):
    """The dot of each panel lies where the shared scale puts its last value."""
    found = series(three, Reader.of(three))
    scale = Scale.of(found)
    page = shown(three)
    box = f'viewBox="0 0 {canvas.width} {canvas.height}"'
    panels = [panel for panel in re.findall(r"<svg.*?</svg>", page) if box in panel]
    places = [float(re.search(r'd="M[\d.]+ ([\d.]+)h0" class="dot"', p)[1]) for p in panels]
    for place, value in zip(places, (40.0, 19.0, 6.0), strict=True):
        assert place == pytest.approx(scale.height(value, canvas), abs=0.06)
    levels = [re.findall(r'M[\d.]+ ([\d.]+)H[\d.]+" class="lv"', panel) for panel in panels]
    assert levels[0] == levels[1] == levels[2]
    assert places[0] < places[1] < places[2]


def test_each_panel_says_its_unit_and_a_number(three):
    labels = re.findall(r'aria-label="([^"]*)"', shown(three))
    assert len(labels) == 6
    assert labels[0].startswith("华南：")
    assert "40" in labels[0]
    assert all(re.search(r"\d", label) for label in labels)


def test_a_gap_lifts_the_pen_and_a_lone_month_is_seen(three):
    page = shown(three)
    line = re.findall(r'<path d="([^"]*)" class="sl"/>', page)[-1]
    assert line.count("M") == 2
    assert re.match(r"M[\d.]+ [\d.]+h0M", line)


def test_there_is_nothing_to_compare_with_one_unit(three, provenance):
    assert shown(part({"east": [1.0] * 10}, provenance)) == ""
    empty = part({"east": [1.0] * 10, "south": [*[1.0] * 9, math.nan]}, provenance)
    assert shown(empty) == ""


def test_of_many_units_the_largest_are_shown_and_the_rest_is_told(provenance):
    many = {f"u{n}": [float(n)] * 10 for n in range(1, 16)}
    page = shown(part(many, provenance))
    assert page.count("<h4>") == MOST
    assert f"15 个单位中最大的 {MOST} 个" in page
    assert "<h4>u15</h4>" in page
    assert "<h4>u3</h4>" not in page


def test_large_and_small_amounts_share_one_format(provenance):
    """A unit of 2 亿 beside one of 3,000 万: in one unit of money, and a seventh as high."""
    money = part({"east": [2e8] * 10, "west": [3e7] * 10}, provenance, "revenue")
    found = series(money, Reader.of(money))
    scale = Scale.of(found)
    east, west = (scale.values(one)[-1] for one in found)
    assert east / west == pytest.approx(2e8 / 3e7)
    page = shown(money)
    assert "华东最高（2.00 亿元），西部最低（0.30 亿元）" in page
    assert re.findall(r'class="e k">([^<]*)<', page) == ["2.00"] * 2 + ["0.30"] * 2


def test_the_smallest_is_not_written_as_nothing(provenance):
    page = shown(part({"east": [2e9] * 10, "west": [1.2e4] * 10}, provenance, "revenue"))
    assert "西部最低（12,000 元）" in page
    page = shown(part({"east": [2e9] * 10, "west": [0.0] * 10}, provenance, "revenue"))
    assert "西部最低（0.00 亿元）" in page

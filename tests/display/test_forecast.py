"""Fan chart, strips and the words beside them."""

import math
import re

import numpy as np
import pytest

import opsnb
from opsnb.analyses import forecast, outlook
from opsnb.display import figures, html
from opsnb.display.fan import fan, strokes
from opsnb.display.figures import Tick
from opsnb.display.forecast import fan_data, message
from opsnb.display.forecasts import chance, forecasts
from opsnb.display.reader import Reader
from opsnb.display.strata import Stratum, strata


@pytest.fixture(scope="module")
def workbook(demonstration):
    return opsnb.open(demonstration, "2026-10")


@pytest.fixture(scope="module")
def made(workbook):
    return forecast(workbook, ["revenue", "gross_margin", "operating_expenses"])


@pytest.fixture(scope="module")
def revenue(made):
    return forecasts(made, Reader.of(made))[0]


def test_the_fan_starts_at_the_last_value_and_holds_the_forecast(revenue, made):
    data = fan_data(revenue, Reader.of(made))
    now = len(revenue.past) - 1
    assert data.mean.values[now] == data.actual.values[now]
    assert math.isnan(data.mean.values[now - 1])
    issued = made.part("issued").frame
    mean = issued[issued["metric"] == "revenue"]["forecast"].to_numpy()
    assert data.mean.values[now + 1 :] == pytest.approx([revenue.style.scaled(v) for v in mean])
    order = [data.outer[0], data.inner[0], data.mean, data.inner[1], data.outer[1]]
    ahead = np.array([line.values[now + 1 :] for line in order])
    assert (np.diff(ahead, axis=0) >= 0).all()
    assert math.isfinite(data.plan.values[now + 2])  # the plan goes on to the end of the year


def line_with(drawn, values):
    """The one line of a figure with these values."""
    (found,) = (
        line
        for line in drawn.axes[0].lines
        if len(line.get_ydata()) == len(values)
        and np.allclose(line.get_ydata(), values, equal_nan=True)
    )
    return found


def test_actual_is_solid_and_forecast_dashed(revenue, made):
    drawn = fan(fan_data(revenue, Reader.of(made)), figures.WIDE)
    data = fan_data(revenue, Reader.of(made))
    actual, ahead = (line_with(drawn, values) for values in (data.actual.values, data.mean.values))
    assert not actual.is_dashed()
    assert ahead.is_dashed()
    assert {"实际", "预测"} <= {text.get_text() for text in drawn.texts}
    assert figures.marks(drawn) <= figures.MOST_MARKS


def test_hatching_stays_within_its_band():
    x = np.array([0.0, 20.0, 40.0])
    low, high = np.array([10.0, 30.0, 0.0]), np.array([40.0, 45.0, 25.0])
    found = strokes(x, low, high)
    assert len(found) > 5
    for (x0, y0), (x1, y1) in found:
        assert (y1 - y0) == pytest.approx(x1 - x0)
        for at, y in ((x0, y0), (x1, y1)):
            assert np.interp(at, x, low) - 1e-6 <= y <= np.interp(at, x, high) + 1e-6


def test_strips_share_their_months_and_bars_start_at_zero():
    values = (1.0, -2.0, 3.0)
    drawn = strata(
        (Stratum("a", values), Stratum("b", values, bars=True)), 1, (Tick(0, "x"),), figures.WIDE
    )
    line, bars = drawn.axes
    assert line.get_xlim() == bars.get_xlim()
    assert bars.get_ylim()[0] <= 0 <= bars.get_ylim()[1]
    heights = [
        {float(v) for v in np.asarray(drawn_line.get_ydata(), float) if math.isfinite(v)}
        for drawn_line in bars.lines
    ]
    assert {0.0, 1.0, -2.0} in heights  # the months that are over
    assert {0.0, 3.0} in heights  # the one ahead


def test_the_message_says_the_year_and_the_odds(revenue, made):
    said = message(revenue, Reader.of(made)).striptags()
    assert re.fullmatch(r"营业收入全年预测 [\d.,]+\s亿元，达标概率 [\d.]+\s%", said), said
    margin = forecasts(made, Reader.of(made))[1]
    assert "2026年11月预测" in message(margin, Reader.of(made)).striptags()


@pytest.mark.parametrize("locale", ["zh", "en"])
def test_every_shown_number_is_bound(made, locale):
    shown = html(made, locale)
    assert shown.count("data-key=") > 100
    if locale == "en":
        assert "预测" not in shown


def test_odds_near_the_ends_have_a_decimal():
    reader = Reader({}, "zh")
    assert chance(reader, 0.004).text(0.004) == "0.4\xa0%"
    assert chance(reader, 0.385).text(0.385) in ("38\xa0%", "39\xa0%")


def test_the_first_month_says_so_in_the_monthly_report(workbook, tmp_path):
    shown = html(outlook(workbook, ["revenue"], "revenue", tmp_path))
    assert "此前尚无报告发布过预测" in shown
    assert "上月预测" not in re.sub(r"<[^>]*>", "", shown)

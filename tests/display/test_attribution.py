"""Attribution and drivers as they are shown: what is drawn, said and tabled."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from markupsafe import escape
from matplotlib.patches import Rectangle

from opsnb.display import figures, html, plain_sentence
from opsnb.display.attribution import _metrics, figure_data
from opsnb.display.intervals import Interval, intervals
from opsnb.display.reader import Reader
from opsnb.display.tokens import LIGHT
from opsnb.display.waterfall import Step, Total, WaterfallData, waterfall
from opsnb.keys import record_key
from opsnb.results import Finding, Result

Maker = Callable[..., Result]
CANVASES = [figures.WIDE, figures.NARROW]
KEYS = {"metric": "key", "unit": "key", "period": "key"}
EFFECTS = {"volume": 29.3e6, "mix": -6.1e6, "price": -14.2e6, "new": 18.6e6, "lost": -4.6e6,
           "unexplained": 0.0, "total": 23.0e6}  # fmt: skip
BASE = 379e6
ABOUT = {"metric": "revenue", "unit": "all", "period": "2026-10"}
FOUND = Finding(
    "OPS040", "info", "revenue", "all", "2026-10",
    {"total": 23.0e6, "effect": "price", "contribution": -14.2e6, "dimension": "line",
     "item": "drives", "part": -9.0e6},
)  # fmt: skip


@pytest.fixture(scope="session")
def told(make: Maker, provenance: dict[str, Any]) -> Result:
    words = {"line": {"label": {"zh": "产品线", "en": "Line"},
                      "values": {"drives": {"zh": "变频器", "en": "Drives"}}}}  # fmt: skip
    totals = [ABOUT | {"scenario": s, "value": v}
              for s, v in (("prior_year", BASE), ("target", 410e6), ("actual", 402e6))]  # fmt: skip
    numbers = ("actual", "expected", "contribution")
    elements = [
        ABOUT | dict(zip(numbers, values, strict=True))
        | {"base": base, "dimension": dimension, "item": item, "others": others,
           "explanatory_power": values[2] / 23e6, "explains": ""}
        for base, dimension, item, others, values in (
            ("prior_year", "line", "drives", 0, (90e6, 99e6, -9e6)),
            ("prior_year", "line", "", 1200, (312e6, 280e6, 32e6)),
            ("target", "unit", "east", 0, (150e6, 158e6, -8e6)),
        )
    ]  # fmt: skip
    columns = KEYS | {"base": "key", "dimension": "key", "item": "key", "others": "count"}
    columns |= dict.fromkeys(("actual", "expected"), "metric") | {"contribution": "difference"}
    columns |= {"explanatory_power": "ratio", "explains": "text"}
    parts = (
        make("attribution_totals", KEYS | {"scenario": "key", "value": "metric"}, totals),
        make("attribution_elements", columns, elements),
    )
    return make(
        "attribution",
        KEYS | {"effect": "key", "value": "difference", "share": "ratio"},
        [ABOUT | {"effect": e, "value": v, "share": v / BASE} for e, v in EFFECTS.items()],
        findings=(FOUND,), parts=parts, provenance=provenance | {"columns": words},
    )  # fmt: skip


@pytest.fixture(scope="session")
def data(told: Result) -> WaterfallData:
    return figure_data(_metrics(told, Reader.of(told))[0])


def bars(data: WaterfallData, canvas: figures.Canvas, tall: float = 15) -> list[Rectangle]:
    patches = waterfall(data, canvas).axes[0].patches
    return [p for p in patches if isinstance(p, Rectangle) and abs(p.get_height() - tall) < 2]


@pytest.mark.parametrize("canvas", CANVASES)
def test_bars_are_as_long_as_what_they_show_each_scale_from_zero(
    data: WaterfallData, canvas: figures.Canvas
) -> None:
    drawn = bars(data, canvas)
    totals, steps = drawn[:3], drawn[3:]
    values = [abs(step.value) for step in (*data.steps, data.sum)]
    for group, sizes in ((totals, [t.value for t in data.totals]), (steps, values)):
        lengths = [bar.get_width() for bar in group]
        scale = lengths[0] / sizes[0]
        for length, size in zip(lengths, sizes, strict=True):
            assert length == pytest.approx(size * scale, abs=1.5)
    assert len({round(bar.get_x()) for bar in totals}) <= 2


@pytest.mark.parametrize("canvas", CANVASES)
def test_each_step_begins_where_the_one_before_ended(
    data: WaterfallData, canvas: figures.Canvas
) -> None:
    steps = bars(data, canvas)[3:-1]
    ends = [(bar.get_x(), bar.get_x() + bar.get_width()) for bar in steps]
    for (one, other), step, following in zip(ends, data.steps, ends[1:], strict=False):
        end = other if step.value > 0 else one
        assert any(abs(end - place) < 0.01 for place in following)


def test_colour_is_the_direction_of_the_metric(told: Result, provenance: dict[str, Any]) -> None:
    metrics = provenance["metrics"]
    tones = {}
    for better in ("higher", "lower", "band"):
        changed = metrics | {"revenue": metrics["revenue"] | {"better": better}}
        result = replace(told, provenance=dict(told.provenance) | {"metrics": changed})
        steps = figure_data(_metrics(result, Reader.of(result))[0]).steps
        tones[better] = [step.tone for step in steps]
    assert tones["higher"] == ["good", "bad", "bad", "good", "bad"]
    assert tones["lower"] == ["bad", "good", "good", "bad", "good"]
    assert set(tones["band"]) == {"ink2"}


def test_scenarios_are_told_by_fill(data: WaterfallData) -> None:
    prior, target, actual = bars(data, figures.WIDE)[:3]
    ink, light = (figures_colour(LIGHT[name]) for name in ("ink", "py"))
    assert prior.get_facecolor()[:3] == light
    assert target.get_facecolor()[3] == 0
    assert actual.get_facecolor()[:3] == ink


def figures_colour(code: str) -> tuple[float, ...]:
    return tuple(int(code[i : i + 2], 16) / 255 for i in (1, 3, 5))


LONG = WaterfallData(
    (Total("一个很长很长很长很长的名称" * 2, -3.0, "−3.0", "ink"), Total("b", math.nan, "", "py")),
    (
        Step("某某" * 10, -1234567.8, "−1,234,567.8", "bad", -99.0, "−99.0 %"),
        Step("c", 0.0, "±0.0", "ink2", 0.0, "±0.0 %"),
    ),
    Step("合计", -1234567.8, "−1,234,567.8", "bad", -99.0, "−99.0 %"),
    ("x，万元", "y，万元", "占比"),
)  # fmt: skip


@pytest.mark.parametrize("canvas", CANVASES)
@pytest.mark.parametrize("which", ["data", "long"])
def test_texts_lie_inside_and_apart(
    data: WaterfallData, canvas: figures.Canvas, which: str
) -> None:
    drawn = waterfall(data if which == "data" else LONG, canvas)
    height = drawn.get_figheight() * 72
    spans: list[tuple[float, float, float]] = []
    for artist in drawn.texts:
        x, y = artist.get_position()
        width = figures.text_width(artist.get_text())
        left = x - {"right": width, "center": width / 2, "left": 0}[artist.get_ha()]
        assert left >= -0.01
        assert left + width <= canvas.width + 0.01
        assert 0 <= y <= height - 8
        for other_left, other_right, other_y in spans:
            apart = left + width <= other_left or other_right <= left
            assert apart or abs(y - other_y) >= 14, artist.get_text()
        spans.append((left, left + width, y))


def test_the_message_says_the_change_and_what_makes_it(told: Result) -> None:
    shown = html(told)
    text = re.sub("<[^>]*>", "", shown)
    assert "营业收入同比 +2,300.0" in text
    assert "销量 +2,930.0" in text
    assert "变频器" in text
    assert "其余 1,200 个" in text
    for effect in ("销量", "结构", "价格", "新增", "停售", "合计"):
        assert effect in text
    key = record_key("revenue", "value", "all", "2026-10", {"effect": "total"})
    assert f'data-key="{escape(key)}"' in shown


def test_each_drawing_is_labelled_by_the_message_and_all_its_numbers(told: Result) -> None:
    shown = html(told)
    names = set(re.findall(r'aria-labelledby="([^"]*)"', shown))
    assert len(names) == 1
    for name in names.pop().split():
        (text,) = re.findall(rf'id="{name}"[^>]*>(.*?)</(?:h3|p)>', shown)
        assert re.search(r"\d", text)


def test_the_sentence_names_effect_and_element(told: Result) -> None:
    assert plain_sentence(FOUND, told.provenance, "zh") == (
        "营业收入同比 +2,300.0\xa0万元，贡献最大的是价格，−1,420.0\xa0万元。"
        "其中变频器 −900.0\xa0万元。"
    )
    assert plain_sentence(FOUND, told.provenance, "en") == (
        "Revenue: +¥23.00\xa0million on a year ago, most of it price, −¥14.20\xa0million. "
        "There Drives alone makes −¥9.00\xa0million."
    )


def test_without_rows_one_line_says_why(make: Maker) -> None:
    columns = KEYS | {"effect": "key", "value": "difference", "share": "ratio"}
    shown = html(make("attribution", columns, []))
    assert "<figure" not in shown
    assert "attribution" in shown
    assert "本节从略" in shown
    drivers = KEYS | {"candidate": "key", "lag": "count", "correlation": "number"}
    assert "drivers" in html(make("drivers", drivers, []))


def test_a_change_that_cannot_be_told_says_why(make: Maker) -> None:
    columns = KEYS | {"effect": "key", "value": "difference", "share": "ratio"}
    why = "no data in the same period last year"
    row = ABOUT | {"effect": "total", "value": why, "share": why}
    shown = html(make("attribution", columns, [row]))
    assert "无法分解" in shown
    assert "<svg" not in shown


DRIVERS = {"lag": "count", "nobs": "count", "basis": "text", "correlation": "number",
           "ci_lower": "number", "ci_upper": "number", "pvalue": "number",
           "pvalue_adjusted": "number", "rank_correlation": "number", "tried": "count"}  # fmt: skip


@pytest.fixture(scope="session")
def moved(make: Maker) -> Result:
    few = "too few points"
    rows = [
        ABOUT | {"candidate": "orders", "lag": 1, "nobs": 59, "basis": "detrended", "tried": 8,
                 "correlation": 0.71, "ci_lower": 0.55, "ci_upper": 0.82, "pvalue": 1e-9,
                 "pvalue_adjusted": 4e-9, "rank_correlation": 0.69},
        ABOUT | {"candidate": "inventory", "lag": 0, "nobs": 5, "basis": "level", "tried": 8}
        | dict.fromkeys(("correlation", "ci_lower", "ci_upper", "pvalue", "pvalue_adjusted",
                         "rank_correlation"), few),
    ]  # fmt: skip
    found = Finding(
        "OPS045",
        "info",
        "revenue",
        "all",
        "2026-10",
        {"driver": "orders", "correlation": 0.71, "pvalue": 4e-9, "tried": 8, "lag": 1},
    )
    part = {"basis": "text", "nobs": "count"} | dict.fromkeys(
        ("param", "ci_lower", "ci_upper", "pvalue", "vif", "rsquared", "ljung_box_pvalue"),
        "number",
    ) | {"distinguishable": "text", "influential": "count"}  # fmt: skip
    effects = make("driver_effects", KEYS | {"candidate": "key"} | part, [])
    columns = KEYS | {"candidate": "key"} | DRIVERS
    return make("drivers", columns, rows, findings=(found,), parts=(effects,))


def test_drivers_are_told_with_lag_basis_and_attempts(moved: Result) -> None:
    text = re.sub("<[^>]*>", "", html(moved))
    assert "营业收入相关因素：订单数 +0.71" in text
    assert "订单数领先 1 个月。" in text
    assert "已去趋势" in text
    assert "8 次尝试" in text
    assert "相关，无独立效应" in text
    assert "相关不等于因果" in text
    assert "数据点太少" in text or "点数" in text


@pytest.mark.parametrize("canvas", CANVASES)
def test_an_interval_is_drawn_where_it_lies(canvas: figures.Canvas) -> None:
    rows = (
        Interval("a", -0.5, 0.0, 0.5, "0.00", strong=True),
        Interval("b", math.nan, math.nan, math.nan, "no data", strong=False),
    )
    lines = intervals(rows, "r", canvas).axes[0].lines
    grid, drawn = lines[:5], lines[5:]
    places = [float(line.get_xdata()[0]) for line in grid]
    assert len(drawn) == 1
    assert list(drawn[0].get_xdata()) == pytest.approx([places[1], places[3]])

"""Control charts, the matrix and the exceptions as a reader meets them."""

from __future__ import annotations

import math
import re
from dataclasses import replace

import numpy as np
import pytest

from opsnb.display import figures, html
from opsnb.display.control import ControlData, Flag, control, fitted
from opsnb.display.exceptions import control_data
from opsnb.display.measures import metric_rows
from opsnb.display.numbers import percent
from opsnb.display.reader import Reader, records
from opsnb.display.sparkline import Band, sparkline
from opsnb.display.tokens import LIGHT
from opsnb.display.trend import series
from opsnb.display.verdicts import Verdict, icon_pair
from opsnb.display.words import translate
from opsnb.results import Result

CANVASES = [figures.WIDE, figures.NARROW]


def text_of(fragment: str) -> str:
    return re.sub(r"<[^>]*>", "", fragment).replace("\u00a0", " ")


@pytest.fixture(scope="session")
def both(signals: Result) -> dict[str, ControlData]:
    reader = Reader.of(signals)
    stakes = metric_rows(records(signals.parts[0]), reader)
    drawn = series(signals, reader)
    return {o.metric: control_data(o, s) for o, s in zip(drawn, stakes, strict=False)}


@pytest.mark.parametrize("canvas", CANVASES)
@pytest.mark.parametrize("metric", ["on_time_delivery", "revenue"])
def test_labels_lie_inside_and_apart(
    both: dict[str, ControlData], metric: str, canvas: figures.Canvas
) -> None:
    spans: list[tuple[float, float, float]] = []
    for artist in control(both[metric], canvas).texts:
        x, y = artist.get_position()
        width = figures.text_width(artist.get_text())
        left = x - {"right": width, "center": width / 2, "left": 0}[artist.get_ha()]
        assert left >= 0
        assert left + width <= canvas.width + 0.01
        assert 3 <= y <= canvas.height - figures.SIZE
        for start, end, height in spans:
            crossed = left < end and start < left + width
            assert not crossed or abs(y - height) >= figures.GAP - 2.01, artist.get_text()
        spans.append((left, left + width, y))


def test_points_band_and_signal_are_drawn_as_given(
    both: dict[str, ControlData], signals: Result
) -> None:
    ax = control(both["on_time_delivery"], figures.WIDE).axes[0]
    given = signals.frame[signals.frame["metric"] == "on_time_delivery"]
    points = [np.asarray(line.get_ydata(), float) for line in ax.lines]
    assert any(len(y) == 36 and np.allclose(y, given["point"] * 100) for y in points)
    (band,) = ax.patches
    heights = {round(float(y), 6) for _, y in band.get_xy()}
    assert heights == {92.5, 95.5}
    marks = [line for line in ax.lines if line.get_marker() == "D"]
    assert [list(line.get_xdata()) for line in marks] == [[35]]
    assert marks[0].get_markerfacecolor() == LIGHT["bad"]


def test_a_rebase_has_its_line_its_cause_and_limits_of_its_own(
    both: dict[str, ControlData],
) -> None:
    figure = control(both["revenue"], figures.WIDE)
    assert len(figure.axes[0].patches) == 2
    assert "新排产系统，重算界限" in [artist.get_text() for artist in figure.texts]
    assert any(list(line.get_xdata()) == [19.5, 19.5] for line in figure.axes[0].lines)


def test_levels_are_named_at_the_end_and_growth_has_a_sign(both: dict[str, ControlData]) -> None:
    words = {artist.get_text() for artist in control(both["on_time_delivery"], CANVASES[0]).texts}
    assert {"本期 89.8", "中心 94.0", "上限 95.5", "下限 92.5", "目标 95.0"} <= words
    words = {artist.get_text() for artist in control(both["revenue"], CANVASES[0]).texts}
    assert {"本期 −4.5", "中心 +4.0", "上限 +7.0", "下限 +1.0"} <= words


def test_only_signals_that_last_to_the_month_are_coloured(signals: Result) -> None:
    rows = (signals.frame["metric"] == "on_time_delivery").to_numpy()
    frame = signals.frame.copy()
    early = rows & (frame["period"] <= "2024-02").to_numpy()
    frame.loc[early, ["signal", "direction"]] = ["shift", "high"]
    changed = replace(signals, frame=frame)
    reader = Reader.of(changed)
    stake = metric_rows(records(changed.parts[0]), reader)[0]
    flags = control_data(series(changed, reader)[0], stake).flags
    assert {flag.tone for flag in flags if flag.signal == "shift"} == {"past"}
    assert flags[-1] == Flag(35, "outside", "bad")


@pytest.mark.parametrize("values", [(5.0,), (5.0,) * 12, (math.nan, 4.0, 4.0)])
def test_short_and_constant_charts_can_be_drawn(values: tuple[float, ...]) -> None:
    line = figures.Line(values, "5.0")
    data = ControlData(
        line, line, line, line, (values, values), (0,) * len(values), (), None, (), ()
    )
    assert figures.svg_of(control(data, figures.NARROW))


def test_a_cause_that_does_not_fit_is_cut() -> None:
    assert fitted("新系统", 500) == "新系统"
    cut = fitted("新排产系统上线，重算界限", 80)
    assert cut.endswith("…")
    assert figures.text_width(cut) <= 80
    assert fitted("新排产系统", 5) == ""


def test_every_metric_of_the_matrix_stands_in_one_cell(matrix: Result) -> None:
    shown = html(matrix, "zh")
    for label in ("营业收入", "毛利率", "期间费用", "平均人数", "月末库存"):
        assert len(re.findall(rf"<a [^>]*>{label}</a>", shown)) == 1
    assert "4 张控制图每月也会误标约 0.1 个指标；本月标出 3 个" in text_of(shown)
    assert "暂行界限（不足 13 点）：平均人数" in text_of(shown)
    assert "未画控制图：月末库存（相邻月不独立）" in text_of(shown)
    assert len(re.findall('class="[^"]*hot', shown)) == 1


def test_an_exception_says_the_chart_the_cause_the_measure_and_the_risk(signals: Result) -> None:
    shown = text_of(html(signals, "zh"))
    assert "华南准时交付率低于控制界限" in shown.replace("South", "")
    assert "本期 89.8 %，下限 92.5 %，中心线 94.0 %。已连续 2 个月。" in shown
    assert "按日历调整后同比 −4.5 %，下限 +1.0 %，中心线 +4.0 %。" in shown
    assert [shown.count(line) for line in ("图说明什么", "措施", "风险")] == [2, 2, 2]
    assert "尚未填报" in shown
    assert "2026年9月填报，已过时" in shown
    assert "客户满意度连续 7 个月低于中心线" in shown
    assert "全年目标已完成 80.0 %，与时间进度相差 −2.0 点" in shown


def test_alternative_text_is_the_finding_and_its_numbers(signals: Result) -> None:
    shown = html(signals, "en")
    for name in ("exc-on_time_delivery-south", "exc-revenue-all"):
        assert shown.count(f'aria-labelledby="{name}-t {name}-d"') == 2
        said = re.search(rf'id="{name}-d">(.*?)</span>', shown)
        assert said
        assert re.search(r"\d", said[1])


def test_no_signal_is_said_to_be_stable(signals: Result) -> None:
    columns = signals.columns
    none = Result("exceptions", signals.frame.iloc[:0], columns, provenance=signals.provenance)
    assert "升降均属常态" in html(none, "zh")


@pytest.mark.parametrize(
    ("verdict", "words"),
    [
        (Verdict("common", "inconsistent"), ["常态", "时好时差"]),
        (Verdict("concern_low", "fail"), ["恶化", "稳定不达标"]),
        (Verdict("improvement_high", "pass"), ["改善", "稳定达标"]),
        (Verdict("neutral_low", "none"), ["变化"]),
        (Verdict(reason="too few points"), ["无控制图：数据点太少"]),
    ],
)
def test_an_icon_has_a_word_beside_it_or_as_its_label(verdict: Verdict, words: list[str]) -> None:
    zh = translate("zh")
    assert [t for t in re.findall(r">([^<>]+)<", icon_pair(verdict, zh)) if t.strip()] == words
    alone = icon_pair(verdict, zh, alone=True)
    assert len(re.findall("aria-label=", alone)) == (len(words) if verdict.kind else 0)


def test_a_band_lies_behind_the_line_by_its_corners() -> None:
    level = Band((1.0, 3.0, 2.0), (2.0,) * 3, (0.0,) * 3, (4.0,) * 3)
    svg = sparkline([1.0, 3.0, 2.0], percent("zh"), translate("zh"), band=level, tone="bad")
    assert '<path d="M2 6L152 6L152 38L2 38z" class="bd"/>' in svg
    assert '<path d="M2 22L152 22" class="ce"/>' in svg
    assert 'class="dot bad"' in svg

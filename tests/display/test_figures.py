"""What is drawn, by its data and its words; never by its pixels."""

from __future__ import annotations

import itertools
import math
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsnb.display import figures, html
from opsnb.display.reader import Reader
from opsnb.display.tokens import LIGHT
from opsnb.display.trend import figure_data, series
from opsnb.errors import OpsnbError
from opsnb.results import Result

CANVASES = [figures.WIDE, figures.NARROW]


@pytest.fixture(scope="session")
def data(trend: Result) -> figures.TrendData:
    return figure_data(series(trend, Reader.of(trend))[0])


@pytest.mark.parametrize("canvas", CANVASES)
def test_what_is_drawn_is_what_was_given(
    trend: Result, data: figures.TrendData, canvas: figures.Canvas
) -> None:
    lines = figures.trend(data, canvas).axes[0].lines
    drawn = [np.asarray(line.get_ydata(), float) for line in lines]
    for column in ("value", "prior_year"):
        given_ = trend.frame[column].to_numpy(float) / 1e8
        assert any(len(y) == 36 and np.allclose(y, given_, equal_nan=True) for y in drawn), column
    levels = {round(float(v) / 1e8, 6) for v in trend.frame["target"]}
    assert any({round(v, 6) for v in y if math.isfinite(v)} == levels for y in drawn)


@pytest.mark.parametrize("canvas", CANVASES)
def test_labels_lie_inside_and_apart(data: figures.TrendData, canvas: figures.Canvas) -> None:
    figure = figures.trend(data, canvas)
    boxes = [
        (*artist.get_position(), figures.text_width(artist.get_text()), artist.get_ha())
        for artist in figure.texts
    ]
    spans = []
    for x, y, width, align in boxes:
        left = x - {"right": width, "center": width / 2, "left": 0}[align]
        assert left >= 0
        assert left + width <= canvas.width + 0.01
        assert 3 <= y <= canvas.height - figures.SIZE
        spans.append((left, left + width, y))
    for i, (left, right, y) in enumerate(spans):
        for other_left, other_right, other_y in spans[:i]:
            apart = right <= other_left or other_right <= left
            assert apart or abs(y - other_y) >= figures.GAP - 0.01


def test_the_last_point_is_named_with_its_value(data: figures.TrendData) -> None:
    words = [artist.get_text() for artist in figures.trend(data, figures.WIDE).texts]
    assert {"本期 1.12", "去年 1.08", "目标 1.16", "2024年1月", "2026年1月", "10月"} <= set(words)


def test_equal_figures_give_equal_bytes_and_few_of_them(data: figures.TrendData) -> None:
    first, second = (figures.svg_of(figures.trend(data, figures.WIDE)) for _ in range(2))
    assert first == second
    assert len(first.encode()) < 15_000


def test_the_drawing_knows_tokens_and_no_colours_ids_or_styles(data: figures.TrendData) -> None:
    drawing = figures.svg_of(figures.trend(data, figures.WIDE), class_="vw", role="img")
    assert not re.search(r"#[0-9a-f]{3,6}\b", drawing)
    assert set(re.findall(r"var\(--([^)]*)\)", drawing)) <= set(LIGHT)
    assert " id=" not in drawing
    for banned in ("<style", "metadata", "clip-path", "url(", "xlink", "font-family", "2026-1"):
        assert banned not in drawing
    assert drawing.startswith('<svg viewBox="0 0 544 300" class="vw" role="img">')


def test_numbers_keep_one_decimal(data: figures.TrendData) -> None:
    drawing = figures.svg_of(figures.trend(data, figures.NARROW))
    assert not re.search(r"\d\.\d\d", "".join(re.findall(r"<[^>]*>", drawing)))


def test_a_character_without_a_glyph_is_an_error() -> None:
    with pytest.raises(OpsnbError, match="no glyph"):
        figures.text_width("目标 \U0001f680")


def test_the_font_is_the_one_the_page_carries() -> None:
    assert figures.text_width("目标") == pytest.approx(2 * figures.SIZE, abs=0.5)


def test_a_month_between_gaps_is_still_seen() -> None:
    values = (1.0, math.nan, 2.0, math.nan, 3.0)
    empty = figures.Line((math.nan,) * 5, "")
    data = figures.TrendData(figures.Line(values, "3.0"), empty, empty, ())
    dots = [
        line for line in figures.trend(data, figures.WIDE).axes[0].lines if line.get_marker() == "o"
    ]
    assert list(dots[0].get_ydata()) == [1.0, 2.0, 3.0]


@pytest.mark.parametrize("value", [0.0, 5.0, -3.0])
def test_a_constant_or_single_value_can_be_drawn(value: float) -> None:
    line, empty = figures.Line((value,), f"{value}"), figures.Line((math.nan,), "")
    assert figures.svg_of(figures.trend(figures.TrendData(line, empty, empty, ()), figures.NARROW))


@given(st.lists(st.floats(0, 300), min_size=1, max_size=8))
def test_labels_are_kept_apart_in_their_order(wanted: list[float]) -> None:
    placed = figures.apart(wanted, 0, 300)
    ordered = sorted(placed)
    assert all(b - a >= figures.GAP - 1e-6 for a, b in itertools.pairwise(ordered))
    assert ordered[0] >= -1e-6
    assert ordered[-1] <= 300 + 1e-6
    ranks = sorted(range(len(wanted)), key=lambda i: (wanted[i], placed[i]))
    assert [placed[i] for i in ranks] == ordered


@given(
    st.floats(-1e9, 1e9), st.floats(1e-6, 1e9).filter(lambda span: span > 1e-6), st.integers(3, 6)
)
def test_axis_steps_are_round_even_and_enclose(low: float, span: float, most: int) -> None:
    high = low + span
    grid, decimals = figures.round_steps(low, high, most)
    tolerance = 1e-6 * max(abs(low), abs(high), 1)
    assert grid[0] <= low + tolerance
    assert grid[-1] >= high - tolerance
    assert 2 <= len(grid) <= most + 2
    assert decimals >= 0


def test_the_message_states_the_numbers(trend: Result) -> None:
    assert "营业收入 1.12 亿元，完成目标 97.3 %，同比 +4.2 %" in text_of(html(trend, "zh"))
    assert "Revenue ¥112.35 million, attainment 97.3 %, YoY +4.2 %" in text_of(html(trend, "en"))


def text_of(fragment: str) -> str:
    return re.sub(r"<[^>]*>", "", fragment).replace("\u00a0", " ")


def test_a_trend_without_any_number_says_so(trend: Result) -> None:
    names = [column.name for column in trend.columns if column.unit != "key"]
    frame = trend.frame.assign(**dict.fromkeys(names, math.nan))
    reasons = {(row, name): "no data in this period" for row in range(36) for name in names}
    empty = Result("trend", frame, trend.columns, reasons, provenance=trend.provenance)
    shown = html(empty, "zh")
    assert "<svg" not in shown
    assert "营业收入本期没有数据" in shown


def test_both_widths_are_drawn(trend: Result) -> None:
    shown = html(trend, "zh")
    assert re.findall(r'viewBox="([^"]*)" class="(v[wn])"', shown) == [
        ("0 0 544 300", "vw"), ("0 0 358 256", "vn"),
    ]  # fmt: skip
    assert len(shown.encode()) < 30_000


@pytest.mark.parametrize("points", [figures.MOST_MARKS, figures.MOST_MARKS + 1])
def test_beyond_a_thousand_marks_a_drawing_is_a_picture(points: int) -> None:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(4, 3))
    figure.add_axes((0, 0, 1, 1)).scatter(range(points), range(points))
    assert figures.marks(figure) == points
    drawing = figures.svg_of(figure, alt="3 < 4 outliers", class_="vw", role="img")
    if points <= figures.MOST_MARKS:
        assert drawing.startswith("<svg")
        return
    assert drawing.startswith('<img src="data:image/png;base64,iVBOR')
    assert 'alt="3 &lt; 4 outliers"' in drawing
    assert 'class="vw"' in drawing
    assert "role=" not in drawing
    assert len(drawing) < 100_000  # 5,000 points as SVG are 540 kB


def test_lines_bars_and_areas_are_counted_too() -> None:
    from matplotlib.figure import Figure

    ax = Figure().add_axes((0, 0, 1, 1))
    ax.plot(range(400), range(400))
    ax.bar(range(30), range(30))
    ax.fill_between(range(100), 0, range(100))
    assert 400 + 30 + 200 <= figures.marks(ax.figure) <= 400 + 30 + 210


def test_a_crowded_trend_is_a_picture_that_says_its_message(trend: Result) -> None:
    """As many months as no drawing should hold."""
    row = trend.frame.iloc[-1:]
    many = [f"{1600 + i // 12}-{i % 12 + 1:02d}" for i in range(400)]
    frame = row.loc[row.index.repeat(400)].reset_index(drop=True).assign(period=many)
    shown = html(Result("trend", frame, trend.columns, {}, provenance=trend.provenance), "zh")
    alts = re.findall(r'<img src="data:[^"]*" alt="([^"]*)"', shown)
    assert len(alts) == 2
    assert all("营业收入" in alt and re.search(r"\d", alt) for alt in alts)

from __future__ import annotations

import itertools
import re

from hypothesis import given
from hypothesis import strategies as st

from opsnb.display.numbers import percent
from opsnb.display.sparkline import BOTTOM, LEFT, RIGHT, TOP, histories, line, points, sparkline
from opsnb.display.words import translate
from opsnb.results import Result

VALUES = st.lists(st.none() | st.floats(-1e9, 1e9), min_size=1, max_size=40).filter(
    lambda values: any(value is not None for value in values)
)


def test_a_line_and_its_last_point() -> None:
    assert line([0.0, 1.0, 0.5]) == "M2 38L77 6L152 22"
    svg = sparkline([0.5, 0.7, 0.6], percent("zh"), translate("zh"))
    assert 'd="M152 22h0"' in svg
    assert 'aria-label="近 3 期走势：本期 60.0\u00a0%，区间 50.0\u00a0% 至 70.0\u00a0%"' in svg


def test_a_gap_lifts_the_pen() -> None:
    assert line([0.0, None, 1.0, 1.0]) == "M2 38M102 6L152 6"


def test_a_missing_last_month_is_said_and_not_marked() -> None:
    svg = sparkline([0.5, None], percent("en"), translate("en"))
    assert "now no data" in svg
    assert 'class="dot"' not in svg


def test_an_incomplete_month_does_not_show_as_a_fall() -> None:
    svg = sparkline([0.5, 0.6, 0.1], percent("zh"), translate("zh"), whole=False)
    assert "本期 缺数，区间 50.0\u00a0% 至 60.0\u00a0%" in svg
    assert 'd="M2 38L77 6"' in svg


def test_nothing_is_drawn_without_values() -> None:
    assert sparkline([None, None], percent("zh"), translate("zh")) == ""


@given(VALUES)
def test_points_keep_the_frame_and_the_order_of_the_values(values: list[float | None]) -> None:
    placed = points(values)
    known = [(v, p) for v, p in zip(values, placed, strict=True) if v is not None and p is not None]
    assert len(known) == sum(value is not None for value in values)
    for _, (x, y) in known:
        assert LEFT <= x <= RIGHT + 1e-9
        assert TOP - 1e-9 <= y <= BOTTOM + 1e-9
    ranked = sorted(known, key=lambda pair: pair[0])
    heights = [y for _, (_, y) in ranked]
    assert all(b <= a + 1e-9 for a, b in itertools.pairwise(heights))
    assert len(re.findall(r"[ML]", line(values))) == len(known)


def test_histories_come_from_the_part_oldest_first(scorecard: Result) -> None:
    found = histories(scorecard)
    assert len(found) == 14
    assert len(found["revenue"]) == 36
    assert found["revenue"][5] is None
    assert found["revenue"][-1] == 112_350_000.0

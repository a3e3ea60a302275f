"""XmR charts against published cases, a naive second derivation, and what must not change them."""

import itertools
import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsnb.stats.spc import icons, xmr

A = [1, 2, 1, 2, 10, *([1, 2] * 6), 1]
B = [*([1, -1] * 7), 5.5, -5.5]
C = [50, 52, 49, 51, 50, 48, 51, 49, 50, 52, 49, 51]
# whole numbers, so that a tie is a tie whatever is done to them
SERIES = st.lists(st.integers(-40, 40), min_size=2, max_size=40)


def is_trend(window):
    steps = [b - a for a, b in itertools.pairwise(window)]
    return all(step > 0 for step in steps) or all(step < 0 for step in steps)


def is_shift(window, center):
    return all(v > center for v in window) or all(v < center for v in window)


def near_places(window, first, center, mean, rules):
    """Places of a window that are two of three, or three of four, near one limit."""
    need, share = (2, 2 / 3) if rules == "nhs" else (3, 1 / 2)
    found = []
    for side in (1, -1):
        away = [side * (v - center) for v in window]
        near = [d > share * 2.66 * mean and mean > 0 for d in away]
        if rules == "nhs":
            near = [n and d < 2.66 * mean for n, d in zip(near, away, strict=True)]
        if sum(near) >= need and (rules == "wheeler" or all(d > 0 for d in away)):
            found += [first + k for k, n in enumerate(near) if n]
    return found


def naive(values, *, baseline=None, screen=True, rules="nhs"):
    """One segment, point by point, as the definition reads."""
    fixed = values[: baseline or len(values)]
    center = math.fsum(fixed) / len(fixed)
    moving = [abs(b - a) for a, b in itertools.pairwise(fixed)]
    mean = math.fsum(moving) / len(moving)
    if screen and mean > 0:
        kept = [m for m in moving if m < 3.267 * mean]
        mean = math.fsum(kept) / len(kept)
    upper, lower = center + 2.66 * mean, center - 2.66 * mean
    flags = [""] * len(values)

    def raise_(places, name):
        for place in places:
            flags[place] = flags[place] or name

    raise_([i for i, v in enumerate(values) if v > upper or v < lower], "outside")
    for i in range(len(values) - 6 if rules == "nhs" else 0):
        if is_trend(values[i : i + 7]):
            raise_(range(i, i + 7), "trend")
    size, length = (3, 7) if rules == "nhs" else (4, 8)
    for i in range(len(values) - size + 1):
        raise_(near_places(values[i : i + size], i, center, mean, rules), "two_of_three")
    for i in range(len(values) - length + 1):
        if is_shift(values[i : i + length], center):
            raise_(range(i, i + length), "shift")
    return center, lower, upper, flags


def test_reference_with_an_outlier():
    chart = xmr(A)
    assert chart["center"].iloc[0] == pytest.approx(1.944444, abs=1e-6)
    assert chart["lower"].iloc[0] == pytest.approx(-0.715556, abs=1e-6)
    assert chart["upper"].iloc[0] == pytest.approx(4.604444, abs=1e-6)
    assert chart.index[chart["signal"] == "outside"].tolist() == [4]
    assert chart["direction"].iloc[4] == "high"
    unscreened = xmr(A, screen=False).iloc[0]
    assert unscreened["lower"] == pytest.approx(-3.062614, abs=1e-6)
    assert unscreened["upper"] == pytest.approx(6.951503, abs=1e-6)


def test_reference_without_a_flag():
    chart = xmr(B)
    assert set(chart["signal"]) == {""}
    assert chart["upper"].iloc[0] == pytest.approx(6.175, abs=1e-9)


def test_reference_with_a_baseline():
    row = xmr([*C, 60], baseline=12).iloc[0]
    expected = (50.166667, 44.604848, 55.728485, 46.458788, 53.874545)
    found = row[["center", "lower", "upper", "near_lower", "near_upper"]]
    assert found.tolist() == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("value", [100.0, 0.1, -1e12, 0.0])
def test_a_constant_has_limits_on_itself_and_no_flags(value):
    chart = xmr([value] * 15)
    assert set(chart["signal"]) == {""}
    assert chart[["center", "lower", "upper"]].eq(value).all(axis=None)


def test_a_point_off_a_constant_baseline_is_outside():
    chart = xmr([5.0] * 12 + [5.1], baseline=12)
    assert chart["signal"].tolist() == [""] * 12 + ["outside"]


@pytest.mark.parametrize("rules", ["nhs", "wheeler"])
@given(values=SERIES, baseline=st.one_of(st.none(), st.integers(2, 12)), screen=st.booleans())
def test_it_is_what_a_loop_makes_of_the_definition(rules, values, baseline, screen):
    center, lower, upper, flags = naive(values, baseline=baseline, screen=screen, rules=rules)
    chart = xmr(values, baseline=baseline, screen=screen, rules=rules)
    scale = 1e-9 * (1 + max(map(abs, values)))
    assert chart["center"].iloc[0] == pytest.approx(center, abs=scale)
    assert chart["lower"].iloc[0] == pytest.approx(lower, abs=scale)
    assert chart["upper"].iloc[0] == pytest.approx(upper, abs=scale)
    parts = (-1, -2 / 3, -1 / 2, 0, 1 / 2, 2 / 3, 1)
    edges = [center + part * (upper - center) for part in parts]
    if all(abs(v - e) > scale for v in values for e in edges):  # no value lies on an edge
        assert chart["signal"].tolist() == flags


def test_six_steps_one_way_are_a_trend_and_a_tie_breaks_it():
    flat = [0, 3, 0, 3, 0, 3, 0, 3, 0, 3]
    rising = [*flat, 0.5, 1, 1.4, 1.6, 1.8, 2, 2.2]
    chart = xmr(rising)
    assert chart["signal"].tolist()[-7:] == ["trend"] * 7
    assert set(chart["direction"].iloc[-7:]) == {"up"}
    tied = [*flat, 0.5, 1, 1.4, 1.4, 1.8, 2, 2.2]
    assert "trend" not in set(xmr(tied)["signal"])


def test_seven_on_one_side_are_a_shift_and_the_centre_breaks_it():
    around = [1, -1] * 6
    shifted = [*around, 0.5, 0.4, 0.5, 0.4, 0.5, 0.4, 0.5]
    chart = xmr(shifted, baseline=12)
    assert chart["signal"].tolist()[-7:] == ["shift"] * 7
    assert set(chart["direction"].iloc[-7:]) == {"high"}
    broken = [*around, 0.5, 0.4, 0.5, 0.0, 0.5, 0.4, 0.5]
    assert set(xmr(broken, baseline=12)["signal"]) == {""}


def test_two_of_three_flags_only_those_near_the_limit():
    around = [1, -1] * 6  # limits 5.32, two thirds 3.55
    chart = xmr([*around, 4, 0.5, 4, -1], baseline=12)
    assert chart["signal"].tolist()[12:] == ["two_of_three", "", "two_of_three", ""]
    assert set(xmr([*around, 4, -0.5, 4, -1], baseline=12)["signal"]) == {""}
    beyond = xmr([*around, 6, 0.5, 4, -1], baseline=12)["signal"].tolist()[12:]
    assert beyond == ["outside", "", "", ""]  # a point outside does not count as near


def test_the_first_rule_that_matches_wins():
    chart = xmr([*([1, -1] * 6), 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 9], baseline=12)
    assert chart["signal"].tolist()[-7:] == ["trend"] * 6 + ["outside"]


@given(values=SERIES, factor=st.sampled_from([0.25, 2.0, 1024.0]), shift=st.integers(-64, 64))
def test_scale_and_level_do_not_matter(values, factor, shift):
    one, other = xmr(values), xmr(np.array(values) * factor)
    assert one["signal"].tolist() == other["signal"].tolist()
    np.testing.assert_allclose(other["upper"], one["upper"] * factor, atol=1e-6)
    moved = xmr(np.array(values) + shift)
    np.testing.assert_allclose(moved["lower"], one["lower"] + shift, atol=1e-9)
    assert one["signal"].tolist() == moved["signal"].tolist()


@given(values=SERIES)
def test_a_mirror_turns_directions_and_nothing_else(values):
    one, other = xmr(values), xmr(-np.array(values))
    assert one["signal"].tolist() == other["signal"].tolist()
    turn = {"": "", "high": "low", "low": "high", "up": "down", "down": "up"}
    both = zip(one["direction"], other["direction"], strict=True)
    peaks = one["signal"] == "trend"  # a peak ends one trend and begins another
    assert all(turn[a] == b for (a, b), peak in zip(both, peaks, strict=True) if not peak)


@given(values=SERIES)
def test_told_backwards_it_has_the_same_signals(values):
    one, other = xmr(values), xmr(values[::-1])
    assert one["upper"].iloc[0] == pytest.approx(other["upper"].iloc[0], abs=1e-9)
    edges = one[["center", "lower", "upper", "near_lower", "near_upper"]].iloc[0]
    if all(abs(v - e) > 1e-9 for v in values for e in edges):
        assert one["signal"].tolist() == other["signal"].tolist()[::-1]


@given(first=SERIES, second=SERIES)
def test_segments_know_nothing_of_each_other(first, second):
    chart = xmr([*first, *second], rebase=[len(first)])
    parts = pd.concat([xmr(first), xmr(second)], ignore_index=True)
    columns = ["center", "lower", "upper", "signal", "direction"]
    pd.testing.assert_frame_equal(chart[columns], parts[columns])
    assert chart["segment"].tolist() == [0] * len(first) + [1] * len(second)


@given(values=st.lists(st.integers(-9, 9), min_size=1, max_size=20), data=st.data())
def test_a_gap_is_stepped_over(values, data):
    place = data.draw(st.integers(0, len(values)))
    gapped = [*map(float, values[:place]), math.nan, *map(float, values[place:])]
    chart, whole = xmr(gapped), xmr(values)
    assert chart["signal"].iloc[place] == ""
    pd.testing.assert_frame_equal(
        chart.drop(index=place).reset_index(drop=True), whole, check_dtype=False
    )


def test_thirteen_points_are_no_trial():
    assert xmr(range(12)).attrs["trial"] == (True,)
    assert xmr(range(13)).attrs["trial"] == (False,)
    assert xmr(range(30), rebase=[20]).attrs["trial"] == (False, True)
    assert xmr(range(30), baseline=12).attrs["trial"] == (True,)


@pytest.mark.parametrize("values", [[], [math.nan], [math.nan] * 5, [7.0], [7.0, math.nan]])
def test_next_to_nothing_is_no_error(values):
    chart = xmr(values)
    assert len(chart) == len(values)
    assert set(chart["signal"]) <= {""}
    assert chart["signal"].dtype == "str"


@pytest.mark.parametrize(
    ("values", "options", "message"),
    [
        ([1, math.inf], {}, "infinite"),
        ([1, 2, 3], {"baseline": 1}, "baseline=1"),
        ([1, 2, 3], {"rebase": [3]}, "rebase at 3"),
        ([1, 2, 3], {"rules": "west"}, "rules='west'"),
    ],
)
def test_what_makes_no_sense_is_refused(values, options, message):
    with pytest.raises(ValueError, match=message):
        xmr(values, **options)


@pytest.mark.parametrize(
    ("direction", "better", "variation"),
    [
        ("high", "higher", "improvement_high"),
        ("low", "higher", "concern_low"),
        ("high", "lower", "concern_high"),
        ("low", "lower", "improvement_low"),
        ("up", "higher", "improvement_high"),
        ("down", "higher", "concern_low"),
        ("up", "band", "neutral_high"),
        ("low", "band", "neutral_low"),
        ("", "higher", "common"),
    ],
)
def test_variation_is_judged_by_the_latest_point(direction, better, variation):
    chart = xmr(C)
    chart.loc[len(C) - 1, "direction"] = direction
    chart.loc[0, "direction"] = "high"
    assert icons(chart, better, None) == (variation, "none")


@pytest.mark.parametrize(
    ("target", "higher", "lower"),
    [
        (44.0, "pass", "fail"),  # limits of C are 44.604848 and 55.728485
        (50.0, "inconsistent", "inconsistent"),
        (56.0, "fail", "pass"),
        (math.nan, "none", "none"),
        (None, "none", "none"),
    ],
)
def test_assurance_compares_target_and_limits(target, higher, lower):
    chart = xmr(C)
    assert icons(chart, "higher", target)[1] == higher
    assert icons(chart, "lower", target)[1] == lower


@pytest.mark.parametrize(
    ("band", "assurance"),
    [((40, 60), "pass"), ((50, 60), "inconsistent"), ((60, 70), "fail"), ((10, 40), "fail")],
)
def test_a_band_is_a_target_of_two_edges(band, assurance):
    assert icons(xmr(C), "band", band)[1] == assurance


def test_a_target_on_a_limit_is_not_promised():
    chart = xmr([100.0] * 15)
    assert icons(chart, "higher", 100.0) == ("common", "inconsistent")


def test_icons_refuse_what_they_cannot_judge():
    with pytest.raises(ValueError, match="without points"):
        icons(xmr([]), "higher", 1.0)
    with pytest.raises(ValueError, match="better="):
        icons(xmr(C), "more", 1.0)


def test_a_standstill_below_a_rising_line_is_no_trend():
    line = np.arange(30.0)
    raw = np.where(np.arange(30) < 20, line + np.tile([1.0, -1.0], 15), 20.0)
    falling = xmr(raw - line)
    assert (falling["signal"].iloc[-4:] == "trend").any() or (falling["direction"] == "down").any()
    assert not (xmr(raw - line, raw=raw)["signal"] == "trend").any()
    risen = np.where(np.arange(30) < 20, np.tile([1.0, -1.0], 15), 3.0 * (np.arange(30) - 20))
    both = xmr(risen, raw=risen + line)
    assert both[["signal", "direction"]].equals(xmr(risen)[["signal", "direction"]])

"""Accuracy: each measure written out by hand, and what must hold for any numbers."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from opsnb.errors import ParameterError
from opsnb.stats.accuracy import bias, coverage, mase, msis, owa, smape, wape, winkler

HISTORY = np.array([10.0, 12, 11, 13, 12, 14, 13, 15, 14, 16, 15, 17, 16, 18, 20, 19])
ACTUAL = np.array([20.0, 0, 22])
FORECAST = np.array([18.0, 3, 22])
LOWER, UPPER = np.array([15.0, 1, 18]), np.array([19.0, 5, 26])
SIZES = st.floats(1e-6, 1e6)
AMOUNTS = arrays(float, 6, elements=st.just(0.0) | SIZES | SIZES.map(lambda size: -size))
"""None so small that a factor makes it nothing."""


def seasonal_changes(history: np.ndarray, lag: int) -> float:
    changes = [abs(history[t] - history[t - lag]) for t in range(lag, len(history))]
    return sum(changes) / len(changes)


def test_mase_by_hand() -> None:
    error = (2 + 3 + 0) / 3
    assert mase(ACTUAL, FORECAST, HISTORY) == pytest.approx(error / seasonal_changes(HISTORY, 12))
    expected = error / seasonal_changes(HISTORY, 1)
    assert mase(ACTUAL, FORECAST, HISTORY, season_length=1) == pytest.approx(expected)


def test_mase_of_a_history_of_a_season_is_scaled_by_months() -> None:
    expected = (5 / 3) / seasonal_changes(HISTORY[:12], 1)
    assert mase(ACTUAL, FORECAST, HISTORY[:12]) == pytest.approx(expected)


def test_mase_of_several_series_counts_each_the_same() -> None:
    one = mase(ACTUAL, FORECAST, HISTORY)
    two = mase(ACTUAL, FORECAST, HISTORY[:12] * 5)
    both = mase([ACTUAL, ACTUAL], [FORECAST, FORECAST], [HISTORY, HISTORY[:12] * 5])
    assert both == pytest.approx((one + two) / 2)


def test_the_naive_forecast_within_the_history_has_a_mase_of_one() -> None:
    assert mase(HISTORY[12:], HISTORY[:4], HISTORY) == pytest.approx(1.0)


def test_smape_by_hand() -> None:
    assert smape(ACTUAL, FORECAST) == pytest.approx((200 * 2 / 38 + 200 + 0) / 3)
    assert smape([0.0], [0.0]) == 0


def test_owa_by_hand() -> None:
    reference = np.array([19.0, 19, 19])
    errors = smape(ACTUAL, FORECAST) / smape(ACTUAL, reference)
    scaled = (2 + 3 + 0) / (1 + 19 + 3)
    assert owa(ACTUAL, FORECAST, reference, HISTORY) == pytest.approx((errors + scaled) / 2)
    assert owa(ACTUAL, reference, reference, HISTORY) == pytest.approx(1.0)


def test_wape_and_bias_by_hand() -> None:
    assert wape(ACTUAL, FORECAST) == pytest.approx(5 / 42)
    assert bias(ACTUAL, FORECAST) == pytest.approx((-2 + 3 + 0) / 3)


def test_intervals_by_hand() -> None:
    assert coverage(ACTUAL, LOWER, UPPER) == pytest.approx(1 / 3)
    score = ((4 + 40 * 1) + (4 + 40 * 1) + 8) / 3
    assert winkler(ACTUAL, LOWER, UPPER) == pytest.approx(score)
    assert winkler(ACTUAL, LOWER, UPPER, level=80) == pytest.approx((14 + 14 + 8) / 3)
    expected = score / seasonal_changes(HISTORY, 12)
    assert msis(ACTUAL, LOWER, UPPER, HISTORY) == pytest.approx(expected)


def test_the_ends_of_an_interval_belong_to_it() -> None:
    assert coverage([1.0, 2.0], [1.0, 1.0], [2.0, 2.0]) == 1


def test_months_without_an_actual_are_left_out() -> None:
    gap = np.r_[ACTUAL, np.nan]
    more = np.r_[FORECAST, 99.0]
    assert smape(gap, more) == smape(ACTUAL, FORECAST)
    assert mase(gap, more, HISTORY) == mase(ACTUAL, FORECAST, HISTORY)
    assert wape(gap, more) == wape(ACTUAL, FORECAST)
    assert bias(gap, more) == bias(ACTUAL, FORECAST)
    low, high = np.r_[LOWER, 0.0], np.r_[UPPER, 1.0]
    assert coverage(gap, low, high) == coverage(ACTUAL, LOWER, UPPER)
    assert winkler(gap, low, high) == winkler(ACTUAL, LOWER, UPPER)


def test_what_is_not_applicable_is_nan() -> None:
    constant = np.full(30, 5.0)
    nothing = np.full(3, np.nan)
    assert math.isnan(mase(ACTUAL, FORECAST, constant))
    assert math.isnan(msis(ACTUAL, LOWER, UPPER, constant))
    assert math.isnan(wape(np.zeros(3), FORECAST))
    assert math.isnan(mase(ACTUAL, FORECAST, [3.0]))
    for measure in (smape, wape, bias):
        assert math.isnan(measure(nothing, FORECAST))
    assert math.isnan(coverage(nothing, LOWER, UPPER))


def test_shapes_and_levels_are_checked() -> None:
    with pytest.raises(ParameterError, match="one shape"):
        smape(ACTUAL, FORECAST[:2])
    with pytest.raises(ParameterError, match="one a series: 1"):
        mase(ACTUAL, FORECAST, [HISTORY, HISTORY])
    with pytest.raises(ParameterError, match="percentage"):
        winkler(ACTUAL, LOWER, UPPER, level=100)


@given(AMOUNTS, AMOUNTS)
def test_a_perfect_forecast_has_no_error(actual: np.ndarray, other: np.ndarray) -> None:
    assert smape(actual, actual) == 0
    assert bias(actual, actual) == 0
    assert coverage(actual, actual, actual) == 1
    assert 0 <= smape(actual, other) <= 200 + 1e-9
    assert bias(actual, other) == pytest.approx(-bias(other, actual))


@given(AMOUNTS, AMOUNTS, st.floats(1e-3, 1e3))
def test_units_do_not_matter(actual: np.ndarray, made: np.ndarray, factor: float) -> None:
    for measure in (smape, wape):
        found = measure(actual * factor, made * factor)
        assert found == pytest.approx(measure(actual, made), rel=1e-9, nan_ok=True)
    scaled = mase(actual * factor, made * factor, HISTORY * factor)
    assert scaled == pytest.approx(mase(actual, made, HISTORY), rel=1e-9)

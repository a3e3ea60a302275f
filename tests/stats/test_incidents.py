"""Frequencies brought up to date by incidents, and VaR put to the test."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from opsnb.stats.incidents import backtest, frequency_update

RATE = st.floats(0.01, 50)


def test_the_posterior_is_what_bayes_says():
    """By numerical integration of prior times likelihood, not by the conjugate formula."""
    found = frequency_update(0.5, 0.8, 3, 4, level=0.8).iloc[0]
    rate = np.linspace(1e-6, 12, 400_001)
    density = stats.gamma.pdf(rate, 1 / 0.64, scale=0.5 * 0.64) * stats.poisson.pmf(3, rate * 4)
    density /= density.sum()
    assert found["posterior"] == pytest.approx((rate * density).sum(), rel=1e-4)
    below = np.cumsum(density)
    assert found["low"] == pytest.approx(rate[np.searchsorted(below, 0.1)], rel=1e-3)
    assert found["high"] == pytest.approx(rate[np.searchsorted(below, 0.9)], rel=1e-3)
    assert found["observed"] == 0.75


@given(RATE, st.floats(0.05, 3), st.integers(0, 60), st.floats(0.1, 30))
def test_the_posterior_lies_between_judgement_and_observation(mean, cv, incidents, years):
    found = frequency_update(mean, cv, incidents, years).iloc[0]
    low, high = sorted([mean, incidents / years])
    assert low * (1 - 1e-9) <= found["posterior"] <= high * (1 + 1e-9)
    mixed = found["weight"] * found["observed"] + (1 - found["weight"]) * mean
    assert found["posterior"] == pytest.approx(mixed, rel=1e-9)
    assert found["low"] < found["high"]


def test_without_years_the_judgement_stands():
    found = frequency_update(2.0, 0.5, 0, 0).iloc[0]
    assert found["posterior"] == pytest.approx(2.0)
    assert found["weight"] == 0
    assert math.isnan(found["observed"])


def test_years_one_by_one_are_years_together():
    one = frequency_update(0.5, 0.8, 2, 1).iloc[0]
    cv = 1 / math.sqrt(1 / 0.64 + 2)
    both = frequency_update(one["posterior"], cv, 1, 2).iloc[0]
    assert both["posterior"] == pytest.approx(frequency_update(0.5, 0.8, 3, 3).at[0, "posterior"])


def test_several_risks_at_once():
    found = frequency_update([0.5, 1.0], 0.8, [0, 3], 2)
    assert found["posterior"].tolist() == [
        frequency_update(0.5, 0.8, 0, 2).at[0, "posterior"],
        frequency_update(1.0, 0.8, 3, 2).at[0, "posterior"],
    ]


def test_years_beyond_var_are_counted():
    found = backtest([10, 25, 40, 20, 41], [20, 20, 40, 20, 40], 0.9)
    assert (found.years, found.beyond, found.expected) == (5, 2, pytest.approx(0.5))
    assert found.pvalue == pytest.approx(1 - 0.9**5 - 5 * 0.1 * 0.9**4)
    assert backtest([1.0], 2.0, 0.9).pvalue == 1


@pytest.mark.parametrize(
    "call",
    [
        lambda: frequency_update(0.0, 1, 1, 1),
        lambda: frequency_update(1.0, 0, 1, 1),
        lambda: frequency_update(1.0, 1, -1, 1),
        lambda: frequency_update(1.0, 1, 1, math.nan),
        lambda: frequency_update(1.0, 1, 1.5, 1),
        lambda: frequency_update(1.0, 1, 1, 0),
        lambda: frequency_update(1.0, 1, 1, 1, level=1.0),
        lambda: backtest([], 1.0, 0.9),
        lambda: backtest([math.nan], 1.0, 0.9),
        lambda: backtest([1.0], 1.0, 1.0),
    ],
)
def test_what_cannot_be_is_refused(call):
    with pytest.raises(ValueError, match="expected"):
        call()

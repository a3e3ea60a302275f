"""Adjusted odds: against a known error, the normal scores by scipy, and what must not matter."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm

from opsnb.stats.calibration import brier
from opsnb.stats.odds import PRIOR, Adjustment, learned

PROBABILITIES = st.floats(0.03, 0.97)


def cases(clusters, shift, seed, within=5):
    """Forecasts whose futures are standard normal while what comes is shifted."""
    chance = np.random.default_rng(seed)
    came = np.repeat(chance.normal(shift, 1, clusters), within)
    names = np.repeat([f"m{k}" for k in range(clusters)], within)
    return names, np.full(len(names), "2024"), came


def test_nothing_learned_changes_nothing():
    nothing = learned([], [], [], [], [])
    assert nothing == Adjustment()
    for p in (0.0, 0.013, 0.5, 1.0):
        assert nothing.odds(p, higher=True, left=1.0) == p


def test_a_known_shift_is_found_and_helps_on_other_years():
    names, years, came = cases(800, 0.6, 1)
    found = learned(names, years, norm.cdf(came), came > 1, np.zeros(len(came), bool))
    assert found.shift == pytest.approx(0.6, abs=0.1)
    assert (found.clusters, found.years, found.weight) == (800, 1, 0.0)
    _, _, later = cases(800, 0.6, 2, within=1)
    goals = np.random.default_rng(3).normal(0.6, 1, 800)
    simulated = norm.sf(goals)
    adjusted = [found.odds(p, higher=True, left=0.5) for p in simulated]
    assert brier(adjusted, later >= goals) < brier(simulated, later >= goals) - 0.01


def test_repeated_cases_of_a_year_are_no_more_evidence():
    names, years, came = cases(6, 1.0, 4, within=1)
    met, planned = came > 1, np.ones(6, bool)
    once = learned(names, years, norm.cdf(came), met, planned)
    again = learned(*(np.repeat(x, 30) for x in (names, years, norm.cdf(came), met, planned)))
    assert (again.clusters, again.weight) == (once.clusters, once.weight)
    assert (again.shift, again.share) == pytest.approx((once.shift, once.share))
    assert once.shift == pytest.approx(norm.ppf(norm.cdf(came)).clip(-2.3263, 2.3263).sum() /
                                       (6 + PRIOR), abs=1e-4)  # fmt: skip


def test_few_years_are_shrunk_most():
    one, ten = (
        learned([f"m{k}" for k in range(n)], ["2024"] * n, [0.9] * n, [False] * n, [True] * n)
        for n in (1, 10)
    )
    assert 0 < one.shift < ten.shift < norm.ppf(0.9)
    assert 0 < one.weight < ten.weight < 1
    assert 0.5 > one.share > ten.share > 0


@given(PROBABILITIES, PROBABILITIES, st.floats(-1, 1), st.floats(0, 1))
def test_odds_keep_the_order_of_the_simulated_ones(p, q, shift, left):
    found = Adjustment(shift, 0.2, 0.4, 8, 2)
    low, high = (found.odds(x, higher=True, left=left) for x in sorted((p, q)))
    assert 0.02 <= low <= high <= 0.98


@given(PROBABILITIES, st.floats(-1, 1))
def test_what_one_direction_reaches_the_other_misses(p, shift):
    found = Adjustment(shift, clusters=8, years=2)
    up, down = found.odds(p, higher=True, left=1.0), found.odds(1 - p, higher=False, left=1.0)
    assert up + down == pytest.approx(1)


def test_past_targets_count_less_as_the_year_ends():
    found = Adjustment(0.0, 0.1, 0.5, 8, 2)
    odds = [found.odds(0.6, higher=True, left=left) for left in (1.0, 0.5, 0.25, 0.0)]
    assert odds == sorted(odds)
    assert odds[-1] == pytest.approx(0.6)
    score = norm.ppf(0.6) / 2 + norm.ppf(0.1) / 2
    assert odds[0] == pytest.approx(norm.cdf(score))

"""Calibration: said beside happened, and coverage that is no accident."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from opsnb.stats.calibration import brier, calibration, chance_of_fewer, too_narrow


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), max_size=60))
def test_every_forecast_stands_in_one_class(cases):
    said, met = [p for p, _ in cases], [float(y) for _, y in cases]
    table = calibration(said, met)
    assert table["n"].sum() == len(cases)
    known = table[table["n"] > 0]
    assert (known["n"] * known["happened"]).sum() == pytest.approx(sum(met))
    assert (known["n"] * known["said"]).sum() == pytest.approx(sum(said))
    assert (
        (known["low"] - 1e-12 <= known["said"]) & (known["said"] <= known["high"] + 1e-12)
    ).all()


@given(st.integers(1, 300), st.floats(0, 1), st.sampled_from([50.0, 80.0, 95.0]))
def test_the_tail_is_the_binomial_one(n, share, level):
    inside = round(share * n)
    expected = float(binom.cdf(inside, n, level / 100))
    assert chance_of_fewer(inside, n, level) == pytest.approx(expected, rel=1e-6, abs=1e-12)


def test_good_intervals_are_rarely_called_narrow():
    chance = np.random.default_rng(3)
    held = chance.binomial(120, 0.8, 2000)
    assert np.mean([too_narrow(int(inside), 120, 80.0) for inside in held]) < 0.015
    short = chance.binomial(120, 0.6, 500)
    assert np.mean([too_narrow(int(inside), 120, 80.0) for inside in short]) > 0.95


def test_brier_of_the_certain_and_of_none():
    assert brier([1.0, 0.0], [1, 0]) == 0.0
    assert np.isnan(brier([], []))

"""Past errors: widths and dependence that they tell, and what stays of the engine's paths."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsnb.stats.own_errors import loading, past_errors, rearranged, scale

NONE = np.empty((0, 6))
MONTHS = pd.date_range("2021-01-01", periods=60, freq="MS")


def shocks(a, count=4000, months=6, seed=0):
    """Errors of the model u_k = (e_k + a (e_1 + ... + e_{k-1})) / sqrt(1 + a² (k - 1))."""
    e = np.random.default_rng(seed).standard_normal((count, months))
    return (e + a * (np.cumsum(e, axis=1) - e)) / np.sqrt(1 + a**2 * np.arange(months))


@pytest.mark.parametrize("a", [0.0, 0.3, 0.7, 1.0])
def test_the_loading_of_the_model_is_found_back(a):
    assert loading(shocks(a)) == pytest.approx(a, abs=0.03)


def test_widths_are_those_of_the_errors():
    assert scale(2 * shocks(0.5)) == pytest.approx(2, abs=0.05)
    assert scale(NONE) == 1
    few = scale(2 * shocks(0.5, count=8))
    assert 1 < few < 1.5  # eight origins do not decide


def test_without_errors_the_usual_correlation_holds():
    correlation = np.corrcoef(shocks(loading(NONE)).T)
    assert np.diag(correlation, 1).mean() == pytest.approx(0.35, abs=0.03)


@given(st.floats(0.3, 2.5), st.integers(0, 5))
def test_each_month_keeps_its_values_about_its_median(size, seed):
    paths = np.random.default_rng(seed).lognormal(0, 0.3, (101, 6)) + np.arange(6)
    z = size * shocks(0.5, count=30, seed=seed)
    found = rearranged(paths, z, "x", seed)
    ordered, middle = np.sort(paths, axis=0), np.median(paths, axis=0)
    np.testing.assert_allclose(np.sort(found, axis=0), middle + scale(z) * (ordered - middle))


def test_errors_are_those_that_were_known_by_a_month():
    rng = np.random.default_rng(2)
    series = pd.Series(50 + np.cumsum(rng.normal(size=60)), index=MONTHS)
    whole = past_errors({"x": series}, 6)["x"]
    month = np.datetime64("2024-12")
    early = past_errors({"x": series.loc[:"2024-12-01"]}, 6)["x"]
    np.testing.assert_array_equal(whole.until(month), early.until(month))
    assert np.isfinite(whole.until(month)[0]).all()
    assert np.isfinite(whole.until(month)[-1]).sum() < 6
    assert past_errors({"x": series.iloc[:20]}, 6) == {}

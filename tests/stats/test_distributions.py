"""Tails, against printed tables, closed forms, and the p values of statsmodels and scipy."""

import math

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chi2

from opsnb.stats.distributions import (
    chi2_pvalue,
    f_pvalue,
    incomplete_beta,
    t_pvalue,
    t_quantile,
)

SHARES = st.floats(0.001, 0.999)
SIZES = st.floats(0.5, 200)


@pytest.mark.parametrize(
    ("df", "reach"), [(1, 12.7062), (2, 4.3027), (5, 2.5706), (30, 2.0423), (120, 1.9799)]
)
def test_quantiles_are_those_of_the_table(df, reach):
    assert t_quantile(0.95, df) == pytest.approx(reach, abs=5e-5)


@pytest.mark.parametrize(
    ("df", "rest", "limit"), [(1, 10, 4.9646), (3, 20, 3.0984), (11, 47, 1.9988)]
)
def test_limits_of_f_are_those_of_the_table(df, rest, limit):
    assert f_pvalue(limit, df, rest) == pytest.approx(0.05, abs=2e-4)


@given(st.floats(-50, 50))
def test_one_and_two_degrees_have_closed_forms(t):
    assert t_pvalue(t, 1) == pytest.approx(1 - 2 / math.pi * math.atan(abs(t)), abs=1e-12)
    assert t_pvalue(t, 2) == pytest.approx(1 - abs(t) / math.sqrt(2 + t * t), abs=1e-12)


@given(SIZES, SIZES, SHARES)
def test_the_beta_function_is_its_own_mirror(a, b, x):
    assert incomplete_beta(a, b, x) == pytest.approx(1 - incomplete_beta(b, a, 1 - x), abs=1e-10)


@given(st.floats(0.01, 20), st.floats(2, 300))
def test_f_with_one_degree_is_t_squared(t, df):
    assert f_pvalue(t * t, 1, df) == pytest.approx(t_pvalue(t, df), rel=1e-9, abs=1e-14)


@given(st.floats(0.5, 0.999), st.floats(1, 300))
def test_a_quantile_leads_back_to_its_level(level, df):
    assert t_pvalue(t_quantile(level, df), df) == pytest.approx(1 - level, rel=1e-9)


def test_they_are_those_of_statsmodels():
    rng = np.random.default_rng(2)
    x = rng.normal(size=(30, 3))
    model = sm.OLS(x @ [0.5, 0.1, 0] + rng.normal(size=30), sm.add_constant(x)).fit()
    for t, p in zip(model.tvalues, model.pvalues, strict=True):
        assert t_pvalue(t, 26) == pytest.approx(p)
    assert f_pvalue(model.fvalue, 3, 26) == pytest.approx(model.f_pvalue)


@given(st.floats(0, 300), st.integers(1, 40))
def test_chi_square_is_that_of_scipy(statistic, df):
    assert chi2_pvalue(statistic, df) == pytest.approx(chi2.sf(statistic, df), rel=1e-9, abs=1e-300)

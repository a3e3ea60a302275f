"""Regression, against statsmodels used directly, and by what it should find and not find."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from statsmodels.stats.diagnostic import acorr_ljungbox
from statsmodels.stats.outliers_influence import variance_inflation_factor
from statsmodels.stats.stattools import durbin_watson

from opsnb.errors import ParameterError
from opsnb.stats.association import regress


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(11)
    x = pd.DataFrame({"a": rng.normal(size=60), "b": rng.normal(size=60)})
    x["b"] += 0.6 * x["a"]
    error = rng.normal(size=61)
    return 3 + 2 * x["a"] + error[1:] + 0.7 * error[:-1], x


def test_params_are_those_of_statsmodels(data):
    y, x = data
    found = regress(y, x, basis="level", maxlags=3)
    design = sm.add_constant(x)
    model = sm.OLS(y, design).fit(
        cov_type="HAC", cov_kwds={"maxlags": 3, "use_correction": True}, use_t=True
    )
    params = found.params.set_index("term")
    assert list(params.index) == ["const", "a", "b"]
    assert np.allclose(params["param"], model.params)
    assert np.allclose(params["bse"], model.bse)
    assert np.allclose(params["pvalue"], model.pvalues)
    assert np.allclose(params[["ci_lower", "ci_upper"]], model.conf_int(0.05))
    for place, name in enumerate(["const", "a", "b"]):
        if place:
            expected = variance_inflation_factor(design.to_numpy(), place)
            assert params.loc[name, "vif"] == pytest.approx(expected)
    assert found.summary["rsquared"] == pytest.approx(model.rsquared)
    assert found.summary["durbin_watson"] == pytest.approx(durbin_watson(model.resid))
    assert found.summary["rsquared_adj"] == pytest.approx(model.rsquared_adj)
    assert found.summary["condition_number"] == pytest.approx(model.condition_number)
    box = acorr_ljungbox(model.resid, lags=[3])["lb_pvalue"].iloc[0]
    assert found.summary["ljung_box_pvalue"] == pytest.approx(box)
    influence = sm.OLS(y, design).fit().get_influence()
    assert np.allclose(found.fitted["cooks_distance"], influence.cooks_distance[0])
    assert np.allclose(found.fitted["leverage"], influence.hat_matrix_diag)


def test_what_has_an_effect_is_told_from_what_has_none(data):
    params = regress(*data).params.set_index("term")
    assert params.loc["a", "distinguishable"]
    assert not params.loc["b", "distinguishable"]
    assert params.loc["a", "ci_lower"] < 2 < params.loc["a", "ci_upper"]


def test_a_prediction_is_less_sure_than_the_mean(data):
    fitted = regress(*data).fitted
    assert (fitted["pi_lower"] < fitted["ci_lower"]).all()
    assert (fitted["pi_upper"] > fitted["ci_upper"]).all()
    inside = fitted["y"].between(fitted["pi_lower"], fitted["pi_upper"])
    assert inside.mean() > 0.85
    assert np.allclose(fitted["y"], fitted["fitted"] + fitted["resid"])


def test_autocorrelated_residuals_are_told(data):
    assert regress(*data, basis="level").summary["ljung_box_pvalue"] < 0.05


def test_two_walks_are_not_an_effect():
    """Over 100 unrelated pairs; in levels, plain least squares calls most of them one."""
    rng, ours, plain = np.random.default_rng(5), 0, 0
    for _ in range(100):
        y, x = pd.Series(rng.normal(size=60).cumsum()), rng.normal(size=60).cumsum()
        found = regress(y, pd.DataFrame({"x": x}))
        ours += found.params["distinguishable"].iloc[1]
        plain += sm.OLS(y, sm.add_constant(x)).fit().pvalues.iloc[1] < 0.05
    assert plain > 50
    assert ours <= 15


def test_rows_with_gaps_are_left_out_and_counted(data):
    y, x = data[0].copy(), data[1].copy()
    y.iloc[4], x.iloc[9, 1] = np.nan, np.nan
    found = regress(y, x, basis="level")
    assert (found.summary["nobs"], found.summary["dropped"]) == (58, 2)
    assert not {4, 9} & set(found.fitted.index)
    kept = y.notna() & x.notna().all(axis=1)
    expected = sm.OLS(y[kept], sm.add_constant(x[kept])).fit().params
    assert np.allclose(found.params["param"], expected)


def test_an_outlier_is_influential(data):
    y = data[0].copy()
    y.iloc[30] += 25
    fitted = regress(y, data[1], basis="level").fitted
    assert fitted["cooks_distance"].idxmax() == 30
    assert fitted.loc[30, "influential"]


def test_an_exact_relation_has_nothing_left():
    x = pd.DataFrame({"a": np.random.default_rng(1).normal(size=40)})
    found = regress(2 * x["a"] + 1, x, basis="level")
    assert found.params["param"].tolist() == pytest.approx([1, 2])
    assert found.summary["rsquared"] == pytest.approx(1)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda x: x.assign(c=1.0), "candidate 'c' does not vary"),
        (lambda x: x.assign(c=x["a"] - 2 * x["b"]), "candidate 'c' is made of those before it"),
        (lambda x: x[[]], "there are no candidates"),
        (lambda x: x.set_index(x.index + 1), "do not have the same index"),
    ],
)
def test_what_cannot_be_fitted_is_refused(data, change, message):
    with pytest.raises(ParameterError, match=message):
        regress(data[0], change(data[1]), basis="level")


def test_too_few_periods_are_refused(data):
    with pytest.raises(ParameterError, match="6 periods have all values; expected at least 8"):
        regress(data[0][:6], data[1][:6], basis="level")

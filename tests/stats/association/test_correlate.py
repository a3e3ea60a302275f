"""Correlation, against pandas and statsmodels, and under a null where raw series would deceive."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from statsmodels.stats.multitest import multipletests

from opsnb.errors import ParameterError
from opsnb.stats.association import comparable, correlate


def noise(seed, n=48):
    return np.random.default_rng(seed).normal(size=n)


def plain_pvalue(a, b):
    """Of the slope of a regression on one variable, which is that of Pearson's correlation."""
    return sm.OLS(b, sm.add_constant(a)).fit().pvalues[1]


def one(a, b, **options):
    """Row of Pearson's and of Spearman's correlation at lag 0 unless said otherwise."""
    found = correlate(pd.Series(b), pd.DataFrame({"x": a}), **({"lags": [0]} | options))
    return found.set_index("method")


def test_plain_correlations_are_those_of_pandas_and_of_a_regression_on_one():
    a = noise(1)
    b = 0.5 * a + noise(2)
    found = one(a, b, basis="level", autocorrelation=False)
    row, ranked = found.loc["pearson"], found.loc["spearman"]
    r = np.corrcoef(a, b)[0, 1]
    assert row["correlation"] == pytest.approx(r)
    ends = np.tanh(np.arctanh(r) + np.array([-1, 1]) * 1.959963984540054 / np.sqrt(45))
    assert (row["ci_lower"], row["ci_upper"]) == pytest.approx(tuple(ends))
    assert row["pvalue"] == pytest.approx(plain_pvalue(a, b))
    assert ranked["correlation"] == pytest.approx(pd.Series(a).corr(pd.Series(b), "spearman"))
    ranks = (pd.Series(side).rank().to_numpy() for side in (a, b))
    assert ranked["pvalue"] == pytest.approx(plain_pvalue(*ranks))


def test_ties_and_gaps_are_those_of_pandas():
    a, b = np.round(noise(3), 0), noise(4)
    b[[3, 17]] = np.nan
    known = ~np.isnan(b)
    row = one(a, b, basis="level", autocorrelation=False).loc["spearman"]
    assert row["correlation"] == pytest.approx(
        pd.Series(a[known]).corr(pd.Series(b[known]), "spearman")
    )
    assert row["nobs"] == 46


def test_a_candidate_is_ahead_by_its_lag():
    x = pd.Series(noise(5, 60))
    y = x.shift(2) + 0.3 * noise(6, 60)
    found = correlate(y, x.to_frame("x"), lags=range(5))
    best = found.loc[found["correlation"].abs().idxmax()]
    assert best["lag"] == 2
    assert best["pvalue_adjusted"] < 1e-6
    assert best["ci_lower"] < best["correlation"] < best["ci_upper"]
    assert best["nobs"] == 58


def test_a_planted_lag_is_found_behind_trend_and_season():
    months = np.arange(60)
    x = noise(7, 60) + 3 * np.sin(months * np.pi / 6) + 0.1 * months
    y = 0.2 * months + 4 * np.cos(months * np.pi / 6)
    y[1:] += 2 * noise(7, 60)[:-1]
    found = correlate(pd.Series(y), pd.DataFrame({"x": x}))
    assert found["basis"].unique().tolist() == ["adjusted, detrended"]
    assert found.loc[found["correlation"].abs().idxmax(), "lag"] == 1


@pytest.mark.parametrize("multiplicity", ["holm", "fdr_bh"])
def test_all_that_was_tried_is_corrected_for(multiplicity):
    x = pd.DataFrame({f"x{k}": noise(10 + k) for k in range(4)} | {"flat": 1.0})
    found = correlate(pd.Series(noise(9)), x, lags=[0, 1, 5], multiplicity=multiplicity)
    known = found["pvalue"].notna()
    assert len(found) == 5 * 3 * 2
    assert (~known).sum() == 6
    expected = multipletests(found.loc[known, "pvalue"], method=multiplicity)[1]
    assert np.allclose(found.loc[known, "pvalue_adjusted"], expected)
    assert (found.loc[known, "pvalue_adjusted"] >= found.loc[known, "pvalue"]).all()


def walk(rng):
    return rng.normal(size=36).cumsum()


def trend(rng):
    return 0.15 * np.arange(36) + rng.normal(size=36)


def season(rng):
    return trend(rng) + 2 * np.sin(np.arange(36) * np.pi / 6)


@pytest.mark.parametrize("make", [walk, trend, season])
def test_series_that_only_trend_together_are_not_called_related(make):
    """Size of the 5 % test over 80 unrelated pairs; of raw series more than a half would pass."""
    rng = np.random.default_rng(20261105)
    ours, raw = 0, 0
    for _ in range(80):
        a, b = make(rng), make(rng)
        ours += one(a, b).loc["pearson", "pvalue"] < 0.05
        raw += plain_pvalue(a, b) < 0.05
    assert raw > 40
    assert ours <= 11  # 4 are expected; more than 11 come in one of 1,000 such experiments


def test_neighbours_that_resemble_each_other_count_for_fewer():
    rng = np.random.default_rng(3)
    smooth = [np.convolve(rng.normal(size=53), np.ones(6), "valid") for _ in range(2)]
    found = one(*smooth, basis="level").loc["pearson"]
    plain = one(*smooth, basis="level", autocorrelation=False).loc["pearson"]
    assert found["nobs_effective"] < 0.5 * found["nobs"]
    assert found["correlation"] == plain["correlation"]
    assert found["pvalue"] > plain["pvalue"]
    assert found["ci_upper"] - found["ci_lower"] > plain["ci_upper"] - plain["ci_lower"]


def test_too_little_or_nothing_that_varies_is_no_number():
    for a in (np.ones(48), np.r_[noise(1, 7), np.full(41, np.nan)]):
        found = one(a, noise(2))
        assert found[["correlation", "ci_lower", "pvalue", "pvalue_adjusted"]].isna().all(axis=None)


def test_a_perfect_relation():
    found = one(noise(1), 3 * noise(1) - 2, basis="level").loc["pearson"]
    assert found["correlation"] == pytest.approx(1)
    assert found["pvalue"] < 1e-12


@pytest.mark.parametrize(
    ("basis", "spent"), [("level", 0), ("adjusted", 11), ("detrended", 1), ("differenced", 0)]
)
def test_a_basis_takes_out_what_it_says(basis, spent):
    months = np.arange(48)
    given = {
        "level": noise(1), "adjusted": np.tile(noise(2, 12), 4),
        "detrended": 2.0 + 0.3 * months, "differenced": 0.5 * months,
    }[basis]  # fmt: skip
    shown, used, found = comparable(pd.DataFrame({"y": given}), basis)
    assert (used, found) == (basis, spent)
    left = shown["y"].to_numpy()
    if basis == "level":
        assert (left == given).all()
    else:
        assert np.nanstd(left) == pytest.approx(0, abs=1e-9 if basis != "adjusted" else 0.2)
        assert np.isnan(left[0]) == (basis == "differenced")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"lags": [-1]}, "lag -1 is negative"),
        ({"level": 95}, "level is 95"),
        ({"basis": "detrend"}, "did you mean 'detrended'"),
        ({"multiplicity": "holmes"}, "did you mean 'holm'"),
    ],
)
def test_what_is_not_known_is_refused(options, message):
    with pytest.raises(ParameterError, match=message):
        one(noise(1), noise(2), **options)


def test_other_periods_are_refused():
    with pytest.raises(ParameterError, match="same index"):
        correlate(pd.Series(noise(1)), pd.DataFrame({"x": noise(1)}, index=range(1, 49)))


@pytest.mark.parametrize("factor", [1e-9, 1e9])
@pytest.mark.parametrize("basis", ["level", "auto"])
def test_another_unit_of_measure_changes_nothing(factor, basis):
    rng = np.random.default_rng(3)
    frame = pd.DataFrame({"y": 50 + rng.normal(size=40), "x": 30 + rng.normal(size=40)})
    plain = correlate(frame["y"], frame["x"], basis=basis)
    scaled = correlate(frame["y"] * factor, frame["x"] * factor, basis=basis)
    assert plain["correlation"].notna().all()
    pd.testing.assert_frame_equal(plain, scaled, rtol=1e-9)

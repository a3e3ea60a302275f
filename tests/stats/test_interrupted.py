"""Interrupted time series: against statsmodels, by simulation, and by what must not matter."""

import math

import numpy as np
import pytest
import statsmodels.api as sm

from opsnb.errors import ParameterError
from opsnb.stats.interrupted import Design, interrupted, placebos, usual, variants

LEVEL = Design(slope=False, season="")


def errors(n, rho, rng):
    e = rng.normal(size=n + 100)
    u = np.zeros(n + 100)
    for t in range(1, n + 100):
        u[t] = rho * u[t - 1] + e[t]
    return u[100:]


def test_with_a_known_dependence_it_is_gls(monkeypatch):
    """The estimate under one autocorrelation is statsmodels' GLS with that covariance."""
    rng = np.random.default_rng(3)
    n, start, rho = 40, 28, 0.5
    y = 5 + 0.1 * np.arange(n) + errors(n, rho, rng) + 2.0 * (np.arange(n) >= start)
    monkeypatch.setattr("opsnb.stats.interrupted.GRID", np.array([rho]))
    found = interrupted(y, start, design=Design(slope=True, season=""))
    after = (np.arange(n) >= start).astype(float)
    x = np.column_stack([after, after * (np.arange(n) - start), np.ones(n), np.arange(n)])
    sigma = rho ** np.abs(np.subtract.outer(np.arange(n), np.arange(n)))
    told = sm.GLS(y, x, sigma=sigma).fit()
    low, high = told.conf_int()[0]
    assert found.level.value == pytest.approx(told.params[0])
    assert (found.level.lower, found.level.upper) == pytest.approx((low, high), rel=1e-6)
    assert found.level.pvalue == pytest.approx(told.pvalues[0], rel=1e-6)
    assert found.slope.value == pytest.approx(told.params[1])
    mean = told.t_test(np.array([1, (n - start - 1) / 2, 0, 0]))
    assert found.mean.value == pytest.approx(mean.effect[0])
    assert (found.mean.lower, found.mean.upper) == pytest.approx(tuple(mean.conf_int()[0]))


def test_gaps_keep_their_place(monkeypatch):
    """Neighbours two months apart depend on each other by the square."""
    rng = np.random.default_rng(4)
    n, start, rho = 40, 28, 0.6
    y = errors(n, rho, rng)
    y[[10, 20, 21, 33]] = math.nan
    monkeypatch.setattr("opsnb.stats.interrupted.GRID", np.array([rho]))
    found = interrupted(y, start, design=LEVEL)
    keep = np.isfinite(y)
    time = np.arange(n)[keep]
    x = np.column_stack([time >= start, np.ones(len(time)), time]).astype(float)
    told = sm.GLS(y[keep], x, sigma=rho ** np.abs(np.subtract.outer(time, time))).fit()
    assert found.level.value == pytest.approx(told.params[0])
    assert (found.level.lower, found.level.upper) == pytest.approx(tuple(told.conf_int()[0]))


@pytest.mark.parametrize(("n", "start"), [(24, 16), (40, 34)])
@pytest.mark.parametrize("rho", [-0.3, 0.0, 0.3, 0.6])
def test_intervals_hold_and_chance_is_not_taken_for_an_effect(n, start, rho):
    """200 series without an effect: 95 % hold 0, to within 3 standard errors of that count."""
    rng = np.random.default_rng(11)
    held = 0
    for _ in range(200):
        y = 10 + 0.05 * np.arange(n) + errors(n, rho, rng)
        found = interrupted(y, start, design=Design(slope=False, season=""))
        held += found.mean.lower <= 0 <= found.mean.upper
        assert (found.mean.pvalue < 0.05) == (not found.mean.lower <= 0 <= found.mean.upper)
    assert held / 200 >= 0.95 - 3 * math.sqrt(0.95 * 0.05 / 200)


def test_an_effect_is_found_and_its_interval_holds_it():
    rng = np.random.default_rng(5)
    found, held = 0, 0
    for _ in range(100):
        y = 10 + errors(48, 0.3, rng) + 3.0 * (np.arange(48) >= 36)
        one = interrupted(y, 36, design=LEVEL)
        found += one.mean.pvalue < 0.05
        held += one.mean.lower <= 3.0 <= one.mean.upper
    assert found >= 80
    assert held >= 88


def test_a_ratio_by_logarithms_and_its_sum():
    """Without noise to speak of, 10 % less is 10 % less, and the sum is what is missing."""
    time = np.arange(48)
    season = 1 + 0.2 * np.sin(2 * math.pi * time / 12)
    rng = np.random.default_rng(1)
    base = 100 * 1.01**time * season * np.exp(rng.normal(0, 1e-4, 48))
    y = base * np.where(time >= 40, 0.9, 1.0)
    found = interrupted(y, 40, log=True)
    assert found.relative.value == pytest.approx(-0.1, abs=1e-3)
    assert found.total.value == pytest.approx(-(base[40:] * 0.1).sum(), rel=2e-2)
    assert found.path["counterfactual"].to_numpy()[40:] == pytest.approx(base[40:], rel=5e-3)


def test_units_and_starting_time_do_not_matter():
    rng = np.random.default_rng(2)
    y = 50 + errors(48, 0.4, rng) + 4.0 * (np.arange(48) >= 36)
    one, other = interrupted(y, 36), interrupted(1000 * y + 7, 36)
    assert other.mean.value == pytest.approx(1000 * one.mean.value)
    assert other.mean.upper == pytest.approx(1000 * one.mean.upper)
    assert other.mean.pvalue == pytest.approx(one.mean.pvalue)
    assert other.rho == pytest.approx(one.rho)


def test_what_moves_both_is_no_effect():
    """A shock to the series and its control alike vanishes; against none it is found."""
    rng = np.random.default_rng(8)
    shock = 5.0 * (np.arange(48) >= 36)
    control = 20 + errors(48, 0.2, rng) + shock
    y = 10 + (control - 20) + rng.normal(0, 0.3, 48)
    alone, beside = interrupted(y, 36), interrupted(y, 36, control=control)
    assert alone.mean.pvalue < 0.01
    assert abs(beside.mean.value) < 0.5
    assert beside.mean.lower <= 0 <= beside.mean.upper


def test_placebos_of_noise_are_like_the_estimate_and_those_of_an_effect_are_not():
    rng = np.random.default_rng(9)
    y = errors(60, 0.2, rng)
    others = placebos(y, 48)
    assert (others["place"] < 48).all()
    assert len(others) > 20
    moved = y + 6.0 * (np.arange(60) >= 48)
    assert (placebos(moved, 48)["mean"] == others["mean"]).all()  # values after are not looked at
    assert abs(interrupted(moved, 48).mean.value) > others["mean"].abs().max()


def test_variants_are_other_designs_of_the_same():
    rng = np.random.default_rng(10)
    y = 10 + errors(60, 0.2, rng) + 3.0 * (np.arange(60) >= 48)
    found = variants(y, 48, control=rng.normal(0, 0.1, 60))
    assert {"usual", "no_slope", "no_season", "no_trend", "no_control", "later"} == set(found)
    plain = interrupted(y, 48, design=Design(slope=False, season="months"))
    assert variants(y, 48)["no_slope"].value == pytest.approx(plain.mean.value)


def test_the_design_is_what_the_lengths_allow():
    assert usual(12, 3) == Design(slope=False, season="")
    assert usual(24, 8) == Design(slope=True, season="harmonics")
    assert usual(48, 12) == Design(slope=True, season="months")


@pytest.mark.parametrize(
    ("values", "start", "match"),
    [
        ([1.0, 2.0] * 5, 7, "7 values before"),
        ([1.0, 2.0] * 6, 11, "1 after"),
        ([1.0] * 20, 12, "constant"),
    ],
)
def test_what_cannot_be_told_is_refused(values, start, match):
    with pytest.raises(ParameterError, match=match):
        interrupted(values, start)


def test_values_without_a_logarithm_and_a_control_of_another_length():
    with pytest.raises(ParameterError, match="not positive"):
        interrupted([*np.linspace(-1, 5, 20)], 12, log=True)
    with pytest.raises(ParameterError, match="control has 3 values"):
        interrupted([*np.linspace(1, 5, 20)], 12, control=[1.0, 2.0, 3.0])

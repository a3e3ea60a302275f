"""The basis of a chart: what makes a series comparable, and how rarely it then errs."""

import math

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from opsnb.stats.comparable import f_score
from opsnb.stats.false_flags import false_flag_rate
from opsnb.stats.spc import basis, xmr

MONTHS = np.arange(36)
NOISE = 0.03


def series(rng, *, growth=0.0, season=0.0, lag=0.0):
    noise = rng.normal(0, NOISE, 86)
    for i in range(1, 86):
        noise[i] = lag * noise[i - 1] + noise[i] * math.sqrt(1 - lag**2)
    return 100 * np.exp(growth * MONTHS + season * np.sin(MONTHS * math.pi / 6) + noise[50:])


def outcome(runs=250, shock=1.0, **what):
    """Shares of the bases chosen, and of the charts whose latest point is flagged."""
    rng, chosen, flagged = np.random.default_rng(11), {}, 0
    for _ in range(runs):
        values = series(rng, **what)
        values[-1] *= shock
        found = basis(values)
        name = found["basis"].iloc[-1]
        chosen[name] = chosen.get(name, 0) + 1 / runs
        flagged += bool(name) and xmr(found["value"])["signal"].iloc[-1] != ""
    return chosen, flagged / runs


def upper(rate, runs=250):
    """What a share of `runs` stays below, four binomial deviations above `rate`."""
    return rate + 4 * math.sqrt(rate * (1 - rate) / runs)


@pytest.mark.parametrize(
    ("what", "chosen"),
    [
        ({}, "level"),
        ({"growth": 0.003}, "detrended"),
        ({"season": 0.1}, "yoy_log"),
        ({"lag": 0.8}, ""),
    ],
)
def test_the_basis_fits_the_series_and_does_not_cry_wolf(what, chosen):
    """On raw values these are flagged in 1.7, 67, 28 and 30 % of the charts."""
    bases, flagged = outcome(**what)
    assert max(bases, key=bases.get) == chosen
    assert bases[chosen] > 0.75
    assert flagged < upper(0.017)


def test_a_fall_is_still_seen_on_every_basis():
    for what in ({}, {"growth": 0.003}):
        assert outcome(shock=0.88, **what)[1] > 0.7
    assert outcome(shock=0.80, season=0.1)[1] > 0.7


def test_the_reported_month_does_not_choose_its_basis():
    rng = np.random.default_rng(3)
    for what in ({}, {"growth": 0.003}, {"season": 0.1}):
        values = series(rng, **what)
        other = np.append(values[:-1], values[-1] * 0.5)
        assert basis(values)["basis"].tolist() == basis(other)["basis"].tolist()


def test_level_and_adjusted_are_the_values_themselves():
    values = series(np.random.default_rng(1))
    assert basis(values)["value"].tolist() == values.tolist()
    fair = basis(values, adjusted=values / 1.1)
    assert fair["basis"].iloc[-1] == "adjusted"
    assert fair["value"].tolist() == (values / 1.1).tolist()
    assert basis(values, adjusted=values)["basis"].iloc[-1] == "level"


def test_detrended_and_its_line_add_up():
    values = series(np.random.default_rng(1), growth=0.01)
    found = basis(values)
    assert found["basis"].iloc[-1] == "detrended"
    np.testing.assert_allclose(found["value"] + found.attrs["trend"], values)


def test_growth_is_the_log_of_the_ratio_and_of_rates_the_difference():
    values = series(np.random.default_rng(1), season=0.2)
    found = basis(values)
    assert found["basis"].iloc[-1] == "yoy_log"
    np.testing.assert_allclose(found["value"].iloc[12:], np.log(values[12:] / values[:-12]))
    assert found["value"].iloc[:12].isna().all()
    rate = basis(values, kind="rate")["value"]
    np.testing.assert_allclose(rate.iloc[12:], values[12:] - values[:-12])


def test_a_straight_line_has_no_signals_of_rounding():
    found = basis(0.1 * np.arange(36) + 7.3)
    assert set(xmr(found["value"])["signal"]) == {""}


def test_a_recorded_step_is_no_trend_and_growth_over_it_is_left_out():
    rng = np.random.default_rng(5)
    values = series(rng) * np.where(MONTHS < 20, 1.0, 1.5)
    assert basis(values, rebase=[20])["basis"].iloc[-1] == "level"
    seasonal = series(rng, season=0.15) * np.where(MONTHS < 14, 1.0, 1.5)
    growth = basis(seasonal, rebase=[14])
    assert growth["value"].iloc[14:26].isna().all()


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ([], "too few points"),
        ([1.0], "too few points"),
        ([1.0] * 9, "too few points"),
        ([math.nan] * 36, "too few points"),
        ([*range(35), math.nan], "too few points"),
        (np.random.default_rng(0).normal(0, 1, 36).cumsum(), None),
    ],
)
def test_where_nothing_holds_there_is_a_reason(values, reason):
    found = basis(values)
    assert found["value"].isna().all()
    assert set(found["basis"]) <= {""}
    assert found.attrs["reason"] == reason if reason else found.attrs["reason"]


@pytest.mark.parametrize(
    "values", [[5.0] * 12, [0.0] * 36, np.random.default_rng(6).normal(-1, 2, 36)]
)
def test_constants_zeros_and_negatives_have_a_level(values):
    assert basis(values)["basis"].iloc[-1] == "level"


def test_the_index_is_kept():
    values = pd.Series(series(np.random.default_rng(1)), index=[f"m{i}" for i in MONTHS])
    assert basis(values).index.tolist() == values.index.tolist()


@pytest.mark.parametrize(("groups", "free"), [(1, 33), (11, 23), (1, 21), (11, 47)])
@pytest.mark.parametrize("tail", [0.05, 0.01])
def test_the_score_of_an_f_ratio(groups, free, tail):
    ratio = stats.f.isf(tail, groups, free)
    score = f_score(ratio * groups, float(free), groups, free)
    assert stats.norm.sf(score) == pytest.approx(tail, rel=0.25)


@pytest.mark.parametrize(
    ("options", "rate"),
    [
        ({"points": 24}, 0.016),
        ({"points": 36}, 0.017),
        ({"points": 24, "baseline": 12}, 0.061),
        ({"points": 36, "lag": 0.5}, 0.14),
    ],
)
def test_false_flags_are_as_often_as_published(options, rate):
    found = false_flag_rate(**options)
    assert abs(found - rate) < 4 * math.sqrt(rate * (1 - rate) / 2000)


def test_false_flags_are_the_same_every_time_and_for_nearby_correlations():
    assert false_flag_rate(30, 0.21) == false_flag_rate(30, 0.18)
    assert false_flag_rate(1) == 0
    assert false_flag_rate(36, 0.0, detrended=True) == pytest.approx(0.017, abs=0.012)

"""Calendar adjustment: the reference experiment, known coefficients, and data that tell nothing."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsnb.calendar import regressors
from opsnb.period import Period
from opsnb.stats.adjust import adjust
from opsnb.stats.spc import xmr

RUNS = 400
COLUMNS = ["pre", "during", "post"]


def calendar(months, last="2025-12"):
    return regressors(Period.parse(last).back(months))


@pytest.fixture(scope="module")
def experiment():
    """How often a fall of 12 % in the last month lies below the limit, by adjustment."""
    rng, days = np.random.default_rng(7), calendar(36)
    hits = {"raw": 0, "workdays": 0, "festival": 0}
    for _ in range(RUNS):
        log = math.log(100) + np.log(days["workdays"] / days["workdays"].mean())
        value = np.exp(log + math.log(0.85) * days["during"] + rng.normal(0, 0.03, 36))
        value.iloc[-1] *= 0.88
        series = {
            "raw": value,
            "workdays": value / days["workdays"],
            "festival": adjust(days.assign(value=value))["adjusted"],
        }
        for name, one in series.items():
            last = xmr(np.log(one)).iloc[-1]
            hits[name] += bool(last["value"] < last["lower"])
    return hits


def sds(share, expected):
    """Distance of a share of RUNS from what is expected, in binomial standard deviations."""
    return (share - expected) / math.sqrt(expected * (1 - expected) / RUNS)


def test_the_reference_experiment(experiment):
    assert experiment["raw"] / RUNS <= 0.02
    assert abs(sds(experiment["workdays"] / RUNS, 0.36)) < 4
    assert sds(experiment["festival"] / RUNS, 0.70) > 0


def test_known_coefficients_are_found():
    days = calendar(60)
    log = 3 + 0.8 * np.log(days["workdays"] / days["workdays"].iloc[:-1].mean())
    log = log + days[COLUMNS] @ [-0.05, -0.2, 0.04] + 0.004 * np.arange(60)
    found = adjust(days.assign(value=np.exp(log)))
    assert found.attrs["elasticity"] == pytest.approx(0.8, abs=1e-6)
    assert list(found.attrs["festival"].values()) == pytest.approx([-0.05, -0.2, 0.04], abs=1e-6)
    # what is left is level and growth
    steps = np.diff(np.log(found["adjusted"]))
    np.testing.assert_allclose(steps, 0.004, atol=1e-6)


def test_the_reported_month_has_no_say():
    days = calendar(36)
    value = days["workdays"] * np.exp(np.random.default_rng(1).normal(0, 0.02, 36))
    one, other = (adjust(days.assign(value=[*value.iloc[:-1], last])) for last in (1.0, 1e9))
    pd.testing.assert_series_equal(one["factor"], other["factor"])


def test_another_metric_has_another_elasticity():
    days, rng = calendar(48), np.random.default_rng(2)
    for elasticity in (0.0, 0.5, 1.0):
        value = 50 * days["workdays"] ** elasticity * np.exp(rng.normal(0, 0.01, 48))
        found = adjust(days.assign(value=value)).attrs["elasticity"]
        assert found == pytest.approx(elasticity, abs=0.12)


@pytest.mark.parametrize("kind", ["stock", "rate"])
def test_stocks_and_rates_are_left_alone(kind):
    days = calendar(36)
    found = adjust(days.assign(value=days["workdays"] * 1.0), kind=kind)
    assert found["factor"].eq(1).all()
    assert found["adjusted"].equals(found["raw"])
    assert found.attrs["reason"] == "stocks and rates do not depend on working days"


def test_one_festival_is_too_few_for_its_coefficients():
    days = calendar(14, "2025-06")  # holds the festival of 2025 alone
    value = days["workdays"] * np.where(days["during"] > 0, 0.5, 1.0)
    assert list(adjust(days.assign(value=value)).attrs["festival"].values()) == [0, 0, 0]


def test_an_outlier_does_not_set_the_coefficients():
    days = calendar(48)
    value = days["workdays"] * np.exp(np.random.default_rng(4).normal(0, 0.01, 48))
    value.iloc[20] *= 6
    assert adjust(days.assign(value=value)).attrs["elasticity"] == pytest.approx(1, abs=0.15)


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ([], "too few points"),
        ([5.0], "too few points"),
        ([5.0] * 12, "too few points"),
        ([math.nan] * 36, "too few points"),
        ([0.0] * 36, "too few points"),
        ([*([5.0] * 30), -1.0, *([5.0] * 5)], "some values are negative"),
        ([5.0] * 36, "the calendar shows no effect"),
    ],
)
def test_what_tells_nothing_has_factor_one_and_a_reason(values, reason):
    found = adjust(calendar(len(values)).assign(value=np.array(values, dtype=float)))
    assert found["factor"].eq(1).all()
    assert found.attrs["reason"] == reason
    assert list(found.columns) == ["raw", "factor", "adjusted"]


@given(
    st.lists(
        st.one_of(st.just(math.nan), st.just(0.0), st.floats(-1e12, 1e12)), min_size=1, max_size=60
    )
)
def test_no_series_makes_it_fail(values):
    found = adjust(calendar(len(values)).assign(value=values))
    assert np.isfinite(found["factor"]).all()
    assert (found["factor"] > 0).all()
    gaps = np.isnan(values)
    assert (found["adjusted"].isna() == gaps).all()


@given(st.floats(1e-6, 1e9))
def test_the_factor_knows_no_unit(scale):
    days = calendar(36)
    value = days["workdays"] * np.exp(np.random.default_rng(5).normal(0, 0.02, 36))
    one, other = adjust(days.assign(value=value)), adjust(days.assign(value=value * scale))
    np.testing.assert_allclose(one["factor"], other["factor"], rtol=1e-6)


def test_a_missing_column_and_an_unknown_kind_are_named():
    with pytest.raises(ValueError, match="no column 'workdays'"):
        adjust(pd.DataFrame({"value": [1.0]}))
    with pytest.raises(ValueError, match="kind='sum'"):
        adjust(calendar(3).assign(value=1.0), kind="sum")

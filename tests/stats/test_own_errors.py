"""Past errors: widths and dependence that they tell, and what stays of the engine's paths."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsnb.stats.own_errors import Errors, loading, past_errors, rearranged, scale

NONE = np.empty((0, 6))
MONTHS = pd.date_range("2021-01-01", periods=60, freq="MS")


def shocks(a, count=4000, months=6, seed=0):
    """Errors of the model u_k = (e_k + a (e_1 + ... + e_{k-1})) / sqrt(1 + a² (k - 1))."""
    e = np.random.default_rng(seed).standard_normal((count, months))
    return (e + a * (np.cumsum(e, axis=1) - e)) / np.sqrt(1 + a**2 * np.arange(months))


@pytest.mark.parametrize("a", [0.0, 0.3, 0.7, 1.0])
def test_the_loading_of_the_model_is_found_back(a):
    assert loading(shocks(a)) == pytest.approx(a, abs=0.03)


def known(z, move=None, trust=0.0):
    """Errors whose deviations are `z`, beside moves that came true for `trust` of them."""
    move = np.zeros_like(z) if move is None else move
    origins = np.datetime64("2000-01") + 2 * np.arange(len(z))
    return Errors(origins, z + trust * move, move, np.ones_like(z), np.ones_like(z))


def test_widths_are_those_of_the_errors():
    np.testing.assert_allclose(scale(2 * shocks(0.5)), 2, atol=0.1)
    np.testing.assert_array_equal(scale(NONE), 1)
    few = scale(2 * shocks(0.5, count=8))
    assert (few < 1.9).all()  # eight origins do not decide
    grown = scale(shocks(0.5) * np.arange(1, 7) ** 0.5)
    assert (np.diff(grown) > 0.05).all()


@pytest.mark.parametrize("true", [0.0, 0.5, 1.0])
def test_moves_count_for_what_came_true_of_them(true):
    move = 30 * np.random.default_rng(1).standard_normal((40, 6))
    assert known(shocks(0.5, count=40), move, true).trust == pytest.approx(true, abs=0.03)
    assert known(shocks(0.5, count=40), move / 1000, true).trust == pytest.approx(1, abs=0.03)


def test_what_came_true_of_late_counts_more():
    move, z = np.ones((20, 6)), np.zeros((20, 6))
    came = np.where(np.arange(20)[:, None] < 14, 0.0, 1.0) * move
    late = Errors(np.datetime64("2000-01") + 2 * np.arange(20), came, move, z + 1, z + 1)
    early = Errors(late.origins, came[::-1], move, z + 1, z + 1)
    assert early.trust < 0.5 < late.trust


def test_walks_trust_moves_less_than_seasons():
    rng, t = np.random.default_rng(4), np.arange(60)
    walks = {f"w{i}": 50 + np.cumsum(rng.normal(size=60)) for i in range(20)}
    seasons = {
        f"s{i}": 50 + 5 * np.sin((t + i) * np.pi / 6) + rng.normal(size=60) for i in range(20)
    }
    found = past_errors({n: pd.Series(y, index=MONTHS) for n, y in (walks | seasons).items()}, 6)
    trust = {kind: np.mean([found[f"{kind}{i}"].trust for i in range(20)]) for kind in "ws"}
    assert trust["w"] < 0.9 < trust["s"]


def test_without_errors_the_usual_correlation_holds():
    correlation = np.corrcoef(shocks(loading(NONE)).T)
    assert np.diag(correlation, 1).mean() == pytest.approx(0.6, abs=0.03)


@given(st.floats(0.3, 2.5), st.integers(0, 5))
def test_each_month_keeps_its_values_about_its_median(size, seed):
    paths = np.random.default_rng(seed).lognormal(0, 0.3, (101, 6)) + np.arange(6)
    z = size * shocks(0.5, count=30, seed=seed)
    errors = known(z)
    found = rearranged(paths, errors, 0.5, "x", seed)
    ordered, middle = np.sort(paths, axis=0), np.median(paths, axis=0)
    centre = 0.5 + errors.trust * (middle - 0.5)
    width = scale(errors.z(errors.trust))
    np.testing.assert_allclose(np.sort(found, axis=0), centre + width * (ordered - middle))


def test_without_past_errors_each_month_stays_what_it_is():
    paths = np.random.default_rng(0).lognormal(0, 0.3, (101, 6))
    found = rearranged(paths, None, 1.0, "x", 0)
    np.testing.assert_allclose(np.sort(found, axis=0), np.sort(paths, axis=0))


def test_errors_are_those_that_were_known_by_a_month():
    rng = np.random.default_rng(2)
    series = pd.Series(50 + np.cumsum(rng.normal(size=60)), index=MONTHS)
    whole = past_errors({"x": series}, 6)["x"]
    month = np.datetime64("2024-12")
    early = past_errors({"x": series.loc[:"2024-12-01"]}, 6)["x"]
    then, alone = whole.until(month), early.until(month)
    for name in ("origins", "came", "move", "down", "up"):
        np.testing.assert_array_equal(getattr(then, name), getattr(alone, name))
    assert np.isfinite(then.came[0]).all()
    assert np.isfinite(then.came[-1]).sum() < 6
    assert past_errors({"x": series.iloc[:20]}, 6) == {}

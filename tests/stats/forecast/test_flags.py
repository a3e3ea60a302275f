"""Histories that are short, broken or strange: no exception, no NaN, and a code that says so."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from opsnb.stats.forecast import forecast
from tests.stats.forecast.conftest import long

NUMBERS = ["mean", "lo-80", "hi-80", "lo-95", "hi-95"]
CHANCE = np.random.default_rng(11)
MONTHS = np.arange(60)
USUAL = 100 + 10 * np.sin(2 * np.pi * MONTHS / 12) + CHANCE.normal(0, 2, 60)


def changed(**at: float) -> np.ndarray:
    """The usual series with some months replaced."""
    y = USUAL.copy()
    for month, value in at.items():
        y[int(month[1:])] = value
    return y


CASES = {
    "usual": (USUAL, ""),
    "empty": (np.full(10, np.nan), "empty"),
    "one": (USUAL[:1], "short"),
    "two years less one": (USUAL[:23], "short"),
    "two years": (USUAL[:24], ""),
    "gap": (changed(m20=np.nan, m21=np.nan), "gaps"),
    "no last value": (changed(m59=np.nan), "gaps"),
    "constant": (np.full(30, 7.0), "constant"),
    "nothing but zeros": (np.zeros(30), "constant"),
    "zeros": (np.where(MONTHS % 9 == 4, 0.0, USUAL), "zeros"),
    "sparse": (np.where(CHANCE.random(60) < 0.3, 5.0, 0.0), "zeros,sparse"),
    "negative": (USUAL - 100, "negative"),
    "outlier": (changed(m30=3000.0), "outlier"),
    "partial": (changed(m59=20.0), "partial"),
    "not yet counted": (changed(m59=0.0), "partial"),
    "shift": (np.where(MONTHS < 45, 1.0, 3.0) * USUAL, "shift"),
    "infinite": (changed(m59=np.inf), "gaps"),
    "tera": (USUAL * 1e12, ""),
    "nearly the largest float": (USUAL * 1e300, ""),
    "exponential": (np.exp(MONTHS * 0.5), ""),
}


@pytest.mark.parametrize("name", CASES)
def test_the_code_that_belongs_to_it(name: str) -> None:
    y, flag = CASES[name]
    out = forecast(long({"a": y}), 18)
    assert out["flag"].tolist() == [flag] * 18
    assert np.isfinite(out[NUMBERS].to_numpy()).all()


@pytest.mark.parametrize("n", range(1, 24))
def test_every_short_length(n: int) -> None:
    out = forecast(long({"a": USUAL[:n]}), 12)
    assert set(out["flag"]) == {"short"}
    assert (out["lo-95"] < out["lo-80"]).all()
    assert (out["lo-95"] >= 0).all()
    assert out["mean"].between(50, 200).all()


@given(
    arrays(
        float,
        st.integers(1, 40),
        elements=st.floats(-1e12, 1e12)
        | st.just(np.nan)
        | st.just(0.0)
        | st.integers(0, 9).map(float),
    )
)
@settings(max_examples=60, deadline=None)
def test_anything_is_forecast(y: np.ndarray) -> None:
    out = forecast(long({"a": y}), 6)
    found = out[["lo-95", "lo-80", "mean", "hi-80", "hi-95"]].to_numpy()
    assert np.isfinite(found).all()
    assert (np.diff(found, axis=1) >= 0).all()
    known = y[~np.isnan(y)]
    if (known >= 0).all():
        assert (found >= 0).all()


def test_an_incomplete_month_does_not_pull_the_forecast_down() -> None:
    usual = forecast(long({"a": USUAL}), 6)["mean"]
    partial = forecast(long({"a": changed(m59=20.0)}), 6)["mean"]
    np.testing.assert_allclose(partial, usual, rtol=0.05)


def test_a_high_last_month_is_believed() -> None:
    """Only a month that is too low looks incomplete."""
    out = forecast(long({"a": changed(m59=1000.0)}), 6)
    assert set(out["flag"]) == {""}
    assert out["mean"].mean() > 110


def test_the_forecast_of_a_constant_is_the_constant() -> None:
    out = forecast(long({"a": np.full(30, 7.0), "b": np.full(5, -3.0)}), 4)
    expected = np.repeat([[7.0], [-3.0]], 4, axis=0)
    np.testing.assert_allclose(out[NUMBERS], np.repeat(expected, 5, axis=1), rtol=1e-12)


def test_a_sparse_series_is_forecast_by_its_mean() -> None:
    chance = np.random.default_rng(4)
    series = {f"s{i}": np.where(chance.random(72) < 0.4, 10.0, 0.0) for i in range(60)}
    out = forecast(long(series), 6)
    assert out["mean"].mean() == pytest.approx(4.0, rel=0.15)
    assert (out.groupby("unique_id")["mean"].nunique() == 1).all()

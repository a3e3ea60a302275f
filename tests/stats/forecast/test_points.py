"""The centre of the forecast: what it finds, and what must not change it."""

from __future__ import annotations

import sys
from subprocess import run

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opsnb.errors import ParameterError, UnknownNameError
from opsnb.stats.forecast import forecast
from tests.stats.forecast.conftest import business, long

NUMBERS = ["mean", "lo-80", "hi-80", "lo-95", "hi-95"]


def values(panel: pd.DataFrame, h: int = 6, **options: object) -> np.ndarray:
    return forecast(panel, h, **options)[NUMBERS].to_numpy()


def test_columns_and_months_follow_the_history(panel: pd.DataFrame) -> None:
    out = forecast(panel, 3)
    assert out.columns.tolist() == ["unique_id", "ds", *NUMBERS, "flag"]
    last = panel.groupby("unique_id")["ds"].max()
    for name, part in out.groupby("unique_id"):
        expected = pd.date_range(last[name], periods=4, freq="MS")[1:]
        assert part["ds"].tolist() == expected.tolist()
    assert out["unique_id"].is_monotonic_increasing


def test_a_season_without_noise_is_continued() -> None:
    months = np.arange(60)
    season = 100 * (1 + 0.2 * np.sin(2 * np.pi * months / 12))
    out = forecast(long({"a": season[:48]}), 12)["mean"]
    np.testing.assert_allclose(out, season[48:], rtol=0.01)


def test_no_season_is_found_in_noise() -> None:
    chance = np.random.default_rng(3)
    noise = {f"n{i}": chance.normal(100, 5, 60) for i in range(50)}
    out = forecast(long(noise), 12)
    spread = out.groupby("unique_id")["mean"].std()
    assert spread.median() < 2.0  # a season taken as it is would have 5 / sqrt(5) = 2.2 and more


def test_better_than_the_seasonal_naive_forecast() -> None:
    series = business(80, seed=5, lengths=(60, 61))
    history = long({name: y[:-12] for name, y in series.items()})
    actual = np.array([y[-12:] for y in series.values()])
    naive = np.array([y[-24:-12] for y in series.values()])
    made = forecast(history, 12)["mean"].to_numpy().reshape(actual.shape)
    assert np.abs(made - actual).mean() < 0.8 * np.abs(naive - actual).mean()


@given(st.floats(1e-6, 1e9), st.integers(0, 5))
@settings(max_examples=15, deadline=None)
def test_scale_of_the_values(factor: float, seed: int) -> None:
    """Multiplying a history multiplies its forecast, on both working scales."""
    series = business(3, seed)
    series["below"] = series["s000"] - 500
    panel = long(series)
    scaled = panel.assign(y=panel["y"] * factor)
    np.testing.assert_allclose(
        values(scaled), factor * values(panel), rtol=1e-9, atol=1e-9 * factor
    )


@given(st.integers(-240, 240))
@settings(max_examples=10, deadline=None)
def test_shift_in_time(months: int) -> None:
    panel = long(business(3, 1))
    moved = panel.assign(ds=panel["ds"] + pd.DateOffset(months=months))
    np.testing.assert_array_equal(values(moved), values(panel))


def test_order_of_rows_and_names_do_not_matter(panel: pd.DataFrame) -> None:
    shuffled = panel.sample(frac=1.0, random_state=1)
    pd.testing.assert_frame_equal(forecast(shuffled, 6), forecast(panel, 6))
    renamed = panel.assign(unique_id="z" + panel["unique_id"])
    np.testing.assert_array_equal(values(renamed), values(panel))


def test_a_series_is_forecast_alike_alone_and_in_any_batch(panel: pd.DataFrame) -> None:
    odd = long({"odd": np.r_[np.zeros(40), 7.0, -3.0] * 1e9, "old": np.arange(1.0, 301.0)})
    batch = forecast(pd.concat([panel, odd]), 6).set_index("unique_id")
    for name, part in panel.groupby("unique_id"):
        alone = forecast(part, 6)
        np.testing.assert_allclose(alone[NUMBERS], batch.loc[[name], NUMBERS], rtol=1e-12)
        assert alone["flag"].tolist() == batch.loc[[name], "flag"].tolist()


def test_the_horizon_does_not_change_the_first_months(panel: pd.DataFrame) -> None:
    near = values(panel, 3).reshape(12, 3, 5)
    far = values(panel, 30).reshape(12, 30, 5)
    np.testing.assert_allclose(near, far[:, :3], rtol=1e-12)


def test_calendar_factors_are_taken_out_and_put_back(panel: pd.DataFrame) -> None:
    months = pd.date_range("2019-01-01", "2028-12-01", freq="MS")
    days = np.random.default_rng(2).uniform(0.8, 1.2, len(months))
    ids = panel["unique_id"].unique()
    factors = pd.DataFrame(
        {
            "unique_id": np.repeat(ids, len(months)),
            "ds": np.tile(months, len(ids)),
            "factor": np.tile(days, len(ids)),
        }
    )
    worked = panel.merge(factors, on=["unique_id", "ds"])
    worked["y"] *= worked["factor"]
    ahead = forecast(panel, 6).merge(factors, on=["unique_id", "ds"])
    expected = ahead[NUMBERS].to_numpy() * ahead[["factor"]].to_numpy()
    found = values(worked[["unique_id", "ds", "y"]], factors=factors)
    np.testing.assert_allclose(found, expected, rtol=1e-9)


def test_a_missing_factor_is_named(panel: pd.DataFrame) -> None:
    factors = panel[["unique_id", "ds"]].assign(factor=1.0)
    with pytest.raises(ParameterError, match="no positive factor for series 's000'"):
        forecast(panel, 2, factors=factors)


def test_quarters(panel: pd.DataFrame) -> None:
    quarters = panel[panel["ds"].dt.month.isin([3, 6, 9, 12])]
    out = forecast(quarters, 4, season_length=4)
    assert set(out["ds"].dt.month) == {3, 6, 9, 12}


def test_an_empty_panel_gives_an_empty_frame(panel: pd.DataFrame) -> None:
    out = forecast(panel.iloc[:0], 3)
    assert out.empty
    assert out.columns.tolist() == ["unique_id", "ds", *NUMBERS, "flag"]


def test_two_rows_for_a_month_are_refused(panel: pd.DataFrame) -> None:
    with pytest.raises(ParameterError, match="series 's000' has two rows for 2020-01"):
        forecast(pd.concat([panel, panel.iloc[[0]]]), 3)


@pytest.mark.parametrize("change", [{"h": 0}, {"level": (100,)}, {"lower": 2.0, "upper": 1.0}])
def test_what_makes_no_sense_is_refused(panel: pd.DataFrame, change: dict[str, object]) -> None:
    with pytest.raises(ParameterError):
        forecast(panel, **{"h": 3, **change})


def test_values_that_are_no_numbers_are_refused(panel: pd.DataFrame) -> None:
    with pytest.raises(ParameterError, match="column y"):
        forecast(panel.assign(y="many"), 3)
    with pytest.raises(ParameterError, match="no date"):
        forecast(panel.assign(ds=pd.NaT), 3)


def test_an_absent_column_is_named(panel: pd.DataFrame) -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'uniqueid'"):
        forecast(panel.rename(columns={"unique_id": "uniqueid"}), 3)


def test_importing_it_loads_neither_scipy_nor_statsmodels() -> None:
    code = (
        "import sys, opsnb.stats.forecast, opsnb.stats.accuracy;"
        "assert not {'scipy', 'statsmodels', 'matplotlib'} & set(sys.modules)"
    )
    run([sys.executable, "-c", code], check=True)

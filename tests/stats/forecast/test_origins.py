"""Backtests: what was known at an origin, and nothing else."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from opsnb.errors import ParameterError
from opsnb.stats.forecast import backtest, forecast
from tests.stats.forecast.conftest import business, long


@pytest.fixture
def even() -> pd.DataFrame:
    return long(business(4, 3, (40, 41)))


def test_each_origin_is_the_forecast_of_that_day(even: pd.DataFrame) -> None:
    found = backtest(even, 3, origins=2)
    months = even["ds"].drop_duplicates().tolist()
    assert sorted(found["cutoff"].unique()) == months[-5:-3]
    for cutoff, part in found.groupby("cutoff"):
        then = forecast(even[even["ds"] <= cutoff], 3)
        columns = then.columns.tolist()
        pd.testing.assert_frame_equal(part[columns].reset_index(drop=True), then)
        came = part.merge(even, on=["unique_id", "ds"])
        np.testing.assert_array_equal(came["y_x"], came["y_y"])


def test_what_came_later_does_not_matter(even: pd.DataFrame) -> None:
    last = even["ds"].max()
    other = even.assign(y=even["y"].where(even["ds"] < last, 1e6))
    before, after = (backtest(p, 3, origins=1)["mean"] for p in (even, other))
    pd.testing.assert_series_equal(before, after)


def test_origins_may_be_named(even: pd.DataFrame) -> None:
    found = backtest(even, 2, origins=["2022-06-01"])
    assert found["cutoff"].unique().tolist() == [pd.Timestamp("2022-06-01")]
    assert found["ds"].min() == pd.Timestamp("2022-07-01")


def test_months_without_a_value_stay_missing(even: pd.DataFrame) -> None:
    last = even["ds"].max()
    gone = even[(even["ds"] < last) | (even["unique_id"] != "s000")]
    found = backtest(gone, 3, origins=1).query("unique_id == 's000'")
    assert found["y"].isna().tolist() == [False, False, True]


def test_an_origin_before_the_history_is_refused(even: pd.DataFrame) -> None:
    with pytest.raises(ParameterError, match="leaves no month"):
        backtest(even, 40, origins=1)
    with pytest.raises(ParameterError, match="empty panel"):
        backtest(even.iloc[:0], 1, origins=1)

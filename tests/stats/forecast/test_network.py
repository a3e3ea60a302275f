"""Corrections by networks: where they are used, and on what they do not depend."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from opsnb.stats.forecast import forecast, lean, slack
from opsnb.stats.forecast.engine import Fitted, fit
from opsnb.stats.forecast.network import REACH, over, shipped
from opsnb.stats.forecast.panel import read
from tests.stats.forecast.conftest import business, long


def fitted(panel: pd.DataFrame, h: int, season: int = 12) -> Fitted:
    return fit(read(panel, season), h, season)


@pytest.fixture(scope="module")
def even() -> pd.DataFrame:
    return long(business(70, 5, (30, 90)))


def test_a_network_says_of_a_row_the_same_alone_and_among_others() -> None:
    network = shipped("slack")
    x = np.random.default_rng(0).normal(size=(150, len(network.mean)))
    whole = network.out(x)
    assert whole.shape == (150, slack.OUTPUTS * REACH)
    for row in (0, 63, 64, 149):
        np.testing.assert_array_equal(network.out(x[row : row + 1])[0], whole[row])


def test_a_network_is_the_mean_of_its_parts() -> None:
    """Units one by one, by the definition."""
    network = shipped("lean")
    x = np.random.default_rng(1).normal(size=(3, len(network.mean))) * network.sd + network.mean
    z = np.clip((x - network.mean) / network.sd, -4, 4)
    hidden = np.maximum(z @ network.inner + network.threshold, 0)
    expected = hidden @ network.outer + network.constant
    np.testing.assert_allclose(network.out(x), expected, rtol=1e-10)


def test_steps_beyond_those_that_are_known_are_as_the_last() -> None:
    out = np.arange(REACH)[None] + 1.0
    assert over(out, 3).tolist() == [[1.0, 2.0, 3.0]]
    assert over(out, REACH + 2)[0, -3:].tolist() == [REACH] * 3


def test_both_corrections_are_used_for_months_of_positive_series_of_two_years(
    even: pd.DataFrame,
) -> None:
    found = fitted(even, 6)
    assert (np.abs(found.slack).max((0, 2)) > 0).all()
    short = even.groupby("unique_id").tail(23)
    negative = even.assign(y=even["y"] - even["y"].mean())
    for panel, season in ((short, 12), (negative, 12), (even, 4)):
        assert not fitted(panel, 6, season).slack.any()


def test_widths_of_near_months_do_not_depend_on_how_far_one_looks(even: pd.DataFrame) -> None:
    near, far = fitted(even, 4), fitted(even, 24)
    np.testing.assert_array_equal(near.slack, far.slack[..., :4])
    frames = [forecast(even, h).groupby("unique_id").head(4) for h in (4, 24)]
    pd.testing.assert_frame_equal(*(f.reset_index(drop=True) for f in frames), rtol=1e-12)


def test_corrections_of_the_widths_know_no_unit_of_measure(even: pd.DataFrame) -> None:
    plain = fitted(even, 12).slack
    for factor in (1e-6, 1e9):
        scaled = fitted(even.assign(y=even["y"] * factor), 12).slack
        np.testing.assert_allclose(scaled, plain, rtol=1e-7, atol=1e-9)


def test_a_series_that_repeats_itself_each_year_has_finite_widths() -> None:
    year = np.array([5.0, 6, 7, 8, 9, 10, 11, 12, 9, 8, 7, 6])
    panel = long({"a": np.tile(year, 4)})
    assert np.isfinite(fitted(panel, 12).slack).all()
    assert np.isfinite(forecast(panel, 12)[["lo-95", "hi-95"]].to_numpy()).all()


def test_features_are_those_that_the_networks_know(even: pd.DataFrame) -> None:
    table = read(even, 12)
    found = fitted(even, REACH)
    z = np.log(table.y) - found.season.over(-len(table.y), len(table.y))
    seen = lean.features(z, found.averaged, found.season.strength, found.n)
    more = slack.more(table.y, found.averaged, found.season)
    assert seen.shape[1] == len(shipped("lean").mean)
    assert seen.shape[1] + more.shape[1] == len(shipped("slack").mean)

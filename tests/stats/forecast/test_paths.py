"""Joint futures: reproducible, with the quantiles of the intervals, and joined as stated."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from opsnb.errors import ParameterError
from opsnb.stats.forecast import Scale, fit_scale, forecast, simulate_paths
from tests.stats.forecast.conftest import business, long


@pytest.fixture
def even() -> pd.DataFrame:
    """Series that end in the same month."""
    return long(business(8, 2, (48, 49)))


def test_shape_and_labels(even: pd.DataFrame) -> None:
    found = simulate_paths(even, 5, paths=40, seed=1)
    assert found.values.shape == (8, 40, 5)
    assert found.unique_id.tolist() == sorted(even["unique_id"].unique())
    ahead = forecast(even, 5)["ds"].unique()
    np.testing.assert_array_equal(found.ds, ahead.to_numpy())


def test_series_that_end_in_different_months_have_their_own_months(panel: pd.DataFrame) -> None:
    found = simulate_paths(panel, 3, paths=4, seed=1)
    expected = forecast(panel, 3)["ds"].to_numpy().reshape(12, 3)
    np.testing.assert_array_equal(found.ds, expected)


def test_a_series_has_the_same_paths_alone_and_in_any_batch(panel: pd.DataFrame) -> None:
    batch = simulate_paths(panel, 6, paths=30, seed=9)
    for row, name in enumerate(batch.unique_id):
        alone = simulate_paths(panel[panel["unique_id"] == name], 6, paths=30, seed=9)
        np.testing.assert_allclose(alone.values[0], batch.values[row], rtol=1e-12)


def test_another_seed_gives_other_paths(even: pd.DataFrame) -> None:
    first, second = (simulate_paths(even, 2, paths=9, seed=seed).values for seed in (1, 2))
    assert not np.isclose(first, second).any()


def test_quantiles_of_paths_are_the_intervals(even: pd.DataFrame) -> None:
    scale = Scale(widths=(1.3, 1.1))
    out = forecast(even, 4, scale=scale)
    values = simulate_paths(even, 4, paths=20_000, seed=3, scale=scale).values
    for column, share in [("lo-95", 0.025), ("lo-80", 0.1), ("hi-80", 0.9), ("hi-95", 0.975)]:
        expected = out[column].to_numpy().reshape(8, 4)
        below = (values <= expected[:, None]).mean(1)
        sd = np.sqrt(share * (1 - share) / 20_000)
        assert np.abs(below - share).max() < 5 * sd
    middle = np.median(values, axis=1)
    np.testing.assert_allclose(middle, out["mean"].to_numpy().reshape(8, 4), rtol=0.01)


def test_paths_keep_the_bounds(even: pd.DataFrame) -> None:
    values = simulate_paths(even, 6, paths=500, seed=1, lower=450, upper=550).values
    assert values.min() == 450
    assert values.max() == 550


@pytest.mark.parametrize("correlation", [0.0, 0.5, 1.0])
def test_the_correlation_is_the_one_asked_for(even: pd.DataFrame, correlation: float) -> None:
    values = simulate_paths(even, 1, paths=20_000, seed=5, correlation=correlation).values[:, :, 0]
    rank = values.argsort(1).argsort(1)
    # Spearman's correlation of a Gaussian copula (Pearson 1907).
    expected = 6 / np.pi * np.arcsin(correlation / 2)
    found = np.corrcoef(rank)[np.triu_indices(8, 1)]
    np.testing.assert_allclose(found, expected, atol=0.04)


def test_groups_are_wider_when_their_parts_move_together(even: pd.DataFrame) -> None:
    apart, together = (
        simulate_paths(even, 6, paths=4000, seed=7, correlation=r).values.sum((0, 2)).std()
        for r in (0.0, 0.6)
    )
    assert together > 1.4 * apart


def test_loadings_find_what_the_series_share() -> None:
    chance = np.random.default_rng(12)
    common = chance.normal(size=72)
    series = {}
    for number in range(30):
        own = chance.normal(size=72)
        noise = np.sqrt(0.6) * common + np.sqrt(0.4) * own if number < 20 else own
        series[f"s{number:02d}"] = 100 * np.exp(0.03 * noise)
    loading = fit_scale(long(series)).loading(pd.Index(sorted(series)))
    assert np.mean(loading[:20]) ** 2 == pytest.approx(0.6, abs=0.2)
    assert np.abs(loading[20:]).mean() < 0.3


def test_a_shock_that_stays_makes_neighbouring_months_alike() -> None:
    walk = 100 * np.exp(np.cumsum(np.random.default_rng(1).normal(0, 0.05, 72)))
    noise = 100 * np.exp(np.random.default_rng(1).normal(0, 0.05, 72))
    values = simulate_paths(long({"noise": noise, "walk": walk}), 6, paths=5000, seed=1).values
    noise_r, walk_r = (np.corrcoef(v[:, 4], v[:, 5])[0, 1] for v in values)
    assert noise_r < 0.4
    assert walk_r > 0.7


@pytest.mark.parametrize("change", [{"paths": 0}, {"h": 0}, {"correlation": 1.5}])
def test_what_makes_no_sense_is_refused(even: pd.DataFrame, change: dict[str, float]) -> None:
    with pytest.raises(ParameterError):
        simulate_paths(even, **{"h": 2, "paths": 5, **change})

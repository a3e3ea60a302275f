"""Intervals: nested, within bounds, and as wide as they say."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from opsnb.stats.accuracy import coverage
from opsnb.stats.forecast import Scale, fit_scale, forecast
from tests.stats.forecast.conftest import business, long


def split(series: dict[str, np.ndarray], h: int) -> tuple[pd.DataFrame, np.ndarray]:
    history = long({name: y[:-h] for name, y in series.items()})
    return history, np.array([y[-h:] for y in series.values()])


def test_levels_are_nested_and_named(panel: pd.DataFrame) -> None:
    out = forecast(panel, 6, level=(50, 80, 90, 95, 99.5))
    order = ["lo-99.5", "lo-95", "lo-90", "lo-80", "lo-50", "mean"]
    order += ["hi-50", "hi-80", "hi-90", "hi-95", "hi-99.5"]
    assert (np.diff(out[order].to_numpy(), axis=1) > 0).all()


def test_a_history_without_negatives_has_no_negative_bound() -> None:
    chance = np.random.default_rng(1)
    counts = {f"c{i}": chance.poisson(1.0, 48).astype(float) for i in range(20)}
    out = forecast(long(counts), 12)
    assert (out["lo-95"] >= 0).all()
    below = forecast(long({name: y - 2 for name, y in counts.items()}), 12)
    assert (below["lo-95"] < -2).any()


def test_bounds_by_series(panel: pd.DataFrame) -> None:
    share = panel.assign(y=panel["y"] / panel.groupby("unique_id")["y"].transform("max"))
    out = forecast(share, 12, lower=0, upper={"s000": 1.0})
    mine = out[out["unique_id"] == "s000"]
    assert mine["hi-95"].max() == 1.0
    assert out["hi-95"].max() > 1.0
    assert forecast(share, 12, upper=pd.Series({"s000": 1.0})).equals(out)


@pytest.mark.parametrize("seed", [1, 2])
def test_coverage_with_a_scale_of_the_panel(seed: int) -> None:
    """A family that the constants were not learned on.

    Months of one series miss together: the standard error of 400 series is above a point.
    """
    history, actual = split(business(400, seed, (50, 90)), 12)
    out = forecast(history, 12, scale=fit_scale(history, h=12))
    for level in (80, 95):
        low, high = (out[f"{side}-{level}"].to_numpy().reshape(-1, 12) for side in ("lo", "hi"))
        assert coverage(actual, low, high) == pytest.approx(
            level / 100, abs=0.03 if level == 95 else 0.04
        )


def test_a_scale_narrows_a_family_that_the_constants_do_not_fit() -> None:
    """Pure noise needs narrower intervals than business series do, by the same constants."""
    chance = np.random.default_rng(8)
    series = {f"n{i}": chance.normal(100, 5, 72) for i in range(150)}
    scale = fit_scale(long({name: y[:-12] for name, y in series.items()}), h=12)
    assert scale.widths[0] < 0.95
    assert scale.series == 150


def test_the_scale_changes_widths_but_never_the_centre(panel: pd.DataFrame) -> None:
    shipped = forecast(panel, 6)
    double = forecast(panel, 6, scale=Scale(widths=(2.0, 2.0)))
    np.testing.assert_array_equal(shipped["mean"], double["mean"])
    ratio = (double["hi-95"] - double["mean"]) / (shipped["hi-95"] - shipped["mean"])
    np.testing.assert_allclose(ratio, 2.0)


def test_a_small_panel_is_hardly_rescaled(panel: pd.DataFrame) -> None:
    few = panel[panel["unique_id"] < "s002"]
    assert np.allclose(fit_scale(few).widths, 1.0, atol=0.1)


def test_a_panel_too_short_to_judge_keeps_the_shipped_widths(panel: pd.DataFrame) -> None:
    assert fit_scale(panel.groupby("unique_id").head(2)) == Scale()
    assert fit_scale(panel.iloc[:0]) == Scale()


def test_the_scale_does_not_depend_on_units(panel: pd.DataFrame) -> None:
    thousand = fit_scale(panel.assign(y=panel["y"] * 1000))
    np.testing.assert_allclose(thousand.widths, fit_scale(panel).widths, rtol=1e-9)


def test_the_scale_is_made_of_plain_values(panel: pd.DataFrame) -> None:
    scale = fit_scale(panel)
    assert all(type(width) is float for width in scale.widths)
    assert all(type(value) is float for value in scale.loadings.values())

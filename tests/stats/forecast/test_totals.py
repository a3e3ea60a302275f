"""Totals: the parts make the whole, and a probability is what it says."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from opsnb.errors import ParameterError
from opsnb.stats.forecast import Paths, add_up, fit_scale, outcome, simulate_paths
from tests.stats.forecast.conftest import business, long

PARENTS = {"s000": "north", "s001": "north", "s002": "south", "s003": "south"}


@pytest.fixture
def paths() -> Paths:
    return simulate_paths(long(business(4, 3, (40, 41))), 6, paths=2000, seed=1)


def test_in_every_path_the_parts_make_the_whole(paths: Paths) -> None:
    regions = add_up(paths, PARENTS)
    assert regions.unique_id.tolist() == ["north", "south"]
    whole = add_up(regions, {"north": "all", "south": "all"})
    np.testing.assert_allclose(whole.values[0], paths.values.sum(0))
    np.testing.assert_array_equal(whole.ds, paths.ds)


def test_means_add_up_and_intervals_do_not(paths: Paths) -> None:
    units = outcome(paths)
    whole = outcome(add_up(paths, dict.fromkeys(paths.unique_id, "all")))
    assert whole["mean"].item() == pytest.approx(units["mean"].sum())
    width = (whole["hi-95"] - whole["lo-95"]).item()
    apart = (units["hi-95"] - units["lo-95"]).sum()
    assert 0.4 * apart < width < 0.95 * apart


def test_the_months_that_are_over_move_the_outcome(paths: Paths) -> None:
    before, after = outcome(paths), outcome(paths, to_date={"s001": 100.0})
    moved = after.set_index("unique_id")["mean"] - before.set_index("unique_id")["mean"]
    np.testing.assert_allclose(moved, [0, 100, 0, 0], atol=1e-9)


def test_a_target_that_lies_at_the_quantile_is_met_with_its_probability(paths: Paths) -> None:
    found = outcome(paths)
    low = pd.Series(found["lo-80"].to_numpy(), index=found["unique_id"])
    assert outcome(paths, target=low)["p_met"].to_numpy() == pytest.approx(0.9, abs=0.001)
    lower = outcome(paths, target=low, better="lower")
    assert lower["p_met"].to_numpy() == pytest.approx(0.1, abs=0.001)
    assert outcome(paths)["p_met"].isna().all()


def year_sums() -> tuple[pd.DataFrame, dict[str, float], np.ndarray]:
    """Histories of 300 series that grow or shrink, their last year's sums and what came."""
    chance = np.random.default_rng(21)
    t = np.arange(72)
    series = {}
    for number in range(300):
        season = 0.1 * chance.normal(size=12)
        level = np.cumsum(chance.normal(chance.normal(0, 0.003), 0.015, t.size))
        noise = chance.normal(0, 0.03, t.size)
        series[f"y{number:03d}"] = 500 * np.exp(level + season[t % 12] + noise)
    last = {name: float(y[-24:-12].sum()) for name, y in series.items()}
    came = np.array([y[-12:].sum() for y in series.values()])
    return long({name: y[:-12] for name, y in series.items()}), last, came


def test_the_probability_of_a_year_is_calibrated() -> None:
    """Years reach last year's sum as often as promised, and their intervals hold what they say."""
    history, last, came = year_sums()
    ahead = simulate_paths(history, 12, paths=500, seed=2, scale=fit_scale(history, h=12))
    found = outcome(ahead, target=last)
    p, met = found["p_met"].to_numpy(), came >= np.array(list(last.values()))
    for low, high in ((0.0, 0.25), (0.25, 0.75), (0.75, 1.0)):
        mine = (p >= low) & (p <= high)
        error = 3 * np.sqrt((p[mine] * (1 - p[mine])).sum()) / mine.sum()
        assert abs(p[mine].mean() - met[mine].mean()) < error
    held = ((came >= found["lo-80"]) & (came <= found["hi-80"])).mean()
    assert held == pytest.approx(0.8, abs=3 * np.sqrt(0.16 / 300))


def test_what_makes_no_sense_is_refused(paths: Paths) -> None:
    with pytest.raises(ParameterError, match="no series has a parent"):
        add_up(paths, {})
    ragged = simulate_paths(long(business(3, 1)), 2, paths=3, seed=1)
    with pytest.raises(ParameterError, match="different months"):
        add_up(ragged, PARENTS)
    with pytest.raises(ParameterError, match="better"):
        outcome(paths, better="nearer")  # type: ignore[arg-type]
    with pytest.raises(ParameterError, match="level"):
        outcome(paths, level=(0,))

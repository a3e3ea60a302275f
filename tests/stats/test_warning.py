"""Breach probabilities over whole paths, and colours that do not flicker."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from opsnb.stats.warning import COLOURS, State, breach, months_to_breach, state

RULE = {"better": "lower", "thresholds": (30.0, 38.0, 45.0), "band": 1.0}
PATHS = 200_000


def walks(start, drift, sd, months, paths=PATHS, seed=1):
    steps = np.random.default_rng(seed).normal(drift, sd, (paths, months))
    return start + steps.cumsum(axis=1)


def test_reference_random_walk():
    found = breach(walks(41, 0.8, 1.2, 6), 45, better="lower")
    assert found["month"].tolist() == [1, 2, 3, 4, 5, 6]
    exact = np.array([0.0038, 0.0793, 0.2308, 0.3940, 0.5364, 0.6504])
    error = np.sqrt(exact * (1 - exact) / PATHS)
    assert (np.abs(found["p_any"] - exact) < 4 * error + 5e-5).all()
    assert months_to_breach(found) == 5
    assert months_to_breach(found, 0.9) is None


def test_the_largest_monthly_probability_is_far_too_low():
    """Independent months, each over with probability p: any of them is over with 1 - (1 - p)^h."""
    paths = np.random.default_rng(2).normal(size=(PATHS, 6))
    found = breach(paths, 1.0, better="lower")["p_any"].to_numpy()
    p = stats.norm.sf(1.0)
    exact = 1 - (1 - p) ** np.arange(1, 7)
    assert (np.abs(found - exact) < 4 * np.sqrt(exact * (1 - exact) / PATHS)).all()
    assert found[-1] > 3.5 * (paths >= 1).mean(axis=0).max()


@given(st.integers(0, 99), st.floats(30, 60))
def test_low_is_bad_as_high_is(seed, threshold):
    paths = walks(45, 0.0, 3.0, 5, paths=50, seed=seed)
    one = breach(paths, threshold, better="lower")
    other = breach(-paths, -threshold, better="higher")
    pd.testing.assert_frame_equal(one, other)
    assert one["p_any"].is_monotonic_increasing


@pytest.mark.parametrize("better", ["lower", "higher"])
def test_reaching_the_threshold_is_a_breach(better):
    assert breach([[45.0]], 45, better=better)["p_any"].tolist() == [1.0]


@pytest.mark.parametrize(
    ("paths", "threshold", "better", "message"),
    [
        ([1.0, 2.0], 1, "lower", "expected .paths, months."),
        (np.zeros((0, 3)), 1, "lower", "expected .paths, months."),
        ([[1.0, math.nan]], 1, "lower", "not finite"),
        ([[1.0]], math.nan, "lower", "not finite"),
        ([[1.0]], 1, "band", "expected 'higher' or 'lower'"),
    ],
)
def test_paths_that_say_nothing_are_refused(paths, threshold, better, message):
    with pytest.raises(ValueError, match=message):
        breach(paths, threshold, better=better)


def test_probabilities_are_calibrated_on_simulated_indicators():
    """Of the indicators with a probability of about p, a share of about p does cross."""
    random = np.random.default_rng(5)
    count, months, paths = 6000, 6, 400
    start, sd = random.uniform(38, 45, count), random.uniform(0.5, 8, count)
    future = reverting(random, start, sd, months)
    happened = (future >= 45).any(axis=0)
    whole, monthly = np.empty(count), np.empty(count)
    for i in range(count):
        drawn = reverting(random, np.full(paths, start[i]), sd[i], months).T
        whole[i] = breach(drawn, 45, better="lower")["p_any"].iloc[-1]
        monthly[i] = (drawn >= 45).mean(axis=0).max()
    assert bin_error(whole, happened) <= 0.05
    assert bin_error(monthly, happened) > 0.15  # the test can tell


def reverting(random, start, sd, months):
    """Levels that fall back to 41 by half of the way each month, shape (months, indicators)."""
    levels = [start]
    for _ in range(months):
        levels.append(41 + 0.5 * (levels[-1] - 41) + random.normal(0, sd, len(start)))
    return np.array(levels[1:])


def bin_error(p, happened):
    """Largest distance of forecast and frequency in ten bins, those of 200 indicators or more."""
    which = np.minimum((p * 10).astype(int), 9)
    found = pd.DataFrame({"p": p, "happened": happened.astype(float)}).groupby(which)
    means = found.mean()[found.size() >= 200]
    assert len(means) >= 4
    return float((means["p"] - means["happened"]).abs().max())


@pytest.mark.parametrize(
    ("level", "p_red", "p_orange", "colour", "basis"),
    [
        (29.9, 0.0, 0.0, "green", "level"),
        (30.0, 0.0, 0.0, "yellow", "level"),
        (38.0, 0.0, 1.0, "orange", "level"),
        (45.0, 1.0, 1.0, "red", "level"),
        (41.0, 0.65, 1.0, "orange", "level"),
        (35.0, 0.65, 1.0, "orange", "forecast"),
        (35.0, 0.49, 0.9, "yellow", "level"),
        (20.0, 0.49, 0.5, "yellow", "forecast"),
        (20.0, 1.0, 1.0, "orange", "forecast"),  # red is for what has happened
        (35.0, math.nan, math.nan, "yellow", "level"),
        (math.nan, 1.0, 1.0, "grey", "missing"),
    ],
)
def test_colour_by_level_and_by_forecast(level, p_red, p_orange, colour, basis):
    found = state(level, p_red, p_orange, None, **RULE)
    assert (found, found.basis) == (colour, basis)
    mirrored = {"better": "higher", "thresholds": (-30.0, -38.0, -45.0), "band": 1.0}
    assert state(-level, p_red, p_orange, None, **mirrored) == colour


def run(levels, **rule):
    found = [None]
    for level in levels:
        found.append(state(level, 0.0, 0.0, found[-1], **(RULE | rule)))
    return found[1:]


def test_a_colour_rises_at_once_and_falls_after_two_calm_periods():
    found = run([46, 37, 29, 28, 28])
    # calm at 37 (yellow), then at 29 (yellow within the band), then at 28
    assert found == ["red", "red", "orange", "yellow", "green"]


def test_within_the_band_a_colour_is_held():
    found = run([46, 44.5, 44.5, 44.5, 43.9, 43.9])
    assert found == ["red", "red", "red", "red", "red", "orange"]
    assert [one.basis for one in found[1:5]] == ["held"] * 4


def test_a_relapse_begins_the_wait_anew():
    assert run([46, 40, 46, 40, 40]) == ["red", "red", "red", "red", "orange"]


def test_a_missing_level_is_grey_and_no_calm_period():
    found = run([46, 40, math.nan, 40, 40])
    assert found == ["red", "red", "grey", "red", "orange"]
    assert run([math.nan, 20]) == ["grey", "green"]


def test_a_forecast_can_hold_a_colour():
    was = state(46, 1.0, 1.0, None, **RULE)
    for _ in range(3):
        was = state(30, 0.6, 0.9, was, **RULE)
    assert was == "orange"


def test_a_plain_word_stands_for_a_colour_without_memory():
    assert state(20, 0, 0, "red", **RULE) == "red"
    assert state(20, 0, 0, "red", **RULE, down_periods=1) == "green"
    assert state(20, 0, 0, "grey", **RULE) == "green"


@given(st.lists(st.floats(20, 50), min_size=1, max_size=40), st.integers(1, 4), st.floats(0, 5))
def test_hysteresis_never_shows_less_than_there_is(levels, periods, band):
    plain = run(levels, band=0.0, down_periods=1)
    held = run(levels, band=band, down_periods=periods)
    for one, other in zip(plain, held, strict=True):
        assert COLOURS.index(other) >= COLOURS.index(one)


def test_hysteresis_halves_the_changes_of_colour():
    """Indicators that hover about their thresholds, 200 of them over ten years."""
    random = np.random.default_rng(6)
    level, changes = random.uniform(28, 46, 200), {"plain": 0, "held": 0}
    centre, was = level.copy(), {name: [None] * 200 for name in changes}
    for _ in range(120):
        level = centre + 0.7 * (level - centre) + random.normal(0, 1.2, 200)
        for name, rule in (("plain", {"band": 0.0, "down_periods": 1}), ("held", {})):
            now = [state(x, 0, 0, was[name][i], **(RULE | rule)) for i, x in enumerate(level)]
            changes[name] += sum(
                a is not None and a != b for a, b in zip(was[name], now, strict=True)
            )
            was[name] = now
    a_year = {name: count / 2000 for name, count in changes.items()}
    assert a_year["held"] < 0.5 * a_year["plain"]
    assert a_year["plain"] > 1  # there is something to calm


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ({"thresholds": (38, 30, 45)}, "expected yellow <= orange <= red"),
        ({"better": "higher"}, "expected yellow >= orange >= red"),
        ({"thresholds": (38, 45)}, "expected yellow <= orange <= red"),
        ({"band": -1.0}, "band=-1.0"),
        ({"band": math.nan}, "band=nan"),
        ({"down_periods": 0}, "down_periods=0"),
        ({"better": "band"}, "expected 'higher' or 'lower'"),
    ],
)
def test_a_rule_that_cannot_be_is_refused(rule, message):
    with pytest.raises(ValueError, match=message):
        state(40, 0, 0, None, **(RULE | rule))
    with pytest.raises(ValueError, match="previous='purple'"):
        state(40, 0, 0, "purple", **RULE)


def test_a_state_is_a_word_with_a_memory():
    found = state(46, 0.0, 0.0, None, **RULE)
    assert isinstance(found, State)
    assert f"{found}" == "red"
    assert (found.held, found.recent) == ("red", ("red",))

"""Outlooks: parts make the whole, and nothing depends on what is asked beside it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsnb.analyses.histories import history
from opsnb.analyses.outlooks import LEVELS, company_scale, outlooks, reconciled

H = 6
PARENTS = {"all": ("north", "south"), "north": ("n1", "n2"), "south": ("s1", "s2")}


@pytest.fixture(scope="module")
def past(firm):
    return history(firm())


@pytest.fixture(scope="module")
def scale(past):
    return company_scale(past, H)


@pytest.fixture(scope="module")
def found(past, scale):
    return outlooks(past, list(past.values), H, scale)


def test_what_adds_up_is_seen_in_the_data(past):
    assert past.additive == {"revenue", "cost", "profit", "stock"}
    assert "trailing" not in past.metrics


@pytest.mark.parametrize("metric", ["revenue", "cost", "profit", "stock"])
@pytest.mark.parametrize("parent", PARENTS)
def test_units_add_up_to_their_parent_in_every_path(found, metric, parent):
    whole = found[metric, parent]
    parts = [found[metric, part] for part in PARENTS[parent]]
    assert whole.paths == pytest.approx(sum(part.paths for part in parts), rel=1e-9)
    assert whole.mean == pytest.approx(sum(part.mean for part in parts), rel=1e-9)


def test_intervals_are_quantiles_of_the_same_paths(found):
    one = found["revenue", "all"]
    for level in LEVELS:
        low, high = one.intervals[level]
        inside = ((low <= one.paths) & (one.paths <= high)).mean(0)
        assert inside == pytest.approx(np.full(H, level / 100), abs=0.005)


def test_a_parent_is_steadier_than_its_parts_together_and_wider_than_if_they_were_alone(found):
    width = {u: np.ptp(found["revenue", u].intervals[80.0], axis=0) for u in ("north", "n1", "n2")}
    assert (width["north"] < width["n1"] + width["n2"]).all()
    assert (width["north"] > 0.9 * np.hypot(width["n1"], width["n2"])).all()


def test_alone_and_in_a_batch(past, scale, found):
    for key in (("revenue", "n1"), ("revenue", "south"), ("margin", "all"), ("stock", "all")):
        alone = outlooks(past, [key], H, scale)[key]
        assert alone.paths == pytest.approx(found[key].paths, rel=1e-12)
        assert alone.mean == pytest.approx(found[key].mean, rel=1e-12)


def test_the_scale_is_that_of_the_company_whatever_the_report_is_about(firm, scale):
    for unit in ("north", "s2"):
        again = company_scale(history(firm(unit=unit)), H)
        assert again == scale


def test_ratios_keep_their_bounds_and_amounts_stay_above_zero(found):
    for (metric, _), one in found.items():
        low, high = one.intervals[95.0]
        assert (low >= 0).all()
        if metric == "margin":
            assert (high <= 1).all()
            assert not one.summed


def test_rescaling_rescales(past, scale):
    larger = {key: 1e6 * y if key[0] == "revenue" else y for key, y in past.values.items()}
    from dataclasses import replace

    then = outlooks(past, [("revenue", "all")], H, scale)["revenue", "all"]
    now = outlooks(replace(past, values=larger), [("revenue", "all")], H, scale)["revenue", "all"]
    assert now.paths == pytest.approx(1e6 * then.paths, rel=1e-9)


SIZES = st.lists(st.floats(1.0, 1e9), min_size=2, max_size=6)


@given(SIZES, st.integers(0, 99))
def test_what_agrees_is_left_alone(parts, seed):
    """Reconciliation moves nothing where the forecasts add up already, whatever the spreads."""
    leaves = np.array(parts)[:, None]
    summing = np.vstack([np.ones(len(parts)), np.eye(len(parts))])
    spread = np.random.default_rng(seed).uniform(0.01, 1.0, (len(parts) + 1, 1))
    assert reconciled(summing @ leaves, spread, summing) == pytest.approx(leaves, rel=1e-6)


@given(SIZES, st.floats(0.5, 2.0))
def test_a_steadier_whole_is_believed_more(parts, factor):
    leaves = np.array(parts)[:, None]
    summing = np.vstack([np.ones(len(parts)), np.eye(len(parts))])
    mean = summing @ leaves
    mean[0] *= factor
    sure, vague = (
        reconciled(mean, np.vstack([[s * leaves.sum()], leaves]), summing).sum()
        for s in (0.01, 10.0)
    )
    assert abs(sure - mean[0, 0]) <= abs(vague - mean[0, 0]) + 1e-6 * mean[0, 0]
    low, high = sorted((leaves.sum(), mean[0, 0]))
    assert low * (1 - 1e-9) <= sure <= high * (1 + 1e-9)

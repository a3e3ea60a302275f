"""Quantiles and tail means against their definitions."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsnb.stats.losses.tails import BeyondKeptError, Upper, joined, largest, tail, weights

LEVELS = st.sampled_from([0.5, 0.75, 0.9, 0.95, 0.99, 0.995])
VALUES = st.lists(st.sampled_from([0.0, 0.0, 0.0, 1.0, 2.0, 2.0, 7.5]), min_size=1, max_size=200)


@given(VALUES, LEVELS)
def test_var_is_the_smallest_value_that_reaches_the_level(values, q):
    ordered = np.sort(values)
    found = tail(Upper(ordered, len(values)), q)
    reached = [x for x in ordered if np.mean(ordered <= x) >= q - 1e-12]
    assert found.var == min(reached)


@given(VALUES, LEVELS)
def test_es_is_the_minimum_over_all_thresholds(values, q):
    """Rockafellar and Uryasev: ES = min over t of t + E max(X - t, 0) / (1 - q)."""
    ordered = np.sort(values)
    found = tail(Upper(ordered, len(values)), q)
    best = min(t + np.maximum(ordered - t, 0).mean() / (1 - q) for t in ordered)
    assert found.es == pytest.approx(best, rel=1e-9, abs=1e-12)
    assert (weights(ordered, found) @ ordered) / found.mass == pytest.approx(found.es, abs=1e-12)


@given(VALUES, LEVELS, st.integers(1, 250), st.integers(1, 5))
def test_what_was_left_out_is_not_missed(values, q, kept, parts):
    pieces = [np.array(piece) for piece in np.array_split(values, parts) if len(piece)]
    upper = joined([largest(piece, kept) for piece in pieces])
    exact = tail(Upper(np.sort(values), len(values)), q)
    try:
        found = tail(upper, q)
    except BeyondKeptError:
        assert kept < len(values)
    else:
        assert found.var == exact.var
        assert found.es == pytest.approx(exact.es, rel=1e-12, abs=1e-12)


def test_enough_is_kept_where_it_should_be():
    values = np.random.default_rng(1).exponential(size=1000)
    assert tail(joined([largest(values, 101)]), 0.9).var == np.sort(values)[899]
    with pytest.raises(BeyondKeptError):
        tail(joined([largest(values, 99)]), 0.9)

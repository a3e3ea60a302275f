"""Rate and mix of an average rate: by hand, by its definition, and reversals that are known."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from opsnb.errors import ParameterError
from opsnb.stats.decompose import rate_mix

WEIGHTS = st.floats(0, 1e5).map(lambda v: round(v, 2))
RATES = st.floats(-2, 2).map(lambda v: round(v, 4))
ROWS = st.lists(st.tuples(st.sampled_from("abcde"), WEIGHTS, RATES), min_size=1, max_size=8)


def table(rows):
    return pd.DataFrame(rows, columns=["segment", "weight", "rate"])


def mean(rows):
    return sum(w * r for _, w, r in rows) / sum(w for _, w, _ in rows)


def test_by_hand():
    found = rate_mix(
        table([("a", 0.6, 0.10), ("b", 0.4, 0.20)]), table([("a", 0.5, 0.12), ("b", 0.5, 0.21)])
    )
    assert list(found.index) == ["rate", "mix"]
    assert found["rate"] == pytest.approx(0.55 * 0.02 + 0.45 * 0.01)
    assert found["mix"] == pytest.approx(-0.1 * 0.11 + 0.1 * 0.205)
    assert found.attrs["reversal"] == ""


@given(ROWS, ROWS)
def test_effects_sum_to_the_change_of_the_mean(before, after):
    assume(sum(w for _, w, _ in before) > 0.01)
    assume(sum(w for _, w, _ in after) > 0.01)
    found = rate_mix(table(before), table(after))
    assert found.sum() == pytest.approx(mean(after) - mean(before), abs=1e-9)
    assert found.attrs["before"] == pytest.approx(mean(before), abs=1e-12)
    parts = rate_mix(table(before), table(after), by=True)
    sums = parts.groupby("effect")["value"].sum()
    assert np.allclose(sums[["rate", "mix"]], found, atol=1e-9)
    assert set(parts["item"]) == {row[0] for row in before + after}


@given(ROWS, ROWS, st.randoms(use_true_random=False))
def test_order_and_scale_of_the_weights_do_not_matter(before, after, random):
    assume(sum(w for _, w, _ in before) > 0.01)
    assume(sum(w for _, w, _ in after) > 0.01)
    first = rate_mix(table(before), table(after))
    random.shuffle(before)
    again = rate_mix(table([(s, w * 8, r) for s, w, r in before]), table(after))
    assert np.allclose(first, again, atol=1e-9)


def test_the_reversal_of_the_kidney_stones():
    """Charig et al. 1986: treatment A is better for both sizes of stone, and worse over all."""
    b = table([("small", 270, 234 / 270), ("large", 80, 55 / 80)])
    a = table([("small", 87, 81 / 87), ("large", 263, 192 / 263)])
    found = rate_mix(b, a)
    assert (found.attrs["before"], found.attrs["after"]) == pytest.approx((289 / 350, 273 / 350))
    assert found.attrs["reversal"] == "Simpson reversal: every segment rises, the whole falls"
    assert found["rate"] > 0 > found.sum()
    back = rate_mix(a, b)
    assert back.attrs["reversal"] == "Simpson reversal: every segment falls, the whole rises"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        # one segment alone; one that does not move; one that moves with the whole; nothing moves
        ([("a", 1, 0.1)], [("a", 1, 0.2)]),
        ([("a", 8, 0.9), ("b", 2, 0.5)], [("a", 2, 0.9), ("b", 8, 0.55)]),
        ([("a", 8, 0.9), ("b", 2, 0.5)], [("a", 2, 0.8), ("b", 8, 0.55)]),
        ([("a", 1, 0.1), ("b", 1, 0.3)], [("a", 1, 0.1), ("b", 1, 0.3)]),
    ],
)
def test_no_reversal_where_there_is_none(before, after):
    assert rate_mix(table(before), table(after)).attrs["reversal"] == ""


def test_a_segment_of_one_period_is_all_mix():
    before = table([("a", 10, 0.2), ("gone", 10, 0.6)])
    after = table([("a", 10, 0.2), ("new", 5, 0.5)])
    found = rate_mix(before, after)
    assert found["rate"] == 0
    assert found.sum() == pytest.approx(0.3 - 0.4)


def test_a_rate_may_be_missing_without_weight():
    before = table([("a", 10, 0.2), ("b", 0, None)])
    assert rate_mix(before, table([("a", 5, 0.2), ("b", 5, 0.4)]))["mix"] == pytest.approx(0.1)


def test_rows_of_a_segment_are_one():
    split = table([("a", 1, 0.2), ("a", 3, 0.4), ("b", 4, 0.1)])
    joined, after = table([("a", 4, 0.35), ("b", 4, 0.1)]), table([("a", 1, 0.3), ("b", 1, 0.3)])
    assert np.allclose(rate_mix(split, after), rate_mix(joined, after))


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([], "the weights add up to nothing"),
        ([("a", 0, 0.5)], "the weights add up to nothing"),
        ([("a", 2, 0.5), ("b", -1, 0.5)], "before, row 2: a weight is negative"),
        ([("a", 2, None)], "before, row 1: no rate for a weight"),
        ([("a", np.nan, 0.5)], "before, row 1, column 'weight'"),
    ],
)
def test_what_cannot_be_told_is_refused(rows, message):
    with pytest.raises(ParameterError) as caught:
        rate_mix(table(rows), table([("a", 1, 0.5)]))
    assert message in str(caught.value)

"""Price, volume and mix, against the published split, exact fractions, and invariants."""

from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsnb.errors import OpsnbError, ParameterError, UnknownNameError
from opsnb.stats.decompose import price_volume_mix

EFFECTS = ["volume", "mix", "price", "new", "lost"]
NUMBERS = st.floats(-1e4, 1e4, allow_nan=False).map(lambda v: round(v, 2))
ROWS = st.lists(st.tuples(st.sampled_from("abcdef"), NUMBERS, NUMBERS), max_size=8)


def table(rows):
    return pd.DataFrame(rows, columns=["item", "quantity", "price"])


def amount(rows):
    return sum(Fraction(q) * Fraction(p) for _, q, p in rows)


def size(*tables):
    return 1 + sum(abs(q * p) for rows in tables for _, q, p in rows)


def in_fractions(before, after):
    """The effects by their definition, without rounding; items with a mean price in both."""

    def items(rows):
        q, v = {}, {}
        for item, quantity, price in rows:
            q[item] = q.get(item, 0) + Fraction(quantity)
            v[item] = v.get(item, 0) + Fraction(quantity) * Fraction(price)
        return {item: (q[item], v[item] / q[item]) for item in q}

    old, new = items(before), items(after)
    both = [item for item in old if item in new]
    q0, q1 = (sum(side[item][0] for item in both) for side in (old, new))
    value = sum(old[item][0] * old[item][1] for item in both)
    return {
        "volume": (q1 - q0) * value / q0 if both else 0,
        "mix": sum((new[i][0] - old[i][0] * q1 / q0) * old[i][1] for i in both),
        "price": sum((new[i][1] - old[i][1]) * new[i][0] for i in both),
        "new": sum(q * p for item, (q, p) in new.items() if item not in old),
        "lost": -sum(q * p for item, (q, p) in old.items() if item not in new),
    }


def test_the_published_split():
    before = table([("a", 1000, 10), ("b", 800, 15), ("c", 500, 20)])
    after = table([("a", 1000, 11), ("b", 700, 15), ("c", 800, 23)])
    found = price_volume_mix(before, after)
    assert list(found.index) == EFFECTS
    assert found.round(2).to_dict() == {
        "volume": 2782.61, "mix": 1717.39, "price": 3400.0, "new": 0.0, "lost": 0.0,
    }  # fmt: skip
    assert found.sum() == pytest.approx(39_900 - 32_000, abs=1e-9)


POSITIVE = st.integers(1, 10_000).map(lambda v: v / 4)
SOLD = st.lists(st.tuples(st.sampled_from("abcdef"), POSITIVE, POSITIVE), min_size=1, max_size=9)


@given(SOLD, SOLD)
def test_each_effect_is_that_of_its_definition(before, after):
    found = price_volume_mix(table(before), table(after))
    tolerance = 1e-12 * size(before, after) * 100
    for effect, expected in in_fractions(before, after).items():
        assert found[effect] == pytest.approx(float(expected), abs=tolerance, rel=1e-9), effect


@given(ROWS, ROWS)
def test_effects_sum_to_the_change_whatever_is_given(before, after):
    """Returns, credit notes, nothing at all: quantities may add up to as little as they like."""
    found = price_volume_mix(table(before), table(after))
    scale = size(before, after) + float(found.abs().sum())
    assert found.sum() == pytest.approx(float(amount(after) - amount(before)), abs=1e-9 * scale)


@given(ROWS, ROWS)
def test_items_sum_to_the_effects(before, after):
    whole = price_volume_mix(table(before), table(after))
    parts = price_volume_mix(table(before), table(after), by=True)
    assert list(parts.columns) == ["item", "effect", "value"]
    sums = parts.groupby("effect")["value"].sum().reindex(EFFECTS, fill_value=0.0)
    scale = size(before, after) + float(parts["value"].abs().sum())
    assert np.allclose(sums, whole, atol=1e-9 * scale, rtol=0)
    assert set(parts["item"]) == {row[0] for row in before + after}


@given(ROWS, ROWS, st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(before, after, random):
    first = price_volume_mix(table(before), table(after))
    scale = 1e-9 * (size(before, after) + float(first.abs().sum()))
    random.shuffle(before)
    random.shuffle(after)
    again = price_volume_mix(table(before), table(after))
    assert np.allclose(first, again, atol=scale, rtol=1e-6)


@given(SOLD, SOLD, st.sampled_from([0.5, 2.0, 1000.0]))
def test_another_currency_scales_all_effects(before, after, rate):
    def scaled(rows):
        return table([(item, q, p * rate) for item, q, p in rows])

    found = price_volume_mix(scaled(before), scaled(after))
    unscaled = price_volume_mix(table(before), table(after))
    assert np.allclose(found, rate * unscaled, atol=1e-6 * rate)


@given(SOLD)
def test_nothing_changes_nothing(rows):
    assert price_volume_mix(table(rows), table(rows)).abs().max() <= 1e-9 * size(rows)


def test_rows_of_an_item_are_one_item_at_its_mean_price():
    split = table([("a", 5, 10.0), ("a", 15, 14.0), ("b", 1, 1.0)])
    joined = table([("a", 20, 13.0), ("b", 1, 1.0)])
    after = table([("a", 30, 12.0)])
    assert np.allclose(price_volume_mix(split, after), price_volume_mix(joined, after))


def test_new_and_lost_items_take_no_part_in_the_mix():
    before = table([("a", 10, 2.0), ("gone", 7, 3.0)])
    after = table([("a", 12, 2.0), ("new", 1, 9)])
    assert price_volume_mix(before, after).to_dict() == {
        "volume": 4.0, "mix": 0.0, "price": 0.0, "new": 9.0, "lost": -21.0,
    }  # fmt: skip


def test_from_and_to_nothing():
    rows, none = table([("a", 2, 3.0)]), table([])
    assert price_volume_mix(none, rows).to_dict() == dict.fromkeys(EFFECTS, 0.0) | {"new": 6.0}
    assert price_volume_mix(rows, none).to_dict() == dict.fromkeys(EFFECTS, 0.0) | {"lost": -6.0}
    assert price_volume_mix(none, none).to_dict() == dict.fromkeys(EFFECTS, 0.0)


def test_a_listed_item_without_sales_has_a_price_and_no_quantity():
    """Over items in both: 8 more pieces, of which b's were nothing before."""
    before, after = table([("a", 4, 10.0), ("b", 0, 20.0)]), table([("a", 6, 10.0), ("b", 6, 25.0)])
    assert price_volume_mix(before, after).to_dict() == {
        "volume": 80.0, "mix": 60.0, "price": 30.0, "new": 0.0, "lost": 0.0,
    }  # fmt: skip


def test_without_any_quantity_before_there_is_no_mix():
    before, after = table([("a", 0, 10.0), ("b", 0, 20.0)]), table([("a", 1, 10.0), ("b", 2, 21.0)])
    assert price_volume_mix(before, after).to_dict() == {
        "volume": 50.0, "mix": 0.0, "price": 2.0, "new": 0.0, "lost": 0.0,
    }  # fmt: skip


def test_a_price_may_be_missing_where_nothing_was_sold():
    before, after = table([("a", 2, 5.0), ("b", 0, None)]), table([("a", 2, 5.0), ("b", 3, 4.0)])
    assert price_volume_mix(before, after)["new"] == 12.0


def test_an_amount_without_a_quantity_is_not_lost_sight_of():
    """Sold at 10 and taken back at 8: no quantity, no price, but 2 in the till."""
    before, after = table([("a", 1, 10.0), ("a", -1, 8.0)]), table([("a", 1, 9.0)])
    found = price_volume_mix(before, after)
    assert (found["lost"], found["new"], found.sum()) == (-2.0, 9.0, 7.0)


def test_returns_count_as_they_are():
    before, after = table([("a", 10, 5.0), ("b", -2, 5.0)]), table([("a", 8, 5.0), ("b", -2, 6.0)])
    found = price_volume_mix(before, after)
    assert found.to_dict() == pytest.approx(
        {"volume": -10.0, "mix": 0.0, "price": -2.0, "new": 0.0, "lost": 0.0}
    )


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([("a", np.nan, 1.0)], "before, row 1, column 'quantity'"),
        ([("a", 1, 1.0), ("b", np.inf, 1.0)], "before, row 2, column 'quantity'"),
        ([("a", 1, 1.0), ("b", 1, np.nan)], "before, row 2: no price for a quantity of 1"),
        ([("a", 1, 1.0), (None, 1, 1.0)], "before, row 2: no item"),
        ([("a", "1,000", 1.0)], "before, row 1, column 'quantity': '1,000' is not a number"),
    ],
)
def test_what_cannot_be_told_is_refused_with_its_row(rows, message):
    with pytest.raises(ParameterError) as caught:
        price_volume_mix(table(rows), table([("a", 1, 1.0)]))
    assert message in str(caught.value)


def test_a_missing_column_is_named_with_the_nearest():
    wrong = table([("a", 1, 1.0)]).rename(columns={"quantity": "quantities"})
    with pytest.raises(UnknownNameError, match="did you mean 'quantities'"):
        price_volume_mix(table([]), wrong)
    assert issubclass(UnknownNameError, OpsnbError)


def test_items_may_be_the_index_and_other_columns_are_not_looked_at():
    before, after = table([("a", 1, 2.0)]), table([("a", 3, 2.0)])
    plain = price_volume_mix(before, after)
    named = price_volume_mix(before.set_index("item"), after.assign(region=None))
    assert plain.equals(named)

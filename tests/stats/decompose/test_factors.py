"""Factors of a product, against the published split, all orders in fractions, and invariants."""

from fractions import Fraction
from itertools import permutations
from math import prod

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsnb.errors import ParameterError, UnknownNameError
from opsnb.stats.decompose import factors

DUPONT = ({"margin": 0.10, "turnover": 1.2, "leverage": 2.0},
          {"margin": 0.12, "turnover": 1.1, "leverage": 2.1})  # fmt: skip
NUMBERS = st.floats(-100, 100, allow_nan=False).map(lambda v: round(v, 3))
POSITIVE = st.floats(1e-3, 1e3).map(lambda v: round(v, 4)).filter(lambda v: v > 0)


def pairs(values, most=6):
    return st.lists(st.tuples(values, values), min_size=1, max_size=most)


def sides(drawn):
    return tuple({f"f{i}": pair[k] for i, pair in enumerate(drawn)} for k in (0, 1))


def over_all_orders(before, after):
    """Shapley's values by their definition: the mean over the orders, without rounding."""
    names, orders = list(before), list(permutations(before))
    found = dict.fromkeys(names, Fraction(0))
    for order in orders:
        now = {name: Fraction(before[name]) for name in names}
        for name in order:
            old = prod(now.values())
            now[name] = Fraction(after[name])
            found[name] += (prod(now.values()) - old) / len(orders)
    return found


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        ("chain", (0.0480, -0.0240, 0.0132)),
        ("shapley", (0.047133, -0.022567, 0.012633)),
        ("lmdi", (0.047067, -0.022462, 0.012595)),
    ],
)
def test_dupont(method, expected):
    found = factors(*DUPONT, method=method)
    assert list(found.index) == list(DUPONT[0])
    assert tuple(found.round(6)) == pytest.approx(expected, abs=1e-9)
    assert found.sum() == pytest.approx(0.12 * 1.1 * 2.1 - 0.10 * 1.2 * 2.0, abs=1e-15)
    assert (found.name, found.attrs["method"], found.attrs["note"]) == (method, method, "")


def test_shapley_is_the_default():
    assert factors(*DUPONT).equals(factors(*DUPONT, method="shapley"))


@given(pairs(NUMBERS, most=5))
def test_shapley_is_the_mean_over_all_orders(drawn):
    before, after = sides(drawn)
    found = factors(before, after)
    scale = prod(1 + abs(x) + abs(y) for x, y in drawn)
    for name, expected in over_all_orders(before, after).items():
        assert found[name] == pytest.approx(float(expected), abs=1e-12 * scale)


@given(pairs(NUMBERS), st.sampled_from(["shapley", "chain", "lmdi"]))
def test_effects_sum_to_the_change(drawn, method):
    before, after = sides(drawn)
    scale = prod(1 + abs(x) + abs(y) for x, y in drawn)
    change = prod(after.values()) - prod(before.values())
    assert factors(before, after, method=method).sum() == pytest.approx(change, abs=1e-11 * scale)


@given(pairs(POSITIVE))
def test_lmdi_sums_to_the_change_and_follows_the_logs(drawn):
    before, after = sides(drawn)
    found = factors(before, after, method="lmdi")
    size = max(prod(before.values()), prod(after.values()))
    change = prod(after.values()) - prod(before.values())
    assert found.sum() == pytest.approx(change, abs=1e-9 * size)
    assert found.attrs["method"] == "lmdi"
    for name in before:
        assert np.sign(found[name]) == np.sign(after[name] - before[name])


@given(pairs(NUMBERS), st.sampled_from(["shapley", "lmdi"]))
def test_the_order_of_factors_does_not_matter(drawn, method):
    before, after = sides(drawn)
    backwards = dict(reversed(before.items()))
    scale = prod(1 + abs(x) + abs(y) for x, y in drawn)
    found, again = factors(before, after, method=method), factors(backwards, after, method=method)
    assert np.allclose(found, again[found.index], atol=1e-11 * scale, rtol=0)
    assert list(again.index) == list(backwards)


def test_the_order_matters_to_the_chain():
    before, after = DUPONT
    found = factors(dict(reversed(before.items())), after, method="chain")
    assert found["margin"] == pytest.approx(0.02 * 1.1 * 2.1)


@pytest.mark.parametrize("value", [0.0, -0.1])
def test_lmdi_without_positive_factors_is_shapley_and_says_so(value):
    before, after = DUPONT[0], DUPONT[1] | {"margin": value}
    found = factors(before, after, method="lmdi")
    assert found.attrs == {
        "method": "shapley", "note": "lmdi needs positive factors; shapley was used",
    }  # fmt: skip
    assert found.name == "shapley"
    assert np.allclose(found, factors(before, after))


def test_a_factor_that_does_not_change_has_no_effect():
    for method in ("shapley", "chain", "lmdi"):
        found = factors({"a": 2.0, "b": 3.0}, {"a": 2.0, "b": 5.0}, method=method)
        assert found.to_dict() == pytest.approx({"a": 0.0, "b": 4.0}), method


ITEMS = st.lists(st.tuples(POSITIVE, POSITIVE, POSITIVE, POSITIVE), min_size=1, max_size=5)


@given(ITEMS, st.sampled_from(["shapley", "chain", "lmdi"]))
def test_a_sum_of_products_over_items(rows, method):
    """Parts of the items sum to the factors, and those to the change of the sum."""
    names = [f"item {i}" for i in range(len(rows))]
    q0, p0, q1, p1 = (pd.Series(column, index=names) for column in zip(*rows, strict=True))
    before, after = {"quantity": q0, "price": p0}, {"quantity": q1[::-1], "price": p1}
    found = factors(before, after, method=method)
    parts = factors(before, after, method=method, by=True)
    size = float((q0 * p0 + q1 * p1).sum())
    assert found.sum() == pytest.approx(float((q1 * p1 - q0 * p0).sum()), abs=1e-9 * size)
    sums = parts.groupby("effect")["value"].sum()[found.index]
    assert np.allclose(sums, found, atol=1e-9 * size, rtol=0)
    for name in names:
        alone = factors(
            {key: value[name] for key, value in before.items()},
            {key: value[name] for key, value in after.items()},
            method=method,
        )
        own = parts[parts["item"] == name].set_index("effect")["value"]
        assert np.allclose(own[alone.index], alone, atol=1e-9 * size, rtol=0)


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ({"a": 1}, {"b": 1}, "after: 'a' is missing"),
        ({"a": 1}, {"a": 1, "b": 1}, "before: 'b' is missing"),
        ({"a": np.nan}, {"a": 1}, "before, 'a': nan is not a number"),
        ({"a": 1}, {"a": "x"}, "after, 'a': 'x' is not a number"),
        ({}, {}, "there are no factors"),
        ({"a": pd.Series([1.0], ["x"])}, {"a": pd.Series([1.0], ["y"])}, "not have the same items"),
    ],
)
def test_what_cannot_be_told_is_refused(before, after, message):
    with pytest.raises((ParameterError, UnknownNameError)) as caught:
        factors(before, after)
    assert message in str(caught.value)


def test_an_unknown_method_is_refused_with_the_nearest():
    with pytest.raises(ParameterError, match="did you mean 'shapley'"):
        factors({"a": 1}, {"a": 2}, method="shapely")

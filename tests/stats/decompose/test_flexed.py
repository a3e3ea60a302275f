"""A flexed budget: the known split, its invariants, what is refused."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsnb.errors import OpsnbError
from opsnb.stats.decompose import flexed

BUDGET = {"output": 100, "usage": 2.0, "price": 10.0}
ACTUAL = {"output": 110, "usage": 2.1, "price": 11.0}
NUMBERS = st.floats(-1e3, 1e3).map(lambda v: round(v, 3))
ROWS = st.lists(st.tuples(*[NUMBERS] * 6), min_size=1, max_size=5)


def test_the_known_split():
    found = flexed(BUDGET, ACTUAL)
    assert found.to_dict() == pytest.approx({"volume": 200.0, "usage": 110.0, "price": 231.0})
    assert found.sum() == pytest.approx(2541 - 2000)


def test_volume_alone_is_what_the_budget_would_have_cost_at_the_actual_output():
    found = flexed(BUDGET, BUDGET | {"output": 130})
    assert found.to_dict() == pytest.approx({"volume": 600.0, "usage": 0.0, "price": 0.0})


@given(ROWS)
def test_effects_sum_to_the_difference(rows):
    columns = ["output", "usage", "price"]
    items = [f"i{k}" for k in range(len(rows))]
    budget = pd.DataFrame([row[:3] for row in rows], columns=columns).assign(item=items)
    actual = pd.DataFrame([row[3:] for row in rows], columns=columns).assign(item=items)[::-1]
    found, parts = flexed(budget, actual), flexed(budget, actual, by=True)
    total = (actual[columns].prod(axis=1).sum()) - (budget[columns].prod(axis=1).sum())
    size = 1 + sum((1 + abs(a) + abs(d)) * (1 + abs(b) + abs(e)) * (1 + abs(c) + abs(f))
                   for a, b, c, d, e, f in rows)  # fmt: skip
    assert found.sum() == pytest.approx(total, abs=1e-11 * size)
    assert parts.groupby("effect")["value"].sum()[found.index].tolist() == pytest.approx(
        found.tolist(), abs=1e-11 * size
    )


def test_one_row_needs_no_item():
    assert flexed(pd.DataFrame([BUDGET]), pd.DataFrame([ACTUAL])).equals(flexed(BUDGET, ACTUAL))


@pytest.mark.parametrize(
    ("budget", "actual", "message"),
    [
        ({"output": 1, "usage": 1}, ACTUAL, "budget: column 'price' is missing"),
        (BUDGET, ACTUAL | {"usage": None}, "actual, row 1, column 'usage'"),
        (
            pd.DataFrame([BUDGET | {"item": "steel"}]),
            pd.DataFrame([ACTUAL | {"item": "copper"}]),
            "actual: item 'steel' is missing",
        ),
        (
            pd.DataFrame([BUDGET | {"item": "steel"}] * 2),
            pd.DataFrame([ACTUAL | {"item": "steel"}]),
            "budget: item 'steel' stands twice",
        ),
    ],
)
def test_what_cannot_be_told_is_refused(budget, actual, message):
    with pytest.raises(OpsnbError) as caught:
        flexed(budget, actual)
    assert message in str(caught.value)

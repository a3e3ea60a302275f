"""Grades, scores and ratings, and the pairs of risks that a score reverses."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsnb.stats.matrix import grades, matrix, ratings, reversals

LIKELIHOOD, IMPACT = (0.1, 0.3, 1.0, 3.0), (1e5, 1e6, 1e7, 1e8)
GRADE = st.integers(1, 5)


def test_grades_rise_at_the_limits():
    assert grades([0.0, 0.0999, 0.1, 0.3, 2.9, 3, 100], LIKELIHOOD).tolist() == [
        1,
        1,
        2,
        3,
        4,
        5,
        5,
    ]


def test_ratings_rise_at_the_limits():
    assert ratings([99.9, 100, 299.9, 300], (100, 300)) == ["low", "medium", "medium", "high"]


@given(st.lists(st.tuples(GRADE, GRADE), min_size=2, max_size=12))
def test_the_sum_of_logarithms_reverses_nothing(graded):
    """Where grades are exact logarithms the expected loss is 10 ** (L + I)."""
    likelihood, impact = np.array(graded).T
    loss = 10.0 ** (likelihood + impact)
    assert reversals(likelihood + impact, loss).reversed == 0


def test_the_product_reverses_some():
    """(1, 5) has the product 5 and the loss 10^6, (2, 3) has 6 and 10^5."""
    found = reversals([5, 6, 1], [1e6, 1e5, 1e2])
    assert (found.pairs, found.reversed) == (3, 1)
    assert found.share == pytest.approx(1 / 3)


@given(st.lists(st.tuples(st.integers(1, 9), st.integers(1, 9), GRADE), max_size=10))
def test_pairs_are_counted_one_by_one(rows):
    pairs = reversed_ = 0
    for i, (s, x, a) in enumerate(rows):
        for t, y, b in rows[:i]:
            if a != b and s != t and x != y:
                pairs += 1
                reversed_ += (s > t) != (x > y)
    scores, losses, among = (
        (list(column) for column in zip(*rows, strict=True)) if rows else ([],) * 3
    )
    found = reversals(scores, losses, among=among)
    assert (found.pairs, found.reversed) == (pairs, reversed_)
    assert math.isnan(found.share) == (pairs == 0)


def test_pairs_of_one_rating_do_not_count():
    assert reversals([5, 6, 1], [1e6, 1e5, 1e2], among=["high", "high", "low"]).pairs == 2


@given(st.lists(st.tuples(st.floats(0, 9), st.floats(0, 9)), min_size=2, max_size=9), st.randoms())
def test_the_order_of_the_risks_does_not_matter(rows, random):
    other = random.sample(rows, len(rows))
    one, two = (reversals(*zip(*some, strict=True)) for some in (rows, other))
    assert one == two


def test_a_matrix_has_both_ranks():
    frame = pd.DataFrame(
        {
            "risk_id": ["A", "B", "C"],
            "frequency": [0.05, 0.2, 4.0],
            "severity": [2e8, 2e6, 2e4],
            "loss": [1e7, 4e5, 8e4],
        },
        index=[7, 8, 9],
    )
    found = matrix(
        frame, likelihood_limits=LIKELIHOOD, impact_limits=IMPACT, rating_limits=(1e5, 1e6)
    ).set_index("risk_id")
    assert found["likelihood"].tolist() == [1, 2, 5]
    assert found["impact"].tolist() == [5, 3, 1]
    assert found["product"].tolist() == [5, 6, 5]
    assert found["product_rank"].tolist() == [2, 1, 2]
    assert found["rank"].tolist() == [1, 2, 3]
    assert found["rating"].tolist() == ["high", "medium", "low"]
    assert found["sum_rank"].tolist() == [1, 3, 1]
    assert reversals(found["product"], found["loss"]).reversed == 1


def test_grades_that_a_person_gave_stand():
    frame = pd.DataFrame(
        {"risk_id": ["A", "B"], "frequency": [0.05, 0.05], "severity": [1.0, 1.0],
         "loss": [1.0, 2.0], "likelihood": pd.array([4, None], dtype="Int64")}
    )  # fmt: skip
    found = matrix(
        frame, likelihood_limits=LIKELIHOOD, impact_limits=IMPACT, rating_limits=(1e5, 1e6)
    )
    assert found["likelihood"].tolist() == [4, 1]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: grades([1.0, math.nan], LIKELIHOOD), "is missing"),
        (lambda: grades([1.0], (3.0, 1.0)), "numbers that rise"),
        (lambda: grades([1.0], ()), "numbers that rise"),
        (lambda: ratings([1.0], (1.0, 2.0, 3.0)), "3 limits"),
        (lambda: reversals([1, 2], [1]), "one a risk"),
        (lambda: reversals([1, 2], [1, 2], among=["x"]), "one a risk"),
    ],
)
def test_what_cannot_be_graded_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()

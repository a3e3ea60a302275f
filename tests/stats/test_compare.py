"""Comparison: reference values of METHODS section 2, and what must hold for any numbers."""

import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from opsnb.stats.compare import (
    attainment,
    growth,
    required_run_rate,
    time_progress,
    turn,
    two_year_growth,
)

AMOUNTS = st.floats(-1e12, 1e12).filter(lambda x: abs(x) > 1e-3 or x == 0)
SOME = AMOUNTS.filter(lambda x: x != 0)
ANY = st.floats(allow_nan=True, allow_infinity=True)


@pytest.mark.parametrize(
    ("actual", "base", "expected"),
    [
        (110, 100, 0.10),
        (90, 100, -0.10),
        (5, -10, 1.5),  # to profit
        (-5, 10, -1.5),  # to loss
        (-5, -10, 0.5),  # a smaller loss
        (-20, -10, -1.0),  # a larger loss
        (0, 100, -1.0),
    ],
)
def test_growth_is_on_the_size_of_the_base(actual, base, expected):
    assert growth(actual, base) == pytest.approx(expected, rel=1e-15)


@pytest.mark.parametrize(
    ("actual", "base", "name"),
    [
        (3, -2, "to profit"),
        (-3, 2, "to loss"),
        (-1, -2, "smaller loss"),
        (-2, -1, "larger loss"),
        (-2, -2, ""),
        (2, 1, ""),
        (0, -2, ""),
        (-2, 0, ""),
        (2, 0, ""),
        (math.nan, -2, ""),
        (2, math.nan, ""),
    ],
)
def test_turns_are_named_where_a_negative_value_takes_part(actual, base, name):
    assert turn(actual, base) == name


@pytest.mark.parametrize(
    ("actual", "target", "better", "expected"),
    [
        (95, 100, "higher", 0.95),
        (95, 100, "lower", 1.05),
        (105, 100, "higher", 1.05),
        (105, 100, "lower", 0.95),
        (-8, -10, "higher", 1.2),  # a smaller loss than planned
        (-12, -10, "higher", 0.8),
        (-12, -10, "lower", 1.2),
        (0, 100, "higher", 0.0),
        (-50, 100, "higher", -0.5),
        (0, 100, "lower", 2.0),
    ],
)
def test_attainment_of_a_target(actual, target, better, expected):
    assert attainment(actual, target, better=better) == pytest.approx(expected, rel=1e-15)


@pytest.mark.parametrize(
    ("actual", "band", "expected"),
    [
        (100, (90, 110), 1.0),
        (90, (90, 110), 1.0),
        (110, (90, 110), 1.0),
        (81, (90, 110), 0.9),
        (121, (90, 110), 0.9),
        (-12, (-10, 10), 0.8),
        (0.05, (0.0, 0.04), 0.75),
    ],
)
def test_attainment_of_a_band(actual, band, expected):
    assert attainment(actual, 0, better="band", band=band) == pytest.approx(expected, rel=1e-14)


def test_two_year_growth_is_the_published_example():
    assert round(float(two_year_growth(-0.135, 0.351)), 4) == 0.0810


def test_run_rate_and_progress():
    assert required_run_rate(1200, 900, 75) == 4.0
    assert required_run_rate(1200, 1300, 50) == -2.0
    assert round(float(time_progress(273, 365)), 4) == 0.7479
    assert round(float(time_progress(187, 248)), 4) == 0.7540


NOT_APPLICABLE = {
    "growth on zero": growth(5, 0),
    "zero on zero": growth(0, 0),
    "actual missing": growth(math.nan, 5),
    "base missing": growth(5, math.nan),
    "target zero": attainment(5, 0),
    "target zero, lower": attainment(0, 0, better="lower"),
    "target missing": attainment(5, math.nan),
    "below an edge of zero": attainment(-1, 0, better="band", band=(0, 10)),
    "above an edge of zero": attainment(1, 0, better="band", band=(-10, 0)),
    "in no band": attainment(math.nan, 0, better="band", band=(0, 10)),
    "no day left": required_run_rate(100, 50, 0),
    "past the end": required_run_rate(100, 50, -3),
    "no year": time_progress(5, 0),
    "lost more than all": two_year_growth(-1.5, 0.2),
    "lost more than all, twice": two_year_growth(-1.5, -1.5),
    "growth missing": two_year_growth(math.nan, 0.1),
    "overflow": growth(1e308, -1e308),
    "tiny base": growth(1.0, 5e-324),
    "infinite": growth(math.inf, 1.0),
}


@pytest.mark.parametrize("case", NOT_APPLICABLE)
def test_what_is_not_applicable_is_nan(case):
    assert math.isnan(NOT_APPLICABLE[case])


@given(ANY, ANY, ANY)
def test_an_answer_is_finite_or_nan(x, y, z):
    answers = [
        growth(x, y),
        attainment(x, y),
        attainment(x, y, better="lower"),
        attainment(x, 0, better="band", band=(min(y, z), max(y, z))),
        two_year_growth(x, y),
        required_run_rate(x, y, z),
        time_progress(x, y),
    ]
    assert not np.isinf(answers).any()


@given(AMOUNTS, SOME, st.floats(1e-3, 1e3))
def test_rescaling_changes_no_rate(actual, base, scale):
    for better in ("higher", "lower"):
        plain = attainment(actual, base, better=better)
        scaled = attainment(actual * scale, base * scale, better=better)
        assert scaled == pytest.approx(plain, rel=1e-9, abs=1e-9)
    assert growth(actual * scale, base * scale) == pytest.approx(
        float(growth(actual, base)), rel=1e-9, abs=1e-9
    )


@given(AMOUNTS, SOME)
def test_signs_mirror(actual, base):
    """Turning profit into loss turns growth; a metric to raise becomes one to lower."""
    assert growth(-actual, -base) == -growth(actual, base)
    mirrored = attainment(-actual, -base, better="lower")
    assert mirrored == attainment(actual, base, better="higher")


@given(AMOUNTS, SOME)
def test_higher_and_lower_add_up_to_two(actual, target):
    total = attainment(actual, target) + attainment(actual, target, better="lower")
    assert total == pytest.approx(2.0, rel=1e-12, abs=1e-6 * abs(actual / target))


@given(SOME)
def test_the_target_exactly_met_is_one(target):
    assert attainment(target, target) == 1.0
    assert attainment(target, target, better="lower") == 1.0
    assert growth(target, target) == 0.0


@given(AMOUNTS, SOME)
def test_attainment_is_one_and_growth_against_the_target(actual, target):
    assert attainment(actual, target) == 1.0 + growth(actual, target)


@given(AMOUNTS, AMOUNTS, SOME)
def test_more_is_never_worse_where_higher_is_better(one, other, target):
    low, high = sorted((one, other))
    assert attainment(low, target) <= attainment(high, target)
    assert attainment(low, target, better="lower") >= attainment(high, target, better="lower")


@given(SOME, SOME, AMOUNTS)
def test_a_band_is_missed_by_the_distance_to_it(one, other, actual):
    low, high = sorted((one, other))
    assume(low < high)
    reached = attainment(actual, math.nan, better="band", band=(low, high))
    edge = low if actual < low else high
    outside = max(low - actual, actual - high, 0.0)
    assert reached == pytest.approx(1 - outside / abs(edge), rel=1e-12)
    assert reached <= 1.0


@given(st.floats(-0.99, 10), st.floats(-0.99, 10))
def test_two_year_growth_twice_makes_both_years(first, second):
    average = two_year_growth(first, second)
    assert (1 + average) ** 2 == pytest.approx((1 + first) * (1 + second), rel=1e-12)
    assert min(first, second) - 1e-9 <= average <= max(first, second) + 1e-9


@given(st.lists(st.tuples(AMOUNTS, AMOUNTS), min_size=1, max_size=8))
def test_arrays_are_answered_element_by_element(pairs):
    actual, base = np.array(pairs).T
    alone = [float(growth(a, b)) for a, b in pairs]
    np.testing.assert_array_equal(growth(actual, base), alone)
    within = attainment(actual, base, better="band", band=(-5, 5))
    alone = [float(attainment(a, 0, better="band", band=(-5, 5))) for a, _ in pairs]
    np.testing.assert_array_equal(within, alone)


def test_an_unknown_direction_is_refused():
    with pytest.raises(ValueError, match="expected 'higher', 'lower' or 'band'"):
        attainment(1, 1, better="hihger")
    with pytest.raises(ValueError, match="needs band"):
        attainment(1, 1, better="band")

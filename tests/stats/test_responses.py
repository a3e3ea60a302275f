"""Events before and after a treatment, against the binomial of scipy."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from opsnb.stats.responses import effect


def test_probabilities_are_those_of_the_conditional_binomial():
    found = effect(46, 3.83, 12, 1.0, 0.6)
    claimed, same = 0.4 / (3.83 + 0.4), 1.0 / 4.83
    assert found.p_claim == pytest.approx(binom.sf(11, 58, claimed))
    assert found.p_none == pytest.approx(binom.cdf(12, 58, same))
    assert found.rate_before == pytest.approx(46 / 3.83)
    assert found.verdict == "contradicted"


@pytest.mark.parametrize(
    ("after", "verdict"), [(0, "confirmed"), (2, "confirmed"), (30, "contradicted")]
)
def test_verdicts(after, verdict):
    assert effect(36, 3.0, after, 1.0, 0.6).verdict == verdict


def test_too_few_events_leave_it_open():
    assert effect(1, 3.0, 0, 1.0, 0.5).verdict == "open"
    assert effect(0, 3.0, 0, 1.0, 0.5).verdict == "open"


@given(
    st.integers(0, 40), st.integers(0, 40), st.floats(0.2, 5), st.floats(0.2, 5), st.floats(0, 1)
)
def test_more_events_after_speak_against_it(before, after, one, other, claim):
    less, more = (effect(before, one, n, other, claim) for n in (after, after + 1))
    assert more.p_claim <= less.p_claim + 1e-12
    assert more.p_none >= less.p_none - 1e-9 or more.after > less.after
    assert 0 <= less.p_claim <= 1


@pytest.mark.parametrize(
    "given", [(-1, 1, 0, 1, 0.5), (1, 0, 0, 1, 0.5), (1, 1, 0, 0, 0.5), (1, 1, 1, 1, 1.5)]
)
def test_what_cannot_be_is_refused(given):
    with pytest.raises(ValueError, match="expected counts"):
        effect(*given)

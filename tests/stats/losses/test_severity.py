"""Severities: their parameters, what is drawn, and their cells."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from opsnb.stats.losses.severity import Empirical, Lognormal, Pert

NONE = np.zeros(0)
SIZE = 400_000


def test_lognormal_reference():
    risk = Lognormal(1e5, 1e6)
    assert risk.mu == pytest.approx(12.664218, abs=5e-7)
    assert risk.sigma == pytest.approx(0.699936169, abs=5e-10)
    assert risk.mean == pytest.approx(404_001.2827, abs=5e-5)


def test_pert_reference():
    risk = Pert(10, 20, 100)
    law = stats.beta(risk.alpha, risk.beta, 10, 90)
    assert law.std() == pytest.approx(14.543312, abs=5e-7)
    assert law.ppf(0.95) == pytest.approx(59.62537, abs=1e-5)
    drawn = risk.sample(np.random.default_rng(1), SIZE)
    assert abs(drawn.mean() - 31.66667) < 4 * 14.543312 / math.sqrt(SIZE)
    assert drawn.std() == pytest.approx(14.543312, rel=0.005)
    assert np.quantile(drawn, 0.95) == pytest.approx(59.62537, rel=0.005)


@pytest.mark.parametrize("mode", [0.0, 0.001, 0.3, 0.5, 1.0])
def test_the_table_of_a_pert_is_its_quantile_function(mode):
    """Drawn with evenly spread uniforms, so that nothing but the table can err."""
    risk, law = Pert(0.0, mode, 1.0), stats.beta(1 + 4 * mode, 5 - 4 * mode)

    class Even:
        def random(self, size):
            return (np.arange(size) + 0.5) / size

    drawn = risk.sample(Even(), 1_000_000)
    assert drawn.mean() == pytest.approx(law.mean(), abs=1e-6)
    assert drawn.std() == pytest.approx(law.std(), abs=1e-6)
    p = np.array([1e-4, 0.01, 0.3, 0.5, 0.9, 0.99, 0.9999])
    np.testing.assert_allclose(law.cdf(drawn[(p * 1_000_000).astype(int)]), p, atol=3e-5)


AMOUNT = st.floats(1e-3, 1e9)
SEVERITIES = st.one_of(
    st.builds(lambda low, ratio: Lognormal(low, low * ratio), AMOUNT, st.floats(1.01, 1e4)),
    st.builds(
        lambda low, width, mode: Pert(low, low + mode * width, low + width),
        st.floats(0, 1e6), st.floats(1, 1e9), st.floats(0, 1),
    ),
    st.builds(Empirical, st.lists(st.floats(0, 1e9), min_size=1, max_size=30).map(tuple)),
)  # fmt: skip


@given(SEVERITIES, st.lists(AMOUNT, max_size=3))
def test_cells_have_the_whole_weight_and_mean(severity, edges):
    values, weights = severity.cells(np.array(edges))
    assert weights.sum() == pytest.approx(1, abs=1e-12)
    assert (values * weights).sum() == pytest.approx(severity.mean, rel=1e-6, abs=1e-12)
    assert (weights > 0).all()


@given(SEVERITIES.filter(lambda s: not isinstance(s, Empirical)), st.floats(0.01, 0.99))
def test_no_cell_reaches_over_an_edge(severity, p):
    edge = float(np.quantile(severity.sample(np.random.default_rng(4), 200), p))
    values, weights = severity.cells(np.array([edge]))
    if isinstance(severity, Lognormal):
        exact = stats.norm.cdf((math.log(edge) - severity.mu) / severity.sigma)
    else:
        place = (edge - severity.low) / (severity.high - severity.low)
        exact = stats.beta.cdf(place, severity.alpha, severity.beta)
    assert weights[values <= edge].sum() == pytest.approx(exact, abs=1e-6)


@pytest.mark.parametrize("severity", [Lognormal(1, 1000), Pert(1, 2, 9), Empirical((1.0, 5.0))])
def test_what_is_drawn_follows_the_cells(severity):
    values, weights = severity.cells(NONE)
    mean = (values * weights).sum()
    sd = math.sqrt((values**2 * weights).sum() - mean**2)
    drawn = severity.sample(np.random.default_rng(3), SIZE)
    assert drawn.shape == (SIZE,)
    assert abs(drawn.mean() - mean) < 4 * sd / math.sqrt(SIZE)

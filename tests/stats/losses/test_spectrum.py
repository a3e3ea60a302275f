"""The second engine against laws with a closed form."""

import numpy as np
import pytest
from scipy import stats

from opsnb.stats.losses.register import Risk
from opsnb.stats.losses.severity import Empirical, Lognormal, Pert
from opsnb.stats.losses.spectrum import compound, law
from opsnb.stats.losses.treatments import Layer, Terms

ONE = Empirical((1.0,))
PLAIN = Terms()


def of(*risks, reach=60.0, terms=PLAIN):
    return law([compound(risk, terms) for risk in risks], reach)


@pytest.mark.parametrize("rate", [0.1, 4.0, 30.0])
def test_counts_are_poisson(rate):
    found, exact = of(Risk("A", rate, ONE)), stats.poisson(rate)
    for count in range(50):
        assert found.probability(count + 0.5) == pytest.approx(exact.cdf(count), abs=1e-6)
    assert found.p_zero == pytest.approx(exact.pmf(0), rel=1e-12)
    assert (found.mean, found.sd) == pytest.approx((exact.mean(), exact.std()), rel=1e-12)


def test_nothing_comes_back_from_beyond_the_grid():
    """Half of the probability lies beyond the end; without the tilt it would be added in front."""
    found, exact = of(Risk("A", 30.0, ONE), reach=10.0), stats.poisson(30.0)
    assert found.probability(10.5) == pytest.approx(exact.cdf(10), abs=1e-6)


@pytest.mark.parametrize("cv", [0.2, 0.7, 1.5])
def test_several_drawn_frequencies_of_a_group(cv):
    """PERT frequencies so narrow that they are numbers: the group's counts are known."""
    narrow = [
        Risk(name, Pert(rate, rate, rate * (1 + 1e-9)), ONE, "g", cv)
        for name, rate in (("A", 1.0), ("B", 2.0))
    ]
    fixed = Risk("C", 1.0, ONE, "g", cv)
    exact = stats.nbinom(1 / cv**2, 1 / (1 + 4 * cv**2))
    for risks in ([*narrow, fixed], [narrow[0], Risk("D", 3.0, ONE, "g", cv)]):
        found = of(*risks)
        for count in (0, 1, 3, 8, 20, 40):
            assert found.probability(count + 0.5) == pytest.approx(exact.cdf(count), abs=1e-5)


def test_the_two_ways_over_a_group_agree():
    """One drawn frequency has its shock in closed form; a second one of almost no events not."""
    wide = Risk("A", Pert(0.0, 1.0, 6.0), ONE, "g", 0.8)
    least = Risk("B", Pert(1e-12, 1e-12, 2e-12), ONE, "g", 0.8)
    one, other = of(wide), of(wide, least)
    for count in (0, 1, 4, 10, 30):
        place = count + 0.5
        assert one.probability(place) == pytest.approx(other.probability(place), abs=1e-8)


def test_quantiles_and_means_of_the_tail_of_a_single_rare_loss():
    """With few events a year the loss is one lognormal or none, but for a part of 1e-6."""
    severity, rate = Lognormal(100.0, 1000.0), 1e-3
    found = of(Risk("A", rate, severity), reach=3000.0)
    exact = stats.lognorm(severity.sigma, scale=np.exp(severity.mu))
    q = 1 - rate * 0.2  # the fifth of the losses that is worst
    assert found.var(q) == pytest.approx(exact.ppf(0.8), rel=2e-3)
    z = stats.norm.ppf(0.8)
    assert found.es(q) == pytest.approx(
        severity.mean * stats.norm.sf(z - severity.sigma) / 0.2, rel=2e-3
    )


def test_insurance_leaves_nothing_up_to_its_limit():
    """P(no retained loss) = exp(-rate P(X > d + l)) where the first loss up to l is borne."""
    severity = Lognormal(100.0, 1000.0)
    terms = Terms(layers=(Layer(1.0, 0.0, 400.0),))
    found = of(Risk("A", 0.5, severity), terms=terms, reach=2000.0)
    beyond = stats.norm.sf((np.log(400) - severity.mu) / severity.sigma)
    assert found.p_zero == pytest.approx(np.exp(-0.5 * beyond), rel=1e-9)


def test_a_risk_that_is_wholly_insured_costs_nothing():
    found = of(Risk("A", 2.0, Lognormal(1, 9)), terms=Terms(layers=(Layer(1.0, 0.0, np.inf),)))
    assert (found.mean, found.sd, found.p_zero, found.var(0.99), found.es(0.99)) == (0, 0, 1, 0, 0)

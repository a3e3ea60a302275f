"""Published and twice computed figures, and laws that have a closed form."""

import math

import numpy as np
import pytest
from scipy import stats

from opsnb.stats.losses import simulate
from tests.stats.losses.conftest import one

SEEDS = range(10)
TRIALS = 100_000
R1 = {"frequency": 0.1, "loss_low": 1e5, "loss_high": 1e6}
R2 = {"frequency": 2.0, "loss_low": 10.0, "loss_high": 100.0}
R3 = {"frequency": 0.1, "loss_low": 100.0, "loss_high": 1000.0}
R4 = {"frequency": 0.1, "loss_min": 100.0, "loss_mode": 400.0, "loss_max": 1000.0}


def total(result, stage="inherent"):
    rows = result.summary.set_index(["stage", "risk_id"])
    return rows.loc[(stage, "total")]


def fft(result, statistic):
    rows = result.check.query("risk_id == 'total' and stage == 'inherent'")
    return rows.set_index("statistic").at[statistic, "fft"]


@pytest.mark.parametrize(
    ("risk", "statistic", "reference", "rounding"),
    [
        (R1, "mean", 40_400.12827, 0.00001),
        (R2, "mean", 80.8003, 0.0001),
        (R2, "sd", 72.9929, 0.0001),
        (R2, "p_zero", 0.135335, 0.000001),
        (R2, "var_95", 221.4, 0.05),
        (R2, "var_99", 319.9, 0.05),
        (R2, "es_95", 283.0, 0.05),
        (R2, "es_99", 382.9, 0.05),
        (R3, "mean", 40.4001, 0.0001),
        (R3, "p_zero", 0.904837, 0.000001),
        (R3, "var_90", 0.0, 0.0),
        (R3, "var_99", 810.0, 0.5),
        (R3, "es_90", 404.0013, 0.0001),  # VaR is 0: the mean over the tenth that is worst
        (R3, "es_99", 1185.3, 0.2),
        (R4, "var_99", 714.0, 0.5),
    ],
)
def test_both_engines_find_the_reference(risk, statistic, reference, rounding):
    results = [simulate(one(**risk), trials=TRIALS, seed=seed) for seed in SEEDS]
    found = np.array([total(result)[statistic] for result in results])
    error = found.std(ddof=1) / math.sqrt(len(found))
    assert abs(found.mean() - reference) <= 4 * error + rounding
    if statistic != "sd":
        assert abs(fft(results[0], statistic) - reference) <= rounding + 1e-3 * reference


def test_a_compound_of_exponentials(exponential):
    risk = one(frequency=3.0, losses=[10 * loss for loss in exponential])
    results = [simulate(risk, trials=TRIALS, seed=seed) for seed in SEEDS]
    for statistic, reference in {"var_95": 77.28856, "es_95": 95.68579, "mean": 30.0}.items():
        found = np.array([total(result)[statistic] for result in results])
        assert abs(found.mean() - reference) <= 4 * found.std(ddof=1) / math.sqrt(len(found))
        assert fft(results[0], statistic) == pytest.approx(reference, rel=2e-4)


@pytest.mark.parametrize("rate", [0.05, 0.7, 3.0, 40.0])
def test_single_losses_of_one_count_events(rate):
    result = simulate(one(frequency=rate, losses=[1.0]), trials=TRIALS, seed=1)
    row, law = total(result), stats.poisson(rate)
    error = math.sqrt(rate / TRIALS)
    assert abs(row["mean"] - rate) < 4 * error
    assert row["sd"] ** 2 == pytest.approx(rate, rel=4 * math.sqrt((2 + 1 / rate) / TRIALS))
    assert row["var_95"] == law.ppf(0.95)
    count = np.arange(2000)
    beyond = law.pmf(count)[count > row["var_95"]]
    split = 1 - 0.95 - beyond.sum()  # the part of the atom that belongs to the tail
    exact = (beyond @ count[count > row["var_95"]] + split * row["var_95"]) / 0.05
    assert row["es_95"] == pytest.approx(exact, rel=0.02)


@pytest.mark.parametrize("cv", [0.3, 1.0, 2.0])
def test_a_gamma_shock_makes_counts_negative_binomial(cv):
    risk = one(frequency=2.0, losses=[1.0], group="g", group_cv=cv)
    result = simulate(risk, trials=TRIALS, seed=2)
    law = stats.nbinom(1 / cv**2, 1 / (1 + 2 * cv**2))
    row = total(result)
    assert abs(row["mean"] - 2) < 4 * law.std() / math.sqrt(TRIALS)
    zero = law.pmf(0)
    assert abs(row["p_zero"] - zero) < 4 * math.sqrt(zero * (1 - zero) / TRIALS)
    assert row["var_99"] == pytest.approx(law.ppf(0.99), abs=1)
    assert fft(result, "p_zero") == pytest.approx(zero, rel=1e-12)


def test_what_a_group_shares_adds_to_the_variance_of_the_sum():
    rows = [one(frequency=2.0, losses=[3.0], group="g", group_cv=0.7) for _ in range(4)]
    risks = rows[0].iloc[[0, 0, 0, 0]].assign(risk_id=list("ABCD")).reset_index(drop=True)
    exact = 4 * 2 * 9 + (0.7 * 4 * 2 * 3) ** 2
    found = [total(simulate(risks, trials=TRIALS, seed=s))["sd"] ** 2 for s in SEEDS]
    error = np.std(found, ddof=1) / math.sqrt(len(found))
    assert abs(np.mean(found) - exact) < 4 * error
    assert error < 0.01 * exact  # the group's part alone is 282 of 354


def test_a_drawn_frequency_adds_its_variance():
    risk = one(freq_low=0.0, freq_mode=2.0, freq_high=10.0, losses=[1.0])
    rate, spread = 3.0, 100 * (1 + 0.8) * (1 + 3.2) / 252
    found = [total(simulate(risk, trials=TRIALS, seed=s)) for s in SEEDS]
    for statistic, exact in (("mean", rate), ("sd", math.sqrt(rate + spread))):
        values = np.array([row[statistic] for row in found])
        assert abs(values.mean() - exact) < 4 * values.std(ddof=1) / math.sqrt(len(values))

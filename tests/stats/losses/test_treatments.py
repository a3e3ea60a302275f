"""What treatments leave of a loss, and what they are worth."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsnb.stats.losses import simulate
from opsnb.stats.losses.treatments import Layer, Terms
from tests.stats.losses.conftest import one

TRIALS = 200_000
AMOUNT = st.floats(0, 1000)
LAYER = st.builds(Layer, st.floats(0, 1), AMOUNT, st.one_of(AMOUNT, st.just(math.inf)))
LOSSES = np.linspace(0, 3000, 601)


@given(LAYER, st.floats(0, 1))
def test_one_layer_is_the_formula(layer, scale):
    x = LOSSES * scale
    borne = layer.share * np.minimum(np.maximum(x - layer.deductible, 0), layer.limit)
    found = Terms(scale=scale, layers=(layer,)).retained(LOSSES)
    np.testing.assert_allclose(found, x - borne, atol=1e-9)


def test_layers_on_each_other_add_up():
    layers = (Layer(0.5, 0.0, 100.0), Layer(0.8, 100.0, 400.0))
    found = Terms(layers=layers).retained(np.array([50.0, 100.0, 300.0, 1000.0]))
    assert found.tolist() == [25.0, 50.0, 90.0, 630.0]


@given(st.lists(LAYER, max_size=4))
def test_more_insurance_never_costs_more_and_a_larger_loss_never_less(layers):
    found = Terms(layers=tuple(layers)).retained(LOSSES)
    assert (np.diff(found) >= -1e-9).all()
    assert (found >= 0).all()
    assert (found <= LOSSES).all()
    assert (Terms(layers=(*layers, Layer(0.5, 50, 200))).retained(LOSSES) <= found + 1e-9).all()


@pytest.fixture(scope="module")
def result(mixed, treated):
    return simulate(mixed, treatments=treated, trials=TRIALS, seed=4)


def mean(result, stage, risk_id):
    rows = result.summary.set_index(["stage", "risk_id"])
    return rows.at[(stage, risk_id), "mean"], rows.at[(stage, risk_id), "mean_error"]


def test_effects_multiply(result):
    inherent, error = mean(result, "inherent", "R1")
    residual, _ = mean(result, "residual", "R1")
    target, _ = mean(result, "target", "R1")
    assert abs(residual - 0.7 * inherent) < 4 * error
    assert abs(target - 0.7 * 0.8 * 0.5 * inherent) < 4 * error


def test_only_what_is_effective_counts_in_the_residual(result):
    assert mean(result, "residual", "R7") == mean(result, "inherent", "R7")
    assert mean(result, "target", "R7")[0] < mean(result, "residual", "R7")[0]
    for stage in ("residual", "target"):
        assert mean(result, stage, "R5") == mean(result, "inherent", "R5")  # it has ended


def test_benefit_is_the_fall_of_the_expected_loss(result, treated):
    rows = result.benefit.set_index("treatment_id")
    assert rows.index.tolist() == treated["treatment_id"].tolist()
    fall = mean(result, "inherent", "R1")[0] - mean(result, "residual", "R1")[0]
    assert rows.at["T1", "benefit"] == pytest.approx(fall, rel=1e-9)  # the only effective one
    fall = mean(result, "residual", "R1")[0] - mean(result, "target", "R1")[0]
    assert rows.at["T2", "benefit"] == pytest.approx(fall, rel=1e-9)  # beside T1
    assert rows.at["T2", "net"] == pytest.approx(rows.at["T2", "benefit"] - 3)
    width = rows["net_high"] - rows["net_low"]
    assert (width[:5] / rows["benefit_error"][:5]).to_numpy() == pytest.approx(2 * 1.959964)
    assert rows.loc["T6", ["benefit", "benefit_error", "net"]].isna().all()


def test_the_error_of_a_benefit_is_that_of_its_simulation():
    treated = pd.DataFrame(
        {"treatment_id": ["T"], "risk_id": ["R1"], "status": ["proposed"], "cost": [1.0],
         "effect_frequency": [0.4]}
    )  # fmt: skip
    risk = one(frequency=0.8, loss_low=10.0, loss_high=100.0)
    runs = [simulate(risk, treatments=treated, trials=5000, seed=s).benefit for s in range(60)]
    found = pd.concat(runs)
    assert found["benefit"].std() == pytest.approx(found["benefit_error"].mean(), rel=0.4)
    exact = 0.4 * 0.8 * 40.40013
    assert abs(found["benefit"].mean() - exact) < 4 * found["benefit"].std() / math.sqrt(60)


def test_insurance_against_the_closed_form(exponential):
    """E min(max(X - d, 0), l) = m (exp(-d / m) - exp(-(d + l) / m)) for a mean of m."""
    treated = pd.DataFrame(
        {"treatment_id": ["T"], "risk_id": ["R1"], "status": ["effective"], "share": [0.8],
         "deductible": [5.0], "limit": [20.0]}
    )  # fmt: skip
    risk = one(frequency=2.0, losses=[10 * loss for loss in exponential])
    found = simulate(risk, treatments=treated, trials=TRIALS)
    exact = 2 * (10 - 0.8 * 10 * (math.exp(-0.5) - math.exp(-2.5)))
    value, error = mean(found, "residual", "R1")
    assert abs(value - exact) < 4 * error
    law = found.check.set_index(["stage", "risk_id", "statistic"])["fft"]
    assert law["residual", "R1", "mean"] == pytest.approx(exact, rel=1e-4)


@pytest.mark.parametrize("effect", ["effect_frequency", "effect_severity", "share"])
def test_a_risk_may_be_done_away_with(mixed, effect):
    treated = pd.DataFrame(
        {"treatment_id": ["T", "U"], "risk_id": ["R1", "R4"], "status": "effective", effect: 1.0}
    )
    found = simulate(mixed, treatments=treated, trials=1000)
    for risk_id in ("R1", "R4"):
        assert mean(found, "residual", risk_id) == (0, 0)
    rows = found.check.query("risk_id == 'R1' and stage == 'residual'").set_index("statistic")
    assert rows.at["p_zero", "fft"] == 1
    assert (rows["difference"] == 0).all()


def test_a_frame_without_rows_has_all_stages(mixed, treated):
    found = simulate(mixed, treatments=treated.iloc[:0], trials=1000)
    wide = found.summary.pivot(index="risk_id", columns="stage", values="es_99")
    assert (wide["inherent"] == wide["target"]).all()

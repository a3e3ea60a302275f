"""Exact means, against published ones and against the simulation."""

import numpy as np
import pandas as pd
import pytest

from opsnb.stats.losses import expected, simulate

RISKS = pd.DataFrame(
    {
        "risk_id": ["R2", "R1", "R5"],
        "frequency": [2.0, 0.1, np.nan],
        "freq_low": [np.nan, np.nan, 0.5],
        "freq_mode": [np.nan, np.nan, 1.0],
        "freq_high": [np.nan, np.nan, 3.0],
        "loss_low": [10.0, 1e5, np.nan],
        "loss_high": [100.0, 1e6, np.nan],
        "loss_min": [np.nan, np.nan, 10.0],
        "loss_mode": [np.nan, np.nan, 20.0],
        "loss_max": [np.nan, np.nan, 100.0],
    }
)
TREATMENTS = pd.DataFrame(
    {
        "treatment_id": ["T1", "T2", "T3"],
        "risk_id": ["R1", "R2", "R5"],
        "status": ["effective", "proposed", "ended"],
        "effect_frequency": [0.5, 0.0, 0.9],
        "effect_severity": [0.2, 0.5, 0.0],
    }
)


def test_means_are_the_published_ones():
    found = expected(RISKS).set_index("risk_id")
    assert found.index.tolist() == ["R2", "R1", "R5"]
    assert found.at["R1", "loss"] == pytest.approx(40_400.12827, rel=1e-7)
    assert found.at["R2", "loss"] == pytest.approx(80.8003, rel=1e-5)
    assert found.at["R5", "severity"] == pytest.approx(190 / 6)
    assert found.at["R5", "frequency"] == pytest.approx(7.5 / 6)


def test_treatments_count_by_their_stage():
    found = expected(RISKS, TREATMENTS).pivot(index="risk_id", columns="stage", values="loss")
    assert found.at["R1", "residual"] == pytest.approx(0.4 * found.at["R1", "inherent"])
    assert found.at["R2", "residual"] == pytest.approx(found.at["R2", "inherent"])
    assert found.at["R2", "target"] == pytest.approx(found.at["R2", "inherent"] / 2)
    assert found.loc["R5"].nunique() == 1


def test_the_simulation_agrees_within_its_error():
    exact = expected(RISKS, TREATMENTS).set_index(["stage", "risk_id"])["loss"]
    drawn = simulate(RISKS, treatments=TREATMENTS, trials=50_000).summary
    for row in drawn[drawn["risk_id"] != "total"].itertuples():
        assert abs(row.mean - exact[row.stage, row.risk_id]) < 4 * row.mean_error

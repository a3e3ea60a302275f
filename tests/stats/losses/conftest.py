"""Registers to simulate."""

import numpy as np
import pandas as pd
import pytest


def one(**columns):
    """Register of one risk."""
    return pd.DataFrame([{"risk_id": "R1", **columns}])


@pytest.fixture(scope="session")
def mixed():
    """Register with every kind of frequency and severity, alone and in groups."""
    observed = [12.0, 30.0, 30.0, 55.0, 140.0]
    rows = [
        {"frequency": 0.4, "loss_low": 20, "loss_high": 300, "group": "supply"},
        {"frequency": 1.5, "loss_low": 5, "loss_high": 60, "group": "supply"},
        {"freq_low": 0.1, "freq_mode": 0.5, "freq_high": 3, "loss_low": 10, "loss_high": 90},
        {"freq_low": 1, "freq_mode": 2, "freq_high": 6, "loss_min": 1, "loss_mode": 3,
         "loss_max": 20, "group": "people"},
        {"frequency": 0.7, "losses": observed, "group": "people"},
        {"frequency": 3.0, "losses": observed},
        {"frequency": 0.05, "loss_min": 100, "loss_mode": 100, "loss_max": 900},
    ]  # fmt: skip
    frame = pd.DataFrame(rows)
    frame["group_cv"] = frame["group"].map({"supply": 0.8, "people": 0.4}).astype(float)
    return frame.assign(risk_id=[f"R{i}" for i in range(1, len(frame) + 1)])


@pytest.fixture(scope="session")
def treated():
    """Treatments of the mixed register, of every kind and status."""
    rows = [
        ("T1", "R1", "effective", 0.3, 0.0, None, None, None, 4.0),
        ("T2", "R1", "proposed", 0.2, 0.5, None, None, None, 3.0),
        ("T3", "R3", "effective", 0.0, 0.0, 0.8, 20.0, 100.0, 9.0),
        ("T4", "R3", "ongoing", 0.0, 0.1, 0.6, 0.0, 60.0, 1.0),
        ("T5", "R7", "proposed", 0.0, 0.0, 1.0, 200.0, None, 2.0),
        ("T6", "R5", "ended", 0.9, 0.9, None, None, None, 5.0),
    ]
    columns = ["treatment_id", "risk_id", "status", "effect_frequency", "effect_severity"]
    return pd.DataFrame(rows, columns=[*columns, "share", "deductible", "limit", "cost"]).astype(
        {"share": float, "deductible": float, "limit": float}
    )


@pytest.fixture(scope="session")
def exponential():
    """Losses observed that are an exponential of mean 1: means of strata of equal weight."""
    edges = -np.log1p(-np.linspace(0, 1, 20_001)[:-1])
    partial = np.append(np.exp(-edges) * (1 + edges), 0.0)  # integral of x exp(-x) to infinity
    return (-np.diff(partial) * 20_000).tolist()

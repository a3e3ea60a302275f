"""What a year costs on average: exact, without a simulation."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, cast

import pandas as pd

from opsnb.stats.losses import register, treatments
from opsnb.stats.losses.treatments import Terms

UNTREATED = Terms()


def expected(risks: pd.DataFrame, treated: pd.DataFrame | None = None) -> pd.DataFrame:
    """Frequency, mean loss of an event and their product, by stage and risk.

    Parameters
    ----------
    risks, treated : DataFrame
        As of :func:`opsnb.stats.losses.simulate`.

    Returns
    -------
    DataFrame
        stage, risk_id, frequency (events a year), severity (mean loss of an event), loss (a year),
        in the order of the register.

    Raises
    ------
    SettingsError, UnknownNameError

    >>> risks = pd.DataFrame({"risk_id": ["R1"], "frequency": [0.1],
    ...                       "loss_low": [1e5], "loss_high": [1e6]})
    >>> bool(abs(expected(risks).at[0, "loss"] - 40_400.12827) < 0.01)
    True
    """
    known = register.read(risks)
    found = () if treated is None else treatments.read(treated, known)
    stages = {"inherent": {}} if treated is None else treatments.stages(found)
    order = {str(name).strip(): place for place, name in enumerate(risks["risk_id"])}
    lines = []
    for stage, terms in stages.items():
        for risk in sorted(known, key=lambda risk: order[risk.risk_id]):
            own, law = terms.get(risk.risk_id, UNTREATED), cast("Any", risk.severity)
            frequency, severity = risk.rate * own.keep, _retained(law, own)
            lines.append((stage, risk.risk_id, frequency, severity, frequency * severity))
    return pd.DataFrame(lines, columns=["stage", "risk_id", "frequency", "severity", "loss"])


@lru_cache(maxsize=4096)
def _retained(severity: Any, terms: Terms) -> float:
    """Mean of what an event costs; the same ones come back at every stage and in every month."""
    values, weights = severity.cells(terms.edges)
    return float((weights * terms.retained(values)).sum())

"""What a simulation gives: tables, and the losses of the register in every trial."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from opsnb.errors import UnknownNameError
from opsnb.stats.losses.severity import Array

POINTS = 200
"""Points of an exceedance curve besides that at no loss."""


@dataclass(frozen=True)
class LossResult:
    """Annual losses of a register.

    Attributes
    ----------
    summary : DataFrame
        A row a stage and risk, in the order of the register, and one with risk_id ``total``:
        stage, risk_id, mean, mean_error (standard error of the simulated mean), sd, p_zero, then
        var_90, es_90, ... of each level, tail_loss (mean loss of the risk in the worst trials of
        the highest level; they add up to the total's ES) and tail_share (its part in that; NaN
        where there is no loss). Losses are in the currency of the register, a year.
    exceedance : DataFrame
        stage, loss, probability: how likely the register loses more than `loss` in a year. All
        stages have the same losses.
    check : DataFrame
        stage, risk_id, statistic, simulated, fft, difference: both engines, and what lies between
        them in standard errors. Of some hundred lines one or two differ by more than 2.5.
    benefit : DataFrame
        A row a treatment: treatment_id, risk_id, status, benefit (fall of the expected annual loss
        by it, beside the other effective treatments of its risk), benefit_error (its Monte Carlo
        error), cost, net, net_low and net_high (1.96 errors to both sides). NaN where a treatment
        has ended.
    totals : mapping stage -> ndarray
        Loss of the register in every trial, ascending.
    """

    summary: pd.DataFrame
    exceedance: pd.DataFrame
    check: pd.DataFrame
    benefit: pd.DataFrame
    totals: Mapping[str, Array] = field(repr=False)

    def probability(self, loss: float, stage: str = "inherent") -> float:
        """How likely the register loses more than `loss` in a year.

        Raises
        ------
        UnknownNameError
            There is no such stage.
        """
        if stage not in self.totals:
            raise UnknownNameError(f"no stage {stage!r}", given=stage, choices=self.totals)
        return float(_exceeding(self.totals[stage], np.array([loss]))[0])


def exceedance(totals: Mapping[str, Array]) -> pd.DataFrame:
    """Curves of ascending losses, at points that are even in the logarithm.

    >>> exceedance({"inherent": np.array([0.0, 0.0, 0.0, 5.0])}).head(2)["probability"].tolist()
    [0.25, 0.0]
    """
    losses = _points(totals["inherent"])
    frames = [
        pd.DataFrame({"stage": stage, "loss": losses, "probability": _exceeding(values, losses)})
        for stage, values in totals.items()
    ]
    return pd.concat(frames, ignore_index=True)


def _points(values: Array) -> Array:
    some = values[values > 0]
    if not some.size:
        return np.zeros(1)
    first, last = np.quantile(some, 0.005), some[-1]
    return np.concatenate([[0.0], np.geomspace(first, last, POINTS)])


def _exceeding(ascending: Array, losses: Array) -> Array:
    """Share of the values above each loss."""
    return 1 - np.searchsorted(ascending, losses, side="right") / ascending.size

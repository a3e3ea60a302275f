"""Treatments: what they leave of a risk, and which of them count at which stage."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from opsnb.stats.losses.cells import Row, check_unique, rows
from opsnb.stats.losses.register import Risk
from opsnb.stats.losses.severity import Array

STATUSES = ("proposed", "ongoing", "effective", "ended")
COUNTED = {
    "inherent": (),
    "residual": ("effective",),
    "target": ("effective", "ongoing", "proposed"),
}
"""Statuses of the treatments that count at each stage; what has ended counts nowhere."""


@dataclass(frozen=True)
class Layer:
    """Insurance: `share` of each loss above `deductible` is borne by others, up to `limit`."""

    share: float
    deductible: float
    limit: float


@dataclass(frozen=True)
class Treatment:
    """Shares of frequency and severity that fall away, an insurance, and the cost a year."""

    treatment_id: str
    risk_id: str
    status: str
    effect_frequency: float = 0.0
    effect_severity: float = 0.0
    layer: Layer | None = None
    cost: float = 0.0


@dataclass(frozen=True)
class Terms:
    """What several treatments together leave of a risk.

    Attributes
    ----------
    keep : float
        Share of the events that still happen.
    scale : float
        Share of each loss that remains before insurance.
    layers : tuple of Layer
        Each is measured on the loss before insurance. Where layers overlap they never bear more
        than the whole loss, so that a larger loss never costs less than a smaller one.
    """

    keep: float = 1.0
    scale: float = 1.0
    layers: tuple[Layer, ...] = ()

    def retained(self, loss: Array) -> Array:
        """What an event costs whose untreated loss is `loss`; x - c min(max(x - d, 0), l).

        >>> Terms(layers=(Layer(0.8, 100, 500),)).retained(np.array([50.0, 200.0, 1000.0])).tolist()
        [50.0, 120.0, 600.0]
        """
        scaled = loss if self.scale == 1 else loss * self.scale
        if not self.layers:
            return scaled
        knots, kept, slope = self._line
        beyond = np.maximum(scaled - knots[-1], 0.0)
        left: Array = np.minimum(np.interp(scaled, knots, kept) + slope * beyond, scaled)
        return left

    @property
    def edges(self) -> Array:
        """Untreated losses at which the retained loss changes its slope."""
        return self._line[0] / self.scale if self.scale else np.zeros(0)

    @cached_property
    def _line(self) -> tuple[Array, Array, float]:
        """Knots of the retained loss, its values there, and its slope behind the last."""
        ends = [d for y in self.layers for d in (y.deductible, y.deductible + y.limit)]
        knots = np.unique([0.0, *(end for end in ends if end < math.inf)])
        slopes = [1 - min(1.0, sum(_share(y, at) for y in self.layers)) for at in knots.tolist()]
        kept = np.concatenate([[0.0], np.cumsum(slopes[:-1] * np.diff(knots))])
        return knots, kept, slopes[-1]


def _share(layer: Layer, at: float) -> float:
    """Share that a layer bears of the next bit of loss above `at`."""
    is_inside = layer.deductible <= at < layer.deductible + layer.limit
    return layer.share if is_inside else 0.0


def terms(treatments: Sequence[Treatment]) -> Terms:
    """What the treatments of one risk together leave of it.

    >>> half = Treatment("T", "R", "effective", 0.5, 0.2)
    >>> terms([half, half])
    Terms(keep=0.25, scale=0.6400000000000001, layers=())
    """
    keep = math.prod(1 - t.effect_frequency for t in treatments)
    scale = math.prod(1 - t.effect_severity for t in treatments)
    return Terms(keep, scale, tuple(t.layer for t in treatments if t.layer is not None))


def read(frame: pd.DataFrame, risks: Sequence[Risk]) -> tuple[Treatment, ...]:
    """Treatments of a register, in the order of the frame.

    Raises
    ------
    SettingsError, UnknownNameError
        Naming the label of the row and the column.
    """
    known = [risk.risk_id for risk in risks]
    needed = ["treatment_id", "risk_id", "status"]
    found = [(row, _treatment(row, known)) for row in rows(frame, "treatments", needed)]
    check_unique(((row, treatment.treatment_id) for row, treatment in found), "treatment_id")
    return tuple(treatment for _, treatment in found)


def _treatment(row: Row, risks: Sequence[str]) -> Treatment:
    return Treatment(
        row.identity("treatment_id"),
        row.word("risk_id", risks, "risk"),
        row.word("status", STATUSES, "status"),
        row.share("effect_frequency"),
        row.share("effect_severity"),
        _layer(row),
        row.number("cost") if row.has("cost") else 0.0,
    )


def _layer(row: Row) -> Layer | None:
    deductible = row.number("deductible") if row.has("deductible") else 0.0
    has_limit = row.has("limit") and row.record["limit"] != math.inf
    limit = row.number("limit") if has_limit else math.inf
    if not row.has("share"):
        if deductible or has_limit:
            raise row.fault("share", "an insurance without its share", "a number from 0 to 1")
        return None
    share = row.share("share")
    return Layer(share, deductible, limit) if share else None


def stages(treatments: Sequence[Treatment]) -> Mapping[str, Mapping[str, Terms]]:
    """Terms of each treated risk by stage."""
    treated = sorted({treatment.risk_id for treatment in treatments})
    return {
        stage: {
            risk_id: terms([t for t in treatments if t.risk_id == risk_id and t.status in statuses])
            for risk_id in treated
        }
        for stage, statuses in COUNTED.items()
    }


def contrasts(treatments: Sequence[Treatment]) -> Mapping[str, tuple[Terms, Terms]]:
    """Terms of a treatment's risk without it and with it, beside those that are effective."""
    found = {}
    for treatment in treatments:
        if treatment.status == "ended":
            continue
        others = [
            t
            for t in treatments
            if t.risk_id == treatment.risk_id and t.status == "effective" and t is not treatment
        ]
        found[treatment.treatment_id] = (terms(others), terms([*others, treatment]))
    return found

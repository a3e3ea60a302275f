"""``company.yaml``, ``risk``: the scales of the risk matrix, and when a warning is given."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise
from typing import Literal

from pydantic import Field, field_validator, model_validator

from opsnb.company.labels import Label
from opsnb.settings import Day, Strict


class Rating(Strict):
    """Expected annual loss from which a risk is rated medium and high, and where that comes from.

    Attributes
    ----------
    medium, high : float
        In the company's currency.
    """

    medium: float = Field(gt=0)
    high: float = Field(gt=0)
    basis: Label

    @model_validator(mode="after")
    def _ordered(self) -> Rating:
        if not self.medium < self.high:
            raise ValueError(f"medium {self.medium:g} is not below high {self.high:g}")
        return self


class RiskSettings(Strict):
    """How risks are judged.

    Attributes
    ----------
    likelihood : list of float
        Events a year at which the grades 2, 3, ... of likelihood begin.
    impact : list of float
        Mean loss of an event at which the grades 2, 3, ... of impact begin; without them they
        follow from the rating.
    rating : Rating or None
        Without it the limits are a tenth and three tenths of the register's inherent loss.
    level : float
        Of the value at risk that is told first.
    horizon : int
        Months within which a breach of an indicator is foretold.
    probability : float
        Probability of a breach within the horizon from which a warning is given.
    down_periods : int
        Months in a row that an indicator must be calm before its colour falls.
    incidents_from : date or None
        Day from which incidents were recorded; the start of the first one's year by default.
    hold : {"red", "orange", "never"}
        Which warnings without action, owner and deadline hold a run (exit code 4).
    """

    likelihood: list[float] = Field(default=[0.1, 0.3, 1.0, 3.0])
    impact: list[float] = Field(default=[])
    rating: Rating | None = None
    level: float = Field(default=0.95, gt=0.5, lt=1)
    horizon: int = Field(default=6, ge=1, le=24)
    probability: float = Field(default=0.5, gt=0, lt=1)
    down_periods: int = Field(default=2, ge=1, le=12)
    incidents_from: Day | None = None
    hold: Literal["red", "orange", "never"] = "never"

    @field_validator("likelihood", "impact")
    @classmethod
    def _rising(cls, value: list[float]) -> list[float]:
        if not all(one < other for one, other in pairwise([0.0, *value])) or len(value) != 4:
            raise ValueError(f"{value} are no limits of five grades; expected 4 numbers that rise")
        return value

    def recorded_from(self, first: dt.date | None) -> dt.date | None:
        """Day from which incidents were recorded, if the first known one was on `first`."""
        if self.incidents_from is not None:
            return self.incidents_from
        return None if first is None else dt.date(first.year, 1, 1)

"""``metrics.yaml``: what the company measures, in the words of a semantic layer."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from opsnb.company.attribution import Attribution
from opsnb.company.labels import Label, Name
from opsnb.company.profile import Thresholds
from opsnb.settings import Strict

Kind = Literal["simple", "ratio", "cumulative", "derived"]
NEEDS: dict[str, tuple[str, ...]] = {
    "simple": ("table", "measure"),
    "ratio": ("numerator", "denominator"),
    "cumulative": ("metric",),
    "derived": ("expression",),
}
MAY: dict[str, tuple[str, ...]] = {
    "simple": ("filter",),
    "ratio": ("table", "filter"),
    "cumulative": ("window", "to_date"),
    "derived": (),
}
SHAPE = (
    "table",
    "measure",
    "filter",
    "numerator",
    "denominator",
    "metric",
    "window",
    "to_date",
    "expression",
)


class Metric(Strict):
    """Definition of one metric.

    Attributes
    ----------
    unit : str or Label
        A currency code, ``ratio``, ``days``, or a word of the company's own.
    better : {"higher", "lower", "band"}
    kind : {"simple", "ratio", "cumulative", "derived"}
        simple: `measure`, an SQL aggregate over `table`; ratio: `numerator` over `denominator`,
        each a metric or an aggregate; cumulative: `metric` over the last `window` months or
        `to_date`; derived: an `expression` of other metrics.
    over_time : {"sum", "last", "mean"}
        How months make a longer period: flows add up, stocks are the last or the mean.
    attribution : Attribution
        What a change of it is split by.
    drivers : tuple of str
        Metrics that may move it: candidates, which the report holds against it.
    bounds : pair of float
        Smallest and largest value it can have, such as 0 and 1: no forecast leaves them.
    """

    label: Label
    description: Label = Label(zh="", en="")
    unit: str | Label
    decimals: int | None = Field(default=None, ge=0, le=6)
    better: Literal["higher", "lower", "band"]
    band: tuple[float, float] | None = None
    kind: Kind = "simple"
    table: Name | None = None
    measure: str | None = None
    filter: str | None = None
    numerator: str | None = None
    denominator: str | None = None
    metric: Name | None = None
    window: int | None = Field(default=None, ge=1, le=120)
    to_date: Literal["quarter", "half", "year"] | None = None
    expression: str | None = None
    over_time: Literal["sum", "last", "mean"] = "sum"
    thresholds: Thresholds | None = None
    owner: Label = Label(zh="", en="")
    attribution: Attribution | None = None
    drivers: tuple[Name, ...] = ()
    bounds: tuple[float, float] | None = None

    @model_validator(mode="after")
    def _whole(self) -> Metric:
        self._check_shape()
        if (self.better == "band") != (self.band is not None):
            raise ValueError("better: band and band: [low, high] go together")
        if self.band is not None and not self.band[0] < self.band[1]:
            raise ValueError(f"band {list(self.band)} is out of order; expected [low, high]")
        if self.bounds is not None and not self.bounds[0] < self.bounds[1]:
            raise ValueError(f"bounds {list(self.bounds)} are out of order; expected [low, high]")
        if self.kind == "cumulative" and (self.window is None) == (self.to_date is None):
            raise ValueError("a cumulative metric has either window (months) or to_date")
        if self.kind != "simple" and self.over_time != "sum":
            raise ValueError(f"over_time belongs to simple metrics; this one is {self.kind}")
        return self

    def _check_shape(self) -> None:
        given = {name for name in SHAPE if getattr(self, name) is not None}
        for name in NEEDS[self.kind]:
            if name not in given:
                raise ValueError(f"a {self.kind} metric needs the key {name!r}")
        spare = sorted(given - set(NEEDS[self.kind]) - set(MAY[self.kind]))
        if spare:
            raise ValueError(f"key {spare[0]!r} does not belong to a {self.kind} metric")

    @property
    def is_ratio(self) -> bool:
        """Whether values are shares, whose differences are percentage points."""
        return self.unit == "ratio"


class Metrics(Strict):
    """Contents of ``metrics.yaml``."""

    schema_version: Literal[1] = Field(alias="schema")
    metrics: dict[Name, Metric] = Field(min_length=1)

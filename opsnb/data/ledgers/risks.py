"""Rows of the ledgers about risk: the register, what is done about it, indicators and incidents."""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated, Literal

from pydantic import Field, model_validator

from opsnb.data.ledgers.cells import Amount, LedgerDay, Number, Positive, Share, fault, words
from opsnb.data.ledgers.rows import WHOLE
from opsnb.settings import Strict

Category = Annotated[
    Literal[
        "market", "competition", "policy", "technology", "operation", "finance", "credit", "legal"
    ],
    words(
        {
            "市场": "market",
            "竞争": "competition",
            "政策": "policy",
            "技术": "technology",
            "运营": "operation",
            "财务": "finance",
            "信用": "credit",
            "法律": "legal",
        }
    ),
]
Response = Annotated[
    Literal["avoid", "reduce", "transfer", "accept"],
    words({"规避": "avoid", "降低": "reduce", "转移": "transfer", "接受": "accept"}),
]
TreatmentStatus = Annotated[
    Literal["proposed", "ongoing", "effective", "ended"],
    words({"拟议": "proposed", "实施中": "ongoing", "已生效": "effective", "已终止": "ended"}),
]
Better = Annotated[Literal["higher", "lower"], words({"越高越好": "higher", "越低越好": "lower"})]
Grade = Annotated[int, Field(ge=1, le=5)]
FREQUENCY = ("freq_low", "freq_mode", "freq_high")
LOSS = ("loss_min", "loss_mode", "loss_max")
LOSS_90 = ("loss_low", "loss_high")


class RiskRow(Strict):
    """A risk: how often a year it strikes, and what it costs each time.

    Either `frequency` or `freq_low`, `freq_mode` and `freq_high`; either `loss_low` and
    `loss_high` (5 and 95 % of a lognormal) or `loss_min`, `loss_mode` and `loss_max` (PERT). Risks
    of one `group` are struck together; `group_cv` is the variation that they share. Instead of both
    a risk may have the grades `likelihood` and `impact` alone: it is then not quantified. A risk
    that is judged anew has a row for each day of judgement, `assessed_on`; the latest counts.
    """

    risk_id: str
    category: Category
    cause: str = ""
    event: str
    event_en: str = ""
    consequence: str = ""
    owner: str
    department: str = ""
    group: str = ""
    group_cv: Positive | None = None
    frequency: Positive | None = None
    freq_low: Amount | None = None
    freq_mode: Amount | None = None
    freq_high: Amount | None = None
    loss_low: Positive | None = None
    loss_high: Positive | None = None
    loss_min: Amount | None = None
    loss_mode: Amount | None = None
    loss_max: Amount | None = None
    likelihood: Grade | None = None
    impact: Grade | None = None
    response: Response
    review_on: LedgerDay | None = None
    source: str = ""
    assessed_on: LedgerDay | None = None

    @property
    def is_quantified(self) -> bool:
        """Whether anything is said of frequency or loss in numbers."""
        names = ("frequency", *FREQUENCY, *LOSS_90, *LOSS)
        return any(getattr(self, name) is not None for name in names)

    @model_validator(mode="after")
    def _whole(self) -> RiskRow:
        if not self.is_quantified and (self.likelihood, self.impact) != (None, None):
            for name in ("likelihood", "impact"):
                if getattr(self, name) is None:
                    raise fault(name, "the cell is empty; likelihood and impact go together")
            return self
        self._one_of(("frequency",), FREQUENCY)
        self._one_of(LOSS_90, LOSS)
        if self.group_cv is not None and not self.group:
            raise fault("group_cv", "group_cv without a group")
        return self

    def _one_of(self, *ways: tuple[str, ...]) -> None:
        """Refuse two ways at once, half of one, or one whose values do not rise."""
        started = [way for way in ways if any(getattr(self, name) is not None for name in way)]
        if len(started) != 1:
            choice = " or ".join(", ".join(way) for way in ways)
            what = "both given" if started else "none given"
            raise fault(ways[0][0], f"{what}; expected either {choice}")
        values = {name: getattr(self, name) for name in started[0]}
        for name, value in values.items():
            if value is None:
                raise fault(name, f"the cell is empty; {', '.join(values)} go together")
        for one, other in pairwise(values):
            if values[one] > values[other]:
                raise fault(other, f"{one} {values[one]:g} is above {other} {values[other]:g}")
        names = list(values)
        first, last = names[0], names[-1]
        if len(values) > 1 and values[first] == values[last]:
            raise fault(last, f"{first} and {last} are both {values[last]:g}; expected a range")


class TreatmentRow(Strict):
    """What is done about a risk; effects are shares that fall away, the rest is insurance.

    Of each loss above `deductible`, `share` is borne by others, up to `limit`. A treatment counts
    as effective from `effective_on`, and only with `evidence`.
    """

    treatment_id: str
    risk_id: str
    measure: str = ""
    owner: str = ""
    deadline: LedgerDay | None = None
    status: TreatmentStatus
    effective_on: LedgerDay | None = None
    effect_frequency: Share = 0.0
    effect_severity: Share = 0.0
    share: Share = 0.0
    deductible: Amount = 0.0
    limit: Amount | None = None
    cost: Amount = 0.0
    evidence: str = ""

    @model_validator(mode="after")
    def _insured(self) -> TreatmentRow:
        if not self.share and (self.deductible or self.limit is not None):
            raise fault("share", "a deductible or limit without the share that others bear")
        return self


class KriRow(Strict):
    """An indicator of risk: its values, the levels at which it warns, and what is done then.

    Its values are those of a `metric`, or stand in the ledger `readings`, in `measured_in`: ``%``,
    an ISO currency or any word. A colour falls only once the value is `band` on the good side of
    its level, by default a tenth of the way from yellow to red. A value counts for `valid_months`.

    Attributes
    ----------
    response : str
        What is done at every level that has none of its own.
    """

    kri_id: str
    label: str = ""
    label_en: str = ""
    metric: str = ""
    measured_in: str = ""
    unit: str = WHOLE
    risk_id: str = ""
    better: Better
    yellow: Number
    orange: Number
    red: Number
    band: Amount | None = None
    valid_months: Annotated[int, Field(ge=1, le=12)] = 1
    basis: str
    response: str
    response_yellow: str = ""
    response_orange: str = ""
    response_red: str = ""
    owner: str

    @model_validator(mode="after")
    def _ordered(self) -> KriRow:
        levels = [self.yellow, self.orange, self.red]
        if levels != sorted(levels, reverse=self.better == "higher"):
            order = ">=" if self.better == "higher" else "<="
            given = ", ".join(f"{level:g}" for level in levels)
            raise fault(
                "red",
                f"yellow, orange, red {given} are out of order; expected yellow {order} orange "
                f"{order} red where {self.better} is better",
            )
        return self

    @model_validator(mode="after")
    def _named(self) -> KriRow:
        if self.metric and self.measured_in:
            raise fault("measured_in", "the metric has its own unit; expected an empty cell")
        if not self.metric and not self.label:
            raise fault("metric", "neither a metric nor a label; expected one of them")
        return self


class ReadingRow(Strict):
    """Value of an indicator in a month, where no metric measures it."""

    kri_id: str
    period: str
    value: Number
    source: str = ""


class AppetiteRow(Strict):
    """The likeliest that a loss over `loss` a year may be: a point of the limit's curve."""

    loss: Positive
    probability: Annotated[Share, Field(gt=0, lt=1)]
    basis: str
    owner: str = ""
    approved_on: LedgerDay | None = None


class IncidentRow(Strict):
    """A risk that struck, and what it cost."""

    incident_id: str
    risk_id: str
    date: LedgerDay
    loss: Amount
    note: str = ""

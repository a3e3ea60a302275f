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
    of one `group` are struck together; `group_cv` is the variation that they share.
    """

    risk_id: str
    category: Category
    cause: str = ""
    event: str
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

    @model_validator(mode="after")
    def _whole(self) -> RiskRow:
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

    Of each loss above `deductible`, `share` is borne by others, up to `limit`.
    """

    treatment_id: str
    risk_id: str
    status: TreatmentStatus
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
    """An indicator of risk: a metric, the levels at which it warns, and what is done then."""

    kri_id: str
    metric: str
    unit: str = WHOLE
    better: Better
    yellow: Number
    orange: Number
    red: Number
    basis: str
    response: str
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


class IncidentRow(Strict):
    """A risk that struck, and what it cost."""

    incident_id: str
    risk_id: str
    date: LedgerDay
    loss: Amount
    note: str = ""

"""Rows of the ledgers of targets, benchmarks, rebases, notes, units and actions."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from opsnb.claims import figure
from opsnb.data.ledgers.cells import LedgerDay, Number, Share, fault, words
from opsnb.settings import Strict

WHOLE = "all"
"""Stands for the root wherever a unit is asked for."""

ActionStatus = Annotated[
    Literal["open", "ongoing", "done", "closed", "cancelled"],
    words(
        {
            "未开始": "open",
            "进行中": "ongoing",
            "已完成": "done",
            "已关闭": "closed",
            "已取消": "cancelled",
        }
    ),
]


class UnitRow(Strict):
    """A unit, and its parent from `opened` to `closed`; a unit that moved has several rows."""

    unit: str
    label: str
    label_en: str = ""
    parent: str | None = None
    opened: LedgerDay | None = None
    closed: LedgerDay | None = None
    aliases: str = ""

    @model_validator(mode="after")
    def _ordered(self) -> UnitRow:
        if self.opened and self.closed and self.closed < self.opened:
            raise fault(
                "closed",
                f"unit {self.unit!r} closed on {self.closed}, before it opened on {self.opened}",
            )
        return self


class TargetRow(Strict):
    """What was planned, in which version, approved when."""

    metric: str
    unit: str
    period: str
    scenario: str = "target"
    version: int = Field(default=1, ge=1)
    value: Number
    approved_on: LedgerDay | None = None


class BenchmarkRow(Strict):
    """What others reach; `percentile` (0.75 or 75%) is their share that is below it."""

    metric: str
    unit: str = WHOLE
    period: str
    source: str
    value: Number
    percentile: Share | None = None
    note: str = ""


class RebaseRow(Strict):
    """From `date` on a metric is another one, because of `cause`: charts start anew there."""

    metric: str
    unit: str = WHOLE
    date: LedgerDay
    cause: str


class NoteRow(Strict):
    """Why a metric is what it is, and what is done about it.

    Attributes
    ----------
    value : str
        The number as the author saw it on the page, such as ``1.17 亿元`` or ``88.4 %``: when it
        moves, the note is out of date.
    """

    period: str
    unit: str = WHOLE
    metric: str = ""
    cause: str
    measure: str = ""
    author: str = ""
    value: str = ""

    @model_validator(mode="after")
    def _seen(self) -> NoteRow:
        if not self.value:
            return self
        if not self.metric:
            raise fault("value", f"the number {self.value!r} is of no metric; expected a metric")
        claim = figure(self.value)
        if claim is None or claim.start > 0 or any(c.isdigit() for c in self.value[claim.end :]):
            raise fault(
                "value",
                f"{self.value!r} is not one number; expected it as the page shows it, such as "
                "1.17 亿元 or 88.4 %",
            )
        return self


class ActionRow(Strict):
    """What somebody does until a day, because of a finding, a metric, an indicator or a risk."""

    id: str
    finding: Annotated[str, Field(pattern=r"^([A-Z]{3}\d{3})?$")] = ""
    metric: str = ""
    kri_id: str = ""
    risk_id: str = ""
    unit: str = WHOLE
    period: str
    action: str
    owner: str
    deadline: LedgerDay
    status: ActionStatus = "open"
    evidence: str = ""

    @model_validator(mode="after")
    def _about(self) -> ActionRow:
        if not (self.finding or self.metric or self.kri_id or self.risk_id):
            raise fault("finding", "neither a finding nor a metric; expected one of them")
        return self

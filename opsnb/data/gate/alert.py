"""Alert: a check that does not hold. Subject: what a check looks at."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd
from sqlglot import exp

from opsnb.company import Table
from opsnb.company.checks import Check
from opsnb.data.expressions import condition
from opsnb.data.sql import column, literal
from opsnb.period import Period

EXAMPLES = 3


@dataclass(frozen=True)
class Alert:
    """A check that does not hold.

    Attributes
    ----------
    kind, table, severity : str
        As declared.
    count : int
        Rows, sums or repetitions in the period that do not hold.
    total : int
        The same over all periods up to this one.
    units : tuple of str
        Values of the unit column concerned; empty where the table has none.
    metrics : tuple of str
        Metrics it touches, where the check names them; else those of the table.
    examples : tuple of str
        A few, for the reader: lines, keys, or the two values that should agree.
    evidence : mapping
        Numbers the sentence is compiled from.
    owner : str
        Who answers for the table.
    whole : bool
        All units were judged together, so that it concerns each of them.
    place : int
        Which of the table's checks it is.
    label : mapping
        Name of the check by language, where it has one.
    on : str
        Columns, or the condition, that the check looks at.
    """

    kind: str
    table: str
    severity: str
    count: int
    total: int
    units: tuple[str, ...] = ()
    examples: tuple[str, ...] = ()
    metrics: tuple[str, ...] = ()
    evidence: Mapping[str, float | int | str] = field(default_factory=dict)
    owner: str = ""
    whole: bool = False
    place: int = 0
    label: Mapping[str, str] = field(default_factory=dict)
    on: str = ""


@dataclass(frozen=True)
class Subject:
    """What a check looks at.

    Attributes
    ----------
    columns : collection of str
        All columns of the table, derived and joined ones too.
    where : str
        Place of the check in the settings, for an error.
    files : sequence of str
        Files that the rows come from, as ``_file`` counts them.
    units : collection of str, optional
        Only what concerns these is told; everything is still held against everything.
    place : int
        Which of the table's checks is asked.
    """

    name: str
    table: Table
    columns: Collection[str]
    period: Period
    where: str
    files: Sequence[str] = ()
    units: Collection[str] | None = None
    place: int = 0

    @property
    def unit(self) -> exp.Expr:
        """Unit of a row; empty text where the table has none."""
        return literal("") if self.table.unit is None else column(self.table.unit)

    def column(self, name: str) -> exp.Expr:
        """Column of the table.

        Raises
        ------
        UnknownNameError
        """
        return self.condition(name)

    def condition(self, text: str) -> exp.Expr:
        """Condition on a row.

        Raises
        ------
        ExpressionError, UnknownNameError
        """
        return condition(text, self.columns, self.where)


def alert(
    subject: Subject,
    check: Check,
    found: pd.DataFrame,
    examples: Sequence[str],
    evidence: Mapping[str, float | int | str] | None = None,
) -> Alert | None:
    """Alert for the period, or None where nothing in it is amiss.

    Parameters
    ----------
    found : DataFrame
        What does not hold: ``_month`` (ordinal), ``_unit``, ``_n``.
    """
    inside = found[found["_month"] == subject.period.first]
    if inside.empty:
        return None
    return Alert(
        kind=check.kind,
        table=subject.name,
        severity=check.severity,
        count=int(inside["_n"].sum()),
        total=int(found["_n"].sum()),
        units=tuple(sorted({unit for unit in inside["_unit"] if isinstance(unit, str) and unit})),
        examples=tuple(examples[:EXAMPLES]),
        metrics=check.metrics,
        evidence=dict(evidence or {}),
        owner=subject.table.owner.zh,
        whole=getattr(getattr(check, check.kind), "whole", False),
        place=subject.place,
        label=check.label.to_dict() if check.label else {},
        on=check.on,
    )

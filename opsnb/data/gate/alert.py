"""Alert: a check that does not hold. Subject: what a check looks at. Failures: what it finds."""

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
    place : int
        Which of the table's checks is asked.
    """

    name: str
    table: Table
    columns: Collection[str]
    period: Period
    where: str
    files: Sequence[str] = ()
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


@dataclass(frozen=True)
class Failures:
    """What does not hold, of all units: a check is run once, and told for some of them.

    Attributes
    ----------
    counts : DataFrame
        ``_month`` (ordinal, up to the period), ``_unit``, ``_n``.
    examples : DataFrame
        In the order of telling, of the period only: ``_unit``, ``_text``, and columns of evidence,
        of which the first example's are told.
    evidence : mapping
        Further evidence.
    compared : mapping unit -> number, optional
        How many could be judged; it is told as evidence.
    """

    counts: pd.DataFrame
    examples: pd.DataFrame
    evidence: Mapping[str, float | int | str] = field(default_factory=dict)
    compared: Mapping[str, int] | None = None

    def of(self, units: Collection[str]) -> Failures:
        """Those of some units."""
        counts, examples = (f[f["_unit"].isin(list(units))] for f in (self.counts, self.examples))
        compared = self.compared and {u: n for u, n in self.compared.items() if u in units}
        return Failures(counts, examples, self.evidence, compared)


def alert(subject: Subject, check: Check, found: Failures) -> Alert | None:
    """Alert for the period, or None where nothing in it is amiss."""
    inside = found.counts[found.counts["_month"] == subject.period.first]
    if inside.empty:
        return None
    first = found.examples.drop(columns=["_unit", "_text"]).head(1).to_dict("records")
    evidence = dict(found.evidence) | {str(k): v for row in first for k, v in row.items()}
    if found.compared is not None:
        evidence["compared"] = sum(found.compared.values())
    return Alert(
        kind=check.kind,
        table=subject.name,
        severity=check.severity,
        count=int(inside["_n"].sum()),
        total=int(found.counts["_n"].sum()),
        units=tuple(sorted({unit for unit in inside["_unit"] if isinstance(unit, str) and unit})),
        examples=tuple(found.examples["_text"].head(EXAMPLES)),
        metrics=check.metrics,
        evidence=evidence,
        owner=subject.table.owner.zh,
        whole=is_whole(check),
        place=subject.place,
        label=check.label.to_dict() if check.label else {},
        on=check.on,
    )


def is_whole(check: Check) -> bool:
    """Whether the check judges all units together."""
    return bool(getattr(getattr(check, check.kind), "whole", False))

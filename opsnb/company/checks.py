"""Checks that ``sources.yaml`` declares: what must hold before a table's numbers are believed."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from opsnb.company.labels import Label, Name
from opsnb.settings import Strict

ROW_KINDS = ("unique", "range", "rows", "refers", "parsed")
KINDS = (*ROW_KINDS, "totals", "equal", "stale", "growth", "jump")


class Range(Strict):
    """Values of `column` lie between `min` and `max`, both included."""

    column: Name
    min: float | None = None
    max: float | None = None

    @model_validator(mode="after")
    def _some(self) -> Range:
        if self.min is None and self.max is None:
            raise ValueError("a range needs min or max")
        if self.min is not None and self.max is not None and self.min > self.max:
            raise ValueError(f"min {self.min} is above max {self.max}")
        return self


class Reference(Strict):
    """Every value of `column` stands in `key` of another table."""

    column: Name
    table: Name
    key: Name


class Sides(Strict):
    """Sum of `column` over two groups of rows, chosen by conditions, for each combination of `by`.

    Attributes
    ----------
    left, right : str
        Conditions on a row, such as ``name = 'all_taxes'``.
    tolerance : float
        Difference that is rounding, in the column's unit.
    whole : bool
        Judge all units together, where one unit alone gives too few sums to tell anything.
    """

    column: Name
    left: str
    right: str
    by: tuple[Name, ...] = ()
    tolerance: float = Field(default=0.0, ge=0)
    whole: bool = False


class Repetition(Strict):
    """Sums of `columns` by `by`, for one unit, that may not repeat the last month with rows.

    Attributes
    ----------
    whole : bool
        Judge all units together: a small unit may well repeat itself, all of them may not.
    """

    columns: tuple[Name, ...] = Field(min_length=1)
    by: tuple[Name, ...] = ()
    whole: bool = False


class PublishedGrowth(Strict):
    """Growth as published, in percent, beside growth computed from `value`, year on year.

    Attributes
    ----------
    tolerance : float
        Difference that is rounding, in percentage points.
    """

    value: Name
    published: Name
    filter: str | None = None
    tolerance: float = Field(default=0.5, ge=0)


class Jump(Strict):
    """Monthly sum of `column` by unit, against its own history.

    Attributes
    ----------
    factor : float
        How many times the usual month-to-month change (median absolute) is too much.
    """

    column: Name
    factor: float = Field(default=8.0, gt=1)


class Check(Strict):
    """One check: exactly one of the kinds, and how grave it is when it does not hold.

    Attributes
    ----------
    severity : {"error", "warning"}
        An error blocks the report; a warning publishes it with a caveat on the figures it touches.
    metrics : tuple of str
        Metrics it touches; those of the table when none are named.
    """

    unique: tuple[Name, ...] | None = Field(default=None, min_length=1)
    range: Range | None = None
    rows: str | None = None
    refers: Reference | None = None
    parsed: Literal[True] | None = None
    totals: Sides | None = None
    equal: Sides | None = None
    stale: Repetition | None = None
    growth: PublishedGrowth | None = None
    jump: Jump | None = None
    severity: Literal["error", "warning"] = "warning"
    label: Label | None = None
    metrics: tuple[Name, ...] = ()

    @model_validator(mode="after")
    def _one(self) -> Check:
        given = [kind for kind in KINDS if getattr(self, kind) is not None]
        if len(given) != 1:
            found = ", ".join(given) or "none"
            raise ValueError(f"a check is one of {', '.join(KINDS)}; this one has {found}")
        return self

    @property
    def kind(self) -> str:
        """Which of the kinds it is."""
        return next(kind for kind in KINDS if getattr(self, kind) is not None)

    @property
    def on(self) -> str:
        """Columns, or the condition, that it looks at."""
        if self.rows is not None:
            return self.rows
        if self.parsed is not None:
            return ""
        found = getattr(self, self.kind)
        if isinstance(found, tuple):
            return ", ".join(found)
        columns = getattr(found, "columns", None) or (getattr(found, "column", ""),)
        return ", ".join(columns if columns != ("",) else (found.value,))

"""Columns of a source: their type, their name in the file, and how their values are written."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, model_validator

from opsnb.company.profile import FiscalYearSettings
from opsnb.errors import suggest
from opsnb.settings import Strict

TYPES = ("text", "integer", "number", "decimal(0..9)", "date", "datetime", "boolean")
Habit = Literal["thousands", "decimal_comma", "full_width", "percent", "wan", "parentheses"]
SERIAL = "serial"
DATED = re.compile(r"%-?[YyGDFcx]")
"""Letters of strptime that stand for a year."""
_DECIMAL = re.compile(r"decimal\((\d)\)")


def _check_type(value: str) -> str:
    if value in TYPES or _DECIMAL.fullmatch(value):
        return value
    nearest = suggest(value, TYPES)
    hint = f"; did you mean {nearest!r}?" if nearest else ""
    raise ValueError(f"{value!r} is not a type; expected one of {', '.join(TYPES)}{hint}")


class Parts(Strict):
    """Columns of the file that a date is put together from.

    Attributes
    ----------
    year : str or int
        Column, such as one with 2026, 2026年 or FY26; or a year for all rows.
    month, quarter : str
        One of them: a column with 3, 3月, 三月 or Mar; or with 1, Q1 or 一季度, which stands in the
        quarter's last month.
    day : str, optional
        Column; the first of the month when left out.
    century : int, optional
        Century of years that are written with two digits, such as 2000.
    fiscal_year : FiscalYearSettings
        How the years in `year` run, where they are not those of the calendar.
    """

    year: str | int
    month: str | None = None
    quarter: str | None = None
    day: str | None = None
    century: Literal[1900, 2000] | None = None
    fiscal_year: FiscalYearSettings = FiscalYearSettings()

    @model_validator(mode="after")
    def _one(self) -> Parts:
        if (self.month is None) == (self.quarter is None):
            raise ValueError("a date has a month or a quarter among its parts")
        if self.day is not None and self.month is None:
            raise ValueError("a date of a quarter has no day among its parts")
        return self

    @property
    def sources(self) -> list[str]:
        """Columns of the file, in the order year, month or quarter, day."""
        parts = (self.year, self.month, self.quarter, self.day)
        return [part for part in parts if isinstance(part, str)]


class SourceColumn(Strict):
    """A column of a table.

    Attributes
    ----------
    source : str, optional (key ``from``)
        Its name in the file, where that is another.
    format : str, optional
        Of a date, in strptime's letters, such as ``%Y年%m月``; ``serial`` for days as Excel counts
        them (46326); ISO when left out.
    parts : Parts, optional
        A date spread over several columns.
    notation : list of str
        How numbers are written besides plainly; the table's when left out.
    missing : list of str
        Words that mean "no value"; the table's when left out.
    """

    type: Annotated[str, AfterValidator(_check_type)]
    source: str | None = Field(default=None, alias="from")
    format: str | None = None
    parts: Parts | None = None
    notation: tuple[Habit, ...] | None = None
    missing: tuple[str, ...] | None = None

    @model_validator(mode="before")
    @classmethod
    def _short(cls, value: Any) -> Any:
        return {"type": value} if isinstance(value, str) else value

    @model_validator(mode="after")
    def _whole(self) -> SourceColumn:
        if (self.format or self.parts) and self.type not in ("date", "datetime"):
            raise ValueError(f"format and parts belong to dates; this column is {self.type}")
        if self.parts and (self.format or self.source):
            raise ValueError("a date is either put together from parts or read from one column")
        if self.format and self.format != SERIAL and not DATED.search(self.format):
            raise ValueError(
                f"key 'format': {self.format!r} has no year; expected one such as %Y年%m月, or "
                "parts such as {year: 2026, month: the column} where the year stands elsewhere"
            )
        if self.notation is not None and not self.is_number:
            raise ValueError(f"notation belongs to numbers; this column is {self.type}")
        return self

    @property
    def scale(self) -> int | None:
        """Digits after the point of a decimal."""
        match = _DECIMAL.fullmatch(self.type)
        return int(match[1]) if match else None

    @property
    def is_number(self) -> bool:
        """Whether values are numbers."""
        return self.type in ("integer", "number") or self.scale is not None

    @property
    def expected(self) -> str:
        """What a value must be, for a report of one that is not."""
        if self.parts:
            short = "" if self.parts.century else ", the year with four digits"
            return f"{self.type} put together from {len(self.parts.sources)} columns{short}"
        if self.format == SERIAL:
            return f"{self.type} as Excel counts days"
        return f"{self.type} written {self.format}" if self.format else self.type

    def sources(self, name: str) -> list[str]:
        """Columns of the file that the column `name` is read from."""
        return self.parts.sources if self.parts else [self.source or name]

"""Columns of a source: their type, their name in the file, and how their values are written."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, model_validator

from opsnb.errors import suggest
from opsnb.settings import Strict

TYPES = ("text", "integer", "number", "decimal(0..9)", "date", "datetime", "boolean")
Habit = Literal["thousands", "full_width", "percent", "wan", "parentheses"]
_DECIMAL = re.compile(r"decimal\((\d)\)")


def _check_type(value: str) -> str:
    if value in TYPES or _DECIMAL.fullmatch(value):
        return value
    nearest = suggest(value, TYPES)
    hint = f"; did you mean {nearest!r}?" if nearest else ""
    raise ValueError(f"{value!r} is not a type; expected one of {', '.join(TYPES)}{hint}")


class Parts(Strict):
    """Columns of the file that hold year, month and day; a year may be a number of its own."""

    year: str | int
    month: str
    day: str | None = None

    @property
    def sources(self) -> list[str]:
        """Columns of the file."""
        return [part for part in (self.year, self.month, self.day) if isinstance(part, str)]


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

    def sources(self, name: str) -> list[str]:
        """Columns of the file that the column `name` is read from."""
        return self.parts.sources if self.parts else [self.source or name]

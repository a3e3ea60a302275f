"""``sources.yaml``: the tables of a company, their files, columns and types."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, model_validator

from opsnb.company.labels import Label, Name
from opsnb.errors import suggest
from opsnb.settings import Strict

TYPES = ("text", "integer", "number", "decimal(0..9)", "date", "datetime", "boolean")
_DECIMAL = re.compile(r"decimal\((\d)\)")


def _check_type(value: str) -> str:
    if value in TYPES or _DECIMAL.fullmatch(value):
        return value
    nearest = suggest(value, TYPES)
    hint = f"; did you mean {nearest!r}?" if nearest else ""
    raise ValueError(f"{value!r} is not a type; expected one of {', '.join(TYPES)}{hint}")


class SourceColumn(Strict):
    """A column of a table: its type, and its name in the file where that is another."""

    type: Annotated[str, AfterValidator(_check_type)]
    source: str | None = Field(default=None, alias="from")

    @model_validator(mode="before")
    @classmethod
    def _short(cls, value: Any) -> Any:
        return {"type": value} if isinstance(value, str) else value

    @property
    def scale(self) -> int | None:
        """Digits after the point of a decimal."""
        match = _DECIMAL.fullmatch(self.type)
        return int(match[1]) if match else None


class Table(Strict):
    """One table and the CSV file it comes from.

    Attributes
    ----------
    path : str
        File, relative to the company's data folder.
    date, unit : str
        Columns that say when and where a row belongs; without `unit` rows belong to the root.
    dimensions : list of str
        Columns by which metrics may be split.
    """

    path: str
    label: Label
    owner: str = ""
    date: Name
    unit: Name | None = None
    dimensions: tuple[Name, ...] = ()
    delimiter: str = Field(default=",", min_length=1, max_length=1)
    columns: dict[Name, SourceColumn] = Field(min_length=1)

    @model_validator(mode="after")
    def _known_columns(self) -> Table:
        for role, name in (("date", self.date), ("unit", self.unit), *(("dimensions", d) for d in self.dimensions)):
            if name is not None and name not in self.columns:
                nearest = suggest(name, self.columns)
                hint = f"; did you mean {nearest!r}?" if nearest else ""
                raise ValueError(f"{role} names column {name!r}, which is not among the columns{hint}")
        if self.columns[self.date].type not in ("date", "datetime"):
            raise ValueError(f"date column {self.date!r} has type {self.columns[self.date].type!r}; expected date")
        if PurePosixPath(self.path).is_absolute() or ".." in PurePosixPath(self.path).parts:
            raise ValueError(f"path {self.path!r} leaves the data folder; expected a file inside it")
        return self


class Sources(Strict):
    """Contents of ``sources.yaml``."""

    schema_version: Literal[1] = Field(alias="schema")
    tables: dict[Name, Table] = Field(min_length=1)

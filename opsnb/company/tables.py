"""``sources.yaml``: the tables of a company, their files, columns and types."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import PurePosixPath
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, model_validator

from opsnb.company.labels import Label, Name, check_name
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


def _check_column(value: str) -> str:
    try:
        return check_name(value)
    except ValueError as error:
        raise ValueError(f"{error}; the name in the file goes under the key from") from None


ColumnName = Annotated[str, AfterValidator(_check_column)]


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
    owner: Label = Label(zh="", en="")
    date: Name
    unit: Name | None = None
    dimensions: tuple[Name, ...] = ()
    delimiter: str = Field(default=",", pattern=r"^[^\"\r\n0-9A-Za-z]$")
    columns: dict[ColumnName, SourceColumn] = Field(min_length=1)

    @model_validator(mode="after")
    def _whole(self) -> Table:
        _refuse_twins("columns", self.columns)
        roles = [("date", self.date), ("unit", self.unit)]
        for role, name in (*roles, *(("dimensions", d) for d in self.dimensions)):
            if name is not None and name not in self.columns:
                nearest = suggest(name, self.columns)
                hint = f"; did you mean {nearest!r}?" if nearest else ""
                raise ValueError(
                    f"key {role!r} names column {name!r}, which is not among the columns{hint}"
                )
        kind = self.columns[self.date].type
        if kind not in ("date", "datetime"):
            raise ValueError(
                f"key 'date' names column {self.date!r} of type {kind!r}; expected date"
            )
        if self.unit is not None and self.columns[self.unit].type != "text":
            kind = self.columns[self.unit].type
            raise ValueError(
                f"key 'unit' names column {self.unit!r} of type {kind!r}; expected text"
            )
        path = PurePosixPath(self.path)
        if path.is_absolute() or ".." in path.parts:
            raise ValueError(
                f"key 'path': {self.path!r} leaves the data folder; expected a file inside it"
            )
        return self


class Sources(Strict):
    """Contents of ``sources.yaml``."""

    schema_version: Literal[1] = Field(alias="schema")
    tables: dict[Name, Table] = Field(min_length=1)

    @model_validator(mode="after")
    def _whole(self) -> Sources:
        _refuse_twins("tables", self.tables)
        return self


def _refuse_twins(what: str, names: Iterable[str]) -> None:
    """SQL does not tell ``Amount`` from ``amount``: one would stand for the other in silence."""
    seen: dict[str, str] = {}
    for name in names:
        other = seen.setdefault(name.casefold(), name)
        if other != name:
            raise ValueError(f"{what} {other!r} and {name!r} differ in capital letters alone")

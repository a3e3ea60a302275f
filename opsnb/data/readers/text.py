"""What every reader leaves behind, and how it leaves it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import pyarrow as pa
from sqlglot import exp

from opsnb.data.engine import DuckDB
from opsnb.data.sql import table_named
from opsnb.errors import SourceError

RECORD, FILE = "_record", "_file"


@dataclass(frozen=True)
class SourceFile:
    """A file, or a database's relation, as it was read.

    Attributes
    ----------
    path : str
        Relative to the data folder; of a database the URL without its secrets, and the relation.
    sha256 : str
        Of the bytes; of a relation, of its text as read.
    """

    path: str
    sha256: str
    modified: dt.datetime


@dataclass(frozen=True)
class Text:
    """What a reader left of one file: its header, and the view's fields by name in the source.

    Attributes
    ----------
    header : list of str
    where : str
        Place of the header, for an error.
    merged : int
        Merged cells below the header that stand in their first row only.
    first : int or None
        Number of the first record where they follow on each other; else the view holds the number
        of each.
    """

    header: list[str]
    where: str
    merged: int = 0
    first: int | None = None

    def field(self, name: str) -> str:
        """Column of the view that holds the source's column `name`.

        Raises
        ------
        SourceError
            It is not there (nearest match named), or stands twice.
        """
        if name not in self.header:
            raise SourceError(
                f"no column {name!r}",
                where=self.where,
                given=name,
                choices=filter(None, self.header),
            )
        if self.header.count(name) > 1:
            places = [str(i) for i, c in enumerate(self.header, start=1) if c == name]
            raise SourceError(
                f"column {name!r} stands {_times(len(places))}, as columns {', '.join(places)}",
                where=self.where, expected="a name for each column that is read",
            )  # fmt: skip
        return field(self.header.index(name))


def _times(number: int) -> str:
    return "twice" if number == 2 else f"{number} times"


def field(place: int) -> str:
    """Column of the view for a column of the file, whose own name may be blank or stand twice."""
    return f"field {place}"


def create(engine: DuckDB, name: str, select: exp.Expr, kind: str = "TABLE") -> None:
    """Table (or ``VIEW``) of the rows of `select`."""
    tree = exp.Create(this=table_named(name), kind=kind, replace=True, expression=select)
    engine.connection.execute(tree.sql("duckdb", identify=True))


def create_from(engine: DuckDB, name: str, content: pa.Table) -> None:
    """Table with the content of an Arrow table."""
    engine.connection.register(f"{name} arrow", content)
    create(engine, name, exp.select("*").from_(table_named(f"{name} arrow")))
    engine.connection.unregister(f"{name} arrow")

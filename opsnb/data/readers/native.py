"""Parquet files read where they lie: a view, where every value is of its declared type already.

A value that would be lost, a word that means "no value", a date in letters: such files are read as
text (`opsnb.data.readers.parquet`), with every value cast. Both find the same values.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import duckdb
from sqlglot import exp

from opsnb.company import SourceColumn, Table
from opsnb.data.engine import DuckDB
from opsnb.data.readers.text import FILE, RECORD
from opsnb.data.sql import column, literal

INTEGERS = (
    "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER",
)  # fmt: skip
MOMENTS = ("TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS")
TYPES: dict[str, tuple[tuple[str, ...], str | None]] = {
    "text": (("VARCHAR",), None),
    "boolean": (("BOOLEAN",), None),
    "date": (("DATE", *MOMENTS), "date"),
    "datetime": (("DATE", *MOMENTS), "timestamp"),
    "integer": (INTEGERS, "bigint"),
    "number": (("DOUBLE", *INTEGERS), "double"),
}
"""Types of a file that hold a declared type as it is, and the one that they are cast to."""
DECIMAL = re.compile(r"DECIMAL\((\d+),(\d+)\)")
DIGITS = 18
YEARS = "1000-01-01", "2999-12-31"


def native(engine: DuckDB, table: Table, paths: Sequence[Path]) -> exp.Select | None:
    """Rows of the files as they are declared; None where they must be read as text.

    Parameters
    ----------
    table : Table
        Of kind parquet.
    """
    if table.unpivot is not None or table.missing:
        return None
    union: exp.Query | None = None
    for place, path in enumerate(paths):
        found = _file(engine, table, path, place)
        if found is None:
            return None
        union = found if union is None else exp.union(union, found, distinct=False)
    if union is None or isinstance(union, exp.Select):
        return union
    return exp.select("*").from_(union.subquery("files"))


def _file(engine: DuckDB, table: Table, path: Path, place: int) -> exp.Select | None:
    """Rows of one file, if all of its columns are of their declared types."""
    source = exp.func(
        "read_parquet", literal(re.sub(r"([*?\[])", r"[\1]", str(path))),
        exp.EQ(this=exp.column("file_row_number"), expression=exp.true()),
    )  # fmt: skip
    types = _types(engine, source)
    values: dict[str, exp.Expr] = {}
    for name, spec in table.columns.items():
        kind = types.get(spec.source or name)
        value = None if kind is None else _value(spec, kind, column(spec.source or name))
        if value is None:
            return None
        values[name] = value
    is_lost, *blank = _looked_through(engine, table, source)
    if is_lost:
        return None
    texts = [name for name, spec in table.columns.items() if spec.type == "text"]
    for name in (name for name, met in zip(texts, blank, strict=True) if met):
        values[name] = exp.Nullif(this=values[name], expression=literal(""))
    record = exp.Add(this=column("file_row_number"), expression=literal(1))
    return exp.select(
        *(exp.alias_(value, name, quoted=True) for name, value in values.items()),
        exp.alias_(record, RECORD),
        exp.alias_(literal(place), FILE),
        exp.alias_(exp.cast(literal(0), "int"), "_unparsed"),
    ).from_(source)


def _types(engine: DuckDB, source: exp.Expr) -> dict[str, str]:
    """Types of the columns of a file; none where it cannot be read, or where SQL mixes names up."""
    select = exp.select("*").from_(source).limit(0)
    try:
        described = engine.connection.execute(select.sql("duckdb", identify=True)).description
    except duckdb.Error:
        return {}  # the reader of text says why
    types = {str(name): str(kind) for name, kind, *_ in described or ()}
    folded = {name.casefold() for name in types}
    return types if len(folded) == len(types) else {}


def _value(spec: SourceColumn, found: str, here: exp.Expr) -> exp.Expr | None:
    """Column as its declared type, or None where text tells more than a cast does."""
    if spec.parts or spec.format or spec.notation or spec.missing:
        return None
    if spec.scale is not None:
        return _decimal(spec.scale, found, here)
    kinds, target = TYPES[spec.type]
    if found not in kinds:
        return None
    return exp.cast(here, target) if target else here


def _decimal(scale: int, found: str, here: exp.Expr) -> exp.Expr | None:
    """Decimal with no fewer digits on either side of the point."""
    match = DECIMAL.fullmatch(found)
    if match is None:
        return None
    width, digits = int(match[1]), int(match[2])
    if digits > scale or width - digits > DIGITS - scale:
        return None
    kind = exp.DataType.build(f"DECIMAL({DIGITS}, {scale})", dialect="duckdb")
    return exp.Cast(this=here, to=kind)


def _looked_through(engine: DuckDB, table: Table, source: exp.Expr) -> list[bool]:
    """Whether some value is none in spite of its type, and which text columns hold empty texts."""
    lost: list[exp.Expr] = [exp.false()]
    blank = []
    for name, spec in table.columns.items():
        here = column(spec.source or name)
        if spec.type == "text":
            blank.append(exp.EQ(this=here, expression=literal("")))
        elif spec.type in ("date", "datetime"):
            first, last = (exp.cast(literal(day), "date") for day in YEARS)
            day = exp.cast(here, "date")
            lost.append(exp.not_(exp.Between(this=day, low=first, high=last)))
        elif spec.type == "number":
            lost.append(exp.not_(exp.func("isfinite", exp.cast(here, "double"))))
    met = [exp.func("bool_or", condition) for condition in (exp.or_(*lost), *blank)]
    found = engine.connection.execute(
        exp.select(*met).from_(source).sql("duckdb", identify=True)
    ).fetchall()
    return [bool(answer) for answer in found[0]]

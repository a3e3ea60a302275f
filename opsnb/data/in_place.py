"""Tables that stay in their database: typed columns, looked through by queries alone.

The columns must be of the declared types. A value that the type does not hold (digits beyond those
of a decimal, infinity) is missing and counted, as it is where rows are read.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping
from functools import partial
from typing import Any

import pandas as pd
from sqlglot import exp

from opsnb.company import SourceColumn, Table
from opsnb.data.casts import LARGEST, YEARS
from opsnb.data.database import Database
from opsnb.data.joins import finished
from opsnb.data.readers.database import column_types
from opsnb.data.readers.text import FILE, RECORD, SourceFile
from opsnb.data.sources import Loaded
from opsnb.data.sql import column, literal, month_of, table_named
from opsnb.errors import SourceError

BUCKET = 3
"""Hexadecimal digits of a row's hash that tell its bucket: 4096 of them."""


def load(
    database: Database, name: str, table: Table, aliases: Mapping[str, str] | None = None
) -> Loaded:
    """Define `table` in the database under `name`, and look it through.

    Raises
    ------
    SourceError
        The database does not answer, the relation or a column is not there, or a column is of
        another type than is declared.
    """
    where = f"{database.shown}, {table.relation} (table {name!r})"
    types = database.ask(partial(column_types, table=table, where=where))
    values = {c: _value(c, spec, types, where) for c, spec in table.columns.items()}
    unparsed = _unparsed(database, table, values)
    database.define(name, _rows(name, table, values, {}))
    met = _met(database, name, table, aliases or {})
    if met:
        database.define(name, _rows(name, table, values, met))
    date = None if table.date is None else column(table.date)
    undated = None if date is None else exp.Is(this=date, expression=exp.Null())
    rows, every = _count(database, name), _count(database, relation(table))
    path = f"{database.shown} {table.relation}"
    return Loaded(
        name=name,
        files=(SourceFile(path, _digest(database, table), dt.datetime.now(dt.UTC)),),
        rows=rows,
        without_date=0 if undated is None else _count(database, name, undated),
        unparsed=unparsed,
        excluded=every - rows,
        months=_months(database, name, table),
    )


def relation(table: Table) -> exp.Table:
    """Relation in the database, with its schema where one is given."""
    schema, _, name = str(table.relation).rpartition(".")
    return exp.table_(name, db=schema or None, quoted=True)


def _value(name: str, spec: SourceColumn, types: Mapping[str, Any], where: str) -> exp.Expr:
    """Column as its declared type, or null where the type does not hold the value."""
    source = spec.source or name
    if source not in types:
        raise SourceError(f"no column {source!r}", where=where, given=source, choices=types)
    if not isinstance(types[source], _kinds(spec)) or _is_float(types[source], spec):
        raise SourceError(
            f"column {source!r} is of type {types[source]}, which is no {spec.type}",
            where=where,
            expected="a column of the declared type, or the table without in_place",
        )
    here = column(source)
    if spec.type == "text":
        return exp.Nullif(this=exp.cast(here, "text"), expression=literal(""))
    if spec.type in ("date", "datetime"):
        ends = [exp.cast(literal(day), "date") for day in YEARS]
        inside = exp.Between(this=exp.cast(here, "date"), low=ends[0], high=ends[1])
        kind = "date" if spec.type == "date" else "timestamp"
        return _only_if(inside, exp.cast(here.copy(), kind))
    if spec.type == "number":
        limits = [exp.Literal.number(f"{sign}{LARGEST}") for sign in ("-", "")]
        value = exp.cast(here, "double")
        return _only_if(exp.Between(this=value, low=limits[0], high=limits[1]), value.copy())
    return here if spec.type == "boolean" else _exact(spec.scale or 0, here)


def _kinds(spec: SourceColumn) -> tuple[type, ...]:
    """SQLAlchemy's types that hold a declared type."""
    from sqlalchemy import types

    whole: dict[str, tuple[type, ...]] = {
        "text": (types.String, types.Uuid),
        "boolean": (types.Boolean,),
        "date": (types.Date, types.DateTime),
        "datetime": (types.Date, types.DateTime),
        "number": (types.Integer, types.Numeric, types.Float),
    }
    return whole.get(spec.type, (types.Integer, types.Numeric))


def _is_float(kind: object, spec: SourceColumn) -> bool:
    """Whether a binary float stands for what is declared as exact."""
    from sqlalchemy import types

    return isinstance(kind, types.Float) and spec.type != "number" and spec.is_number


def _exact(scale: int, here: exp.Expr) -> exp.Expr:
    """Number where it has no more digits than are declared."""
    rounded = exp.Round(this=here.copy(), decimals=literal(scale))
    return _only_if(exp.EQ(this=here, expression=rounded), here.copy())


def _only_if(holds: exp.Expr, value: exp.Expr) -> exp.Expr:
    return exp.Case(ifs=[exp.If(this=holds, true=value)])


def _rows(
    name: str, table: Table, values: Mapping[str, exp.Expr], aliases: Mapping[str, str]
) -> exp.Select:
    """Rows as the table declares them."""
    shown = [exp.alias_(value.copy(), c, quoted=True) for c, value in values.items()]
    own = [exp.alias_(literal(0), c) for c in (RECORD, FILE, "_unparsed")]
    select = exp.select(*shown, *own).from_(relation(table))
    return finished(name, table, select, list(table.columns), aliases)


def _unparsed(database: Database, table: Table, values: Mapping[str, exp.Expr]) -> int:
    """Values that are there and that their declared type does not hold."""
    sums: list[exp.Expr] = []
    for name, spec in table.columns.items():
        if spec.type != "text":
            there = exp.Is(this=column(spec.source or name), expression=exp.Null()).not_()
            lost = exp.and_(there, exp.Is(this=values[name].copy(), expression=exp.Null()))
            sums.append(exp.Count(this=_only_if(lost, literal(1))))
    if not sums:
        return 0
    counts = [exp.alias_(count, f"n{i}") for i, count in enumerate(sums)]
    return int(_ask(database, exp.select(*counts).from_(relation(table))).iloc[0].sum())


def _met(database: Database, name: str, table: Table, aliases: Mapping[str, str]) -> dict[str, str]:
    """Words for units that stand in the data, so that no others are looked for in each row."""
    if table.unit is None or not aliases:
        return {}
    trimmed = exp.alias_(exp.Trim(this=column(table.unit)), "word")
    words = _ask(database, exp.select(trimmed).distinct().from_(table_named(name)))["word"]
    return {word: unit for word, unit in aliases.items() if word in set(words)}


def _count(database: Database, source: str | exp.Table, keep: exp.Expr | None = None) -> int:
    origin = table_named(source) if isinstance(source, str) else source
    select = exp.select(exp.alias_(exp.Count(this=exp.Star()), "n")).from_(origin)
    return int(_ask(database, select if keep is None else select.where(keep))["n"].iloc[0])


def _months(database: Database, name: str, table: Table) -> tuple[int, ...]:
    if table.date is None:
        return ()
    month = exp.alias_(month_of(column(table.date)), "month")
    found = _ask(database, exp.select(month).distinct().from_(table_named(name)))["month"]
    return tuple(sorted(int(value) for value in found.dropna()))


def _digest(database: Database, table: Table) -> str:
    """Hash of the declared columns' rows as a set.

    Each row's MD5 falls into one of 4096 buckets; the number of rows, the least and the greatest
    hash of each bucket are hashed. Rows need not leave the database, and a row that changes leaves
    its bucket.
    """
    row: exp.Expr | None = None
    names = {source for name, spec in table.columns.items() for source in spec.sources(name)}
    for name in sorted(names):
        text = exp.cast(column(name), "text")
        length = exp.cast(exp.Length(this=text.copy()), "text")
        told = exp.DPipe(
            this=exp.DPipe(this=length, expression=literal(":")), expression=text.copy()
        )
        piece = exp.Coalesce(this=told, expressions=[literal("-")])
        row = piece if row is None else exp.DPipe(this=row, expression=piece)
    digest = exp.alias_(exp.MD5(this=row), "digest")
    rows = exp.select(digest).from_(relation(table)).subquery("digests")
    start = [literal(1), literal(BUCKET)]
    bucket = exp.Substring(this=exp.column("digest"), start=start[0], length=start[1])
    hashes = [exp.Min(this=exp.column("digest")), exp.Max(this=exp.column("digest"))]
    select = exp.select(
        exp.alias_(bucket, "bucket"), exp.alias_(exp.Count(this=exp.Star()), "n"),
        exp.alias_(hashes[0], "least"), exp.alias_(hashes[1], "most"),
    ).from_(rows).group_by(literal(1))  # fmt: skip
    found = sorted(map(repr, _ask(database, select).itertuples(index=False, name=None)))
    return hashlib.sha256("".join([repr(sorted(names)), *found]).encode()).hexdigest()


def _ask(database: Database, select: exp.Select) -> pd.DataFrame:
    return database.query(select.sql(database.dialect, identify=True))

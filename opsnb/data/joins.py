"""Joins and derived columns, as declared: looked up by key, never multiplying rows in silence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import duckdb
from sqlglot import exp

from opsnb.company import Join, Table
from opsnb.data.engine import DuckDB
from opsnb.data.expressions import condition, measure
from opsnb.data.readers.text import FILE, RECORD, create
from opsnb.data.sql import column, literal, table_named
from opsnb.errors import SourceError

OWN = (RECORD, FILE, "_unparsed")


def create_table(
    engine: DuckDB,
    name: str,
    table: Table,
    select: exp.Select,
    columns: Sequence[str],
    aliases: Mapping[str, str],
    own: Sequence[str] = OWN,
    kind: str = "TABLE",
) -> None:
    """Table (or ``VIEW``) of `select` with its derived columns, and its units by their ids.

    Parameters
    ----------
    own : sequence of str
        Columns of `select` that belong to the record and not to the source.

    Raises
    ------
    ExpressionError, UnknownNameError
        A derived column that cannot be read.
    """
    whole = finished(name, table, select, columns, aliases, own)
    try:
        create(engine, name, whole, kind)
    except (
        duckdb.BinderException,
        duckdb.ConversionException,
        duckdb.InvalidInputException,
    ) as error:
        detail = str(error).splitlines()[0]
        what = "derived columns" if table.base is None else "joined and derived columns"
        raise SourceError(
            f"the {what} cannot be computed: {detail}", where=f"table {name!r}"
        ) from None


def finished(
    name: str,
    table: Table,
    select: exp.Select,
    columns: Sequence[str],
    aliases: Mapping[str, str],
    own: Sequence[str] = OWN,
) -> exp.Select:
    """`select` with derived columns, units by their ids, and without the rows that are left out."""
    kept: list[exp.Expr] = [
        exp.alias_(_unit(column(c), aliases), c, quoted=True) if c == table.unit else column(c)
        for c in columns
    ]
    known = list(columns)
    source: exp.Expr = select.subquery("source")
    for new, text in table.derive.items():
        # Each may use those before it, so each is a select of its own.
        tree = condition(text, known, f"sources.yaml (table {name!r}, derive {new!r})")
        inner = exp.select(
            *(column(c) for c in known), exp.alias_(tree, new, quoted=True), *map(column, own)
        )
        source = inner.from_(source).subquery("source")
        known.append(new)
        kept.append(
            exp.alias_(_unit(column(new), aliases), new, quoted=True)
            if new == table.unit
            else column(new)
        )
    whole = exp.select(*kept, *(exp.alias_(column(c), c) for c in own)).from_(source)
    if table.where is not None:
        whole = whole.where(condition(table.where, known, f"sources.yaml (table {name!r}, where)"))
    return whole


def joined(engine: DuckDB, name: str, table: Table) -> tuple[exp.Select, list[str], dict[str, int]]:
    """Select of a base with everything looked up, its columns, and the rows without a match."""
    base = str(table.base)
    columns = own = _columns(engine, base)
    select = exp.select(*(column(c, "base") for c in columns), *(column(c, "base") for c in OWN))
    select = select.from_(exp.alias_(table_named(base), "base", table=True))
    unmatched: dict[str, int] = {}
    for place, join in enumerate(table.joins):
        for here in join.on:
            condition(here, own, _where(name, join))
        right, new = _right(engine, name, join, columns)
        alias = f"join {place}"
        on = exp.and_(
            *(
                exp.EQ(this=column(here, "base"), expression=column(there, alias))
                for here, there in join.on.items()
            )
        )
        select = select.join(right.subquery(alias), on=on, join_type="left")
        select = select.select(*(column(c, alias) for c in new))
        columns = [*columns, *new]
        lost = _unmatched(engine, base, join)
        unmatched[join.table] = unmatched.get(join.table, 0) + lost
    return select, columns, {other: rows for other, rows in unmatched.items() if rows}


def _right(
    engine: DuckDB, name: str, join: Join, taken: Sequence[str]
) -> tuple[exp.Select, list[str]]:
    """Rows to look up, one a key, and the columns they bring."""
    there, where = _columns(engine, join.table), _where(name, join)
    keys = list(join.on.values())
    for key in keys:
        condition(key, there, where)
    if join.aggregate is not None:
        new = {c: measure(text, there, where) for c, text in join.aggregate.items()}
    else:
        _refuse_doubles(engine, join, where)
        chosen = join.columns or {c: c for c in there if c not in keys and c not in taken}
        new = {c: condition(source, there, where) for c, source in chosen.items()}
    for c in new:
        if c.casefold() in (known.casefold() for known in taken):
            raise SourceError(
                f"column {c!r} is there already", where=where, expected="another name for it"
            )
    values = [exp.alias_(tree, c, quoted=True) for c, tree in new.items()]
    select = exp.select(*(column(key) for key in keys), *values).from_(table_named(join.table))
    if join.aggregate is not None:
        select = select.group_by(*(column(key) for key in keys))
    return select, list(new)


def _where(name: str, join: Join) -> str:
    """Place of a join in the settings."""
    return f"sources.yaml (table {name!r}, join {join.table!r})"


def _refuse_doubles(engine: DuckDB, join: Join, where: str) -> None:
    keys = [column(key) for key in join.on.values()]
    several = exp.GT(this=exp.Count(this=exp.Star()), expression=literal(1))
    present = [exp.Is(this=key.copy(), expression=exp.Null()).not_() for key in keys]
    select = exp.select(*keys, exp.alias_(exp.Count(this=exp.Star()), "_n")).from_(
        table_named(join.table)
    )
    select = (
        select.where(*present)
        .group_by(*(key.copy() for key in keys))
        .having(several)
        .order_by("_n DESC")
    )
    found = _execute(engine, select)
    if found:
        example = ", ".join(map(str, found[0][:-1]))
        raise SourceError(
            f"{len(found)} keys of {join.table!r} stand in several rows "
            f"({example}: {found[0][-1]} times); the join would double amounts",
            where=where, expected="one row a key, or the key aggregate",
        )  # fmt: skip


def _unmatched(engine: DuckDB, base: str, join: Join) -> int:
    """Rows of the base whose key is given and not found."""
    present = [exp.Is(this=column(here, "base"), expression=exp.Null()).not_() for here in join.on]
    pairs = [
        exp.EQ(this=column(here, "base"), expression=column(there, "other"))
        for here, there in join.on.items()
    ]
    other = (
        exp.select(literal(1))
        .from_(exp.alias_(table_named(join.table), "other", table=True))
        .where(*pairs)
    )
    select = exp.select(exp.Count(this=exp.Star())).from_(
        exp.alias_(table_named(base), "base", table=True)
    )
    select = select.where(*present, exp.not_(exp.Exists(this=other)))
    return int(_execute(engine, select)[0][0])


def _unit(value: exp.Expr, aliases: Mapping[str, str]) -> exp.Expr:
    """Id of the unit that a value names; a value that is no alias stays as it is."""
    if not aliases:
        return value
    trimmed = exp.Trim(this=value.copy())
    ifs = [
        exp.If(this=exp.EQ(this=trimmed.copy(), expression=literal(a)), true=literal(u))
        for a, u in aliases.items()
    ]
    return exp.Case(ifs=ifs, default=value)


def _columns(engine: DuckDB, name: str) -> list[str]:
    described = _execute(engine, exp.select("*").from_(table_named(name)).limit(0), describe=True)
    return [c for c in described if c not in OWN]


def _execute(engine: DuckDB, tree: exp.Expr, *, describe: bool = False) -> list[Any]:
    cursor = engine.connection.execute(tree.sql(dialect="duckdb", identify=True))
    if describe:
        names = [item[0] for item in cursor.description or ()]
        cursor.fetchall()
        return names
    return cursor.fetchall()

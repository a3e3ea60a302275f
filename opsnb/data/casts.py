"""Casts: the text of a file as typed values, and which of them did not parse.

Surrounding spaces do not count, and blank is missing. What parses:

- integer: ``12``, ``+12``, ``12.0`` and ``1e3``, whose value is whole; ``12.5`` does not.
- decimal(n): up to n digits after the point and 18 in all; the noise beyond the 12th digit that a
  spreadsheet writes (``0.30000000000000004``) is dropped.
- number: any finite number; ``nan`` and ``inf`` do not parse.
- date: ``2026-10-31`` or ``2026/10/31``, years 1000 to 2999; a time behind it is dropped.
- datetime: the same with a time; an offset is dropped, so that the wall time counts.
- boolean: ``true``, ``false``, ``yes``, ``no``, ``1``, ``0`` and their first letters.
- text: as it stands; only the empty text is missing.
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot import exp

from opsnb.company import SourceColumn, Table

SQL_TYPES = {
    "integer": "BIGINT",
    "number": "DOUBLE",
    "date": "DATE",
    "datetime": "TIMESTAMP",
    "boolean": "BOOLEAN",
}
WIDE = "DECIMAL(38, 12)"
YEARS = "1000-01-01", "2999-12-31"
LARGEST = "1.7976931348623157e308"
UNPARSED, RECORD = "_unparsed", "_record"


def typed(table: Table, fields: Mapping[str, str], raw: str) -> exp.Select:
    """Every column cast; ``_unparsed`` is the number of values of the record that were lost.

    Parameters
    ----------
    table : Table
    fields : mapping column -> name of its text in `raw`
    raw : str
        View of the file, all text.
    """
    select = exp.select()
    count: exp.Expr = exp.Literal.number(0)
    for column, spec in table.columns.items():
        select = select.select(exp.alias_(_value(spec, fields[column]), column, quoted=True))
        if spec.type != "text":
            flag = exp.cast(_lost(spec, fields[column]), "int")
            count = exp.Add(this=count, expression=flag)
    return select.select(exp.alias_(count, UNPARSED)).from_(exp.table_(raw, quoted=True))


def lost(table: Table, fields: Mapping[str, str], raw: str, limit: int) -> exp.Select:
    """Text that did not parse, by column, with the number of its record; the first `limit` records.

    The header is record 1.
    """
    number = exp.Add(this=exp.Window(this=exp.RowNumber()), expression=exp.Literal.number(1))
    scan = exp.select(exp.alias_(number, RECORD))
    kept: list[exp.Expr] = []
    for column, spec in table.columns.items():
        if spec.type != "text":
            text = exp.If(this=_lost(spec, fields[column]), true=_text(spec, fields[column]))
            scan = scan.select(exp.alias_(exp.Case(ifs=[text]), column, quoted=True))
            kept.append(_is_null(exp.column(column, quoted=True)).not_())
    inner = scan.from_(exp.table_(raw, quoted=True)).subquery("scan")
    return exp.select("*").from_(inner).where(exp.or_(*kept)).order_by(RECORD).limit(limit)


def _text(spec: SourceColumn, field: str) -> exp.Expr:
    """Raw text of a column; blank is missing."""
    raw: exp.Expr = exp.column(field, quoted=True)
    trimmed = raw if spec.type == "text" else exp.Trim(this=raw)
    return exp.Nullif(this=trimmed, expression=exp.Literal.string(""))


def _lost(spec: SourceColumn, field: str) -> exp.Expr:
    return exp.and_(_is_null(_text(spec, field)).not_(), _is_null(_value(spec, field)))


def _value(spec: SourceColumn, field: str) -> exp.Expr:
    """Value of the type, or null."""
    text = _text(spec, field)
    if spec.type == "text":
        return text
    if spec.type == "integer" or spec.scale is not None:
        name = SQL_TYPES["integer"] if spec.scale is None else f"DECIMAL(18, {spec.scale})"
        value = _cast(text, name)
        return _only_if(exp.EQ(this=_cast(text, WIDE), expression=value.copy()), value)
    value = _cast(text, SQL_TYPES[spec.type])
    if spec.type == "number":
        ends = exp.Literal.number(f"-{LARGEST}"), exp.Literal.number(LARGEST)
        return _only_if(exp.Between(this=value.copy(), low=ends[0], high=ends[1]), value)
    if spec.type in ("date", "datetime"):
        return _only_if(_is_day(text, value), value)
    return value


def _is_day(text: exp.Expr, value: exp.Expr) -> exp.Expr:
    """Written in digits (``infinity`` and ``epoch`` are dates to DuckDB), and not out of reach."""
    first, last = (exp.cast(exp.Literal.string(day), "date") for day in YEARS)
    day = exp.TryCast(this=value.copy(), to=exp.DataType.build("DATE"))
    digits = exp.Between(
        this=text.copy(), low=exp.Literal.string("0"), high=exp.Literal.string(":")
    )
    return exp.and_(digits, exp.Between(this=day, low=first, high=last))


def _cast(text: exp.Expr, name: str) -> exp.Expr:
    return exp.TryCast(this=text.copy(), to=exp.DataType.build(name, dialect="duckdb"))


def _only_if(holds: exp.Expr, value: exp.Expr) -> exp.Expr:
    return exp.Case(ifs=[exp.If(this=holds, true=value)])


def _is_null(node: exp.Expr) -> exp.Expr:
    return exp.Is(this=node, expression=exp.Null())

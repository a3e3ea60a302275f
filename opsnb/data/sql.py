"""Small pieces of SQL that several queries share, as sqlglot nodes."""

from __future__ import annotations

import datetime as dt

from sqlglot import exp


def column(name: str, table: str | None = None) -> exp.Column:
    """Quoted column."""
    return exp.column(exp.to_identifier(name, quoted=True), table=table)


def table_named(name: str) -> exp.Table:
    """Quoted table."""
    return exp.table_(name, quoted=True)


def literal(value: str | float) -> exp.Expr:
    """Text or number, written so that it stays one."""
    return exp.Literal.string(value) if isinstance(value, str) else exp.convert(value)


def as_date(day: dt.date) -> exp.Expr:
    """Date literal."""
    return exp.cast(exp.Literal.string(day.isoformat()), "date")


def month_of(date: exp.Expr) -> exp.Expr:
    """Ordinal of the month: 12 * year + month - 1."""
    year = exp.Extract(this=exp.var("YEAR"), expression=date.copy())
    month = exp.Extract(this=exp.var("MONTH"), expression=date.copy())
    twelve = exp.Mul(this=exp.Literal.number(12), expression=year)
    total = exp.Sub(this=exp.Add(this=twelve, expression=month), expression=exp.Literal.number(1))
    return exp.cast(total, "int")

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


def day_of(date: exp.Expr) -> exp.Expr:
    """Ordinal of the day, as ``date.toordinal`` counts."""
    start = dt.date(1970, 1, 1)
    days = exp.DateDiff(
        this=exp.cast(date.copy(), "date"), expression=as_date(start), unit=exp.var("DAY")
    )
    total = exp.Add(this=days, expression=exp.Literal.number(start.toordinal()))
    return exp.cast(total, "int")


def week_of(date: exp.Expr) -> exp.Expr:
    """Ordinal of the ISO week: (ordinal of the day - 1) // 7."""
    days = exp.paren(exp.Sub(this=day_of(date), expression=exp.Literal.number(1)))
    return exp.cast(exp.IntDiv(this=days, expression=exp.Literal.number(7)), "int")


def portable(tree: exp.Expr) -> exp.Expr:
    """`tree` with differences of dates as DuckDB counts them.

    It counts the midnights, the firsts of a month and so on that lie between, and for weeks every
    seventh midnight; others count whole months, or seven times 24 hours, under the same name.
    """
    return tree.transform(_differences)


def written(tree: exp.Expr, dialect: str) -> str:
    """Text of `tree` in a dialect, identifiers quoted."""
    whole = tree if dialect == "duckdb" else portable(tree)
    return whole.sql(dialect=dialect, identify=True)


def _differences(node: exp.Expr) -> exp.Expr:
    part = node.text("unit").upper() if isinstance(node, exp.DateDiff) else ""
    if not part:
        return node
    if part in ("DAY", "WEEK"):
        later, earlier = (exp.cast(end.copy(), "date") for end in (node.this, node.expression))
        days = exp.DateDiff(this=later, expression=earlier, unit=exp.var("DAY"))
        if part == "DAY":
            return days
        return exp.paren(exp.IntDiv(this=exp.paren(days), expression=exp.Literal.number(7)))
    ends = [_ORDINALS[part](end) for end in (node.this, node.expression)]
    return exp.paren(exp.Sub(this=ends[0], expression=ends[1]))


def _year_of(date: exp.Expr) -> exp.Expr:
    return exp.cast(exp.Extract(this=exp.var("YEAR"), expression=date.copy()), "int")


def _hour_of(moment: exp.Expr) -> exp.Expr:
    at = exp.cast(moment.copy(), "timestamp")
    hour = exp.cast(exp.Extract(this=exp.var("HOUR"), expression=at), "int")
    days = exp.Mul(this=exp.Literal.number(24), expression=day_of(moment))
    return exp.paren(exp.Add(this=days, expression=hour))


_ORDINALS = {"HOUR": _hour_of, "MONTH": month_of, "YEAR": _year_of}

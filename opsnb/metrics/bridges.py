"""Bridges: small tables that roll ticks up to spans, and units up to those above them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlglot import exp

from opsnb.metrics.request import Request
from opsnb.metrics.spans import Span
from opsnb.units import Above


def ranges(asked: Sequence[Span], windows: Sequence[Span]) -> exp.Select:
    """Spans as they are asked for, and the windows behind them: span, first, last, asked."""
    known = dict.fromkeys(asked)
    extra = [span for span in dict.fromkeys(windows) if span not in known]
    rows = [
        (
            exp.Literal.string(str(span)),
            exp.Literal.number(span.first),
            exp.Literal.number(span.last),
            exp.Literal.number(int(span in known)),
        )
        for span in (*known, *extra)
    ]
    return written_out(rows, ("span", "first", "last", "asked"))


def spans(source: str) -> exp.Select:
    """From each of the ranges to its ticks in `source`: span, asked, tick, is_last, is_single."""
    ticks = exp.select("_tick").from_(source).distinct().subquery("ticks")
    tick = exp.column("_tick", table="ticks")
    first, last = exp.column("first", table="ranges"), exp.column("last", table="ranges")
    columns = (
        exp.column("span", table="ranges"),
        exp.column("asked", table="ranges"),
        exp.alias_(tick.copy(), "tick"),
        exp.alias_(_flag(exp.EQ(this=tick.copy(), expression=last.copy())), "is_last"),
        exp.alias_(_flag(exp.EQ(this=first.copy(), expression=last.copy())), "is_single"),
    )
    inside = exp.Between(this=tick, low=first, high=last)
    return exp.select(*columns).from_("ranges").join(ticks, on=inside, copy=False)


def units(tree: Mapping[str, Sequence[Above]], *, regrouped: bool) -> exp.Select:
    """From each unit to those it counts for: unit, leaf; first and last month where it moved."""
    pairs = [(leaf, above) for leaf, path in tree.items() for above in path]
    rows: list[tuple[exp.Expr, ...]] = [
        (exp.Literal.string(above.unit), exp.Literal.string(leaf)) for leaf, above in pairs
    ]
    if not regrouped:
        return written_out(rows, ("unit", "leaf"))
    months = [(exp.Literal.number(a.first), exp.Literal.number(a.last)) for _, a in pairs]
    rows = [row + valid for row, valid in zip(rows, months, strict=True)]
    return written_out(rows, ("unit", "leaf", "first", "last"))


def unit_of(source: str, request: Request) -> exp.Expr:
    """Condition that joins `source` to the bridge of units: its unit, as it stood in its month."""
    leaf = exp.EQ(
        this=exp.column("leaf", table="units"),
        expression=request.leaf(exp.column("_leaf", table=source)),
    )
    if not request.is_regrouped:
        return leaf
    return exp.and_(leaf, valid_in(exp.column(request.month, table=source), "units"))


def valid_in(month: exp.Expr, bridge: str) -> exp.Expr:
    """Condition that a row of a bridge holds in a month."""
    first, last = exp.column("first", table=bridge), exp.column("last", table=bridge)
    return exp.Between(this=month, low=first, high=last)


def written_out(rows: Sequence[tuple[exp.Expr, ...]], columns: Sequence[str]) -> exp.Select:
    """Table of values written into the query."""
    values = exp.values(list(rows), alias="b", columns=list(columns))
    return exp.select(*(exp.column(name, table="b") for name in columns)).from_(values)


def _flag(condition: exp.Expr) -> exp.Expr:
    return exp.Case(
        ifs=[exp.If(this=condition, true=exp.Literal.number(1))], default=exp.Literal.number(0)
    )

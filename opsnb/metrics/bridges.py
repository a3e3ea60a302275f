"""Bridges: small tables that roll months up to spans, and units up to those above them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlglot import exp

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
    return _written_out(rows, ("span", "first", "last", "asked"))


def spans(source: str) -> exp.Select:
    """From each of the ranges to its months in `source`: span, asked, month, is_last."""
    months = exp.select("_month").from_(source).distinct().subquery("months")
    month = exp.column("_month", table="months")
    first, last = exp.column("first", table="ranges"), exp.column("last", table="ranges")
    is_last = exp.If(
        this=exp.EQ(this=month.copy(), expression=last.copy()), true=exp.Literal.number(1)
    )
    columns = (
        exp.column("span", table="ranges"),
        exp.column("asked", table="ranges"),
        exp.alias_(month.copy(), "month"),
        exp.alias_(exp.Case(ifs=[is_last], default=exp.Literal.number(0)), "is_last"),
    )
    inside = exp.Between(this=month, low=first, high=last)
    return exp.select(*columns).from_("ranges").join(months, on=inside, copy=False)


def units(tree: Mapping[str, Sequence[Above]]) -> exp.Select:
    """From each unit to those it counts for: unit, leaf; first and last month where it moved."""
    pairs = [(leaf, above) for leaf, path in tree.items() for above in path]
    rows: list[tuple[exp.Expr, ...]] = [
        (exp.Literal.string(above.unit), exp.Literal.string(leaf)) for leaf, above in pairs
    ]
    if not is_regrouped(tree):
        return _written_out(rows, ("unit", "leaf"))
    months = [(exp.Literal.number(a.first), exp.Literal.number(a.last)) for _, a in pairs]
    rows = [row + valid for row, valid in zip(rows, months, strict=True)]
    return _written_out(rows, ("unit", "leaf", "first", "last"))


def unit_of(source: str, tree: Mapping[str, Sequence[Above]]) -> exp.Expr:
    """Condition that joins `source` to the bridge of units: its unit, as it stood in its month."""
    leaf = exp.EQ(
        this=exp.column("leaf", table="units"), expression=exp.column("_leaf", table=source)
    )
    if not is_regrouped(tree):
        return leaf
    inside = exp.Between(
        this=exp.column("_month", table=source),
        low=exp.column("first", table="units"),
        high=exp.column("last", table="units"),
    )
    return exp.and_(leaf, inside)


def is_regrouped(tree: Mapping[str, Sequence[Above]]) -> bool:
    """Whether some unit has moved from one parent to another."""
    return any(not above.is_always for path in tree.values() for above in path)


def _written_out(rows: Sequence[tuple[exp.Expr, ...]], columns: Sequence[str]) -> exp.Select:
    values = exp.values(list(rows), alias="b", columns=list(columns))
    return exp.select(*(exp.column(name, table="b") for name in columns)).from_(values)

"""Components: the aggregates that a metric is put together from, as queries compute them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlglot import exp

from opsnb.data.expressions import AGGREGATES
from opsnb.errors import ExpressionError


@dataclass(frozen=True)
class Component:
    """One aggregate over one table: what a query computes before metrics are put together.

    Attributes
    ----------
    function : str
        ``sum``, ``count``, ``min``, ``max`` or ``distinct``.
    argument : expression or None
        What is aggregated, with the metric's filter in it; None counts rows.
    over_time : {"sum", "last", "mean"}
    """

    table: str
    function: str
    argument: exp.Expr | None
    over_time: str = "sum"

    @property
    def id(self) -> str:
        """Canonical text, equal for equal components."""
        text = "*" if self.argument is None else self.argument.sql(dialect="duckdb")
        return f"{self.table}:{self.function}({text}):{self.over_time}"


@dataclass(frozen=True)
class Formula:
    """How a metric comes from components and other metrics.

    Attributes
    ----------
    tree : expression
        Arithmetic whose columns are keys of `components` or of `metrics`.
    components : mapping name -> Component
    metrics : mapping name -> metric id
    """

    tree: exp.Expr
    components: Mapping[str, Component]
    metrics: Mapping[str, str]


def check_over_time(name: str, part: Component, where: str) -> None:
    """Distinct counts are no stocks, and the mean of monthly extremes is not offered."""
    if part.function == "distinct" and part.over_time != "sum":
        raise ExpressionError(
            f"{name!r} counts distinct values and has over_time: {part.over_time}",
            where=where,
            expected="over_time: sum, which counts them anew over the whole period",
        )
    if part.function in ("min", "max") and part.over_time == "mean":
        raise ExpressionError(
            f"{name!r} takes a {part.function} and has over_time: mean",
            where=where,
            expected=f"over_time: sum, the {part.function} of the whole period, or last",
        )


def components_of(
    node: exp.Expr, table: str, keep: exp.Expr | None, over_time: str
) -> list[Component]:
    """Distributive parts of one aggregate: an average is a sum over a count.

    The count of an average is null, not 0, where there is nothing to count, as is its sum.
    """

    def part(function: str, argument: exp.Expr | None) -> Component:
        return Component(table, function, argument, over_time)

    argument = node.this
    if isinstance(node, exp.Avg):
        there = exp.not_(exp.Is(this=argument.copy(), expression=exp.Null()))
        counted = _kept(None, there if keep is None else exp.and_(there, keep))
        return [part("sum", _kept(argument, keep)), part("sum", counted)]
    if isinstance(node, exp.Sum):
        return [part("sum", _kept(argument, keep, otherwise=0))]
    if isinstance(node, exp.CountIf):
        both = argument if keep is None else exp.and_(argument, keep)
        return [part("count", _kept(None, both))]
    if isinstance(argument, exp.Distinct):
        return [part("distinct", _kept(argument.expressions[0], keep))]
    if argument is None or isinstance(argument, exp.Star):
        return [part("count", _kept(None, keep))]
    return [part(AGGREGATES[type(node)], _kept(argument, keep))]


def _kept(
    argument: exp.Expr | None, keep: exp.Expr | None, otherwise: int | None = None
) -> exp.Expr | None:
    """`argument` where the filter holds; elsewhere null, or 0 in a sum (none kept sums to 0)."""
    if keep is None:
        return None if argument is None else argument.copy()
    value = exp.Literal.number(1) if argument is None else argument.copy()
    default = None if otherwise is None else exp.Literal.number(otherwise)
    return exp.Case(ifs=[exp.If(this=keep.copy(), true=value)], default=default)

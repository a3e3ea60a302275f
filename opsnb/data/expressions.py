"""Measures, filters and expressions: read to one tree by sqlglot and held to an allow-list.

A measure is an SQL aggregate in DuckDB's words, such as ``sum(amount - cost)`` or
``count(distinct order_id)``. Only the node types named here may stand in it, so that it can be
written in every dialect and can do nothing but aggregate: no subquery, window, comment, second
statement, unknown function, or column outside the aggregate.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection

from sqlglot import exp

from opsnb.data.parsing import parse
from opsnb.errors import ExpressionError, UnknownNameError

AGGREGATES: dict[type[exp.Expr], str] = {
    exp.Sum: "sum",
    exp.Count: "count",
    exp.CountIf: "count_if",
    exp.Avg: "avg",
    exp.Min: "min",
    exp.Max: "max",
}
FUNCTIONS: dict[type[exp.Expr], str] = {
    exp.Coalesce: "coalesce",
    exp.Nullif: "nullif",
    exp.Abs: "abs",
    exp.Greatest: "greatest",
    exp.Least: "least",
    exp.If: "if",
    exp.Case: "case",
    exp.DateDiff: "date_diff",
}
PLAIN: tuple[type[exp.Expr], ...] = (
    exp.Column, exp.Identifier, exp.Literal, exp.Boolean, exp.Null, exp.Paren, exp.Neg, exp.Add,
    exp.Sub, exp.Mul, exp.Div, exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.And, exp.Or,
    exp.Not, exp.In, exp.Between, exp.Is, exp.Like, exp.Distinct, exp.Star,
)  # fmt: skip
ARITHMETIC: tuple[type[exp.Expr], ...] = (
    exp.Column, exp.Identifier, exp.Literal, exp.Paren, exp.Neg, exp.Add, exp.Sub, exp.Mul, exp.Div,
)  # fmt: skip
DATE_PARTS = ("DAY", "WEEK", "MONTH", "YEAR", "HOUR")


def measure(text: str, columns: Collection[str], where: str) -> exp.Expr:
    """Tree of a measure over a table with `columns`.

    Parameters
    ----------
    text : str
        SQL aggregate, or arithmetic of aggregates.
    columns : collection of str
        Names that may be used.
    where : str
        Place of the text in the settings, for the error.

    Raises
    ------
    ExpressionError
        Not allowed, or not an aggregate.
    UnknownNameError
        A column that the table does not have, with the nearest match.
    """
    tree = parse(text, where)
    _check_nodes(tree, text, where)
    _check_columns(tree, columns, where)
    aggregates = [node for node in tree.walk() if type(node) in AGGREGATES]
    if not aggregates:
        raise ExpressionError(
            f"{text!r} is not an aggregate", where=where, expected="one such as sum(amount)"
        )
    for node in aggregates:
        _check_aggregate(node, text, where)
    _check_outside(tree, text, where)
    return tree


def condition(text: str, columns: Collection[str], where: str) -> exp.Expr:
    """Tree of a filter: a condition on the columns of one row.

    Raises
    ------
    ExpressionError, UnknownNameError
    """
    tree = parse(text, where)
    _check_nodes(tree, text, where)
    _check_columns(tree, columns, where)
    found = next((node for node in tree.walk() if type(node) in AGGREGATES), None)
    if found is not None:
        raise ExpressionError(
            f"filter {text!r} holds the aggregate {found.sql(dialect='duckdb')!r}",
            where=where,
            expected="a condition on one row, such as status = 'delivered'",
        )
    return tree


def arithmetic(text: str, metrics: Collection[str], where: str) -> exp.Expr:
    """Tree of a derived metric: arithmetic of other metrics' ids.

    Raises
    ------
    ExpressionError, UnknownNameError
    """
    tree = parse(text, where)
    for node in tree.walk():
        if type(node) not in ARITHMETIC or _is_odd(node) or _is_text(node):
            raise ExpressionError(
                f"{node.sql(dialect='duckdb')!r} is not allowed in {text!r}",
                where=where,
                expected="metrics, numbers and + - * / ( )",
            )
    if tree.find(exp.Column) is None:
        raise ExpressionError(f"{text!r} names no metric", where=where)
    for column in tree.find_all(exp.Column):
        if column.table or column.name not in metrics:
            raise UnknownNameError(
                f"unknown metric {column.sql(dialect='duckdb')!r}",
                where=where,
                given=column.name,
                choices=metrics,
            )
    return tree


def is_name(text: str) -> bool:
    """Whether `text` is one bare word, that is, may name a metric."""
    return text.strip().isidentifier()


def _check_nodes(tree: exp.Expr, text: str, where: str) -> None:
    """Every node is on the list; `*` and distinct stand only in count."""
    for node in tree.walk():
        if isinstance(node, exp.Var) and isinstance(node.parent, exp.DateDiff):
            if node.name.upper() not in DATE_PARTS:
                what = f"date part {node.name!r} in {text!r}"
                raise ExpressionError(what, where=where, given=node.name, choices=DATE_PARTS)
        elif type(node) not in (*PLAIN, *AGGREGATES, *FUNCTIONS) or _is_odd(node):
            raise _not_allowed(node, text, where)
        if isinstance(node, exp.Star) and not isinstance(node.parent, exp.Count):
            raise ExpressionError(
                f"'*' stands outside count() in {text!r}", where=where, expected="count(*)"
            )
        if isinstance(node, exp.Distinct) and not isinstance(node.parent, exp.Count):
            raise ExpressionError(
                f"distinct stands outside count() in {text!r}",
                where=where,
                expected="count(distinct ...)",
            )


def _is_odd(node: exp.Expr) -> bool:
    """Whether an allowed node is used in a way that is not: ``* exclude (a)``, ``a in b``."""
    if isinstance(node, exp.Star):
        return any(node.args.values())
    if isinstance(node, exp.In):
        return not node.expressions and node.args.get("query") is None
    if isinstance(node, exp.Literal):
        return not node.is_string and not _is_finite(node.name)
    return isinstance(node, exp.Between) and bool(node.args.get("symmetric"))


def _is_finite(number: str) -> bool:
    """Whether a float holds it; sqlglot reads ``.0.0`` as a number, and ``1e400``."""
    try:
        return math.isfinite(float(number))
    except ValueError:
        return False


def _is_text(node: exp.Expr) -> bool:
    return isinstance(node, exp.Literal) and bool(node.is_string)


def _not_allowed(node: exp.Expr, text: str, where: str) -> ExpressionError:
    known = [*AGGREGATES.values(), *FUNCTIONS.values()]
    kinds: dict[type[exp.Expr], str] = {
        exp.Subquery: "a subquery",
        exp.Select: "a subquery",
        exp.Exists: "a subquery",
        exp.Window: "a window",
        exp.Filter: "FILTER (use the key filter)",
        exp.Alias: "an alias",
        exp.Cast: "a cast",
        exp.Placeholder: "a parameter",
        exp.Parameter: "a parameter",
        exp.Array: "a list",
    }
    written = node.sql(dialect="duckdb")
    call = re.match(r"(\w+)(\(|$)", written)
    if type(node) not in kinds and isinstance(node, exp.Func) and call:
        name = call[1].lower()
        what = f"unknown function {name!r} in {text!r}"
        return ExpressionError(what, where=where, given=name, choices=known)
    kind = kinds.get(type(node), repr(written))
    expected = f"{', '.join(AGGREGATES.values())} over columns, conditions and arithmetic"
    return ExpressionError(f"{kind} is not allowed in {text!r}", where=where, expected=expected)


def _check_columns(tree: exp.Expr, columns: Collection[str], where: str) -> None:
    for column in tree.find_all(exp.Column):
        if column.table:
            raise ExpressionError(
                f"{column.sql(dialect='duckdb')!r} names a table",
                where=where,
                expected="the bare column",
            )
        if not isinstance(column.this, exp.Star) and column.name not in columns:
            raise UnknownNameError(
                f"unknown column {column.name!r}", where=where, given=column.name, choices=columns
            )


def _check_aggregate(node: exp.Expr, text: str, where: str) -> None:
    written = node.sql(dialect="duckdb")
    if any(type(inner) in AGGREGATES for inner in node.walk() if inner is not node):
        raise ExpressionError(f"an aggregate stands inside another in {text!r}", where=where)
    spare = [key for key, value in node.args.items() if key != "this" and _holds_node(value)]
    distinct = node.this if isinstance(node.this, exp.Distinct) else None
    if spare or (distinct is not None and len(distinct.expressions) != 1):
        raise ExpressionError(f"{written!r} has not one argument", where=where, expected="one")
    rows = node.this is None or isinstance(node.this, exp.Star)
    if not rows and node.find(exp.Column) is None:
        raise ExpressionError(f"{written!r} aggregates no column", where=where)


def _holds_node(value: object) -> bool:
    return isinstance(value, exp.Expr) or (isinstance(value, list) and bool(value))


def _check_outside(tree: exp.Expr, text: str, where: str) -> None:
    """Around the aggregates stands plain arithmetic, and no column."""
    for node in tree.walk():
        if type(node) in AGGREGATES or _inside_aggregate(node):
            continue
        if isinstance(node, exp.Column):
            raise ExpressionError(
                f"column {node.name!r} stands outside the aggregate in {text!r}",
                where=where,
                expected=f"it inside one, such as sum({node.name})",
            )
        if type(node) not in (*ARITHMETIC, exp.Nullif) or _is_odd(node) or _is_text(node):
            raise ExpressionError(
                f"{node.sql(dialect='duckdb')!r} stands around the aggregates in {text!r}",
                where=where,
                expected="+ - * / and nullif there",
            )


def _inside_aggregate(node: exp.Expr) -> bool:
    return node.find_ancestor(*AGGREGATES) is not None

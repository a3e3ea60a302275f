"""Parsing: one expression in DuckDB's SQL read to one tree, or refused in our words."""

from __future__ import annotations

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from opsnb.errors import ExpressionError

LONGEST, DEEPEST = 4000, 200
"""Characters of an expression, and levels of its tree."""


def parse(text: str, where: str) -> exp.Expr:
    """One tree, or an error in our words."""
    if len(text) > LONGEST:
        raise ExpressionError(
            f"the expression has {len(text)} characters",
            where=where,
            expected=f"at most {LONGEST}",
        )
    try:
        statements = sqlglot.parse(text, read="duckdb")
        for statement in filter(None, statements):  # what is read must be writable
            sqlglot.parse(statement.sql(dialect="duckdb"), read="duckdb")
    except SqlglotError as error:
        detail = str(error).splitlines()[0].rstrip(".")
        raise ExpressionError(f"cannot read {text!r}: {detail}", where=where) from None
    except RecursionError:
        raise ExpressionError(f"{text[:40]!r}... is nested too deeply", where=where) from None
    if len(statements) != 1 or ";" in _outside_strings(text):
        raise ExpressionError(
            f"{text!r} holds more than one statement, or a semicolon",
            where=where,
            expected="one expression",
        )
    tree = statements[0]
    if tree is None:
        raise ExpressionError("the expression is empty", where=where)
    if _depth(tree) > DEEPEST:
        raise ExpressionError(f"{text[:40]!r}... is nested too deeply", where=where)
    if any(node.comments for node in tree.walk()) or _has_comment(text):
        raise ExpressionError(
            f"{text!r} holds a comment", where=where, expected="it in the YAML, after #"
        )
    return tree


def _depth(tree: exp.Expr) -> int:
    """Number of levels, found without recursion."""
    depth = {id(tree): 1}
    for node in tree.bfs():
        if node.parent is not None and id(node.parent) in depth:
            depth[id(node)] = depth[id(node.parent)] + 1
    return max(depth.values())


def _outside_strings(text: str) -> str:
    return "".join(part for i, part in enumerate(text.split("'")) if i % 2 == 0)


def _has_comment(text: str) -> bool:
    bare = _outside_strings(text)
    return "--" in bare or "/*" in bare

"""One SQL query a table: every component, for every span and unit that is asked for.

The query reads the table once. Distributive aggregates (sum, count, min, max) are first taken by
unit and month (`cells`) and then rolled up over two small bridges, `units` (ancestor, unit, and,
where a unit has moved, the months in which it stood there) and `spans` (span, month). Distinct
counts do not add up; `opsnb.metrics.distinct` and `packed` count them anew (`d0` ...) for each span
and ancestor. Stocks (`over_time` last or mean) are read from the last day each unit recorded in a
month, never summed over months. Of a series by week or day, read that word for month.

The tree is built from sqlglot nodes: identifiers are quoted, no text is glued.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlglot import exp

from opsnb.data.sql import portable
from opsnb.metrics import bridges, distinct, packed
from opsnb.metrics.components import Component
from opsnb.metrics.request import Request, scan

AGGREGATE: dict[str, type[exp.Expr]] = {
    "sum": exp.Sum,
    "count": exp.Count,
    "min": exp.Min,
    "max": exp.Max,
}
INLINES = ("duckdb", "postgres")
"""Dialects in which a step says that it is to be inlined; others do so unasked."""
MERGE = AGGREGATE | {"count": exp.Sum}


@dataclass(frozen=True)
class Query:
    """SQL tree of one table, and the column that holds each component."""

    tree: exp.Select
    columns: Mapping[str, str]

    def sql(self, dialect: str = "duckdb", *, pretty: bool = False) -> str:
        """Text in a dialect, identifiers quoted."""
        tree: exp.Expr = self.tree
        if dialect != "duckdb":
            tree = portable(tree)
        if dialect not in INLINES:
            for step in tree.find_all(exp.CTE):
                step.set("materialized", None)
        return tree.sql(dialect=dialect, identify=True, pretty=pretty)


def compile_query(request: Request) -> Query:
    """Query for all components of one table: one row a span, unit and combination of `by`.

    Columns: ``span``, ``unit``, the dimensions, ``rows``, and one a component.
    """
    names = {component.id: f"v{i}" for i, component in enumerate(request.components)}
    flows = [c for c in request.components if c.over_time == "sum" and c.function != "distinct"]
    stocks = [c for c in request.components if c.over_time != "sum"]
    uniques = [c for c in request.components if c.function == "distinct"]
    steps: dict[str, exp.Select] = {
        "scan": scan(request),
        "ranges": bridges.ranges(request.spans, request.windows),
        "units": bridges.units(request.units, regrouped=request.is_regrouped),
        "cells": _cells(request, flows, names, "scan"),
        "spans": bridges.spans("cells"),
        "t": _rolled(request, flows, names, "cells"),
    }
    if stocks:
        steps["latest"] = _latest(request)
        steps["stock_cells"] = _cells(request, stocks, names, "latest")
        steps["s"] = _rolled(request, stocks, names, "stock_cells")
    if uniques:
        steps |= _distinct(request, uniques, names)
    home = {c.id: "s" for c in stocks} | {c.id: f"d{i}" for i, c in enumerate(uniques)}
    select = exp.select(
        "t.span", "t.unit", *(f"t.{name}" for name in request.keys_by), "t.rows"
    ).from_("t", copy=False)
    for component in request.components:
        name = names[component.id]
        column: exp.Expr = exp.column(name, table=home.get(component.id, "t"))
        if component.function == "distinct":  # rows without a value count as none
            whole = exp.Coalesce(this=column, expressions=[exp.Literal.number(0)])
            column = exp.alias_(whole, name)
        select = select.select(column, copy=False)
    for other in dict.fromkeys(home.values()):
        select = _join(select, request, other)
    for name, step in steps.items():
        # Inlined, each step reads the columns that it needs, and no copy of the rows is made.
        inlined = False if name == "scan" else None
        select = select.with_(name, as_=step, materialized=inlined, copy=False)
    return Query(select, names)


def _distinct(
    request: Request, components: Sequence[Component], names: Mapping[str, str]
) -> dict[str, exp.Select]:
    """Steps of distinct counts, `d0` and so on."""
    is_packed = request.packed and packed.can_pack(request)
    steps = packed.shared(request) if is_packed else {}
    for i, component in enumerate(components):
        count = packed.steps if is_packed else distinct.steps
        steps |= count(request, component, f"d{i}", names[component.id])
    return steps


def _aggregate(component: Component) -> exp.Expr:
    if component.argument is None:
        return exp.Count(this=exp.Star())
    return AGGREGATE[component.function](this=component.argument.copy())


def _cells(
    request: Request, components: Sequence[Component], names: Mapping[str, str], source: str
) -> exp.Select:
    """Aggregates by unit, month and dimension."""
    select = exp.select(*request.keys, exp.alias_(exp.Count(this=exp.Star()), "rows")).from_(source)
    for component in components:
        select = select.select(exp.alias_(_aggregate(component), names[component.id]))
    return select.group_by(*request.keys)


def _rolled(
    request: Request, components: Sequence[Component], names: Mapping[str, str], source: str
) -> exp.Select:
    """Cells rolled up to spans and ancestors."""
    keys = ["spans.span", "units.unit", *(f"{source}.{name}" for name in request.keys_by)]
    select = exp.select(
        *keys, exp.alias_(exp.Sum(this=exp.column("rows", table=source)), "rows")
    ).from_(source)
    select = select.join("spans", on=f"spans.tick = {source}._tick")
    select = select.join("units", on=bridges.unit_of(source, request))
    for component in components:
        value = exp.column(names[component.id], table=source)
        select = select.select(exp.alias_(_merged(component, value), names[component.id]))
    return select.group_by(*keys)


def _merged(component: Component, value: exp.Expr) -> exp.Expr:
    """How a component's monthly cells make a span's value."""
    merge = MERGE[component.function]
    if component.over_time == "sum":
        return merge(this=value)
    if component.over_time == "last":
        is_last = exp.EQ(
            this=exp.column("is_last", table="spans"), expression=exp.Literal.number(1)
        )
        return merge(this=exp.Case(ifs=[exp.If(this=is_last, true=value)]))
    known = exp.not_(exp.Is(this=value.copy(), expression=exp.Null()))
    month = exp.Case(ifs=[exp.If(this=known, true=exp.column("tick", table="spans"))])
    months = exp.Count(this=exp.Distinct(expressions=[month]))
    return exp.Div(this=exp.Sum(this=value), expression=exp.cast(months, "double"))


def _latest(request: Request) -> exp.Select:
    """Rows of the last day that each unit recorded in each month, week or day."""
    date = exp.column(request.date)
    latest = exp.Max(this=exp.cast(date, "date"))
    known = request.leaf(exp.column("_leaf"))
    days = exp.select(exp.alias_(known, "_known"), "_tick", exp.alias_(latest, "_day"))
    days = days.from_("scan").group_by(exp.Literal.number(1), "_tick")
    of_row = request.leaf(exp.column("_leaf", table="scan"))
    on = exp.and_(
        exp.EQ(this=exp.column("_known", table="last_days"), expression=of_row),
        "last_days._tick = scan._tick",
        exp.EQ(
            this=exp.column("_day", table="last_days"),
            expression=exp.cast(exp.column(request.date, table="scan"), "date"),
        ),
    )
    return exp.select("scan.*").from_("scan").join(days.subquery("last_days"), on=on)


def _join(select: exp.Select, request: Request, other: str) -> exp.Select:
    """Left join on span, unit and dimensions; a missing dimension equals a missing one."""
    on: list[exp.Expr] = []
    for key in ("span", "unit", *request.keys_by):
        equal = exp.NullSafeEQ if key.startswith("_by_") else exp.EQ
        left, right = exp.column(key, table="t"), exp.column(key, table=other)
        on.append(equal(this=left, expression=right))
    return select.join(other, on=exp.and_(*on), join_type="left", copy=False)

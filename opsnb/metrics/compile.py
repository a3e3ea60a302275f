"""One SQL query a table: every component, for every span and unit that is asked for.

The query reads the table once. Distributive aggregates (sum, count, min, max) are first taken by
unit and month (`cells`) and then rolled up over two small bridges, `units` (ancestor, unit, and,
where a unit has moved, the months in which it stood there) and `spans` (span, month). Distinct
counts do not add up, so their values are kept apart (`d0` ...) and counted anew for each span and
ancestor. Stocks (`over_time` last or mean) are read from the last day each unit recorded in a
month, never summed over months.

The tree is built from sqlglot nodes: identifiers are quoted, no text is glued.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlglot import exp

from opsnb.company import Table
from opsnb.metrics import bridges
from opsnb.metrics.components import Component
from opsnb.metrics.spans import Span
from opsnb.units import Above

AGGREGATE: dict[str, type[exp.Expr]] = {
    "sum": exp.Sum,
    "count": exp.Count,
    "min": exp.Min,
    "max": exp.Max,
}
MERGE = AGGREGATE | {"count": exp.Sum}


@dataclass(frozen=True)
class Query:
    """SQL tree of one table, and the column that holds each component."""

    tree: exp.Select
    columns: Mapping[str, str]

    def sql(self, dialect: str = "duckdb", *, pretty: bool = False) -> str:
        """Text in a dialect, identifiers quoted."""
        return self.tree.sql(dialect=dialect, identify=True, pretty=pretty)


@dataclass(frozen=True)
class Request:
    """What is asked of one table.

    Attributes
    ----------
    name : str
        Name of the table in the engine.
    table : Table
    components : sequence of Component
    spans : sequence of Span
    windows : sequence of Span
        Further spans, for the components in `deep` alone (what cumulative metrics look back over).
    units : mapping unit -> its ancestors with itself, and the months in which they are
        ``""`` stands for rows without a known unit.
    by : tuple of str
        Dimensions to split by.
    """

    name: str
    table: Table
    components: Sequence[Component]
    spans: Sequence[Span]
    units: Mapping[str, Sequence[Above]]
    by: tuple[str, ...] = ()
    windows: Sequence[Span] = ()
    deep: frozenset[str] = frozenset()

    @property
    def date(self) -> str:
        """Column that says when."""
        return str(self.table.date)


def compile_query(request: Request) -> Query:
    """Query for all components of one table: one row a span, unit and combination of `by`.

    Columns: ``span``, ``unit``, the dimensions, ``rows``, and one a component.
    """
    names = {component.id: f"v{i}" for i, component in enumerate(request.components)}
    flows = [c for c in request.components if c.over_time == "sum" and c.function != "distinct"]
    stocks = [c for c in request.components if c.over_time != "sum"]
    distinct = [c for c in request.components if c.function == "distinct"]
    steps: dict[str, exp.Select] = {
        "scan": _scan(request),
        "ranges": bridges.ranges(request.spans, request.windows),
        "units": bridges.units(request.units),
        "cells": _cells(request, flows, names, "scan"),
        "spans": bridges.spans("cells"),
        "t": _rolled(request, flows, names, "cells"),
    }
    if stocks:
        steps["latest"] = _latest(request)
        steps["stock_cells"] = _cells(request, stocks, names, "latest")
        steps["s"] = _rolled(request, stocks, names, "stock_cells")
    for i, component in enumerate(distinct):
        steps[f"d{i}_values"] = _values(request, component)
        steps[f"d{i}"] = _counted(request, component, names[component.id], f"d{i}_values")
    home = {c.id: "s" for c in stocks} | {c.id: f"d{i}" for i, c in enumerate(distinct)}
    select = exp.select(
        "t.span", "t.unit", *(f"t.{name}" for name in _by(request)), "t.rows"
    ).from_("t", copy=False)
    for component in request.components:
        column = exp.column(names[component.id], table=home.get(component.id, "t"))
        select = select.select(column, copy=False)
    for other in dict.fromkeys(home.values()):
        select = _join(select, request, other)
    for name, step in steps.items():
        select = select.with_(name, as_=step, copy=False)
    return Query(select, names)


def _by(request: Request) -> list[str]:
    return [f"_by_{i}" for i in range(len(request.by))]


def _keys(request: Request) -> list[str]:
    return ["_leaf", "_month", *_by(request)]


def _scan(request: Request) -> exp.Select:
    """Rows of the months that are needed, with month, known unit and dimensions beside them."""
    reach = [*request.spans, *request.windows]
    first, last = min(span.first for span in reach), max(span.last for span in reach)
    date = exp.column(request.date)
    select = exp.select(exp.Star()).from_(exp.table_(request.name, quoted=True))
    select = select.select(exp.alias_(_month(date), "_month"), exp.alias_(_leaf(request), "_leaf"))
    for i, name in enumerate(request.by):
        select = select.select(exp.alias_(exp.column(name), f"_by_{i}"))
    return select.where(
        exp.GTE(this=date, expression=_day(first)),
        exp.LT(this=date.copy(), expression=_day(last + 1)),
    )


def _month(date: exp.Expr) -> exp.Expr:
    """Ordinal of the month: 12 * year + month - 1."""
    year = exp.Mul(
        this=exp.Literal.number(12),
        expression=exp.Extract(this=exp.var("YEAR"), expression=date.copy()),
    )
    month = exp.Extract(this=exp.var("MONTH"), expression=date.copy())
    return exp.cast(
        exp.Sub(this=exp.Add(this=year, expression=month), expression=exp.Literal.number(1)), "int"
    )


def _leaf(request: Request) -> exp.Expr:
    """Unit of the row where it is a known one, else the empty text, which only the root holds."""
    if request.table.unit is None:
        return exp.Literal.string("")
    column = exp.column(request.table.unit)
    known = [exp.Literal.string(unit) for unit in request.units if unit]
    if not known:
        return exp.Literal.string("")
    inside = exp.In(this=column, expressions=known)
    return exp.Case(ifs=[exp.If(this=inside, true=column.copy())], default=exp.Literal.string(""))


def _day(ordinal: int) -> exp.Expr:
    return exp.cast(
        exp.Literal.string(dt.date(ordinal // 12, ordinal % 12 + 1, 1).isoformat()), "date"
    )


def _aggregate(component: Component) -> exp.Expr:
    if component.argument is None:
        return exp.Count(this=exp.Star())
    return AGGREGATE[component.function](this=component.argument.copy())


def _cells(
    request: Request, components: Sequence[Component], names: Mapping[str, str], source: str
) -> exp.Select:
    """Aggregates by unit, month and dimension."""
    select = exp.select(*_keys(request), exp.alias_(exp.Count(this=exp.Star()), "rows")).from_(
        source
    )
    for component in components:
        select = select.select(exp.alias_(_aggregate(component), names[component.id]))
    return select.group_by(*_keys(request))


def _rolled(
    request: Request, components: Sequence[Component], names: Mapping[str, str], source: str
) -> exp.Select:
    """Cells rolled up to spans and ancestors."""
    keys = ["spans.span", "units.unit", *(f"{source}.{name}" for name in _by(request))]
    select = exp.select(
        *keys, exp.alias_(exp.Sum(this=exp.column("rows", table=source)), "rows")
    ).from_(source)
    select = select.join("spans", on=f"spans.month = {source}._month")
    select = select.join("units", on=bridges.unit_of(source, request.units))
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
    month = exp.Case(ifs=[exp.If(this=known, true=exp.column("month", table="spans"))])
    months = exp.Count(this=exp.Distinct(expressions=[month]))
    return exp.Div(this=exp.Sum(this=value), expression=exp.cast(months, "double"))


def _latest(request: Request) -> exp.Select:
    """Rows of the last day that each unit recorded in each month."""
    date = exp.column(request.date)
    latest = exp.Max(this=exp.cast(date, "date"))
    days = exp.select("_leaf", "_month", exp.alias_(latest, "_day")).from_("scan")
    on = exp.and_(
        "last_days._leaf = scan._leaf",
        "last_days._month = scan._month",
        exp.EQ(
            this=exp.column("_day", table="last_days"),
            expression=exp.cast(exp.column(request.date, table="scan"), "date"),
        ),
    )
    last_days = days.group_by("_leaf", "_month").subquery("last_days")
    return exp.select("scan.*").from_("scan").join(last_days, on=on)


def _values(request: Request, component: Component) -> exp.Select:
    """Values to be counted, each once a unit, month and dimension."""
    assert component.argument is not None  # noqa: S101 - a distinct count has an argument
    value = exp.alias_(component.argument.copy(), "value")
    return exp.select(*_keys(request), value).from_("scan").distinct()


def _counted(request: Request, component: Component, name: str, source: str) -> exp.Select:
    keys = ["spans.span", "units.unit", *(f"{source}.{by}" for by in _by(request))]
    count = exp.Count(this=exp.Distinct(expressions=[exp.column("value", table=source)]))
    select = exp.select(*keys, exp.alias_(count, name)).from_(source)
    select = select.join("spans", on=f"spans.month = {source}._month")
    if component.id not in request.deep:
        asked = exp.EQ(this=exp.column("asked", table="spans"), expression=exp.Literal.number(1))
        select = select.where(asked)
    return select.join("units", on=bridges.unit_of(source, request.units)).group_by(*keys)


def _join(select: exp.Select, request: Request, other: str) -> exp.Select:
    """Left join on span, unit and dimensions; a missing dimension equals a missing one."""
    on: list[exp.Expr] = []
    for key in ("span", "unit", *_by(request)):
        equal = exp.NullSafeEQ if key.startswith("_by_") else exp.EQ
        left, right = exp.column(key, table="t"), exp.column(key, table=other)
        on.append(equal(this=left, expression=right))
    return select.join(other, on=exp.and_(*on), join_type="left", copy=False)

"""Distinct counts: they do not add up, so their values are kept and counted anew.

Each value is kept once a unit, month and dimension, and counted again for every span and ancestor.
Where the units are few, `opsnb.metrics.packed` finds the same numbers faster.
"""

from __future__ import annotations

from sqlglot import exp

from opsnb.metrics import bridges
from opsnb.metrics.components import Component
from opsnb.metrics.request import Request


def steps(request: Request, component: Component, name: str, column: str) -> dict[str, exp.Select]:
    """Steps of the query that end in `name`: span, unit, dimensions, and the count as `column`."""
    values = f"{name}_values"
    return {values: _values(request, component), name: _counted(request, component, values, column)}


def argument_of(component: Component) -> exp.Expr:
    """What is counted."""
    assert component.argument is not None  # noqa: S101 - a distinct count has an argument
    return component.argument.copy()


def in_spans(select: exp.Select, request: Request, component: Component, source: str) -> exp.Select:
    """`select` from `source` joined to the spans in which the component is asked for."""
    tick = exp.EQ(
        this=exp.column("tick", table="spans"), expression=exp.column("_tick", table=source)
    )
    select = select.join("spans", on=tick)
    if component.id in request.deep:
        return select
    asked = exp.column("asked", table="spans")
    return select.where(exp.EQ(this=asked, expression=exp.Literal.number(1)))


def _values(request: Request, component: Component) -> exp.Select:
    """Values to be counted, each once a unit, month and dimension."""
    value = exp.alias_(argument_of(component), "value")
    return exp.select(*request.keys, value).from_("scan").distinct()


def _counted(request: Request, component: Component, source: str, column: str) -> exp.Select:
    keys = ["spans.span", "units.unit", *(f"{source}.{by}" for by in request.keys_by)]
    count = exp.Count(this=exp.Distinct(expressions=[exp.column("value", table=source)]))
    select = exp.select(*keys, exp.alias_(count, column)).from_(source)
    select = in_spans(select, request, component, source)
    return select.join("units", on=bridges.unit_of(source, request)).group_by(*keys)

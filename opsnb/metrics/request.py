"""Request: what is asked of one table, and the expressions that all steps of its query share."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from sqlglot import exp

from opsnb.company import Table
from opsnb.data.sql import as_date, day_of, month_of, week_of
from opsnb.metrics.components import Component
from opsnb.metrics.spans import Grain, Span
from opsnb.units import Above


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
        All of one grain.
    windows : sequence of Span
        Further spans, for the components in `deep` alone (what cumulative metrics look back over).
    units : mapping unit -> its ancestors with itself, and the months in which they are
        ``""`` stands for rows without a known unit.
    by : tuple of str
        Dimensions to split by.
    packed : bool
        Whether distinct values may be counted by bits; see `opsnb.metrics.packed`.
    """

    name: str
    table: Table
    components: Sequence[Component]
    spans: Sequence[Span]
    units: Mapping[str, Sequence[Above]]
    by: tuple[str, ...] = ()
    windows: Sequence[Span] = ()
    deep: frozenset[str] = frozenset()
    packed: bool = False

    @property
    def date(self) -> str:
        """Column that says when."""
        return str(self.table.date)

    @property
    def grain(self) -> Grain:
        """What spans are made of."""
        return self.spans[0].grain

    @cached_property
    def reach(self) -> Span:
        """From the first to the last of all spans."""
        every = [*self.spans, *self.windows]
        first, last = min(span.first for span in every), max(span.last for span in every)
        return Span(first, last, self.grain)

    @cached_property
    def is_regrouped(self) -> bool:
        """Whether some unit has moved from one parent to another."""
        return any(not above.is_always for path in self.units.values() for above in path)

    @property
    def month(self) -> str:
        """Column that says by which month's tree a row counts."""
        return "_tick" if self.grain == "month" else "_month"

    @property
    def keys_by(self) -> list[str]:
        """Columns of the dimensions."""
        return [f"_by_{i}" for i in range(len(self.by))]

    @property
    def keys(self) -> list[str]:
        """What tells one cell from another."""
        months = ["_month"] if self.is_regrouped and self.grain != "month" else []
        return ["_leaf", "_tick", *months, *self.keys_by]

    def leaf(self, value: exp.Expr) -> exp.Expr:
        """`value` where it is a known unit, else the empty text, which only the root holds."""
        known = [exp.Literal.string(unit) for unit in self.units if unit]
        if self.table.unit is None or not known:
            return exp.Literal.string("")
        inside = exp.In(this=value.copy(), expressions=known)
        whole = [exp.If(this=inside, true=value.copy())]
        return exp.Case(ifs=whole, default=exp.Literal.string(""))


def scan(request: Request) -> exp.Select:
    """Rows of the time that is needed, with tick, unit and dimensions beside them.

    ``_tick`` is the ordinal of the row's month, week or day; ``_leaf`` its unit as it stands there,
    be it known or not: what is known is asked of cells, which are few.
    """
    date = exp.column(request.date)
    select = exp.select(exp.Star()).from_(exp.table_(request.name, quoted=True))
    select = select.select(exp.alias_(_tick(date, request.grain), "_tick"), copy=False)
    if request.is_regrouped and request.grain != "month":
        select = select.select(exp.alias_(month_of(date), "_month"), copy=False)
    unit = request.table.unit
    place = exp.Literal.string("") if unit is None else exp.column(unit)
    select = select.select(exp.alias_(place, "_leaf"), copy=False)
    for name, column in zip(request.keys_by, request.by, strict=True):
        select = select.select(exp.alias_(exp.column(column), name), copy=False)
    after = request.reach.end + dt.timedelta(days=1)
    return select.where(
        exp.GTE(this=date, expression=as_date(request.reach.start)),
        exp.LT(this=date.copy(), expression=as_date(after)),
    )


def _tick(date: exp.Expr, grain: Grain) -> exp.Expr:
    if grain == "month":
        return month_of(date)
    return day_of(date) if grain == "day" else week_of(date)

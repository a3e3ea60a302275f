"""Behind one number: the rows that it is made of, and one plain query that gives it.

What `opsnb.metrics.compile` asks for all metrics, spans and units at once is asked here for one of
them, row by row: a second derivation, and one that a reader can run.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlglot import exp

from opsnb.company import Table
from opsnb.data.expressions import condition
from opsnb.data.readers.text import FILE, RECORD
from opsnb.data.sql import as_date, column, literal, month_of, table_named
from opsnb.metrics.catalogue import Catalogue
from opsnb.metrics.components import Component
from opsnb.metrics.spans import Span
from opsnb.units import Above

Tree = Mapping[str, Sequence[Above]]
Window = Callable[[str, Span], Span]
AGGREGATES: dict[str, type[exp.Expr]] = {
    "sum": exp.Sum,
    "count": exp.Count,
    "min": exp.Min,
    "max": exp.Max,
}
LAST_DAY, MONTH = "_last_day", "_month"


@dataclass(frozen=True)
class Place:
    """Rows that components are taken from: of one table, some months, and what a filter keeps.

    Attributes
    ----------
    over_time : {"sum", "last", "mean"}
        Of stocks only the rows of the last day that a unit recorded in a month.
    filter : str
        Condition of the metric; empty without one.
    """

    table: str
    span: Span
    over_time: str = "sum"
    filter: str = ""

    @property
    def is_stock(self) -> bool:
        """Whether only the last day of a month counts."""
        return self.over_time != "sum"

    @property
    def months(self) -> Span:
        """Months whose rows count: of a stock's last value, the last one."""
        return Span(self.span.last, self.span.last) if self.over_time == "last" else self.span


class Behind:
    """What stands behind the numbers of one unit.

    Parameters
    ----------
    catalogue : Catalogue
    tree : mapping unit -> ancestors with itself, and the months in which they are
        As :attr:`opsnb.units.Units.bridge` has it.
    window : callable metric, span -> Span
        Months that a cumulative metric looks at.
    unit, root : str
    """

    def __init__(
        self, catalogue: Catalogue, tree: Tree, window: Window, unit: str, root: str
    ) -> None:
        self.catalogue, self.tree, self.window = catalogue, tree, window
        self.unit, self.root = unit, root

    def places(self, metric: str, span: Span) -> dict[Place, list[Component]]:
        """Components of the metric and of what it is made of, by where their rows are."""
        found: dict[Place, list[Component]] = {}
        for place, component in self._leaves(metric, span):
            here = found.setdefault(place, [])
            here += [component] if component.id not in {c.id for c in here} else []
        return found

    def query(self, metric: str, span: Span) -> exp.Select:
        """One query whose one value is the metric over `span`."""
        value = exp.alias_(self._value(metric, span), metric, quoted=True)
        sources = self._sources(metric, span)
        if len(sources) > 1:
            return exp.select(value)
        return self._from(next(iter(sources)), exp.select(value))

    def rows(self, place: Place, components: Sequence[Component]) -> exp.Select:
        """Rows of a place: file, record, month, the columns used, and what each adds (``_c0`` ...).

        A row that adds nothing to any of the components is left out.
        """
        keep = [self._keep(place)] if place.filter else []
        select = exp.select(FILE, RECORD, exp.alias_(self._month(place), MONTH))
        select = select.select(*(column(name) for name in self.columns(place, components)))
        adds = [exp.alias_(_added(c), f"_c{i}") for i, c in enumerate(components)]
        inner = self._from(place, select.select(*adds)).where(*keep).subquery("behind")
        given = [exp.not_(_is_null(column(f"_c{i}"))) for i in range(len(components))]
        whole = exp.select("*").from_(inner).where(exp.or_(*given))
        return whole.order_by(FILE, RECORD)

    def totals(self, place: Place, components: Sequence[Component]) -> exp.Select:
        """Number of the rows of a place, and each component over all of them."""
        source = self.rows(place, components).subquery("rows")
        values = [
            exp.alias_(_over(c, column(f"_c{i}"), place, column(MONTH)), f"_c{i}")
            for i, c in enumerate(components)
        ]
        count = exp.alias_(exp.Count(this=exp.Star()), "rows")
        return exp.select(count, *values).from_(source)

    def columns(self, place: Place, components: Sequence[Component]) -> list[str]:
        """Columns that the components use, with date and unit before them."""
        table = self._table(place)
        used = [str(table.date), *([table.unit] if table.unit else [])]
        trees = [c.argument for c in components if c.argument is not None]
        trees += [self._keep(place)] if place.filter else []
        used += [node.name for tree in trees for node in tree.find_all(exp.Column)]
        return list(dict.fromkeys(used))

    def _table(self, place: Place) -> Table:
        return self.catalogue.company.tables[place.table]

    def _keep(self, place: Place) -> exp.Expr:
        columns = self.catalogue.company.columns(place.table)
        return condition(place.filter, columns, f"table {place.table!r}")

    def _leaves(self, metric: str, span: Span) -> Iterator[tuple[Place, Component]]:
        definition, formula = self.catalogue.metrics[metric], self.catalogue.formulas[metric]
        inside = self.inside(metric, span)
        for component in formula.components.values():
            keep = definition.filter or ""
            yield Place(component.table, span, component.over_time, keep), component
        for name in formula.metrics.values():
            yield from self._leaves(name, inside)

    def inside(self, metric: str, span: Span) -> Span:
        """Months that the parts of a metric are measured over."""
        is_cumulative = self.catalogue.metrics[metric].kind == "cumulative"
        return self.window(metric, span) if is_cumulative else span

    def _sources(self, metric: str, span: Span) -> list[Place]:
        """Places without their filters, which are part of what is aggregated."""
        found = (Place(p.table, p.span, p.over_time) for p, _ in self._leaves(metric, span))
        return list(dict.fromkeys(found))

    def _value(self, metric: str, span: Span) -> exp.Expr:
        """Metric as an expression: over one source as aggregates, else of queries of its own."""
        formula, inside = self.catalogue.formulas[metric], self.inside(metric, span)
        tree = formula.tree.copy()
        is_one = len(self._sources(metric, span)) == 1

        def replace(node: exp.Expr) -> exp.Expr:
            if not isinstance(node, exp.Column):
                return node
            if node.name in formula.metrics:
                part = formula.metrics[node.name]
                if is_one or len(self._sources(part, inside)) > 1:
                    value = self._value(part, inside)
                    return exp.paren(value) if isinstance(value, exp.Binary) else value
                query: exp.Expr = self.query(part, inside).subquery()
                return query
            component = formula.components[node.name]
            place = Place(component.table, span, component.over_time)
            month = self._month(place)
            value = _over(component, _added(component), place, month)
            if not is_one:
                return self._from(place, exp.select(value)).subquery()
            return exp.paren(value) if node.parent and isinstance(value, exp.Binary) else value

        return tree.transform(_bare).transform(replace)

    def _from(self, place: Place, select: exp.Select) -> exp.Select:
        """The select over the rows of a place."""
        conditions = [*self._dates(place, place.months), *self._belongs(place)]
        if not place.is_stock:
            return select.from_(table_named(place.table)).where(*conditions)
        day, months = self._day(place), place.months
        parts = [self._leaf(place)]
        parts += [self._month(place)] if months.first < months.last else []
        latest = exp.Window(this=exp.Max(this=day), partition_by=parts)
        inner = exp.select("*", exp.alias_(latest, LAST_DAY)).from_(table_named(place.table))
        source = inner.where(*conditions).subquery(place.table)
        return select.from_(source).where(exp.EQ(this=day.copy(), expression=column(LAST_DAY)))

    def _below(self, months: Span) -> Iterator[tuple[str, Above]]:
        """Units that count for this one in some of the months, and when."""
        for leaf, path in self.tree.items():
            for above in path:
                inside = above.first <= months.last and months.first <= above.last
                if above.unit == self.unit and inside:
                    yield leaf, above

    def _dates(self, place: Place, months: Span) -> list[exp.Expr]:
        date = column(str(self._table(place).date))
        return [
            exp.GTE(this=date, expression=_day(months.first)),
            exp.LT(this=date.copy(), expression=_day(months.last + 1)),
        ]

    def _day(self, place: Place) -> exp.Expr:
        table = self._table(place)
        date, known = column(str(table.date)), table.columns.get(str(table.date))
        return date if known is not None and known.type == "date" else exp.cast(date, "date")

    def _month(self, place: Place) -> exp.Expr:
        return month_of(column(str(self._table(place).date)))

    def _leaf(self, place: Place) -> exp.Expr:
        """Unit of a row where it is a known one, else the empty text."""
        name, known = self._table(place).unit, [literal(unit) for unit in self.tree if unit]
        if name is None or not known:
            return literal("")
        if self.unit != self.root:  # only rows of known units are left
            return column(name)
        inside = exp.In(this=column(name), expressions=known)
        return exp.Case(ifs=[exp.If(this=inside, true=column(name))], default=literal(""))

    def _belongs(self, place: Place) -> list[exp.Expr]:
        """Whether a row counts for the unit: by the unit it names, as that stood in its month."""
        if self.unit == self.root:
            return []
        name, months = self._table(place).unit, place.months
        if name is None:
            return [exp.false()]
        always: list[exp.Expr] = []
        moved: list[exp.Expr] = []
        for leaf, above in self._below(months):
            here = literal(leaf)
            if above.first <= months.first and months.last <= above.last:
                always.append(here)
                continue
            stood = Span(max(above.first, months.first), min(above.last, months.last))
            named = exp.EQ(this=column(name), expression=here)
            moved.append(exp.and_(named, *self._dates(place, stood)))
        parts: list[exp.Expr] = [*_one_of(column(name), always), *moved]
        if len(parts) < 2:
            return parts or [exp.false()]
        return [exp.paren(exp.or_(*parts))]


def _bare(node: exp.Expr) -> exp.Expr:
    """Without the brackets around a name alone."""
    is_bracketed = isinstance(node, exp.Paren) and isinstance(node.this, exp.Column)
    return node.this if is_bracketed else node


def _day(ordinal: int) -> exp.Expr:
    return as_date(dt.date(ordinal // 12, ordinal % 12 + 1, 1))


def _one_of(value: exp.Expr, choices: list[exp.Expr]) -> list[exp.Expr]:
    """Condition that `value` is one of `choices`; none without any."""
    if len(choices) == 1:
        return [exp.EQ(this=value, expression=choices[0])]
    return [exp.In(this=value, expressions=choices)] if choices else []


def _is_null(node: exp.Expr) -> exp.Expr:
    return exp.Is(this=node, expression=exp.Null())


def _added(component: Component) -> exp.Expr:
    """What one row adds to a component; 1 where rows are counted."""
    return literal(1) if component.argument is None else component.argument.copy()


def _over(component: Component, value: exp.Expr, place: Place, month: exp.Expr) -> exp.Expr:
    """A component over rows of which each adds `value`."""
    if component.function == "distinct":
        return exp.Count(this=exp.Distinct(expressions=[value]))
    is_plain = component.argument is None and isinstance(value, exp.Literal)
    whole: exp.Expr = AGGREGATES[component.function](this=exp.Star() if is_plain else value)
    if place.over_time != "mean" or place.span.first == place.span.last:
        return whole
    counted: exp.Expr = month
    if component.function != "count":
        there = exp.not_(_is_null(value.copy()))
        counted = exp.Case(ifs=[exp.If(this=there, true=month)])
    months = exp.Count(this=exp.Distinct(expressions=[counted]))
    return exp.Div(this=whole, expression=exp.cast(months, "double"))

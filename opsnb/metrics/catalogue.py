"""Catalogue: the metrics of a company with every reference resolved and every measure checked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from sqlglot import exp

from opsnb.company import Company, Metric
from opsnb.errors import ExpressionError, SettingsError, UnknownNameError
from opsnb.metrics.expressions import AGGREGATES, arithmetic, condition, is_name, measure

LINEAR = (exp.Column, exp.Identifier, exp.Paren, exp.Neg, exp.Add, exp.Sub)


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
    argument: exp.Expression | None
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

    tree: exp.Expression
    components: Mapping[str, Component]
    metrics: Mapping[str, str]


class Catalogue:
    """Metrics of a company, checked as a whole.

    Parameters
    ----------
    company : Company

    Raises
    ------
    ExpressionError, UnknownNameError, SettingsError
        From :meth:`check`, naming file and line.
    """

    def __init__(self, company: Company) -> None:
        self.company = company

    @cached_property
    def metrics(self) -> dict[str, Metric]:
        """Definitions by id."""
        return self.company.metrics

    @cached_property
    def formulas(self) -> dict[str, Formula]:
        """Formula of every metric; reading it checks them all."""
        found = {name: self._formula(name) for name in self.metrics}
        for name in found:
            self._refuse_circle(name, found, ())
        return found

    def check(self) -> None:
        """Read every definition now rather than when it is first used."""
        _ = self.formulas

    def definition(self, name: str) -> Metric:
        """Definition of the metric `name`.

        Raises
        ------
        UnknownNameError
            With the nearest match.
        """
        try:
            return self.metrics[name]
        except KeyError:
            raise UnknownNameError(f"unknown metric {name!r}", where="metrics.yaml", given=name, choices=self.metrics) from None

    def needed(self, names: Iterable[str]) -> list[str]:
        """`names` and all metrics they are made of, parts first."""
        order: dict[str, None] = {}

        def visit(name: str) -> None:
            self.definition(name)
            for part in self.formulas[name].metrics.values():
                visit(part)
            order.setdefault(name)

        for name in names:
            visit(name)
        return list(order)

    def tables(self, name: str) -> list[str]:
        """Tables that the metric reads, in order of first use."""
        found: dict[str, None] = {}
        for part in self.needed([name]):
            for component in self.formulas[part].components.values():
                found.setdefault(component.table)
        return list(found)

    def is_additive(self, name: str) -> bool:
        """Whether months of the metric add up to the year: sums and counts, and their differences."""
        metric, formula = self.definition(name), self.formulas[name]
        if metric.kind in ("ratio", "cumulative"):
            return False
        linear = all(type(node) in LINEAR for node in formula.tree.walk())
        flows = all(c.function in ("sum", "count") and c.over_time == "sum" for c in formula.components.values())
        return linear and flows and all(self.is_additive(part) for part in formula.metrics.values())

    def text(self, name: str) -> str:
        """Formula as the settings give it."""
        metric = self.definition(name)
        if metric.kind == "simple":
            text = metric.measure or ""
        elif metric.kind == "ratio":
            text = f"{metric.numerator} / {metric.denominator}"
        elif metric.kind == "derived":
            text = metric.expression or ""
        else:
            span = f"{metric.window} months" if metric.window else f"{metric.to_date} to date"
            text = f"{metric.metric} over {span}"
        return f"{text} where {metric.filter}" if metric.filter else text

    def _place(self, name: str, key: str) -> str:
        return self.company.place("metrics.yaml", "metrics", name, key)

    def _formula(self, name: str) -> Formula:
        metric = self.metrics[name]
        if metric.kind == "simple":
            tree, components = self._measure(name, "measure", metric.measure or "")
            return Formula(tree, components, {})
        if metric.kind == "ratio":
            return self._ratio(name)
        if metric.kind == "cumulative":
            base = self._reference(name, "metric", metric.metric or "")
            if self.metrics[base].kind == "cumulative":
                raise SettingsError(
                    f"metric {name!r} accumulates {base!r}, which is cumulative itself",
                    where=self._place(name, "metric"), expected="a simple, ratio or derived metric",
                )  # fmt: skip
            return Formula(exp.column(base), {}, {base: base})
        tree = arithmetic(metric.expression or "", self.metrics, self._place(name, "expression"))
        used = {column.name for column in tree.find_all(exp.Column)}
        return Formula(tree, {}, {metric_id: metric_id for metric_id in sorted(used)})

    def _ratio(self, name: str) -> Formula:
        metric = self.metrics[name]
        components: dict[str, Component] = {}
        metrics: dict[str, str] = {}
        sides: list[exp.Expression] = []
        for key in ("numerator", "denominator"):
            text = getattr(metric, key)
            if is_name(text):
                base = self._reference(name, key, text.strip())
                metrics[base] = base
                sides.append(exp.column(base))
            else:
                tree, found = self._measure(name, key, text, prefix=key)
                components |= found
                sides.append(exp.paren(tree))
        return Formula(exp.Div(this=sides[0], expression=sides[1]), components, metrics)

    def _reference(self, name: str, key: str, target: str) -> str:
        if target not in self.metrics:
            raise UnknownNameError(
                f"metric {name!r}: {key} names the unknown metric {target!r}",
                where=self._place(name, key), given=target, choices=self.metrics,
            )  # fmt: skip
        return target

    def _measure(
        self, name: str, key: str, text: str, prefix: str = "c"
    ) -> tuple[exp.Expression, dict[str, Component]]:
        """Tree over component names, and the components, of a measure as the settings give it."""
        metric, where = self.metrics[name], self._place(name, key)
        table = self._table(name)
        columns = self.company.tables[table].columns
        tree = measure(text, columns, where)
        keep = None
        if metric.filter is not None:
            keep = condition(metric.filter, columns, self._place(name, "filter"))
        components: dict[str, Component] = {}

        def replace(node: exp.Expression) -> exp.Expression:
            if type(node) not in AGGREGATES:
                return node
            names = []
            for part in _components(node, table, keep, metric.over_time):
                if part.function == "distinct" and metric.over_time != "sum":
                    raise ExpressionError(
                        f"{name!r} counts distinct values and has over_time: {metric.over_time}",
                        where=where, expected="over_time: sum, which counts them anew over the whole period",
                    )  # fmt: skip
                names.append(f"{prefix}{len(components)}")
                components[names[-1]] = part
            parts: list[exp.Expression] = [exp.column(n) for n in names]
            return parts[0] if len(parts) == 1 else exp.paren(exp.Div(this=parts[0], expression=parts[1]))

        return tree.transform(replace), components

    def _table(self, name: str) -> str:
        metric = self.metrics[name]
        table = metric.table
        if table is None:
            raise SettingsError(
                f"metric {name!r} aggregates columns but names no table",
                where=self._place(name, "label"), expected="the key table", choices=self.company.tables,
            )  # fmt: skip
        if table not in self.company.tables:
            raise UnknownNameError(
                f"metric {name!r}: unknown table {table!r}",
                where=self._place(name, "table"), given=table, choices=self.company.tables,
            )  # fmt: skip
        return table

    def _refuse_circle(self, name: str, formulas: Mapping[str, Formula], path: tuple[str, ...]) -> None:
        if name in path:
            circle = " -> ".join((*path[path.index(name) :], name))
            raise SettingsError(f"metrics refer to each other in a circle: {circle}", where=self._place(name, "label"))
        for part in formulas[name].metrics.values():
            self._refuse_circle(part, formulas, (*path, name))


def _components(
    node: exp.Expression, table: str, keep: exp.Expression | None, over_time: str
) -> list[Component]:
    """Distributive parts of one aggregate: an average is a sum over a count."""
    argument = node.this
    if isinstance(node, exp.Count):
        if isinstance(argument, exp.Star):
            return [Component(table, "count", _kept(None, keep), over_time)]
        if isinstance(argument, exp.Distinct):
            return [Component(table, "distinct", _kept(argument.expressions[0], keep), over_time)]
        return [Component(table, "count", _kept(argument, keep), over_time)]
    if isinstance(node, exp.CountIf):
        both = argument if keep is None else exp.and_(argument, keep)
        return [Component(table, "count", _kept(None, both), over_time)]
    if isinstance(node, exp.Sum):
        return [Component(table, "sum", _kept(argument, keep, otherwise=0), over_time)]
    kept = _kept(argument, keep)
    if isinstance(node, exp.Avg):
        return [Component(table, "sum", kept, over_time), Component(table, "count", kept, over_time)]
    return [Component(table, type(node).__name__.lower(), kept, over_time)]


def _kept(
    argument: exp.Expression | None, keep: exp.Expression | None, otherwise: int | None = None
) -> exp.Expression | None:
    """`argument` where the filter holds; elsewhere null, or 0 in a sum (none kept sums to 0)."""
    if keep is None:
        return None if argument is None else argument.copy()
    value = exp.Literal.number(1) if argument is None else argument.copy()
    default = None if otherwise is None else exp.Literal.number(otherwise)
    return exp.Case(ifs=[exp.If(this=keep.copy(), true=value)], default=default)

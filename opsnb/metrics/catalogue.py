"""Catalogue: the metrics of a company with every reference resolved and every measure checked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from graphlib import CycleError, TopologicalSorter

from sqlglot import exp

from opsnb.company import Company, Metric
from opsnb.data.expressions import AGGREGATES, arithmetic, condition, is_name, measure
from opsnb.errors import OpsnbError, SettingsError, UnknownNameError
from opsnb.metrics import attributions
from opsnb.metrics.components import Component, Formula, check_over_time, components_of

LINEAR = (exp.Column, exp.Identifier, exp.Paren, exp.Neg, exp.Add, exp.Sub)
FLOWS = ("sum", "count")


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
        """Definitions by id, those that attributions need beside the company's own."""
        return self.company.metrics | attributions.hidden(self.company.metrics)

    @cached_property
    def formulas(self) -> dict[str, Formula]:
        """Formula of every metric; reading it checks them all."""
        found = {name: self._formula(name) for name in self.metrics}
        try:
            order = list(TopologicalSorter(_parts(found)).static_order())
        except CycleError as error:
            first, *rest = reversed(error.args[1])
            raise SettingsError(
                f"metrics refer to each other in a circle: {' -> '.join((first, *rest))}",
                where=self.place(first, "label"),
            ) from None
        self._refuse_towers(found, order)
        return found

    def faults(self) -> list[OpsnbError]:
        """Everything that is wrong with the definitions, one fault a metric."""
        found: list[OpsnbError] = []
        for name in self.metrics:
            try:
                self._formula(name)
            except OpsnbError as error:
                found.append(error)
        try:
            self.check()
        except OpsnbError as error:
            found = found or [error]
        return found

    def check(self) -> None:
        """Read every definition now rather than when it is first used."""
        _ = self.formulas
        attributions.check(self)

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
            raise UnknownNameError(
                f"unknown metric {name!r}",
                where="metrics.yaml",
                given=name,
                choices=self.company.metrics,
            ) from None

    def needed(self, names: Iterable[str]) -> list[str]:
        """`names` and all metrics they are made of, parts first."""
        graph: dict[str, tuple[str, ...]] = {}
        waiting = list(names)
        while waiting:
            name = waiting.pop(0)
            if name not in graph:
                self.definition(name)
                graph[name] = tuple(self.formulas[name].metrics.values())
                waiting += graph[name]
        return list(TopologicalSorter(graph).static_order())

    def tables(self, name: str) -> list[str]:
        """Tables that the metric reads, in order of first use."""
        found: dict[str, None] = {}
        for part in self.needed([name]):
            for component in self.formulas[part].components.values():
                found.setdefault(component.table)
        return list(found)

    def is_additive(self, name: str) -> bool:
        """Whether months of the metric add up to the year: sums, counts and their differences."""
        return all(self._adds_up(part) for part in self.needed([name]))

    def adds_over_elements(self, name: str) -> bool:
        """Whether elements of a dimension add up to the metric: also those of a stock do."""
        return all(self._is_linear(part) for part in self.needed([name]))

    def _adds_up(self, name: str) -> bool:
        components = self.formulas[name].components.values()
        return self._is_linear(name) and all(c.over_time == "sum" for c in components)

    def _is_linear(self, name: str) -> bool:
        """Whether it is made of sums and counts, added and subtracted."""
        formula = self.formulas[name]
        return (
            self.metrics[name].kind in ("simple", "derived")
            and all(type(node) in LINEAR for node in formula.tree.walk())
            and all(c.function in FLOWS for c in formula.components.values())
        )

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

    def place(self, name: str, key: str) -> str:
        """File and line of a key of the metric `name`, for an error."""
        name, _, hidden = name.partition(".")
        at = ("attribution", hidden) if hidden == "quantity" else (hidden or key,)
        return self.company.place("metrics.yaml", "metrics", name, *at)

    def _formula(self, name: str) -> Formula:
        metric = self.metrics[name]
        if metric.kind == "simple":
            tree, components = self._measure(name, "measure", metric.measure or "")
            return Formula(tree, components, {})
        if metric.kind == "ratio":
            return self._ratio(name)
        if metric.kind == "cumulative":
            base = self._reference(name, "metric", metric.metric or "")
            return Formula(exp.column(base), {}, {base: base})
        tree = arithmetic(
            metric.expression or "", self.company.metrics, self.place(name, "expression")
        )
        used = {column.name for column in tree.find_all(exp.Column)}
        return Formula(tree, {}, {metric_id: metric_id for metric_id in sorted(used)})

    def _refuse_towers(self, formulas: Mapping[str, Formula], order: Iterable[str]) -> None:
        """A cumulative metric looks back from the month; it cannot look back from there again."""
        cumulative: dict[str, bool] = {}
        for name in order:
            inside = any(cumulative[part] for part in formulas[name].metrics.values())
            is_cumulative = self.metrics[name].kind == "cumulative"
            if is_cumulative and inside:
                raise SettingsError(
                    f"metric {name!r} accumulates what is cumulative itself",
                    where=self.place(name, "metric"),
                    expected="a metric that holds no cumulative one",
                )
            cumulative[name] = is_cumulative or inside

    def _ratio(self, name: str) -> Formula:
        metric = self.metrics[name]
        components: dict[str, Component] = {}
        metrics: dict[str, str] = {}
        sides: list[exp.Expr] = []
        for key in ("numerator", "denominator"):
            text = getattr(metric, key)
            if is_name(text):
                base = self._reference(name, key, text.strip())
                metrics[base] = base
                sides.append(exp.column(base))
            else:
                tree, found = self._measure(name, key, text)
                components |= found
                sides.append(exp.paren(tree))
        if metrics and metric.filter is not None:
            raise SettingsError(
                f"metric {name!r}: the filter does not reach into {', '.join(metrics)}",
                where=self.place(name, "filter"),
                expected="two aggregates in a ratio with a filter",
            )
        return Formula(exp.Div(this=sides[0], expression=sides[1]), components, metrics)

    def _reference(self, name: str, key: str, target: str) -> str:
        if target not in self.company.metrics:
            raise UnknownNameError(
                f"metric {name!r}: {key} names the unknown metric {target!r}",
                where=self.place(name, key),
                given=target,
                choices=self.company.metrics,
            )
        return target

    def _measure(self, name: str, key: str, text: str) -> tuple[exp.Expr, dict[str, Component]]:
        """Tree over component names, and the components, of a measure as the settings give it."""
        metric, where = self.metrics[name], self.place(name, key)
        table = self._table(name)
        columns = self.company.columns(table)
        tree = measure(text, columns, where)
        keep = None
        if metric.filter is not None:
            keep = condition(metric.filter, columns, self.place(name, "filter"))
        components: dict[str, Component] = {}

        def replace(node: exp.Expr) -> exp.Expr:
            if type(node) not in AGGREGATES:
                return node
            parts: list[exp.Expr] = []
            for part in components_of(node, table, keep, metric.over_time):
                check_over_time(name, part, where)
                place = f"{key}:{len(components)}"  # no metric can be called so
                components[place] = part
                parts.append(exp.column(place))
            if len(parts) == 1:
                return parts[0]
            return exp.paren(exp.Div(this=parts[0], expression=parts[1]))

        return tree.transform(replace), components

    def _table(self, name: str) -> str:
        metric = self.metrics[name]
        table = metric.table
        if table is None:
            raise SettingsError(
                f"metric {name!r} aggregates columns but names no table",
                where=self.place(name, "label"),
                expected=f"the key table: {', '.join(self.company.tables)}",
            )
        if table in self.company.tables and self.company.tables[table].date is None:
            raise SettingsError(
                f"metric {name!r} measures table {table!r}, which has no date",
                where=self.place(name, "table"),
                expected="a table with the key date",
            )
        if table not in self.company.tables:
            raise UnknownNameError(
                f"metric {name!r}: unknown table {table!r}",
                where=self.place(name, "table"),
                given=table,
                choices=self.company.tables,
            )
        return table


def _parts(formulas: Mapping[str, Formula]) -> dict[str, tuple[str, ...]]:
    return {name: tuple(formula.metrics.values()) for name, formula in formulas.items()}

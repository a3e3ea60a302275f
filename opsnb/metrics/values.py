"""Values: metrics measured over spans and units, each number or the reason why there is none."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from sqlglot import exp

from opsnb.company import Metric
from opsnb.data.engine import Engine
from opsnb.errors import ExpressionError
from opsnb.metrics.catalogue import Catalogue, Component, Formula
from opsnb.metrics.compile import Query, Request, compile_query
from opsnb.metrics.spans import Span
from opsnb.period import Period
from opsnb.results import NotApplicable

Array = np.ndarray
Index = pd.MultiIndex
Tree = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Values:
    """Metrics by span and unit (and dimensions).

    Attributes
    ----------
    frame : DataFrame
        Index: span (text), unit and the dimensions; one column a metric, float64, NaN where there
        is no value.
    reasons : mapping (row label, metric) -> str
        Why a value is missing.
    """

    frame: pd.DataFrame
    reasons: Mapping[tuple[object, str], str] = field(default_factory=dict)

    def only(self, metrics: Sequence[str]) -> Values:
        """The same for some of the metrics."""
        kept = {key: why for key, why in self.reasons.items() if key[1] in metrics}
        return Values(self.frame[list(metrics)], kept)

    def value(self, metric: str, span: Span, unit: str) -> float | NotApplicable:
        """One value, or why there is none."""
        label = (str(span), unit)
        if label not in self.frame.index:
            return NotApplicable("no data in this period")
        number = float(self.frame.at[label, metric])
        if np.isnan(number):
            return NotApplicable(self.reasons.get((label, metric), "no data in this period"))
        return number


class Measurement:
    """Measures the metrics of a catalogue with an engine.

    Parameters
    ----------
    catalogue : Catalogue
    engine : Engine
    units : mapping unit -> ancestors with itself
        ``""`` for rows without a known unit.
    extent : callable table -> (first month, last month)
        Months between which the table has data, as ordinals; None for an empty table.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        engine: Engine,
        units: Tree,
        extent: Callable[[str], tuple[int, int] | None],
    ) -> None:
        self.catalogue, self.engine, self.units, self.extent = catalogue, engine, units, extent

    def values(
        self, metrics: Sequence[str], spans: Iterable[Span], *, by: tuple[str, ...] = ()
    ) -> Values:
        """All `metrics` over all `spans` for every unit, split by the dimensions `by`.

        One query a table, whatever the number of metrics, spans and units.

        Raises
        ------
        UnknownNameError
            A metric that does not exist.
        """
        wanted = list(dict.fromkeys(spans))
        needed = self.catalogue.needed(metrics)
        parts = {table: self._query(table, needed, wanted, by) for table in self._tables(needed)}
        solved = _Solver(self, parts, by).solve(needed, wanted)
        index = _labels(solved, wanted)
        frame = pd.DataFrame({m: solved[m].value.reindex(index) for m in metrics}, index=index)
        reasons = {
            (label, metric): solved[metric].reasons.get(label, "no data in this period")
            for metric in metrics
            for label in index[frame[metric].isna().to_numpy()]
        }
        return Values(frame, reasons)

    def query(
        self, table: str, metrics: Sequence[str], spans: Sequence[Span], by: tuple[str, ...] = ()
    ) -> Query:
        """Query of one table for `metrics` (and what they are made of)."""
        return compile_query(self._request(table, self.catalogue.needed(metrics), spans, by))

    def rows(self, table: str, span: Span) -> dict[str, int]:
        """Rows of a table by unit in a span; units without rows are not in it."""
        definition = self.catalogue.company.tables[table]
        request = Request(table, definition, (), [span], self.units)
        frame = self.engine.query(compile_query(request).sql(self.engine.dialect))
        return dict(zip(frame["unit"], frame["rows"].astype(int), strict=True))

    def sql(self, metric: str, period: Period) -> str:
        """SQL behind one metric for one period, as the engine's dialect writes it."""
        texts = [
            self.query(table, [metric], [Span.of(period)]).sql(self.engine.dialect, pretty=True)
            for table in self.catalogue.tables(metric)
        ]
        return ";\n\n".join(texts)

    def _windows(
        self, needed: Sequence[str], spans: Sequence[Span]
    ) -> tuple[list[Span], frozenset[str]]:
        """Spans that cumulative metrics look back over, and the components they need there."""
        windows: dict[Span, None] = {}
        deep: set[str] = set()
        for name in needed:
            metric = self.catalogue.metrics[name]
            if metric.kind == "cumulative":
                windows |= dict.fromkeys(self.window(metric, span) for span in spans)
                for part in self.catalogue.needed([metric.metric or ""]):
                    deep |= {c.id for c in self.catalogue.formulas[part].components.values()}
        return list(windows), frozenset(deep)

    def window(self, metric: Metric, span: Span) -> Span:
        """Months that a cumulative metric looks at for `span`."""
        if metric.window is not None:
            return Span.trailing(span.last, metric.window)
        last = Period(span.last, 1, self.catalogue.company.profile.fiscal)
        return Span.to_date(last, metric.to_date or "year")

    def _tables(self, needed: Sequence[str]) -> list[str]:
        found = (
            c.table for name in needed for c in self.catalogue.formulas[name].components.values()
        )
        return list(dict.fromkeys(found))

    def _request(
        self, table: str, needed: Sequence[str], spans: Sequence[Span], by: tuple[str, ...]
    ) -> Request:
        formulas = [self.catalogue.formulas[name] for name in needed]
        components = {c.id: c for f in formulas for c in f.components.values() if c.table == table}
        definition = self.catalogue.company.tables[table]
        windows, deep = self._windows(needed, spans)
        return Request(
            table, definition, list(components.values()), spans, self.units, by, windows, deep
        )

    def _query(
        self, table: str, needed: Sequence[str], spans: Sequence[Span], by: tuple[str, ...]
    ) -> pd.DataFrame:
        """Result of the table's query: index span, unit, dimensions; a column a component id."""
        query = compile_query(self._request(table, needed, spans, by))
        frame = self.engine.query(query.sql(self.engine.dialect))
        frame = frame.rename(columns={column: id_ for id_, column in query.columns.items()})
        names = {f"_by_{i}": name for i, name in enumerate(by)}
        return frame.rename(columns=names).set_index(["span", "unit", *by]).sort_index()


@dataclass(frozen=True)
class _Solved:
    """One metric's values, and the reasons for the missing ones."""

    value: pd.Series
    reasons: dict[object, str]


class _Solver:
    """Puts metrics together from components, parts first."""

    def __init__(
        self, measurement: Measurement, parts: Mapping[str, pd.DataFrame], by: tuple[str, ...]
    ) -> None:
        self.measurement, self.parts, self.by = measurement, parts, by
        self.solved: dict[str, _Solved] = {}

    def solve(self, needed: Sequence[str], spans: Sequence[Span]) -> dict[str, _Solved]:
        """Values of all needed metrics."""
        for name in needed:
            metric = self.measurement.catalogue.metrics[name]
            if metric.kind == "cumulative":
                self.solved[name] = self._shifted(metric, spans)
            else:
                self.solved[name] = self._arithmetic(self.measurement.catalogue.formulas[name])
        return self.solved

    def _arithmetic(self, formula: Formula) -> _Solved:
        inputs: dict[str, _Solved] = {
            name: self._component(component) for name, component in formula.components.items()
        }
        inputs |= {name: self.solved[metric] for name, metric in formula.metrics.items()}
        index = _union([solved.value.index for solved in inputs.values()])
        reasons: dict[object, str] = {}
        for solved in inputs.values():
            reasons |= solved.reasons
        if len(inputs) > 1:
            present = [solved.value.reindex(index).notna() for solved in inputs.values()]
            for label in index[_some_missing(present)]:
                reasons[label] = "a part has no data"
        columns = {name: solved.value.reindex(index) for name, solved in inputs.items()}
        value = evaluate(formula.tree, columns, index, reasons)
        return _Solved(value, reasons)

    def _component(self, component: Component) -> _Solved:
        frame = self.parts[component.table]
        value = pd.to_numeric(frame[component.id], errors="raise").astype("float64")
        return self._within_extent(component.table, value)

    def _within_extent(self, table: str, value: pd.Series) -> _Solved:
        """A span that begins before the table's data, or ends after them, has no value."""
        extent = self.measurement.extent(table)
        reasons: dict[object, str] = {}
        spans = value.index.get_level_values("span")
        for text in spans.unique():
            first, last = _ends(text)
            if extent is None or first < extent[0] or last > extent[1]:
                inside = spans == text
                value = value.mask(inside)
                reasons |= dict.fromkeys(value.index[inside], "too few points")
        return _Solved(value, reasons)

    def _shifted(self, metric: Metric, spans: Sequence[Span]) -> _Solved:
        """A cumulative metric takes its base metric's value over the window."""
        base = self.solved[metric.metric or ""]
        target = {}
        for span in spans:
            target.setdefault(str(self.measurement.window(metric, span)), []).append(str(span))
        labels, numbers, reasons = [], [], {}
        for label, number in base.value.items():
            window, *rest = label
            for span in target.get(window, ()):
                new = (span, *rest)
                labels.append(new)
                numbers.append(number)
                if label in base.reasons:
                    reasons[new] = base.reasons[label]
        index = pd.MultiIndex.from_tuples(labels, names=base.value.index.names)
        return _Solved(pd.Series(numbers, index=index, dtype="float64"), reasons)


def evaluate(
    node: exp.Expression,
    columns: Mapping[str, pd.Series],
    index: pd.Index,
    reasons: dict[object, str],
) -> pd.Series:
    """Arithmetic tree over aligned columns; a division by zero is missing, with its reason."""
    if isinstance(node, exp.Column):
        return columns[node.name]
    if isinstance(node, exp.Literal):
        return pd.Series(float(node.name), index=index)
    if isinstance(node, exp.Paren):
        return evaluate(node.this, columns, index, reasons)
    if isinstance(node, exp.Neg):
        return -evaluate(node.this, columns, index, reasons)
    left = evaluate(node.this, columns, index, reasons)
    right = evaluate(node.expression, columns, index, reasons)
    if isinstance(node, exp.Div):
        for label in index[((right == 0) & left.notna()).to_numpy()]:
            reasons[label] = "the denominator is zero"
        return left / right.mask(right == 0)
    if isinstance(node, exp.Nullif):
        return left.mask(left == right)
    simple: dict[type[exp.Expression], Callable[[pd.Series, pd.Series], pd.Series]] = {
        exp.Add: pd.Series.add, exp.Sub: pd.Series.sub, exp.Mul: pd.Series.mul,
    }  # fmt: skip
    if type(node) not in simple:
        raise ExpressionError(f"cannot evaluate {node.sql(dialect='duckdb')!r}")
    return simple[type(node)](left, right)


def _some_missing(present: Sequence[pd.Series]) -> Array:
    """Where some but not all inputs have a value."""
    stacked = np.vstack([series.to_numpy() for series in present])
    answer: Array = ~stacked.all(axis=0) & stacked.any(axis=0)
    return answer


def _union(indexes: Sequence[pd.Index]) -> pd.Index:
    union = indexes[0]
    for index in indexes[1:]:
        union = union.union(index)
    return union


def _labels(solved: Mapping[str, _Solved], spans: Sequence[Span]) -> pd.Index:
    """Row labels of the asked spans, in their order."""
    index = _union([s.value.index for s in solved.values()])
    order = {str(span): i for i, span in enumerate(spans)}
    index = index[index.get_level_values("span").isin(list(order))]
    position = index.get_level_values("span").map(order)
    return index[np.argsort(position.to_numpy(), kind="stable")]


def _ends(text: str) -> tuple[int, int]:
    """Ordinals of a span written as text."""
    first, _, last = text.partition("..")
    return Period.parse(first).first, Period.parse(last or first).first

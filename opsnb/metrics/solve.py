"""Solver: metrics put together from components, each number or the reason why there is none."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from sqlglot import exp

from opsnb.errors import ExpressionError
from opsnb.metrics.catalogue import Catalogue
from opsnb.metrics.components import Component, Formula
from opsnb.metrics.spans import Span

NO_DATA = "no data in this period"
NO_PART = "a part has no data"
TOO_FEW = "too few points"
BY_ZERO = "the denominator is zero"
OPERATIONS: dict[type[exp.Expr], Callable[[pd.Series, pd.Series], pd.Series]] = {
    exp.Add: pd.Series.add,
    exp.Sub: pd.Series.sub,
    exp.Mul: pd.Series.mul,
}
Extent = Callable[[str], tuple[int, int] | None]


@dataclass(frozen=True)
class Solved:
    """One metric's values over span, unit and dimensions, and why those that are NaN are missing.

    Attributes
    ----------
    value : Series of float64
    reason : Series of object
        Same index; text where `value` is NaN.
    """

    value: pd.Series
    reason: pd.Series

    def on(self, index: pd.Index) -> Solved:
        """The same on another index, without data where it has no row."""
        value = self.value.reindex(index)
        return Solved(value, _because(value, self.reason.reindex(index), NO_DATA))


class Solver:
    """Puts metrics together, parts first.

    Parameters
    ----------
    catalogue : Catalogue
    parts : mapping table -> DataFrame
        Index span, unit and dimensions; a column a component id.
    extent : callable table -> (first month, last month)
    window : callable (metric, span) -> Span
        Months that a cumulative metric looks at.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        parts: Mapping[str, pd.DataFrame],
        extent: Extent,
        window: Callable[[str, Span], Span],
    ) -> None:
        self.catalogue, self.parts, self.extent, self.window = catalogue, parts, extent, window

    def solve(self, needed: Sequence[str], spans: Sequence[Span]) -> dict[str, Solved]:
        """Values of all `needed` metrics, which stand in the order of their making."""
        solved: dict[str, Solved] = {}
        for name in needed:
            formula = self.catalogue.formulas[name]
            if self.catalogue.metrics[name].kind == "cumulative":
                (base,) = formula.metrics.values()
                solved[name] = self._shifted(name, solved[base], spans)
            else:
                inputs = {key: self._component(part) for key, part in formula.components.items()}
                inputs |= {key: solved[metric] for key, metric in formula.metrics.items()}
                solved[name] = arithmetic(formula, inputs)
        return solved

    def _component(self, component: Component) -> Solved:
        """A component; none over a span that reaches beyond the table's data."""
        value = self.parts[component.table][component.id].astype("float64")
        reason = pd.Series(None, index=value.index, dtype=object)
        extent = self.extent(component.table)
        spans = value.index.get_level_values(0)
        for text in spans.unique():
            span = Span.parse(text)
            first = span.last if component.over_time == "last" else span.first
            if extent is None or first < extent[0] or span.last > extent[1]:
                reason = reason.mask(spans == text, TOO_FEW)
        value = value.mask(reason.notna())
        reason = reason.mask(np.isinf(value), BY_ZERO)
        value = value.mask(np.isinf(value))
        return Solved(value, _because(value, reason, NO_DATA))

    def _shifted(self, name: str, base: Solved, spans: Sequence[Span]) -> Solved:
        """A cumulative metric takes its base metric's value over the window."""
        windows: dict[str, list[str]] = {}
        for span in spans:
            windows.setdefault(str(self.window(name, span)), []).append(str(span))
        places, labels = [], []
        for place, label in enumerate(base.value.index):
            for span_text in windows.get(label[0], ()):
                places.append(place)
                labels.append((span_text, *label[1:]))
        index = base.value.index[:0]
        if labels:
            index = pd.MultiIndex.from_tuples(labels, names=base.value.index.names)
        value, reason = (
            series.iloc[places].set_axis(index) for series in (base.value, base.reason)
        )
        return Solved(value, reason)


def arithmetic(formula: Formula, inputs: Mapping[str, Solved]) -> Solved:
    """Formula over its inputs; what is missing keeps the reason of the part that is missing."""
    index = union([solved.value.index for solved in inputs.values()])
    aligned = {name: solved.on(index) for name, solved in inputs.items()}
    values = {name: solved.value for name, solved in aligned.items()}
    zeros: list[pd.Series] = []
    value = evaluate(formula.tree, values, index, zeros)
    zero = np.isinf(value)
    for gone in zeros:
        zero = zero | gone
    absent = np.vstack([part.isna().to_numpy() for part in values.values()])
    partly = pd.Series(absent.any(axis=0) & ~absent.all(axis=0), index=index)
    reason = pd.Series(None, index=index, dtype=object)
    for solved in aligned.values():
        reason = reason.where(reason.notna(), solved.reason.mask(solved.reason == NO_DATA))
    for holds, why in ((zero, BY_ZERO), (partly, NO_PART)):
        reason = reason.mask(reason.isna() & holds, why)
    value = value.mask(np.isinf(value))
    return Solved(value, _because(value, reason, NO_DATA))


def evaluate(
    node: exp.Expr, columns: Mapping[str, pd.Series], index: pd.Index, zeros: list[pd.Series]
) -> pd.Series:
    """Arithmetic tree over aligned columns; a division by zero is missing, and told in `zeros`."""
    if isinstance(node, exp.Column):
        return columns[node.name]
    if isinstance(node, exp.Literal):
        return pd.Series(float(node.name), index=index)
    left = evaluate(node.this, columns, index, zeros)
    if isinstance(node, exp.Paren | exp.Neg):
        return -left if isinstance(node, exp.Neg) else left
    right = evaluate(node.expression, columns, index, zeros)
    if isinstance(node, exp.Div):
        zeros.append(right == 0)
        return left / right.mask(right == 0)
    if isinstance(node, exp.Nullif):
        zeros.append(left == right)
        return left.mask(left == right)
    if type(node) not in OPERATIONS:
        raise ExpressionError(f"cannot evaluate {node.sql(dialect='duckdb')!r}")
    return OPERATIONS[type(node)](left, right)


def union(indexes: Sequence[pd.Index]) -> pd.Index:
    """Labels of all indexes, those of the first one first."""
    found = indexes[0]
    for index in indexes[1:]:
        found = found.union(index, sort=False)
    return found


def _because(value: pd.Series, reason: pd.Series, otherwise: str) -> pd.Series:
    """Reasons where `value` is missing, and nowhere else."""
    return reason.where(reason.notna(), otherwise).where(value.isna(), None)

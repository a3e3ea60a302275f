"""Solver: metrics put together from components, each number or the reason why there is none.

All metrics stand on one index of span, unit and dimensions; behind it are plain arrays.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from sqlglot import exp

from opsnb.errors import ExpressionError
from opsnb.metrics.catalogue import Catalogue
from opsnb.metrics.components import Component, Formula
from opsnb.metrics.spans import Grain, Span, beginning, ordinal

Array = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int8]
REASONS = (
    "",
    "no data in this period",
    "too few points",
    "the denominator is zero",
    "a part has no data",
)
GIVEN, NO_DATA, TOO_FEW, BY_ZERO, NO_PART = range(len(REASONS))
OPERATIONS: dict[type[exp.Expr], Callable[[Array, Array], Array]] = {
    exp.Add: np.add,
    exp.Sub: np.subtract,
    exp.Mul: np.multiply,
}
Extent = Callable[[str], tuple[int, int] | None]


@dataclass(frozen=True)
class Solved:
    """One metric's values, and why those that are NaN are missing.

    Attributes
    ----------
    value : array of float64
    reason : array of int8
        Places in `REASONS`; `GIVEN` where there is a value.
    """

    value: Array
    reason: Codes


class Solver:
    """Puts metrics together, parts first.

    Parameters
    ----------
    catalogue : Catalogue
    parts : mapping table -> DataFrame
        Index span, unit and dimensions; a column a component id.
    extent : callable table -> (first month, last month)
    windows : mapping metric -> {span as text -> window as text}
        What the cumulative metrics look at for each span that is asked for.

    Attributes
    ----------
    index : MultiIndex
        All labels of all parts, those of the asked spans and those of the windows.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        parts: Mapping[str, pd.DataFrame],
        extent: Extent,
        windows: Mapping[str, Mapping[str, str]],
    ) -> None:
        self.catalogue, self.parts, self.extent, self.windows = catalogue, parts, extent, windows
        self.index = _index([part.index for part in parts.values()], windows.values())
        spans = [Span.parse(text) for text in self.index.levels[0]]
        code = self.index.codes[0]
        self.first = np.array([span.first for span in spans], dtype=np.int64)[code]
        self.last = np.array([span.last for span in spans], dtype=np.int64)[code]

    def solve(self, needed: Iterable[str]) -> dict[str, Solved]:
        """Values of all `needed` metrics, which stand in the order of their making."""
        aligned = {table: part.reindex(self.index) for table, part in self.parts.items()}
        solved: dict[str, Solved] = {}
        for name in needed:
            formula = self.catalogue.formulas[name]
            if name in self.windows:
                (base,) = formula.metrics.values()
                solved[name] = self._shifted(solved[base], self.windows[name])
            else:
                inputs = {
                    key: self._component(part, aligned[part.table][part.id])
                    for key, part in formula.components.items()
                }
                inputs |= {key: solved[metric] for key, metric in formula.metrics.items()}
                solved[name] = combined(formula, inputs)
        return solved

    def _component(self, component: Component, column: pd.Series) -> Solved:
        """A component; none over a span that reaches beyond the table's data."""
        value = column.to_numpy(dtype=np.float64, na_value=np.nan)
        begin, end = self._reach(component.table)
        first = self.last if component.over_time == "last" else self.first
        outside = (first < begin) | (self.last > end)
        zero = np.isinf(value)
        value = np.where(outside | zero, np.nan, value)
        there = ~column.isna().to_numpy()
        return _explained(value, [(outside & there, TOO_FEW), (zero, BY_ZERO)])

    def _reach(self, table: str) -> tuple[int, int]:
        """First and last month, week or day that lies within the table's months."""
        months = self.extent(table)
        grain: Grain = Span.parse(self.index.levels[0][0]).grain if len(self.index) else "month"
        if months is None or grain == "month":
            return months or (1, 0)
        whole = Span(*months)
        begin, end = ordinal(whole.start, grain), ordinal(whole.end, grain)
        # A week that a neighbouring month shares lies within them only in part.
        return (
            begin + (beginning(begin, grain) < whole.start),
            end - (beginning(end + 1, grain) > whole.end + dt.timedelta(days=1)),
        )

    def _shifted(self, base: Solved, windows: Mapping[str, str]) -> Solved:
        """A cumulative metric takes its base metric's value over the window."""
        value = np.full(len(self.index), np.nan)
        reason = np.full(len(self.index), NO_DATA, dtype=np.int8)
        for span, window in windows.items():
            source = np.flatnonzero(self.index.get_level_values(0) == window)
            place = self.index.get_indexer(_renamed(self.index[source], span))
            value[place], reason[place] = base.value[source], base.reason[source]
        return Solved(value, reason)


def combined(formula: Formula, inputs: Mapping[str, Solved]) -> Solved:
    """Formula over its inputs; what is missing keeps the reason of the part that is missing."""
    zeros: list[npt.NDArray[np.bool_]] = []
    with np.errstate(all="ignore"):
        value = evaluate(formula.tree, {key: part.value for key, part in inputs.items()}, zeros)
    zeros.append(np.isinf(value))
    absent = np.array([np.isnan(part.value) for part in inputs.values()])
    told = [(part.reason == code, code) for part in inputs.values() for code in (TOO_FEW, BY_ZERO)]
    told += [(part.reason == NO_PART, NO_PART) for part in inputs.values()]
    told += [(zero, BY_ZERO) for zero in zeros]
    told.append((absent.any(axis=0) & ~absent.all(axis=0), NO_PART))
    return _explained(np.where(np.isinf(value), np.nan, value), told)


def evaluate(
    node: exp.Expr, columns: Mapping[str, Array], zeros: list[npt.NDArray[np.bool_]]
) -> Array:
    """Arithmetic tree over arrays; a division by zero is missing, and told in `zeros`."""
    if isinstance(node, exp.Column):
        return columns[node.name]
    if isinstance(node, exp.Literal):
        return np.full(len(next(iter(columns.values()))), float(node.name))
    left = evaluate(node.this, columns, zeros)
    if isinstance(node, exp.Paren | exp.Neg):
        return -left if isinstance(node, exp.Neg) else left
    right = evaluate(node.expression, columns, zeros)
    if isinstance(node, exp.Div):
        zeros.append(right == 0)
        return left / np.where(right == 0, np.nan, right)
    if isinstance(node, exp.Nullif):
        zeros.append(left == right)
        return np.where(left == right, np.nan, left)
    if type(node) not in OPERATIONS:
        raise ExpressionError(f"cannot evaluate {node.sql(dialect='duckdb')!r}")
    return OPERATIONS[type(node)](left, right)


def _explained(value: Array, told: Sequence[tuple[npt.NDArray[np.bool_], int]]) -> Solved:
    """Values with the first reason that holds, where one is missing."""
    reason = np.full(len(value), NO_DATA, dtype=np.int8)
    for holds, code in reversed(told):
        reason[holds] = code
    reason[~np.isnan(value)] = GIVEN
    return Solved(value, reason)


def _index(indexes: Sequence[pd.Index], windows: Iterable[Mapping[str, str]]) -> pd.MultiIndex:
    """Labels of all indexes, and of the spans whose windows have some."""
    found = indexes[0].append(list(indexes[1:])).unique()
    shifts = dict.fromkeys(shift for window in windows for shift in window.items())
    spans = found.get_level_values(0)
    renamed = [_renamed(found[spans == window], span) for span, window in shifts]
    found = found.append(renamed).unique()
    if not isinstance(found, pd.MultiIndex):
        raise TypeError(f"{found!r} is no index of span and unit")
    return found


def _renamed(labels: pd.Index, span: str) -> pd.MultiIndex:
    """The same labels in another span."""
    if not isinstance(labels, pd.MultiIndex):
        raise TypeError(f"{labels!r} is no index of span and unit")
    levels: Any = [[span], *labels.levels[1:]]
    codes: Any = [np.zeros(len(labels), dtype=np.int8), *labels.codes[1:]]
    return pd.MultiIndex(levels, codes, names=labels.names, verify_integrity=False)

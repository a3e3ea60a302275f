"""Values: metrics measured over spans and units, each number or the reason why there is none."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from opsnb.data.engine import Engine
from opsnb.errors import ChangedError, ExpressionError, ParameterError
from opsnb.metrics import packed
from opsnb.metrics.catalogue import Catalogue
from opsnb.metrics.compile import Query, compile_query
from opsnb.metrics.components import Component
from opsnb.metrics.request import Request
from opsnb.metrics.solve import NO_DATA, REASONS, Extent, Solver
from opsnb.metrics.spans import Span
from opsnb.period import Period
from opsnb.results import NotApplicable
from opsnb.units import Above

Tree = Mapping[str, Sequence[Above]]


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

    def only(self, metrics: Sequence[str], spans: Sequence[Span] | None = None) -> Values:
        """The same for some of the metrics, and some of the spans in their order."""
        names = list(dict.fromkeys(metrics))
        kept = {key: why for key, why in self.reasons.items() if key[1] in names}
        frame = self.frame[names]
        if spans is None:
            return Values(frame, kept)
        frame = frame.iloc[_order(self.frame.index, list(dict.fromkeys(spans)), is_sorted=True)]
        wanted = set(map(str, spans))
        return Values(frame, {key: why for key, why in kept.items() if _span(key) in wanted})

    def filled(self, spans: Sequence[Span], units: Sequence[str]) -> Values:
        """The same with a row for each span and unit, in this order."""
        rows = [(str(span), unit) for span in spans for unit in units]
        index = pd.MultiIndex.from_tuples(rows, names=["span", "unit"])
        known = set(self.frame.index)
        missing = [row for row in rows if row not in known]
        reasons = {(row, str(name)): REASONS[NO_DATA] for row in missing for name in self.frame}
        return Values(self.frame.reindex(index), dict(self.reasons) | reasons)

    def value(self, metric: str, span: Span | Period, unit: str) -> float | NotApplicable:
        """One value, or why there is none."""
        label = (str(span), unit)
        place = self._places.get(label)
        if place is None:
            return NotApplicable(REASONS[NO_DATA])
        why = self.reasons.get((label, metric))
        return NotApplicable(why) if why else self._columns[metric][place]

    @cached_property
    def _places(self) -> dict[object, int]:
        """Row of each label."""
        return {label: place for place, label in enumerate(self.frame.index)}

    @cached_property
    def _columns(self) -> dict[str, list[float]]:
        """Numbers of each metric."""
        return {str(name): column.tolist() for name, column in self.frame.items()}


class Measurement:
    """Measures the metrics of a catalogue with an engine.

    Parameters
    ----------
    catalogue : Catalogue
    engine : Engine
        Where the tables are: anything with a ``dialect`` and a ``query``.
    units : mapping unit -> ancestors with itself, and the months in which they are
        ``""`` for rows without a known unit.
    extent : callable table -> (first month, last month)
        Months between which the table has data, as ordinals; None for an empty table.
    elsewhere : mapping table -> Engine
        Tables that are in another engine, which then computes on them.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        engine: Engine,
        units: Tree,
        extent: Extent,
        elsewhere: Mapping[str, Engine] | None = None,
    ) -> None:
        self.catalogue, self.engine, self.units, self.extent = catalogue, engine, units, extent
        self.elsewhere = elsewhere or {}

    def engine_of(self, table: str) -> Engine:
        """Engine that a table is in."""
        return self.elsewhere.get(table, self.engine)

    def values(
        self, metrics: Sequence[str], spans: Iterable[Span], *, by: tuple[str, ...] = ()
    ) -> Values:
        """All `metrics` over all `spans` for every unit, split by the dimensions `by`.

        One query a table, whatever the number of metrics, spans and units. Spans are all of months,
        or all of weeks, or all of days.

        Raises
        ------
        UnknownNameError
            A metric that does not exist.
        ParameterError
            Spans of several kinds, or a cumulative metric by week or day.
        ExpressionError
            A metric that the engine cannot compute.
        """
        wanted = list(dict.fromkeys(spans))
        needed = self.catalogue.needed(metrics)
        self._check_grain(needed, wanted)
        parts = {table: self._parts(table, needed, wanted, by) for table in self._tables(needed)}
        windows = {
            name: {str(span): str(self.window(name, span)) for span in wanted}
            for name in needed
            if self.catalogue.metrics[name].kind == "cumulative"
        }
        solver = Solver(self.catalogue, parts, self.extent, windows)
        solved = solver.solve(needed)
        place = _order(solver.index, wanted)
        index = solver.index[place]
        frame = pd.DataFrame({name: solved[name].value[place] for name in metrics}, index=index)
        reasons = {
            (label, name): REASONS[code]
            for name in metrics
            for label, code in zip(index, solved[name].reason[place], strict=True)
            if code
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
        engine = self.engine_of(table)
        frame = engine.query(compile_query(request).sql(engine.dialect))
        return dict(zip(frame["unit"], frame["rows"].astype(int), strict=True))

    def window(self, name: str, span: Span) -> Span:
        """Months that the cumulative metric `name` looks at for `span`."""
        metric = self.catalogue.metrics[name]
        if metric.window is not None:
            return Span.trailing(span.last, metric.window)
        last = Period(span.last, 1, self.catalogue.company.profile.fiscal)
        return Span.to_date(last, metric.to_date or "year")

    def _windows(
        self, needed: Sequence[str], spans: Sequence[Span]
    ) -> tuple[list[Span], frozenset[str]]:
        """Spans that cumulative metrics look back over, and the components they need there."""
        windows: dict[Span, None] = {}
        deep: set[str] = set()
        for name in needed:
            if self.catalogue.metrics[name].kind == "cumulative":
                windows |= dict.fromkeys(self.window(name, span) for span in spans)
                deep |= {component.id for component in self._components([name])}
        return list(windows), frozenset(deep)

    def _components(self, metrics: Sequence[str]) -> list[Component]:
        """Components of metrics and of what they are made of, each once."""
        formulas = [self.catalogue.formulas[name] for name in self.catalogue.needed(metrics)]
        found = {part.id: part for formula in formulas for part in formula.components.values()}
        return list(found.values())

    def _tables(self, needed: Sequence[str]) -> list[str]:
        return list(dict.fromkeys(part.table for part in self._components(needed)))

    def _request(
        self, table: str, needed: Sequence[str], spans: Sequence[Span], by: tuple[str, ...]
    ) -> Request:
        components = [part for part in self._components(needed) if part.table == table]
        definition = self.catalogue.company.tables[table]
        windows, deep = self._windows(needed, spans)
        is_packed = self.engine_of(table).dialect in packed.DIALECTS
        return Request(
            table, definition, components, spans, self.units, by, windows, deep, is_packed
        )

    def _check_grain(self, needed: Sequence[str], spans: Sequence[Span]) -> None:
        grains = sorted({span.grain for span in spans})
        if len(grains) > 1:
            raise ParameterError(
                f"spans of {' and '.join(grains)} in one question", expected="one kind of them"
            )
        cumulative = [n for n in needed if self.catalogue.metrics[n].kind == "cumulative"]
        if cumulative and grains not in ([], ["month"]):
            raise ParameterError(
                f"metric {cumulative[0]!r} looks back over months: it has no value by {grains[0]}",
                expected="months, or its base metric",
            )

    def _parts(
        self, table: str, needed: Sequence[str], spans: Sequence[Span], by: tuple[str, ...]
    ) -> pd.DataFrame:
        """Result of the table's query: index span, unit, dimensions; a column a component id."""
        query = compile_query(self._request(table, needed, spans, by))
        try:
            engine = self.engine_of(table)
            frame = engine.query(query.sql(engine.dialect))
        except ChangedError:
            raise
        except Exception as error:
            self._blame(table, needed, spans, by)
            raise ExpressionError(str(error).splitlines()[0], where=f"table {table!r}") from error
        keys = ["span", "unit", *(f"_by_{i}" for i in range(len(by)))]
        frame = frame.set_index(keys).rename_axis(["span", "unit", *by])
        frame = frame.rename(columns={column: id_ for id_, column in query.columns.items()})
        for part in self._components(needed):
            if part.table == table and not _is_number(frame[part.id]):
                raise self._fault(needed, part, "it is no number")
        return frame

    def _blame(
        self, table: str, needed: Sequence[str], spans: Sequence[Span], by: tuple[str, ...]
    ) -> None:
        """Ask for each component alone, and name the metric of the one that fails."""
        for name in needed:
            for part in self.catalogue.formulas[name].components.values():
                if part.table == table:
                    definition = self.catalogue.company.tables[table]
                    request = Request(table, definition, [part], spans, self.units, by)
                    engine = self.engine_of(table)
                    try:
                        engine.query(compile_query(request).sql(engine.dialect))
                    except Exception as error:
                        raise self._fault([name], part, str(error).splitlines()[0]) from error

    def _fault(self, names: Sequence[str], part: Component, why: str) -> ExpressionError:
        for name in names:
            for place, component in self.catalogue.formulas[name].components.items():
                if component.id == part.id:
                    where = self.catalogue.place(name, place.partition(":")[0])
                    return ExpressionError(
                        f"metric {name!r} cannot be computed: {why}", where=where
                    )
        return ExpressionError(why, where=f"table {part.table!r}")


def _span(key: tuple[Any, str]) -> str:
    """Span of a missing value, which its row's label begins with."""
    return str(key[0][0])


def _is_number(column: pd.Series) -> bool:
    """Whether a column holds numbers; some engines answer with Decimals."""
    if pd.api.types.is_numeric_dtype(column):
        return True
    return all(isinstance(value, int | float | Decimal) for value in column.dropna())


def _order(
    index: pd.Index, spans: Sequence[Span], *, is_sorted: bool = False
) -> npt.NDArray[np.intp]:
    """Places of the asked spans, in their order; units and dimensions sorted."""
    if not isinstance(index, pd.MultiIndex):
        raise TypeError(type(index))
    order = {str(span): i for i, span in enumerate(spans)}
    position = np.array([order.get(text, -1) for text in index.levels[0]])[index.codes[0]]
    place = np.arange(len(index)) if is_sorted else index.sortlevel(na_position="last")[1]
    place = place[position[place] >= 0]
    return place[np.argsort(position[place], kind="stable")]

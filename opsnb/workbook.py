"""Workbook: one company, period, unit and locale, opened; what every analysis receives."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from types import ModuleType
from typing import Any, Literal, TypeVar, get_args

import pandas as pd

from opsnb.calendar import TimeProgress, calendar_version, festival_dates, time_progress, workdays
from opsnb.company import Company, Metric, own
from opsnb.data.checks import Coverage
from opsnb.data.engine import DuckDB, Engine
from opsnb.data.gate import Alert
from opsnb.data.kept import Content
from opsnb.data.ledgers import LEDGERS, Targets
from opsnb.data.ledgers.files import ledger_source
from opsnb.data.sources import Loaded
from opsnb.data.sql import written
from opsnb.dataset import Dataset
from opsnb.errors import GateError, NotReadyError, ParameterError
from opsnb.metrics.basis import Basis, definitions
from opsnb.metrics.behind import Behind
from opsnb.metrics.catalogue import Catalogue
from opsnb.metrics.spans import Grain, Span, ordinal
from opsnb.metrics.values import Values
from opsnb.period import Period
from opsnb.units import Units

Every = Literal["day", "week", "month", "quarter", "year"]
EVERY: tuple[Every, ...] = get_args(Every)
LOCALES = ("zh", "en")
WHOLE = "all"
Found = TypeVar("Found")
_lent: list[Workbook] = []


@contextmanager
def lending(workbook: Workbook) -> Iterator[None]:
    """Let who opens the same in the block, in this process, have this one: nothing is read twice.

    Only for a process whose settings and sources are compared with what they were before.
    """
    _lent.append(workbook)
    try:
        yield
    finally:
        _lent.remove(workbook)


@dataclass(frozen=True)
class Workbook:
    """Everything a report needs, loaded when it is first asked for.

    Build one with :func:`opsnb.open`.

    Attributes
    ----------
    company : Company
    period : Period
        A month; the report's own.
    unit : str
        Id of the unit that the report is about.
    locale : {"zh", "en"}
    """

    company: Company
    period: Period
    unit: str
    locale: str
    _shared: Dataset = field(repr=False, compare=False)

    @classmethod
    def open(
        cls, company: str | Path, period: str, unit: str | None = None, locale: str | None = None
    ) -> Workbook:
        """Workbook with its settings, units and metrics checked.

        Raises
        ------
        SettingsError, PeriodError, UnknownNameError, ParameterError, ExpressionError
        """
        found = Company.find(company)
        found = next((lent.company for lent in _lent if lent.company == found), found)
        locale = locale or found.profile.locale
        if locale not in LOCALES:
            raise ParameterError(f"unknown locale {locale!r}", given=locale, choices=LOCALES)
        parsed = found.period(period)
        if parsed.kind != "month":
            raise ParameterError(
                f"period {period!r} is a {parsed.kind}", expected="a month, such as 2026-10"
            )
        here = found.profile.root.id if unit in (None, WHOLE) else unit
        workbook = cls(found, parsed, here, locale, Dataset(found))
        if workbook in _lent:
            return _lent[_lent.index(workbook)]
        _ = workbook.units[workbook.unit]
        workbook._shared.check()
        workbook._shared.check_pins()
        return workbook

    def check_ready(self) -> None:
        """Refuse a period without data.

        Raises
        ------
        NotReadyError
            A table is empty, or none has a row for the unit in the period.
        """
        facts = self.company.fact_tables
        for name in self.company.tables:
            loaded = self.load(name)
            if loaded.rows == 0:
                where = f"{loaded.path} (table {name!r})"
                raise NotReadyError("the table is empty", where=where, expected="rows")
        if any(self.rows_of(name, Span.of(self.period)) for name in facts):
            return
        if self.period.start.month == 1 and any(self.load(n).is_january_combined for n in facts):
            raise NotReadyError(
                f"January comes together with February: no data for {self.period} alone",
                expected=str(self.period.shift(1)),
            )
        ends = [end for name in facts for end in self.load(name).extent or ()]
        raise NotReadyError(
            f"no data for {self.unit!r} in {self.period}",
            expected=f"a month from {Period(min(ends))} to {Period(max(ends))}" if ends else None,
        )

    def check_gate(self) -> None:
        """Refuse data that a check of severity error finds wrong, or that are required and missing.

        Raises
        ------
        GateError
            With every reason that concerns this unit.
        """
        reasons = [_reason(alert) for alert in self._concerning() if alert.severity == "error"]
        for name, table in self.company.fact_tables.items():
            found = self.coverage(name)
            late = [unit for unit in found.missing if unit in self.units.leaves(self.unit)]
            if table.required and found.is_missing and (late or not found.rows):
                who = f" from {', '.join(late)}" if found.rows else ""
                when = f", due {found.due}" if found.due else ""
                reasons.append(f"table {name!r}: nothing{who} for {self.period}{when}")
        if reasons:
            raise GateError("the gate is closed: " + "; ".join(reasons))

    @property
    def alerts(self) -> tuple[Alert, ...]:
        """What the declared checks find in the period."""
        return self._shared.alerts(self.period)

    def alert(self, table: str, place: int) -> Alert | None:
        """What one declared check of a table, by its place, finds in the period."""
        return self._shared.alert(table, place, self.period)

    def alerts_on(self, metric: str) -> list[Alert]:
        """Alerts that touch a metric of the workbook's unit."""
        tables = self.lineage(metric)
        return [
            alert
            for alert in self._concerning()
            if (metric in alert.metrics if alert.metrics else alert.table in tables)
        ]

    def _concerning(self) -> Iterator[Alert]:
        """Alerts about rows that count for the workbook's unit, as far as they do.

        Rows without a unit, or of one that nobody knows, count for the root alone.
        """
        at = self.period.first
        for alert in self.alerts:
            has_units = self.company.tables[alert.table].unit is not None
            if self.unit == self.units.root or alert.whole or not has_units:
                yield alert
                continue
            known = (unit for unit in alert.units if unit in self.units)
            own = frozenset(u for u in known if self.unit in self.units.ancestors(u, at))
            if own and (part := self._shared.alert(alert.table, alert.place, self.period, own)):
                yield part

    def lineage(self, metric: str) -> set[str]:
        """Tables behind a metric, those that its tables are joined from too."""
        found, ahead = set(), list(self.catalogue.tables(metric))
        while ahead:
            name = ahead.pop()
            found.add(name)
            table = self.company.tables[name]
            ahead += [t for t in (table.base, *(join.table for join in table.joins)) if t]
        return found

    def is_january_combined(self, metric: str) -> bool:
        """Whether the metric's tables give January and February together."""
        return any(self.load(table).is_january_combined for table in self.catalogue.tables(metric))

    def is_due(self, metric: str, period: Period) -> bool:
        """Whether the metric's tables all bring data in `period`: some come by quarter only."""
        tables = self.catalogue.tables(metric)
        return all(self.company.tables[table].brings(period) for table in tables)

    def has_units(self, metric: str) -> bool:
        """Whether the metric can be told for units: all its tables say where a row belongs."""
        tables = self.catalogue.tables(metric)
        return all(self.company.tables[table].unit is not None for table in tables)

    def for_unit(self, unit: str) -> Workbook:
        """Same workbook for another unit; tables and measurements are shared.

        Raises
        ------
        UnknownNameError
        """
        return replace(self, unit=self.units[unit].id)

    def for_period(self, period: Period) -> Workbook:
        """Same workbook for another month; tables are shared."""
        return replace(self, period=period)

    @property
    def catalogue(self) -> Catalogue:
        """Metrics, resolved."""
        return self._shared.catalogue

    @property
    def units(self) -> Units:
        """Tree of units."""
        return self._shared.units

    @property
    def targets(self) -> Targets:
        """Targets as approved by `as_of`."""
        return self._shared.targets

    def ledger(self, name: str) -> pd.DataFrame:
        """Hand-kept ledger such as ``notes``, typed and checked; without rows if there is none.

        Raises
        ------
        UnknownNameError, SettingsError
        """
        return self._shared.ledger(name)

    @property
    def engine(self) -> DuckDB:
        """Where the tables are; ``engine.query(sql)`` is there for an analyst's own questions."""
        return self._shared.engine

    def engine_of(self, table: str) -> Engine:
        """Engine that computes on a table: the database, for one that is ``in_place`` there."""
        self.load(table)
        return self._shared.engine_of(table)

    @cached_property
    def time_progress(self) -> TimeProgress:
        """Share of the fiscal year that is over at the end of the period."""
        return time_progress(self.period, self.company.calendar)

    def own(self, name: str) -> ModuleType:
        """Module `name` of the company's folder ``reports``, with analyses of its own.

        Raises
        ------
        UnknownNameError
            With the nearest name among those that are there.
        SettingsError
            It cannot be loaded.

        Examples
        --------
        ``workbook.own("lead_times").lead_times(workbook)`` is a Result, shown as all are.
        """
        return own.module(self.company.folder, name)

    def load(self, table: str) -> Loaded:
        """Provenance of a table, which is read on the first call."""
        return self._shared.load(table)

    def coverage(self, table: str) -> Coverage:
        """Units that have delivered rows for the period, and those that have not."""
        return self._shared.coverage(table, self.period)

    def missing_units(self, metric: str) -> dict[str, list[str]]:
        """Units at or below this one that delivered nothing, for each of the metric's tables."""
        here = set(self.units.leaves(self.unit, self.period.first))
        missing = {
            table: [unit for unit in self.coverage(table).missing if unit in here]
            for table in self.catalogue.tables(metric)
        }
        return {table: units for table, units in missing.items() if units}

    @property
    def has_festival(self) -> bool:
        """Whether the company's calendar knows Spring Festival."""
        return bool(festival_dates(self.company.calendar))

    def values(
        self, metrics: Sequence[str], spans: Iterable[Span | Period], *, by: tuple[str, ...] = ()
    ) -> Values:
        """Metrics over spans for all units; see :meth:`opsnb.metrics.values.Measurement.values`."""
        wanted = tuple(span if isinstance(span, Span) else Span.of(span) for span in spans)
        known = self._shared.values.setdefault(by, [])
        for measured, values in known:
            if set(metrics) <= set(values.frame.columns) and set(wanted) <= set(measured):
                return values.only(metrics, None if measured == wanted else wanted)
        found = self._shared.measured(metrics, wanted, by)
        known.append((wanted, found))
        return found

    def computed(
        self,
        kind: str,
        metrics: Iterable[str],
        asked: Sequence[object],
        make: Callable[[], Found],
        pack: Callable[[Found], Content],
        unpack: Callable[[Content], Found],
    ) -> Found:
        """What `make` computes for the unit from the rows of metrics' tables, `asked` and settings.

        Where it was computed before, by whichever report, it is found again.
        """
        told = [self.unit, *asked]
        return self._shared.computed(kind, metrics, told, make, pack, unpack)

    def once(self, key: object, make: Callable[[], Found]) -> Found:
        """What `make` makes of the period, whatever the unit, once for all workbooks that share."""
        about = (self.period, key)
        if about not in self._shared.once:
            self._shared.once[about] = make()
        found: Found = self._shared.once[about]
        return found

    def series(
        self,
        metrics: Sequence[str],
        every: Every = "month",
        *,
        first: str | None = None,
        last: str | None = None,
    ) -> Values:
        """Metrics as a series of days, ISO weeks, months, quarters or years, for all units.

        Each value is measured anew over its own rows: ratios are ratios of sums, distinct values
        are counted again, and stocks are those of the last day in it. Every span has a row for
        every unit, with a reason where there is no value.

        Parameters
        ----------
        metrics : sequence of str
        every : {"month", "day", "week", "quarter", "year"}
            A week or a quarter belongs to the series if any of its days does.
        first, last : str, optional
            Periods, such as ``2026-07`` or ``2026-Q3``: the start of the fiscal year and the
            workbook's own period by default.

        Raises
        ------
        PeriodError, ParameterError
            Not periods or out of order, `every` is none of these, or a cumulative metric by day or
            week.
        UnknownNameError

        Examples
        --------
        ``workbook.series(["revenue"], "week").frame.xs("all", level="unit")`` is a frame to plot.
        """
        if every not in EVERY:
            raise ParameterError(f"unknown {every!r}", given=every, choices=EVERY)
        start = self.period.year if first is None else self.company.period(first)
        end = self.period if last is None else self.company.period(last)
        if start.start > end.end:
            raise ParameterError(
                f"{first!r} comes after {last!r}", expected="the earlier one first"
            )
        spans = _spans(start, end, every)
        found = self.values(metrics, spans)
        units = [unit.id for unit in self.units]
        return found.filled(spans, units)

    @cached_property
    def behind(self) -> Behind:
        """What stands behind the numbers of the workbook's unit."""
        catalogue, measurement = self.catalogue, self._shared.measurement
        tree, root = self.units.bridge, self.units.root
        return Behind(catalogue, tree, measurement.window, self.unit, root)

    def basis(self, period: Period, metrics: Iterable[str] = ()) -> Basis:
        """What numbers of `period` depend on, as digests; of all metrics if none is named."""
        return self._shared.basis(period, list(metrics) or list(self.company.metrics))

    def definitions(self, metrics: Iterable[str]) -> dict[str, str]:
        """Digest of how each metric is defined, names, limits and owners aside."""
        return definitions(self.catalogue, metrics)

    def sql(self, metric: str, span: Span | None = None) -> str:
        """One plain query that gives a metric of the unit, for the period or another span."""
        _ = self.metric(metric)
        asked = span or Span.of(self.period)
        known = self._shared.queries.get((self.unit, asked))
        if known is None:
            names = self.company.metrics
            ask = lambda: {name: self._written(name, asked) for name in names}  # noqa: E731
            known = self._shared.written(self.unit, asked, ask)
            self._shared.queries[self.unit, asked] = known
        return known[metric]

    def _written(self, metric: str, span: Span) -> str:
        return written(self.behind.query(metric, span), self._dialect(metric))

    def _dialect(self, metric: str) -> str:
        """Dialect of the engine that holds the metric's tables; the workbook's own for several."""
        engines = [self._shared.engine_of(table) for table in self.catalogue.tables(metric)]
        is_one = all(engine is engines[0] for engine in engines)
        return engines[0].dialect if engines and is_one else self.engine.dialect

    def metric(self, name: str) -> Metric:
        """Definition of a metric.

        Raises
        ------
        UnknownNameError
        """
        return self.catalogue.definition(name)

    def provenance(self, metrics: Iterable[str] = (), tables: Iterable[str] = ()) -> dict[str, Any]:
        """What one must know of a result: who, when, which definitions and files."""
        names = list(dict.fromkeys(metrics))
        read = dict.fromkeys([*tables, *(t for name in names for t in self.catalogue.tables(name))])
        profile, period, progress = self.company.profile, self.period, self.time_progress
        return {
            "company": {
                "id": profile.id,
                "name": profile.name.to_dict(),
                "department": profile.department.to_dict(),
                "classification": profile.classification.to_dict(),
                "currency": profile.currency,
            },
            "period": str(period),
            "period_label": {locale: period.label(locale) for locale in LOCALES},
            "start": period.start.isoformat(),
            "end": period.end.isoformat(),
            "as_of": profile.as_of.isoformat(),
            "closed": profile.is_closed(period),
            "unit": self.unit,
            "root": self.units.root,
            "units": {
                u.id: {"label": dict(u.label), "parent": self.units.parent(u.id, period.first)}
                for u in self.units
            },
            "locale": self.locale,
            "calendar": {
                "name": profile.calendar,
                "version": calendar_version(self.company.calendar),
            },
            "time_progress": {
                "days": progress.days,
                "days_total": progress.days_total,
                "workdays": progress.workdays,
                "workdays_total": progress.workdays_total,
                "status": progress.status,
            },
            "workdays": {
                str(p): workdays(p, self.company.calendar)
                for p in (period, period.prior, period.year_ago)
            },
            "owners": self._owners(),
            "tables": {
                name: {"label": table.label.to_dict()}
                for name, table in self.company.tables.items()
            },
            "metrics": {
                name: self.definition(name)
                | {
                    "sql": self.sql(name),
                    "sql_ytd": self.sql(name, Span.to_date(period)),
                    "checks": self.checks_on(name),
                }
                for name in names
            },
            "sources": {table: self._source(table) for table in read},
            "ledgers": {"targets": self._ledger_source("targets")},
        }

    def definition(self, name: str) -> dict[str, Any]:
        """What a reader must know of a metric: names, unit, formula, owner and tables."""
        metric = self.metric(name)
        return {
            "label": metric.label.to_dict(),
            "description": metric.description.to_dict(),
            "unit": metric.unit if isinstance(metric.unit, str) else metric.unit.to_dict(),
            "decimals": metric.decimals,
            "better": metric.better,
            "band": list(metric.band) if metric.band else None,
            "kind": metric.kind,
            "formula": self.catalogue.text(name),
            "over_time": metric.over_time,
            "owner": metric.owner.zh,
            "tables": self.catalogue.tables(name),
        }

    def _owners(self) -> dict[str, dict[str, str]]:
        """Names of the owners by their Chinese one, which findings carry."""
        owners = [metric.owner for metric in self.company.metrics.values()]
        owners += [table.owner for table in self.company.tables.values()]
        return {owner.zh: owner.to_dict() for owner in owners if owner.zh}

    def _source(self, table: str) -> dict[str, Any]:
        loaded, definition = self.load(table), self.company.tables[table]
        here = set(self.units.leaves(self.unit, self.period.first))
        missing = self.coverage(table).missing if definition.date else ()
        return {
            "label": definition.label.to_dict(),
            "path": loaded.path,
            "sha256": loaded.sha256,
            "rows": loaded.rows,
            "rows_in_period": self.coverage(table).rows if definition.date else None,
            "without_date": loaded.without_date,
            "unparsed": loaded.unparsed,
            "excluded": loaded.excluded,
            "recognised": dict(loaded.recognised),
            "merged": loaded.merged,
            "unmatched": dict(loaded.unmatched),
            "owner": definition.owner.zh,
            "missing": [u for u in missing if u in here],
            "checks": self._checks([(table, place) for place in range(len(definition.gate))]),
        }

    def _ledger_source(self, name: str) -> dict[str, str] | None:
        return ledger_source(self.company.folder / "ledgers", name, LEDGERS)

    def checks_on(self, metric: str) -> list[dict[str, Any]]:
        """Declared checks that touch a metric: kind, what they look at, and how often they fail."""
        lineage = self.lineage(metric)
        concerned = [
            (name, place)
            for name, table in self.company.tables.items()
            for place, check in enumerate(table.gate)
            if (metric in check.metrics if check.metrics else name in lineage)
        ]
        return self._checks(concerned)

    def rows_of(self, table: str, span: Span) -> int:
        """Rows of a table that count for the workbook's unit in a span."""
        return self._shared.rows(table, span).get(self.unit, 0)

    def files(self, table: str) -> list[str]:
        """Files that the rows of a table come from, as ``_file`` counts them."""
        return self._shared.origins(table)

    def _checks(self, places: Iterable[tuple[str, int]]) -> list[dict[str, Any]]:
        """Declared checks, and how often each does not hold for the unit in the period."""
        counts = {(alert.table, alert.place): alert.count for alert in self._concerning()}
        found = []
        for table, place in places:
            check = self.company.tables[table].gate[place]
            count = counts.get((table, place), 0)
            found.append({"kind": check.kind, "on": check.on, "count": count})
        return found


def _reason(alert: Alert) -> str:
    """Why an alert closes the gate."""
    times = "once" if alert.count == 1 else f"{alert.count} times"
    what = f"{alert.kind} ({alert.label['en']})" if alert.label else alert.kind
    examples = f" ({'; '.join(alert.examples)})" if alert.examples else ""
    return f"table {alert.table!r}: {what} does not hold {times}{examples}"


def _spans(start: Period, end: Period, every: Every) -> list[Span]:
    """Spans that hold the days from the start of one period to the end of another."""
    grains: dict[str, Grain] = {"day": "day", "week": "week"}
    if (grain := grains.get(every)) is not None:
        places = range(ordinal(start.start, grain), ordinal(end.end, grain) + 1)
        return [Span(place, place, grain) for place in places]
    months = range(start.first, end.first + end.length)
    periods = [Period(month, 1, start.fiscal) for month in months]
    if every != "month":
        periods = [getattr(period, every) for period in periods]
    return [Span.of(period) for period in dict.fromkeys(periods)]

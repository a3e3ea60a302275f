"""Dataset: a company's tables, loaded once, with its units, targets and metrics beside them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any, TypeVar

import pandas as pd

from opsnb.company import Company
from opsnb.company.pins import FILE as PINS
from opsnb.data import checks, gate, in_place, ledgers, sources
from opsnb.data.checks import Coverage
from opsnb.data.database import Database
from opsnb.data.engine import DuckDB, Engine
from opsnb.data.gate import Alert
from opsnb.data.kept import Content, is_kept, kept, kept_as
from opsnb.data.ledgers import Targets
from opsnb.data.readers import SourceFile, described, find_files
from opsnb.data.sources import Loaded
from opsnb.errors import ChangedError, UnknownNameError
from opsnb.metrics.basis import Basis, basis
from opsnb.metrics.catalogue import Catalogue
from opsnb.metrics.kept import pack_failures, pack_values, unpack_failures, unpack_values
from opsnb.metrics.spans import Span
from opsnb.metrics.values import Measurement, Values
from opsnb.period import Period
from opsnb.progress import working
from opsnb.units import Units

Found = TypeVar("Found")


class Dataset:
    """What all workbooks of one company share; everything is read when it is first asked for.

    Parameters
    ----------
    company : Company
    """

    def __init__(self, company: Company) -> None:
        self.company = company
        self.values: dict[tuple[str, ...], list[tuple[tuple[Span, ...], Values]]] = {}
        self.queries: dict[tuple[str, Span], dict[str, str]] = {}
        self.once: dict[object, Any] = {}
        self._loaded: dict[str, Loaded] = {}
        self._identities: dict[str, str] = {}
        self._coverage: dict[tuple[str, Period], Coverage] = {}
        self._alerts: dict[Period, tuple[Alert, ...]] = {}
        self._failures: dict[object, gate.Failures] = {}
        self._judged: dict[object, Alert | None] = {}
        self._ledgers: dict[str, pd.DataFrame] = {}
        self._books: dict[str, ledgers.Book] = {}

    @cached_property
    def catalogue(self) -> Catalogue:
        """Metrics, resolved."""
        return Catalogue(self.company)

    @cached_property
    def units(self) -> Units:
        """Tree of units."""
        return ledgers.units(self.company)

    @cached_property
    def targets(self) -> Targets:
        """Targets as approved by `as_of`."""
        return ledgers.targets(self.company, self.units, self._books)

    def ledger(self, name: str) -> pd.DataFrame:
        """Ledger by its name, read when it is first asked for."""
        if name not in self._ledgers:
            self._ledgers[name] = ledgers.ledger(self.company, name, self.units, self._books)
        return self._ledgers[name].copy()

    @cached_property
    def engine(self) -> DuckDB:
        """Where the tables are that are read."""
        return DuckDB()

    @cached_property
    def elsewhere(self) -> dict[str, Database]:
        """Databases that compute on their own tables, by table; one database a URL.

        Of several timeouts of one database the longest holds.
        """
        found: dict[str, Database] = {}
        tables = {n: (str(t.url), t) for n, t in self.company.tables.items() if t.in_place}
        for name, (url, _) in tables.items():
            longest = max(table.timeout for other, table in tables.values() if other == url)
            found.setdefault(url, Database(url, f"table {name!r}", longest))
        return {name: found[url] for name, (url, _) in tables.items()}

    def engine_of(self, table: str) -> Engine:
        """Engine that computes on a table."""
        return self.elsewhere.get(table, self.engine)

    @cached_property
    def measurement(self) -> Measurement:
        """What measures metrics on the tables."""
        extent = lambda table: self.load(table).extent  # noqa: E731
        return Measurement(self.catalogue, self.engine, self.units.bridge, extent, self.elsewhere)

    def load(self, table: str) -> Loaded:
        """Provenance of a table, which is read on the first call.

        Raises
        ------
        NotReadyError, SourceError, SettingsError
            It cannot be read, or its files have changed since they were opened.
        """
        if table not in self._loaded:
            with working(f"reading table {table!r}"):
                self._loaded[table] = self._opened(table)
        sources.check_unchanged(self._loaded[table], self.company.data_folder)
        return self._loaded[table]

    def _read(self, table: str) -> Loaded:
        definition, folder = self.company.tables[table], self.company.data_folder
        if table in self.elsewhere:
            database = self.elsewhere[table]
            return in_place.load(database, table, definition, self.units.aliases)
        if definition.base is None:
            return sources.load(self.engine, table, definition, folder, self.units.aliases)
        names = (definition.base, *(join.table for join in definition.joins))
        parts = {name: self.load(name) for name in names}
        return sources.load_joined(self.engine, table, definition, parts, self.units.aliases)

    def _opened(self, table: str) -> Loaded:
        """Table as it was read before, its rows left for when somebody asks; or read now."""
        files = self._files(table)
        if files is None:
            return self._read(table)
        identity, is_read = self._identity(table, files), False

        def read() -> Loaded:
            nonlocal is_read
            is_read = True
            return self._same(table, files, self._read(table))

        loaded = replace(kept_as(Loaded, "table", [identity], read), files=files)
        if not is_read:
            self.engine.later(table, lambda: self._same(table, files, self._read(table)))
        self._identities[table] = identity
        return loaded

    def _files(self, table: str) -> tuple[SourceFile, ...] | None:
        """Files of a table as they are now; None where they do not say all, or nothing is kept."""
        definition, folder = self.company.tables[table], self.company.data_folder
        if definition.base is not None:
            names = (definition.base, *(join.table for join in definition.joins))
            parts = [file for name in names for file in self.load(name).files]
            return tuple(dict.fromkeys(parts)) if set(names) <= set(self._identities) else None
        if table in self.elsewhere or definition.kind == "database" or not is_kept():
            return None
        return tuple(described(path, folder) for path in find_files(definition, folder, table))

    def _identity(self, table: str, files: Iterable[SourceFile]) -> str:
        """Digest of all that decides what a table's rows are."""
        told = [table, [(file.path, file.sha256) for file in files], self._settings]
        return hashlib.sha256(repr(told).encode()).hexdigest()

    def _same(self, table: str, files: Sequence[SourceFile], loaded: Loaded) -> Loaded:
        """Table that was read, of the files that were looked at."""
        told = {file.path: file.sha256 for file in files}
        for file in loaded.files:
            if told.get(file.path) != file.sha256:
                where = f"{file.path} (table {table!r})"
                raise ChangedError("the file changed while it was read", where=where)
        return loaded

    @cached_property
    def _settings(self) -> str:
        """Digest of all settings and units: whatever is computed from rows depends on some."""
        company, units = self.company, self.units
        models = (company.profile, *company.tables.values(), *company.metrics.values())
        told: list[object] = [list(company.tables), list(company.metrics)]
        told += [[model.model_dump_json() for model in models]]
        told += [units.root, list(units), units.bridge, units.aliases]
        return hashlib.sha256(repr(told).encode()).hexdigest()

    def _known(self, tables: Iterable[str]) -> list[str] | None:
        """What tells the rows of tables from others; None where nothing does."""
        for table in (names := sorted(set(tables))):
            self.load(table)
        if not set(names) <= set(self._identities):
            return None
        return [self._settings, *(self._identities[name] for name in names)]

    def _answer(
        self, kind: Any, name: str, tables: Iterable[str], asked: object, ask: Callable[[], Any]
    ) -> Any:
        """What was answered to a question about the rows of tables, or is now."""
        known = self._known(tables)
        return ask() if known is None else kept_as(kind, name, [known, asked], ask)

    def measured(
        self, metrics: Sequence[str], spans: Sequence[Span], by: tuple[str, ...]
    ) -> Values:
        """Metrics over spans for all units; see :meth:`Measurement.values`."""
        ask = lambda: self.measurement.values(metrics, spans, by=by)  # noqa: E731
        asked = [list(metrics), [(repr(span), str(span)) for span in spans], by]
        return self.computed("values", metrics, asked, ask, pack_values, unpack_values)

    def computed(
        self,
        kind: str,
        metrics: Iterable[str],
        asked: Sequence[object],
        make: Callable[[], Found],
        pack: Callable[[Found], Content],
        unpack: Callable[[Content], Found],
    ) -> Found:
        """What `make` computes from the rows of metrics' tables and the settings, and from `asked`.

        It is kept where something tells these rows from others; see :func:`opsnb.data.kept.kept`.
        """
        known = self._known(t for metric in metrics for t in self.catalogue.tables(metric))
        return make() if known is None else kept(kind, [known, *asked], make, pack, unpack)

    def rows(self, table: str, span: Span) -> dict[str, int]:
        """Rows of a table by unit in a span; see :meth:`Measurement.rows`."""
        ask = lambda: self.measurement.rows(table, span)  # noqa: E731
        found: dict[str, int] = self._answer(dict[str, int], "rows", [table], repr(span), ask)
        return found

    def written(self, unit: str, span: Span, ask: Callable[[], dict[str, str]]) -> dict[str, str]:
        """SQL of all metrics of a unit over a span: one text a metric."""
        if self.elsewhere:  # whose dialects their addresses decide
            return ask()
        return kept_as(dict[str, str], "sql", [self._settings, unit, repr(span)], ask)

    def basis(self, period: Period, metrics: Sequence[str]) -> Basis:
        """What numbers of `period` depend on; see :func:`opsnb.metrics.basis.basis`."""
        digest_of = lambda table: self.load(table).sha256  # noqa: E731
        ask = lambda: basis(self.measurement, self.units, period, metrics, digest_of)  # noqa: E731
        tables = {table for name in metrics for table in self.catalogue.tables(name)}
        found: Basis = self._answer(Basis, "basis", tables, [str(period), list(metrics)], ask)
        return found

    def coverage(self, table: str, period: Period) -> Coverage:
        """Units that have delivered rows for `period`, and those that have not."""
        key = (table, period)
        if key not in self._coverage:
            definition, as_of = self.company.tables[table], self.company.profile.as_of
            units, engine = self.units, self.engine_of(table)
            ask = lambda: checks.coverage(engine, table, definition, units, period, as_of)  # noqa: E731
            self._coverage[key] = self._answer(Coverage, "coverage", [table], str(period), ask)
        return self._coverage[key]

    def alerts(self, period: Period) -> tuple[Alert, ...]:
        """What the declared checks of all tables find in `period`."""
        if period not in self._alerts:
            found = [
                self.alert(name, place, period)
                for name, table in self.company.tables.items()
                for place in range(len(table.gate))
            ]
            self._alerts[period] = tuple(alert for alert in found if alert)
        return self._alerts[period]

    def alert(
        self, table: str, place: int, period: Period, units: frozenset[str] | None = None
    ) -> Alert | None:
        """What one declared check of a table, by its `place` in the list, finds in `period`.

        Parameters
        ----------
        units : frozenset of str, optional
            Only what concerns these.
        """
        key = (table, place, period, units)
        if key not in self._judged:
            self._judged[key] = self._alert(table, place, period, units)
        return self._judged[key]

    def _alert(
        self, table: str, place: int, period: Period, units: frozenset[str] | None
    ) -> Alert | None:
        definition = self.company.tables[table]
        check = definition.gate[place]
        files = self.origins(table)
        if check.refers is not None:
            self.load(check.refers.table)
        where, columns = self._place(table, place), self.company.columns(table)
        subject = gate.Subject(table, definition, columns, period, where, files, place)
        key = (table, place, period)
        if key not in self._failures:
            asked = [table, *([check.refers.table] if check.refers else [])]
            known, engine = self._known(asked), self.engine_of(table)

            def ask() -> gate.Failures:
                return gate.run_check(engine, subject, check)

            self._failures[key] = (
                ask() if known is None else
                kept("check", [known, place, str(period)], ask, pack_failures, unpack_failures)
            )  # fmt: skip
        return gate.judge(subject, check, self._failures[key], units)

    def check(self) -> None:
        """Every metric is right, and so are those that checks name.

        Raises
        ------
        UnknownNameError, ExpressionError
        """
        self.catalogue.check()
        for name, table in self.company.tables.items():
            for place, check in enumerate(table.checks):
                for metric in check.metrics:
                    if metric not in self.company.metrics:
                        raise UnknownNameError(
                            f"unknown metric {metric!r}",
                            where=self._place(name, place),
                            given=metric,
                            choices=self.company.metrics,
                        )

    def check_pins(self) -> None:
        """Every pin names a metric and a unit that are there.

        Raises
        ------
        SettingsError, UnknownNameError
        """
        for pin in self.company.pins:
            named = {
                "metric": (pin.metric, list(self.company.metrics)),
                "unit": (pin.unit, [unit.id for unit in self.units]),
            }
            for what, (name, known) in named.items():
                if name not in known:
                    raise UnknownNameError(
                        f"unknown {what} {name!r}", where=f"{PINS}, pin {pin.name!r}", given=name,
                        choices=known,
                    )  # fmt: skip

    def _place(self, table: str, check: int) -> str:
        """Where a check stands in the settings."""
        return self.company.place("sources.yaml", "tables", table, "checks", check)

    def origins(self, table: str) -> list[str]:
        """Files that the rows of a table come from; what is looked up brings none."""
        base = self.company.tables[table].base
        loaded = self.load(table)
        return [file.path for file in loaded.files] if base is None else self.origins(base)

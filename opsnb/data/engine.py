"""Engine: where SQL runs. DuckDB in the process is the default."""

from __future__ import annotations

import shutil
import tempfile
import weakref
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import Protocol

import duckdb
import pandas as pd


class Engine(Protocol):
    """Something that answers a query."""

    @property
    def dialect(self) -> str:
        """Name of its SQL dialect, as sqlglot has it."""
        ...

    def query(self, sql: str) -> pd.DataFrame:
        """Rows of a SELECT."""
        ...


class DuckDB:
    """DuckDB in memory, begun when it is first asked for."""

    dialect = "duckdb"

    def __init__(self) -> None:
        self._later: dict[str, Callable[[], object]] = {}
        self._making = False
        self._opened: duckdb.DuckDBPyConnection | None = None

    @property
    def connection(self) -> duckdb.DuckDBPyConnection:
        """Open for as long as the engine lives; it neither installs nor loads extensions.

        Tables that wait are made first.
        """
        if self._opened is None:
            self._opened = duckdb.connect(
                config={"autoinstall_known_extensions": False, "autoload_known_extensions": False}
            )
            self._opened.execute("SET enable_progress_bar = false")  # it would stand in notebooks
        if not self._making:
            self._making = True
            try:
                while self._later:
                    name = next(iter(self._later))
                    self._later[name]()
                    del self._later[name]
            finally:
                self._making = False
        return self._opened

    def later(self, table: str, make: Callable[[], object]) -> None:
        """Let `make` make a table as soon as somebody asks for rows."""
        self._later[table] = make

    @cached_property
    def scratch(self) -> Path:
        """Folder for copies of files in another encoding; it goes with the engine."""
        folder = tempfile.mkdtemp(prefix="opsnb-")
        self._remove_scratch = weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
        return Path(folder)

    def query(self, sql: str) -> pd.DataFrame:
        """Rows of a SELECT; decimals are summed exactly and come back as float64."""
        return self.connection.execute(sql).df()

    def close(self) -> None:
        """Free the memory, and remove the copies."""
        if self._opened is not None:
            self._opened.close()
        if "scratch" in vars(self):
            self._remove_scratch()

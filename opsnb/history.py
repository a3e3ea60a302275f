"""History: what all runs have said, as tables of one DuckDB, without a server.

Every run keeps its numbers in ``results.parquet``, its findings in ``findings.parquet`` and what it
was made of in ``manifest.json``. Nothing else is stored: a history is those files, read.

>>> import opsnb.history
>>> past = opsnb.history.History("outputs", company="demo")  # doctest: +SKIP
>>> past.query("select period, value from latest where key = 'revenue|actual|all|' || period "
...            "|| '|||' and result = 'scorecard' order by period")  # doctest: +SKIP
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

__all__ = ["COLUMNS", "Fault", "History"]

MANIFEST, LATEST = "manifest.json", "latest.json"
COLUMNS: dict[str, dict[str, str]] = {
    "results": {
        "run_id": "VARCHAR", "created_at": "VARCHAR", "company": "VARCHAR", "report": "VARCHAR",
        "period": "VARCHAR", "unit": "VARCHAR", "result": "VARCHAR", "metric": "VARCHAR",
        "measure": "VARCHAR", "by": "VARCHAR", "target_period": "VARCHAR", "level": "DOUBLE",
        "value": "DOUBLE", "reason": "VARCHAR", "unit_of_measure": "VARCHAR", "key": "VARCHAR",
        "caveats": "VARCHAR",
    },
    "findings": {
        "run_id": "VARCHAR", "created_at": "VARCHAR", "company": "VARCHAR", "report": "VARCHAR",
        "period": "VARCHAR", "unit": "VARCHAR", "result": "VARCHAR", "code": "VARCHAR",
        "severity": "VARCHAR", "metric": "VARCHAR", "evidence": "VARCHAR", "action": "VARCHAR",
        "owner": "VARCHAR",
    },
}  # fmt: skip
"""Columns of the tables, whatever schema their files have."""
SCHEMAS: dict[int, dict[str, dict[str, str]]] = {1: {"results": {}, "findings": {}}}
"""Schemas that are read: for each table, columns whose SQL is another than their name.

A schema that has been written stays here for ever.
"""
RUNS = (
    "run_id", "created_at", "company", "report", "period", "unit", "status", "as_of",
    "content_digest", "commit", "is_latest", "folder",
)  # fmt: skip


@dataclass(frozen=True)
class Fault:
    """A file of the history that is left out.

    Attributes
    ----------
    path : str
        Below the outputs.
    why : str
    """

    path: str
    why: str

    def __str__(self) -> str:
        return f"{self.path}: {self.why}"


@dataclass
class History:
    """Results of all good runs.

    Three tables can be asked: ``runs``, one row a run, failed ones too; ``results``, one row a
    number; ``findings``, one row a finding; and the view ``latest``, the results of the runs that
    count, the last good one of each report, period and unit.

    Parameters
    ----------
    outputs : str or Path
    company : str, optional
        Id of a company; all of them if left out.

    Attributes
    ----------
    faults : list of Fault
        What could not be read, known once a table has been asked for; nothing else fails for it.
    """

    outputs: str | Path
    company: str | None = None
    faults: list[Fault] = field(default_factory=list, init=False)

    def query(self, sql: str, parameters: Iterable[object] = ()) -> pd.DataFrame:
        """Rows of a SELECT over ``runs``, ``results``, ``findings`` and ``latest``.

        Raises
        ------
        duckdb.Error
            The statement does not hold.
        """
        return self._connection.execute(sql, list(parameters)).df()

    @cached_property
    def runs(self) -> pd.DataFrame:
        """One row a run, oldest first: what it is, how it ended, whether it counts."""
        rows = [row for folder in self._folders() if (row := self._run(folder)) is not None]
        found = pd.DataFrame(rows, columns=list(RUNS))
        return found.sort_values(["created_at", "run_id"], ignore_index=True)

    def _folders(self) -> Iterator[Path]:
        root, name = Path(self.outputs), self.company or "*"
        yield from sorted(path.parent for path in root.glob(f"{name}/????-??/*/*/*/{MANIFEST}"))

    def _run(self, folder: Path) -> dict[str, Any] | None:
        told = self._json(folder / MANIFEST)
        if told is None:
            return None
        missing = [name for name in RUNS[:7] if not isinstance(told.get(name), str)]
        if missing:
            self._fault(folder / MANIFEST, f"without {', '.join(missing)}")
            return None
        latest = folder.parent / LATEST
        counts = self._json(latest) if latest.is_file() else None
        more = {
            "as_of": told.get("as_of"),
            "content_digest": told.get("content_digest"),
            "commit": told.get("commit"),
            "is_latest": counts is not None and counts.get("run_id") == told["run_id"],
            "folder": str(folder),
        }
        return {name: told[name] for name in RUNS[:7]} | more

    def _json(self, path: Path) -> Mapping[str, Any] | None:
        try:
            found = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            self._fault(path, f"cannot be read: {type(error).__name__}")
            return None
        if not isinstance(found, dict):
            self._fault(path, "is no JSON object")
            return None
        return found

    @cached_property
    def _connection(self) -> duckdb.DuckDBPyConnection:
        connection = duckdb.connect(
            config={"autoinstall_known_extensions": False, "autoload_known_extensions": False}
        )
        kinds = ("BOOLEAN" if name == "is_latest" else "VARCHAR" for name in RUNS)
        defined = ", ".join(f'"{name}" {kind}' for name, kind in zip(RUNS, kinds, strict=True))
        connection.execute(f"create table runs ({defined})")
        if len(self.runs):
            connection.register("seen", self.runs.astype(object))
            connection.execute("insert into runs select * from seen")
            connection.unregister("seen")
        good = self.runs[self.runs["status"] == "done"]
        for table in COLUMNS:
            self._create(connection, table, [Path(folder) for folder in good["folder"]])
        connection.execute(
            "create view latest as select results.* from results "
            "join runs using (run_id) where runs.is_latest"
        )
        # All is read: a statement can neither open nor write a file from here on.
        connection.execute("set enable_external_access = false")
        connection.execute("set lock_configuration = true")
        return connection

    def _create(
        self, connection: duckdb.DuckDBPyConnection, table: str, folders: Iterable[Path]
    ) -> None:
        """Table of one kind of records, from the files of each schema."""
        columns = COLUMNS[table]
        defined = ", ".join(f'"{name}" {kind}' for name, kind in columns.items())
        connection.execute(f"create table {table} ({defined})")
        by_schema: dict[int, list[str]] = {}
        for folder in folders:
            path = folder / f"{table}.parquet"
            schema = self._schema(connection, path)
            if schema is not None:
                by_schema.setdefault(schema, []).append(str(path))
        for schema, paths in by_schema.items():
            others = SCHEMAS[schema][table]
            chosen = ", ".join(others.get(name, f'"{name}"') for name in columns)
            connection.execute(
                f"insert into {table} select {chosen} from read_parquet(?, union_by_name=true)",  # noqa: S608
                [paths],
            )

    def _schema(self, connection: duckdb.DuckDBPyConnection, path: Path) -> int | None:
        """Version of a file that is as its run left it; None, and a fault, for any other."""
        made = self._json(path.parent / MANIFEST) or {}
        try:
            told = {item["path"]: item["sha256"] for item in made.get("outputs", [])}
            with path.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
            if told.get(path.name, digest) != digest:
                self._fault(path, "is not what its run has left")
                return None
            there = connection.execute("select * from read_parquet(?) limit 0", [str(path)])
            columns = {column[0] for column in there.description or ()}
            query = "select distinct schema from read_parquet(?)"
            found = [row[0] for row in connection.execute(query, [str(path)]).fetchall()]
        except (OSError, KeyError, TypeError, AttributeError, duckdb.Error) as error:
            self._fault(path, f"cannot be read: {type(error).__name__}")
            return None
        known = max(SCHEMAS)
        schema = found[0] if found else known
        if len(found) > 1 or schema not in SCHEMAS:
            self._fault(path, f"schema {', '.join(map(str, found))}; this version reads to {known}")
            return None
        missing = [n for n in COLUMNS[path.stem] if n not in SCHEMAS[schema][path.stem]]
        if missing := [name for name in missing if name not in columns]:
            self._fault(path, f"without the columns {', '.join(missing)}")
            return None
        return int(schema)

    def _fault(self, path: Path, why: str) -> None:
        fault = Fault(path.relative_to(self.outputs).as_posix(), why)
        if fault not in self.faults:
            self.faults.append(fault)

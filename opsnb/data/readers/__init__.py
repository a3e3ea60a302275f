"""Readers: any source as one table of text, so that every value is cast, and missed, in one place.

A reader leaves a table in the engine with one text column a column of the source (``field 0``,
``field 1``, ...), the number of each record in its file (``_record``; the header counts) and the
file's place in the list (``_file``).
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Sequence
from fnmatch import fnmatchcase
from pathlib import Path

from sqlglot import exp

from opsnb.company import Table
from opsnb.data.engine import DuckDB
from opsnb.data.readers.database import read_database
from opsnb.data.readers.delimited import read_csv
from opsnb.data.readers.parquet import read_parquet
from opsnb.data.readers.sheets import read_excel
from opsnb.data.readers.text import FILE, RECORD, SourceFile, Text, create
from opsnb.data.readers.unpivot import unpivot
from opsnb.data.sql import column, literal, table_named
from opsnb.errors import NotReadyError, SourceError

__all__ = ["FILE", "RECORD", "SourceFile", "Text", "drop", "read"]

Reader = Callable[[DuckDB, Table, Path, str, str], list[str]]
READERS: dict[str, Reader] = {"csv": read_csv, "excel": read_excel, "parquet": read_parquet}


def read(engine: DuckDB, name: str, table: Table, folder: Path, view: str) -> Text:
    """Make the view `view` of the source of `table`, and say what it holds.

    Raises
    ------
    NotReadyError
        There is no data folder.
    SourceError, SettingsError
        The source is missing or cannot be read as declared.
    """
    drop(engine, view)
    wide = f"{view} wide" if table.unpivot else view
    if table.kind == "database":
        text = read_database(engine, table, wide, name)
    else:
        text = _files(engine, table, _find(table, folder, name), folder, wide, name)
    return unpivot(engine, table.unpivot, text, wide, view) if table.unpivot else text


def drop(engine: DuckDB, view: str) -> None:
    """Remove what :func:`read` left behind `view`."""
    found = engine.connection.execute(
        "SELECT table_name, table_type FROM information_schema.tables"
    ).fetchall()
    for name, kind in found:
        if name == view or name.startswith(f"{view} "):
            word = "VIEW" if kind == "VIEW" else "TABLE"
            engine.connection.execute(f"DROP {word} {table_named(name).sql('duckdb')} CASCADE")


def _find(table: Table, folder: Path, name: str) -> list[Path]:
    """Files of the table, in the order of their names."""
    pattern, where = str(table.path), f"table {name!r}"
    if not folder.is_dir():
        raise NotReadyError(
            f"no data folder {folder}", where=where, expected=f"the file {pattern} in it"
        )
    everything = sorted(
        p for p in folder.rglob("*") if p.is_file() and not p.name.startswith((".", "~$"))
    )
    found = [p for p in everything if fnmatchcase(p.relative_to(folder).as_posix(), pattern)]
    if not found:
        names = [p.relative_to(folder).as_posix() for p in everything]
        raise SourceError(
            f"no file {pattern} in {folder}", where=where, given=pattern, choices=names
        )
    return found


def _files(
    engine: DuckDB, table: Table, paths: Sequence[Path], folder: Path, view: str, name: str
) -> Text:
    """Files of the same shape, one below the other."""
    header: list[str] = []
    selects: list[exp.Select] = []
    files = []
    for place, path in enumerate(paths):
        content, modified = (
            _digest(path),
            dt.datetime.fromtimestamp(path.stat().st_mtime, tz=dt.UTC),
        )
        files.append(SourceFile(path.relative_to(folder).as_posix(), content, modified))
        part = f"{view} {place}"
        found = READERS[table.kind](engine, table, path, part, name)
        header = header or found
        if found != header:
            odd = next((c for c in found if c not in header), None) or next(
                c for c in header if c not in found
            )
            raise SourceError(
                f"the header differs from that of {paths[0].name}",
                where=path.name,
                expected=f"the same columns; see {odd!r}",
            )
        fields = [column(f"field {i}") for i in range(len(header))]
        selects.append(
            exp.select(*fields, column(RECORD), exp.alias_(literal(place), FILE)).from_(
                table_named(part)
            )
        )
    union: exp.Expr = selects[0]
    for select in selects[1:]:
        union = exp.union(union, select, distinct=False)
    create(engine, view, union, "VIEW")
    place_name = ", ".join(p.name for p in paths[:2]) + (", ..." if len(paths) > 2 else "")
    return Text(header, tuple(files), f"{place_name}, row {min(table.header)} (table {name!r})")


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()

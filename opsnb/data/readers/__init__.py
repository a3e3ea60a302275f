"""Readers: any file as one table of text, so that every value is cast, and missed, in one place.

A reader leaves a table or view in the engine with one text column a column of the file
(``field 0``, ``field 1``, ...), in the order of the records, and the number of each
(``_record``; the header counts) where they do not simply follow on each other.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from sqlglot import exp

from opsnb.company import Table
from opsnb.data.engine import DuckDB
from opsnb.data.hashed import sha256_of
from opsnb.data.readers.delimited import read_csv
from opsnb.data.readers.native import native
from opsnb.data.readers.parquet import read_parquet
from opsnb.data.readers.sheets import read_excel
from opsnb.data.readers.text import FILE, RECORD, SourceFile, Text
from opsnb.data.readers.unpivot import unpivot
from opsnb.data.sql import table_named
from opsnb.errors import NotReadyError, SourceError

__all__ = [
    "FILE", "RECORD", "SourceFile", "Text", "described", "discard", "drop", "find_files",
    "modified", "read_file", "read_native",
]  # fmt: skip

Reader = Callable[[DuckDB, Table, Path, str, str], Text]
READERS: dict[str, Reader] = {"csv": read_csv, "excel": read_excel, "parquet": read_parquet}
TEMPORARY = (".", "~$")
"""How the names of files begin that programs leave beside the real ones."""


def read_file(
    engine: DuckDB, name: str, table: Table, path: Path, view: str
) -> tuple[list[str], Text]:
    """Header of the file, and the view `view` of what it holds.

    Raises
    ------
    SourceError
        It cannot be read as declared.
    """
    wide = f"{view} wide" if table.unpivot else view
    text = READERS[table.kind](engine, table, path, wide, name)
    if table.unpivot is None:
        return text.header, text
    return text.header, unpivot(engine, table.unpivot, text, wide, view)


def read_native(
    engine: DuckDB, name: str, table: Table, folder: Path
) -> tuple[exp.Select, tuple[SourceFile, ...]] | None:
    """Rows of Parquet files that need no casts, and the files; None for any other source."""
    if table.kind != "parquet":
        return None
    paths = find_files(table, folder, name)
    since = [modified(path) for path in paths]  # what changes from here on is told by it
    select = native(engine, table, paths)
    if select is None:
        return None
    files = (described(path, folder) for path in paths)
    return select, tuple(replace(f, modified=m) for f, m in zip(files, since, strict=True))


def drop(engine: DuckDB, view: str) -> None:
    """Remove `view`, and what stands behind it: all whose names begin like it."""
    for name, kind in _relations(engine):
        if name == view or name.startswith(f"{view} "):
            engine.connection.execute(f"DROP {kind} {table_named(name).sql('duckdb')} CASCADE")


def discard(engine: DuckDB, name: str) -> None:
    """Remove the view or table `name`, so that the other may take its place."""
    for found, kind in _relations(engine):
        if found == name:
            engine.connection.execute(f"DROP {kind} {table_named(name).sql('duckdb')} CASCADE")


def _relations(engine: DuckDB) -> list[tuple[str, str]]:
    """Names in the engine, and whether each is a TABLE or a VIEW."""
    found = engine.connection.execute(
        "SELECT table_name, table_type FROM information_schema.tables"
    ).fetchall()
    return [(name, "VIEW" if kind == "VIEW" else "TABLE") for name, kind in found]


def find_files(table: Table, folder: Path, name: str) -> list[Path]:
    """Files of the table, in the order of their names.

    Raises
    ------
    NotReadyError
        There is no data folder.
    SourceError
        No file has such a name.
    """
    pattern, where = str(table.path), f"table {name!r}"
    if (folder / pattern).is_file():
        return [folder / pattern]
    if not folder.is_dir():
        raise NotReadyError(
            f"no data folder {folder}", where=where, expected=f"the file {pattern} in it"
        )
    files = {p.relative_to(folder).as_posix(): p for p in folder.rglob("*") if p.is_file()}
    names = sorted(n for n, p in files.items() if not p.name.startswith(TEMPORARY))
    # Only the star is special: brackets and question marks stand in file names.
    wanted = re.compile("[^/]*".join(map(re.escape, pattern.split("*"))))
    found = [files[n] for n in names if wanted.fullmatch(n)]
    if not found:
        raise SourceError(
            f"no file {pattern} in {folder}", where=where, given=pattern, choices=names
        )
    return found


def described(path: Path, folder: Path) -> SourceFile:
    """File with its hash and the time it was changed."""
    since = modified(path)
    return SourceFile(path.relative_to(folder).as_posix(), sha256_of(path), since)


def modified(path: Path) -> dt.datetime:
    """When a file was last written."""
    return dt.datetime.fromtimestamp(path.stat().st_mtime, tz=dt.UTC)

"""Readers: any source as one table of text, so that every value is cast, and missed, in one place.

A reader leaves a table in the engine with one text column a column of the source (``field 0``,
``field 1``, ...), the number of each record in its file (``_record``; the header counts) and the
file's place in the list (``_file``).
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Callable, Collection, Sequence
from pathlib import Path

from sqlglot import exp

from opsnb.company import Table
from opsnb.data.engine import DuckDB
from opsnb.data.readers.database import read_database
from opsnb.data.readers.delimited import read_csv
from opsnb.data.readers.native import native
from opsnb.data.readers.parquet import read_parquet
from opsnb.data.readers.sheets import read_excel
from opsnb.data.readers.text import FILE, RECORD, Found, SourceFile, Text, create, field
from opsnb.data.readers.unpivot import unpivot
from opsnb.data.sql import column, literal, table_named
from opsnb.errors import NotReadyError, SourceError

__all__ = [
    "FILE", "RECORD", "SourceFile", "Text", "discard", "drop", "modified", "read", "read_native",
]  # fmt: skip

Reader = Callable[[DuckDB, Table, Path, str, str], Found]
READERS: dict[str, Reader] = {"csv": read_csv, "excel": read_excel, "parquet": read_parquet}
TEMPORARY = (".", "~$")
"""How the names of files begin that programs leave beside the real ones."""


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


def read_native(
    engine: DuckDB, name: str, table: Table, folder: Path
) -> tuple[exp.Select, tuple[SourceFile, ...]] | None:
    """Rows of Parquet files that need no casts, and the files; None for any other source."""
    if table.kind != "parquet":
        return None
    paths = _find(table, folder, name)
    select = native(engine, table, paths)
    return None if select is None else (select, tuple(_described(p, folder) for p in paths))


def drop(engine: DuckDB, view: str) -> None:
    """Remove what :func:`read` left behind `view`."""
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


def _find(table: Table, folder: Path, name: str) -> list[Path]:
    """Files of the table, in the order of their names."""
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


def _files(
    engine: DuckDB, table: Table, paths: Sequence[Path], folder: Path, view: str, name: str
) -> Text:
    """Files one below the other, their columns brought together by name."""
    files = tuple(_described(path, folder) for path in paths)
    parts = [
        READERS[table.kind](engine, table, path, f"{view} {place}", name)
        for place, path in enumerate(paths)
    ]
    header, wanted = parts[0].header, _wanted(table, parts[0].header)
    union: exp.Expr | None = None
    for place, (path, part) in enumerate(zip(paths, parts, strict=True)):
        _check_alike(header, part.header, wanted, paths[0].name, path.name)
        places = range(len(header)) if part.header == header else _places(header, part.header)
        fields = [
            exp.alias_(exp.Null() if at is None else column(field(at)), field(i), quoted=True)
            for i, at in enumerate(places)
        ]
        select = exp.select(*fields, column(RECORD), exp.alias_(literal(place), FILE))
        select = select.from_(table_named(f"{view} {place}"))
        union = select if union is None else exp.union(union, select, distinct=False)
    assert union is not None  # noqa: S101 - there is a file
    create(engine, view, union, "VIEW")
    merged = sum(part.merged for part in parts)
    return Text(header, files, _place(table, paths, name), merged)


def _described(path: Path, folder: Path) -> SourceFile:
    with path.open("rb") as file:
        content = hashlib.file_digest(file, "sha256").hexdigest()
    return SourceFile(path.relative_to(folder).as_posix(), content, modified(path))


def modified(path: Path) -> dt.datetime:
    """When a file was last written."""
    return dt.datetime.fromtimestamp(path.stat().st_mtime, tz=dt.UTC)


def _wanted(table: Table, header: Sequence[str]) -> set[str]:
    """Columns of the files that are read: all of them where they become rows."""
    if table.unpivot:
        return set(header)
    return {source for name, spec in table.columns.items() for source in spec.sources(name)}


def _check_alike(
    header: Sequence[str], found: Sequence[str], wanted: Collection[str], first: str, other: str
) -> None:
    """Refuse a further file that lacks a column that is read, or has one that the first lacks."""
    for column_name in wanted:
        if header.count(column_name) != found.count(column_name):
            here, there = header.count(column_name), found.count(column_name)
            raise SourceError(
                f"the header differs from that of {first}: column {column_name!r} stands {there} "
                f"times here and {here} there",
                where=other, expected="the same columns in all files of a table",
            )  # fmt: skip


def _places(header: Sequence[str], found: Sequence[str]) -> list[int | None]:
    """Where each column of the first file stands in another; None where it does not."""
    return [found.index(c) if c in found else None for c in header]


def _place(table: Table, paths: Sequence[Path], name: str) -> str:
    """Where the header stands, for an error."""
    shown = ", ".join(p.name for p in paths[:2]) + (", ..." if len(paths) > 2 else "")
    word = {"csv": ", line ", "excel": ", row "}.get(table.kind)
    return f"{shown}{word}{min(table.header)} (table {name!r})" if word else f"{shown} ({name!r})"

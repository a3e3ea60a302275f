"""Parts: what a source holds, read and cast, as Parquet files that are kept from run to run.

A file is one part. It is read once for its content and its table's definition, and from the cache
afterwards; where nothing is kept, its part lies beside the engine and goes with it. So what is
read anew and what was kept take one way, and can only be the same.
"""

from __future__ import annotations

import contextlib
import re
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import duckdb
from sqlglot import exp

from opsnb.company import Table
from opsnb.data import casts
from opsnb.data.cache import Cache, key_of
from opsnb.data.engine import DuckDB
from opsnb.data.readers import FILE, RECORD, SourceFile, described, drop, find_files, read_file
from opsnb.data.readers.delimited import fault
from opsnb.data.sql import column, literal, table_named
from opsnb.errors import ChangedError, SourceError

TEXT = "source as text"
READ_BY = ("delimiter", "encoding", "sheet", "header", "fill_down", "unpivot")
"""Keys of a table that decide, with its columns, what is read from a file."""


@dataclass(frozen=True)
class Part:
    """Rows of one file that are read and cast.

    Attributes
    ----------
    rows : Path
        Parquet file.
    header : tuple of str
        Columns of the file.
    merged : int
        Merged cells below the header that stand in their first row only.
    first : int or None
        Number of the first record where they follow on each other.
    """

    rows: Path
    header: tuple[str, ...]
    merged: int
    first: int | None


def read_parts(
    engine: DuckDB, name: str, table: Table, folder: Path, cache: Cache
) -> tuple[list[Part], tuple[SourceFile, ...]]:
    """Parts of the files of `table`, each from the cache where it has not changed.

    Raises
    ------
    NotReadyError, SourceError
    """
    paths = find_files(table, folder, name)
    reading = _Reading(engine, name, table, folder, cache)
    found = [reading.part(path) for path in paths]
    return [part for part, _ in found], tuple(file for _, file in found)


@dataclass
class _Reading:
    """The files of a table, read one after the other."""

    engine: DuckDB
    name: str
    table: Table
    folder: Path
    cache: Cache
    first: tuple[str, Sequence[str]] | None = None

    def part(self, path: Path) -> tuple[Part, SourceFile]:
        """Part of the next file."""
        file = described(path, self.folder)
        key = _key(self.table, file)
        entry = self.cache.find(key)
        if entry is None:
            return self._read(path, file, key), file
        about = entry.about
        self._compare(path, about["header"])
        return Part(entry.rows, tuple(about["header"]), about["merged"], about["first"]), file

    def _read(self, path: Path, file: SourceFile, key: str) -> Part:
        """File read anew, and kept."""
        engine, table = self.engine, self.table
        try:
            header, text = read_file(engine, self.name, table, path, TEXT)
            self._compare(path, header)
            select = casts.typed(table, text.field, TEXT, numbered=text.first is None)
            about = {"header": header, "merged": text.merged, "first": text.first}
            rows = cast(engine, select, self.cache, key, about, lambda: self._same(path, file))
        except duckdb.Error as error:
            raise fault(error, file.path, self.name) from None
        finally:
            drop(engine, TEXT)
        return Part(rows, tuple(header), text.merged, text.first)

    def _same(self, path: Path, file: SourceFile) -> None:
        """Refuse a file that is another by now: its rows would be kept under the old content."""
        if described(path, self.folder).sha256 != file.sha256:
            where = f"{file.path} (table {self.name!r})"
            raise ChangedError("the file changed while it was read", where=where)

    def _compare(self, path: Path, header: Sequence[str]) -> None:
        if self.first is None:
            self.first = path.name, header
        _check_alike(self.table, self.first[1], header, self.first[0], path.name)


def definition(table: Table) -> list[Any]:
    """What of a table's settings decides how its text is cast."""
    spelled = table.model_dump(mode="json", include={"missing", "notation"})
    columns = [(name, spec.model_dump(mode="json")) for name, spec in table.columns.items()]
    return [spelled, columns]


def _key(table: Table, file: SourceFile) -> str:
    read_by = table.model_dump(mode="json", include=set(READ_BY))
    ending = PurePosixPath(file.path).suffix.lower()
    return key_of(file.sha256, ending, read_by, *definition(table))


def cast(
    engine: DuckDB,
    select: exp.Expr,
    cache: Cache,
    key: str,
    about: Mapping[str, Any],
    check: Callable[[], None] = lambda: None,
) -> Path:
    """File with the rows of `select`: kept under `key`, or beside the engine.

    Parameters
    ----------
    check : callable
        Called once they are read and before they are kept.
    """
    kept = keep(engine, select, cache, key, about, check)
    if kept is None:
        kept = engine.scratch / f"{uuid.uuid4().hex}.parquet"
        _writer(engine, select)(kept)
        check()
    return kept


def keep(
    engine: DuckDB,
    select: exp.Expr,
    cache: Cache,
    key: str,
    about: Mapping[str, Any],
    check: Callable[[], None] = lambda: None,
) -> Path | None:
    """File with the rows of `select`, kept under `key`; None where that cannot be done."""
    if cache.folder is None:
        return None
    write = _writer(engine, select)

    def checked(path: Path) -> None:
        write(path)
        check()

    with contextlib.suppress(duckdb.IOException):  # a full disk; a fault of the source comes again
        return cache.keep(key, checked, about)
    return None


def _writer(engine: DuckDB, select: exp.Expr) -> Callable[[Path], None]:
    relation = engine.connection.sql(select.sql(dialect="duckdb", identify=True))
    return lambda path: relation.to_parquet(str(path), compression="zstd")


def together(engine: DuckDB, view: str, table: Table, parts: Sequence[tuple[Part, int]]) -> None:
    """View of all parts, one below the other, each with the place of its file."""
    names = [*table.columns, casts.UNPARSED, casts.LOST, *casts.recognisable(table)]
    union: exp.Expr | None = None
    for place, (part, file) in enumerate(parts):
        path = re.sub(r"([*?\[])", r"[\1]", str(part.rows))
        relation = engine.connection.read_parquet(path, file_row_number=True)
        relation.create_view(f"{view} {place}", replace=True)
        number: exp.Expr = column(RECORD)
        if part.first is not None:
            number = exp.Add(this=column("file_row_number"), expression=literal(part.first))
        select = exp.select(*(column(name) for name in names))
        select = select.select(exp.alias_(number, RECORD), exp.alias_(literal(file), FILE))
        select = select.from_(table_named(f"{view} {place}"))
        union = select if union is None else exp.union(union, select, distinct=False)
    assert union is not None  # noqa: S101 - there is a file
    tree = exp.Create(this=table_named(view), kind="VIEW", replace=True, expression=union)
    engine.connection.execute(tree.sql("duckdb", identify=True))


def _check_alike(
    table: Table, header: Sequence[str], found: Sequence[str], first: str, other: str
) -> None:
    """Refuse a further file that lacks a column that is read, or has it more or less often."""
    made = (table.unpivot.name, table.unpivot.value) if table.unpivot else ()
    for name, spec in table.columns.items():
        for source in spec.sources(name):
            here, there = header.count(source), found.count(source)
            if source not in made and here != there:
                raise SourceError(
                    f"the header differs from that of {first}: column {source!r} stands {there} "
                    f"times here and {here} there",
                    where=other, expected="the same columns in all files of a table",
                )  # fmt: skip

"""Sources: files read into typed tables, with where each came from and what could not be read.

Every file is first read as text and then cast column by column, so that a value that does not
parse is known by row and column. It stays missing in the table, is counted, and is never 0.
"""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
from sqlglot import exp

from opsnb.company import Table
from opsnb.data import casts
from opsnb.data.engine import DuckDB
from opsnb.errors import NotReadyError, SourceError

EXAMPLES = 5
UTF8 = "a file saved as UTF-8"
RAW = "file as text"
"""View of the file that is being read; no table can be called so."""


@dataclass(frozen=True)
class Unparsed:
    """A value that is not of its column's type.

    Attributes
    ----------
    row : int
        Number of the record in the file, as a spreadsheet counts: the header is 1. Blank lines
        are no records.
    column : str
        Name in the file.
    """

    row: int
    column: str
    value: str
    expected: str


@dataclass(frozen=True)
class Loaded:
    """A table that has been read, and its provenance.

    Attributes
    ----------
    rows : int
        Records in the file; all of them are in the table.
    without_date : int
        Records whose date is missing or did not parse: they belong to no period.
    unparsed : int
        Values that did not parse, over all columns; `examples` are the first of them.
    extent : (int, int) or None
        First and last month with data, as ordinals.
    """

    name: str
    path: Path
    sha256: str
    modified: dt.datetime
    rows: int
    without_date: int
    unparsed: int
    examples: tuple[Unparsed, ...]
    extent: tuple[int, int] | None


def load(engine: DuckDB, name: str, table: Table, folder: Path) -> Loaded:
    """Read the file of `table` into the engine under `name`.

    Raises
    ------
    NotReadyError
        There is no data folder.
    SourceError
        The file is missing, is not UTF-8, lacks a column, or has a ragged record.
    """
    path = _find(table, folder, name)
    content = _sha256(path)
    header = _header(path, table, name)
    fields = _fields(header, table, path, name)
    try:
        _view(engine, path, table, len(header))
        typed = casts.typed(table, fields, RAW)
        _execute(
            engine, exp.Create(this=_table(name), kind="TABLE", replace=True, expression=typed)
        )
        rows, without_date, unparsed, first, last = _execute(engine, _summary(name, table))[0]
        examples = list(_examples(engine, table, fields)) if unparsed else []
    except duckdb.Error as error:
        raise _translate(error, path, name) from None
    finally:
        engine.connection.execute(f'DROP VIEW IF EXISTS "{RAW}"')
    return Loaded(
        name=name,
        path=path,
        sha256=content,
        modified=dt.datetime.fromtimestamp(path.stat().st_mtime, tz=dt.UTC),
        rows=int(rows),
        without_date=int(without_date),
        unparsed=int(unparsed),
        examples=tuple(examples[:EXAMPLES]),
        extent=None if first is None else (_ordinal(first), _ordinal(last)),
    )


def _find(table: Table, folder: Path, name: str) -> Path:
    path = folder / table.path
    if path.is_file():
        return path
    if not folder.is_dir():
        raise NotReadyError(
            f"no data folder {folder}",
            where=f"table {name!r}",
            expected=f"the file {table.path} in it",
        )
    names = sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file())
    raise SourceError(
        f"no file {table.path} in {folder}",
        where=f"table {name!r}",
        given=table.path,
        choices=names,
    )


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _header(path: Path, table: Table, name: str) -> list[str]:
    """Names in the first record of the file."""
    where = f"{path.name}, line 1 (table {name!r})"
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            header = next(csv.reader(file, delimiter=table.delimiter, strict=True), [])
    except UnicodeDecodeError as error:
        raise SourceError(f"byte {error.start} is not UTF-8", where=where, expected=UTF8) from None
    except csv.Error as error:
        raise SourceError(f"the header cannot be read: {error}", where=where) from None
    if not any(header):
        raise SourceError("the file is empty", where=where, expected="a header line")
    return header


def _fields(header: list[str], table: Table, path: Path, name: str) -> dict[str, str]:
    """Declared columns, each in the header once, by their place in the file."""
    where = f"{path.name}, line 1 (table {name!r})"
    fields = {}
    for column, spec in table.columns.items():
        wanted = spec.source or column
        if wanted not in header:
            raise SourceError(f"no column {wanted!r}", where=where, given=wanted, choices=header)
        if header.count(wanted) > 1:
            raise SourceError(f"column {wanted!r} stands twice", where=where)
        fields[column] = _field(header.index(wanted))
    return fields


def _field(place: int) -> str:
    """Name of a column of the raw view; those of the file may be blank or stand twice."""
    return f"field {place}"


def _view(engine: DuckDB, path: Path, table: Table, width: int) -> None:
    """View of the file, all text."""
    literal = re.sub(r"([*?\[])", r"[\1]", str(path))  # DuckDB would read a pattern
    engine.connection.read_csv(
        literal,
        header=True,
        sep=table.delimiter,
        quotechar='"',
        escapechar='"',
        strict_mode=True,
        auto_detect=False,
        columns={_field(place): "VARCHAR" for place in range(width)},
    ).create_view(RAW, replace=True)


def _summary(name: str, table: Table) -> exp.Select:
    """Rows, rows without a date, values that did not parse, first and last date."""
    date = exp.column(table.date, quoted=True)
    total = exp.Sum(this=exp.column(casts.UNPARSED))
    return exp.select(
        exp.Count(this=exp.Star()),
        exp.Sub(this=exp.Count(this=exp.Star()), expression=exp.Count(this=date)),
        exp.Coalesce(this=total, expressions=[exp.Literal.number(0)]),
        exp.Min(this=date.copy()),
        exp.Max(this=date.copy()),
    ).from_(_table(name))


def _examples(engine: DuckDB, table: Table, fields: Mapping[str, str]) -> Iterator[Unparsed]:
    """First values that did not parse, with the number of their record."""
    names = [column for column, spec in table.columns.items() if spec.type != "text"]
    for record, *texts in _execute(engine, casts.lost(table, fields, RAW, EXAMPLES)):
        for column, text in zip(names, texts, strict=True):
            if text is not None:
                spec = table.columns[column]
                yield Unparsed(int(record), spec.source or column, text, spec.type)


def _translate(error: Exception, path: Path, name: str) -> SourceError:
    """Fault of DuckDB's CSV reader in our words."""
    text = str(error)
    line = re.search(r"[Ll]ine:? (\d+)", text)
    place = f"{path.name}, line {line[1]}" if line else path.name
    where = f"{place} (table {name!r})"
    if "unicode" in text.lower() or "utf-8" in text.lower():
        return SourceError("the text is not UTF-8", where=where, expected=UTF8)
    counts = re.search(r"Expected Number of Columns: (\d+) Found: (\d+)", text)
    if counts:
        expected = f"{counts[1]}, as the header has"
        return SourceError(f"the record has {counts[2]} fields", where=where, expected=expected)
    if "unterminated quote" in text.lower():
        return SourceError("a quotation mark is opened and never closed", where=where)
    if "maximum line size" in text.lower():
        return SourceError("the record is longer than 2,000,000 bytes", where=where)
    if "invalid state" in text:
        return SourceError(
            "the lines end in different ways, or a quotation mark is out of place",
            where=where,
            expected="line ends of one kind, and quotation marks around whole values",
        )
    return SourceError(f"the record cannot be read: {text.splitlines()[0]}", where=where)


def _ordinal(day: dt.date) -> int:
    return 12 * day.year + day.month - 1


def _table(name: str) -> exp.Table:
    return exp.table_(name, quoted=True)


def _execute(engine: DuckDB, tree: exp.Expr) -> list[Any]:
    return engine.connection.execute(tree.sql(dialect="duckdb", identify=True)).fetchall()

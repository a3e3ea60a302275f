"""Sources: files read into typed tables, with where each came from and what could not be read.

Every file is first read as text and then cast column by column, so that a value that does not
parse is known by row and column. It stays missing in the table, is counted, and is never 0.
"""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb
from sqlglot import exp

from opsnb.company import SourceColumn, Table
from opsnb.data.engine import DuckDB
from opsnb.errors import NotReadyError, SourceError

SQL_TYPES = {
    "text": "VARCHAR",
    "integer": "BIGINT",
    "number": "DOUBLE",
    "date": "DATE",
    "datetime": "TIMESTAMP",
    "boolean": "BOOLEAN",
}
EXAMPLES = 5
FIELD, RECORD = "\x1f", "\x1e"


@dataclass(frozen=True)
class Unparsed:
    """A value that is not of its column's type.

    Attributes
    ----------
    row : int
        Line of the record in the file, the header being 1 (records without line breaks).
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
    SourceError
        The file is missing, is not UTF-8, lacks a column, or has a ragged row.
    """
    path = _find(table, folder, name)
    content = _sha256(path)
    _check_header(path, table, name)
    _create(engine, name, table, path)
    summary = engine.connection.execute(_summary(name, table)).fetchall()
    rows, without_date, unparsed, first, last = summary[0]
    return Loaded(
        name=name,
        path=path,
        sha256=content,
        modified=dt.datetime.fromtimestamp(path.stat().st_mtime, tz=dt.UTC),
        rows=int(rows),
        without_date=int(without_date),
        unparsed=int(unparsed),
        examples=tuple(_examples(engine, name, table)) if unparsed else (),
        extent=None if first is None else (_ordinal(first), _ordinal(last)),
    )


def _find(table: Table, folder: Path, name: str) -> Path:
    path = folder / table.path
    if path.is_file():
        return path
    if not folder.is_dir():
        raise NotReadyError(
            f"no data folder {folder}", where=f"table {name!r}", expected=f"the file {table.path} in it"
        )
    names = sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file())
    raise SourceError(f"no file {table.path} in {folder}", where=f"table {name!r}", given=table.path, choices=names)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _check_header(path: Path, table: Table, name: str) -> None:
    """Every declared column stands in the first line, once."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            header = next(csv.reader(file, delimiter=table.delimiter), [])
    except UnicodeDecodeError as error:
        raise _not_utf8(path, name, error.start) from None
    if not any(header):
        raise SourceError("the file is empty", where=f"{path.name} (table {name!r})", expected="a header line")
    for column, spec in table.columns.items():
        wanted = spec.source or column
        if wanted not in header:
            raise SourceError(
                f"no column {wanted!r}", where=f"{path.name}, line 1 (table {name!r})", given=wanted, choices=header
            )
        if header.count(wanted) > 1:
            raise SourceError(f"column {wanted!r} stands twice", where=f"{path.name}, line 1 (table {name!r})")


def _not_utf8(path: Path, name: str, position: int) -> SourceError:
    return SourceError(
        f"byte {position} is not UTF-8", where=f"{path.name} (table {name!r})", expected="a file saved as UTF-8"
    )


def _create(engine: DuckDB, name: str, table: Table, path: Path) -> None:
    """Typed table, with the line of each record and the values that did not parse beside it."""
    raw = f"{name} as text"
    try:
        engine.connection.read_csv(
            str(path), header=True, sep=table.delimiter, quotechar='"', escapechar='"', strict_mode=True,
            auto_detect=False, columns=dict.fromkeys(_header(path, table), "VARCHAR"),
        ).create_view(raw, replace=True)  # fmt: skip
        typed = exp.Create(this=_identifier(name), kind="TABLE", replace=True, expression=_typed(table, raw))
        engine.connection.execute(_sql(typed))
    except (duckdb.InvalidInputException, duckdb.ConversionException) as error:
        raise _translate(error, path, name) from None
    engine.connection.unregister(raw)


def _header(path: Path, table: Table) -> list[str]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return next(csv.reader(file, delimiter=table.delimiter), [])


def _typed(table: Table, raw: str) -> exp.Select:
    """Every column cast; ``_unparsed`` holds ``column US value RS`` for each value that did not."""
    select = exp.select(exp.alias_(_line(), "_line"))
    parts: list[exp.Expression] = [exp.Literal.string("")]
    for column, spec in table.columns.items():
        text, value = _text(spec, column), _cast(spec, _text(spec, column))
        select = select.select(exp.alias_(value, column))
        if spec.type != "text":
            lost = exp.and_(_is_null(text).not_(), _is_null(value.copy()))
            name = exp.Literal.string(column + FIELD)
            what = exp.DPipe(this=exp.DPipe(this=name, expression=text.copy()), expression=exp.Literal.string(RECORD))
            parts.append(exp.Case(ifs=[exp.If(this=lost, true=what)], default=exp.Literal.string("")))
    return select.select(exp.alias_(exp.Concat(expressions=parts), "_unparsed")).from_(_identifier(raw))


def _is_null(node: exp.Expression) -> exp.Expression:
    return exp.Is(this=node, expression=exp.Null())


def _line() -> exp.Expression:
    """Line in the file: the header is 1."""
    number = exp.Window(this=exp.RowNumber())
    return exp.Add(this=number, expression=exp.Literal.number(1))


def _text(spec: SourceColumn, column: str) -> exp.Expression:
    """Raw text of a column; blank is missing."""
    raw = exp.column(exp.to_identifier(spec.source or column, quoted=True))
    if spec.type == "text":
        return exp.Nullif(this=raw, expression=exp.Literal.string(""))
    return exp.Nullif(this=exp.Trim(this=raw), expression=exp.Literal.string(""))


def _cast(spec: SourceColumn, text: exp.Expression) -> exp.Expression:
    """Value of the type, or null; a number with more digits than declared does not parse."""
    if spec.type == "text":
        return text.copy()
    scale = 0 if spec.type == "integer" else spec.scale
    if scale is None:
        return exp.TryCast(this=text.copy(), to=exp.DataType.build(SQL_TYPES[spec.type], dialect="duckdb"))
    wide = exp.TryCast(this=text.copy(), to=exp.DataType.build("DECIMAL(38, 12)", dialect="duckdb"))
    target = SQL_TYPES["integer"] if spec.type == "integer" else f"DECIMAL(18, {scale})"
    narrow = exp.TryCast(this=text.copy(), to=exp.DataType.build(target, dialect="duckdb"))
    return exp.Case(ifs=[exp.If(this=exp.EQ(this=wide, expression=narrow), true=narrow.copy())])


def _summary(name: str, table: Table) -> str:
    date = exp.column(table.date)
    everything = exp.Count(this=exp.Star())
    ends = exp.Replace(this=exp.column("_unparsed"), expression=exp.Literal.string(RECORD), replacement=exp.Literal.string(""))
    lost = exp.Sub(this=exp.Length(this=exp.column("_unparsed")), expression=exp.Length(this=ends))
    select = exp.select(
        everything,
        exp.Sub(this=everything.copy(), expression=exp.Count(this=date)),
        exp.Coalesce(this=exp.Sum(this=lost), expressions=[exp.Literal.number(0)]),
        exp.Min(this=date.copy()),
        exp.Max(this=date.copy()),
    )
    return _sql(select.from_(_identifier(name)))


def _examples(engine: DuckDB, name: str, table: Table) -> Iterator[Unparsed]:
    """First values that did not parse, with the line of their record."""
    some = exp.NEQ(this=exp.column("_unparsed"), expression=exp.Literal.string(""))
    select = exp.select("_line", "_unparsed").from_(_identifier(name)).where(some).order_by("_line").limit(EXAMPLES)
    for line, text in engine.connection.execute(_sql(select)).fetchall():
        for record in text.split(RECORD)[:-1]:
            column, _, value = record.partition(FIELD)
            spec = table.columns[column]
            yield Unparsed(int(line), spec.source or column, value, spec.type)


def _translate(error: Exception, path: Path, name: str) -> SourceError:
    text = str(error)
    where = f"{path.name} (table {name!r})"
    line = re.search(r"[Ll]ine:? (\d+)", text)
    if line:
        where = f"{path.name}, line {line[1]} (table {name!r})"
    if "unicode" in text.lower() or "utf-8" in text.lower():
        return SourceError("the text is not UTF-8", where=where, expected="a file saved as UTF-8")
    fields = re.search(r"Expected Number of Columns: (\d+) Found: (\d+)", text)
    if fields:
        return SourceError(f"the record has {fields[2]} fields", where=where, expected=f"{fields[1]}, as the header has")
    if "unterminated quote" in text.lower():
        return SourceError("a quotation mark is opened and never closed", where=where)
    return SourceError(f"the record cannot be read: {text.splitlines()[0]}", where=where)


def _ordinal(day: dt.date) -> int:
    return 12 * day.year + day.month - 1


def _identifier(name: str) -> exp.Table:
    return exp.table_(name, quoted=True)


def _sql(node: exp.Expression) -> str:
    return node.sql(dialect="duckdb", identify=True)

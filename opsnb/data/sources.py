"""Sources: files and databases read into typed tables, with where each came from and what was lost.

Every source is first read as text (`opsnb.data.readers`) and then cast column by column
(`opsnb.data.casts`), so that a value that does not parse is known by file, row and column. It
stays missing in the table, is counted, and is never 0. What was cast is kept
(`opsnb.data.parts`), so that a file that has not changed is not read again.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
from sqlglot import exp

from opsnb.company import Table
from opsnb.data import casts, joins
from opsnb.data.cache import Cache
from opsnb.data.engine import DuckDB
from opsnb.data.increments import read_relation
from opsnb.data.parts import read_parts, together
from opsnb.data.readers import FILE, RECORD, SourceFile, discard, drop, modified, read_native
from opsnb.data.readers.delimited import fault
from opsnb.data.sql import column, literal, month_of, table_named
from opsnb.errors import ChangedError, SourceError

EXAMPLES = 5
PARTS = "parts of source"


@dataclass(frozen=True)
class Unparsed:
    """A value that is not of its column's type.

    Attributes
    ----------
    file : str
    row : int
        Number of the record in the file, the header counted (of a CSV without line breaks in
        values, the line).
    column : str
        Name in the file.
    """

    file: str
    row: int
    column: str
    value: str
    expected: str


@dataclass(frozen=True)
class Loaded:
    """A table that has been read, and its provenance.

    Attributes
    ----------
    files : tuple of SourceFile
    rows : int
        Records in the files; all of them are in the table.
    without_date : int
        Records whose date is missing or did not parse: they belong to no period.
    unparsed : int
        Values that did not parse, over all columns; `examples` are the first of them.
    recognised : mapping
        ``missing COLUMN`` and ``notation COLUMN`` -> how many values were read by a declared
        word for "no value" or habit of writing.
    merged : int
        Merged cells below the header of a sheet that were left as they are: their value stands in
        the first row only, and is missing in the others.
    excluded : int
        Records left out by the table's ``where``.
    stays : bool
        Whether the files are read at every question: typed Parquet is not copied.
    unmatched : mapping table -> rows
        Of a joined table: rows whose key was not found there.
    months : tuple of int
        Ordinals of the months that have rows.
    """

    name: str
    files: tuple[SourceFile, ...]
    rows: int
    without_date: int
    unparsed: int
    examples: tuple[Unparsed, ...] = ()
    recognised: Mapping[str, int] = field(default_factory=dict)
    merged: int = 0
    excluded: int = 0
    stays: bool = False
    unmatched: Mapping[str, int] = field(default_factory=dict)
    months: tuple[int, ...] = ()

    @property
    def path(self) -> str:
        """Files, for a reader."""
        names = list(dict.fromkeys(file.path for file in self.files))
        return ", ".join(names[:3]) + (f", ... ({len(names)})" if len(names) > 3 else "")

    @property
    def sha256(self) -> str:
        """Hash of the file; of several, the hash of their hashes."""
        if len(self.files) == 1:
            return self.files[0].sha256
        return hashlib.sha256("".join(file.sha256 for file in self.files).encode()).hexdigest()

    @property
    def modified(self) -> dt.datetime:
        """Latest change of a file."""
        return max(file.modified for file in self.files)

    @property
    def extent(self) -> tuple[int, int] | None:
        """First and last month the rows speak of; a combined January counts."""
        if not self.months:
            return None
        begins_in_february = self.months[0] % 12 == 1 and self.is_january_combined
        return (self.months[0] - begins_in_february, self.months[-1])

    @property
    def is_january_combined(self) -> bool:
        """Whether January never has rows of its own and February always does: 11 periods a year.

        Statistics that publish January and February together come so. Two years are needed.
        """
        if not self.months:
            return False
        inside = range(self.months[0], self.months[-1] + 1)
        januaries = [month for month in inside if month % 12 == 0]
        februaries = [month for month in inside if month % 12 == 1]
        if len(februaries) < 2:
            return False
        return not set(januaries) & set(self.months) and set(februaries) <= set(self.months)


def load(
    engine: DuckDB,
    name: str,
    table: Table,
    folder: Path,
    aliases: Mapping[str, str] | None = None,
    cache: Cache | None = None,
) -> Loaded:
    """Read the source of `table` into the engine under `name`.

    Parameters
    ----------
    aliases : mapping
        Words for units in the data -> their ids.
    cache : Cache, optional
        Where what was read is kept; the user's own when not given.

    Raises
    ------
    NotReadyError
        There is no data folder.
    SourceError, SettingsError
        The source is missing or cannot be read as declared: file, sheet, row and column are named.
    """
    cache = Cache.here() if cache is None else cache
    discard(engine, name)
    # Typed Parquet is not kept: it is read where it lies as fast as a copy would be.
    try:
        if (found := _load_native(engine, name, table, folder, aliases or {})) is not None:
            return found
    except duckdb.Error as error:
        raise fault(error, str(table.path), name) from None
    try:
        return _load(engine, name, table, folder, aliases or {}, cache)
    except duckdb.IOException:  # what was kept went away between being found and being read
        return _load(engine, name, table, folder, aliases or {}, Cache(None))


def _load(
    engine: DuckDB,
    name: str,
    table: Table,
    folder: Path,
    aliases: Mapping[str, str],
    cache: Cache,
) -> Loaded:
    if table.kind == "database":
        parts, files = read_relation(engine, name, table, cache)
        placed = [(part, 0) for part in parts]
    else:
        parts, files = read_parts(engine, name, table, folder, cache)
        placed = [(part, place) for place, part in enumerate(parts)]
    try:
        together(engine, PARTS, table, placed)
        columns, own = list(table.columns), (*joins.OWN, casts.LOST)
        select = exp.select(*map(column, (*columns, *own))).from_(table_named(PARTS))
        joins.create_table(engine, name, table, select, columns, aliases, own)
        examples = tuple(_examples(engine, name, table, files))[:EXAMPLES]
        recognised = _recognised(engine, table)
        excluded = _excluded(engine, name, PARTS) if table.where else 0
    finally:
        drop(engine, PARTS)
    return Loaded(
        name=name,
        files=files,
        rows=_count(engine, name, exp.Count(this=exp.Star())),
        without_date=_without_date(engine, name, table),
        unparsed=_count(engine, name, exp.Sum(this=column(casts.UNPARSED))),
        examples=examples,
        recognised=recognised,
        merged=sum(part.merged for part in parts),
        excluded=excluded,
        months=months(engine, name, table),
    )


def _load_native(
    engine: DuckDB, name: str, table: Table, folder: Path, aliases: Mapping[str, str]
) -> Loaded | None:
    """Leave a table of typed files where it lies, as a view; None where it must be read as text."""
    found = read_native(engine, name, table, folder)
    if found is None:
        return None
    select, files = found
    # What is derived is computed once, and its faults are told now.
    is_view = not table.derive and table.where is None
    kind = "VIEW" if is_view else "TABLE"
    create = partial(joins.create_table, engine, name, table, select, list(table.columns))
    if is_view:
        create({}, kind=kind)
        aliases = _met(engine, name, table, aliases)
    create(aliases, kind=kind)
    excluded = 0
    if table.where:
        every = exp.select(exp.Count(this=exp.Star())).from_(select.subquery("every"))
        excluded = int(_execute(engine, every)[0][0])
    rows = _count(engine, name, exp.Count(this=exp.Star()))
    loaded = Loaded(
        name=name,
        files=files,
        rows=rows,
        without_date=_without_date(engine, name, table),
        unparsed=0,
        excluded=excluded - rows if table.where else 0,
        months=months(engine, name, table),
        stays=is_view,
    )
    for file in filter(lambda file: _is_another(file, folder), files):
        where = f"{file.path} (table {name!r})"
        raise ChangedError("the file changed while it was read", where=where)
    return loaded


def check_unchanged(loaded: Loaded, folder: Path) -> None:
    """Refuse files that are read at every question and are others by now than were opened.

    Raises
    ------
    SourceError
    """
    for file in loaded.files if loaded.stays else ():
        if _is_another(file, folder):
            raise SourceError(
                "the file has changed since it was opened",
                where=f"{file.path} (table {loaded.name!r})",
                expected="the company to be opened again",
            )


def _is_another(file: SourceFile, folder: Path) -> bool:
    """Whether a file has been written, or removed, since it was described."""
    path = folder / file.path
    return not path.is_file() or modified(path) != file.modified


def _met(engine: DuckDB, name: str, table: Table, aliases: Mapping[str, str]) -> dict[str, str]:
    """Aliases that stand in the data: a view looks every row up in them, again and again."""
    if table.unit is None or not aliases:
        return {}
    trimmed = exp.Trim(this=column(table.unit))
    select = exp.select(trimmed).distinct().from_(table_named(name))
    words = {row[0] for row in _execute(engine, select)}
    return {word: unit for word, unit in aliases.items() if word in words}


def load_joined(
    engine: DuckDB,
    name: str,
    table: Table,
    parts: Mapping[str, Loaded],
    aliases: Mapping[str, str] | None = None,
) -> Loaded:
    """Put `table` together from tables that are loaded.

    Parameters
    ----------
    parts : mapping table -> Loaded
        Its base and whatever it looks up.

    Raises
    ------
    SourceError
        A key that should be unique stands in several rows: the join would double amounts.
    """
    try:
        select, columns, unmatched = joins.joined(engine, name, table)
    except duckdb.Error as error:
        detail = str(error).splitlines()[0]
        raise SourceError(
            f"the joins cannot be computed: {detail}", where=f"table {name!r}"
        ) from None
    joins.create_table(engine, name, table, select, columns, aliases or {})
    files = tuple(dict.fromkeys(file for part in parts.values() for file in part.files))
    return Loaded(
        name=name,
        files=files,
        rows=_count(engine, name, exp.Count(this=exp.Star())),
        without_date=_without_date(engine, name, table),
        unparsed=0,
        excluded=_excluded(engine, name, str(table.base)) if table.where else 0,
        unmatched=unmatched,
        months=months(engine, name, table),
    )


def months(engine: DuckDB, name: str, table: Table) -> tuple[int, ...]:
    """Ordinals of the months in which the table has rows."""
    if table.date is None:
        return ()
    month = exp.alias_(month_of(column(table.date)), "_month")
    select = exp.select(month).distinct().from_(table_named(name)).order_by("_month")
    return tuple(int(row[0]) for row in _execute(engine, select) if row[0] is not None)


def _excluded(engine: DuckDB, name: str, source: str) -> int:
    every = exp.Count(this=exp.Star())
    return _count(engine, source, every) - _count(engine, name, every.copy())


def _without_date(engine: DuckDB, name: str, table: Table) -> int:
    if table.date is None:
        return 0
    return _count(
        engine, name, exp.CountIf(this=exp.Is(this=column(table.date), expression=exp.Null()))
    )


def _count(engine: DuckDB, name: str, what: exp.Expr) -> int:
    whole = exp.Coalesce(this=what, expressions=[literal(0)])
    return int(_execute(engine, exp.select(whole).from_(table_named(name)))[0][0])


def _examples(
    engine: DuckDB, name: str, table: Table, files: Sequence[SourceFile]
) -> Iterator[Unparsed]:
    """First values that did not parse; their texts leave the table."""
    names = [name for name, spec in table.columns.items() if spec.type != "text"]
    lost = column(casts.LOST)
    select = (
        exp.select(RECORD, FILE, lost)
        .from_(table_named(name))
        .where(exp.not_(exp.Is(this=lost.copy(), expression=exp.Null())))
    )
    select = select.order_by(FILE, RECORD, lost.copy()).limit(EXAMPLES)
    for record, file, values in _execute(engine, select):
        for column_name, value in zip(names, values, strict=True):
            if value is not None:
                spec = table.columns[column_name]
                shown = "/".join(spec.sources(column_name))
                yield Unparsed(files[int(file)].path, int(record), shown, value, spec.expected)
    gone = exp.Drop(tables=[lost.copy()], kind="COLUMN")
    tree = exp.Alter(this=table_named(name), kind="TABLE", actions=[gone])
    engine.connection.execute(tree.sql(dialect="duckdb", identify=True))


def _recognised(engine: DuckDB, table: Table) -> dict[str, int]:
    names = casts.recognisable(table)
    if not names:
        return {}
    counts = [exp.alias_(exp.CountIf(this=column(name)), name, quoted=True) for name in names]
    (found,) = _execute(engine, exp.select(*counts).from_(table_named(PARTS)))
    return {name: int(n) for name, n in zip(names, found, strict=True) if n}


def _execute(engine: DuckDB, tree: exp.Expr) -> list[Any]:
    return engine.connection.execute(tree.sql(dialect="duckdb", identify=True)).fetchall()

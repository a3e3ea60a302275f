"""Relations of any database that SQLAlchemy reaches, as text: whole, or from a watermark on."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from opsnb.company import Table
from opsnb.data.readers.urls import masked
from opsnb.errors import SourceError

if TYPE_CHECKING:
    from sqlalchemy import URL, Connection
    from sqlalchemy.sql.elements import ColumnElement
    from sqlalchemy.sql.selectable import Select

Found = TypeVar("Found")
TIMED = ("postgresql", "mysql", "mariadb")
"""Databases whose drivers take ``connect_timeout``, in seconds."""
MARKS: dict[str, Callable[[str], Any]] = {
    "int": int,
    "float": float,
    "Decimal": Decimal,
    "str": str,
    "date": dt.date.fromisoformat,
    "datetime": dt.datetime.fromisoformat,
}
"""Types of a watermark, and how each is read from its text."""


@dataclass(frozen=True)
class Known:
    """What was read before: the highest value of the watermark, and the rows below it.

    Attributes
    ----------
    kind, mark : str
        Type of the value, and the value as text.
    rows : int
    columns : tuple of str
        Those that were read.
    column_type : str
        Type of the watermark in the database.
    """

    kind: str
    mark: str
    rows: int
    columns: tuple[str, ...]
    column_type: str

    @property
    def value(self) -> Any:
        """Highest value, as the database's driver gave it."""
        return MARKS[self.kind](self.mark)


@dataclass(frozen=True)
class Fetched:
    """Rows of a relation, as text.

    Attributes
    ----------
    header : list of str
        All columns of the relation.
    columns : list of str
        Those that are read.
    rows : list of list of str or None
        With a watermark in its order, rows without one last.
    continues : bool
        Whether the rows that were known before stand before these.
    known : Known or None
        What is known from now on; None without a watermark, or where no row has one.
    """

    header: list[str]
    columns: list[str]
    rows: list[list[str | None]]
    continues: bool = False
    known: Known | None = None


def fetch(
    url: URL, table: Table, where: str, secrets: Sequence[str], known: Known | None = None
) -> Fetched:
    """Rows of the table's relation: all, or those from the known watermark on.

    Raises
    ------
    SourceError
        The database refuses, has no such relation or watermark, or does not answer in time.
    """
    ask = partial(_fetch, table=table, where=where, known=known)
    return answered(url, ask, table.timeout, where, secrets)


def answered(
    url: URL,
    question: Callable[[Connection], Found],
    timeout: int,
    where: str,
    secrets: Sequence[str],
) -> Found:
    """What `question` makes of a connection, which is closed afterwards.

    Raises
    ------
    SourceError
        The database refuses, or does not answer within `timeout` seconds.
    """
    from sqlalchemy.exc import SQLAlchemyError

    try:
        return _within(timeout, lambda: _connected(url, question, timeout))
    except TimeoutError:
        raise SourceError(
            f"the database has not answered within {timeout} "
            + ("second" if timeout == 1 else "seconds"),
            where=where,
            expected="an answer, or a longer timeout",
        ) from None
    except (SQLAlchemyError, ModuleNotFoundError) as error:
        detail = masked(str(error).splitlines()[0], secrets)
        raise SourceError(f"the database does not answer: {detail}", where=where) from None


def column_types(connection: Connection, table: Table, where: str) -> dict[str, Any]:
    """SQLAlchemy's types of the columns of the table's relation.

    Raises
    ------
    SourceError
        There is no such relation.
    """
    import sqlalchemy
    from sqlalchemy.exc import NoSuchTableError

    schema, _, relation = str(table.relation).rpartition(".")
    try:
        described = sqlalchemy.inspect(connection).get_columns(relation, schema or None)
    except NoSuchTableError:
        raise SourceError(f"no relation {table.relation!r}", where=where) from None
    return {str(c["name"]): c["type"] for c in described}


def _within(seconds: int, work: Callable[[], Found]) -> Found:
    """What `work` comes to; it is left behind where it takes longer.

    Not every driver can be told how long to wait, and none notices a line that went dead.
    """
    answers: list[Found] = []
    errors: list[BaseException] = []

    def run() -> None:
        try:
            answers.append(work())
        except BaseException as error:
            errors.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(seconds)
    if errors:
        raise errors[0]
    if not answers:
        raise TimeoutError
    return answers[0]


def _connected(url: URL, question: Callable[[Connection], Found], timeout: int) -> Found:
    import sqlalchemy

    timed = url.get_backend_name() in TIMED
    # A second more than anybody waits: what was left behind ends, and nobody hears of it.
    options = {"connect_timeout": timeout + 1} if timed else {}
    source = sqlalchemy.create_engine(url, connect_args=options)
    try:
        with source.connect() as connection:
            if url.get_backend_name() == "postgresql":
                limit = f"SET LOCAL statement_timeout = '{timeout + 1}s'"
                connection.execute(sqlalchemy.text(limit))
            return question(connection)
    finally:
        source.dispose()


def _fetch(connection: Connection, table: Table, where: str, known: Known | None) -> Fetched:
    schema, _, relation = str(table.relation).rpartition(".")
    types = column_types(connection, table, where)
    return _Relation(connection, relation, schema or None, types, table, where).fetch(known)


@dataclass(frozen=True)
class _Relation:
    """A relation of an open database."""

    connection: Connection
    name: str
    schema: str | None
    types: Mapping[str, Any]
    table: Table
    where: str

    @property
    def chosen(self) -> list[str]:
        """Columns that are read."""
        columns = self.table.columns.items()
        wanted = {source for name, spec in columns for source in spec.sources(name)}
        return [c for c in self.types if self.table.unpivot or c in wanted]

    def fetch(self, known: Known | None) -> Fetched:
        import sqlalchemy

        header, chosen, watermark = list(self.types), self.chosen, self.table.watermark
        if watermark is None:
            rows = self._rows(self._select(chosen)) if chosen else []
            return Fetched(header, chosen, _texts(rows, len(chosen)))
        if watermark not in self.types:
            raise SourceError(
                f"no column {watermark!r} (the watermark)",
                where=self.where, given=watermark, choices=header,
            )  # fmt: skip
        mark: ColumnElement[Any] = sqlalchemy.column(watermark)
        if known is not None and not self._is_as_before(known):
            known = None
        if known is not None and self._count(sqlalchemy.not_(self._beyond(known))) != known.rows:
            known = None  # rows were added or deleted below it: what is kept no longer holds
        select = self._select([*chosen, watermark]).order_by(mark)
        select = select.where(mark.is_not(None) if known is None else self._beyond(known))
        rows = self._rows(select)
        unmarked = self._rows(self._select([*chosen, watermark]).where(mark.is_(None)))
        texts = _texts([*rows, *unmarked], len(chosen))
        now = self._known([row[-1] for row in rows], known)
        return Fetched(header, chosen, texts, known is not None, now)

    def _known(self, marks: Sequence[Any], before: Known | None) -> Known | None:
        """Highest of the watermarks, which are in order, and the rows that stand below it."""
        if not marks:
            return before
        kind = type(marks[-1]).__name__
        if kind not in MARKS:
            raise SourceError(
                f"the watermark {self.table.watermark!r} is of type {kind}",
                where=self.where, expected="whole numbers, dates, times or text",
            )  # fmt: skip
        below = sum(mark != marks[-1] for mark in marks)
        rows = below + (before.rows if before else 0)
        return Known(kind, str(marks[-1]), rows, tuple(self.chosen), self._type)

    def _is_as_before(self, known: Known) -> bool:
        """Whether the columns that were read and the type of the mark are still the same."""
        return [*known.columns] == self.chosen and known.column_type == self._type

    @property
    def _type(self) -> str:
        return str(self.types[str(self.table.watermark)])

    def _beyond(self, known: Known) -> ColumnElement[bool]:
        """Whether a row stands at the known watermark or above it."""
        import sqlalchemy

        name, value = str(self.table.watermark), known.value
        kind = None if isinstance(value, str) else self.types[name]
        beyond: ColumnElement[bool] = sqlalchemy.column(name, kind) >= value
        return beyond

    def _select(self, columns: Sequence[str]) -> Select[Any]:
        import sqlalchemy

        named: list[sqlalchemy.ColumnClause[Any]] = [sqlalchemy.column(c) for c in columns]
        unique = {c.name: c for c in named}
        origin = sqlalchemy.table(self.name, *unique.values(), schema=self.schema)
        return sqlalchemy.select(*named).select_from(origin)

    def _rows(self, select: Select[Any]) -> list[Sequence[Any]]:
        return list(self.connection.execute(select).fetchall())

    def _count(self, condition: ColumnElement[bool]) -> int:
        import sqlalchemy

        origin = sqlalchemy.table(self.name, schema=self.schema)
        select = sqlalchemy.select(sqlalchemy.func.count()).select_from(origin).where(condition)
        return int(self.connection.execute(select).scalar_one())


def _texts(rows: Sequence[Sequence[Any]], width: int) -> list[list[str | None]]:
    return [[None if value is None else str(value) for value in row[:width]] for row in rows]

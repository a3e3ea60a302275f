"""Relations of any database that SQLAlchemy reaches, as text; secrets never leave this file."""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, quote_plus

import pyarrow as pa

from opsnb.company import Table
from opsnb.data.engine import DuckDB
from opsnb.data.readers.text import FILE, RECORD, SourceFile, Text, create_from, field
from opsnb.errors import SettingsError, SourceError

if TYPE_CHECKING:
    from sqlalchemy import URL

SECRET = re.compile(r"\$\{env:([A-Za-z_][A-Za-z0-9_]*)\}")
DRIVERS = {"postgresql": "postgresql+psycopg", "postgres": "postgresql+psycopg"}
"""Drivers that the extras install, where SQLAlchemy's default is another."""


def read_database(engine: DuckDB, table: Table, view: str, name: str) -> Text:
    """Declared columns of a relation in a database, through SQLAlchemy."""
    from sqlalchemy.exc import NoSuchTableError, SQLAlchemyError

    url, shown, secrets = resolve(str(table.url), f"table {name!r}")
    where = f"{shown}, {table.relation} (table {name!r})"
    try:
        header, chosen, rows = _fetch(url, table)
    except NoSuchTableError:
        raise SourceError(f"no relation {table.relation!r}", where=where) from None
    except (SQLAlchemyError, ModuleNotFoundError) as error:
        detail = masked(str(error).splitlines()[0], secrets)
        raise SourceError(f"the database does not answer: {detail}", where=where) from None
    texts = [[None if value is None else str(value) for value in row] for row in rows]
    columns: dict[str, pa.Array] = {
        field(header.index(c)): pa.array([row[i] for row in texts], pa.string())
        for i, c in enumerate(chosen)
    }
    columns[RECORD] = pa.array(range(1, len(rows) + 1), pa.int64())
    columns[FILE] = pa.array([0] * len(rows), pa.int64())
    create_from(engine, view, pa.table(columns))
    now = dt.datetime.now(dt.UTC)
    file = SourceFile(f"{shown} {table.relation}", _digest(chosen, texts), now)
    return Text(header, (file,), where)


def _fetch(url: URL, table: Table) -> tuple[list[str], list[str], Sequence[Sequence[Any]]]:
    """Columns of the relation, those that are read, and their rows."""
    import sqlalchemy

    schema, _, relation = str(table.relation).rpartition(".")
    source = sqlalchemy.create_engine(url)
    try:
        with source.connect() as connection:
            described = sqlalchemy.inspect(connection).get_columns(relation, schema or None)
            header = [str(c["name"]) for c in described]
            wanted = {s for name, spec in table.columns.items() for s in spec.sources(name)}
            chosen = [c for c in header if table.unpivot or c in wanted]
            if not chosen:
                return header, [], []
            columns: list[sqlalchemy.ColumnClause[Any]] = [sqlalchemy.column(c) for c in chosen]
            origin = sqlalchemy.table(relation, *columns, schema=schema or None)
            rows = connection.execute(sqlalchemy.select(*origin.columns)).fetchall()
        return header, chosen, rows
    finally:
        source.dispose()


def _digest(columns: Sequence[str], rows: Iterable[Sequence[str | None]]) -> str:
    """Hash of the rows as a set: a relation has no order."""
    digest = hashlib.sha256(repr(list(columns)).encode())
    for row in sorted(map(repr, rows)):
        digest.update(row.encode())
    return digest.hexdigest()


def resolve(text: str, where: str) -> tuple[URL, str, list[str]]:
    """URL with its secrets, the same as it may be shown, and what may not be shown.

    Raises
    ------
    SettingsError
        A secret stands in the URL itself, its variable is not set, or it is no URL.
    """
    import sqlalchemy
    from sqlalchemy.exc import ArgumentError

    names = list(dict.fromkeys(SECRET.findall(text)))
    for name in names:
        if name not in os.environ:
            raise SettingsError(f"the environment variable {name} is not set", where=where)
    marks = {f"opsnbsecret{i}x": os.environ[name] for i, name in enumerate(names)}
    try:
        if SECRET.fullmatch(text):
            url = sqlalchemy.make_url(os.environ[names[0]])
        else:
            # Parsed first and filled afterwards: a secret may hold @, : or / as it is.
            marked = SECRET.sub(lambda m: f"opsnbsecret{names.index(m[1])}x", text)
            url = sqlalchemy.make_url(marked)
            _check_bare(url, marks, where)
            url = _filled(url, marks)
    except ArgumentError:
        raise SettingsError(
            "the URL cannot be read", where=where, expected="one such as postgresql://host/database"
        ) from None
    url = url.set(drivername=DRIVERS.get(url.drivername, url.drivername))
    secrets = [*marks.values(), *([str(url.password)] if url.password else [])]
    return url, SECRET.sub("***", text), secrets


def _check_bare(url: URL, marks: dict[str, str], where: str) -> None:
    given = [url.password, *(v for k, v in url.query.items() if "password" in k.lower())]
    if any(value and str(value) not in marks for value in given):
        raise SettingsError(
            "a password stands in the URL", where=where, expected="${env:NAME} in its place"
        )


def _filled(url: URL, marks: dict[str, str]) -> URL:
    def fill(text: str) -> str:
        for mark, value in marks.items():
            text = text.replace(mark, value)
        return text

    parts = ("username", "password", "host", "database")
    found = {part: fill(str(getattr(url, part))) for part in parts if getattr(url, part)}
    query = {
        k: fill(v) if isinstance(v, str) else tuple(map(fill, v)) for k, v in url.query.items()
    }
    return url.set(**found, query=query)  # type: ignore[arg-type]


def masked(text: str, secrets: Iterable[str]) -> str:
    """Text without the secrets, however they are written in it."""
    for secret in sorted({s for s in secrets if s}, key=len, reverse=True):
        for form in (secret, quote(secret, safe=""), quote_plus(secret)):
            text = text.replace(form, "***")
    return text

"""Relations of any database that SQLAlchemy reaches, as text; secrets never leave this file."""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import re

import pyarrow as pa

from opsnb.company import Table
from opsnb.data.engine import DuckDB
from opsnb.data.readers.text import FILE, RECORD, SourceFile, Text, create_from
from opsnb.errors import SettingsError, SourceError

SECRET = re.compile(r"\$\{env:([A-Za-z_][A-Za-z0-9_]*)\}")


def read_database(engine: DuckDB, table: Table, view: str, name: str) -> Text:
    """Declared columns of a relation in a database, through SQLAlchemy."""
    import sqlalchemy
    from sqlalchemy.exc import NoSuchTableError, SQLAlchemyError

    url, shown = resolve(str(table.url), f"table {name!r}")
    schema, _, relation = str(table.relation).rpartition(".")
    where = f"{shown}, {table.relation} (table {name!r})"
    try:
        source = sqlalchemy.create_engine(url)
        described = sqlalchemy.Table(
            relation, sqlalchemy.MetaData(), schema=schema or None, autoload_with=source
        )
        header = [c.name for c in described.columns]
        wanted = dict.fromkeys(
            source for name, spec in table.columns.items() for source in spec.sources(name)
        )
        chosen = [c for c in wanted if c in header]
        query = sqlalchemy.select(*(described.columns[c] for c in chosen))
        with source.connect() as connection:
            rows = connection.execute(query).fetchall()
    except NoSuchTableError:
        raise SourceError(f"no relation {table.relation!r}", where=where) from None
    except (SQLAlchemyError, ModuleNotFoundError) as error:
        detail = masked(str(error).splitlines()[0], str(table.url))
        raise SourceError(f"the database does not answer: {detail}", where=where) from None
    columns = {
        f"field {header.index(c)}": pa.array(
            [None if row[i] is None else str(row[i]) for row in rows], pa.string()
        )
        for i, c in enumerate(chosen)
    }
    digest = hashlib.sha256()
    for row in sorted(map(repr, rows)):
        digest.update(row.encode())
    columns[RECORD] = pa.array(range(1, len(rows) + 1), pa.int64())
    columns[FILE] = pa.array([0] * len(rows), pa.int64())
    create_from(engine, view, pa.table(columns))
    file = SourceFile(f"{shown} {table.relation}", digest.hexdigest(), dt.datetime.now(dt.UTC))
    return Text(header, (file,), where)


def resolve(url: str, where: str) -> tuple[str, str]:
    """URL with its secrets, and the same as it may be shown.

    Raises
    ------
    SettingsError
        A secret stands in the URL itself, or its variable is not set.
    """
    for name in SECRET.findall(url):
        if name not in os.environ:
            raise SettingsError(f"the environment variable {name} is not set", where=where)
    bare = SECRET.sub("", url)
    if re.search(r"://[^/@:]*:[^@/]+@", bare):
        raise SettingsError(
            "a password stands in the URL", where=where, expected="${env:NAME} in its place"
        )
    return SECRET.sub(lambda match: os.environ[match[1]], url), SECRET.sub("***", url)


def masked(text: str, url: str) -> str:
    """Text without the secrets that `url` refers to."""
    for name in SECRET.findall(url):
        text = text.replace(os.environ.get(name, "***") or "***", "***")
    return text

"""A database looked at: its relations, and a sample of the rows of one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from opsnb.data.readers.database import answered
from opsnb.data.readers.sample import sample
from opsnb.data.readers.urls import resolve

if TYPE_CHECKING:
    from sqlalchemy import Connection

Found = TypeVar("Found")
TIMEOUT = 60
SYSTEM = ("information_schema", "pg_catalog", "pg_toast", "mysql", "sys", "performance_schema")


def relations(url: str) -> list[str]:
    """Tables and views of a database that hold a user's data.

    Raises
    ------
    SourceError
    """
    import sqlalchemy

    def ask(connection: Connection) -> list[str]:
        seen = sqlalchemy.inspect(connection)
        default = seen.default_schema_name
        found = []
        for schema in seen.get_schema_names():
            if schema in SYSTEM:
                continue
            names = [*seen.get_table_names(schema), *seen.get_view_names(schema)]
            found += [n if schema == default else f"{schema}.{n}" for n in names]
        return sorted(found)

    return _answer(url, ask)


def rows_of(url: str, relation: str) -> tuple[list[str], list[Sequence[Any]], int]:
    """Columns of a relation, a sample of its rows, and how many there are.

    Raises
    ------
    SourceError
    """
    import sqlalchemy

    def ask(connection: Connection) -> tuple[list[str], list[Sequence[Any]], int]:
        schema, _, name = relation.rpartition(".")
        table = sqlalchemy.table(name, schema=schema or None)
        counted = sqlalchemy.select(sqlalchemy.func.count()).select_from(table)
        count = int(connection.execute(counted).scalar_one())
        streamed = connection.execution_options(stream_results=True)
        found = streamed.execute(sqlalchemy.select("*").select_from(table))
        return list(found.keys()), sample(map(tuple, found), count), count

    return _answer(url, ask)


def _answer(url: str, question: Callable[[Connection], Found]) -> Found:
    found, _, secrets = resolve(url, "--from")
    return answered(found, question, TIMEOUT, "--from", secrets)

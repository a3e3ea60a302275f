"""A database looked at: its relations, and the first rows of one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from opsnb.data.readers.database import answered
from opsnb.data.readers.urls import resolve

if TYPE_CHECKING:
    from sqlalchemy import Connection

Found = TypeVar("Found")
ROWS, TIMEOUT = 20_000, 60
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


def rows_of(url: str, relation: str) -> tuple[list[str], list[Sequence[Any]]]:
    """Columns of a relation, and its first rows.

    Raises
    ------
    SourceError
    """
    import sqlalchemy

    def ask(connection: Connection) -> tuple[list[str], list[Sequence[Any]]]:
        schema, _, name = relation.rpartition(".")
        table = sqlalchemy.table(name, schema=schema or None)
        found = connection.execute(sqlalchemy.select("*").select_from(table).limit(ROWS))
        return list(found.keys()), [tuple(row) for row in found]

    return _answer(url, ask)


def _answer(url: str, question: Callable[[Connection], Found]) -> Found:
    found, _, secrets = resolve(url, "--from")
    return answered(found, question, TIMEOUT, "--from", secrets)

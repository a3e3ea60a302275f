"""Database: an engine that computes on tables where they are, through SQLAlchemy."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING

import pandas as pd
import sqlglot
from sqlglot import exp
from sqlglot.optimizer.scope import traverse_scope

from opsnb.company.tables import TIMEOUT
from opsnb.data.readers.database import Found, answered
from opsnb.data.readers.urls import resolve
from opsnb.data.sql import portable
from opsnb.errors import SettingsError

if TYPE_CHECKING:
    import sqlalchemy

DIALECTS = {"postgresql": "postgres", "mariadb": "mysql", "mssql": "tsql"}
"""Dialects by SQLAlchemy's name, where sqlglot has another."""


class Database:
    """A database that answers queries over tables defined in it.

    Nothing is created there: the name of a defined table is replaced in each query by what it
    stands for.

    Parameters
    ----------
    url : str
        SQLAlchemy URL, secrets as ``${env:NAME}``; read when first needed.
    where : str
        Place of the URL, for an error.
    timeout : int
        Seconds that it may take to answer a query.
    """

    def __init__(self, url: str, where: str, timeout: int = TIMEOUT) -> None:
        self.url, self.where, self.timeout = url, where, timeout
        self._defined: dict[str, exp.Select] = {}

    @cached_property
    def shown(self) -> str:
        """URL without its secrets."""
        return resolve(self.url, self.where)[1]

    @cached_property
    def dialect(self) -> str:
        """Name of its SQL dialect, as sqlglot has it.

        Raises
        ------
        SettingsError
            sqlglot does not write it.
        """
        name = resolve(self.url, self.where)[0].get_backend_name()
        found = DIALECTS.get(name, name)
        if found not in sqlglot.Dialect.classes and sqlglot.Dialect.get(found) is None:
            raise SettingsError(
                f"metrics cannot be computed in {name!r}",
                where=self.where,
                expected="the table without in_place, so that its rows are read",
            )
        return found

    def define(self, name: str, select: exp.Select) -> None:
        """Let `name` stand for the rows of `select` in every query."""
        self._defined[name] = portable(select)  # type: ignore[assignment]

    def query(self, sql: str) -> pd.DataFrame:
        """Rows of a SELECT; decimals are summed exactly and come back as float64.

        Raises
        ------
        SourceError
            The database does not answer, or not to this.
        """
        text = self._with_definitions(sql)

        def ask(connection: sqlalchemy.Connection) -> pd.DataFrame:
            # Without parameters, so that a percent sign in the query is one.
            plain = connection.execution_options(no_parameters=True)
            answer = plain.exec_driver_sql(text)
            return pd.DataFrame([tuple(row) for row in answer], columns=list(answer.keys()))

        return _numbers(self.ask(ask))

    def ask(self, question: Callable[[sqlalchemy.Connection], Found]) -> Found:
        """What `question` makes of a connection, which is closed afterwards.

        Raises
        ------
        SourceError
            The database refuses, or does not answer in time.
        """
        url, shown, secrets = resolve(self.url, self.where)
        return answered(url, question, self.timeout, shown, secrets)

    def _with_definitions(self, sql: str) -> str:
        """Query with the defined tables written out."""
        tree = sqlglot.parse_one(sql, read=self.dialect)
        found = [
            source
            for scope in traverse_scope(tree)
            for source in scope.sources.values()
            if isinstance(source, exp.Table) and not source.db and source.name in self._defined
        ]
        for table in {id(table): table for table in found}.values():
            alias = exp.to_identifier(table.alias_or_name, quoted=True)
            table.replace(self._defined[table.name].copy().subquery(alias))
        return tree.sql(dialect=self.dialect, identify=True)


def _numbers(frame: pd.DataFrame) -> pd.DataFrame:
    """Decimals as float64, as DuckDB gives them."""
    for name in (name for name, kind in frame.dtypes.items() if kind == "object"):
        values = frame[name].dropna()
        if len(values) and all(isinstance(value, Decimal) for value in values):
            frame[name] = frame[name].astype("float64")
    return frame

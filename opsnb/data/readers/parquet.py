"""Parquet files as text."""

from __future__ import annotations

import re
from pathlib import Path

import duckdb
from sqlglot import exp

from opsnb.company import Table
from opsnb.data.engine import DuckDB
from opsnb.data.readers.text import Text, create, field
from opsnb.data.sql import column, table_named
from opsnb.errors import SourceError


def read_parquet(engine: DuckDB, table: Table, path: Path, view: str, name: str) -> Text:
    """Columns of a Parquet file, each value as text."""
    where = f"{path.name} (table {name!r})"
    try:
        relation = engine.connection.read_parquet(re.sub(r"([*?\[])", r"[\1]", str(path)))
        header = list(relation.columns)
        relation.create_view(f"{view} raw", replace=True)
        fields = [
            exp.alias_(exp.cast(column(c), "varchar"), field(i), quoted=True)
            for i, c in enumerate(header)
        ]
        create(engine, view, exp.select(*fields).from_(table_named(f"{view} raw")))
    except duckdb.Error as error:
        raise SourceError(
            f"not a Parquet file ({str(error).splitlines()[0]})", where=where
        ) from None
    return Text(header, where, first=1)

"""Parquet files as text."""

from __future__ import annotations

import re
from pathlib import Path

import duckdb
from sqlglot import exp

from opsnb.company import Table
from opsnb.data.engine import DuckDB
from opsnb.data.readers.text import RECORD, Found, create, field
from opsnb.data.sql import column, table_named
from opsnb.errors import SourceError


def read_parquet(engine: DuckDB, table: Table, path: Path, view: str, name: str) -> Found:
    """Columns of a Parquet file, each value as text."""
    try:
        relation = engine.connection.read_parquet(re.sub(r"([*?\[])", r"[\1]", str(path)))
        header = list(relation.columns)
        relation.create_view(f"{view} raw", replace=True)
        fields = [
            exp.alias_(exp.cast(column(c), "varchar"), field(i), quoted=True)
            for i, c in enumerate(header)
        ]
        number = exp.Window(this=exp.RowNumber())
        create(
            engine,
            view,
            exp.select(*fields, exp.alias_(number, RECORD)).from_(table_named(f"{view} raw")),
        )
        engine.connection.unregister(f"{view} raw")
    except duckdb.Error as error:
        raise SourceError(
            f"not a Parquet file ({str(error).splitlines()[0]})",
            where=f"{path.name} (table {name!r})",
        ) from None
    return Found(header)

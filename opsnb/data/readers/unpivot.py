"""Wide tables made long: a column a month becomes a row a month."""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatchcase

from sqlglot import exp

from opsnb.company.tables import Unpivot
from opsnb.data.engine import DuckDB
from opsnb.data.readers.text import RECORD, Text, create, field
from opsnb.data.sql import column, literal, table_named
from opsnb.errors import SourceError


def unpivot(engine: DuckDB, spec: Unpivot, text: Text, wide_view: str, view: str) -> Text:
    """Columns turned into rows: one row a record and column, with its name and its cell."""
    if text.first is not None:
        wide_view = _numbered(engine, wide_view, text.first)
    wide = [c for c in text.header if any(fnmatchcase(c, pattern) for pattern in spec.columns)]
    for pattern in spec.columns:
        if not any(fnmatchcase(c, pattern) for c in text.header):
            raise SourceError(
                f"no column {pattern!r} to unpivot",
                where=text.where,
                given=pattern,
                choices=filter(None, text.header),
            )
    kept = [i for i, c in enumerate(text.header) if c not in wide]
    header = [*(text.header[i] for i in kept), spec.name, spec.value]
    selects = []
    for name in wide:
        cells: Mapping[str, exp.Expr] = {
            **{field(i): column(field(at)) for i, at in enumerate(kept)},
            field(len(kept)): literal(name.replace(spec.without, "") if spec.without else name),
            field(len(kept) + 1): column(text.field(name)),
        }
        fields = [exp.alias_(value, at, quoted=True) for at, value in cells.items()]
        selects.append(exp.select(*fields, column(RECORD)).from_(table_named(wide_view)))
    union: exp.Expr = selects[0]
    for select in selects[1:]:
        union = exp.union(union, select, distinct=False)
    create(engine, view, union)
    return Text(header, text.where, text.merged)


def _numbered(engine: DuckDB, view: str, first: int) -> str:
    """View of the rows of `view` with their numbers; they are kept, for each column reads them."""
    create(engine, f"{view} rows", exp.select("*").from_(table_named(view)))
    number = exp.Add(this=exp.column("rowid"), expression=literal(first))
    select = exp.select("*", exp.alias_(number, RECORD)).from_(table_named(f"{view} rows"))
    create(engine, f"{view} numbered", select, "VIEW")
    return f"{view} numbered"

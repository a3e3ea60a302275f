"""Increments: relations of a database, of which only what is new is fetched.

A relation without a ``watermark`` is fetched whole. With one, the rows below its highest value are
kept, and the next time only those from that value on are fetched: rows that share it may still
come. The rows below are counted in the database; where their number is another, all are fetched
again. A row below that was changed, or one deleted and another added, is not seen.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import pyarrow as pa
from sqlglot import exp

from opsnb.company import Table
from opsnb.data import casts
from opsnb.data.cache import Cache, Entry, key_of
from opsnb.data.engine import DuckDB
from opsnb.data.parts import TEXT, Part, cast, definition, keep, together
from opsnb.data.readers import RECORD, SourceFile, Text, drop
from opsnb.data.readers.database import Fetched, Known, fetch
from opsnb.data.readers.text import create_from, field
from opsnb.data.readers.unpivot import unpivot
from opsnb.data.readers.urls import resolve
from opsnb.data.sql import column, literal, table_named

WHOLE = "relation"
MODULUS = 1 << 256


def read_relation(
    engine: DuckDB, name: str, table: Table, cache: Cache
) -> tuple[list[Part], tuple[SourceFile, ...]]:
    """Parts of a relation: what was kept, and what is new.

    Raises
    ------
    SettingsError, SourceError
    """
    url, shown, secrets = resolve(str(table.url), f"table {name!r}")
    where = f"{shown}, {table.relation} (table {name!r})"
    key = _key(url.render_as_string(hide_password=True), table)
    entry = cache.find(key) if table.watermark else None
    known = Known(**entry.about["known"]) if entry else None
    fetched = fetch(url, table, where, secrets, known)
    before = entry if fetched.continues else None
    offset = known.rows if known and before else 0
    part = _cast(engine, table, fetched, where, offset)
    parts = [*([Part(before.rows, part.header, 0, None)] if before else []), part]
    counted = _sums(before, fetched, offset)
    if fetched.known and (before is None or fetched.known.rows > offset):
        about = {"known": asdict(fetched.known), "sum": f"{counted[0]:x}"}
        _keep(engine, table, parts, fetched.known.rows, cache, key, about)
    digest = hashlib.sha256(f"{fetched.columns!r} {counted[1]:x} {counted[2]}".encode()).hexdigest()
    now = dt.datetime.now(dt.UTC)
    return parts, (SourceFile(f"{shown} {table.relation}", digest, now),)


def _key(url: str, table: Table) -> str:
    shape = table.unpivot.model_dump(mode="json") if table.unpivot else None
    return key_of("relation", url, table.relation, table.watermark, shape, *definition(table))


def _cast(engine: DuckDB, table: Table, fetched: Fetched, where: str, offset: int) -> Part:
    """What was fetched, cast; its records are counted from `offset` on."""
    columns: dict[str, pa.Array] = {
        field(fetched.header.index(name)): pa.array([row[i] for row in fetched.rows], pa.string())
        for i, name in enumerate(fetched.columns)
    }
    last = offset + len(fetched.rows)
    columns[RECORD] = pa.array(range(offset + 1, last + 1), pa.int64())
    text = Text(fetched.header, where)
    try:
        wide = f"{TEXT} wide" if table.unpivot else TEXT
        create_from(engine, wide, pa.table(columns))
        if table.unpivot:
            text = unpivot(engine, table.unpivot, text, wide, TEXT)
        rows = cast(engine, casts.typed(table, text.field, TEXT), Cache(None), "", {})
    finally:
        drop(engine, TEXT)
    return Part(rows, tuple(fetched.header), 0, None)


def _sums(before: Entry | None, fetched: Fetched, offset: int) -> tuple[int, int, int]:
    """Sum of the hashes of the rows below the watermark, that of all rows, and their number.

    A sum, because a relation has no order and grows.
    """
    below = (fetched.known.rows if fetched.known else 0) - offset
    start = int(before.about["sum"], 16) if before else 0
    lower = (start + _sum(fetched.rows[:below])) % MODULUS
    return lower, (lower + _sum(fetched.rows[below:])) % MODULUS, offset + len(fetched.rows)


def _sum(rows: Sequence[Sequence[str | None]]) -> int:
    hashes = (hashlib.sha256(repr(row).encode()).digest() for row in rows)
    return sum(int.from_bytes(digest, "big") for digest in hashes)


def _keep(
    engine: DuckDB,
    table: Table,
    parts: Sequence[Part],
    rows: int,
    cache: Cache,
    key: str,
    about: dict[str, Any],
) -> None:
    """Keep the first `rows` records."""
    together(engine, WHOLE, table, [(part, 0) for part in parts])
    try:
        names = [*table.columns, RECORD, casts.UNPARSED, casts.LOST, *casts.recognisable(table)]
        inside = exp.LTE(this=column(RECORD), expression=literal(rows))
        select = exp.select(*map(column, names)).from_(table_named(WHOLE)).where(inside)
        keep(engine, select, cache, key, about)
    finally:
        drop(engine, WHOLE)

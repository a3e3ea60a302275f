"""Order lines of three years, generated with a fixed seed and written as Parquet."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from opsnb.period import Period

FIRST, MONTHS = Period.parse("2024-01"), 36
UNITS = ("north", "east", "south", "west", "central", "abroad")
CUSTOMERS = 50_000
CHUNK = 1_000_000


def write(path: Path, rows: int) -> None:
    """Write `rows` order lines: money as DECIMAL(18, 2), and a column that nobody asks for."""
    chance = np.random.default_rng(20261105)
    writer = None
    for done in range(0, rows, CHUNK):
        table = _lines(chance, min(CHUNK, rows - done))
        writer = writer or pq.ParquetWriter(path, table.schema)
        writer.write_table(table, row_group_size=122_880)
    if writer:
        writer.close()


def _lines(chance: np.random.Generator, rows: int) -> pa.Table:
    start = np.datetime64(FIRST.start.isoformat(), "D")
    days = (FIRST.shift(MONTHS).start - FIRST.start).days
    customers = np.array([f"C{number:06d}" for number in range(CUSTOMERS)])
    cents = chance.integers(100, 5_000_000, rows)
    return pa.table(
        {
            "day": start + chance.integers(0, days, rows).astype("timedelta64[D]"),
            "unit": np.array(UNITS)[chance.integers(0, len(UNITS), rows)],
            "customer": customers[chance.integers(0, CUSTOMERS, rows)],
            "amount": _money(cents),
            "cost": _money((cents * 60 + 50) // 100),
            "quantity": chance.integers(1, 100, rows),
            "late": chance.integers(-5, 3, rows),
            "invoice": chance.integers(0, 10**9, rows),
        }
    )


def _money(cents: npt.NDArray[np.int64]) -> pa.Array:
    """Decimals from cents, by their bytes: 128 bits, the upper half 0 as none is negative."""
    halves = np.column_stack([cents, np.zeros_like(cents)])
    return pa.Array.from_buffers(pa.decimal128(18, 2), len(cents), [None, pa.py_buffer(halves)])

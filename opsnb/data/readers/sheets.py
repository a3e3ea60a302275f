"""Excel sheets as text; see `opsnb.data.excel`."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa

from opsnb.company import Table
from opsnb.data.engine import DuckDB
from opsnb.data.excel import read_sheet
from opsnb.data.readers.text import RECORD, Text, create_from, field


def read_excel(engine: DuckDB, table: Table, path: Path, view: str, name: str) -> Text:
    """Sheet of a workbook, with the rows as Excel numbers them."""
    sheet = read_sheet(path, table.sheet, table.header, table.fill_down)
    columns: dict[str, pa.Array] = {
        field(i): pa.array([record[i] for _, record in sheet.records], pa.string())
        for i in range(len(sheet.header))
    }
    columns[RECORD] = pa.array([row for row, _ in sheet.records], pa.int64())
    create_from(engine, view, pa.table(columns))
    where = f"{path.name}, row {min(table.header)} (table {name!r})"
    return Text(sheet.header, where, sheet.merged)

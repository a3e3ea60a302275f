"""Grids: a file as rows of text, with what its reader must be told to see it so."""

from __future__ import annotations

import csv
import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from opsnb.data.excel import Range, as_text, expand, open_sheet, sheet_names
from opsnb.errors import SourceError

Row = list[str | None]
MOST = 20_000
"""Rows of a file that are looked at."""
DELIMITERS = (",", ";", "\t", "|")
SUFFIXES = {
    ".csv": "csv", ".txt": "csv", ".tsv": "csv", ".xlsx": "excel", ".xlsm": "excel",
    ".xls": "excel", ".ods": "excel", ".parquet": "parquet",
}  # fmt: skip


@dataclass(frozen=True)
class Grid:
    """Cells of a file, from its first row on.

    Attributes
    ----------
    name : str
        Of the file.
    rows : list of list of str or None
    spec : mapping
        Keys of ``sources.yaml`` that its reader needs: sheet, delimiter, encoding.
    merged : list of regions
        Merged cells, 0-based, ends included.
    sheets : tuple of str
        All sheets of a workbook.
    is_whole : bool
        Whether all rows are there.
    """

    name: str
    rows: list[Row]
    spec: dict[str, Any] = field(default_factory=dict)
    merged: Sequence[Range] = ()
    sheets: tuple[str, ...] = ()
    is_whole: bool = True


def read(path: Path, sheet: str | None = None) -> Grid:
    """Grid of a file.

    Raises
    ------
    SourceError
        It is missing, empty, or of no kind that can be read.
    """
    kind = SUFFIXES.get(path.suffix.lower())
    if kind is None:
        known = ", ".join(SUFFIXES)
        raise SourceError(
            f"{path.name} has no known ending", where=str(path), expected=f"one of {known}"
        )
    if not path.is_file():
        raise SourceError("no such file", where=str(path), expected="a file")
    grid = {"csv": _csv, "excel": _excel, "parquet": _parquet}[kind](path, sheet)
    if not any(any(row) for row in grid.rows):
        raise SourceError("nothing is in it", where=str(path), expected="a header and rows")
    width = max(len(row) for row in grid.rows)
    for row in grid.rows:
        row.extend([None] * (width - len(row)))
    return grid


def _excel(path: Path, sheet: str | None) -> Grid:
    names = tuple(sheet_names(path))
    chosen = sheet or _fullest(path, names)
    cells, merged = open_sheet(path, chosen)
    rows: list[Row] = [[as_text(cell) for cell in row] for row in cells[:MOST]]
    spec = {"sheet": chosen} if chosen != names[0] or len(names) > 1 else {}
    return Grid(path.name, rows, spec, merged, names, len(cells) <= MOST)


def _fullest(path: Path, names: Sequence[str]) -> str:
    """Sheet with the most filled cells."""
    if len(names) == 1:
        return names[0]
    return max(names, key=lambda name: sum(
        cell not in ("", None) for row in open_sheet(path, name)[0][:MOST] for cell in row
    ))  # fmt: skip


def header_cells(grid: Grid, rows: Sequence[int]) -> list[Row]:
    """Rows of a header with the values of merged cells in all of them."""
    copied = [list(row) for row in grid.rows[: max(rows) + 1]]
    expand(copied, [region for region in grid.merged if region[0][0] <= max(rows)])
    return [copied[row] for row in rows]


def _csv(path: Path, _: str | None) -> Grid:
    content = path.read_bytes()
    encoding = "utf-8-sig"
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError:
        try:
            text = content.decode("gb18030")
        except UnicodeDecodeError as error:
            raise SourceError(
                f"byte {error.start} is neither UTF-8 nor GB18030", where=str(path),
                expected="a file saved in one of them",
            ) from None  # fmt: skip
        encoding = "gb18030"
    delimiter = _delimiter(text, path)
    lines = csv.reader(text.splitlines(keepends=True), delimiter=delimiter)
    rows: list[Row] = [[cell.strip() or None for cell in row] for row in islice(lines, MOST + 1)]
    spec: dict[str, Any] = {}
    if delimiter != ("\t" if path.suffix.lower() == ".tsv" else ","):
        spec["delimiter"] = delimiter
    if encoding == "gb18030":
        spec["encoding"] = "gb18030"
    return Grid(path.name, rows[:MOST], spec, is_whole=len(rows) <= MOST)


def _delimiter(text: str, path: Path) -> str:
    """What parts most of the first lines into the same number of cells, more than one."""
    lines = [line for line in text.splitlines()[:200] if line.strip()]
    scores = {}
    if not lines:
        return ","
    for delimiter in DELIMITERS:
        counts = Counter(len(row) for row in csv.reader(lines, delimiter=delimiter))
        width, times = max(counts.items(), key=lambda pair: (pair[1], pair[0]))
        scores[delimiter] = (times / len(lines) if width > 1 else 0.0, width)
    found = max(DELIMITERS, key=lambda one: scores[one])
    if not scores[found][0]:
        return "\t" if path.suffix.lower() == ".tsv" else ","
    return found


def _parquet(path: Path, _: str | None) -> Grid:
    import pyarrow.parquet as pq

    table = pq.read_table(path)
    names: Row = [str(name) for name in table.column_names]
    body = table.slice(0, MOST).to_pylist()
    rows = [[_plain(value) for value in record.values()] for record in body]
    return Grid(path.name, [names, *rows], is_whole=table.num_rows <= MOST)


def _plain(value: Any) -> str | None:
    if isinstance(value, dt.datetime):
        return as_text(value.replace(tzinfo=None))
    if isinstance(value, dt.date):
        return value.isoformat()
    return None if value is None else as_text(value)


def of_rows(name: str, header: Sequence[str], rows: Sequence[Sequence[Any]]) -> Grid:
    """Grid of what a database has answered."""
    body: list[Row] = [[_plain(value) for value in row] for row in rows[:MOST]]
    return Grid(name, [list(header), *body], is_whole=len(rows) <= MOST)

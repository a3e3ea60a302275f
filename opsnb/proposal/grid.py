"""Grids: a file as rows of text, with what its reader must be told to see it so."""

from __future__ import annotations

import codecs
import csv
import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from opsnb.company.tables import SUFFIXES
from opsnb.data.excel import Range, as_text, expand, open_sheet, sheet_names
from opsnb.data.readers.sample import HEAD, MOST, sample
from opsnb.errors import SourceError

Row = list[str | None]
DELIMITERS = (",", ";", "\t", "|")
ENCODINGS = ("utf-8-sig", "gb18030")
BLOCK, LINES = 1 << 20, 200
"""Bytes that are read at a time; lines that the delimiter is told by."""


@dataclass(frozen=True)
class Grid:
    """Cells of a file, from its first row on.

    Attributes
    ----------
    name : str
        Of the file.
    rows : list of list of str or None
        All of them, or a sample; see :func:`opsnb.data.readers.sample.sample`.
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
    rows: list[Row] = [[as_text(cell) for cell in row] for row in sample(cells, len(cells))]
    spec = {"sheet": chosen} if len(names) > 1 else {}
    is_whole = len(cells) <= MOST
    first = [region for region in merged if is_whole or region[1][0] < HEAD]
    return Grid(path.name, rows, spec, first, names, is_whole)


def _fullest(path: Path, names: Sequence[str]) -> str:
    """Sheet with the most filled cells."""
    if len(names) == 1:
        return names[0]
    return max(names, key=lambda name: sum(
        cell not in ("", None) for row in open_sheet(path, name)[0] for cell in row
    ))  # fmt: skip


def header_cells(grid: Grid, rows: Sequence[int]) -> list[Row]:
    """Rows of a header with the values of merged cells in all of them."""
    copied = [list(row) for row in grid.rows[: max(rows) + 1]]
    expand(copied, [region for region in grid.merged if region[0][0] <= max(rows)])
    return [copied[row] for row in rows]


def _csv(path: Path, _: str | None) -> Grid:
    encoding, count = _encoding(path)
    with path.open(encoding=encoding, newline="") as file:
        delimiter = _delimiter(list(islice(file, LINES)), path)
        file.seek(0)
        lines = csv.reader(file, delimiter=delimiter)
        kept = sample(lines, count)
    rows: list[Row] = [[cell.strip() or None for cell in row] for row in kept]
    spec: dict[str, Any] = {}
    if delimiter != _usual(path):
        spec["delimiter"] = delimiter
    if encoding == "gb18030":
        spec["encoding"] = encoding
    return Grid(path.name, rows, spec, is_whole=count <= MOST)


def _encoding(path: Path) -> tuple[str, int]:
    """Encoding of a file, and about how many records it has."""
    place = 0
    for encoding in ENCODINGS:
        decoder, count = codecs.getincrementaldecoder(encoding)(), 1
        try:
            with path.open("rb") as file:
                while block := file.read(BLOCK):
                    count += decoder.decode(block).count("\n")
                decoder.decode(b"", final=True)
        except UnicodeDecodeError as error:
            place = error.start
            continue
        return encoding, count
    raise SourceError(
        f"byte {place} of a block is neither UTF-8 nor GB18030", where=str(path),
        expected="a file saved in one of them",
    )  # fmt: skip


def _usual(path: Path) -> str:
    return "\t" if path.suffix.lower() == ".tsv" else ","


def _delimiter(first: Sequence[str], path: Path) -> str:
    """What parts most of the first lines into the same number of cells, more than one."""
    lines = [line for line in first if line.strip()]
    scores = {}
    for delimiter in DELIMITERS if lines else ():
        counts = Counter(len(row) for row in csv.reader(lines, delimiter=delimiter))
        width, times = max(counts.items(), key=lambda pair: (pair[1], pair[0]))
        if width > 1:
            scores[delimiter] = (times / len(lines), width)
    return max(scores, key=lambda one: scores[one], default=_usual(path))


def _parquet(path: Path, _: str | None) -> Grid:
    import pyarrow.parquet as pq

    file = pq.ParquetFile(path)
    records = (record for batch in file.iter_batches() for record in batch.to_pylist())
    kept = sample(records, file.metadata.num_rows)
    rows = [list(record.values()) for record in kept]
    return of_rows(path.name, file.schema_arrow.names, rows, file.metadata.num_rows)


def _plain(value: Any) -> str | None:
    if isinstance(value, dt.datetime):
        return as_text(value.replace(tzinfo=None))
    if isinstance(value, dt.date):
        return value.isoformat()
    return None if value is None else as_text(value)


def of_rows(name: str, header: Sequence[str], rows: Sequence[Sequence[Any]], count: int) -> Grid:
    """Grid of records with their types, of which there are `count`."""
    body: list[Row] = [[_plain(value) for value in row] for row in rows]
    return Grid(name, [list(header), *body], is_whole=count <= MOST)

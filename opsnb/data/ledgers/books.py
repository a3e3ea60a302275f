"""Books: a ledger read row by row; every fault is named by file, sheet, row and column."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from opsnb.data.ledgers import files
from opsnb.data.ledgers.registry import LEDGERS, Ledger
from opsnb.errors import SettingsError, UnknownNameError
from opsnb.settings import Strict

MONTH_AS_DAY = re.compile(r"(\d{4}-\d{2})-01", re.ASCII)


@dataclass(frozen=True)
class Book:
    """A ledger as it was read.

    Attributes
    ----------
    where : str
        File, and sheet if it has some; the name of the ledger where there is no file.
    rows : mapping number -> row
        The header is row 1; rows without any text are passed over.
    cells : mapping number -> column -> text
        What was written, where something was.
    heads : mapping column -> its name in the file
    """

    name: str
    where: str
    rows: Mapping[int, Any] = field(default_factory=dict)
    cells: Mapping[int, Mapping[str, str]] = field(default_factory=dict)
    heads: Mapping[str, str] = field(default_factory=dict)

    def place(self, number: int, column: str = "") -> str:
        """``targets.csv, row 3, column value``, with the column as the file calls it."""
        shown = f", column {self.heads.get(column, column)}" if column else ""
        return f"{self.where}, row {number}{shown}"

    def text(self, number: int, column: str) -> str:
        """What was written in a cell; empty where nothing was."""
        return self.cells[number].get(column, "")


def book(folder: Path, name: str) -> Book:
    """Ledger `name` of the folder of ledgers; one without a file is empty.

    Raises
    ------
    UnknownNameError
        There is no such ledger.
    SettingsError
        Naming file, sheet, row and column.
    """
    if name not in LEDGERS:
        raise UnknownNameError(f"no ledger {name!r}", given=name, choices=LEDGERS)
    path = files.find(folder, name, LEDGERS)
    if path is None:
        return Book(name, name)
    ledger, text = LEDGERS[name], files.read(path)
    columns = _columns(text.header, ledger, f"{text.where}, row 1")
    heads = dict(zip(columns, text.header, strict=True))
    found = Book(name, text.where, heads=heads)
    is_excel = path.suffix != ".csv"
    cells = {
        number: _cells(columns, row, found.place(number), is_excel)
        for number, row in text.records
        if any(row)
    }
    rows = {number: _row(filled, ledger, found, number) for number, filled in cells.items()}
    return Book(name, text.where, rows, cells, heads)


def _columns(header: Sequence[str], ledger: Ledger, where: str) -> list[str]:
    """Names of the columns, whichever language the file calls them by."""
    known, chinese = ledger.columns, ledger.chinese
    for head in header:
        if head not in known and head not in chinese:
            raise SettingsError(
                f"unknown column {head!r}", where=where, given=head, choices=[*known, *chinese]
            )
    columns = [chinese.get(head, head) for head in header]
    for place, column in enumerate(columns):
        if column in columns[:place]:
            first, again = header[columns.index(column)], header[place]
            also = f" (as {first} and {again})" if first != again else ""
            raise SettingsError(f"column {column!r} stands twice{also}", where=where)
    for column, definition in ledger.model.model_fields.items():
        if definition.is_required() and column not in columns:
            raise SettingsError(f"no column {column!r}", where=where, expected=", ".join(known))
    return columns


def _cells(
    columns: Sequence[str], row: Sequence[str], where: str, is_excel: bool
) -> dict[str, str]:
    """Cells of a row that hold something."""
    if len(row) != len(columns):
        expected = f"{len(columns)}, as the header has"
        raise SettingsError(f"the row has {len(row)} cells", where=where, expected=expected)
    filled = {column: cell for column, cell in zip(columns, row, strict=True) if cell}
    # Excel takes 2026-10 for the first of October as soon as it is typed.
    if is_excel and (month := MONTH_AS_DAY.fullmatch(filled.get("period", ""))):
        filled["period"] = month[1]
    return filled


def _row(cells: Mapping[str, str], ledger: Ledger, found: Book, number: int) -> Strict:
    try:
        return ledger.model.model_validate(cells)
    except ValidationError as error:
        raise _fault(error.errors()[0], found, number) from None


def _fault(first: ErrorDetails, found: Book, number: int) -> SettingsError:
    """The first of pydantic's complaints, in our words."""
    if first["type"] == "cells":
        place = found.place(number, first["ctx"]["column"])
        return SettingsError(first["ctx"]["message"], where=place)
    place = found.place(number, str(first["loc"][0]))
    if first["type"] == "missing":
        return SettingsError("the cell is empty", where=place)
    message = first["msg"].removeprefix("Value error, ")
    if first["type"] != "value_error":
        message = f"{message}, not {first['input']!r}"
    return SettingsError(message, where=place)

"""Excel sheets as text: headers below a title, merged or in two rows; cells as people see them."""

from __future__ import annotations

import datetime as dt
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from opsnb.data.faults import faults
from opsnb.errors import SourceError

Cell = Any
Range = tuple[tuple[int, int], tuple[int, int]]
OLE, ZIP = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"PK\x03\x04"
"""How files begin: .xls, and .xlsx with a password; .xlsx and .ods."""
ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
LOCKED = "the workbook has a password"
DIGITS = 15  # a number in Excel has that many significant digits


@dataclass(frozen=True)
class Sheet:
    """Header and records of a sheet, all text; None is an empty cell.

    Attributes
    ----------
    header : list of str
        Parts of a header in two rows are joined by ``/``.
    records : list of (row, list of str or None)
        Row as Excel numbers it.
    merged : int
        Merged regions in the body that were left as they are: their value stands in one cell only.
    """

    header: list[str]
    records: list[tuple[int, list[str | None]]]
    merged: int


def read_sheet(
    path: Path, sheet: str | None, header: Sequence[int], fill_down: Sequence[str] = ()
) -> Sheet:
    """Sheet of a workbook, from its header on.

    Parameters
    ----------
    path : Path
    sheet : str or None
        Name; the first sheet when None.
    header : sequence of int
        Row or rows of the header, as Excel numbers them.
    fill_down : sequence of str
        Columns whose merged cells stand for every row they cover.

    Raises
    ------
    SourceError
        No such sheet or header, a file that is no workbook, or one with a password.
    """
    rows, merged = open_sheet(path, sheet)
    first, last = min(header), max(header)
    if len(rows) < last:
        raise SourceError(
            f"the sheet has {len(rows)} rows", where=path.name, expected=f"a header in row {last}"
        )
    expand(rows, [region for region in merged if region[0][0] < last])
    names = _names(rows[first - 1 : last])
    for name in fill_down:
        if name not in names:
            raise SourceError(
                f"no column {name!r} to fill down",
                where=f"{path.name}, row {first}",
                given=name,
                choices=filter(None, names),
            )
    body = [region for region in merged if region[0][0] >= last]
    filled = [
        region
        for region in body
        if names[region[0][1]] in fill_down and region[0][1] == region[1][1]
    ]
    expand(rows, filled)
    records = [
        (number, [as_text(cell) for cell in row])
        for number, row in enumerate(rows[last:], start=last + 1)
        if any(cell not in ("", None) for cell in row)
    ]
    return Sheet(names, records, len(body) - len(filled))


def sheet_names(path: Path) -> list[str]:
    """Names of the sheets of a workbook.

    Raises
    ------
    SourceError
        It is no workbook, or has a password.
    """
    return list(_book(path).sheet_names)


def _book(path: Path) -> Any:
    import python_calamine as calamine

    try:
        return calamine.CalamineWorkbook.from_path(path)
    except calamine.PasswordError:
        raise SourceError(LOCKED, where=path.name, expected="one without") from None
    except (calamine.CalamineError, OSError) as error:
        raise _refusal(path, str(error)) from None


def open_sheet(path: Path, sheet: str | None) -> tuple[list[list[Cell]], list[Range]]:
    """Cells of the sheet from its first row and column on, and its merged regions.

    Raises
    ------
    SourceError
        No such sheet, a file that is no workbook, or one with a password.
    """
    book = _book(path)
    if sheet is not None and sheet not in book.sheet_names:
        raise SourceError(
            f"no sheet {sheet!r}", where=path.name, given=sheet, choices=book.sheet_names
        )
    name = sheet or book.sheet_names[0]
    found = book.get_sheet_by_name(name)
    rows = [list(row) for row in found.to_python(skip_empty_area=False)]
    for (row, column), text in faults(path, name).items():
        if row < len(rows) and column < len(rows[row]):
            rows[row][column] = text
    return rows, list(found.merged_cell_ranges or [])


def _refusal(path: Path, detail: str) -> SourceError:
    """Why a file is no workbook that can be read, as far as its bytes tell."""
    content = path.read_bytes()
    if content.startswith(OLE) and ENCRYPTED in content:
        return SourceError(LOCKED, where=path.name, expected="one without")
    if content.startswith(ZIP) and not zipfile.is_zipfile(path):
        return SourceError(
            "the workbook is cut short", where=path.name, expected="the whole file, copied again"
        )
    return SourceError(
        f"not an Excel workbook ({detail})",
        where=path.name,
        expected=".xlsx, .xlsm, .xls or .ods",
    )


def expand(rows: list[list[Cell]], regions: Sequence[Range]) -> None:
    """Write the value of each merged region into all of its cells."""
    for (top, left), (bottom, right) in regions:
        for row in range(top, min(bottom, len(rows) - 1) + 1):
            for column in range(left, min(right, len(rows[row]) - 1) + 1):
                rows[row][column] = rows[top][left]


def _names(rows: Sequence[Sequence[Cell]]) -> list[str]:
    """Name of each column: its header cells from top to bottom, each once."""
    names = []
    for cells in zip(*rows, strict=True):
        parts = dict.fromkeys(" ".join(text.split()) for cell in cells if (text := as_text(cell)))
        names.append("/".join(parts))
    return names


def as_text(cell: Cell) -> str | None:
    """Cell as text: whole numbers without a point, dates as ISO, empty as None."""
    if cell is None or cell == "":
        return None
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return (
            str(int(cell)) if cell.is_integer() and abs(cell) < 10**DIGITS else f"{cell:.{DIGITS}g}"
        )
    if isinstance(cell, dt.datetime):
        midnight = cell.time() == dt.time(0)
        return cell.date().isoformat() if midnight else cell.isoformat(sep=" ", timespec="seconds")
    return str(cell)

"""Files of the ledgers: CSV or Excel, one each, as text by row and column."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from opsnb.data.excel import read_sheet
from opsnb.errors import SettingsError, SourceError

SUFFIXES = (".csv", ".xlsx")
TABLES = (*SUFFIXES, ".xls", ".xlsm", ".ods", ".tsv", ".txt")
LOCKS = ("~$", ".")


@dataclass(frozen=True)
class Text:
    """A ledger as text.

    Attributes
    ----------
    where : str
        File, and sheet if it has some.
    records : list of (row, cells)
        Rows as the file numbers them, the header being 1.
    """

    where: str
    header: list[str]
    records: list[tuple[int, list[str]]]


def ledger_files(folder: Path) -> list[Path]:
    """Tables in a folder of ledgers, without what an open spreadsheet leaves beside them."""
    if not folder.is_dir():
        return []
    return sorted(
        path
        for path in folder.iterdir()
        if path.suffix.lower() in TABLES and not path.name.startswith(LOCKS)
    )


def ledger_source(folder: Path, name: str, known: Collection[str]) -> dict[str, str] | None:
    """File of the ledger `name` and its hash; None where it is not kept."""
    path = find(folder, name, known)
    if path is None:
        return None
    with path.open("rb") as file:
        return {"path": path.name, "sha256": hashlib.file_digest(file, "sha256").hexdigest()}


def find(folder: Path, name: str, known: Collection[str]) -> Path | None:
    """File of the ledger `name`, or None.

    Raises
    ------
    SettingsError
        It is given twice, in a form that is not read, or a file in the folder is no ledger.
    """
    found = []
    for path in ledger_files(folder):
        if path.stem not in known:
            raise SettingsError(
                f"no ledger {path.stem!r}", where=path.name, given=path.stem, choices=known
            )
        if path.suffix not in SUFFIXES:
            expected = f"{path.stem}.csv or {path.stem}.xlsx"
            raise SettingsError("the file is not read", where=path.name, expected=expected)
        found += [path] if path.stem == name else []
    if len(found) > 1:
        names = " and ".join(path.name for path in found)
        raise SettingsError(f"ledger {name!r} is given twice: {names}", expected="one of them")
    return found[0] if found else None


def read(path: Path) -> Text:
    """Text of a ledger; spaces around a cell do not count.

    Raises
    ------
    SettingsError
    """
    return _csv(path) if path.suffix == ".csv" else _excel(path)


def _csv(path: Path) -> Text:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = [[cell.strip() for cell in row] for row in csv.reader(file, strict=True)]
    except UnicodeDecodeError as error:
        expected = "a file saved as CSV UTF-8, or as .xlsx"
        raise SettingsError(
            f"byte {error.start} is not UTF-8", where=path.name, expected=expected
        ) from None
    except csv.Error as error:
        raise SettingsError(f"the file cannot be read: {error}", where=path.name) from None
    header, *records = rows or [[]]
    return Text(path.name, header, list(enumerate(records, start=2)))


def _excel(path: Path) -> Text:
    """Sheet named as the ledger, else the first."""
    sheet: str | None = path.stem
    try:
        try:
            found = read_sheet(path, sheet, (1,))
        except SourceError as error:
            if error.given != sheet:
                raise
            sheet = None
            found = read_sheet(path, sheet, (1,))
    except SourceError as error:
        raise SettingsError(error.what, where=error.where, expected=error.expected) from None
    records = [(row, [(cell or "").strip() for cell in cells]) for row, cells in found.records]
    header = [name.strip() for name in found.header]
    while header and not header[-1] and not any(any(row[len(header) - 1 :]) for _, row in records):
        header.pop()
    records = [(number, row[: len(header)]) for number, row in records]
    shown = f"sheet {sheet!r}" if sheet else "first sheet"
    return Text(f"{path.name}, {shown}", header, records)

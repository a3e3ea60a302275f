"""Reader of a calendar table: each row checked, each fault named with file and line."""

from __future__ import annotations

import csv
import datetime as dt
import re
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from opsnb.errors import SettingsError

COLUMNS = ("date", "kind", "name", "status")
KINDS = ("holiday", "workday", "festival")
STATUSES = ("final", "provisional")
DAY = re.compile(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})", re.ASCII)
SATURDAY = 5


@dataclass(frozen=True)
class Row:
    """One line of the table.

    Attributes
    ----------
    day : datetime.date
    kind : {"holiday", "workday", "festival"}
    name : str
        For the reader of the table.
    status : {"final", "provisional"}
    """

    day: dt.date
    kind: str
    name: str
    status: str


@dataclass(frozen=True)
class Table:
    """What differs from Monday to Friday, each in order of date.

    Attributes
    ----------
    off : tuple of datetime.date
        Holidays that fall on Monday to Friday.
    on : tuple of datetime.date
        Make-up working days on a weekend.
    festivals : tuple of datetime.date
        First days of Spring Festival.
    final_years : frozenset of int or None
        Years whose holidays and make-up days are all final; None when every year is.
    """

    off: tuple[dt.date, ...] = ()
    on: tuple[dt.date, ...] = ()
    festivals: tuple[dt.date, ...] = ()
    final_years: frozenset[int] | None = None


def read_table(path: Path) -> Table:
    """Read and check a table with the columns date, kind, name and status.

    UTF-8, or GB 18030 as a Chinese spreadsheet saves it; dates ``2026-02-17`` or ``2026/2/17``.
    Blank lines and lines that begin with ``#`` are skipped.

    Raises
    ------
    SettingsError
        With file and line of the first row that does not hold.
    """
    rows = _rows(path)
    days = {kind: tuple(sorted(r.day for r in rows if r.kind == kind)) for kind in KINDS}
    return Table(
        off=tuple(day for day in days["holiday"] if day.weekday() < SATURDAY),
        on=days["workday"],
        festivals=days["festival"],
        final_years=_final_years(rows),
    )


def _final_years(rows: list[Row]) -> frozenset[int]:
    statuses: dict[int, set[str]] = defaultdict(set)
    for row in rows:
        if row.kind != "festival":
            statuses[row.day.year].add(row.status)
    return frozenset(year for year, found in statuses.items() if found == {"final"})


def _rows(path: Path) -> list[Row]:
    lines = csv.reader(_text(path).splitlines())
    rows: list[Row] = []
    seen: dict[tuple[bool, dt.date | int], int] = {}
    header: list[str] | None = None
    for cells in lines:
        where = f"{path}:{lines.line_num}"
        if not any(cell.strip() for cell in cells) or cells[0].lstrip().startswith("#"):
            continue
        if header is None:
            header = _header(cells, where)
            continue
        row = _row(cells, header, where)
        _once(row, seen, lines.line_num, where)
        rows.append(row)
    if header is None:
        raise SettingsError("the calendar table is empty", where=str(path), expected=_form())
    return rows


def _text(path: Path) -> str:
    content = path.read_bytes()
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            return content.decode("gb18030")
        except UnicodeDecodeError:
            raise SettingsError("unreadable encoding", where=str(path), expected="UTF-8") from None


def _header(cells: list[str], where: str) -> list[str]:
    header = [cell.strip() for cell in cells]
    for column in COLUMNS:
        if column not in header:
            raise SettingsError(f"no column {column!r}", where=where, expected=_form())
    return header


def _form() -> str:
    return "the columns " + ",".join(COLUMNS)


def _row(cells: list[str], header: list[str], where: str) -> Row:
    if len(cells) < len(header) or any(cell.strip() for cell in cells[len(header) :]):
        raise SettingsError(
            f"{len(cells)} cells", where=where, expected=f"{len(header)}: {','.join(header)}"
        )
    cell = {name: text.strip() for name, text in zip(header, cells, strict=False)}
    for column, choices in (("kind", KINDS), ("status", STATUSES)):
        if cell[column] not in choices:
            raise SettingsError(
                f"{column} {cell[column]!r}", where=where, given=cell[column], choices=choices
            )
    row = Row(_day(cell["date"], where), cell["kind"], cell["name"], cell["status"])
    if row.kind == "workday" and row.day.weekday() < SATURDAY:
        raise SettingsError(
            f"{row.day} is a weekday, worked without a row",
            where=where,
            expected="a Saturday or Sunday as make-up day",
        )
    return row


def _day(text: str, where: str) -> dt.date:
    match = DAY.fullmatch(text)
    try:
        if match is not None:
            return dt.date(*(int(part) for part in match.groups()))
    except ValueError:
        pass
    raise SettingsError(f"date {text!r}", where=where, expected="a day such as 2026-02-17")


def _once(row: Row, seen: dict[tuple[bool, dt.date | int], int], line: int, where: str) -> None:
    """Refuse a day with two rows, or a year with two festivals."""
    festival = row.kind == "festival"
    key = (festival, row.day.year if festival else row.day)
    if key in seen:
        what = f"a second festival in {row.day.year}" if festival else f"{row.day} a second time"
        raise SettingsError(what, where=where, expected=f"one row; the first is line {seen[key]}")
    seen[key] = line

"""Layout: where the header of a sheet is, which columns are months, which rows are no records."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from opsnb.errors import SourceError
from opsnb.proposal.grid import Grid, Row, header_cells
from opsnb.proposal.written import Month, month_named, written

LOOKED = 30
"""First rows among which the header is looked for."""
TOTALS = re.compile(
    r"(合\s*计|总\s*计|小\s*计|累\s*计|总\s*和|(sub|grand)?[\s-]*totals?)[:：]?", re.IGNORECASE
)
YEAR = re.compile(r"(?:FY\s*)?((?:19|20)\d{2})\s*(?:年|财年|年度)?", re.IGNORECASE)


@dataclass(frozen=True)
class Wide:
    """Columns that are months, one for each.

    Attributes
    ----------
    columns : tuple of str
        Names in the file, or one pattern that fits them alone.
    format : str or None
        Of the months in the names; None where they have no year.
    year : int or None
        That of all months, where the names have none and a title has one.
    kind : str
        What stands after the month in the names, such as ``实际``; empty if nothing does.
    others : tuple of str
        What else stands there for other columns, which are left out.
    is_below : bool
        Whether it stands below the months.
    """

    columns: tuple[str, ...]
    format: str | None
    year: int | None
    kind: str = ""
    others: tuple[str, ...] = ()
    is_below: bool = True


@dataclass(frozen=True)
class Layout:
    """Where what stands in a sheet.

    Attributes
    ----------
    header : tuple of int
        Rows of the header, as a reader counts them from 1.
    names : list of str
        Of the columns; empty where one has none.
    records : list of (row, cells)
        Row counted from 1; rows that are no records, such as totals, are among them.
    wide : Wide or None
    fill_down : tuple of str
        Columns whose merged cells stand for the rows they cover.
    title : str
        Text above the header.
    """

    header: tuple[int, ...]
    names: list[str]
    records: list[tuple[int, Row]]
    wide: Wide | None = None
    fill_down: tuple[str, ...] = ()
    title: str = ""
    twins: tuple[str, ...] = field(default=())

    def values(self, name: str) -> list[str | None]:
        """Cells of a column."""
        place = self.names.index(name)
        return [cells[place] for _, cells in self.records]


def layout(grid: Grid) -> Layout:
    """Layout of a sheet.

    Raises
    ------
    SourceError
        There is no row that could be a header.
    """
    rows = _header(grid)
    names = _names(header_cells(grid, rows))
    records = [
        (number, cells)
        for number, cells in enumerate(grid.rows[rows[-1] + 1 :], start=rows[-1] + 2)
        if any(cells)
    ]
    fill = _fill_down(grid, rows[-1], names)
    _filled(records, names, fill, grid)
    told = [cell for row in grid.rows[: rows[0]] for cell in row if cell]
    title = " ".join(dict.fromkeys(told))
    twins = tuple(dict.fromkeys(n for n in names if n and names.count(n) > 1))
    header = tuple(row + 1 for row in rows)
    return Layout(header, names, records, _wide(names, title), fill, title, twins)


def _header(grid: Grid) -> list[int]:
    """Rows of the header, counted from 0: one or two that name most columns of what follows."""
    width = max(_filled_cells(row) for row in grid.rows)
    best: list[int] = []
    score = 0.0
    for place in range(min(LOOKED, len(grid.rows))):
        for rows in ([place], [place, place + 1]) if _groups(grid, place) else ([place],):
            found = _score(grid, rows, width)
            if found > score:
                best, score = rows, found
    if not best:
        raise SourceError(
            "no row looks like a header", where=grid.name, expected="a row with a name a column"
        )
    return best


def _groups(grid: Grid, row: int) -> bool:
    """Whether a row groups the columns of the next one: by merged cells, or by months with gaps."""
    if row + 1 >= len(grid.rows):
        return False
    if any(top == row == bottom and right > left for (top, left), (bottom, right) in grid.merged):
        return True
    months = [cell for cell in grid.rows[row] if month_named(cell)]
    lower = [cell for cell in grid.rows[row + 1] if cell]
    return not grid.merged and len(months) > 1 and len(set(lower)) < len(lower)


def _filled_cells(row: Sequence[str | None]) -> int:
    return sum(cell is not None for cell in row)


def _score(grid: Grid, rows: list[int], width: int) -> float:
    """How much one or two rows look like the header; 0 for what cannot be it."""
    names: Row = [name or None for name in _names(header_cells(grid, rows))]
    cells = [cell for cell in names if cell is not None]
    single = [cell for row in rows for cell in grid.rows[row] if cell is not None]
    if not cells or (len(cells) < 2 and width > 1):
        return 0.0
    if sum(map(_is_name, single)) < 0.8 * len(single):
        return 0.0
    below = [r for r in grid.rows[rows[-1] + 1 : rows[-1] + 40] if any(r)]
    if not below:
        return 0.0
    filled = min(len(cells) / width, 1.0)
    unlike = sum(_unlike(names, below, column) for column in range(len(names))) / len(names)
    distinct = len(set(cells)) / len(cells)
    return filled + unlike + distinct - 0.01 * rows[0] - 0.1 * (len(rows) - 1)


def _is_name(cell: str) -> bool:
    """Whether a cell may be the name of a column: a text, or a month or year."""
    if month_named(cell) or YEAR.fullmatch(cell):
        return True
    return not (written([cell]).is_number or written([cell]).is_date)


def _unlike(row: Row, below: Sequence[Row], column: int) -> bool:
    """Whether what stands below a cell is of another kind, or never the cell itself."""
    if row[column] is None:
        return False
    values = [one[column] for one in below]
    kind = written(values)
    return (kind.is_number or kind.is_date) or row[column] not in values


def _names(rows: Sequence[Row]) -> list[str]:
    """Name of each column, as the readers make it."""
    names = []
    for cells in zip(*rows, strict=True):
        parts = dict.fromkeys(" ".join(cell.split()) for cell in cells if cell)
        names.append("/".join(parts))
    return names


def _fill_down(grid: Grid, last: int, names: Sequence[str]) -> tuple[str, ...]:
    """Columns with cells that are merged over rows below the header."""
    found: dict[str, None] = {}
    for (top, left), (bottom, right) in grid.merged:
        if top > last and bottom > top and left == right and left < len(names) and names[left]:
            found[names[left]] = None
    return tuple(found)


def _filled(
    records: list[tuple[int, Row]], names: Sequence[str], fill: Sequence[str], grid: Grid
) -> None:
    places = dict(records)
    for (top, left), (bottom, right) in grid.merged:
        if left == right and left < len(names) and names[left] in fill and top + 1 in places:
            for row in range(top + 1, bottom + 2):
                if row in places:
                    places[row][left] = places[top + 1][left]


def _wide(names: Sequence[str], title: str) -> Wide | None:
    """Columns that are months, where there are at least three."""
    found: dict[str, tuple[Month, str]] = {}
    for name in (name for name in names if names.count(name) == 1):
        head, _, rest = name.partition("/")
        month = month_named(head) or month_named(rest)
        kind = rest if month_named(head) else head if month else ""
        if month:
            found[name] = (month, kind)
    kinds = list(dict.fromkeys(kind for _, kind in found.values()))
    chosen = _actual(kinds)
    mine = {name: month for name, (month, kind) in found.items() if kind == chosen}
    if len({(m.year, m.month) for m in mine.values()}) < 3:
        return None
    formats = {month.format for month in mine.values()}
    years = {month.year for month in mine.values()}
    if len(formats) > 1 or (None in years and len(years) > 1):
        return None
    said = YEAR.search(title)
    year = int(said[1]) if said and years == {None} else None
    left = [name for name in names if name not in mine]
    others = tuple(kind for kind in kinds if kind != chosen)
    below = any(month_named(name.partition("/")[0]) for name in mine)
    columns = _pattern(list(mine), left)
    return Wide(columns, formats.pop(), year, chosen, others, below)


def _actual(kinds: Sequence[str]) -> str:
    """Which of several numbers a month has is the actual one."""
    words = re.compile(r"实际|完成|actual|本期|发生", re.IGNORECASE)
    return next((kind for kind in kinds if words.search(kind)), kinds[0] if kinds else "")


def _pattern(names: Sequence[str], rest: Sequence[str]) -> tuple[str, ...]:
    """One pattern that fits `names` and none of the `rest`, so that new months are read too."""
    from fnmatch import fnmatchcase

    head = _common(names)
    tail = _common([name[::-1] for name in names])[::-1]
    pattern = f"{head.rstrip('0123456789')}*{tail.lstrip('0123456789')}"
    special = any(sign in pattern for sign in "[]?") or pattern == "*"
    if special or any(fnmatchcase(name, pattern) for name in rest if name):
        return tuple(names)
    return (pattern,)


def _common(texts: Sequence[str]) -> str:
    first = min(texts, key=len)
    for place, letter in enumerate(first):
        if any(text[place] != letter for text in texts):
            return first[:place]
    return first


def totals(layout: Layout, name: str) -> list[str]:
    """Values of a column that name totals."""
    values = dict.fromkeys(value for value in layout.values(name) if value)
    return [value for value in values if TOTALS.fullmatch(value.strip())]

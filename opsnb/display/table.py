"""The one builder of tables: caption, scopes, groups, and reasons in place of missing cells."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

from markupsafe import Markup

from opsnb.display.markup import element
from opsnb.display.reasons import reason_text
from opsnb.display.words import Words

Kind = Literal["number", "text", "mark", "chart"]


@dataclass(frozen=True)
class Head:
    """Heading of a column.

    Parameters
    ----------
    label : str
    kind : {"number", "text", "mark", "chart"}
        How the column is set: numbers to the right, all else to the left.
    note : str
        A second, smaller line: the unit, what a line in a bar stands for.
    css : str
        Class of the column's cells.
    """

    label: str | Markup
    kind: Kind = "number"
    note: str = ""
    css: str = ""


@dataclass(frozen=True)
class Cell:
    """One cell: what it shows, the key of its record, or the reason why it is empty.

    It may `span` all columns of a row that has no other cell.
    """

    content: object = ""
    key: str = ""
    css: str = ""
    reason: str = ""
    span: int = 1


@dataclass(frozen=True)
class Row:
    """One row; the first cell is its heading."""

    heading: object
    cells: tuple[Cell, ...]
    id: str = ""


@dataclass(frozen=True)
class Group:
    """Rows under a common line, such as those of one unit of measure."""

    rows: tuple[Row, ...]
    title: object = ""


@dataclass(frozen=True)
class Table:
    """What a table shows; :func:`render` writes it.

    Parameters
    ----------
    caption : str or Markup
    heads : tuple of Head
    groups : tuple of Group
    phone : {"scroll", "stack", "fit"}
        What happens on a narrow screen: the table scrolls in its region under a fixed first
        column, its rows stack as cards, or it fits as it is.
    css : str
    name : str
        By which the table's number is referred to; without it, the table has no number.
    """

    caption: object
    heads: tuple[Head, ...]
    groups: tuple[Group, ...]
    phone: Literal["scroll", "stack", "fit"] = "scroll"
    css: str = ""
    name: str = ""


def bare(table: Table) -> tuple[Table, dict[tuple[str, ...], list[str]]]:
    """`table` without the columns in which no cell has a value, and what was left out.

    Returns
    -------
    Table
        The first two columns, a row's name and its value or state, always stay.
    dict
        Heads of the columns left out, by the reasons that stood in them.
    """
    rows = [row for group in table.groups for row in group.rows]
    empty = [
        i
        for i in range(1, len(table.heads) - 1)
        if rows and all(row.cells[i].reason for row in rows)
    ]
    if not empty:
        return table, {}
    kept = [i for i in range(len(table.heads) - 1) if i not in empty]
    left: dict[tuple[str, ...], list[str]] = {}
    for i in empty:
        reasons = tuple(dict.fromkeys(row.cells[i].reason for row in rows))
        left.setdefault(reasons, []).append(table.heads[i + 1].label)
    groups = tuple(
        replace(
            group,
            rows=tuple(replace(row, cells=tuple(row.cells[i] for i in kept)) for row in group.rows),
        )
        for group in table.groups
    )
    heads = (table.heads[0], *(table.heads[i + 1] for i in kept))
    return replace(table, heads=heads, groups=groups), left


def left_out(left: dict[tuple[str, ...], list[str]], words: Words) -> Markup:
    """Line that names the columns left out and says why."""
    if not left:
        return Markup("")
    comma, stop = ("、", "；") if words.wide else (", ", "; ")
    parts = (
        words(
            "{columns} ({reason})",
            columns=comma.join(heads),
            reason=comma.join(reason_text(reason, words) for reason in reasons),
        )
        for reasons, heads in left.items()
    )
    return element(
        "p", words("Columns left out: {columns}.", columns=stop.join(parts)), class_="note"
    )


def number_place(kind: Literal["figure", "table"], name: str) -> Markup:
    """Place where the number of a figure or table is put once its page is whole."""
    return element("span", class_="no", data_no=kind, data_for=name)


def render(table: Table, words: Words) -> Markup:
    """HTML of `table`; a wide one stands in a region that scrolls."""
    mark = number_place("table", table.name) if table.name else None
    html = element(
        "table",
        element("caption", element("span", mark, table.caption)),
        element("thead", element("tr", *(_head(head) for head in table.heads))),
        *(_group(group, table, words) for group in table.groups),
        class_=f"tb {table.css} {table.phone}".replace("  ", " "),
    )
    if table.phone == "scroll":
        label = words("{caption}: scrolls sideways", caption=_text(table.caption))
        html = element("div", html, class_="scr", tabindex="0", role="region", aria_label=label)
    return html


def _head(head: Head) -> Markup:
    note = element("small", head.note) if head.note else None
    return element("th", head.label, note, scope="col", class_=_classes(head.kind, head.css))


def _group(group: Group, table: Table, words: Words) -> Markup:
    title = Markup("")
    if group.title:
        head = element(
            "th", element("span", group.title), colspan=len(table.heads), scope="rowgroup"
        )
        title = element("tr", head, class_="g")
    rows = (_row(row, table, words) for row in group.rows)
    return element("tbody", title, *rows)


def _spans(cells: tuple[Cell, ...], heads: tuple[Head, ...]) -> Iterator[tuple[Cell, Head, int]]:
    """Cells with their heads; neighbours that are empty for one reason are one cell."""
    if cells and cells[0].span > 1:
        yield cells[0], heads[0], cells[0].span
        return
    pairs = list(zip(cells, heads, strict=True))
    while pairs:
        cell, head = pairs.pop(0)
        wide = 1
        while cell.reason and pairs and pairs[0][0].reason == cell.reason:
            pairs.pop(0)
            wide += 1
        yield cell, head, wide


def _row(row: Row, table: Table, words: Words) -> Markup:
    labelled = table.phone == "stack"
    cells = (
        _cell(*spanned, words, labelled=labelled) for spanned in _spans(row.cells, table.heads[1:])
    )
    heading = element("th", row.heading, scope="row", class_=table.heads[0].css)
    return element("tr", heading, *cells, id=row.id or None)


def _cell(cell: Cell, head: Head, wide: int, words: Words, *, labelled: bool) -> Markup:
    """One cell; `labelled` where its column's head may be away, as on a card."""
    content = cell.content
    if cell.reason:
        content = element("small", reason_text(cell.reason, words), class_="na")
    merged = wide > 1 and cell.span == 1
    return element(
        "td",
        content,
        class_="t mg"
        if merged
        else _classes(head.kind, "" if cell.span > 1 else head.css, cell.css),
        colspan=wide if wide > 1 else None,
        data_l=_text(head.label) if labelled else None,
        data_key=cell.key or None,
    )


def _classes(kind: Kind, *others: str) -> str:
    short = {"number": "", "text": "t", "mark": "t j", "chart": "t s"}[kind]
    return " ".join(name for name in (short, *others) if name)


def _text(content: object) -> str:
    return content.striptags() if isinstance(content, Markup) else str(content)

"""The one builder of tables: caption, scopes, groups, and reasons in place of missing cells."""

from __future__ import annotations

from dataclasses import dataclass
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
    rows = (_row(row, table.heads, words) for row in group.rows)
    return element("tbody", title, *rows)


def _row(row: Row, heads: tuple[Head, ...], words: Words) -> Markup:
    under = heads[1:2] if row.cells and row.cells[0].span > 1 else heads[1:]
    cells = (_cell(cell, head, words) for cell, head in zip(row.cells, under, strict=True))
    heading = element("th", row.heading, scope="row", class_=heads[0].css)
    return element("tr", heading, *cells, id=row.id or None)


def _cell(cell: Cell, head: Head, words: Words) -> Markup:
    content = cell.content
    if cell.reason:
        content = element("small", reason_text(cell.reason, words), class_="na")
    return element(
        "td",
        content,
        class_=_classes(head.kind, head.css if cell.span == 1 else "", cell.css),
        data_l=_text(head.label),
        colspan=cell.span if cell.span > 1 else None,
        data_key=cell.key or None,
    )


def _classes(kind: Kind, *others: str) -> str:
    short = {"number": "", "text": "t", "mark": "t j", "chart": "t s"}[kind]
    return " ".join(name for name in (short, *others) if name)


def _text(content: object) -> str:
    return content.striptags() if isinstance(content, Markup) else str(content)

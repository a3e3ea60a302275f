"""The results of a run as an Excel workbook: real numbers, real days, nothing that computes.

Text from data never becomes a formula: every text is stored as text and marked as quoted, so
that it stays text when somebody edits its cell.
"""

from __future__ import annotations

import datetime as dt
import io
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from opsnb import __version__
from opsnb.display.markup import undirected
from opsnb.display.reader import Reader
from opsnb.display.sheets import Entry, Sheet, sheet, title
from opsnb.display.tokens import LIGHT
from opsnb.display.words import translate
from opsnb.results import Result
from opsnb.runs.cells import bundles
from opsnb.runs.masthead import Masthead

if TYPE_CHECKING:
    from opsnb.runs.export import Exported

LONGEST, NAME = 32_767, 31  # characters in a cell, and in the name of a sheet
NARROWEST, WIDEST = 8, 48  # columns, in characters
REFUSED = re.compile(r"[\[\]:*?/\\\x00-\x1f]")  # in the name of a sheet
UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
ESCAPED = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")  # what a reader would take for a character's code
RESERVED = "history"
FROZEN, MARGIN, WRAPPED = 3, 120, 240


def workbook(notebook: Mapping[str, Any], run: Exported) -> bytes:
    """Workbook of an executed notebook: a sheet of its provenance, then one a result.

    Raises
    ------
    OpsnbError
        The notebook shows no result.
    """
    results = list(_each(map(Result.from_bundle, bundles(notebook))))
    book = Workbook()
    book.properties.creator = f"opsnb {__version__}"
    book.properties.created = _moment(run.manifest["created_at"])
    head = Masthead(results[0].provenance, translate(run.locale))
    book.properties.title = text(" ".join(filter(None, (head.company, head.period, head.branch))))
    names = _Names()
    first = book.active
    first.title = names.give(head.words("Provenance"))
    _provenance(first, results, head, run)
    for result in results:
        shown = sheet(result, run.locale)
        page = book.create_sheet(names.give(shown.title))
        _fill(page, shown)
        _paper(page, head)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _each(results: Iterable[Result]) -> Iterator[Result]:
    """Results and their parts, each once, as the records hold them."""
    seen: set[tuple[str, str]] = set()

    def walk(result: Result, provenance: Mapping[str, Any]) -> Iterator[Result]:
        about = result.provenance or provenance
        known = replace(result, parts=(), provenance=about)
        key = (result.name, known.digest())
        if key not in seen:
            seen.add(key)
            yield known
        for part in result.parts:
            yield from walk(part, about)

    for result in results:
        yield from walk(result, {})


class _Names:
    """Names of sheets: short enough, without what Excel refuses, and none twice."""

    def __init__(self) -> None:
        self.given: set[str] = set()

    def give(self, wanted: str) -> str:
        name = REFUSED.sub(" ", text(wanted)).strip(" '")[:NAME] or "-"
        n = 1
        chosen = name
        while chosen.casefold() in self.given or chosen.casefold() == RESERVED:
            n += 1
            chosen = f"{name[: NAME - len(str(n)) - 1].rstrip()} {n}"
        self.given.add(chosen.casefold())
        return chosen


def _provenance(page: Worksheet, results: list[Result], head: Masthead, run: Exported) -> None:
    """Who, what and when, and below it what the results say of themselves."""
    words, manifest = head.words, run.manifest
    facts = [
        (words("Company"), head.company),
        (words("Department"), head.label("company", "department")),
        (words("Classification level"), head.label("company", "classification")),
        (words("Report"), str(manifest["report"])),
        (words("Period"), head.period),
        *((fact.term, fact.text) for fact in head.strip(run.meta)),
        (words("Created"), str(manifest["created_at"])),
        (words("Content digest"), str(manifest["content_digest"])),
    ]
    for result in results:
        facts += [
            (title(result.name, Reader.of(result, run.locale)), words(note))
            for note in result.notes
        ]
    shown = [fact for fact in dict.fromkeys(facts) if fact[1]]
    rows = tuple((Entry(term), Entry(told)) for term, told in shown)
    _fill(page, Sheet("", (words("Item"), words("Value")), rows, 1))
    _paper(page, head)


def _fill(page: Worksheet, shown: Sheet) -> None:
    """Heads, frozen together with the columns that identify a row; then the rows."""
    for column, name in enumerate(shown.heads, start=1):
        cell = page.cell(1, column)
        _write(cell, Entry(name))
        cell.font = Font(bold=True, color=_argb("ink"))
        cell.fill = PatternFill("solid", fgColor=_argb("band"))
        cell.border = Border(bottom=Side("thin", color=_argb("ink")))
        cell.alignment = Alignment(wrap_text=True, vertical="bottom")
        page.column_dimensions[get_column_letter(column)].width = _width(shown, column - 1)
    for number, row in enumerate(shown.rows, start=2):
        for column, entry in enumerate(row, start=1):
            _write(page.cell(number, column), entry)
    page.freeze_panes = page.cell(2, min(shown.keys, FROZEN) + 1)
    page.auto_filter.ref = page.dimensions


def _write(cell: Cell, entry: Entry) -> None:
    """Put an entry into a cell; a text is stored as one whatever it begins with."""
    if isinstance(entry.value, str):
        cell.value = text(entry.value)
        cell.data_type = "s"
        cell.alignment = Alignment(wrap_text=len(entry.value) <= WRAPPED, vertical="top")
    else:
        cell.value = entry.value
        cell.alignment = Alignment(vertical="top")
    if entry.style:
        cell.number_format = entry.style
    if entry.missing:
        cell.font = Font(italic=True, color=_argb("ink3"))
        cell.alignment = Alignment(horizontal="right", vertical="top")
    cell.quotePrefix = isinstance(entry.value, str)  # after all that sets the style anew


def text(value: str) -> str:
    r"""Text as a workbook can hold it: what cannot be printed is shown as such, lines end in LF.

    >>> text("a\x00\r\nb"), text("_x0041_")
    ('a\ufffd\nb', '_x005F_x0041_')
    """
    lines = undirected(value).replace("\r\n", "\n").replace("\r", "\n")
    whole = ESCAPED.sub("_x005F_", UNPRINTABLE.sub("\ufffd", lines))
    return whole if len(whole) <= LONGEST else whole[: LONGEST - 1] + "…"


def _width(shown: Sheet, column: int) -> float:
    """Width for the longest line of a column, within bounds."""
    lines = [shown.heads[column], *(_shown(row[column]) for row in shown.rows)]
    longest = max(_columns(part) for line in lines for part in line.split("\n"))
    return float(min(max(longest + 2, NARROWEST), WIDEST))


def _shown(entry: Entry) -> str:
    if isinstance(entry.value, dt.date):
        return "0000-00-00 00:00" if isinstance(entry.value, dt.datetime) else "0000-00-00"
    if isinstance(entry.value, (int, float)):
        literal = "".join(re.findall(r'"([^"]*)"', entry.style.partition(";")[0]))
        return f"+{entry.value:,.2f}{literal}"
    return str(entry.value or "")


def _columns(line: str) -> int:
    """Width of a line in characters, of which those of full width count twice."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in line)


def _paper(page: Worksheet, head: Masthead) -> None:
    """A4 across, as wide as the sheet, its heads repeated, with classification and page numbers."""
    page.page_setup.orientation, page.page_setup.paperSize = "landscape", page.PAPERSIZE_A4
    page.page_setup.fitToWidth, page.page_setup.fitToHeight = 1, 0
    page.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    page.print_title_rows = "1:1"
    page.oddHeader.left.text = _margin(f"{head.company} {head.period}")
    page.oddHeader.right.text = _margin(head.classification)
    page.oddFooter.right.text = "&P / &N"


def _margin(shown: str) -> str:
    """Text of a margin; an ampersand would begin a code."""
    return text(shown).replace("&", "&&").replace("\n", " ")[:MARGIN]


def _argb(token: str) -> str:
    return "FF" + LIGHT[token].removeprefix("#").upper()


def _moment(created_at: str) -> dt.datetime:
    """Time of the run in UTC, without a zone: a workbook's properties have none."""
    return dt.datetime.fromisoformat(created_at).astimezone(dt.UTC).replace(tzinfo=None)

"""Faults: cells of an Excel sheet whose formula failed (``#DIV/0!``), or was never computed.

The reader gives them as empty, so that a fault would be no more than a gap. They stand in the
sheet's XML as cells of type ``e``, and as cells with a formula and no value: those of a file that
a program has written and no Excel has opened.
"""

from __future__ import annotations

import re
import zipfile
from html import unescape
from pathlib import Path

SHEET = re.compile(r"<(?:\w+:)?sheet\b[^>]*>")
RELATION = re.compile(r"<Relationship\b[^>]*>")
CELL = re.compile(r"<(?:\w+:)?c\b([^>]*[^/>])>(.*?)</(?:\w+:)?c>", re.S)
REFERENCE = re.compile(r'\br="([A-Z]+)(\d+)"')
FORMULA = re.compile(r"<(?:\w+:)?f\b[^>]*?(?:/>|>(.*?)</)", re.S)
VALUE = re.compile(r"<(?:\w+:)?v>(.*?)</", re.S)


def faults(path: Path, sheet: str) -> dict[tuple[int, int], str]:
    """Row and column, from 0, of each such cell, and its text; of .xlsx files.

    The text of a formula that was never computed is the formula itself.
    """
    if not zipfile.is_zipfile(path):
        return {}
    with zipfile.ZipFile(path) as archive:
        try:
            part = _part(archive, sheet)
            content = archive.read(part) if part else b""
        except KeyError:  # another kind of archive, such as .ods
            return {}
    if b't="e"' not in content and not re.search(rb"<(?:\w+:)?f\b", content):
        return {}
    found = {}
    for attributes, inner in CELL.findall(content.decode("utf-8")):
        text, place = _fault(attributes, inner), REFERENCE.search(attributes)
        if text is not None and place:
            found[int(place[2]) - 1, _column(place[1])] = text
    return found


def _fault(attributes: str, inner: str) -> str | None:
    """Text of a cell that has no value; None where it has one, or never was to have one."""
    value = VALUE.search(inner)
    if 't="e"' in attributes:
        return unescape(value[1]) if value else "#"
    formula = FORMULA.search(inner)
    # An empty text is a value too: programs write it as one of type str.
    if formula is None or (value and (value[1] or 't="str"' in attributes)):
        return None
    return f"={unescape(formula[1] or '')}"


def _part(archive: zipfile.ZipFile, sheet: str) -> str | None:
    """Name of the sheet's part in the archive."""
    for tag in SHEET.findall(archive.read("xl/workbook.xml").decode("utf-8")):
        if _attribute(tag, "name") == sheet:
            wanted = _attribute(tag, r"\w+:id")
            relations = archive.read("xl/_rels/workbook.xml.rels").decode("utf-8")
            for relation in RELATION.findall(relations):
                if _attribute(relation, "Id") == wanted:
                    target = _attribute(relation, "Target")
                    return target[1:] if target.startswith("/") else f"xl/{target}"
    return None


def _attribute(tag: str, name: str) -> str:
    match = re.search(rf'\s{name}="([^"]*)"', tag)
    return unescape(match[1]) if match else ""


def _column(letters: str) -> int:
    """Place of a column from its letters.

    >>> _column("A"), _column("Z"), _column("AA")
    (0, 25, 26)
    """
    place = 0
    for letter in letters:
        place = 26 * place + ord(letter) - ord("A") + 1
    return place - 1

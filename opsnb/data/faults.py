"""Faults: cells of an Excel sheet whose formula failed, such as ``#DIV/0!``.

The reader gives them as empty, so that a fault would be no more than a gap. They stand in the
sheet's XML as cells of type ``e``.
"""

from __future__ import annotations

import re
import zipfile
from html import unescape
from pathlib import Path

SHEET = re.compile(r"<(?:\w+:)?sheet\b[^>]*>")
RELATION = re.compile(r"<Relationship\b[^>]*>")
FAULT = re.compile(
    r'<(?:\w+:)?c\b(?=[^>]*\bt="e")[^>]*\br="([A-Z]+)(\d+)"[^>]*>(.*?)</(?:\w+:)?c>', re.S
)
VALUE = re.compile(r"<(?:\w+:)?v>(.*?)</", re.S)


def faults(path: Path, sheet: str) -> dict[tuple[int, int], str]:
    """Row and column, from 0, of each cell that holds a fault, and its text; of .xlsx files."""
    if not zipfile.is_zipfile(path):
        return {}
    with zipfile.ZipFile(path) as archive:
        try:
            part = _part(archive, sheet)
            content = archive.read(part) if part else b""
        except KeyError:  # another kind of archive, such as .ods
            return {}
    if b't="e"' not in content:
        return {}
    found = {}
    for letters, row, inner in FAULT.findall(content.decode("utf-8")):
        value = VALUE.search(inner)
        found[int(row) - 1, _column(letters)] = unescape(value[1]) if value else "#"
    return found


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

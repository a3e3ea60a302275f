"""Encodings: a file in GB18030 written anew as UTF-8, line by line where something is wrong."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from opsnb.data.engine import DuckDB
from opsnb.errors import SourceError

CHINESE_IN_UTF8 = re.compile(rb"(?:[\xe4-\xe9][\x80-\xbf]{2}){2}")
"""Two Chinese characters in UTF-8: in GB18030 three rare ones, which hardly ever stand together."""
BLOCK = 1 << 20


def as_utf8(engine: DuckDB, path: Path, name: str) -> Path:
    """Copy in UTF-8, kept as long as the engine.

    Raises
    ------
    SourceError
        A line is not GB18030, or is UTF-8, as in a file that two programs have written.
    """
    target = engine.scratch / f"{hashlib.sha256(str(path).encode()).hexdigest()[:16]}-{path.name}"
    line = 1
    with path.open("rb") as source, target.open("wb") as copy:
        while block := source.read(BLOCK):
            block += source.readline()  # a character never holds the byte that ends a line
            try:
                text = block.decode("gb18030")
            except UnicodeDecodeError as error:
                at = line + block.count(b"\n", 0, error.start)
                raise _not_gb18030(block.splitlines(), at, line, path, name) from None
            if CHINESE_IN_UTF8.search(block):
                _refuse_utf8(block, line, path, name)
            copy.write(text.encode())
            line += block.count(b"\n")
    return target


def _refuse_utf8(block: bytes, first: int, path: Path, name: str) -> None:
    for number, line in enumerate(block.split(b"\n"), start=first):
        if CHINESE_IN_UTF8.search(line) and _is_utf8(line):
            raise _mixed(path, number, name)


def _not_gb18030(lines: list[bytes], at: int, first: int, path: Path, name: str) -> SourceError:
    if at - first < len(lines) and _is_utf8(lines[at - first]):
        return _mixed(path, at, name)
    return SourceError(
        "the text is not GB18030",
        where=f"{path.name}, line {at} (table {name!r})",
        expected="a file saved as GB18030 throughout, or another encoding declared",
    )


def _mixed(path: Path, line: int, name: str) -> SourceError:
    return SourceError(
        "the text is UTF-8 here, and encoding: gb18030 is declared",
        where=f"{path.name}, line {line} (table {name!r})",
        expected="one encoding throughout; encoding: utf-8 if the whole file is so",
    )


def _is_utf8(line: bytes) -> bool:
    try:
        return not line.isascii() and bool(line.decode("utf-8"))
    except UnicodeDecodeError:
        return False

"""Journals: files of JSON lines that are only ever added to.

Each line holds the hash of the line before it, so that one that was altered, removed or put
between is found. A line is whole or not there: what a process that was killed has half-written at
the end is named, and the next entry is refused until a person has looked.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from opsnb.errors import OpsnbError

PREVIOUS = "previous"
FIRST = "0" * 64
"""What the first line has in place of a hash."""


def read(path: Path) -> list[dict[str, Any]]:
    """Entries of a journal, oldest first; none where there is no file.

    Raises
    ------
    OpsnbError
        A line was altered, or one before it; the first such line is named.
    """
    try:
        content = path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        raise OpsnbError(f"cannot be read: {error.strerror}", where=str(path)) from None
    entries, last = [], FIRST
    for number, line in enumerate(content.splitlines(), start=1):
        where = f"{path}, line {number}"
        try:
            entry = json.loads(line)
        except ValueError:
            raise OpsnbError("is no JSON", where=where, expected="an unaltered line") from None
        if not isinstance(entry, dict) or entry.get(PREVIOUS) != last:
            raise OpsnbError(
                "does not follow from the line before it", where=where, expected="an unaltered file"
            )
        entries.append(entry)
        last = hashlib.sha256(line).hexdigest()
    if content and not content.endswith(b"\n"):
        raise OpsnbError("the last line is not whole", where=f"{path}, line {len(entries)}")
    return entries


def append(path: Path, entry: Mapping[str, Any]) -> dict[str, Any]:
    """Add an entry, on disk when this returns, and return it; two at once come one after another.

    Raises
    ------
    OpsnbError
        What is there was altered, or nothing can be written.
    """
    (added,) = append_all(path, [entry])
    return added


def append_all(path: Path, entries: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Add entries that belong together, in one step; see :func:`append`."""
    added: list[dict[str, Any]] = []
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("ab") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            read(path)
            lines = path.read_bytes().splitlines()
            last = hashlib.sha256(lines[-1]).hexdigest() if lines else FIRST
            made: list[bytes] = []
            for entry in entries:
                added.append({**entry, PREVIOUS: last})
                line = json.dumps(added[-1], ensure_ascii=False, allow_nan=False).encode()
                last = hashlib.sha256(line).hexdigest()
                made.append(line + b"\n")
            file.write(b"".join(made))
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise OpsnbError(f"cannot be written: {error.strerror}", where=str(path)) from None
    return added

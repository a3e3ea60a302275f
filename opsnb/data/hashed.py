"""Hashes of files, taken once: a file of the same size, times and inode has not changed.

That holds where it was older than :data:`RACY` when it was hashed, since it could otherwise have
been written once more within the same tick of the clock; a younger file is read each time. So a
changed file is never taken for the same.
"""

from __future__ import annotations

import hashlib
import time
from functools import partial
from pathlib import Path

from opsnb.data.kept import kept_as

RACY = 2_000_000_000
"""Nanoseconds that the clocks of file systems may be coarse: FAT counts in two seconds."""
LARGE = 1 << 20
"""Bytes from which reading a file takes longer than finding its hash."""

_State = tuple[str, int, int, int, int]
_known: dict[_State, str] = {}


def sha256_of(path: Path) -> str:
    """Hash of a file, as it was read now or when it was last seen in this state.

    Raises
    ------
    OSError
    """
    now, found = time.time_ns(), path.stat()
    if max(found.st_mtime_ns, found.st_ctime_ns) >= now - RACY:
        return _read(path)
    times = (found.st_mtime_ns, found.st_ctime_ns)
    state = (str(path.absolute()), found.st_size, *times, found.st_ino)
    if state not in _known:
        is_large = found.st_size >= LARGE
        make = partial(_read, path)
        _known[state] = kept_as(str, "sha256", state, make) if is_large else make()
    return _known[state]


def _read(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()

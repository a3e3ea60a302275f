"""What a child may take of the machine, so that one report takes nothing from the others."""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path

SHARE = 0.8
"""Part of the machine's memory that one report may take, where nothing else is said."""
MB = 1 << 20
CGROUPS = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")
FIRST_TO_GO = "1000"


def machine_memory() -> int:
    """Bytes of memory that this machine, or the container that it runs in, has."""
    found = [os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")]
    for path in CGROUPS:
        with contextlib.suppress(OSError, ValueError):  # "max" is no number, and no limit
            found.append(int(Path(path).read_text(encoding="ascii")))
    return min(found)


def limit_memory(megabytes: int | None) -> None:
    """Let this process, and each that it starts, have so much memory of its own and no more.

    What it asks for beyond is refused: a ``MemoryError`` in the cell, and a failed report. Where
    the machine itself runs out, this process ends before any other does.

    Parameters
    ----------
    megabytes : int, optional
        `SHARE` of the machine's memory when not given.
    """
    import resource

    if sys.platform != "linux":  # elsewhere RLIMIT_DATA does not count what is mapped
        return
    wanted = megabytes * MB if megabytes else int(machine_memory() * SHARE)
    _, most = resource.getrlimit(resource.RLIMIT_DATA)
    if most != resource.RLIM_INFINITY:
        wanted = min(wanted, most)
    resource.setrlimit(resource.RLIMIT_DATA, (wanted, most))
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text(FIRST_TO_GO, encoding="ascii")

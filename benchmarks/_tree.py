"""What a command and everything it starts take together: seconds of all cores, and memory."""

from __future__ import annotations

import contextlib
import ctypes
import os
import subprocess
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

SUBREAPER = 36  # PR_SET_CHILD_SUBREAPER: whoever is orphaned below becomes a child of this process
TICK = 0.25


@dataclass(frozen=True)
class Taken:
    """What a command took.

    Attributes
    ----------
    seconds, cpu : float
        On the clock, and of all cores.
    peak : float
        MB of all its processes together; what they share counts once.
    out : str
    """

    seconds: float
    cpu: float
    peak: float
    out: str


def take(words: list[str], folder: Path, environment: Mapping[str, str]) -> Taken:
    """Run a command to its end, and that of everything it has started; of Linux."""
    ctypes.CDLL(None).prctl(SUBREAPER, 1, 0, 0, 0)
    others = set(_children(os.getpid()))  # the process that children are forked from may be one
    before, began = _cpu(), time.perf_counter()
    with _Sampler() as sampler:
        done = subprocess.run(
            words, cwd=folder, env=environment, check=False, capture_output=True, text=True
        )
        seconds = time.perf_counter() - began
        _reap(others)
    if done.returncode:
        raise RuntimeError(f"{' '.join(words)}: {done.stderr}")
    return Taken(seconds, _cpu() - before, sampler.peak / 1e6, done.stdout)


def _reap(others: set[int]) -> None:
    """Wait for what was orphaned to this process, but not for the `others`."""
    while orphans := set(_children(os.getpid())) - others:
        for process in orphans:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(process, 0)


def _cpu() -> float:
    return sum(os.times()[2:4])


class _Sampler:
    """Looks at the memory of all processes below this one, now and then."""

    def __init__(self) -> None:
        self.peak = 0
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> _Sampler:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._end.wait(TICK):
            self.peak = max(self.peak, sum(map(_size, _below(os.getpid()))))


def _below(process: int) -> list[int]:
    """Processes that this one has started, and those that they have."""
    found = _children(process)
    return found + [inner for child in found for inner in _below(child)]


def _children(process: int) -> list[int]:
    found: list[int] = []
    for task in Path(f"/proc/{process}/task").glob("*/children"):
        with contextlib.suppress(OSError):
            found += map(int, task.read_text(encoding="ascii").split())
    return found


def _size(process: int) -> int:
    """Bytes of a process, its share of what it shares."""
    with contextlib.suppress(OSError):
        lines = Path(f"/proc/{process}/smaps_rollup").read_text(encoding="ascii").splitlines()
        return next(int(line.split()[1]) << 10 for line in lines if line.startswith("Pss:"))
    return 0

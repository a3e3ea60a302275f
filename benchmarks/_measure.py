"""Contestants run in turn, so that a busy machine slows all of them alike; medians and ratios."""

from __future__ import annotations

import multiprocessing
import os
import platform
import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Row:
    """What one contestant took."""

    name: str
    median: float
    best: float
    ratio: float
    cpu: float


def interleaved(contestants: Mapping[str, Callable[[], object]], rounds: int) -> list[Row]:
    """Seconds of each contestant over `rounds` turns; ratios are to the first one's median.

    Each is called once beforehand, unmeasured.
    """
    taken: dict[str, list[float]] = {name: [] for name in contestants}
    worked: dict[str, list[float]] = {name: [] for name in contestants}
    for turn in range(rounds + 1):
        for name, call in contestants.items():
            began, before = time.perf_counter(), _cpu()
            call()
            if turn:
                taken[name].append(time.perf_counter() - began)
                worked[name].append(_cpu() - before)
    medians = {name: statistics.median(times) for name, times in taken.items()}
    first = next(iter(medians.values()))
    return [
        Row(n, medians[n], min(times), medians[n] / first, statistics.median(worked[n]))
        for n, times in taken.items()
    ]


def _cpu() -> float:
    """Seconds of all cores so far, of this process and of those it has waited for."""
    times = os.times()
    return sum(times[:4])


def peak(call: Callable[..., object], *arguments: object) -> float:
    """Most memory, in MB, that a fresh process took for the call; of Linux."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(_peak, (call, arguments))


def _peak(call: Callable[..., object], arguments: tuple[object, ...]) -> float:
    call(*arguments)
    # Not getrusage: what it gives survives the start of a program, and is the parent's.
    status = Path("/proc/self/status").read_text(encoding="ascii")
    found = next(line for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(found.split()[1]) / 1e3


def header(title: str) -> None:
    """Print what is measured, and on what machine."""
    print(f"\n### {title}\n")
    print(f"{os.cpu_count()} cores, Python {platform.python_version()}, {platform.system()}\n")


def show(title: str, rows: list[Row]) -> None:
    """Print the rows as a Markdown table."""
    width = max(len(row.name) for row in rows)
    header(title)
    print(f"| {'':{width}} | median, s | best, s | ratio | cores' s |")
    print(f"|{'-' * (width + 2)}|----------:|--------:|------:|---------:|")
    for row in rows:
        line = f"{row.median:9.3f} | {row.best:7.3f} | {row.ratio:5.2f} | {row.cpu:8.2f} |"
        print(f"| {row.name:{width}} | {line}")

"""Contestants run in turn, so that a busy machine slows all of them alike; medians and ratios."""

from __future__ import annotations

import os
import platform
import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """What one contestant took."""

    name: str
    median: float
    best: float
    ratio: float


def interleaved(contestants: Mapping[str, Callable[[], object]], rounds: int) -> list[Row]:
    """Seconds of each contestant over `rounds` turns; ratios are to the first one's median.

    Each is called once beforehand, unmeasured.
    """
    taken: dict[str, list[float]] = {name: [] for name in contestants}
    for turn in range(rounds + 1):
        for name, call in contestants.items():
            began = time.perf_counter()
            call()
            if turn:
                taken[name].append(time.perf_counter() - began)
    medians = {name: statistics.median(times) for name, times in taken.items()}
    first = next(iter(medians.values()))
    return [Row(n, medians[n], min(times), medians[n] / first) for n, times in taken.items()]


def header(title: str) -> None:
    """Print what is measured, and on what machine."""
    print(f"\n### {title}\n")
    print(f"{os.cpu_count()} cores, Python {platform.python_version()}, {platform.system()}\n")


def show(title: str, rows: list[Row]) -> None:
    """Print the rows as a Markdown table."""
    width = max(len(row.name) for row in rows)
    header(title)
    print(f"| {'':{width}} | median, s | best, s | ratio |")
    print(f"|{'-' * (width + 2)}|----------:|--------:|------:|")
    for row in rows:
        line = f"{row.median:9.3f} | {row.best:7.3f} | {row.ratio:5.2f} |"
        print(f"| {row.name:{width}} | {line}")

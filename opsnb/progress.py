"""Progress: a word about work that takes long, for who waits for it.

Nothing is said where nobody watches: in a scheduled run, in a batch, or into a file.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from opsnb.keys import RECORDS, SHOW

PATIENCE = 2.0
"""Seconds before anything is said."""
UNWATCHED = ("PAPERMILL_OUTPUT_PATH", "PAPERMILL_INPUT_PATH")


def is_watched() -> bool:
    """Whether somebody works in a notebook or at a terminal and would see a word."""
    if os.environ.get(SHOW) == RECORDS or any(name in os.environ for name in UNWATCHED):
        return False
    return "ipykernel" in sys.modules or sys.stderr.isatty()


@contextmanager
def working(what: str, patience: float = PATIENCE) -> Iterator[None]:
    """Say what is going on if the block takes longer than `patience` seconds, and when it is done.

    >>> with working("reading"):
    ...     pass
    """
    if not is_watched():
        yield
        return
    begun, said = time.monotonic(), threading.Event()

    def tell() -> None:
        said.set()
        _say(f"{what} ...")

    timer = threading.Timer(patience, tell)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        if said.is_set():
            seconds = time.monotonic() - begun
            _say(f"{what}: {seconds:.1f} s")


def _say(text: str) -> None:
    sys.stderr.write(f"opsnb: {text}\n")
    sys.stderr.flush()

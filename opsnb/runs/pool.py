"""A batch on this machine: threads that each wait for a child, a bar, a log, and a summary."""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from opsnb.errors import ParameterError
from opsnb.runs.apart import Ended, Job, begin, end_all
from opsnb.runs.batch import Summary, log_line, run_batch
from opsnb.runs.store import new_run_id

LOGS = ".batches"


def run_here(todo: Sequence[Job], count: int | None = None, *, quiet: bool = False) -> Summary:
    """Make the reports, `count` at once, with a progress bar and a log of them.

    Parameters
    ----------
    count : int, optional
        One a core, when not given.
    quiet : bool
        No bar.

    Raises
    ------
    ParameterError
        The outputs cannot be written.
    """
    console = Console(stderr=True, quiet=quiet)
    workers = min(count or os.cpu_count() or 1, len(todo))
    log = _log(Path(todo[0].outputs))
    begin()
    executor = ThreadPoolExecutor(workers, thread_name_prefix="report")
    try:
        with _bar(console) as bar, log.open("a", encoding="utf-8") as file:
            task = bar.add_task("", total=len(todo))

            def told(job: Job, ended: Ended) -> None:
                with contextlib.suppress(OSError):  # a full disk is told by the reports themselves
                    file.write(log_line(job, ended, dt.datetime.now(dt.UTC)))
                    file.flush()
                bar.update(task, advance=1, description=f"{job.values['unit']} {ended.status}")

            summary = run_batch(todo, executor, clock=time.monotonic, told=told)
    finally:
        executor.shutdown(wait=False, cancel_futures=True)
        end_all()
        executor.shutdown(wait=True)
    return summary


def _bar(console: Console) -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    return Progress(*columns, TimeElapsedColumn(), console=console)


def _log(outputs: Path) -> Path:
    """File of a new batch's log: one line a report."""
    folder = outputs / LOGS
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ParameterError(
            f"nothing can be made in {outputs}: {error.strerror}", where="outputs"
        ) from None
    return folder / f"{new_run_id(dt.datetime.now(dt.UTC))}.jsonl"

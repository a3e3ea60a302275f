"""A batch with a bar and a log: by threads here that each wait for a child, or by a cluster."""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from opsnb.errors import ParameterError
from opsnb.runs.apart import Ended, Job, begin, end_all
from opsnb.runs.batch import Summary, log_line, run_batch
from opsnb.runs.cluster import cluster, placed
from opsnb.runs.store import new_run_id

LOGS = ".batches"


def run_all(
    todo: Sequence[Job],
    count: int | None = None,
    *,
    scheduler: str | None = None,
    quiet: bool = False,
) -> Summary:
    """Make the reports with a progress bar and a log of them, here or on a cluster.

    Parameters
    ----------
    count : int, optional
        At once: one a core, or one a thread of the cluster's workers, when not given.
    scheduler : str, optional
        Address of a Dask scheduler.
    quiet : bool
        No bar.

    Raises
    ------
    ParameterError
        The outputs cannot be written, or the cluster cannot be used.
    """
    console = Console(stderr=True, quiet=quiet)
    log = _log(Path(todo[0].outputs))
    with contextlib.ExitStack() as stack:
        if scheduler:
            executor, workers = stack.enter_context(cluster(scheduler))
            todo = [placed(job) for job in todo]
        else:
            workers = os.cpu_count() or 1
            executor = stack.enter_context(_threads(min(count or workers, len(todo))))
        bar = stack.enter_context(_bar(console))
        file = stack.enter_context(log.open("a", encoding="utf-8"))
        task = bar.add_task("", total=len(todo))

        def told(job: Job, ended: Ended) -> None:
            with contextlib.suppress(OSError):  # a full disk is told by the reports themselves
                file.write(log_line(job, ended, dt.datetime.now(dt.UTC)))
                file.flush()
            bar.update(task, advance=1, description=f"{job.values['unit']} {ended.status}")

        return run_batch(todo, executor, count or workers, clock=time.monotonic, told=told)


@contextlib.contextmanager
def _threads(workers: int) -> Iterator[ThreadPoolExecutor]:
    """Threads that each wait for a child; none of either is left when the block is."""
    begin()
    executor = ThreadPoolExecutor(workers, thread_name_prefix="report")
    try:
        yield executor
    finally:
        executor.shutdown(wait=False, cancel_futures=True)
        end_all()
        executor.shutdown(wait=True)
        begin()  # what this process makes later is no part of it


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

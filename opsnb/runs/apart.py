"""A report in a process of its own, forked from one that has imported everything already.

Python's fork server is that parent: a process without threads, started once, that has imported
what reports need and forks a child for each. What a child does to its process, down to being
killed, is one failed report and nothing else. Where the fork is not safe, the child is a new
interpreter with a kernel beside it.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from multiprocessing.connection import Connection
from multiprocessing.context import BaseContext
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from opsnb.errors import OpsnbError
from opsnb.runs import unchanged, warm
from opsnb.runs.limits import limit_memory

QUIET = {"JE_ARROW_MALLOC_CONF": "background_thread:false", "OPENBLAS_NUM_THREADS": "1"}
"""What keeps libraries from starting threads, which no child would have."""
GRACE = 5.0  # seconds for a child that has told how it went to end by itself
TAIL = 2000  # characters kept of what a child that died had written
TIMEOUT, KILLED, SILENT = "TimeoutError", "KilledError", "EndedError"
"""Kinds of failure of a whole process: late, ended by a signal, ended without a word."""

_alive: set[BaseProcess] = set()
_ending = threading.Event()
_starting = threading.Lock()  # the environment is the process's, not the thread's


@dataclass(frozen=True)
class Job:
    """One report that is to be made.

    Attributes
    ----------
    report : str
    values : mapping
        Its parameters, checked.
    outputs, folder : str
        Folder of the outputs; folder to work in, that of whoever makes it if empty.
    memory : int, optional
        Megabytes that its process may have; see `opsnb.runs.limits`.
    below : tuple of str
        Units below, to whose reports its page leads.
    """

    report: str
    values: Mapping[str, Any]
    outputs: str
    folder: str
    cell_timeout: int | None = None
    run_timeout: float | None = None
    force: bool = False
    cold: bool = False
    memory: int | None = None
    below: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Under which it is written down what the report was made of."""
        values = sorted(self.values.items())
        return unchanged.key(self.folder, self.report, values, self.outputs)


@dataclass(frozen=True)
class Ended:
    """How it went.

    Attributes
    ----------
    status : {"done", "cached", "failed", "refused", "not ready"}
    exit_code : int
    """

    status: str
    exit_code: int
    message: str = ""
    folder: str = ""
    page: str = ""
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    peak_bytes: int = 0
    warm: bool = False


def is_forkable() -> bool:
    """Whether this system forks as it should: Linux does."""
    return sys.platform == "linux"


def apart(job: Job) -> Ended:
    """Make a report in a child process and wait for it; no exception leaves it.

    May be called from several threads at once: the processes are the fork server's children.
    """
    begun = time.monotonic()
    told = None if job.force else unchanged.find(job.name)
    if told is not None:
        seconds = time.monotonic() - begun
        return Ended("cached", 0, folder=told.folder, page=told.page, seconds=seconds)
    with tempfile.NamedTemporaryFile(prefix="opsnb-", suffix=".log") as log:
        try:
            with _process(job, log.name) as (process, receiver):
                if receiver.poll(job.run_timeout):
                    return _received(process, receiver)
            kind, what = TIMEOUT, f"took longer than {job.run_timeout:g} s"
        except EOFError:
            kind, what = _death(process.exitcode)
        except OSError as error:
            return _failed(f"no process could be started: {error}", begun)
        return _lost(job, kind, what, log.name, begun)


def _received(process: BaseProcess, receiver: Connection) -> Ended:
    """How it went, as the child says.

    Raises
    ------
    EOFError
        It ended before it had said it.
    """
    try:
        ended: Ended = receiver.recv()
    except OSError:  # in the middle of a word
        raise EOFError from None
    process.join(GRACE)
    return ended


def _lost(job: Job, kind: str, what: str, log: str, begun: float) -> Ended:
    """How a report went whose process can say nothing any more; it leaves a page that says so."""
    said = Path(log).read_text(encoding="utf-8", errors="replace").strip()[-TAIL:]
    message = f"{what}: {said.splitlines()[-1]}" if said else what
    return _told(job, kind, message, said, begun)


def _told(job: Job, kind: str, message: str, said: str, begun: float) -> Ended:
    """Failed report, with a status page and a log where they can be written."""
    from opsnb.company import Company
    from opsnb.reports import report
    from opsnb.runs.execute import Failure
    from opsnb.runs.failure import leave, place_of
    from opsnb.runs.store import clear

    outputs = Path(job.folder, job.outputs)
    try:
        if _ending.is_set():
            clear(place_of(job.report, job.values, outputs).folder)
            return _failed(message, begun)
        failure = Failure(kind, message, said)
        spec = report(job.report, Company.find(str(job.values["company"])))
        folder = leave(spec, job.values, outputs, failure)
    except (OpsnbError, OSError) as error:
        return _failed(f"{message} (and nothing could be written: {error})", begun)
    seconds, page = time.monotonic() - begun, folder / "status.html"
    message = f"{message}; see {folder / 'log.txt'}"
    return Ended("failed", 1, message, str(folder), str(page), seconds=seconds)


@contextmanager
def _process(job: Job, log: str) -> Iterator[tuple[BaseProcess, Connection]]:
    """Child that makes the report, and where it tells how it went; ended with the block."""
    context = _context(cold=job.cold)
    receiver, sender = context.Pipe(duplex=False)
    beside = len(_alive) + 1 < cores()  # a core is free for its drawings
    arguments = (sender, job, log, beside)
    process = context.Process(target=child, args=arguments)  # type: ignore[attr-defined]
    with _starting, _environment(QUIET), _allowed():
        process.start()
        _alive.add(process)
    if _ending.is_set():  # the children were ended while this one came to life
        process.kill()
    sender.close()
    try:
        yield process, receiver
    except EOFError:
        process.join(GRACE)
        raise
    finally:
        receiver.close()
        if process.is_alive():
            process.kill()
        process.join()
        _end_group(process)
        _alive.discard(process)


def _end_group(process: BaseProcess) -> None:
    """End what a child has started and left behind; its group has its own number."""
    if process.pid is not None and hasattr(os, "killpg"):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)


def begin() -> None:
    """Let there be children, after `end_all`."""
    _ending.clear()


def end_all() -> None:
    """Kill the children that are there, and those to come; for a command that is interrupted."""
    _ending.set()
    for process in list(_alive):
        process.kill()


@cache
def _environment_at_first() -> str:
    """Packages as they were when they were first asked for."""
    return unchanged.environment()


def is_stale() -> bool:
    """Whether the code may be another by now than that which this process and its server read."""
    changed = unchanged.environment() != _environment_at_first()
    return changed or unchanged.is_younger(unchanged.PACKAGE, unchanged.BORN)


def _context(*, cold: bool) -> BaseContext:
    if cold or not is_forkable() or is_stale():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([warm.PRELOADED])
    return context


@contextmanager
def _environment(values: Mapping[str, str]) -> Iterator[None]:
    """Environment that a process started in the block inherits."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update({name: value for name, value in values.items() if before[name] is None})
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)


@contextmanager
def _allowed() -> Iterator[None]:
    """Start children in the block also from a process that multiprocessing calls a daemon.

    Such are the workers of a cluster. It forbids them children since these would outlive them;
    ours end with their parent.
    """
    config = getattr(multiprocessing.current_process(), "_config", {})
    is_daemon = config.pop("daemon", None)
    try:
        yield
    finally:
        if is_daemon is not None:
            config["daemon"] = is_daemon


def _failed(message: str, begun: float) -> Ended:
    return Ended("failed", 1, message, seconds=time.monotonic() - begun)


def _death(code: int | None) -> tuple[str, str]:
    """Kind of a child's end, and what is known of it."""
    if code is not None and code < 0:
        return KILLED, f"the process was ended by signal {-code}"
    return SILENT, f"the process ended with exit code {code} and said nothing"


def cores() -> int:
    """Cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def child(sender: Connection, job: Job, log: str, beside: bool = False) -> None:
    """What the child does: one report, and tell how it went.

    Parameters
    ----------
    beside : bool
        Whether it may have a second process that draws.
    """
    begun = time.monotonic()
    try:
        warm.settle(job.folder, log)
        limit_memory(job.memory)
        ended = _made(job, begun, beside=beside)
    except OpsnbError as error:
        status = {2: "refused", 3: "not ready"}.get(error.exit_code, "failed")
        ended = Ended(status, error.exit_code, str(error), seconds=time.monotonic() - begun)
    except BaseException as error:
        kind = type(error).__name__
        ended = _told(job, kind, str(error), traceback.format_exc(), begun)
    sender.send(ended)
    sender.close()


def _made(job: Job, begun: float, *, beside: bool) -> Ended:
    import resource
    from functools import partial

    from opsnb.company import Company
    from opsnb.reports import report
    from opsnb.runs.parameters import check
    from opsnb.runs.perform import perform, perform_here

    spec = report(job.report, Company.find(str(job.values["company"])))
    params = check(spec, job.values)
    is_warm = not job.cold and warm.is_alone()
    run = partial(perform_here, beside=beside) if is_warm else perform
    outcome = run(
        spec,
        params,
        Path(job.outputs),
        cell_timeout=job.cell_timeout,
        force=job.force,
        name=job.name,
    )
    used = resource.getrusage(resource.RUSAGE_SELF)
    drawn = resource.getrusage(resource.RUSAGE_CHILDREN)
    return Ended(
        outcome.status,
        outcome.exit_code,
        outcome.message,
        str(outcome.folder),
        str(outcome.page),
        time.monotonic() - begun,
        sum((used.ru_utime, used.ru_stime, drawn.ru_utime, drawn.ru_stime)),
        used.ru_maxrss * 1024,
        is_warm,
    )

"""Execution of a notebook through papermill."""

from __future__ import annotations

import contextlib
import io
import logging
import re
import sys
import threading
import traceback
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from opsnb.runs.kernel import NAME, Kernel

if TYPE_CHECKING:
    from opsnb.runs.drawings import Drawings

NEXT = (
    "opsnb.runs.render",
    "opsnb.runs.records",
    "opsnb.display.figures",
    "fontTools.fontBuilder",
    "matplotlib.figure",
    "opsnb.display.canvas",
)
PATIENCE = 2.0
ANSI = re.compile(r"\x1b\[[0-9;]*m")


@dataclass(frozen=True)
class Failure:
    """Why a run did not come to its end.

    Attributes
    ----------
    kind, message : str
        The exception's name and text; `message` is fit for an operator, not for a reader.
    traceback : str
        For the log.
    """

    kind: str
    message: str
    traceback: str = ""

    def __str__(self) -> str:
        first = next(iter(self.message.strip().splitlines()), "")
        return f"{self.kind}: {first}" if first else self.kind


def execute(
    notebook: Path,
    output: Path,
    parameters: Mapping[str, Any],
    kernel: Kernel | None,
    *,
    drawings: Drawings | None = None,
    cell_timeout: int | None = None,
) -> Failure | None:
    """Run `notebook` with `parameters` in `kernel` and write it, executed, to `output`.

    The kernel works in the current directory, as with plain papermill.

    Parameters
    ----------
    kernel : Kernel or None
        None runs the cells in this process, which should have nothing else to do.
    drawings : Drawings, optional
        Where the results are drawn that the cells show.
    cell_timeout : int, optional
        Seconds that one cell may take.

    Returns
    -------
    Failure or None
    """
    papermill, stopped = imported_papermill()
    outputs = import_module("opsnb.runs.engine").Outputs()
    drawn = drawings or import_module("opsnb.runs.drawings").Drawings()
    where: dict[str, Any] = {"engine_name": "opsnb-shell"}
    if kernel is not None:
        where = {"engine_name": "opsnb", "manager": kernel.manager}
    logged = io.StringIO()
    try:
        with contextlib.redirect_stderr(logged), _logged(logged):
            made = papermill.execute_notebook(
                str(notebook),
                str(output),
                parameters=dict(parameters),
                kernel_name=NAME,
                language="python",
                path=str(output),
                progress_bar=False,
                request_save_on_cell_execute=False,
                execution_timeout=cell_timeout,
                drawings=drawn,
                outputs=outputs,
                **where,
            )
        outputs.write(made, str(output))
    except stopped as error:
        return Failure(error.ename, error.evalue, ANSI.sub("", "\n".join(error.traceback)))
    except Exception as error:  # a kernel that dies or is late raises whatever it likes
        outside = kernel.said if kernel else ""
        said = "\n".join(filter(None, (traceback.format_exc(), logged.getvalue(), outside)))
        return Failure(type(error).__name__, str(error), said)
    return None


def imported_papermill() -> tuple[Any, Any]:
    """Import papermill and our engine; with it comes the error that says that a cell failed."""
    with _absent("rfc3987_syntax"):
        import papermill
        from papermill.exceptions import PapermillExecutionError

        import_module("opsnb.runs.engine")
    return papermill, PapermillExecutionError


@contextlib.contextmanager
def _absent(name: str) -> Iterator[None]:
    """Let a module that nobody has imported yet count as not installed.

    jsonschema, which papermill imports, would otherwise spend most of a second on the grammar of
    a format (IRI) that no notebook's schema has.
    """
    hidden = name not in sys.modules
    if hidden:
        sys.modules[name] = None  # type: ignore[assignment]  # what the import system asks for
    try:
        yield
    finally:
        if hidden:
            del sys.modules[name]


@contextlib.contextmanager
def _logged(stream: io.StringIO) -> Iterator[None]:
    """Send what papermill logs as an error to `stream`."""
    logger, handler = logging.getLogger("papermill"), logging.StreamHandler(stream)
    before = logger.level, logger.propagate
    logger.setLevel(logging.ERROR)
    logger.propagate = False
    logger.addHandler(handler)
    try:
        yield
    finally:
        logger.removeHandler(handler)
        logger.setLevel(before[0])
        logger.propagate = before[1]


class Imports(NamedTuple):
    """What is being imported beside; each event is set when it is there, or cannot be.

    One waits for an event rather than for Python's own import locks, which an interrupt breaks.
    """

    papermill: threading.Event
    rest: threading.Event


@contextlib.contextmanager
def prefetched() -> Iterator[Imports]:
    """Import beside the block's own work, most of it waiting, what it needs later on."""
    imports, left = Imports(threading.Event(), threading.Event()), threading.Event()
    thread = threading.Thread(target=_prefetch, args=[imports, left], daemon=True)
    thread.start()
    try:
        yield imports
    finally:
        left.set()
        thread.join(PATIENCE)


def _prefetch(imports: Imports, left: threading.Event) -> None:
    try:
        imported_papermill()
        imports.papermill.set()
        for name in NEXT:
            if not left.is_set():
                import_module(name)
    finally:
        for event in imports:
            event.set()

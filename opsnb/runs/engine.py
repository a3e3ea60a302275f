"""papermill's engines: on a kernel that runs already, and on a shell in this process.

The notebook is written once, at its end, and not twice a cell. One that stops half-way is written
too, with the cell at which it stopped marked as failed.
"""

from __future__ import annotations

import contextlib
import json
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import Any

from jupyter_client.manager import AsyncKernelManager
from nbclient.exceptions import CellTimeoutError
from nbformat.v4.rwbase import strip_transient
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import Engine, NotebookExecutionManager, papermill_engines
from papermill.log import logger

from opsnb.runs.drawings import Drawings, records_only

KERNEL, SHELL = "opsnb", "opsnb-shell"
AGAIN = 1.0  # seconds until a cell that would not stop is told once more


class Outputs:
    """Outputs of a notebook that came to its end, kept from papermill, which is slow to write them.

    It indents what it writes, which json does letter by letter.
    """

    def __init__(self) -> None:
        self._taken: list[tuple[Any, Any]] = []

    def take(self, notebook: Any) -> None:
        """Take the outputs out of their cells, unless one failed: papermill looks for that."""
        cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
        kinds = {output.output_type for cell in cells for output in cell.outputs}
        if "error" not in kinds and not notebook.metadata.papermill.get("exception"):
            self._taken = [(cell, cell.outputs) for cell in cells]
            for cell in cells:
                cell.outputs = []

    def write(self, notebook: Any, path: str) -> None:
        """Put them back, and write the notebook with them."""
        for cell, outputs in self._taken:
            cell.outputs = outputs
        text = json.dumps(strip_transient(notebook), ensure_ascii=False, sort_keys=True)
        Path(path).write_text(text + "\n", encoding="utf-8")


class ReadyKernelEngine(Engine):  # type: ignore[misc]  # papermill has no types
    """Engine that is handed its kernel."""

    @classmethod
    def execute_managed_notebook(
        cls,
        nb_man: NotebookExecutionManager,
        kernel_name: str,
        *,
        manager: AsyncKernelManager,
        path: str,
        drawings: Drawings,
        outputs: Outputs,
        start_timeout: int = 60,
        execution_timeout: int | None = None,
        **_: Any,
    ) -> None:
        """Execute the notebook in the kernel of `manager`; an unfinished one goes to `path`."""
        client = PapermillNotebookClient(
            nb_man,
            km=manager,
            kernel_name=kernel_name,
            startup_timeout=start_timeout,
            timeout=execution_timeout,
            log=logger,
            on_cell_executed=lambda cell, **_: drawings.begin(cell),
        )
        try:
            with _kept(nb_man, path):
                client.execute()
                drawings.fill(nb_man.nb)
                outputs.take(nb_man.nb)
        finally:
            if client.kc is not None:
                client.kc.stop_channels()


class ShellEngine(Engine):  # type: ignore[misc]
    """Engine for a process that makes one report: cells run in it, in an IPython shell."""

    @classmethod
    def execute_managed_notebook(
        cls,
        nb_man: NotebookExecutionManager,
        kernel_name: str,
        *,
        path: str,
        drawings: Drawings,
        outputs: Outputs,
        execution_timeout: int | None = None,
        **_: Any,
    ) -> None:
        """Execute the notebook here; an unfinished one goes to `path`."""
        from opsnb.runs.shell import started

        with (
            tempfile.TemporaryDirectory(prefix="opsnb-") as folder,
            _kept(nb_man, path),
            records_only(),
        ):
            shell = started(folder)
            for place, cell in enumerate(nb_man.nb.cells):
                nb_man.cell_start(cell, place)
                try:
                    error = _run(shell, cell, execution_timeout)
                    if error is not None:
                        nb_man.cell_exception(cell, cell_index=place, exception=error)
                        break
                finally:
                    nb_man.cell_complete(cell, cell_index=place)
                drawings.begin(cell)
            drawings.fill(nb_man.nb)
            outputs.take(nb_man.nb)


class _LateError(BaseException):
    """Thrown into a cell whose time is over; no cell catches it by accident."""


def _run(shell: Any, cell: Any, timeout: int | None) -> BaseException | None:
    """Run a cell, and fill it as a kernel's client does; what it was left by, unless it may be."""
    if cell.cell_type != "code" or not cell.source.strip():
        return None
    error: BaseException | None = None
    with _limit(timeout) as late:
        cell.execution_count = shell.execution_count
        cell.outputs, error = shell.execute(cell.source)
    if late:
        raise CellTimeoutError.error_from_timeout_and_cell(
            "A cell timed out while it was being executed", int(timeout or 0), cell
        )
    return None if "raises-exception" in cell.metadata.get("tags", []) else error


@contextlib.contextmanager
def _limit(seconds: int | None) -> Iterator[list[bool]]:
    """Interrupt what runs in the block after `seconds`; the list is filled when that happened."""
    late: list[bool] = []

    def interrupt(_signum: int, _frame: FrameType | None) -> None:
        late.append(True)
        raise _LateError

    if seconds is None:
        yield late
        return
    before = signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, seconds, AGAIN)
    try:
        with contextlib.suppress(_LateError):  # it may strike just behind what it was meant for
            yield late
    finally:
        signal.signal(signal.SIGALRM, signal.SIG_IGN)
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@contextlib.contextmanager
def _kept(nb_man: NotebookExecutionManager, path: str) -> Iterator[None]:
    """Have papermill write a notebook that stopped half-way too."""
    try:
        yield
    except BaseException:
        _mark(nb_man.nb)
        nb_man.output_path = path
        raise


def _mark(notebook: Any) -> None:
    """Mark the last cell that was begun as failed; papermill takes it for completed."""
    begun = [cell for cell in notebook.cells if cell.metadata.papermill["start_time"]]
    for cell in begun[-1:]:
        cell.metadata.papermill["status"] = NotebookExecutionManager.FAILED
        cell.metadata.papermill["exception"] = True
    notebook.metadata.papermill["exception"] = True


papermill_engines.register(KERNEL, ReadyKernelEngine)
papermill_engines.register(SHELL, ShellEngine)

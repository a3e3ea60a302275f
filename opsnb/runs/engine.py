"""papermill's engine on a kernel that runs already.

The notebook is written once, at its end, and not twice a cell. One that stops half-way is written
too, with the cell at which it stopped marked as failed.
"""

from __future__ import annotations

from typing import Any

from jupyter_client.manager import AsyncKernelManager
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import Engine, NotebookExecutionManager, papermill_engines
from papermill.log import logger

NAME = "opsnb"


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
        )
        try:
            client.execute()
        except BaseException:
            _mark(nb_man.nb)
            nb_man.output_path = path
            raise
        finally:
            if client.kc is not None:
                client.kc.stop_channels()


def _mark(notebook: Any) -> None:
    """Mark the last cell that was begun as failed; papermill takes it for completed."""
    begun = [cell for cell in notebook.cells if cell.metadata.papermill["start_time"]]
    for cell in begun[-1:]:
        cell.metadata.papermill["status"] = NotebookExecutionManager.FAILED
        cell.metadata.papermill["exception"] = True
    notebook.metadata.papermill["exception"] = True


papermill_engines.register(NAME, ReadyKernelEngine)

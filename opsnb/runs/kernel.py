"""A kernel of our own, started before it is needed.

It runs in this interpreter whatever kernels the user has installed, speaks over sockets in a
private folder rather than over ports that others on the machine could listen to, and reads
nothing of the user's IPython profile. While it readies itself, the caller looks at the data. Its
cells show records only, which the caller draws.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import zmq
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from jupyter_core.utils import run_sync

from opsnb.keys import RECORDS, SHOW

NAME = "python3"
PATIENCE = 20.0  # seconds; half of it until a dismissed kernel is told, not asked
LAUNCH = ["-m", "opsnb.runs.application", "-f", "{connection_file}"]
ARGUMENTS = [
    "--HistoryManager.hist_file=:memory:",
    "--InteractiveShellApp.extra_extensions=opsnb.runs.preload",
]
LONGEST_SOCKET = "-ipc-99999"


class Kernel:
    """A running kernel.

    Attributes
    ----------
    manager : jupyter_client.AsyncKernelManager
    log : Path
        What the process itself wrote, outside any cell.
    """

    def __init__(self, manager: AsyncKernelManager, log: Path) -> None:
        self.manager, self.log = manager, log
        self._dismissed = False

    @property
    def said(self) -> str:
        """Text in the log."""
        return self.log.read_text(encoding="utf-8", errors="replace") if self.log.exists() else ""

    def dismiss(self) -> None:
        """Ask it to end, without waiting for it."""
        if self.manager.has_kernel and not self._dismissed:
            self._dismissed = True
            run_sync(self.manager.request_shutdown)()

    def close(self) -> None:
        """Wait for one that was dismissed; end any other at once."""
        if self._dismissed and self.manager.has_kernel:
            run_sync(self.manager.finish_shutdown)()
            run_sync(self.manager.cleanup_resources)()
        else:
            run_sync(self.manager.shutdown_kernel)(now=True)


@contextmanager
def started() -> Iterator[Kernel]:
    """Kernel that is ending or ended when the block is left, however it is left.

    Raises
    ------
    OSError
        No process could be started.
    """
    with tempfile.TemporaryDirectory(prefix="opsnb-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        manager = _manager(folder)
        kernel = Kernel(manager, folder / "kernel.log")
        environment = os.environ | {"IPYTHONDIR": str(folder / "ipython"), SHOW: RECORDS}
        try:
            with kernel.log.open("wb") as log:
                run_sync(manager.start_kernel)(
                    extra_arguments=ARGUMENTS, stdout=log, stderr=log, env=environment
                )
            yield kernel
        finally:
            kernel.close()


def _manager(folder: Path) -> AsyncKernelManager:
    connection = folder / "kernel.json"
    return AsyncKernelManager(
        kernel_name=NAME,
        kernel_spec_manager=_Own(),
        connection_file=str(connection),
        transport=transport(connection),
        shutdown_wait_time=PATIENCE,
    )


def transport(connection: Path) -> str:
    """``ipc`` where the system has it and the path of its sockets is short enough, else ``tcp``.

    Parameters
    ----------
    connection : Path
        Connection file, beside which the sockets lie.

    >>> transport(Path("/" + 200 * "x" + "/kernel.json"))
    'tcp'
    """
    longest = len(os.fsencode(connection.with_suffix(""))) + len(LONGEST_SOCKET)
    return "ipc" if zmq.has("ipc") and longest < zmq.IPC_PATH_MAX_LEN else "tcp"


class _Own(KernelSpecManager):
    """Knows one kernel: this interpreter."""

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        return KernelSpec(
            argv=[sys.executable, *LAUNCH], display_name="Python 3", language="python"
        )

"""The kernel's process: ``python -m opsnb.runs.application -f CONNECTION_FILE``."""

from __future__ import annotations

from ipykernel.kernelapp import IPKernelApp


class Application(IPKernelApp):  # type: ignore[misc]
    """ipykernel's own application, ended in an order that cannot lock.

    After it has answered a request to shut down, the control thread flushes what was printed
    through the publishing thread. ipykernel ends the publishing thread first: a flush that comes
    a moment later waits for it for ten seconds or for ever, and the process for the flush.
    """

    def start(self) -> None:
        """Serve until told to end, then let the control thread finish before the others go."""
        super().start()
        control = self.control_thread
        if control is not None and control.is_alive():
            control.stop()
            control.join()


if __name__ == "__main__":
    Application.launch_instance()

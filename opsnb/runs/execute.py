"""Execution of a notebook through papermill, on a kernel of its own."""

from __future__ import annotations

import contextlib
import io
import logging
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

KERNEL = "python3"
NEXT = ("opsnb.runs.render", "opsnb.display.fonts", "pyarrow.parquet")


@dataclass(frozen=True)
class Failure:
    """Why a notebook did not run to its end.

    Attributes
    ----------
    kind, message : str
        The exception's name and text; `message` is fit for an operator, not for a reader.
    traceback : str
        For the log.
    """

    kind: str
    message: str
    traceback: str


def execute(
    notebook: Path, output: Path, parameters: Mapping[str, Any], *, cell_timeout: int | None = None
) -> Failure | None:
    """Run `notebook` with `parameters` and write it, executed, to `output`.

    The kernel works in the current directory, as with plain papermill. While it does, what the
    next step needs is imported here.

    Returns
    -------
    Failure or None
    """
    prefetch = threading.Thread(target=_prefetch, daemon=True)
    import papermill
    from papermill.exceptions import PapermillExecutionError

    logging.getLogger("papermill").setLevel(logging.ERROR)
    prefetch.start()
    try:
        with contextlib.redirect_stderr(io.StringIO()):
            papermill.execute_notebook(
                str(notebook), str(output), parameters=dict(parameters), kernel_name=KERNEL,
                progress_bar=False, log_output=False, execution_timeout=cell_timeout,
            )  # fmt: skip
    except PapermillExecutionError as error:
        return Failure(error.ename, error.evalue, "\n".join(error.traceback))
    except Exception as error:  # noqa: BLE001 - a kernel that dies raises whatever it likes
        return Failure(type(error).__name__, str(error), "")
    finally:
        prefetch.join()
    return None


def _prefetch() -> None:
    for name in NEXT:
        import_module(name)

"""What the fork server imports once for all reports, and how a child of it settles down."""

from __future__ import annotations

import atexit
import contextlib
import ctypes
import gc
import os
import random
import signal
import sys
import tempfile
import time
from importlib import import_module
from multiprocessing import parent_process
from pathlib import Path

MODULES = (
    "opsnb.runs.execute",
    "opsnb.runs.run",
    "opsnb.runs.render",
    "opsnb.runs.records",
    "opsnb.runs.masthead",
    "opsnb.runs.shell",
    "opsnb.analyses",
    "opsnb.display.figures",
    "opsnb.display.canvas",
    "sqlglot.dialects.duckdb",
    "sqlglot.optimizer.annotate_types",
    "pyarrow.parquet",
    "pyarrow.dataset",
    "pyarrow.pandas_compat",
    "pandas.core.reshape.reshape",
    "pandas.core.methods.to_dict",
    "scipy.special",
    "scipy.linalg",
    "statsmodels.tsa.exponential_smoothing.ets",
    "babel.messages.pofile",
    "IPython.core.application",
    "IPython.core.completerlib",
    "IPython.core.magics",
    "opsnb.runs.policy",
    "opsnb.runs.remembered",
    "matplotlib.figure",
    "matplotlib.backends.backend_svg",
    "fontTools.fontBuilder",
)
"""pyplot is not among them: it ties itself to the shell that is there when it is imported."""

PRELOADED = "opsnb.runs.warmed"
SELDOM = 500_000
"""Objects between two looks for garbage: a process for one report ends before it has much."""
POINTS = 36
"""Months of the usual chart."""
TASKS = Path("/proc/self/task")
DEATH_OF_PARENT = 1  # PR_SET_PDEATHSIG


def warm_up() -> int:
    """Import what reports need; returns how many threads this process has afterwards."""
    from opsnb.runs.execute import imported_papermill

    gc.disable()
    imported_papermill()
    for name in MODULES:
        import_module(name)
    # of what was imported, not of a later edit
    import_module("opsnb.runs.manifest").code_hash()
    import_module("opsnb.data.kept").code_hash()
    with contextlib.suppress(Exception):  # a report that needs it fails there, and says why
        practise()
    gc.freeze()  # what all children share is looked at, and so copied, by none
    gc.enable()
    atexit.register(gc.unfreeze)
    return len(list(TASKS.iterdir())) if TASKS.is_dir() else 0


def practise() -> None:
    """Compute what a process computes once: schemas, catalogues, styles, glyphs, a first figure."""
    import nbformat

    from opsnb.display import figures, words
    from opsnb.runs import frame
    from opsnb.stats.false_flags import false_flag_rate
    from opsnb.workbook import LOCALES

    nbformat.validate(nbformat.v4.new_notebook())
    for locale in LOCALES:
        words.translate(locale)("Total")
    for name in frame.environment().list_templates():
        frame.environment().get_template(name)
    frame.style()
    line = figures.Line((1.0, 2.0), "0123456789.,%")
    figure, _ = figures.axes_for([line], figures.WIDE)
    figures.svg_of(figure)
    for lag in range(-3, 10):
        for detrended in (False, True):
            false_flag_rate(POINTS, lag / 10, detrended=detrended)


def is_alone() -> bool:
    """Whether this process was forked from one that was warm and had a single thread."""
    warmed = sys.modules.get(PRELOADED)
    return warmed is not None and warmed.THREADS == 1


def _parent() -> int:
    """Process that this one was started by: the fork server, or who asked for a new interpreter."""
    warmed = sys.modules.get(PRELOADED)
    if warmed is not None:
        return int(warmed.PROCESS)
    asked = parent_process()
    return os.getppid() if asked is None else int(asked.pid or 0)


def end_with(parent: int) -> None:
    """End this process as soon as its `parent` ends."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(DEATH_OF_PARENT, signal.SIGKILL)
        if os.getppid() != parent:  # it died before this was said
            os._exit(1)


def settle(folder: str, log: str) -> None:
    """Make a forked process its own: nothing random, no signal and no place is its parent's.

    Parameters
    ----------
    folder : str
        Where it works; where its parent does, if empty.
    log : str
        File for what it writes outside any cell.
    """
    with Path(log).open("ab") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    if hasattr(os, "setpgid"):
        os.setpgid(0, 0)  # what a cell starts is ended with it
    end_with(_parent())
    gc.set_threshold(SELDOM)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the one who was interrupted ends its children
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    random.seed()
    tempfile._name_sequence = None  # type: ignore[attr-defined]
    numpy = sys.modules.get("numpy")
    if numpy is not None:
        numpy.random.seed()
    if hasattr(time, "tzset"):
        time.tzset()
    if folder:
        os.chdir(folder)

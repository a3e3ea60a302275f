"""IPython extension that imports at a kernel's start what the reports import later."""

from __future__ import annotations

import gc
from importlib import import_module

MODULES = (
    "opsnb.workbook",
    "opsnb.analyses",
    "opsnb.display.figures",
    "sqlglot.dialects.duckdb",
    "pyarrow.pandas_compat",
    "matplotlib.figure",
    "matplotlib.backends.backend_svg",
)


def load_ipython_extension(shell: object) -> None:
    """Import them; the notebook's own names stay untouched.

    What is imported lives as long as the kernel, so that no collection need look at it again.
    """
    gc.disable()
    for name in MODULES:
        import_module(name)
    gc.freeze()
    gc.enable()

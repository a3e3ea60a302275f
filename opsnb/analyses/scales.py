"""Scales that were fitted, kept beside the tables: one a company and month, whoever asks first.

A scale depends on the histories and on the code that fits it, so that these are its name. What is
damaged or cannot be kept is fitted again; the figures are the same.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict
from functools import cache as once
from importlib.metadata import version
from pathlib import Path

from opsnb.analyses.histories import History
from opsnb.data.cache import Cache
from opsnb.stats.forecast import Scale

PACKAGE = Path(__file__).parents[1]
CODE = ("analyses/outlooks.py", "analyses/histories.py", "stats/*.py", "stats/forecast/*.py")
"""Modules, below the package, that decide what a scale is."""
LIBRARIES = ("numpy", "pandas")


def kept(history: History, h: int, fit: Callable[[], Scale]) -> Scale:
    """Scale of `history` for `h` months ahead, by `fit` where nobody has fitted it yet."""
    cache, name = Cache.here(), f"scale-{digest(history, h)}"
    entry = cache.find(name)
    if entry is not None:
        told = json.loads(entry.rows.read_text("utf-8"))
        return Scale(tuple(told["widths"]), told["series"], told["loadings"])
    scale = fit()
    text = json.dumps(asdict(scale))

    def write(path: Path) -> None:
        path.write_text(text, "utf-8")

    cache.keep(name, write, {"kind": "scale"})
    return scale


def digest(history: History, h: int) -> str:
    """Hash of everything that is forecast from: a scale is fitted to it; and of what fits it."""
    found = hashlib.sha256(_code().encode())
    for (metric, unit), values in history.values.items():
        found.update(f"{metric}|{unit}|{len(values)}\n".encode())
        found.update(values.tobytes())
    rest = (
        h, [str(month) for month in history.months], history.root, dict(history.leaves),
        sorted(history.additive), dict(history.kinds), dict(history.lower), dict(history.upper),
        list(history.calendar.columns),
    )  # fmt: skip
    found.update(repr(rest).encode())
    found.update(history.calendar.to_numpy(dtype="float64").tobytes())
    return found.hexdigest()


@once
def _code() -> str:
    found = hashlib.sha256(";".join(f"{name} {version(name)}" for name in LIBRARIES).encode())
    for path in sorted(path for pattern in CODE for path in PACKAGE.glob(pattern)):
        found.update(path.read_bytes())
    return found.hexdigest()

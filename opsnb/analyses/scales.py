"""Scales that were fitted, kept: one a company and month, whoever asks first."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import asdict

from opsnb.analyses.histories import History
from opsnb.data import kept as values
from opsnb.stats.forecast import Scale


def kept(history: History, h: int, fit: Callable[[], Scale]) -> Scale:
    """Scale of `history` for `h` months ahead, by `fit` where nobody has fitted it yet."""
    return values.kept("scale", [digest(history, h)], fit, _packed, _unpacked)


def _packed(scale: Scale) -> values.Content:
    return values.Content(asdict(scale))


def _unpacked(content: values.Content) -> Scale:
    told = content.told
    return Scale(tuple(told["widths"]), told["series"], told["loadings"])


def digest(history: History, h: int) -> str:
    """Hash of everything that is forecast from, and that a scale is fitted to."""
    found = hashlib.sha256()
    for (metric, unit), y in history.values.items():
        found.update(f"{metric}|{unit}|{len(y)}\n".encode())
        found.update(y.tobytes())
    rest = (
        h, [str(month) for month in history.months], history.root, dict(history.leaves),
        sorted(history.additive), dict(history.kinds), dict(history.lower), dict(history.upper),
        list(history.calendar.columns),
    )  # fmt: skip
    found.update(repr(rest).encode())
    found.update(history.calendar.to_numpy(dtype="float64").tobytes())
    return found.hexdigest()

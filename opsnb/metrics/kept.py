"""Kept values and failures: how they are written down, and read again the same to the bit."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from opsnb.data.gate import Failures
from opsnb.data.kept import Content, pack_frame, unpack_frame
from opsnb.metrics.values import Values


def pack_values(values: Values) -> Content:
    """Values as JSON and arrays.

    Raises
    ------
    TypeError
        A dimension has elements that are no texts, or a metric is no float.
    """
    index, frame = values.frame.index, values.frame
    if not isinstance(index, pd.MultiIndex) or any(kind != "float64" for kind in frame.dtypes):
        raise TypeError(f"{frame.dtypes}")
    levels = [[str(level.dtype), level.tolist()] for level in index.levels]
    if not all(isinstance(item, str) for _, items in levels for item in items):
        raise TypeError(f"{index.levels}")
    places = {label: place for place, label in enumerate(index)}
    columns = {name: place for place, name in enumerate(frame.columns)}
    why = {reason: place for place, reason in enumerate(dict.fromkeys(values.reasons.values()))}
    missing = [
        (places[label], columns[metric], why[reason])
        for (label, metric), reason in values.reasons.items()
    ]
    told = {
        "names": list(index.names), "levels": levels, "columns": list(columns), "why": list(why),
    }  # fmt: skip
    arrays: dict[str, Any] = {f"codes {i}": codes for i, codes in enumerate(index.codes)}
    arrays["values"] = frame.to_numpy()
    arrays["missing"] = np.array(missing, dtype=np.int64).reshape(-1, 3)
    return Content(told, arrays)


def unpack_values(content: Content) -> Values:
    """Values that :func:`pack_values` has packed."""
    told, arrays = content.told, content.arrays
    codes: Any = [arrays[f"codes {i}"] for i in range(len(told["levels"]))]
    levels = [pd.Index(items, dtype=kind) for kind, items in told["levels"]]
    index = pd.MultiIndex(levels=levels, codes=codes, names=told["names"])
    frame = pd.DataFrame(arrays["values"], index=index, columns=told["columns"])
    labels, columns, why = list(index), told["columns"], told["why"]
    reasons = {
        (labels[row], columns[column]): why[place]
        for row, column, place in arrays["missing"].tolist()
    }
    return Values(frame, reasons)


def pack_failures(found: Failures) -> Content:
    """Failures as JSON and arrays.

    Raises
    ------
    TypeError
        Evidence is neither a number nor a text.
    """
    frames = [pack_frame(name, getattr(found, name)) for name in ("counts", "examples")]
    told = {
        "frames": [frame.told for frame in frames],
        "evidence": _plain(found.evidence),
        "compared": None if found.compared is None else _plain(found.compared),
    }
    return Content(told, {**frames[0].arrays, **frames[1].arrays})


def _plain(numbers: Any) -> dict[str, Any]:
    plain = dict(numbers)
    if not all(type(value) in (int, float, str) for value in plain.values()):
        raise TypeError(f"{plain}")
    return plain


def unpack_failures(content: Content) -> Failures:
    """Failures that :func:`pack_failures` has packed."""
    told = content.told
    counts, examples = (
        unpack_frame(name, Content(one, content.arrays))
        for name, one in zip(("counts", "examples"), told["frames"], strict=True)
    )
    return Failures(counts, examples, told["evidence"], told["compared"])

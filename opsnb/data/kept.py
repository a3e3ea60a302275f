"""Kept: what was computed, beside the tables, under a hash of everything that it depends on.

A value is JSON and arrays. Its name is a hash of what its maker was given, of the package's code
and of the libraries below it, so that another of any of these has another name. What is damaged,
or cannot be kept, is made again; the figures are the same. Nothing is found or kept by a process
whose code was written since it began: what it computes need not be what the files say.
"""

from __future__ import annotations

import hashlib
import json
import platform
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache as once
from importlib.metadata import version
from pathlib import Path
from typing import Any, TypeVar
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt
import pandas as pd
from pydantic import TypeAdapter

from opsnb.data.cache import Cache
from opsnb.shipped import PACKAGE

LIBRARIES = ("duckdb", "numpy", "pandas", "scipy", "sqlglot")
BORN = time.time()
SETTLED = 2.0
"""Seconds by which code is older than the process that may speak for it."""
TOLD = "told"
NUMBERS = "biufM"
"""Kinds of columns that are kept as arrays; texts are kept as JSON."""
DAMAGED = (OSError, EOFError, BadZipFile, ValueError, KeyError, TypeError)
"""What a file that is not as it was written may raise."""
Value = TypeVar("Value")


@dataclass(frozen=True)
class Content:
    """Value as it is kept.

    Attributes
    ----------
    told : object
        JSON-able.
    arrays : mapping of str -> ndarray
        Numbers; no objects.
    """

    told: Any
    arrays: Mapping[str, npt.NDArray[Any]] = field(default_factory=dict)


def kept(
    kind: str,
    parts: Iterable[object],
    make: Callable[[], Value],
    pack: Callable[[Value], Content],
    unpack: Callable[[Content], Value],
) -> Value:
    """Value of that `kind` that depends on `parts`, by `make` where nobody has made it yet.

    Parameters
    ----------
    parts : iterable
        Told apart by their ``repr``, which has to tell all that matters; bytes, arrays and frames
        by their content.
    pack, unpack : callable
        To what is kept and back, the same to the bit. Where `pack` raises a TypeError, or tells
        what is no JSON, nothing is kept.
    """
    cache, code = Cache.here(), code_hash()
    if cache.folder is None or not code:
        return make()
    name = f"{kind}-{digest([kind, code, *parts])}"
    entry = cache.find(name)
    if entry is not None:
        try:
            return unpack(_read(entry.rows))
        except DAMAGED:
            cache.forget(name)
    value = make()
    try:
        content = pack(value)
        text = json.dumps(content.told).encode()
    except TypeError:
        return value
    cache.keep(name, lambda path: _write(path, text, content.arrays), {"kind": kind})
    return value


def is_kept() -> bool:
    """Whether anything is kept here at all."""
    return Cache.here().folder is not None and bool(code_hash())


def kept_as(
    kind: type[Value], name: str, parts: Iterable[object], make: Callable[[], Value]
) -> Value:
    """As :func:`kept`, for a value of a `kind` that pydantic writes as JSON and reads again.

    Parameters
    ----------
    kind : type
        A dataclass, or a container of plain values.
    """
    adapter: TypeAdapter[Value] = _adapter(kind)
    return kept(
        name,
        parts,
        make,
        lambda value: Content(adapter.dump_python(value, mode="json")),
        lambda content: adapter.validate_python(content.told),
    )


_adapter: Callable[[Any], TypeAdapter[Any]] = once(TypeAdapter)


def _write(path: Path, text: bytes, arrays: Mapping[str, npt.NDArray[Any]]) -> None:
    told = {TOLD: np.frombuffer(text, dtype=np.uint8)}
    with path.open("wb") as file:
        np.savez(file, allow_pickle=False, **told, **arrays)


def _read(path: Path) -> Content:
    with path.open("rb") as file, np.load(file, allow_pickle=False) as found:
        arrays = {name: found[name] for name in found.files}
    return Content(json.loads(arrays.pop(TOLD).tobytes()), arrays)


def pack_frame(name: str, frame: pd.DataFrame) -> Content:
    """Columns of a frame whose rows are counted: numbers as arrays, texts as JSON.

    Raises
    ------
    TypeError
        A column holds something else.
    """
    told: list[list[Any]] = []
    numbers: dict[str, list[npt.NDArray[Any]]] = {}
    for column, values in frame.items():
        kind = str(values.dtype)
        if isinstance(values.dtype, np.dtype) and values.dtype.kind in NUMBERS:
            alike = numbers.setdefault(kind, [])
            told.append([column, kind, len(alike)])
            alike.append(values.to_numpy())
            continue
        texts = _texts(values)
        if not all(text is None or isinstance(text, str) for text in texts):
            raise TypeError(f"column {column!r} of {name!r}")
        told.append([column, kind, texts])
    arrays = {f"{name} {kind}": np.stack(alike) for kind, alike in numbers.items()}
    return Content({"rows": len(frame), "columns": told}, arrays)


def _texts(values: pd.Series) -> list[Any]:
    """Cells of a column of texts; None where a column that knows only texts has none."""
    if isinstance(values.dtype, pd.StringDtype):
        return values.astype(object).where(values.notna(), None).tolist()
    return values.tolist()


def unpack_frame(name: str, content: Content) -> pd.DataFrame:
    """Frame that :func:`pack_frame` has packed."""
    columns = {
        column: (
            content.arrays[f"{name} {kind}"][found]
            if isinstance(found, int)
            else pd.Series(found, dtype=kind)
        )
        for column, kind, found in content.told["columns"]
    }
    return pd.DataFrame(columns, index=pd.RangeIndex(content.told["rows"]))


@once
def code_hash() -> str:
    """Hash of the package's code and of what it computes with; empty where it is too young."""
    paths = sorted(PACKAGE.rglob("*.py"))
    if max(path.stat().st_mtime for path in paths) > BORN - SETTLED:
        return ""
    libraries = [f"{name} {version(name)}" for name in LIBRARIES]
    found = hashlib.sha256(
        repr([platform.python_version(), platform.machine(), libraries]).encode()
    )
    for path in paths:
        found.update(f"{path.relative_to(PACKAGE)}\n".encode())
        found.update(path.read_bytes())
    return found.hexdigest()


def digest(parts: Iterable[object]) -> str:
    """What tells `parts` from others, as :func:`kept` tells them apart."""
    found = hashlib.sha256()
    for part in parts:
        told = _bytes(part)
        found.update(f"{len(told)}:".encode())
        found.update(told)
    return found.hexdigest()


def _bytes(part: object) -> bytes:
    """What tells a part from others."""
    if isinstance(part, bytes):
        return b"bytes " + part
    if isinstance(part, np.ndarray):
        head = repr([str(part.dtype), part.shape]).encode()
        rest = repr(part.tolist()).encode() if part.dtype == object else part.tobytes()
        return b"array " + head + rest
    if isinstance(part, pd.DataFrame):
        rows = [[_plain(cell) for cell in row] for row in part.astype(object).to_numpy().tolist()]
        told = [list(part.columns), list(map(str, part.dtypes)), list(part.index), rows]
        return b"frame " + repr(told).encode()
    return b"value " + repr(part).encode()


def _plain(cell: object) -> object:
    """Cell whose representation leaves nothing out."""
    return cell.tolist() if isinstance(cell, np.ndarray) else cell

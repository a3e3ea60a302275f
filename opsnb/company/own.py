"""Own: what a company has written itself, notebooks of reports and modules of analyses.

Both lie in the folder ``reports`` beside its settings. A notebook there is a report as the
shipped ones are; a module is loaded by :meth:`opsnb.Workbook.own`, and nothing else runs it.
"""

from __future__ import annotations

import ast
import json
import keyword
import re
import sys
from collections.abc import Iterator
from importlib import util
from pathlib import Path
from types import ModuleType
from typing import Any

from opsnb.errors import OpsnbError, SettingsError, UnknownNameError

FOLDER = "reports"
NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")
PARAMETERS, KEY = "parameters", "opsnb"
"""Tag of the cell of parameters, and the place of the title in a notebook's metadata."""


def check_name(name: str, where: str | None = None) -> str:
    """`name`, if a report or a module may be called so.

    Raises
    ------
    SettingsError
        It becomes the name of a file and a folder, and of a Python module.
    """
    if not NAME.fullmatch(name) or keyword.iskeyword(name):
        raise SettingsError(
            f"{name!r} is no name", where=where,
            expected="1 to 63 of a-z 0-9 _, a letter first, no Python word",
        )  # fmt: skip
    return name


def notebooks(folder: Path) -> list[Path]:
    """Notebooks of the company's own reports, by name."""
    return _files(folder, "ipynb")


def modules(folder: Path) -> list[Path]:
    """Modules of the company's own analyses, by name."""
    return _files(folder, "py")


def _files(folder: Path, kind: str) -> list[Path]:
    found = sorted((folder / FOLDER).glob(f"*.{kind}"))
    return [path for path in found if not path.name.startswith(".")]


def told(path: Path) -> dict[str, Any]:
    """What a notebook says of itself: its title by locale, and the parameters of its cell.

    Returns
    -------
    dict
        ``title``, ``{"zh": ..., "en": ...}``; ``parameters``, name to default.

    Raises
    ------
    SettingsError
        It is no notebook, has no cell tagged ``parameters``, or one that does more than assign
        plain values.
    """
    where = f"{FOLDER}/{path.name}"
    try:
        node = json.loads(path.read_text(encoding="utf-8"))
        cells = list(node["cells"])
    except (OSError, ValueError, KeyError, TypeError):
        raise SettingsError("is no notebook", where=where, expected="nbformat version 4") from None
    found = [c for c in cells if PARAMETERS in (c.get("metadata") or {}).get("tags", ())]
    if len(found) != 1:
        raise SettingsError(
            f"has {len(found)} cells tagged {PARAMETERS!r}", where=where, expected="one"
        )
    title = _title(node, cells) or dict.fromkeys(("zh", "en"), path.stem)
    return {"title": title, "parameters": _assigned(_source(found[0]), where)}


def _title(node: dict[str, Any], cells: list[dict[str, Any]]) -> dict[str, str]:
    """Title from the notebook's metadata, else its first heading."""
    own = ((node.get("metadata") or {}).get(KEY) or {}).get("title") or {}
    headings = (
        line.removeprefix("# ").strip()
        for cell in cells if cell.get("cell_type") == "markdown"
        for line in _source(cell).splitlines() if line.startswith("# ")
    )  # fmt: skip
    first = next(headings, "")
    zh = str(own.get("zh") or first or own.get("en") or "")
    return {"zh": zh, "en": str(own.get("en") or zh)} if zh else {}


def _source(cell: dict[str, Any]) -> str:
    text = cell.get("source") or ""
    return text if isinstance(text, str) else "".join(text)


def _assigned(source: str, where: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    try:
        for node in ast.parse(source).body:
            target = node.targets[0] if isinstance(node, ast.Assign) else None
            if not isinstance(node, ast.Assign) or not isinstance(target, ast.Name):
                raise ValueError(ast.unparse(node))
            found[target.id] = ast.literal_eval(node.value)
    except (SyntaxError, ValueError) as error:
        raise SettingsError(
            f"the cell of parameters does not assign plain values: {error}", where=where,
            expected='lines such as metric = "revenue"',
        ) from None  # fmt: skip
    return found


def module(folder: Path, name: str) -> ModuleType:
    """Module `name` of the company's folder, loaded anew.

    Raises
    ------
    UnknownNameError
        With the nearest name among those that are there.
    SettingsError
        It cannot be loaded: the sentence says at which line, and why.
    """
    known = {path.stem: path for path in modules(folder)}
    if name not in known:
        raise UnknownNameError(
            f"no module {name!r}", where=str(folder / FOLDER), given=name, choices=known
        )
    label = f"opsnb_own.{name}"
    spec = util.spec_from_file_location(label, known[name])
    assert spec is not None  # noqa: S101 - a path that ends in .py has a loader
    assert spec.loader is not None  # noqa: S101
    found = util.module_from_spec(spec)
    sys.modules[label] = found  # dataclasses and pickles look there
    try:
        spec.loader.exec_module(found)
    except OpsnbError:
        raise
    except Exception as error:
        line = _line(error, known[name])
        where = f"{FOLDER}/{known[name].name}{line}"
        raise SettingsError(f"{type(error).__name__}: {error}", where=where) from error
    return found


def _line(error: Exception, path: Path) -> str:
    """Line of the module at which it failed."""
    if isinstance(error, SyntaxError):
        return f", line {error.lineno}" if error.lineno else ""
    lines = [line for file, line in _frames(error) if file == str(path)]
    return f", line {lines[-1]}" if lines else ""


def _frames(error: Exception) -> Iterator[tuple[str, int]]:
    trace = error.__traceback__
    while trace is not None:
        yield trace.tb_frame.f_code.co_filename, trace.tb_lineno
        trace = trace.tb_next

"""Doctor: whether this machine has what reports need, and what to do where it has not."""

from __future__ import annotations

import fcntl
import importlib.util
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from importlib import metadata
from pathlib import Path
from typing import Any, Literal

from opsnb.data.cache import Cache
from opsnb.errors import OpsnbError
from opsnb.runs.limits import machine_memory

State = Literal["ok", "note", "wrong"]
MARKS = {"ok": "ok   ", "note": "note ", "wrong": "WRONG"}
LITTLE, LOW = 100_000_000, 1_000_000_000
"""Bytes free on a disk below which no report can be made, and below which there is reason to."""
NEEDED = 2_000_000_000
OLDEST = (3, 11)
LOWEST = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?\s*(?:[=>]=\s*([0-9.]+))?")
SECONDS = 60
WARM = "from opsnb.runs import warmed; print(warmed.THREADS)"


@dataclass(frozen=True)
class Line:
    """One thing that was looked at.

    Attributes
    ----------
    state : {"ok", "note", "wrong"}
        A note costs time or one function; what is wrong stops reports.
    found, todo : str
        What there is, and what to do about it; empty where there is nothing to do.
    """

    name: str
    state: State
    found: str
    todo: str = ""


def diagnose(outputs: Path) -> list[Line]:
    """Everything there is to say about this machine.

    Parameters
    ----------
    outputs : Path
        Folder that reports go to.
    """
    looks: tuple[tuple[str, Callable[[], Iterator[Line]]], ...] = (
        ("Python", _python),
        ("packages", _packages),
        ("extras", _extras),
        ("bytecode", _bytecode),
        ("fonts", _fonts),
        ("Chromium", _chromium),
        ("memory", _memory),
        ("folders", lambda: _folders(outputs)),
        ("fork", _fork),
    )
    return [line for name, look in looks for line in _looked(name, look)]


def exit_code(lines: list[Line]) -> int:
    """2 where anything is wrong, else 0."""
    return 2 if any(line.state == "wrong" for line in lines) else 0


def to_dict(lines: list[Line]) -> dict[str, Any]:
    """JSON-able form."""
    return {"exit_code": exit_code(lines), "lines": [asdict(line) for line in lines]}


def text(lines: list[Line]) -> Iterator[str]:
    """Lines for a person."""
    width = max(len(line.name) for line in lines)
    for line in lines:
        yield f"{MARKS[line.state]} {line.name:<{width}}  {line.found}"
        if line.todo:
            yield f"      {'':<{width}}  -> {line.todo}"


def _looked(name: str, look: Callable[[], Iterator[Line]]) -> list[Line]:
    """What `look` finds; where it cannot even look, that is wrong."""
    try:
        return list(look())
    except (OpsnbError, OSError, ImportError, subprocess.SubprocessError) as error:
        return [Line(name, "wrong", f"{type(error).__name__}: {error}", "put this right first")]


def _python() -> Iterator[Line]:
    found = f"{platform.python_version()} ({sys.executable})"
    if sys.version_info[:2] < OLDEST:
        yield Line("Python", "wrong", found, "install Python 3.11 or later")
    else:
        yield Line("Python", "ok", found)


def _packages() -> Iterator[Line]:
    """Every dependency that is declared, and whether it is there and new enough."""
    try:
        declared = metadata.requires("opsnb") or []
    except metadata.PackageNotFoundError:
        yield Line(
            "packages", "wrong", "opsnb itself is not installed", "pip install --no-deps -e ."
        )
        return
    wrong = [said for text in declared if "extra ==" not in text and (said := _lacking(text))]
    if wrong:
        todo = "pip install --require-hashes -r requirements.lock"
        yield Line("packages", "wrong", "; ".join(wrong), todo)
        return
    told = ", ".join(f"{name} {metadata.version(name)}" for name in ("opsnb", "pandas", "duckdb"))
    yield Line("packages", "ok", f"{told}, and the others")


def _lacking(requirement: str) -> str:
    """What is wrong with a requirement; empty where it is met."""
    match = LOWEST.match(requirement)
    if match is None:
        return ""
    name, lowest = match[1], match[2]
    try:
        found = metadata.version(name)
    except metadata.PackageNotFoundError:
        return f"{name} is missing"
    if lowest and _numbers(found) < _numbers(lowest):
        return f"{name} is {found}, not {lowest} or later"
    return ""


def _numbers(version: str) -> tuple[int, ...]:
    """Leading numbers of a version, without the zeros at their end.

    >>> _numbers("3.10.0rc1"), _numbers("3.9") < _numbers("3.10")
    ((3, 10), True)
    """
    match = re.match(r"\d+(?:\.\d+)*", version)
    found = [int(part) for part in match[0].split(".")] if match else []
    while found and found[-1] == 0:
        found.pop()
    return tuple(found)


def _extras() -> Iterator[Line]:
    uses = {"distributed": "cluster", "psycopg": "postgres", "pyspark": "spark"}
    for module, extra in uses.items():
        if importlib.util.find_spec(module) is None:
            todo = f"pip install 'opsnb[{extra}]', if it is wanted"
            yield Line(f"extra {extra}", "note", f"{module} is not installed", todo)
        else:
            yield Line(f"extra {extra}", "ok", f"{module} {metadata.version(module)}")


def _bytecode() -> Iterator[Line]:
    """Whether modules need not be compiled at each start."""
    if sys.dont_write_bytecode:
        todo = "unset PYTHONDONTWRITEBYTECODE: without bytecode every start takes seconds longer"
        yield Line("bytecode", "note", "Python is told to write none", todo)
    bare = [name for name in ("pandas", "matplotlib", "opsnb") if not _is_compiled(name)]
    if bare:
        todo = f"{sys.executable} -m compileall -q {Path(os.__file__).parent} {_packages_folder()}"
        yield Line("bytecode", "note", f"none is kept for {', '.join(bare)}", todo)
    elif not sys.dont_write_bytecode:
        yield Line("bytecode", "ok", "kept")


def _is_compiled(name: str) -> bool:
    spec = importlib.util.find_spec(name)
    return bool(spec and spec.cached and Path(spec.cached).is_file())


def _packages_folder() -> Path:
    spec = importlib.util.find_spec("pandas")
    return Path(str(spec.origin)).parents[1] if spec else Path()


def _fonts() -> Iterator[Line]:
    """Whether a page can carry its characters."""
    from opsnb.display.fonts import DISTRIBUTION, font_faces

    todo = f"pip install {DISTRIBUTION}"
    try:
        made = font_faces("<h1>月度运营分析报告</h1><p>同比 12.3%</p>")
    except (OpsnbError, OSError, ImportError, ValueError) as error:
        yield Line("fonts", "wrong", str(error), todo)
        return
    is_made = made.count("@font-face") == 2
    found = f"{DISTRIBUTION} {metadata.version(DISTRIBUTION)}"
    yield Line("fonts", "ok" if is_made else "wrong", found, "" if is_made else todo)


def _chromium() -> Iterator[Line]:
    from opsnb.runs.export.chromium import ChromiumError, found

    try:
        yield Line("Chromium", "ok", found())
    except ChromiumError as error:
        yield Line("Chromium", "note", error.what, f"for PDF: {error.expected}")


def _memory() -> Iterator[Line]:
    size, cores = machine_memory(), os.cpu_count() or 1
    found = f"{size / 1e9:.1f} GB, {cores} cores"
    if size < NEEDED:
        yield Line("memory", "note", found, "make one report at a time: opsnb batch --jobs 1")
    else:
        yield Line("memory", "ok", found)


def _folders(outputs: Path) -> Iterator[Line]:
    """Whether what is written can be: reports, tables that are kept, temporary files."""
    cache = Cache.here().folder
    places: list[tuple[str, Path, State]] = [("outputs", outputs, "wrong")]
    if cache is not None:
        places.append(("cache", cache, "note"))
    places.append(("temporary", Path(tempfile.gettempdir()), "wrong"))
    for name, folder, state in places:
        yield from _folder(name, folder.absolute(), state)


def _folder(name: str, folder: Path, state: State) -> Iterator[Line]:
    there = next(place for place in (folder, *folder.parents) if place.exists())
    try:
        with tempfile.TemporaryFile(dir=there) as file:
            file.write(b"x")
            file.flush()
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        todo = f"give the user {os.environ.get('USER', 'that runs reports')} the right to write it"
        yield Line(name, state, f"{folder}: {error.strerror or error}", todo)
        return
    free = shutil.disk_usage(there).free
    found = f"{folder}, {free / 1e9:,.1f} GB free"
    if free < LOW:
        worse: State = state if free < LITTLE else "note"
        yield Line(name, worse, found, "make room: opsnb prune, opsnb cache --clear")
    else:
        yield Line(name, "ok", found)


def _fork() -> Iterator[Line]:
    """Whether a batch may fork its reports from one process; found out by warming one."""
    from opsnb.runs.apart import QUIET, is_forkable

    slow = "nothing need be done: a batch gives each report a kernel, which takes longer"
    if not is_forkable():
        yield Line("fork", "note", f"not on {platform.system()}", slow)
        return
    done = subprocess.run(  # noqa: S603 - this interpreter, with a constant
        [sys.executable, "-c", WARM],
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
        env=os.environ | QUIET,
    )
    threads = done.stdout.strip()
    if threads == "1":
        yield Line("fork", "ok", "safe: one thread after everything is imported")
    elif threads.isdigit():
        yield Line("fork", "note", f"{threads} threads after everything is imported", slow)
    else:
        said = (done.stderr.strip().splitlines() or ["nothing"])[-1]
        yield Line("fork", "wrong", f"what reports need cannot be imported: {said}", "see packages")

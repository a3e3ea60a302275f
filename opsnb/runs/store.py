"""Store: where runs lie, and how a finished one comes to be seen, whole or not at all.

A run is made in a hidden folder beside its place and renamed when it is whole; ``latest.json``
is replaced by a rename too. A failed run leaves the last good one as it was.
"""

from __future__ import annotations

import datetime as dt
import fcntl
import hashlib
import json
import os
import secrets
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import quote

from opsnb.errors import OpsnbError, ParameterError, UnknownNameError

LATEST, DOOR = "latest.json", "latest.html"
MANIFEST = "manifest.json"
LOCK = ".lock"


@dataclass(frozen=True)
class Place:
    """Where the runs of one report for one period and unit lie."""

    outputs: Path
    company: str
    period: str
    report: str
    unit: str

    @property
    def folder(self) -> Path:
        """``outputs/<company>/<period>/<report>/<unit>``."""
        return self.outputs / self.company / self.period / self.report / self.unit

    def latest(self) -> dict[str, Any] | None:
        """Contents of ``latest.json``, or None where there is no good run."""
        path = self.folder / LATEST
        return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else None

    def publish_latest(self, content: Mapping[str, Any]) -> None:
        """Replace ``latest.json`` in one step, then ``latest.html``, which leads to its page."""
        write_atomically(self.folder / LATEST, json_text(content))
        page, run = str(content.get("page", "")), str(content["run_id"])
        write_atomically(self.folder / DOOR, door(page, run))

    def door_of(self, unit: str) -> str | None:
        """Way from a page of this place to the latest of another unit; None without one."""
        there = self.folder.parent / unit / DOOR
        return f"../../{quote(unit)}/{DOOR}" if there.is_file() else None


def door(page: str, run_id: str) -> str:
    """Page that leads to `page`, whose name changes with each run, without a script."""
    way, run = escape(quote(page)), escape(run_id)
    return (
        '<!doctype html><html lang="zh-CN"><meta charset="utf-8">'
        f'<meta http-equiv="refresh" content="0; url={way}"><title>{run}</title>'
        f'<p><a href="{way}">{run}</a></p></html>\n'
    )


def new_run_id(now: dt.datetime) -> str:
    """Id that sorts by time and is not given twice.

    >>> len(new_run_id(dt.datetime(2026, 11, 5, 8, 0, tzinfo=dt.UTC)))
    22
    """
    return f"{now:%Y%m%dT%H%M%S}-{secrets.token_hex(3)}"


@contextmanager
def alone(place: Place) -> Iterator[None]:
    """Wait until nobody else makes a report in `place`, and keep others waiting.

    What a process that was killed has left half-made there is removed.

    Raises
    ------
    ParameterError
        The outputs cannot be written.
    """
    _make(place.folder, place.outputs, exist_ok=True)
    path = place.folder / LOCK
    try:
        path.touch()
    except OSError as error:
        raise _unwritable(place.outputs, error) from None
    with _locked(path):
        _clear(place.folder)
        try:
            yield
        finally:
            path.unlink(missing_ok=True)  # while it is held: who waits for it looks again


def clear(folder: Path) -> None:
    """Remove what a process that was killed has left half-made, unless another is at work there.

    Parameters
    ----------
    folder : Path
        Of a place.
    """
    path = folder / LOCK
    try:
        with path.open("ab") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if _is(path, lock.fileno()):
                _clear(folder)
                path.unlink(missing_ok=True)
    except OSError:  # somebody holds it, or nothing can be written here
        return


def _clear(folder: Path) -> None:
    for left in folder.glob(".*.partial"):
        shutil.rmtree(left, ignore_errors=True) if left.is_dir() else left.unlink(missing_ok=True)


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Hold the lock on the file that has this name, also after one who held it removed it."""
    while True:
        with path.open("ab") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if _is(path, lock.fileno()):
                yield
                return


def _is(path: Path, descriptor: int) -> bool:
    """Whether the open file still has this name."""
    try:
        return path.stat().st_ino == os.fstat(descriptor).st_ino
    except FileNotFoundError:
        return False


@contextmanager
def workspace(place: Place, run_id: str) -> Iterator[Path]:
    """Hidden folder for a run in the making; removed again unless :func:`promote` moved it.

    Raises
    ------
    ParameterError
        The outputs cannot be written.
    """
    folder = place.folder / f".{run_id}.partial"
    try:
        _make(folder, place.outputs)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _make(folder: Path, outputs: Path, *, exist_ok: bool = False) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=exist_ok)
    except OSError as error:
        raise _unwritable(outputs, error) from None


def _unwritable(outputs: Path, error: OSError) -> ParameterError:
    return ParameterError(f"nothing can be made in {outputs}: {error.strerror}", where="outputs")


def promote(folder: Path, place: Place, run_id: str) -> Path:
    """Make the run in `folder` visible as ``<run_id>``; everything in it is on disk before."""
    for path in folder.rglob("*"):
        if path.is_file():
            _sync(path)
    final = place.folder / run_id
    folder.rename(final)
    _sync(place.folder)
    return final


def find_run(run: str, outputs: Path, company: str = "*") -> Path:
    """Folder of a run, given as that folder or as its id.

    Parameters
    ----------
    run : str
    outputs : Path
        Where an id is looked for.
    company : str, optional
        Id of the company among whose runs it is.

    Raises
    ------
    UnknownNameError
        With the nearest among the ids that are there.
    OpsnbError
        The folder holds no run.
    """
    folder = Path(run)
    if folder.is_dir():
        if not (folder / MANIFEST).is_file():
            raise OpsnbError(f"no run in {run}", expected=f"a folder with {MANIFEST}")
        return folder
    known = {
        path.parent.name: path.parent
        for path in sorted(outputs.glob(f"{company}/*/*/*/*/{MANIFEST}"))
        if not path.parent.name.startswith(".")
    }
    if run not in known:
        raise UnknownNameError(f"no run {run!r} in {outputs}", given=run, choices=reversed(known))
    return known[run]


def write_atomically(path: Path, content: str | bytes) -> None:
    """Write a file that is seen either as it was or whole; text as UTF-8."""
    partial = path.with_name(f".{path.name}.{secrets.token_hex(3)}.partial")
    try:
        partial.write_bytes(content.encode() if isinstance(content, str) else content)
        _sync(partial)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
    _sync(path.parent)


def json_text(content: Mapping[str, Any]) -> str:
    """Readable JSON with Chinese as it is; a NaN in it is an error."""
    return json.dumps(content, ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def sha256(path: Path) -> str:
    """Hash of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

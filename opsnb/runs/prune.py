"""Prune: runs that nobody needs any more, by a rule that can be read.

A run stays where any of these holds:

- ``latest.json`` names it: it is the last good one;
- its id stands in a ``reviews.jsonl`` anywhere below the outputs, or in any file or name below
  ``outputs/published``: somebody has signed, published or withdrawn it;
- it is among the newest good runs of its place, as many as ``keep`` says;
- it is younger than ``days``.

Everything else goes: older good runs, and the status pages of failed ones.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import re
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from opsnb.errors import OpsnbError
from opsnb.runs.store import LATEST, MANIFEST, clear

KEEP, DAYS = 3, 90
REVIEWS, PUBLISHED = "reviews.jsonl", "published"
RUN_ID = re.compile(rb"\d{8}T\d{6}-[0-9a-f]{6}")
PLACE = "*/*/*/*"
BATCHES = ".batches"


@dataclass(frozen=True)
class Old:
    """Something that goes.

    Attributes
    ----------
    path : Path
        Folder of a run, or log of a batch.
    size : int
        Bytes.
    why : str
    """

    path: Path
    size: int
    why: str


def old(
    outputs: Path, company: str = "*", *, keep: int = KEEP, days: int = DAYS, now: dt.datetime
) -> list[Old]:
    """What goes by the rule; nothing is removed yet.

    Parameters
    ----------
    company : str
        Id, or the pattern of all.
    keep : int
        Good runs of a place that stay however old they are.
    days : int
        Age at which a run may go.
    """
    signed = signed_runs(outputs)
    found: list[Old] = []
    for place in sorted(outputs.glob(f"{company}/{PLACE[2:]}")):
        if place.is_dir() and place.relative_to(outputs).parts[0] != PUBLISHED:
            found += _old_of(place, signed, keep, now - dt.timedelta(days=days), days)
    return found + list(_old_logs(outputs, now - dt.timedelta(days=days), days))


def signed_runs(outputs: Path) -> frozenset[str]:
    """Ids of the runs that were reviewed or published, whatever became of them afterwards.

    They are looked for as text, so that nothing goes because of a file that cannot be read.
    """
    published = [p for p in (outputs / PUBLISHED).rglob("*") if p.is_file() or p.is_symlink()]
    ids: set[str] = set()
    for path in (*outputs.rglob(REVIEWS), *published):
        ids |= _ids(str(path.relative_to(outputs)).encode())
        if path.is_symlink():
            ids |= _ids(str(path.resolve()).encode())
        if path.is_file():
            ids |= _ids(path.read_bytes())
    return frozenset(ids)


def _ids(text: bytes) -> set[str]:
    return {found.decode() for found in RUN_ID.findall(text)}


def _old_of(
    place: Path, signed: frozenset[str], keep: int, since: dt.datetime, days: int
) -> Iterator[Old]:
    latest = latest_of(place)
    kept = 0
    runs = sorted((path for path in place.glob(f"*/{MANIFEST}")), reverse=True)
    for path in runs:
        run, manifest = path.parent, _manifest(path)
        if run.name.startswith(".") or manifest is None:
            continue  # half-made, or nothing that can be judged
        is_good = manifest["status"] == "done"
        kept += is_good
        if run.name == latest or run.name in signed or (is_good and kept <= keep):
            continue
        if dt.datetime.fromisoformat(manifest["created_at"]) >= since:
            continue
        kind = "good" if is_good else "failed"
        yield Old(run, _size(run), f"a {kind} run of more than {days} days ago")


def latest_of(place: Path) -> str | None:
    """Id of the last good run of a place.

    Raises
    ------
    OpsnbError
        The file that names it cannot be read: then nothing may go.
    """
    path = place / LATEST
    try:
        return str(json.loads(path.read_text(encoding="utf-8"))["run_id"])
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError):
        raise OpsnbError("does not name a run", where=str(path)) from None


def _manifest(path: Path) -> dict[str, Any] | None:
    try:
        content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return content if {"status", "created_at"} <= content.keys() else None


def _old_logs(outputs: Path, since: dt.datetime, days: int) -> Iterator[Old]:
    for path in sorted((outputs / BATCHES).glob("*.jsonl")):
        state = path.stat()
        if dt.datetime.fromtimestamp(state.st_mtime, dt.UTC) < since:
            yield Old(path, state.st_size, f"a batch's log of more than {days} days ago")


def _size(folder: Path) -> int:
    return sum(path.lstat().st_size for path in folder.rglob("*") if not path.is_dir())


def remove(outputs: Path, going: Iterable[Old]) -> int:
    """Remove what goes, each at once or not at all; the bytes that were freed.

    What was signed, or has become the last good run, since it was looked at stays.
    """
    signed, freed = signed_runs(outputs), 0
    for item in going:
        path = item.path
        if path.is_dir():
            if path.name in signed or latest_of(path.parent) == path.name:
                continue
            hidden = path.with_name(f".{path.name}.partial")
            path.rename(hidden)
            shutil.rmtree(hidden)
            clear(path.parent)
        else:
            path.unlink(missing_ok=True)
        freed += item.size
    return freed


def clear_all(outputs: Path, company: str = "*") -> None:
    """Remove what killed processes have left half-made, where nobody is at work."""
    for place in {path.parent for path in outputs.glob(f"{company}/{PLACE[2:]}/.*.partial")}:
        with contextlib.suppress(OSError):
            clear(place)

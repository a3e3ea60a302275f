"""How a run stands: what the journal of reviews and publications says of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from opsnb import journal

FILE = "reviews.jsonl"
APPROVE, REJECT, PUBLISH, ROLLBACK = "approve", "reject", "publish", "rollback"
Entry = Mapping[str, Any]
PLACE = ("period", "report", "unit")


def standing(folder: Path, manifest: Mapping[str, Any]) -> tuple[str, str]:
    """State of the run in `folder`, and who stands for it.

    Returns
    -------
    (str, str)
        draft, reviewed, published or superseded; reviewer and day, empty for a draft.

    Raises
    ------
    OpsnbError
        The journal was altered.
    """
    above = list(folder.absolute().parents)
    entries = journal.read(above[3] / FILE) if len(above) > 3 else []
    run_id, digest = str(manifest["run_id"]), str(manifest["content_digest"])
    own = [one for one in entries if one["run_id"] == run_id and one["digest"] == digest]
    approved = [one for one in own if one["act"] == APPROVE]
    if any(one["act"] == PUBLISH for one in own):
        now = published(entries).get(tuple(str(manifest[name]) for name in PLACE))
        is_there = now is not None and now["run_id"] == run_id
        return ("published" if is_there else "superseded"), signed(approved[-1])
    verdict = verdict_on(own, run_id)
    if verdict is None or verdict["act"] != APPROVE:
        return "draft", ""
    return "reviewed", signed(verdict)


def signed(verdict: Entry) -> str:
    """Name and day of a verdict."""
    return f"{verdict['by']} {str(verdict['at'])[:10]}"


def verdict_on(entries: Iterable[Entry], run_id: str) -> Entry | None:
    """Latest approval or rejection of a run."""
    found = [e for e in entries if e["run_id"] == run_id and e["act"] in (APPROVE, REJECT)]
    return found[-1] if found else None


def published(entries: Iterable[Entry]) -> dict[tuple[str, ...], Entry]:
    """Publication that stands at each place, after all that was published and withdrawn."""
    made: dict[tuple[str, ...], dict[str, Entry]] = {}
    found: dict[tuple[str, ...], Entry] = {}
    for entry in entries:
        place = tuple(str(entry[name]) for name in PLACE)
        if entry["act"] == PUBLISH:
            made.setdefault(place, {})[str(entry["run_id"])] = entry
            found[place] = entry
        elif entry["act"] == ROLLBACK:
            before = made.get(place, {}).get(str(entry["to"]))
            if before is None:
                found.pop(place, None)
            else:
                found[place] = before
    return found

"""Publication: approved runs as pages that any static server can show.

``outputs/published/<company>/<unit>/<period>/<report>/<run>.html`` never changes once it is there.
``index.html`` of a unit and of the company lead to what stands; they are written last, each in one
step, so that whoever reads sees the former publication or the new one, and the next start completes
what was interrupted. A unit's folder names no other unit.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from opsnb import journal
from opsnb.company import Company
from opsnb.errors import OpsnbError, ParameterError
from opsnb.publication.index import is_current, write_indexes
from opsnb.publication.reviews import Intact, entry_of, intact, journal_of
from opsnb.runs.policy import applied
from opsnb.runs.run import Outcome
from opsnb.runs.store import LATEST, write_atomically
from opsnb.standing import (
    APPROVE,
    PUBLISH,
    ROLLBACK,
    Entry,
    published,
    signed,
    verdict_on,
)  # fmt: skip

FOLDER = "published"


@dataclass(frozen=True)
class Publication:
    """What came of it.

    Attributes
    ----------
    made : tuple of str
        Pages that are new, below the company's published folder.
    kept : tuple of str
        Those that stood already.
    left : mapping place -> str
        Reports of the month that were not published, and why.
    index : Path
    """

    made: tuple[str, ...]
    kept: tuple[str, ...]
    left: Mapping[str, str]
    index: Path


def folder_of(outputs: Path, company: str) -> Path:
    """Where a company's publication lies."""
    return outputs / FOLDER / company


def publish(company: Company, period: str, outputs: Path, by: str, now: dt.datetime) -> Publication:
    """Publish what was approved of a month.

    Raises
    ------
    ParameterError
        Nothing of the month is approved.
    OpsnbError
        The journal was altered.
    """
    month = str(company.period(period))
    path, root = journal_of(outputs, company.id), folder_of(outputs, company.id)
    made, kept, left = [], [], {}
    for latest in sorted((outputs / company.id / month).glob(f"*/*/{LATEST}")):
        entries = journal.read(path)
        place = f"{latest.parents[1].name}/{latest.parent.name}"
        try:
            run, verdict = _approved(latest, entries, company.profile.risk.hold)
        except OpsnbError as error:
            left[place] = str(error)
            continue
        stands = published(entries).get(run.place)
        if stands and stands["run_id"] == run.manifest["run_id"] and _is_whole(root, stands):
            kept.append(str(stands["file"]))
            continue
        html = _page(run, verdict)
        digest = hashlib.sha256(html.encode()).hexdigest()
        name = _file(run, digest, entries)
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        write_atomically(root / name, html)
        entry = entry_of(PUBLISH, run.manifest, by, now) | {
            "file": name, "sha256": digest,
            "reviewer": verdict["by"], **_told(run, stands, outputs, company.id),
        }  # fmt: skip
        journal.append(path, entry)
        made.append(name)
    if not made and not kept:
        reasons = "; ".join(f"{place}: {why}" for place, why in left.items())
        raise ParameterError(
            f"nothing of {month} can be published" + (f": {reasons}" if reasons else ""),
            expected="runs that were approved: opsnb review RUN --approve --by NAME",
        )
    index = write_indexes(company, root, journal.read(path))
    return Publication(tuple(made), tuple(kept), left, index)


def rollback(
    company: Company, period: str, outputs: Path, by: str, reason: str, now: dt.datetime
) -> list[str]:
    """Withdraw a month's publication for the one before it, or for none; returns what stands now.

    One that was interrupted is completed and withdraws nothing more.

    Raises
    ------
    ParameterError
        There is no reason or no name, or nothing of the month is published.
    """
    if not by.strip() or not reason.strip():
        raise ParameterError("a rollback names who does it and why", where="--by, --reason")
    month, path = str(company.period(period)), journal_of(outputs, company.id)
    root, entries = folder_of(outputs, company.id), journal.read(path)
    if _is_unfinished(company, root, month, entries):
        write_indexes(company, root, entries)
        return _standing_files(entries, month)
    standing = {place: e for place, e in published(entries).items() if place[0] == month}
    if not standing:
        raise ParameterError(f"nothing of {month} is published", where=str(path))
    at = now.astimezone(dt.UTC).isoformat(timespec="seconds")
    done = {"schema": 1, "act": ROLLBACK, "by": by.strip(), "note": reason.strip(), "at": at}
    about = ("run_id", "period", "report", "unit", "digest")
    withdrawn = [
        {name: entry[name] for name in about} | done | {"to": _before(entries, place, entry)}
        for place, entry in standing.items()
    ]
    journal.append_all(path, withdrawn)
    entries = journal.read(path)
    write_indexes(company, root, entries)
    return _standing_files(entries, month)


def _standing_files(entries: list[dict[str, Any]], month: str) -> list[str]:
    return [str(e["file"]) for place, e in published(entries).items() if place[0] == month]


def _is_unfinished(company: Company, root: Path, month: str, entries: list[dict[str, Any]]) -> bool:
    """Whether the month was just withdrawn and the indexes do not say so yet."""
    if not entries or (entries[-1]["act"], entries[-1]["period"]) != (ROLLBACK, month):
        return False
    return not is_current(company, root, entries)


def _before(entries: list[dict[str, Any]], place: tuple[str, ...], entry: Entry) -> str:
    """Run that stood at a place before `entry` was published; empty if none did."""
    at = entries.index(dict(entry))
    former = published(entries[:at]).get(place)
    return str(former["run_id"]) if former else ""


def _approved(latest: Path, entries: list[dict[str, Any]], hold: str) -> tuple[Intact, Entry]:
    """Run that counts at a place, and its approval.

    Raises
    ------
    OpsnbError
        Why it must not be published.
    """
    try:
        run_id = str(json.loads(latest.read_text(encoding="utf-8"))["run_id"])
    except (OSError, ValueError, KeyError, TypeError):
        raise OpsnbError("cannot be read", where=str(latest)) from None
    verdict = verdict_on(entries, run_id)
    if verdict is None:
        raise OpsnbError(f"the latest run {run_id} is not reviewed")
    if verdict["act"] != APPROVE:
        raise OpsnbError(f"the latest run {run_id} was rejected by {verdict['by']}")
    since = entries[entries.index(dict(verdict)) :]
    for entry in since:
        if entry["act"] == ROLLBACK and entry["run_id"] == run_id:
            raise OpsnbError(f"{run_id} was withdrawn by {entry['by']}, and not reviewed since")
    run = intact(latest.parent / run_id)
    if verdict["digest"] != run.digest:
        raise OpsnbError(f"what was approved of {run_id} is not what is there")
    outcome = Outcome(run.folder, "done", run.folder / "report.html")
    held = applied(outcome, hold)
    if held.status == "held":
        raise OpsnbError(held.message)
    if (run.manifest.get("closing") or {}).get("state") == "altered":
        raise OpsnbError("the month changed after it was closed, and was not reopened")
    return run, verdict


def _is_whole(root: Path, entry: Entry) -> bool:
    path = root / str(entry["file"])
    return path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == entry["sha256"]


def _file(run: Intact, digest: str, entries: list[dict[str, Any]]) -> str:
    """Name of the page; one with another strip than before gets another, for none is changed."""
    run_id = run.manifest["run_id"]
    before = [e for e in entries if e["act"] == PUBLISH and e["run_id"] == run_id]
    for entry in before:
        if entry["sha256"] == digest:
            return str(entry["file"])
    period, report, unit = run.place
    files = {entry["file"] for entry in before}
    number = f"-{len(files) + 1}" if files else ""
    return f"{unit}/{period}/{report}/{run_id}{number}.html"


def _page(run: Intact, verdict: Entry) -> str:
    """The page with the strip of what is published."""
    from opsnb.runs.masthead import meta_of

    meta = meta_of(run.manifest)
    meta["state"] = "published"
    meta["reviewer"] = signed(verdict)
    return run.page.stamped(meta).html


def _told(run: Intact, before: Entry | None, outputs: Path, company: str) -> dict[str, Any]:
    """Headline of a report, and how many indicators are others than in what stood before."""
    from opsnb.display.icons import RANK
    from opsnb.display.sentences import sentence

    page = run.page
    found = [(f, r) for r in page.results for f in r.findings if f.severity != "info"]
    found.sort(key=lambda pair: RANK.index(pair[0].severity))
    first = sentence(found[0][0], found[0][1].provenance, page.locale) if found else None
    told: dict[str, Any] = {
        "severity": found[0][0].severity if found else "info",
        "headline": first.striptags() if first is not None else "",
        "before": str(before["run_id"]) if before else "",
        "changed": None,
    }
    if before is not None:
        from opsnb.runs.diff import diff, indicators

        period, report, unit = run.place
        former = outputs / company / period / report / unit / told["before"]
        with contextlib.suppress(OpsnbError):  # what stood cannot be read: the index says so
            told["changed"] = len(indicators(diff(former, run.folder)))
    return told

"""What a report that could not be made leaves: a status page, a log and a manifest.

It stands in a run's folder of its own; the last good report stays the latest.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from opsnb.company import Company
from opsnb.data.ledgers import units as units_of
from opsnb.display.words import translate
from opsnb.errors import ChangedError, OpsnbError
from opsnb.period import Period
from opsnb.reports import Report
from opsnb.runs import manifest
from opsnb.runs.apart import KILLED, SILENT, TIMEOUT
from opsnb.runs.execute import Failure
from opsnb.runs.store import MANIFEST, Place, alone, json_text, new_run_id, promote, workspace

WHOLE = "all"


@dataclass(frozen=True)
class Heading:
    """Of which report a status page is, in the reader's words."""

    title: str
    company: str
    period: str
    unit: str
    locale: str

    @classmethod
    def of(
        cls, report: Report, company: Company, period: Period, unit: str, locale: str
    ) -> Heading:
        """Names as far as they can be told; where the ledger is at fault, the unit's id."""
        try:
            tree = units_of(company)
            unit = tree[tree.root if unit == WHOLE else unit].label[locale]
        except OpsnbError:
            unit = "" if unit == WHOLE else unit
        name = company.profile.name.to_dict()[locale]
        return cls(report.title[locale], name, period.label(locale), unit, locale)


def mark(text: str) -> str:
    """Say that `text` is one of the catalogue's."""
    return text


def why(failure: Failure) -> tuple[str, str]:
    """Why there is no report, and what is to be done, as messages of the catalogue."""
    text = f"{failure.kind}: {failure.message}"
    if "MemoryError" in text or "OutOfMemory" in text or "bad_alloc" in text:
        return (
            mark("The calculation needed more memory than a report may take."),
            mark("Start it again with a higher --memory, or with fewer reports at once (--jobs)."),
        )
    if "No space left" in text or "Disk quota" in text or "File too large" in text:
        return (
            mark("The disk is full."),
            mark("Make room on the disk, then start it again: only what is missing is made."),
        )
    if failure.kind in ("CellTimeoutError", TIMEOUT):
        return (
            mark("The calculation took longer than it may."),
            mark("Start it again when the sources are less busy, or allow it more time."),
        )
    if failure.kind == ChangedError.__name__:
        return (
            mark("The data changed while the report was made."),
            mark("Start it again once the data are complete."),
        )
    if failure.kind in (KILLED, SILENT, "DeadKernelError"):
        return (
            mark("The calculation was ended from outside."),
            mark("Start it again; if it ends so once more, see to the machine's memory."),
        )
    return (
        mark("The calculation stopped with an error ({kind})."),
        mark("Who keeps the notebook finds the reason in log.txt beside this page."),
    )


def write_failure(
    folder: Path, heading: Heading, failure: Failure, when: str, last_good: str | None
) -> None:
    """Status page, without a traceback, and log in `folder`; whatever was half made goes."""
    from opsnb.runs.render import status_page

    for name in ("report.html", "results.parquet", "findings.parquet"):
        (folder / name).unlink(missing_ok=True)
    words = translate(heading.locale)
    reason, todo = why(failure)
    page = status_page(
        title=heading.title,
        company=heading.company,
        period=heading.period,
        unit=heading.unit,
        what=words(reason, kind=failure.kind),
        todo=words(todo),
        when=when,
        last_good=last_good,
        locale=heading.locale,
    )
    (folder / "status.html").write_text(page, encoding="utf-8")
    log = f"{failure.kind}: {failure.message}\n{failure.traceback}\n"
    (folder / "log.txt").write_text(log, encoding="utf-8")


def place_of(report: str, values: Mapping[str, Any], outputs: Path) -> Place:
    """Where the runs of a report with these parameters lie.

    Raises
    ------
    OpsnbError
    """
    company = Company.find(values["company"])
    unit = company.profile.root.id if values["unit"] in (None, WHOLE) else str(values["unit"])
    return Place(outputs, company.id, str(company.period(values["period"])), report, unit)


def leave(report: Report, values: Mapping[str, Any], outputs: Path, failure: Failure) -> Path:
    """Folder of a failed run whose process can say nothing itself any more.

    Parameters
    ----------
    values : mapping
        Parameters of the report.

    Raises
    ------
    OpsnbError, OSError
        It cannot be told of what it should be, or cannot be written.
    """
    company = Company.find(values["company"])
    place = place_of(report.name, values, outputs)
    locale = values.get("locale") or company.profile.locale
    now = dt.datetime.now(dt.UTC)
    run_id, when, latest = new_run_id(now), now.isoformat(timespec="seconds"), place.latest()
    with alone(place), workspace(place, run_id) as folder:
        heading = Heading.of(report, company, company.period(place.period), place.unit, locale)
        write_failure(folder, heading, failure, when, f"../{latest['page']}" if latest else None)
        content = {
            "schema": manifest.SCHEMA,
            "run_id": run_id,
            "created_at": when,
            "company": company.id,
            "report": report.name,
            "period": place.period,
            "unit": place.unit,
            "status": "failed",
            "parameters": dict(values),
            "as_of": company.profile.as_of.isoformat(),
            "inputs": [],
            "checks": [],
            **manifest.environment(),
            "failure": {"kind": failure.kind, "message": failure.message},
            "outputs": manifest.outputs(folder),
        }
        (folder / MANIFEST).write_text(json_text(content), encoding="utf-8")
        return promote(folder, place, run_id)

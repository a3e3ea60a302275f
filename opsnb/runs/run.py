"""A run in the making: what is known of it, and what it leaves behind, done or failed."""

from __future__ import annotations

import datetime as dt
import json
import time
import traceback
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from opsnb.errors import OpsnbError
from opsnb.reports import Params, Report
from opsnb.results import Result
from opsnb.runs import manifest
from opsnb.runs.execute import Failure
from opsnb.runs.parameters import papermill_values
from opsnb.runs.store import MANIFEST, Place, json_text, new_run_id, promote
from opsnb.workbook import Workbook

if TYPE_CHECKING:
    from opsnb.runs.drawings import Drawings

EXIT = {"done": 0, "cached": 0, "failed": 1}


@dataclass(frozen=True)
class Outcome:
    """What became of a run.

    Attributes
    ----------
    folder : Path
        The run's folder; a failed run has one too, with a status page instead of a report.
    status : {"done", "cached", "failed"}
        Cached is the last good run, where nothing has changed since.
    page : Path
        What a person should open.
    message : str
        For the operator; one line.
    """

    folder: Path
    status: Literal["done", "cached", "failed"]
    page: Path
    message: str = ""

    @property
    def exit_code(self) -> int:
        """0 done or cached, 1 failed."""
        return EXIT[self.status]


@dataclass
class Clock:
    """Seconds that each step took."""

    seconds: dict[str, float] = field(default_factory=dict)
    _since: float = field(default_factory=time.perf_counter)

    def lap(self, name: str) -> None:
        """Note the time since the last lap under `name`."""
        now = time.perf_counter()
        self.seconds[name] = round(now - self._since, 3)
        self._since = now


def opened(params: Params) -> Workbook:
    """Workbook that the parameters name, with all its settings read and found right.

    Raises
    ------
    OpsnbError
        What is wrong with settings or parameters.
    """
    workbook = Workbook.open(params.company, params.period, params.unit, params.locale)
    for metric in params.metric_ids():
        workbook.catalogue.definition(metric)
    _ = workbook.targets, workbook.time_progress  # the ledger and the calendar are read
    return workbook


class Run:
    """What is known of a run while it is made."""

    def __init__(
        self,
        report: Report,
        workbook: Workbook,
        params: Params,
        outputs: Path,
        started: dt.datetime,
        clock: Clock,
    ) -> None:
        self.report, self.workbook, self.clock = report, workbook, clock
        unit, period = workbook.unit, str(workbook.period)
        told = {"period": period, "unit": unit, "locale": workbook.locale}
        past = getattr(params, "history", None)
        told |= {} if past is None else {"history": past or str(outputs)}
        self.params = params.model_copy(update=told)
        self.place = Place(outputs, workbook.company.id, period, report.name, unit)
        self.created_at = started.astimezone(dt.UTC).isoformat(timespec="seconds")
        self.run_id = new_run_id(started)
        self.inputs = manifest.inputs(workbook, report.notebook)
        self.inputs += [] if past is None else manifest.history(workbook, Path(told["history"]))
        self.key = manifest.key(workbook, self.inputs, papermill_values(self.params))

    def unchanged(self) -> Outcome | None:
        """The last good run, where it was made of the same and its files are as it left them."""
        latest = self.place.latest()
        if latest is None:
            return None
        folder = self.place.folder / str(latest["run_id"])
        try:
            made = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
            same = made.get("key") == self.key and made["outputs"] == manifest.outputs(folder)
        except (OSError, ValueError):
            return None
        return Outcome(folder, "cached", folder / "report.html") if same else None

    def done(self, folder: Path, drawings: Drawings) -> Outcome:
        """Render, record and promote; a page that cannot be made is a failed run."""
        try:
            digest = self._make(folder, drawings)
        except OpsnbError as error:
            return self.failed(folder, Failure(type(error).__name__, str(error)))
        except Exception as error:  # whatever it is, its reader gets a page and not a traceback
            failure = Failure(type(error).__name__, str(error), traceback.format_exc())
            return self.failed(folder, failure)
        self._write_manifest(folder, "done", {"content_digest": digest})
        final = promote(folder, self.place, self.run_id)
        self.place.publish_latest(
            {
                "schema": 1,
                "run_id": self.run_id,
                "created_at": self.created_at,
                "page": f"{self.run_id}/report.html",
                "content_digest": digest,
            }
        )
        return Outcome(final, "done", final / "report.html")

    def _make(self, folder: Path, drawings: Drawings) -> str:
        """Page and records of the executed notebook; returns the content digest."""
        from opsnb.runs.masthead import Meta
        from opsnb.runs.records import write_records
        from opsnb.runs.render import content_digest, render

        notebook = json.loads((folder / "notebook.ipynb").read_text(encoding="utf-8"))
        page = render(notebook, locale=self.workbook.locale, drawings=drawings)
        self._refuse_changed(page.results)
        digest = content_digest(notebook, page.body, manifest.input_hashes(self.inputs))
        meta = Meta(run_id=self.run_id, created_at=self.created_at, state="draft", digest=digest)
        (folder / "report.html").write_text(page.stamped(meta).html, encoding="utf-8")
        self.clock.lap("render")
        write_records(folder, page.results, self._identity())
        self.clock.lap("record")
        return digest

    def _refuse_changed(self, results: Iterable[Result]) -> None:
        """What the notebook read is what was checked, and what the manifest will say."""
        checked = {item["table"]: item["sha256"] for item in self.inputs if "table" in item}
        for result in results:
            for table, source in result.provenance.get("sources", {}).items():
                if source["sha256"] != checked.get(table):
                    raise OpsnbError("the file changed while the report was made", where=table)

    def failed(self, folder: Path, failure: Failure) -> Outcome:
        """Leave a status page and a log; the last good report stays the latest."""
        for name in ("report.html", "results.parquet", "findings.parquet"):
            (folder / name).unlink(missing_ok=True)
        (folder / "status.html").write_text(self._status_page(failure), encoding="utf-8")
        log = f"{failure.kind}: {failure.message}\n{failure.traceback}\n"
        (folder / "log.txt").write_text(log, encoding="utf-8")
        what = {"kind": failure.kind, "message": failure.message}
        self._write_manifest(folder, "failed", {"failure": what})
        final = promote(folder, self.place, self.run_id)
        message = f"the run failed: {failure}; see {final / 'log.txt'}"
        return Outcome(final, "failed", final / "status.html", message)

    def _status_page(self, failure: Failure) -> str:
        """Page for the reader: one sentence without a traceback, and the last good report."""
        from opsnb.display.words import translate
        from opsnb.runs.render import status_page

        latest, locale = self.place.latest(), self.workbook.locale
        labels = self.workbook.provenance()
        what = translate(locale)(
            "The calculation stopped with an error ({kind}).", kind=failure.kind
        )
        return status_page(
            title=self.report.title[locale],
            company=labels["company"]["name"][locale],
            period=labels["period_label"][locale],
            unit=labels["units"][self.workbook.unit]["label"][locale],
            what=str(what),
            when=self.created_at,
            last_good=f"../{latest['page']}" if latest else None,
            locale=locale,
        )

    def _identity(self) -> dict[str, str]:
        return {
            "run_id": self.run_id,
            "created_at": self.created_at,
            "company": self.workbook.company.id,
            "report": self.report.name,
            "period": str(self.workbook.period),
            "unit": self.workbook.unit,
        }

    def _write_manifest(self, folder: Path, status: str, more: Mapping[str, Any]) -> None:
        content = {
            "schema": manifest.SCHEMA,
            **self._identity(),
            "status": status,
            "key": self.key,
            "parameters": papermill_values(self.params),
            "as_of": self.workbook.company.profile.as_of.isoformat(),
            "inputs": self.inputs,
            "checks": manifest.checks(self.workbook),
            "calendar": self.workbook.provenance()["calendar"],
            **manifest.environment(),
            **more,
            "outputs": manifest.outputs(folder),
            "timings": self.clock.seconds,
        }
        (folder / MANIFEST).write_text(json_text(content), encoding="utf-8")

"""One run: parameters checked, data looked at, notebook executed, page rendered, all of it kept."""

from __future__ import annotations

import datetime as dt
import json
import time
import traceback
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from opsnb.errors import OpsnbError
from opsnb.reports import Params, Report
from opsnb.results import Result
from opsnb.runs import kernel, manifest
from opsnb.runs.execute import Failure, execute
from opsnb.runs.parameters import papermill_values
from opsnb.runs.store import Place, json_text, new_run_id, promote, workspace
from opsnb.workbook import Workbook

EXIT = {"done": 0, "failed": 1}
CELL_TIMEOUT = 600


@dataclass(frozen=True)
class Outcome:
    """What became of a run.

    Attributes
    ----------
    folder : Path
        The run's folder; a failed run has one too, with a status page instead of a report.
    status : {"done", "failed"}
    page : Path
        What a person should open.
    message : str
        For the operator; one line.
    """

    folder: Path
    status: Literal["done", "failed"]
    page: Path
    message: str = ""

    @property
    def exit_code(self) -> int:
        """0 done, 1 failed."""
        return EXIT[self.status]


@dataclass
class _Clock:
    """Seconds that each step took."""

    seconds: dict[str, float] = field(default_factory=dict)
    _since: float = field(default_factory=time.perf_counter)

    def lap(self, name: str) -> None:
        now = time.perf_counter()
        self.seconds[name] = round(now - self._since, 3)
        self._since = now


def perform(
    report: Report,
    params: Params,
    outputs: Path,
    *,
    cell_timeout: int | None = CELL_TIMEOUT,
    now: Callable[[], dt.datetime] = lambda: dt.datetime.now(dt.UTC),
) -> Outcome:
    """Run `report` with `params`; nothing is run where settings or data are not right.

    A kernel readies itself meanwhile; it is told nothing before everything was found right.

    Parameters
    ----------
    outputs : Path
        Folder of the outputs; the run's own is made below it.
    cell_timeout : int, optional
        Seconds that one cell may take.

    Returns
    -------
    Outcome
        Done, or failed with a status page; the last good report is untouched by a failure.

    Raises
    ------
    OpsnbError
        Settings, parameters or data are wrong (exit codes 2 and 3); nothing was run or written.
    """
    clock = _Clock()
    with kernel.started() as ready:
        workbook = _checked(params)
        run = _Run(report, workbook, params, outputs, now(), clock)
        clock.lap("check")
        with workspace(run.place, run.run_id) as folder:
            failure = execute(
                report.notebook,
                folder / "notebook.ipynb",
                papermill_values(run.params),
                ready,
                cell_timeout=cell_timeout,
            )
            ready.dismiss()
            clock.lap("execute")
            return run.failed(folder, failure) if failure else run.done(folder)


def _checked(params: Params) -> Workbook:
    """Workbook that the parameters name, all its settings right and data there for the period."""
    workbook = Workbook.open(params.company, params.period, params.unit, params.locale)
    for metric in params.metric_ids():
        workbook.catalogue.definition(metric)
    _ = workbook.targets, workbook.time_progress  # the ledger and the calendar are read
    workbook.check_ready()
    workbook.check_gate()
    return workbook


class _Run:
    """What is known of a run while it is made."""

    def __init__(
        self,
        report: Report,
        workbook: Workbook,
        params: Params,
        outputs: Path,
        started: dt.datetime,
        clock: _Clock,
    ) -> None:
        self.report, self.workbook, self.clock = report, workbook, clock
        unit, period = workbook.unit, str(workbook.period)
        told = {"period": period, "unit": unit, "locale": workbook.locale}
        self.params = params.model_copy(update=told)
        self.place = Place(outputs, workbook.company.id, period, report.name, unit)
        self.created_at = started.astimezone(dt.UTC).isoformat(timespec="seconds")
        self.run_id = new_run_id(started)
        self.inputs = manifest.inputs(workbook, report.notebook)

    def done(self, folder: Path) -> Outcome:
        """Render, record and promote; a page that cannot be made is a failed run."""
        try:
            digest = self._make(folder)
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

    def _make(self, folder: Path) -> str:
        """Page and records of the executed notebook; returns the content digest."""
        from opsnb.runs.masthead import Meta
        from opsnb.runs.records import write_records
        from opsnb.runs.render import content_digest, render

        notebook = json.loads((folder / "notebook.ipynb").read_text(encoding="utf-8"))
        page = render(notebook, locale=self.workbook.locale)
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
        (folder / "manifest.json").write_text(json_text(content), encoding="utf-8")

"""One run: parameters checked, data looked at, notebook executed, page rendered, all of it kept."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from opsnb.errors import OpsnbError
from opsnb.reports import Params, Report
from opsnb.runs import manifest
from opsnb.runs.execute import Failure, execute
from opsnb.runs.parameters import papermill_values
from opsnb.runs.store import Place, json_text, new_run_id, promote, workspace
from opsnb.workbook import Workbook

EXIT = {"done": 0, "failed": 1}


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
        For the operator.
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
    report: Report, params: Params, outputs: Path, *, cell_timeout: int | None = 600,
    now: Callable[[], dt.datetime] = lambda: dt.datetime.now(dt.UTC),
) -> Outcome:
    """Run `report` with `params`; nothing is run where settings or data are not right.

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
    workbook = Workbook.open(params.company, params.period, params.unit, params.locale)
    for metric in params.metric_ids():
        workbook.catalogue.definition(metric)
    workbook.check_ready()
    clock.lap("check")
    params = params.model_copy(
        update={"period": str(workbook.period), "unit": workbook.unit, "locale": workbook.locale}
    )
    place = Place(outputs, workbook.company.id, str(workbook.period), report.name, workbook.unit)
    run = _Run(report, params, workbook, place, now(), clock)
    with workspace(place, run.run_id) as folder:
        failure = execute(
            report.notebook, folder / "notebook.ipynb", papermill_values(params), cell_timeout=cell_timeout
        )
        clock.lap("execute")
        return run.failed(folder, failure) if failure else run.done(folder)


class _Run:
    """What is known of a run while it is made."""

    def __init__(
        self, report: Report, params: Params, workbook: Workbook, place: Place, started: dt.datetime, clock: _Clock
    ) -> None:
        self.report, self.params, self.workbook, self.place, self.clock = report, params, workbook, place, clock
        self.created_at = started.astimezone(dt.UTC).isoformat(timespec="seconds")
        self.run_id = new_run_id(started)

    def done(self, folder: Path) -> Outcome:
        """Render, record and promote; a page that cannot be rendered is a failed run."""
        import nbformat

        from opsnb.runs import records
        from opsnb.runs.render import content_digest, render

        try:
            notebook = nbformat.read(str(folder / "notebook.ipynb"), as_version=4)
            page = render(notebook, locale=self.workbook.locale)
        except OpsnbError as error:
            return self.failed(folder, Failure(type(error).__name__, str(error), ""))
        inputs = manifest.inputs(self.workbook, self.report.notebook)
        digest = content_digest(notebook, page.body, manifest.input_hashes(inputs))
        meta = {"run_id": self.run_id, "created_at": self.created_at, "state": "draft", "digest": digest}
        (folder / "report.html").write_text(page.stamped(meta).html, encoding="utf-8")  # type: ignore[arg-type]
        self.clock.lap("render")
        records.write_records(folder, page.results, self._identity())
        self.clock.lap("record")
        self._write_manifest(folder, "done", inputs, {"content_digest": digest})
        final = promote(folder, self.place, self.run_id)
        self.place.publish_latest(
            {"schema": 1, "run_id": self.run_id, "created_at": self.created_at, "page": f"{self.run_id}/report.html",
             "content_digest": digest}
        )  # fmt: skip
        return Outcome(final, "done", final / "report.html")

    def failed(self, folder: Path, failure: Failure) -> Outcome:
        """Leave a status page and a log; the last good report stays the latest."""
        from opsnb.runs.render import status_page

        latest, profile, locale = self.place.latest(), self.workbook.company.profile, self.workbook.locale
        labels = self.workbook.provenance()
        html = status_page(
            title=self.report.title[locale],
            company=profile.name.to_dict()[locale],
            period=labels["period_label"][locale],
            unit=labels["units"][self.workbook.unit]["label"][locale],
            what=_for_reader(failure, locale),
            when=self.created_at,
            last_good=f"../{latest['page']}" if latest else None,
            locale=locale,
        )
        (folder / "status.html").write_text(html, encoding="utf-8")
        (folder / "log.txt").write_text(f"{failure.kind}: {failure.message}\n{failure.traceback}\n", encoding="utf-8")
        inputs = manifest.inputs(self.workbook, self.report.notebook)
        self._write_manifest(folder, "failed", inputs, {"failure": {"kind": failure.kind, "message": failure.message}})
        final = promote(folder, self.place, self.run_id)
        return Outcome(final, "failed", final / "status.html", f"{failure.kind}: {failure.message}")

    def _identity(self) -> dict[str, str]:
        return {
            "run_id": self.run_id,
            "created_at": self.created_at,
            "company": self.workbook.company.id,
            "report": self.report.name,
            "period": str(self.workbook.period),
            "unit": self.workbook.unit,
        }

    def _write_manifest(
        self, folder: Path, status: str, inputs: list[dict[str, Any]], more: Mapping[str, Any]
    ) -> None:
        content = {
            "schema": manifest.SCHEMA,
            **self._identity(),
            "status": status,
            "parameters": papermill_values(self.params),
            "as_of": self.workbook.company.profile.as_of.isoformat(),
            "inputs": inputs,
            "checks": manifest.checks(self.workbook),
            "calendar": self.workbook.provenance()["calendar"],
            **manifest.environment(),
            **more,
            "outputs": manifest.outputs(folder),
            "timings": self.clock.seconds,
        }
        (folder / "manifest.json").write_text(json_text(content), encoding="utf-8")


def _for_reader(failure: Failure, locale: str) -> str:
    """One sentence without a traceback."""
    from opsnb.display.words import translate

    return str(translate(locale)("The calculation stopped with an error ({kind}).", kind=failure.kind))

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

from opsnb.company import Company
from opsnb.data.hashed import sha256_of
from opsnb.errors import ChangedError, OpsnbError
from opsnb.reports import Params, Report
from opsnb.results import Result
from opsnb.runs import manifest
from opsnb.runs.closing import closing
from opsnb.runs.execute import Failure
from opsnb.runs.failure import Heading, write_failure
from opsnb.runs.parameters import papermill_values
from opsnb.runs.store import MANIFEST, Place, json_text, new_run_id, promote
from opsnb.workbook import Workbook

if TYPE_CHECKING:
    from opsnb.runs.drawings import Drawings

EXIT = {"done": 0, "cached": 0, "failed": 1, "held": 4}


@dataclass(frozen=True)
class Outcome:
    """What became of a run.

    Attributes
    ----------
    folder : Path
        The run's folder; a failed run has one too, with a status page instead of a report.
    status : {"done", "cached", "failed", "held"}
        Cached is the last good run, where nothing has changed since; held is a good run that the
        company's policy does not let pass.
    page : Path
        What a person should open.
    message : str
        For the operator; one line.
    """

    folder: Path
    status: Literal["done", "cached", "failed", "held"]
    page: Path
    message: str = ""

    @property
    def exit_code(self) -> int:
        """0 done or cached, 1 failed, 4 held."""
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


def opened(params: Params) -> tuple[Workbook, dict[str, str]]:
    """Workbook that the parameters name, all its settings found right, and their hashes before.

    Raises
    ------
    OpsnbError
        What is wrong with settings or parameters.
    """
    settings = manifest.settings(Company.find(params.company))
    workbook = Workbook.open(params.company, params.period, params.unit, params.locale)
    for metric in params.metric_ids():
        workbook.catalogue.definition(metric)
    _ = workbook.targets, workbook.time_progress  # the ledger and the calendar are read
    return workbook, settings


class Run:
    """What is known of a run while it is made."""

    def __init__(
        self,
        report: Report,
        workbook: Workbook,
        settings: Mapping[str, str],
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
        self.settings = settings
        self.inputs = manifest.inputs(workbook, report.notebook)
        self.inputs += [] if past is None else manifest.history(workbook, Path(told["history"]))
        self.closing = closing(workbook, outputs)
        stands = self.closing.to_dict() if self.closing else None
        self.key = manifest.key(workbook, self.inputs, papermill_values(self.params), stands)

    def unchanged(self) -> Outcome | None:
        """The last good run, where it was made of the same and its files are as it left them."""
        latest = self.place.latest()
        if latest is None:
            return None
        folder = self.place.folder / str(latest["run_id"])
        try:
            made = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
            found = {item["path"]: item for item in manifest.outputs(folder)}
            same = made.get("key") == self.key and all(
                found.get(item["path"]) == item for item in made["outputs"]
            )
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
        self._write_manifest(folder, "done", {"content_digest": digest, **self._basis()})
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
        meta["below"] = self._below()
        if self.closing:
            meta["closing"] = self.closing.to_dict()
        (folder / "report.html").write_text(page.stamped(meta).html, encoding="utf-8")
        self.clock.lap("render")
        write_records(folder, page.results, self._identity(), page.records)
        self.clock.lap("record")
        return digest

    def _below(self) -> dict[str, str]:
        """Way to the report of each unit below that has one."""
        units = self.workbook.units.children(self.workbook.unit, self.workbook.period.first)
        ways = {unit: self.place.door_of(unit) for unit in units}
        return {unit: way for unit, way in ways.items() if way}

    def _refuse_changed(self, results: Iterable[Result]) -> None:
        """What the notebook read is what was checked, and what the manifest will say."""
        checked = {item["table"]: item["sha256"] for item in self.inputs if "table" in item}
        for result in results:
            for table, source in result.provenance.get("sources", {}).items():
                if source["sha256"] != checked.get(table):
                    raise ChangedError("the file changed while the report was made", where=table)
        company = self.workbook.company
        for name in (name for name, table in company.tables.items() if not table.url):
            for file in self.workbook.load(name).files:
                path = company.data_folder / file.path
                if not path.is_file() or sha256_of(path) != file.sha256:
                    raise ChangedError("the file changed while the report was made", where=name)
        if manifest.settings(self.workbook.company) != self.settings:
            raise ChangedError("the settings changed while the report was made")

    def failed(self, folder: Path, failure: Failure) -> Outcome:
        """Leave a status page and a log; the last good report stays the latest."""
        book, latest = self.workbook, self.place.latest()
        heading = Heading.of(self.report, book.company, book.period, book.unit, book.locale)
        last_good = f"../{latest['page']}" if latest else None
        write_failure(folder, heading, failure, self.created_at, last_good)
        what = {"kind": failure.kind, "message": failure.message}
        self._write_manifest(folder, "failed", {"failure": what})
        final = promote(folder, self.place, self.run_id)
        message = f"the run failed: {failure}; see {final / 'log.txt'}"
        return Outcome(final, "failed", final / "status.html", message)

    def _basis(self) -> dict[str, Any]:
        """What the numbers were made of, where a later report of this kind will look back."""
        if getattr(self.params, "history", None) is None:
            return {}
        return {"basis": self.workbook.basis(self.workbook.period).to_dict()}

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
            "closing": self.closing.to_dict() if self.closing else None,
            **manifest.environment(),
            **more,
            "outputs": manifest.outputs(folder),
            "timings": self.clock.seconds,
        }
        (folder / MANIFEST).write_text(json_text(content), encoding="utf-8")

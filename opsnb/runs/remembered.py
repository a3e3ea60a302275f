"""What is written down of a finished run, so that the next one is told from it at once.

See :mod:`opsnb.runs.unchanged`, which reads it.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from opsnb import standing
from opsnb.company import own
from opsnb.data.hashed import sha256_of
from opsnb.data.issued import REPORTS
from opsnb.runs import manifest, unchanged
from opsnb.runs.closing import closing, path_of
from opsnb.runs.store import LATEST, MANIFEST
from opsnb.shipped import PACKAGE, shipped

if TYPE_CHECKING:
    from opsnb.company import Company
    from opsnb.runs.run import Outcome, Run

LEDGERS = "ledgers"


class _ChangedError(Exception):
    """Something is not as the run found it."""


def remember(name: str, run: Run, outcome: Outcome) -> None:
    """Keep under `name` what `outcome` was made of; nothing where that cannot be told from files.

    Rows of a database can be other ones without a file that says so.
    """
    place = unchanged.folder()
    if place is None or any(table.url for table in run.workbook.company.tables.values()):
        return
    text = json.dumps(
        {
            "status": "cached",
            "exit_code": 0,
            "message": "",
            "folder": str(outcome.folder),
            "page": str(outcome.page),
        },
        ensure_ascii=False,
    )
    told = f"{outcome.folder}\t{outcome.page}\t{text}"
    with contextlib.suppress(_ChangedError, OSError, ValueError):
        lines = [unchanged.HEAD, told, *_lines(run, outcome)]
        Path(place).mkdir(parents=True, exist_ok=True, mode=0o700)
        unchanged.write(str(Path(place) / f"{name}{unchanged.SUFFIX}"), lines)


def _lines(run: Run, outcome: Outcome) -> Iterator[str]:
    """Everything that the report depends on, and what it is."""
    company = run.workbook.company
    if unchanged.is_younger(str(PACKAGE), unchanged.BORN):
        raise _ChangedError("code that may be another than that which ran")
    yield _same(unchanged.line_of_tree(str(PACKAGE)), manifest.code_hash())
    yield unchanged.line_of_environment()
    yield from _place(run.params.company, company)
    data = company.folder / company.profile.data
    yield unchanged.line_of_real(str(data), str(company.data_folder))
    for path, digest in _files(run):
        yield _file(path, digest)
    yield _parameters(company.folder / f"{run.report.name}.yaml")
    for path in (company.folder / name for name in manifest.OPTIONAL):
        if not path.exists():  # one that is there was read, and has its hash
            yield unchanged.line_of_none(str(path))
    for name in (LEDGERS, own.FOLDER):
        yield unchanged.line_of_names(str(company.folder / name), deep=False)
    if any("*" in str(table.path) for table in company.tables.values()):
        yield unchanged.line_of_names(str(company.data_folder), deep=True)
    yield _closing(run)
    yield from _history(run)
    yield from _made(outcome.folder)


def _history(run: Run) -> Iterator[str]:
    """Runs of earlier months that the report looks back on, those that may come among them."""
    past = getattr(run.params, "history", None)
    if not past:
        return
    seen = [item for item in run.inputs if item["kind"] == "history"]
    if manifest.history(run.workbook, Path(past)) != seen:
        raise _ChangedError("another run of an earlier month")
    book = run.workbook
    folder, month = (Path(past) / book.company.id).absolute(), str(book.period)
    yield unchanged.line_of_earlier(str(folder), month)
    reviews = str(folder / standing.FILE)
    is_there = Path(reviews).is_file()
    yield unchanged.line_of_file(reviews) if is_there else unchanged.line_of_none(reviews)
    for before in sorted(path for path in folder.glob("????-??") if path.name < month):
        for name in REPORTS:
            path = str(before / name / book.unit / LATEST)
            is_there = Path(path).is_file()
            yield unchanged.line_of_file(path) if is_there else unchanged.line_of_none(path)


def _closing(run: Run) -> str:
    """Record of closed months, as the run has read it."""
    path = path_of(run.place.outputs.absolute(), run.place.company)
    line = unchanged.line_of_file if path.is_file() else unchanged.line_of_none
    found = line(str(path))
    if closing(run.workbook, run.place.outputs) != run.closing:
        raise _ChangedError("the month was closed or reopened meanwhile")
    return found


def _parameters(path: Path) -> str:
    """The report's own settings, of which no hash was taken when they were read."""
    if not path.exists():
        return unchanged.line_of_none(str(path))
    if unchanged.is_younger(str(path), unchanged.BORN):
        raise _ChangedError("parameters that may be others than those of the run")
    return unchanged.line_of_file(str(path))


def _place(given: str, company: Company) -> Iterator[str]:
    """What leads from a company's name to its folder, as ``Company.find`` goes."""
    for place in places(given):
        if place.resolve() == company.folder:
            yield unchanged.line_of_real(str(place), str(company.folder))
            return
        yield unchanged.line_of_none(str(place / "company.yaml"))
    raise _ChangedError("a company that is found in another way")


def places(given: str) -> list[Path]:
    """Folders in which a company of this name may lie, the first that has one first."""
    own = Path.cwd() / given
    if Path(given).name != given:
        return [own]
    bases = [base / "params" / given for base in (Path.cwd(), *Path.cwd().parents)]
    return [own, *bases, shipped("params") / given]


def _files(run: Run) -> Iterator[tuple[Path, str]]:
    """Files that were read, each with the hash that it had then."""
    company, workbook = run.workbook.company, run.workbook
    for item in run.inputs:
        if item["kind"] == "notebook":
            yield run.report.notebook, str(item["sha256"])
        elif item["kind"] in ("settings", "code"):
            yield company.folder / str(item["path"]), str(item["sha256"])
    files = {file for table in company.tables for file in workbook.load(table).files}
    for file in sorted(files, key=lambda file: file.path):
        yield company.data_folder / file.path, file.sha256


def _made(folder: Path) -> Iterator[str]:
    """What the run left, and that it is the last good one."""
    content = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    latest = folder.parent / LATEST
    if json.loads(latest.read_text(encoding="utf-8"))["run_id"] != folder.name:
        raise _ChangedError("another run was made meanwhile")
    yield unchanged.line_of_file(str(latest.absolute()))
    yield unchanged.line_of_file(str((folder / MANIFEST).absolute()))
    for item in content["outputs"]:
        yield _file((folder / item["path"]).absolute(), item["sha256"])


def _file(path: Path, digest: str) -> str:
    """Line of a file that had this hash when it was read."""
    return _same(unchanged.line_of_file(str(path), lambda name: sha256_of(Path(name))), digest)


def _same(line: str, digest: str) -> str:
    """`line`, if it is about what has this hash."""
    if line.split("\t")[1] != digest:
        raise _ChangedError(line)
    return line

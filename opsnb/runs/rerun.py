"""Causes of a difference told apart, by making the earlier run anew, one thing after another.

What differs between two runs is put back to what it was for the first, as far as that is kept: its
parameters stand in its manifest, its code in the commit that the manifest names, its settings in
the history of the company's folder, each believed by its hash alone. Data are not kept. So the
report is made with everything as it was but the data, and then with the settings, the code and the
parameters of the second run, one after another: what changes at each step has that cause alone.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from opsnb.company import Company, own
from opsnb.errors import OpsnbError
from opsnb.reports import REPORTS
from opsnb.runs import unchanged
from opsnb.runs.diff import Cause, Difference, diff, read_manifest, row_lines
from opsnb.runs.store import sha256
from opsnb.shipped import PACKAGE

GIT_SECONDS, MAKE_SECONDS, COMMITS = 30, 900, 500
NONE = "by none of these, such as what has changed since the second run"


@dataclass(frozen=True)
class Step:
    """What one thing has changed.

    Attributes
    ----------
    causes : tuple of str
        What is another than in the step before; several where they cannot be told apart, none for
        what changed since the second run was made.
    difference : Difference
    """

    causes: tuple[Cause, ...]
    difference: Difference


@dataclass(frozen=True)
class Separation:
    """Steps from the first run to the second.

    Attributes
    ----------
    steps : tuple of Step
    lost : mapping cause -> str
        What could not be put back, and why.
    """

    steps: tuple[Step, ...]
    lost: Mapping[Cause, str]


def separate(before: Path, after: Path, company: Company) -> Separation:
    """Make the run in `before` anew, step by step, until it is that in `after`.

    Nothing is written into the outputs, the checkout or the company's folder.

    Raises
    ------
    OpsnbError
        A run cannot be read, is of another company, or cannot be made anew.
    """
    old, new = read_manifest(before), read_manifest(after)
    for made, folder in ((old, before), (new, after)):
        if made["company"] != company.id:
            raise OpsnbError(
                f"a run of company {made['company']!r}", where=str(folder), expected=company.id
            )
    causes = list(diff(before, after).causes)
    with tempfile.TemporaryDirectory(prefix="opsnb-rerun-") as name:
        work = Path(name)
        past = Past(work, company, old)
        lost: dict[Cause, str] = {}
        if "code" in causes and (why := past.find_code()):
            lost["code"] = why
        if "settings" in causes and (why := past.find_settings()):
            lost["settings"] = why
        last: Path = before
        steps = []
        for place, (told, code, folder, given) in enumerate(_plan(causes, lost, past, old, new)):
            run = _make(work / f"out{place}", code, folder, given, before)
            steps.append(Step(told, diff(last, run)))
            last = run
        steps.append(Step((), diff(last, after)))
        return Separation(tuple(steps), lost)


def _plan(
    causes: Sequence[Cause],
    lost: Mapping[Cause, str],
    past: Past,
    old: Mapping[str, Any],
    new: Mapping[str, Any],
) -> Iterator[tuple[tuple[Cause, ...], Path, Path, Mapping[str, Any]]]:
    """What is another at each step; code, company and parameters to make it with."""
    code, folder = PACKAGE.parent, past.company.folder
    kept = [cause for cause in ("settings", "code") if cause in causes and cause not in lost]
    holder = "settings" if Path(past.company.calendar).suffix else "code"
    with_it: tuple[Cause, ...] = ("calendar",) if "calendar" in causes else ()
    apart = {*kept, "parameters", *(with_it if holder in kept else ())}
    then_code = past.code if "code" in kept else code
    then_folder = past.folder if "settings" in kept else folder
    yield tuple(c for c in causes if c not in apart), then_code, then_folder, old
    if "settings" in kept:
        yield ("settings", *(with_it if holder == "settings" else ())), then_code, folder, old
    if "code" in kept:
        yield ("code", *(with_it if holder == "code" else ())), code, folder, old
    if "parameters" in causes:
        yield ("parameters",), code, folder, new


class Past:
    """What is kept of the way an earlier run was made.

    Parameters
    ----------
    work : Path
        Folder to put it into.
    company : Company
    made : mapping
        Manifest of the run.
    """

    def __init__(self, work: Path, company: Company, made: Mapping[str, Any]) -> None:
        self.work, self.company, self.made = work, company, made
        self.code, self.folder = work / "code", work / "company" / company.folder.name

    def find_code(self) -> str:
        """Package as it was, from its commit; why not, where it is not to be had."""
        commit, digest = str(self.made.get("commit") or ""), self.made.get("code")
        if not commit:
            return "the run names no commit"
        if commit.endswith("-dirty"):
            return f"the run was made with files that were not committed ({commit[:12]})"
        content = _git(PACKAGE.parent, "archive", "--format=tar", commit)
        if content is None:
            return f"the commit {commit[:12]} is not in this checkout"
        with tarfile.open(fileobj=io.BytesIO(content)) as archive:
            archive.extractall(self.code, filter="data")
        if digest and unchanged.tree_hash(str(self.code / PACKAGE.name)) != digest:
            return f"the package of commit {commit[:12]} is not the one that ran"
        return ""

    def find_settings(self) -> str:
        """Folder of the company with its settings as they were; why not, where they are lost."""
        self.folder.mkdir(parents=True)
        inputs = self.made["inputs"]
        told = {i["path"]: i["sha256"] for i in inputs if i["kind"] in ("settings", "code")}
        told |= {f"{own.FOLDER}/{i['path']}": i["sha256"] for i in inputs if self._is_own(i)}
        for name, digest in told.items():
            content = self._version(name, digest)
            if content is None:
                return f"{name} as it was is neither in the folder nor in its history"
            target = self.folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
        for path in self.company.folder.glob("*.yaml"):  # what is no setting of the numbers
            if path.name not in told:
                (self.folder / path.name).write_bytes(path.read_bytes())
        data = self.company.profile.data
        if not Path(data).is_absolute():
            link = Path(os.path.normpath(self.folder / data))
            if not link.is_relative_to(self.work):
                return f"the data lie at {data}, outside the company's folder"
            link.parent.mkdir(parents=True, exist_ok=True)
            link.symlink_to(self.company.data_folder, target_is_directory=True)
        return ""

    def _is_own(self, item: Mapping[str, Any]) -> bool:
        """Whether an input is the notebook of a report of the company's own."""
        shipped = {f"{report.name}.ipynb" for report in REPORTS}
        return item["kind"] == "notebook" and item["path"] not in shipped

    def _version(self, name: str, digest: str) -> bytes | None:
        """File of the company with this hash: today's, or one from the folder's history."""
        path = self.company.folder / name
        if path.is_file() and sha256(path) == digest:
            return path.read_bytes()
        where = self.company.folder
        listed = _git(where, "log", f"-{COMMITS}", "--format=%H", "--", name)
        for commit in (listed or b"").decode().split():
            content = _git(where, "show", f"{commit}:./{name}")
            if content is not None and hashlib.sha256(content).hexdigest() == digest:
                return content
        return None


def _git(folder: Path, *arguments: str) -> bytes | None:
    """What git answers; None where it does not."""
    try:
        done = subprocess.run(  # noqa: S603
            ["git", "-C", str(folder), *arguments],  # noqa: S607
            capture_output=True, timeout=GIT_SECONDS, check=False,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout if done.returncode == 0 else None


def _make(outputs: Path, code: Path, folder: Path, made: Mapping[str, Any], original: Path) -> Path:
    """Run of the same report, period, unit and parameters, by the package that lies in `code`."""
    given = dict(made["parameters"])
    given.pop("company")
    options = [f"--{n}={given.pop(n)}" for n in ("period", "unit", "locale") if n in given]
    if "history" in given:  # runs of earlier months are where they were
        given["history"] = str(original.absolute().parents[4])
    options += [f"--set={name}={json.dumps(value)}" for name, value in given.items()]
    command = [sys.executable, "-m", "opsnb", "run", str(made["report"]), "--json"]
    command += [f"--company={folder}", f"--output={outputs}", "--force", *options]
    paths = (str(code), os.environ.get("PYTHONPATH", ""))
    done = subprocess.run(  # noqa: S603
        command, cwd=code, capture_output=True, text=True, timeout=MAKE_SECONDS, check=False,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, paths))},
    )  # fmt: skip
    try:
        told = json.loads(done.stdout.splitlines()[-1])
        if told["exit_code"] in (0, 4):
            return Path(told["folder"])
        why = str(told["message"])
    except (IndexError, ValueError, KeyError, TypeError):
        why = (done.stderr.strip() or "no answer").splitlines()[-1]
    raise OpsnbError(f"cannot be made anew: {why}", where=str(original))


def lines(found: Separation, most: int = 10) -> list[str]:
    """Words for an operator, one paragraph a step."""
    said = [f"not to be told apart: {cause}, for {why}" for cause, why in found.lost.items()]
    for step in found.steps:
        rows = step.difference.numbers
        if not step.causes and rows.empty:
            continue
        what = f"by {' and '.join(step.causes)}" if step.causes else NONE
        said.append(f"{what}: {len(rows):,} numbers differ")
        said += row_lines(rows, most)
    return said


def to_dict(found: Separation) -> dict[str, Any]:
    """The separation as JSON."""
    steps = [
        {
            "causes": list(step.causes),
            "numbers": json.loads(
                step.difference.numbers.to_json(orient="records", force_ascii=False)
            ),
        }
        for step in found.steps
    ]
    return {"steps": steps, "lost": dict(found.lost)}

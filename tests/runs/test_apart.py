"""Reports in processes of their own: what is the same there, and what one may do to them."""

from __future__ import annotations

import dataclasses
import json
import os
import signal
import sys
import threading
import time
from pathlib import Path

import nbformat
import pytest

from opsnb.runs import apart as subject
from opsnb.runs.apart import Job, apart

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the fork is Linux's")
VALUES = {"period": "2026-10", "unit": "all", "trend_metric": "revenue", "trend_months": 12}


@pytest.fixture
def job(company, tmp_path):
    values = VALUES | {"company": str(company)}
    return Job("monthly_operations", values, str(tmp_path / "outputs"), str(tmp_path), 60)


def shown(folder: str) -> list[object]:
    """Outputs of an executed notebook, without what differs between equal runs."""
    cells = nbformat.read(Path(folder) / "notebook.ipynb", as_version=4).cells
    return [
        (cell.source, cell.get("execution_count"), cell.get("outputs"))
        for cell in cells
        if "injected-parameters" not in cell.metadata.get("tags", [])
    ]


def digest(folder: str) -> str:
    content = json.loads((Path(folder) / "manifest.json").read_text(encoding="utf-8"))
    return content["content_digest"]


def test_a_fork_makes_what_a_kernel_makes(job):
    warm = apart(job)
    cold = apart(dataclasses.replace(job, cold=True, force=True))
    assert (warm.status, cold.status) == ("done", "done"), (warm.message, cold.message)
    assert (warm.warm, cold.warm) == (True, False)
    assert shown(warm.folder) == shown(cold.folder)
    assert digest(warm.folder) == digest(cold.folder)
    assert warm.cpu_seconds > 0
    assert warm.peak_bytes > 0


def test_what_has_not_changed_is_not_made_again(job, company):
    first = apart(job)
    again = apart(job)
    assert (first.status, again.status) == ("done", "cached")
    assert again.folder == first.folder
    assert apart(dataclasses.replace(job, force=True)).folder != first.folder
    with (company / "data/lines.csv").open("a", encoding="utf-8") as file:
        file.write("z,2026-10-09,north,nut,1.00,1.00\n")
    changed = apart(job)
    assert (changed.status, apart(job).status) == ("done", "cached")
    assert digest(changed.folder) != digest(first.folder)


def test_a_page_that_was_altered_is_made_again(job):
    first = apart(job)
    page = Path(first.page)
    page.write_text(page.read_text(encoding="utf-8") + " ", encoding="utf-8")
    assert apart(job).status == "done"


@pytest.mark.parametrize(
    ("values", "status", "code"),
    [
        ({"period": "2027-01"}, "not ready", 3),
        ({"unit": "nowhere"}, "refused", 2),
        ({"trend_months": "x"}, "refused", 2),
    ],
)
def test_what_cannot_be_run_says_so(job, values, status, code):
    ended = apart(dataclasses.replace(job, values=job.values | values))
    assert (ended.status, ended.exit_code) == (status, code)
    assert ended.message


def test_a_child_that_is_killed_is_one_failed_report(job):
    ended = []
    thread = threading.Thread(target=lambda: ended.append(apart(job)))
    thread.start()
    limit = time.monotonic() + 60
    while not (found := list(subject._alive)):
        assert time.monotonic() < limit
        time.sleep(0.01)
    os.kill(found[0].pid, signal.SIGKILL)
    thread.join(60)
    assert ended[0].status == "failed"
    assert "signal 9" in ended[0].message
    assert not subject._alive
    assert apart(job).status == "done"
    assert not list(Path(job.outputs).rglob("*.partial"))


def test_a_report_that_takes_too_long_is_ended(job):
    ended = apart(dataclasses.replace(job, run_timeout=0.05))
    assert ended.status == "failed"
    assert ended.message.startswith("took longer than 0.05 s; see ")
    assert not subject._alive


def test_a_half_made_run_of_one_that_was_killed_is_cleared_away(job):
    first = apart(job)
    left = Path(first.folder).parent / ".20260101T000000-abcdef.partial"
    left.mkdir()
    (left / "report.html").write_text("half", encoding="utf-8")
    assert apart(dataclasses.replace(job, force=True)).status == "done"
    assert not left.exists()

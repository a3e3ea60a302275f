"""Runs that do not come to their end: what a reader sees, and what stays as it was."""

from __future__ import annotations

import json
import os
import shutil
import signal
import time
from pathlib import Path

import nbformat
import pytest

from opsnb.reports import Report, report

MONTHLY = report("monthly_operations")
BOOM = "raise ValueError('boom <b>&</b>\\nsecond line')"
OPENS = "import opsnb\nworkbook = opsnb.open(company, period, unit, locale)"


@pytest.fixture
def notebook_of(tmp_path):
    """Report of one's own: the parameters of the monthly one, then the given cells."""

    def make(*sources: str) -> Report:
        cells = nbformat.read(MONTHLY.notebook, as_version=4).cells[:2]
        cells += [nbformat.v4.new_code_cell(source) for source in sources]
        node = nbformat.v4.new_notebook(cells=cells)
        nbformat.write(node, tmp_path / "monthly_operations.ipynb")
        file = tmp_path / "monthly_operations.ipynb"
        return Report(MONTHLY.name, MONTHLY.title, MONTHLY.cadence, MONTHLY.params, file)

    return make


@pytest.fixture
def before(first, root, tmp_path):
    """Outputs with one good run in them."""
    place = first.folder.parent.relative_to(root / "outputs")
    target = tmp_path / "outputs"
    shutil.copytree(first.folder, target / place / first.folder.name)
    latest = {"run_id": first.folder.name, "page": f"{first.folder.name}/report.html"}
    (target / place / "latest.json").write_text(json.dumps(latest), encoding="utf-8")
    return target


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def failed(outcome) -> dict[str, str]:
    """Texts of a failed run's folder, after what is true of each."""
    assert outcome.status == "failed"
    assert outcome.exit_code == 1
    assert "\n" not in outcome.message
    assert str(outcome.folder / "log.txt") in outcome.message
    assert outcome.page == outcome.folder / "status.html"
    names = {path.name for path in outcome.folder.iterdir()}
    assert names == {"status.html", "log.txt", "manifest.json", "notebook.ipynb"}
    texts = {name: (outcome.folder / name).read_text(encoding="utf-8") for name in names}
    assert "Traceback" not in texts["status.html"]
    assert "\x1b" not in texts["log.txt"]
    content = json.loads(texts["manifest.json"])
    assert content["status"] == "failed"
    assert "content_digest" not in content
    return texts


def test_a_failed_run_leaves_the_last_good_one_as_it_was(before, notebook_of, run_little):
    was = contents(before)
    outcome = run_little(before, spec=notebook_of(OPENS, BOOM, "workbook"))
    texts = failed(outcome)
    now = contents(before)
    new = outcome.folder.relative_to(before).as_posix()
    assert {name: text for name, text in now.items() if not name.startswith(new)} == was
    page = texts["status.html"]
    last_good = json.loads((outcome.folder.parent / "latest.json").read_text("utf-8"))["page"]
    assert f'href="../{last_good}"' in page
    assert (outcome.folder / ".." / last_good).is_file()
    assert "boom" not in page
    assert "2026年10月" in page
    assert "ValueError: boom" in outcome.message
    assert "second line" not in outcome.message
    assert "second line" in texts["log.txt"]
    assert BOOM.split("\\n", maxsplit=1)[0] in texts["log.txt"]  # the cell's source
    cells = nbformat.reads(texts["notebook.ipynb"], 4).cells
    states = {cell.source: cell.metadata.get("papermill", {}).get("status") for cell in cells}
    assert (states[OPENS], states[BOOM], states["workbook"]) == ("completed", "failed", "pending")


def test_a_first_run_that_fails_names_no_good_one(tmp_path, notebook_of, run_little):
    outcome = run_little(tmp_path / "outputs", spec=notebook_of("1 / 0"))
    assert "ZeroDivisionError" in failed(outcome)["status.html"]
    assert "report.html" not in failed(outcome)["status.html"]
    assert not (outcome.folder.parent / "latest.json").exists()


def test_a_kernel_that_dies(tmp_path, notebook_of, run_little):
    source = "import os\nos.write(2, b'last words')\nos._exit(7)"
    outcome = run_little(tmp_path / "outputs", spec=notebook_of("x = 1", source, "x"))
    texts = failed(outcome)
    assert "DeadKernelError" in outcome.message
    assert "last words" in texts["log.txt"]
    cells = nbformat.reads(texts["notebook.ipynb"], 4).cells
    states = {cell.source: cell.metadata.papermill.status for cell in cells}
    assert (states["x = 1"], states[source], states["x"]) == ("completed", "failed", "pending")


def test_a_cell_that_never_ends(tmp_path, notebook_of, run_little, kernels):
    endless = "import time\nwhile True:\n    time.sleep(0.1)"
    began = time.monotonic()
    outcome = run_little(tmp_path / "outputs", spec=notebook_of(endless), cell_timeout=1)
    assert time.monotonic() - began < 30
    assert "CellTimeoutError" in outcome.message
    assert "time.sleep" in failed(outcome)["log.txt"]
    assert kernels() == []


def test_a_notebook_that_shows_nothing_is_a_failed_run(tmp_path, notebook_of, run_little):
    outcome = run_little(tmp_path / "outputs", spec=notebook_of(OPENS))
    failed(outcome)
    assert "shows no result of opsnb" in outcome.message


def test_data_that_change_meanwhile_fail_the_run(tmp_path, notebook_of, run_little, make_little):
    company = make_little(tmp_path / "params/little")
    path, row = str(company / "data/lines.csv"), "x,2026-10-09,north,nut,1.00,1.00\n"
    append = f"with open({path!r}, 'a') as file:\n    file.write({row!r})"
    show = "from opsnb import analyses\nanalyses.scorecard(workbook)"
    outcome = run_little(tmp_path / "o", spec=notebook_of(append, OPENS, show), company=company)
    failed(outcome)
    assert "lines: the file changed while the report was made" in outcome.message


@pytest.fixture
def kernels(tmp_path, monkeypatch):
    """Processes that hold a connection file below the test's own folder."""
    if not Path("/proc/self/cmdline").exists():
        pytest.skip("needs /proc")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

    def alive() -> list[str]:
        found = []
        for path in Path("/proc").glob("[0-9]*/cmdline"):
            try:
                words = path.read_bytes().replace(b"\0", b" ").decode()
            except OSError:
                continue
            if "opsnb.runs.application" in words and str(tmp_path) in words:
                found.append(words)
        return found

    return alive


@pytest.mark.parametrize(("sent", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interrupt_leaves_nothing_behind(before, company, start, kernels, tmp_path, sent, code):
    was = contents(before)
    process = start(
        "opsnb", "run", MONTHLY.name, "--company", company, "--output", before,
        env=os.environ | {"TMPDIR": str(tmp_path)},
    )  # fmt: skip
    limit = time.monotonic() + 60
    while not list(before.rglob(".*.partial")):  # the notebook is about to run
        assert process.poll() is None
        assert time.monotonic() < limit
        time.sleep(0.01)
    assert len(kernels()) == 1
    process.send_signal(sent)
    _, err = process.communicate(timeout=60)
    assert process.returncode == code, err
    assert "Traceback" not in err
    assert contents(before) == was
    assert not list(before.rglob("*.partial"))
    assert kernels() == []
    assert not list(tmp_path.glob("opsnb-*"))


def test_two_runs_at_once_are_both_whole(company, start, tmp_path):
    arguments = ["run", MONTHLY.name, "--company", company, "--output", tmp_path / "o", "--json"]
    arguments += ["--force"]
    running = [start("opsnb", *arguments) for _ in range(2)]
    done = [process.communicate(timeout=120) for process in running]
    assert [err for _, err in done] == ["", ""]
    answers = [json.loads(out) for out, _ in done]
    assert [answer["exit_code"] for answer in answers] == [0, 0]
    folders = [Path(answer["folder"]) for answer in answers]
    assert len({*folders}) == 2
    digests = set()
    for folder in folders:
        content = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        digests.add(content["content_digest"])
        assert {path.name for path in folder.iterdir()} == {
            *(item["path"] for item in content["outputs"]), "manifest.json",
        }  # fmt: skip
    assert len(digests) == 1
    latest = json.loads((folders[0].parent / "latest.json").read_text(encoding="utf-8"))
    assert latest["run_id"] in {folder.name for folder in folders}
    assert {path.name for path in folders[0].parent.iterdir()} == {
        "latest.json", "latest.html", *(folder.name for folder in folders),
    }  # fmt: skip


def test_of_two_that_make_the_same_one_waits_for_the_other(company, start, tmp_path):
    arguments = ["run", MONTHLY.name, "--company", company, "--output", tmp_path / "o", "--json"]
    running = [start("opsnb", *arguments) for _ in range(2)]
    answers = [json.loads(process.communicate(timeout=120)[0]) for process in running]
    assert sorted(answer["status"] for answer in answers) == ["cached", "done"]
    assert len({answer["folder"] for answer in answers}) == 1
    place = Path(answers[0]["folder"]).parent
    assert {path.name for path in place.iterdir()} == {
        "latest.json",
        "latest.html",
        Path(answers[0]["folder"]).name,
    }

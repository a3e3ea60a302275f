"""Faults, each made to happen: what stands stays, and the next start makes what is missing."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import nbformat
import pytest

from opsnb.reports import report
from opsnb.runs import apart as subject
from opsnb.runs.apart import Job, apart
from opsnb.runs.store import MANIFEST

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processes are told by /proc")
NAME = "monthly_operations"
MARK = "OPSNB_TEST_MARK"
OPENS = "import opsnb\nworkbook = opsnb.open(company, period, unit, locale)"
SHOWS = "from opsnb import analyses\nanalyses.scorecard(workbook)"


def alive(mark: str) -> list[int]:
    """Processes that were started, by whomever, with this mark in their environment."""
    found = []
    for path in Path("/proc").glob("[0-9]*/environ"):
        try:
            marked = mark.encode() in path.read_bytes()
            state = (path.parent / "stat").read_text(encoding="ascii").rpartition(")")[2].split()[0]
        except OSError:
            continue
        if marked and state != "Z":
            found.append(int(path.parent.name))
    return found


def wait_until(holds: Callable[[], object], seconds: float = 60) -> None:
    limit = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < limit
        time.sleep(0.02)


def check_whole(outputs: Path) -> int:
    """How many good runs are named; every one of them, and every run seen, is whole."""
    for manifest in outputs.rglob(MANIFEST):
        if any(part.startswith(".") for part in manifest.relative_to(outputs).parts):
            continue
        content = json.loads(manifest.read_text(encoding="utf-8"))
        for item in content["outputs"]:
            found = (manifest.parent / item["path"]).read_bytes()
            assert hashlib.sha256(found).hexdigest() == item["sha256"]
    for folder in outputs.glob("*/*/*/*/*/"):
        assert folder.name.startswith(".") or (folder / MANIFEST).is_file()
    named = list(outputs.rglob("latest.json"))
    for latest in named:
        told = json.loads(latest.read_text(encoding="utf-8"))
        assert (latest.parent / told["page"]).is_file()
        manifest = json.loads((latest.parent / told["run_id"] / MANIFEST).read_text("utf-8"))
        assert manifest["status"] == "done"
    return len(named)


@dataclasses.dataclass
class Batch:
    """A batch of two reports as a process of its own, told by its mark."""

    company: Path
    outputs: Path

    def __post_init__(self) -> None:
        self.mark = uuid.uuid4().hex

    def start(self, *words: str) -> subprocess.Popen[str]:
        line = ["-m", "opsnb", "batch", "--company", str(self.company), "--period", "2026-10"]
        line += ["--units", "all,north", "--reports", NAME, "--jobs", "2", "--json"]
        line += ["--output", str(self.outputs)]
        pipe, environment = subprocess.PIPE, os.environ | {MARK: self.mark}
        return subprocess.Popen(
            [sys.executable, *line, *words], stdout=pipe, stderr=pipe, text=True, env=environment
        )

    def done(self, *words: str) -> dict[str, object]:
        out, err = self.start(*words).communicate(timeout=240)
        assert out, err
        return json.loads(out)


@pytest.fixture
def batch(company, tmp_path, monkeypatch) -> Batch:
    monkeypatch.setenv("OPSNB_CACHE", str(tmp_path / "cache"))
    return Batch(company, tmp_path / "outputs")


@pytest.mark.parametrize("after", [1.5, 4.0])
def test_a_batch_that_is_killed_leaves_nothing_half_made_and_no_process(batch, after):
    process = batch.start("--force")
    time.sleep(after)
    process.kill()
    process.communicate(timeout=30)
    wait_until(lambda: not alive(batch.mark), 20)
    check_whole(batch.outputs)
    assert batch.done()["exit_code"] == 0
    assert check_whole(batch.outputs) == 2
    assert not list(batch.outputs.rglob("*.partial"))
    assert not list(batch.outputs.rglob(".lock"))


@pytest.mark.parametrize(
    ("words", "told", "code"), [((), signal.SIGTERM, 143), (("--cold",), signal.SIGINT, 130)]
)
def test_an_interrupted_batch_ends_at_once(batch, words, told, code):
    assert batch.done()["counts"] == {"done": 2}
    was = contents(batch.outputs)
    process = batch.start("--force", *words)
    wait_until(lambda: list(batch.outputs.rglob("*.partial")))
    began = time.monotonic()
    process.send_signal(told)
    _, err = process.communicate(timeout=60)
    assert process.returncode == code, err
    assert time.monotonic() - began < 30
    assert "Traceback" not in err
    wait_until(lambda: not alive(batch.mark), 20)
    assert contents(batch.outputs).items() >= was.items()
    check_whole(batch.outputs)
    assert not list(batch.outputs.rglob("*.partial"))
    assert batch.done()["exit_code"] == 0


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and ".partial" not in str(path) and path.name != ".lock"
    }


def test_of_two_batches_at_once_each_report_is_made_once(batch):
    running = [batch.start() for _ in range(2)]
    answers = [json.loads(process.communicate(timeout=240)[0]) for process in running]
    ends = sorted(entry["status"] for answer in answers for entry in answer["reports"])
    assert ends == ["cached", "cached", "done", "done"]
    assert len(list(batch.outputs.rglob(MANIFEST))) == check_whole(batch.outputs) == 2


@pytest.fixture
def job(company, tmp_path, monkeypatch) -> Job:
    monkeypatch.setenv("OPSNB_CACHE", str(tmp_path / "cache"))
    values = {
        "company": str(company), "period": "2026-10", "unit": "all", "locale": "zh",
        "trend_metric": "revenue", "trend_months": 12,
    }  # fmt: skip
    return Job(NAME, values, str(tmp_path / "outputs"), str(tmp_path), 60, 120)


@pytest.fixture
def standing(job) -> dict[str, bytes]:
    """Files of a good run that stands."""
    ended = apart(job)
    assert ended.status == "done", ended.message
    return contents(Path(job.outputs))


@dataclasses.dataclass(frozen=True)
class Own:
    """A copy of the package whose notebook is the test's, and outputs with a good run."""

    root: Path
    mark: str

    @property
    def outputs(self) -> Path:
        return self.root / "outputs"

    @property
    def company(self) -> Path:
        return self.root / "params/little"

    def write(self, *sources: str) -> None:
        cells = nbformat.read(report(NAME).notebook, as_version=4).cells[:2]
        new = nbformat.v4.new_code_cell
        cells += [new(source, id=f"cell-{place}") for place, source in enumerate(sources)]
        path = self.root / f"notebooks/{NAME}.ipynb"
        nbformat.write(nbformat.v4.new_notebook(cells=cells), path)

    def run(self, *sources: str, words: tuple[str, ...] = ()) -> dict[str, object]:
        """What becomes of the report with cells of these sources."""
        self.write(*sources)
        line = ["-m", "opsnb", "batch", "--company", "params/little", "--units", "north"]
        line += ["--reports", NAME]
        line += ["--period", "2026-10", "--output", str(self.outputs), "--json", *words]
        own = {MARK: self.mark, "PYTHONPATH": str(self.root), "OPSNB_CACHE": str(self.root / "c")}
        done = subprocess.run(
            [sys.executable, *line], capture_output=True, text=True, timeout=240, check=False,
            env=os.environ | own, cwd=self.root,
        )  # fmt: skip
        assert done.stdout, done.stderr
        (entry,) = json.loads(done.stdout)["reports"]
        return entry


@pytest.fixture(scope="module")
def own(tmp_path_factory, make_little) -> Own:
    root = tmp_path_factory.mktemp("own")
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(subject.unchanged.PACKAGE, root / "opsnb", ignore=ignored)
    (root / "pyproject.toml").write_text("", encoding="utf-8")
    (root / "notebooks").mkdir()
    make_little(root / "params/little")
    time.sleep(2.2)  # until its code counts as settled
    made = Own(root, uuid.uuid4().hex)
    entry = made.run(OPENS, SHOWS)
    assert (entry["status"], entry["warm"]) == ("done", True), entry
    return made


def failed(entry: dict[str, object], outputs: Path, *words: str) -> str:
    """Text of the page of a failed report, after what is true of each."""
    assert (entry["status"], entry["exit_code"]) == ("failed", 1)
    folder = Path(str(entry["folder"]))
    assert {"status.html", "log.txt", MANIFEST} <= {path.name for path in folder.iterdir()}
    assert not (folder / "report.html").exists()
    page = (folder / "status.html").read_text(encoding="utf-8")
    assert "Traceback" not in page
    for word in words:
        assert word in page
    assert not list(outputs.rglob("*.partial"))
    check_whole(outputs)
    return page


FAULTS = {
    "a cell that never ends": (
        "while True:\n    pass", ("--cell-timeout", "2"), ("计算超过允许时长", "放宽时限"),
    ),
    "one that no signal reaches": (
        "import ctypes, signal\nsignal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGALRM})\n"
        "import time\nwhile True:\n    time.sleep(0.1)",
        ("--cell-timeout", "1", "--run-timeout", "12"), ("计算超过允许时长", "放宽时限"),
    ),
    "a cell that eats memory": (
        "held = []\nwhile True:\n    held.append(bytearray(50_000_000))",
        ("--memory", "3000"), ("内存超过单份报告的上限", "--memory"),
    ),
    "arrays that eat memory": (
        "import numpy as np\nheld = [np.ones(10_000_000) for _ in range(10_000)]",
        ("--memory", "3000"), ("内存超过单份报告的上限", "--memory"),
    ),
    "a process that is killed": (
        "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)", (), ("计算进程被外部终止",),
    ),
    "a crash": ("import ctypes\nctypes.string_at(0)", (), ("计算进程被外部终止",)),
    "an end without a word": ("import os\nos._exit(3)", (), ("计算进程被外部终止",)),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_what_a_cell_may_do(own, fault):
    source, words, told = FAULTS[fault]
    was = contents(own.outputs)
    entry = own.run(OPENS, source, SHOWS, words=words)
    page = failed(entry, own.outputs, *told)
    assert "report.html" in page, "the last good report is named"
    now = contents(own.outputs)
    assert {name: now[name] for name in was} == was
    assert not alive(own.mark)


def test_figures_are_all_there_as_a_kernel_has_them(own):
    """A figure would be lost without a word where pyplot was imported before there was a shell."""
    draws = "import matplotlib.pyplot as plt\nfor k in 0, 1:\n  plt.figure()\n  plt.plot([k, 1])"
    cells = (OPENS, SHOWS, draws, "plt.plot([3, 1])\nplt.title('t');", "import seaborn\n1 + 1")
    warm, cold = (own.run(*cells, words=("--force", *more)) for more in ((), ("--cold",)))
    assert (warm["warm"], cold["warm"]) == (True, False)
    found = []
    for entry in (warm, cold):
        path = Path(str(entry["folder"])) / "notebook.ipynb"
        made = nbformat.read(path, as_version=4).cells
        outputs = [output for cell in made for output in cell.get("outputs", [])]
        pictures = [output for output in outputs if "image/png" in output.get("data", {})]
        assert len(pictures) == 3
        page = path.with_name("report.html").read_text(encoding="utf-8")
        assert page.count("data:image/png") == 3
        plain = [c for c in made if "injected-parameters" not in c.metadata.get("tags", [])]
        found.append([(c.source, c.get("execution_count"), c.get("outputs")) for c in plain])
    assert found[0] == found[1]


def test_after_all_faults_the_good_one_is_there_unchanged(own):
    assert own.run(OPENS, SHOWS)["exit_code"] == 0
    assert own.run(OPENS, "1 / 0")["status"] == "failed"
    assert own.run(OPENS, SHOWS)["status"] == "cached"


def test_children_of_a_report_end_with_it(own):
    """A process that a cell has started does not outlive the report's."""
    source = "import subprocess\nsubprocess.Popen(['sleep', '600'])\nimport os\nos._exit(3)"
    assert own.run(OPENS, source)["status"] == "failed"
    wait_until(lambda: not alive(own.mark), 10)


def test_a_killed_child_leaves_a_page_that_says_so(job, standing):
    ended = []
    slow = dataclasses.replace(job, force=True)
    thread = threading.Thread(target=lambda: ended.append(apart(slow)))
    thread.start()
    wait_until(lambda: subject._alive and list(Path(job.outputs).rglob(".*.partial")))
    os.kill(next(iter(subject._alive)).pid, signal.SIGKILL)
    thread.join(60)
    entry = dataclasses.asdict(ended[0])
    page = failed(entry, Path(job.outputs), "计算进程被外部终止", "如何处理", "report.html")
    assert "signal 9" in entry["message"]
    assert "signal 9" not in page
    now = contents(Path(job.outputs))
    assert {name: now[name] for name in standing} == standing
    assert apart(job).status == "cached"


@pytest.mark.parametrize("what", ["data/lines.csv", "metrics.yaml", "ledgers/targets.csv"])
def test_what_changes_while_it_is_read_makes_no_report(own, what):
    path = own.company / what
    was = path.read_bytes()
    row = "z,2026-10-09,north,nut,1.00,1.00" if what.endswith("lines.csv") else " "
    writes = f"with open({str(path)!r}, 'a') as file:\n    file.write({row!r} + chr(10))"
    try:
        entry = own.run(writes, OPENS, SHOWS)
        failed(entry, own.outputs, "生成过程中数据发生变化", "数据到齐")
        assert own.run(OPENS, SHOWS)["status"] == "done"
    finally:
        path.write_bytes(was)


@pytest.fixture
def small_disk(tmp_path) -> Iterator[Path]:
    """File system of three megabytes."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", disk], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("nothing may be mounted here; a limit on the size of files is tested below")
    yield disk
    subprocess.run(["umount", "-l", disk], check=True)


def test_a_full_disk_leaves_what_stands(small_disk, job):
    job = dataclasses.replace(job, outputs=str(small_disk / "outputs"))
    assert apart(job).status == "done"
    was = contents(small_disk)
    filler = small_disk / "filler"
    for left in (150_000, 8192):
        filler.unlink(missing_ok=True)
        free = os.statvfs(small_disk)
        filler.write_bytes(b"x" * (free.f_bavail * free.f_frsize - left))
        ended = apart(dataclasses.replace(job, force=True))
        assert ended.status == "failed"
        assert "No space left" in ended.message or "磁盘" in page_of(ended)
        now = contents(small_disk)
        assert {name: now[name] for name in was} == was
        check_whole(small_disk / "outputs")
        assert not list(small_disk.rglob("*.partial"))
    filler.unlink()
    assert apart(job).status == "cached"
    assert apart(dataclasses.replace(job, force=True)).status == "done"


def page_of(ended: subject.Ended) -> str:
    path = Path(ended.folder) / "status.html"
    return path.read_text(encoding="utf-8") if ended.folder and path.is_file() else ""


@pytest.mark.parametrize("kilobytes", [4, 200])
def test_files_that_may_not_grow_leave_what_stands(batch, kilobytes):
    """As on a full disk, or beyond a quota; needs no rights."""
    assert batch.done()["counts"] == {"done": 2}
    was = contents(batch.outputs)
    code = (
        "import resource, signal, sys; signal.signal(signal.SIGXFSZ, signal.SIG_IGN); "
        f"resource.setrlimit(resource.RLIMIT_FSIZE, ({kilobytes} << 10, {kilobytes} << 10)); "
        "from opsnb.cli import main; main(sys.argv[1:])"
    )
    words = ["batch", "--company", batch.company, "--period", "2026-10", "--units", "north"]
    words += ["--reports", NAME]
    words += ["--output", batch.outputs, "--json", "--force"]
    done = subprocess.run(
        [sys.executable, "-c", code, *map(str, words)], capture_output=True, text=True,
        timeout=240, check=False, env=os.environ | {MARK: batch.mark},
    )  # fmt: skip
    assert done.returncode == 1, done.stderr
    (entry,) = json.loads(done.stdout)["reports"]
    assert entry["status"] == "failed"
    now = contents(batch.outputs)
    assert {name: now[name] for name in was} == was
    check_whole(batch.outputs)
    assert not list(batch.outputs.rglob("*.partial"))
    assert batch.done()["counts"] == {"cached": 2}


@pytest.fixture
def read_only(tmp_path) -> Callable[[Path], None]:
    """Make a folder one that cannot be written, also by root."""
    done: list[Path] = []

    def make(folder: Path) -> None:
        for words in (["--bind", folder, folder], ["-o", "remount,ro,bind", folder]):
            mounted = subprocess.run(["mount", *words], capture_output=True, check=False)
            if mounted.returncode:
                pytest.skip("nothing may be mounted here; a file in its place is tested below")
        done.append(folder)

    yield make
    for folder in done:
        subprocess.run(["umount", "-l", folder], check=True)


def test_outputs_that_cannot_be_written_are_refused_but_can_be_read(batch, read_only, call):
    assert batch.done()["counts"] == {"done": 2}
    was = contents(batch.outputs)
    read_only(batch.outputs)
    words = ["run", NAME, "--company", batch.company, "--period", "2026-10"]
    words += ["--output", batch.outputs]
    assert call(*words).code == 0, "what is there unchanged is named"
    done = call(*words, "--force")
    assert (done.code, done.err.count("\n")) == (2, 1), done.err
    assert "Read-only" in done.err
    assert contents(batch.outputs) == was


def test_a_file_where_the_outputs_should_be_is_refused(batch):
    batch.outputs.write_text("in the way", encoding="utf-8")
    process = batch.start()
    out, err = process.communicate(timeout=120)
    assert (process.returncode, out) == (2, "")
    assert "nothing can be made" in err
    assert batch.outputs.read_text(encoding="utf-8") == "in the way"


def test_code_that_was_edited_is_not_run_from_memory(job, monkeypatch):
    """A process that was forked from one that had read the older code would record the newer."""
    assert not subject.is_stale() or subject.unchanged.is_younger(
        subject.unchanged.PACKAGE, subject.unchanged.BORN
    )
    monkeypatch.setattr(subject.unchanged, "BORN", 0)
    assert subject.is_stale()
    ended = apart(job)
    assert (ended.status, ended.warm) == ("done", False), ended.message
    monkeypatch.setattr(subject.unchanged, "BORN", time.time_ns() + 10**12)
    assert not subject.is_stale()
    monkeypatch.setattr(subject.unchanged, "environment", lambda: "another pandas")
    assert subject.is_stale()

"""A batch on a cluster of two workers, each a process with a folder of its own."""

from __future__ import annotations

import dataclasses
import importlib.util
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from opsnb.runs import pool

NEEDED = os.environ.get("OPSNB_REQUIRE_CLUSTER") == "1"
ABSENT = importlib.util.find_spec("distributed") is None
PROGRAM = "import sys; from distributed.cli.dask_{} import main; sys.argv[0] = 'dask'; main()"


@dataclasses.dataclass
class Cluster:
    """A scheduler and its workers."""

    address: str
    workers: list[subprocess.Popen[bytes]]
    folders: list[Path]


@pytest.fixture(scope="module")
def cluster(tmp_path_factory) -> Iterator[Cluster]:
    if ABSENT:
        assert not NEEDED, "dask.distributed is not installed"
        pytest.skip("no dask.distributed here")
    home = tmp_path_factory.mktemp("cluster")
    file = home / "scheduler.json"
    quiet = ["--no-dashboard", "--scheduler-file", file]
    started = [program("scheduler", home, "--host", "127.0.0.1", "--port", "0", *quiet)]
    try:
        folders = [home / name for name in ("one", "two")]
        for folder in folders:
            folder.mkdir()
            words = ["--nthreads", "1", "--local-directory", folder / "space", *quiet]
            started.append(program("worker", folder, *words))
        wait_for(file.is_file)
        address = json.loads(file.read_text(encoding="utf-8"))["address"]
        found = Cluster(address, started[1:], folders)
        wait_for(lambda: len(workers_of(address)) == 2)
        yield found
    finally:
        for process in reversed(started):
            process.terminate()
        for process in started:
            process.wait(30)


def program(name: str, folder: Path, *words: object) -> subprocess.Popen[bytes]:
    line = [sys.executable, "-c", PROGRAM.format(name), *map(str, words)]
    with (folder / f"{name}.log").open("wb") as log:
        return subprocess.Popen(line, cwd=folder, stdout=log, stderr=log)


def workers_of(address: str) -> dict[str, int]:
    from distributed import Client

    with Client(address, timeout=30, set_as_default=False) as client:
        return dict(client.nthreads())


def wait_for(holds) -> None:
    limit = time.monotonic() + 90
    while not holds():
        assert time.monotonic() < limit
        time.sleep(0.2)


def test_a_batch_is_the_same_as_here(cluster, company, tmp_path, start, monkeypatch):
    words = ["-m", "opsnb", "batch", "--company", "params/little", "--period", "2026-09..2026-10"]
    words += ["--json", "--units", "all", "--reports", "monthly_operations"]

    def batch(*more: str) -> dict[str, object]:
        done = subprocess.run(
            [sys.executable, *words, *more], cwd=company.parents[1], capture_output=True,
            text=True, timeout=400, check=False, env=os.environ,
        )  # fmt: skip
        assert done.stdout, done.stderr
        return json.loads(done.stdout)

    there = batch("--scheduler", cluster.address, "--output", "there")
    assert there["counts"] == {"done": 6}, there
    outputs = company.parents[1] / "there"
    for entry in there["reports"]:
        assert Path(entry["page"]).is_file()
        assert Path(entry["folder"]).is_relative_to(outputs)
        assert entry["warm"]
    assert len(list(outputs.glob("little/*/*/*/latest.json"))) == 6
    log = next((outputs / ".batches").glob("*.jsonl")).read_text("utf-8").splitlines()
    assert len(log) == 6
    again = batch("--scheduler", cluster.address, "--output", "there", "--jobs", "1")
    assert again["counts"] == {"cached": 6}
    here = batch("--output", "there")
    assert here["counts"] == {"cached": 6}, "what was made there is the same here"
    for folder in cluster.folders:
        assert not list(folder.rglob("report.html")), "nothing is left in the workers' own folders"


def test_one_failure_stops_nothing_and_a_lost_worker_is_made_good(
    cluster, company, tmp_path, monkeypatch
):
    from opsnb.runs import batch

    monkeypatch.chdir(company.parents[1])
    todo = batch.jobs(str(company), "2026-08..2026-10", ["monthly_operations"], outputs=tmp_path)
    wrong = dataclasses.replace(todo[0], values=todo[0].values | {"period": "2035-01"})
    killed = []

    real = pool.log_line

    def told(*words):
        if not killed:  # the nanny of a worker starts another in its place
            killed.append(kill_a_worker(cluster.address))
        return real(*words)

    monkeypatch.setattr(pool, "log_line", told)
    summary = pool.run_all([wrong, *todo], scheduler=cluster.address, quiet=True)
    assert killed
    counts = summary.counts
    assert counts.pop("not ready") == 1
    # What the lost worker had made, and could not tell, is found there.
    assert sum(counts.pop(end, 0) for end in ("done", "cached")) == len(todo)
    assert not counts, list(batch.lines(summary))
    assert not list(tmp_path.rglob("*.partial"))
    made = [path.parent.name for path in tmp_path.glob("little/*/*/*/*/manifest.json")]
    assert len(made) == len(todo)


def kill_a_worker(address: str) -> int:
    from distributed import Client

    with Client(address, timeout=30, set_as_default=False) as client:
        process = next(iter(client.run(os.getpid).values()))
    os.kill(process, 9)
    return process


def test_a_scheduler_that_does_not_answer_is_refused(call, company, tmp_path, free_port):
    done = call(
        "batch", "--company", company, "--period", "2026-10", "--output", tmp_path / "o",
        "--scheduler", f"tcp://127.0.0.1:{free_port}",
    )  # fmt: skip
    assert done.code == 2
    assert re.search("no scheduler answers|Dask is not installed", done.err)
    assert done.err.count("\n") == 1


def test_without_dask_it_is_said_what_to_install(call, company, tmp_path, monkeypatch):
    monkeypatch.setattr("opsnb.runs.cluster.importlib.util.find_spec", lambda _: None)
    done = call(
        "batch", "--company", company, "--period", "2026-10", "--output", tmp_path / "o",
        "--scheduler", "tcp://127.0.0.1:1",
    )  # fmt: skip
    assert (done.code, done.err.count("\n")) == (2, 1)
    assert "pip install 'opsnb[cluster]'" in done.err

"""Batches: which reports they are made of, and that one failure stops nothing else."""

from __future__ import annotations

import itertools
import json
import re
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from pathlib import Path

import pytest

from opsnb.company import Company
from opsnb.errors import ParameterError, PeriodError, UnknownNameError
from opsnb.runs import apart, batch, pool
from opsnb.runs.apart import Ended, Job


def test_periods_are_one_or_a_range(company):
    found = Company.find(company)
    assert [str(p) for p in batch.periods("2026-10", found)] == ["2026-10"]
    months = [str(p) for p in batch.periods("2025-11..2026-02", found)]
    assert months == ["2025-11", "2025-12", "2026-01", "2026-02"]
    assert batch.periods("last-closed", found) == [found.profile.last_closed]
    last = str(found.profile.last_closed)
    assert [str(p) for p in batch.periods(f"{last}..last-closed", found)] == [last]


@pytest.mark.parametrize("text", ["2026-10..2026-09", "2026", "202610", "2026-10..", "2026-Q3"])
def test_what_is_no_range_is_refused(company, text):
    with pytest.raises(PeriodError):
        batch.periods(text, Company.find(company))


def test_jobs_are_every_unit_of_every_month(company, tmp_path):
    made = batch.jobs(str(company), "2026-09..2026-10", outputs=tmp_path)
    places = [(job.values["period"], job.values["unit"]) for job in made]
    units = [unit for month, unit in places if month == "2026-10"]
    assert units[0] == "all"
    assert {"north", "south"} <= set(units)
    assert places == [(m, u) for m in ("2026-09", "2026-10") for u in units]


def test_wrong_names_are_refused_before_anything_begins(company, tmp_path):
    with pytest.raises(UnknownNameError, match="north"):
        batch.jobs(str(company), "2026-10", units=["nroth"], outputs=tmp_path)
    with pytest.raises(UnknownNameError, match="monthly_operations"):
        batch.jobs(str(company), "2026-10", reports=["monthly"], outputs=tmp_path)


def test_a_month_without_open_units_is_refused(company, tmp_path, monkeypatch):
    monkeypatch.setattr(batch, "_units", lambda *_: [])
    with pytest.raises(ParameterError, match="no unit is open"):
        batch.jobs(str(company), "2026-10", outputs=tmp_path)


class Given(Executor):
    """Executor that ends each job as it is told to."""

    def __init__(self, ends: list[Ended | Exception]) -> None:
        self.ends = iter(ends)

    def submit(self, fn, /, *_args, **_kwargs):
        future: Future[Ended] = Future()
        end = next(self.ends)
        future.set_exception(end) if isinstance(end, Exception) else future.set_result(end)
        return future


def named(unit: str) -> Job:
    return Job("monthly_operations", {"period": "2026-10", "unit": unit}, "o", ".")


DONE, CACHED = Ended("done", 0), Ended("cached", 0)
LATE, FAILED, REFUSED = Ended("not ready", 3), Ended("failed", 1, "boom"), Ended("refused", 2)


@pytest.mark.parametrize(
    ("ends", "code"),
    [
        ([DONE, CACHED], 0),
        ([DONE, LATE], 3),
        ([LATE, FAILED, DONE], 1),
        ([REFUSED, DONE], 2),
        ([Ended("held", 4), LATE], 4),
        ([OSError("a worker was lost"), DONE], 1),
    ],
)
def test_the_exit_code_is_that_of_the_worst(ends, code):
    todo = [named(str(place)) for place in range(len(ends))]
    seen = []
    summary = batch.run_batch(
        todo, Given(ends), clock=itertools.count().__next__, told=lambda job, _: seen.append(job)
    )
    assert summary.exit_code == code
    assert len(seen) == len(summary.ended) == len(ends)
    assert [job for job, _ in summary.ended] == todo
    assert sum(summary.counts.values()) == len(ends)
    content = json.loads(json.dumps(summary.to_dict()))
    assert content["exit_code"] == code
    assert [entry["unit"] for entry in content["reports"]] == [job.values["unit"] for job in todo]


class Held(Executor):
    """Executor that notes what is begun, and ends it when it is told to."""

    def __init__(self) -> None:
        self.begun: list[tuple[str, str]] = []
        self.jobs: list[Job] = []
        self.open: list[Future[Ended]] = []

    def submit(self, fn, /, job, *_args, **_kwargs):
        self.begun.append((job.values["period"], job.values["unit"]))
        self.jobs.append(job)
        self.open.append(Future())
        return self.open[-1]

    def end(self, *_args: object) -> None:
        waiting = [future for future in self.open if not future.done()]
        if waiting:
            waiting[0].set_result(DONE)


def test_a_unit_waits_for_those_below_it():
    """So that its page leads to theirs; what is below it and not asked for keeps nobody waiting."""
    below = {"all": ("north", "south"), "north": (), "south": ("coast",)}
    todo = [
        Job(report, {"period": "2026-10", "unit": unit}, "o", ".", below=below[unit])
        for report in ("monthly_operations", "forecast")
        for unit in below
    ]
    ended: list[tuple[str, str]] = []

    class Now(Executor):
        def submit(self, fn, /, job, *_args, **_kwargs):
            if job.values["unit"] == "all":
                assert {(job.report, "north"), (job.report, "south")} <= set(ended)
            future: Future[Ended] = Future()
            future.set_result(DONE)
            return future

    def told(job, _ended):
        ended.append((job.report, job.values["unit"]))

    summary = batch.run_batch(todo, Now(), clock=lambda: 0.0, told=told)
    assert len(summary.ended) == 6


def test_what_all_look_for_is_looked_for_once(monkeypatch):
    """One report looks back; what needs not is made beside it; the others find it."""
    todo = [
        Job(report, {"period": month, "unit": unit}, "o", ".", below=below)
        for month in ("2026-09", "2026-10")
        for unit, below in (("all", ("north", "south")), ("north", ()), ("south", ()))
        for report in ("monthly_operations", "risk_assessment", "forecast")
    ]
    executor = Held()
    monkeypatch.setattr(batch, "TICK", 0.01)
    plain = batch.wait

    def wait(waiting, **options):
        executor.end()
        return plain(waiting, **options)

    monkeypatch.setattr(batch, "wait", wait)
    batch.run_batch(todo, executor, 2, clock=lambda: 0.0)
    begun = list(dict.fromkeys(executor.begun))
    assert begun[0] == ("2026-09", "north")
    first = [job.report for job in executor.jobs if job.values["period"] == "2026-09"]
    assert first[:3] == ["monthly_operations", "risk_assessment", "risk_assessment"]
    later = [job.report for job in executor.jobs if job.values["period"] == "2026-10"]
    assert sorted(first) == sorted(later)


def test_a_month_of_a_unit_waits_for_the_month_before(monkeypatch):
    """So that its forecasts are there to be held to account; other units go on meanwhile."""
    todo = [
        Job("monthly_operations", {"period": month, "unit": unit}, "o", ".")
        for month in ("2026-08", "2026-09", "2026-10")
        for unit in ("all", "north")
    ]
    executor = Held()
    monkeypatch.setattr(batch, "TICK", 0.01)
    told = []

    def clock() -> float:
        return 0.0

    def note(job, _ended):
        told.append((job.values["period"], job.values["unit"]))

    plain = batch.wait

    def wait(waiting, **options):
        executor.end()
        return plain(waiting, **options)

    monkeypatch.setattr(batch, "wait", wait)
    summary = batch.run_batch(todo, executor, clock=clock, told=note)
    assert executor.begun[:2] == [("2026-08", "all"), ("2026-08", "north")]
    for period, before in (("2026-09", "2026-08"), ("2026-10", "2026-09")):
        for unit in ("all", "north"):
            begun = executor.begun.index((period, unit))
            assert (before, unit) in told
            assert begun >= 2
    assert [job for job, _ in summary.ended] == todo
    for (earlier, _), (later, _) in zip(told[::2], told[2::2], strict=False):
        assert earlier <= later


def test_a_summary_names_what_went_wrong():
    summary = batch.Summary([(named("north"), FAILED), (named("south"), DONE)], 2.5)
    assert list(batch.lines(summary)) == [
        "failed: 2026-10 monthly_operations north: boom",
        "2 reports in 2.5 s: 1 failed, 1 done",
    ]


def test_one_failure_stops_nothing_and_a_second_start_does_what_is_left(company, tmp_path):
    asked = {"reports": ["monthly_operations"], "units": ["all", "north"]}
    todo = batch.jobs(str(company), "2026-10", outputs=tmp_path, **asked)
    wrong = Job("monthly_operations", todo[1].values | {"period": "2035-01"}, str(tmp_path), ".")
    with ThreadPoolExecutor(2) as executor:
        once = batch.run_batch([*todo, wrong], executor, clock=lambda: 0.0)
        again = batch.run_batch([*todo, wrong], executor, clock=lambda: 0.0)
    assert once.counts == {"not ready": 1, "done": 2}
    assert again.counts == {"not ready": 1, "cached": 2}
    whole = Path(once.ended[0][1].page)
    (way,) = re.findall(r'href="([^"]*/latest\.html)"', whole.read_text("utf-8"))
    door = (whole.parent / way).resolve()
    (page,) = re.findall(r'<a href="([^"]+)"', door.read_text("utf-8"))
    assert (door.parent / page).resolve() == Path(once.ended[1][1].page).resolve()


def test_the_command(call, company, tmp_path):
    asked = ["--period", "2026-10", "--units", "north", "--reports", "monthly_operations"]
    arguments = ["--company", company, *asked, "--output"]
    done = call("batch", *arguments, tmp_path / "o", "--json")
    assert done.code == 0, done.err
    content = json.loads(done.out)
    assert content["counts"] == {"done": 1}
    assert (tmp_path / "o/little/2026-10/monthly_operations/north/latest.json").is_file()
    logs = list((tmp_path / "o/.batches").glob("*.jsonl"))
    assert [json.loads(line)["unit"] for line in logs[0].read_text().splitlines()] == ["north"]
    refused = call("batch", *arguments, tmp_path / "o", "--units", "nroth")
    assert refused.code == 2


def test_after_a_batch_its_process_may_make_reports():
    """A batch ends its children with itself, and not those that come later."""
    with pool._threads(1):
        pass
    assert not apart._ending.is_set()

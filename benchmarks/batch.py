"""Many reports: ``opsnb batch`` against papermill and nbconvert by command line, one by one.

``python -m benchmarks.batch 6 60 600`` sets how many. The others are run for a sample, spread over
the batch, and scaled: their time is the same for each.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from benchmarks._measure import header
from benchmarks._tree import Taken, take
from opsnb.company import Company
from opsnb.data.ledgers import units as units_of
from opsnb.reports import REPORTS
from opsnb.runs import batch, demonstration
from opsnb.runs.apart import Job, apart
from opsnb.shipped import shipped

SIZES = os.environ.get("OPSNB_BENCH_REPORTS", "6 60")
SAMPLE = 3
ROUNDS = 3
UNITS = 6
SETTLED = 2.5  # seconds after which a file counts as settled
BIN = Path(sys.executable).parent


class Place:
    """Folder with the demonstration company, in which both sides work."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.company = demonstration.make(folder / "params/demo")
        shutil.copytree(shipped("notebooks"), folder / "notebooks")
        plain = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
        self.environment = plain | {"OPSNB_CACHE": str(folder / "cache")}
        os.environ["OPSNB_CACHE"] = self.environment["OPSNB_CACHE"]

    def take(self, *words: object) -> Taken:
        return take([str(word) for word in words], self.folder, self.environment)

    def opsnb(self, *words: object) -> Taken:
        return self.take(sys.executable, "-m", "opsnb", *words)

    def asked(self, number: int) -> tuple[str, list[str]]:
        """Months and units that come to about so many reports."""
        company = Company.find(self.company)
        last = company.profile.last_closed
        units = [unit.id for unit in units_of(company) if unit.open_in(last.first)][:UNITS]
        months = max(1, round(number / len(units) / len(REPORTS)))
        return f"{last.shift(1 - months)}..{last}", units

    def jobs(self, number: int) -> list[Job]:
        months, units = self.asked(number)
        return batch.jobs(str(self.company), months, units=units, outputs=self.folder / "warm")


def main(sizes: str = SIZES) -> None:
    with tempfile.TemporaryDirectory() as name:
        place = Place(Path(name))
        time.sleep(SETTLED)
        alone = _one(place)
        for number in map(int, sizes.split()):
            _many(place, number, alone)


def _theirs(place: Place, jobs: list[Job]) -> Iterator[Taken]:
    """Each report by papermill, then nbconvert, as a user types it."""
    for job in jobs:
        told = [w for k in ("company", "period", "unit") for w in ("-r", k, job.values[k])]
        own = place.company / f"{job.report}.yaml"
        told += ["-f", own] if own.is_file() else []
        notebook = place.folder / "notebooks" / f"{job.report}.ipynb"
        made = place.take(BIN / "papermill", notebook, "out.ipynb", *told)
        page = place.take(
            BIN / "jupyter", "nbconvert", "--to", "html", "--no-input", "out.ipynb"
        )  # fmt: skip
        seconds, cpu = made.seconds + page.seconds, made.cpu + page.cpu
        yield Taken(seconds, cpu, max(made.peak, page.peak), "")


def _spread(jobs: list[Job]) -> list[Job]:
    """First, last and what lies evenly between."""
    last = max(1, min(SAMPLE, len(jobs)) - 1)
    return [jobs[place * (len(jobs) - 1) // last] for place in range(last + 1)]


def _one(place: Place) -> float:
    """Print what one report takes, cold, warm and unchanged; returns the others' seconds."""
    (job,) = place.jobs(1)[:1]
    theirs = list(_theirs(place, [job] * ROUNDS))
    words = ["run", job.report, "--company", place.company, "--period", job.values["period"]]
    words += ["--unit", job.values["unit"]]
    cold = [place.opsnb(*words, "--force") for _ in range(ROUNDS)]
    time.sleep(SETTLED)
    place.opsnb(*words)
    same = [place.opsnb(*words) for _ in range(ROUNDS)]
    forced = replace(job, force=True)
    apart(forced)  # the process that children are forked from warms up
    ended = [apart(forced) for _ in range(ROUNDS)]
    warm = [Taken(one.seconds, one.cpu_seconds, one.peak_bytes / 1e6, "") for one in ended]
    if not all(one.warm for one in ended):
        print("\nThe fork is not used here: warm is cold.")
    header("One report of the demonstration company (medians)")
    print("| | s | cores' s | MB | times faster |")
    print("|---|--:|--:|--:|--:|")
    base = statistics.median(one.seconds for one in theirs)
    told = {"papermill, then nbconvert": theirs, "opsnb run, cold": cold}
    told |= {"opsnb, warm": warm, "opsnb run, unchanged": same}
    for name, taken in told.items():
        seconds, cpu, peak = (
            statistics.median(getattr(one, kind) for one in taken)
            for kind in ("seconds", "cpu", "peak")
        )
        print(f"| {name} | {seconds:.3f} | {cpu:.2f} | {peak:,.0f} | {base / seconds:.1f} |")
    return base


def _many(place: Place, number: int, alone: float) -> None:
    """Print what a batch takes, made and unchanged, beside the others' time scaled."""
    shutil.rmtree(place.folder / "cache", ignore_errors=True)  # of the sources nothing is known
    shutil.rmtree(place.folder / "outputs", ignore_errors=True)
    months, units = place.asked(number)
    words = ["batch", "--company", place.company, "--period", months]
    words += ["--units", ",".join(units), "--json"]
    made = place.opsnb(*words)
    told = json.loads(made.out)
    count = sum(told["counts"].values())
    if told["counts"] != {"done": count}:
        raise RuntimeError(f"not all were made: {told['counts']}")
    time.sleep(SETTLED)
    same = place.opsnb(*words)
    sample = list(_theirs(place, _spread(place.jobs(number))))
    each = statistics.mean(one.seconds for one in sample)
    cpu = statistics.mean(one.cpu for one in sample)
    scaled = Taken(each * count, cpu * count, max(one.peak for one in sample), "")
    cores = os.cpu_count() or 1
    header(f"{count} reports: {len(REPORTS)} kinds, {months}, {len(units)} units")
    print(f"papermill and nbconvert were run for {len(sample)} of them, {each:.2f} s each ", end="")
    print(f"({alone:.2f} s alone), and scaled; {cores} at once: 1/{cores} of it at best.\n")
    print("| | s | cores' s a report | MB | times faster |")
    print("|---|--:|--:|--:|--:|")
    rows = {"papermill, then nbconvert, scaled": scaled, "opsnb batch": made}
    rows |= {"opsnb batch, unchanged": same}
    for name, taken in rows.items():
        times = scaled.seconds / taken.seconds
        a_report = taken.cpu / count
        print(
            f"| {name} | {taken.seconds:.1f} | {a_report:.2f} | {taken.peak:,.0f} | {times:.1f} |"
        )


if __name__ == "__main__":
    main(" ".join(sys.argv[1:]) or SIZES)

"""Many reports: for periods, reports and units; one failure stops nothing else.

A batch started again does only what is not done: a report that was made of the same is there.
"""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from opsnb.company import Company
from opsnb.data.ledgers import units as units_of
from opsnb.errors import ParameterError, PeriodError
from opsnb.period import Period
from opsnb.reports import Report, reports_of
from opsnb.reports import report as report_named
from opsnb.runs.apart import Ended, Job, apart
from opsnb.runs.parameters import build, papermill_values

ALL = "all"
TO = ".."
LIGHT = ("risk_assessment",)
"""Reports that do not look back on the forecasts of earlier months."""
TICK = 0.5  # seconds between looks at whether somebody has interrupted
ORDER = ("failed", "refused", "not ready", "held", "done", "cached")


@dataclass(frozen=True)
class Summary:
    """What became of a batch.

    Attributes
    ----------
    ended : sequence of (Job, Ended)
        In the order of the jobs.
    seconds : float
    """

    ended: Sequence[tuple[Job, Ended]]
    seconds: float

    @property
    def counts(self) -> dict[str, int]:
        """How many reports came to each end."""
        found = Counter(ended.status for _, ended in self.ended)
        return {status: found[status] for status in ORDER if found[status]}

    @property
    def exit_code(self) -> int:
        """1 where any failed, else 4, 3, 2 where there are such, else 0."""
        codes = {ended.exit_code for _, ended in self.ended}
        return next((code for code in (1, 4, 3, 2) if code in codes), 0)

    def to_dict(self) -> dict[str, Any]:
        """JSON-able summary: the counts and one entry a report."""
        reports = [
            {"report": job.report, "period": job.values["period"], "unit": job.values["unit"]}
            | {name: value for name, value in asdict(ended).items() if value not in ("", {})}
            for job, ended in self.ended
        ]
        return {
            "exit_code": self.exit_code,
            "seconds": round(self.seconds, 3),
            "counts": self.counts,
            "reports": reports,
        }


def periods(text: str, company: Company) -> list[Period]:
    """Months written ``2026-10``, ``2025-11..2026-10`` or ``last-closed``.

    Raises
    ------
    PeriodError
        Not of that form, or the first comes after the last.
    """
    first, to, last = text.partition(TO)
    start = company.period(first)
    end = company.period(last) if to else start
    for period in (start, end):
        if period.kind != "month":
            raise PeriodError(f"{str(period)!r} is a {period.kind}", expected="a month: 2026-10")
    if end < start:
        raise PeriodError(f"{text!r} ends before it begins", expected=f"{end}{TO}{start}")
    return [start.shift(months) for months in range(end.first - start.first + 1)]


def jobs(  # noqa: PLR0913 - one argument an option of the command
    company: str,
    period: str,
    reports: Sequence[str] = (),
    units: Sequence[str] = (),
    *,
    outputs: Path,
    cell_timeout: int | None = None,
    run_timeout: float | None = None,
    force: bool = False,
    cold: bool = False,
    memory: int | None = None,
) -> list[Job]:
    """Reports of a batch, month by month, and unit by unit.

    The reports of a unit ask for much of the same; what two at once ask for is computed twice, and
    so those of one kind, which ask for most of the same, do not follow on each other.

    Parameters
    ----------
    reports : sequence of str
        Names; empty for all.
    units : sequence of str
        Ids; empty, or ``all`` alone, for all that are open in the month.

    Raises
    ------
    OpsnbError
        A period, report, unit or parameter is wrong; nothing is begun.
    """
    found = Company.find(company)
    chosen: list[Report] = [report_named(name, found) for name in reports] or reports_of(found)
    made = []
    tree = units_of(found)
    for month in periods(period, found):
        for unit in _units(found, units, month):
            for spec in chosen:
                params = build(spec, company, {"period": str(month), "unit": unit})
                made.append(
                    Job(
                        spec.name,
                        papermill_values(params),
                        str(outputs),
                        str(Path.cwd()),
                        cell_timeout=cell_timeout,
                        run_timeout=run_timeout,
                        force=force,
                        cold=cold,
                        memory=memory,
                        below=tuple(tree.children(unit, month.first)),
                    )
                )
    if not made:
        raise ParameterError(f"no unit is open in {period}", where="--units")
    return made


def _units(company: Company, wanted: Sequence[str], month: Period) -> list[str]:
    tree = units_of(company)
    if not wanted or list(wanted) == [ALL]:
        return [unit.id for unit in tree if unit.open_in(month.first)]
    return [tree[tree.root if unit == ALL else unit].id for unit in wanted]


def run_batch(
    todo: Sequence[Job],
    executor: Executor,
    count: int | None = None,
    *,
    clock: Callable[[], float],
    told: Callable[[Job, Ended], None] = lambda _job, _ended: None,
) -> Summary:
    """Make the reports with `executor`; whatever happens to one, the others go on.

    Parameters
    ----------
    executor : concurrent.futures.Executor
        Threads of this process, each waiting for a child; or another machine's.
    count : int, optional
        How many are given to it at once; all when not given.
    told : callable
        Called with each report that has ended.
    """
    begun = clock()
    before, turns = _before(todo), _turns(todo)
    waiting: dict[Future[Ended], int] = {}
    ended: dict[int, Ended] = {}

    def begin() -> None:
        free = sorted((p for p, others in before.items() if not others), key=turns.__getitem__)
        for place in free[: None if count is None else max(count - len(waiting), 0)]:
            del before[place]
            waiting[executor.submit(apart, todo[place])] = place

    begin()
    while waiting:
        done, _ = wait(waiting, timeout=TICK, return_when=FIRST_COMPLETED)
        for future in done:
            place = waiting.pop(future)
            ended[place] = _result(future)
            for others in before.values():
                others.discard(place)
            told(todo[place], ended[place])
        begin()
    return Summary([(todo[place], ended[place]) for place in sorted(ended)], clock() - begun)


def _turns(todo: Sequence[Job]) -> list[tuple[str, int, int]]:
    """When each job's turn comes, of those that wait for nothing: month by month.

    In each month one report looks back on the company's forecasts for all that follow, and those
    that need not know them are made meanwhile: what two at once look for is computed twice.
    """
    found: list[tuple[str, int, int]] = []
    begun: set[str] = set()
    for place, job in enumerate(todo):
        month, turn = str(job.values["period"]), 2
        if job.report in LIGHT:
            turn = 1
        elif month not in begun and not job.below:
            begun.add(month)
            turn = 0
        found.append((month, turn, place))
    return found


def _before(todo: Sequence[Job]) -> dict[int, set[int]]:
    """Places of the jobs that each waits for: of its unit's last month, and of the units below.

    A report holds the forecasts of earlier months to account, and leads to those of the units
    below: their runs must be there.
    """
    months: dict[str, dict[str, list[int]]] = {}
    for place, job in enumerate(todo):
        unit, month = str(job.values["unit"]), str(job.values["period"])
        months.setdefault(unit, {}).setdefault(month, []).append(place)
    found: dict[int, set[int]] = {place: set() for place in range(len(todo))}
    for by_month in months.values():
        for earlier, later in pairwise(sorted(by_month)):
            for place in by_month[later]:
                found[place] = set(by_month[earlier])
    places = {
        (job.report, str(job.values["period"]), str(job.values["unit"])): place
        for place, job in enumerate(todo)
    }
    for place, job in enumerate(todo):
        own = ((job.report, str(job.values["period"]), unit) for unit in job.below)
        found[place] |= {places[name] for name in own if name in places}
    return found


def _result(future: Future[Ended]) -> Ended:
    try:
        return future.result()
    except Exception as error:  # a worker that is lost is one failed report
        return Ended("failed", 1, f"{type(error).__name__}: {error}")


def log_line(job: Job, ended: Ended, at: dt.datetime) -> str:
    """One line of a batch's log, as JSON."""
    values: Mapping[str, Any] = job.values
    content = {
        "at": at.astimezone(dt.UTC).isoformat(timespec="seconds"),
        "report": job.report,
        "period": values["period"],
        "unit": values["unit"],
    } | asdict(ended)
    return json.dumps(content, ensure_ascii=False) + "\n"


def lines(summary: Summary) -> Iterable[str]:
    """Summary for a person: what did not come to a good end, then the counts."""
    for job, ended in summary.ended:
        if ended.status not in ("done", "cached"):
            place = f"{job.values['period']} {job.report} {job.values['unit']}"
            yield f"{ended.status}: {place}: {ended.message}"
    counts = ", ".join(f"{count} {status}" for status, count in summary.counts.items())
    yield f"{len(summary.ended)} reports in {summary.seconds:.1f} s: {counts}"

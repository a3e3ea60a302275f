"""One run, from typed parameters to a folder that holds a report or says why there is none."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from opsnb.reports import Params, Report
from opsnb.runs import kernel

if TYPE_CHECKING:
    from opsnb.runs.drawer import Drawer
    from opsnb.runs.execute import Imports
    from opsnb.runs.run import Clock, Outcome, Run
    from opsnb.workbook import Workbook

CELL_TIMEOUT = 600


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def perform(
    report: Report,
    params: Params,
    outputs: Path,
    *,
    cell_timeout: int | None = CELL_TIMEOUT,
    force: bool = True,
    name: str | None = None,
    now: Callable[[], dt.datetime] = _now,
) -> Outcome:
    """Run `report` with `params`; nothing is run where settings or data are not right.

    A kernel readies itself while they are looked at; it is told nothing before all is found right.

    Parameters
    ----------
    outputs : Path
        Folder of the outputs; the run's own is made below it.
    cell_timeout : int, optional
        Seconds that one cell may take.
    force : bool, optional
        Run again, even where nothing has changed since the last good run.
    name : str, optional
        Under which it is written down what the report was made of (`opsnb.runs.unchanged`).

    Returns
    -------
    Outcome
        Done, or failed with a status page; the last good report is untouched by a failure.

    Raises
    ------
    OpsnbError
        Settings, parameters or data are wrong (exit codes 2 and 3); nothing was run or written.
    """
    with kernel.started() as ready:
        # These take longer to import than the kernel takes to start.
        from opsnb.runs.execute import prefetched
        from opsnb.runs.run import Clock, opened

        clock, (workbook, settings) = Clock(), opened(params)
        with prefetched() as imports:
            run = _checked(report, params, workbook, settings, outputs, now(), clock)
            made = lambda: _made(run, ready, cell_timeout, imports)  # noqa: E731
            return _once(run, made, name, force=force)


def perform_here(
    report: Report,
    params: Params,
    outputs: Path,
    *,
    cell_timeout: int | None = CELL_TIMEOUT,
    force: bool = True,
    name: str | None = None,
    beside: bool = False,
    now: Callable[[], dt.datetime] = _now,
) -> Outcome:
    """Do as :func:`perform`, without a kernel: the cells run in this process, which is for this.

    Parameters
    ----------
    beside : bool
        Draw in a process beside this one, which needs a core of its own.

    Raises
    ------
    OpsnbError
    """
    from opsnb.runs.run import Clock, opened
    from opsnb.workbook import lending

    clock = Clock()
    with _drawer() if beside else nullcontext() as drawer:
        workbook, settings = opened(params)
        run = _checked(report, params, workbook, settings, outputs, now(), clock)
        made = lambda: _made(run, None, cell_timeout, None, drawer)  # noqa: E731
        with lending(workbook):
            return _once(run, made, name, force=force)


@contextmanager
def _drawer() -> Iterator[Drawer]:
    """Process that draws, forked from this one before it has a second thread."""
    from opsnb.runs.drawer import Drawer
    from opsnb.runs.drawings import draw

    drawer = Drawer(draw)
    try:
        yield drawer
    finally:
        drawer.close()


def _once(run: Run, made: Callable[[], Outcome], name: str | None, *, force: bool) -> Outcome:
    """What `made` makes, or what was made of the same before, by whomever, under the policy."""
    from opsnb.runs.policy import applied
    from opsnb.runs.remembered import remember
    from opsnb.runs.store import alone

    # Where the report is there already, nothing need be written: the outputs may be read-only.
    outcome = None if force else run.unchanged()
    if outcome is None:
        with alone(run.place):
            outcome = (None if force else run.unchanged()) or made()
    outcome = applied(outcome, run.workbook.company.profile.risk.hold, run.closing)
    if name and outcome.exit_code == 0:
        remember(name, run, outcome)
    return outcome


def _checked(
    report: Report,
    params: Params,
    workbook: Workbook,
    settings: Mapping[str, str],
    outputs: Path,
    now: dt.datetime,
    clock: Clock,
) -> Run:
    """Run that may begin."""
    from opsnb.runs.run import Run

    workbook.check_ready()
    workbook.check_gate()
    run = Run(report, workbook, settings, params, outputs, now, clock)
    clock.lap("check")
    return run


def _made(
    run: Run,
    ready: kernel.Kernel | None,
    cell_timeout: int | None,
    imports: Imports | None,
    drawer: Drawer | None = None,
) -> Outcome:
    """What comes of a run that may begin."""
    from opsnb.runs.drawings import Drawings
    from opsnb.runs.execute import execute
    from opsnb.runs.parameters import papermill_values
    from opsnb.runs.store import workspace

    with workspace(run.place, run.run_id) as folder:
        if imports:
            imports.papermill.wait()
        values, target = papermill_values(run.params), folder / "notebook.ipynb"
        drawings = Drawings(run.workbook.locale, beside=ready is not None, drawer=drawer)
        with closing(drawings):
            failure = execute(
                run.report.notebook, target, values, ready,
                drawings=drawings, cell_timeout=cell_timeout,
            )  # fmt: skip
            if ready:
                ready.dismiss()
            if imports:
                imports.rest.wait()
            run.clock.lap("execute")
            return run.failed(folder, failure) if failure else run.done(folder, drawings)

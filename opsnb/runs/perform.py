"""One run, from typed parameters to a folder that holds a report or says why there is none."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from opsnb.reports import Params, Report
from opsnb.runs import kernel

if TYPE_CHECKING:
    from opsnb.runs.run import Outcome

CELL_TIMEOUT = 600


def perform(
    report: Report,
    params: Params,
    outputs: Path,
    *,
    cell_timeout: int | None = CELL_TIMEOUT,
    now: Callable[[], dt.datetime] = lambda: dt.datetime.now(dt.UTC),
) -> Outcome:
    """Run `report` with `params`; nothing is run where settings or data are not right.

    A kernel readies itself while they are looked at; it is told nothing before all is found right.

    Parameters
    ----------
    outputs : Path
        Folder of the outputs; the run's own is made below it.
    cell_timeout : int, optional
        Seconds that one cell may take.

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
        from opsnb.runs.execute import execute, prefetched
        from opsnb.runs.parameters import papermill_values
        from opsnb.runs.run import Clock, Run, opened
        from opsnb.runs.store import workspace

        clock, workbook = Clock(), opened(params)
        with prefetched() as imports:
            workbook.check_ready()
            workbook.check_gate()
            run = Run(report, workbook, params, outputs, now(), clock)
            clock.lap("check")
            with workspace(run.place, run.run_id) as folder:
                imports.papermill.wait()
                values, target = papermill_values(run.params), folder / "notebook.ipynb"
                failure = execute(report.notebook, target, values, ready, cell_timeout=cell_timeout)
                ready.dismiss()
                imports.rest.wait()
                clock.lap("execute")
                return run.failed(folder, failure) if failure else run.done(folder)

"""Exceptions: the control charts with a signal, what was said of them, and what is at stake."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from opsnb.analyses.charting import LEVELS, Chart
from opsnb.analyses.control import charts
from opsnb.analyses.grid import Grid
from opsnb.analyses.notes import latest
from opsnb.analyses.scorecard import rows
from opsnb.analyses.targets import NONE
from opsnb.findings import rank
from opsnb.findings.signals import CODES
from opsnb.results import Column, Finding, NotApplicable, Result
from opsnb.stats.limits import Rules
from opsnb.workbook import Workbook

LIMIT = 6
KEYS = (Column("metric", "key"), Column("unit", "key"), Column("period", "key"))
COLUMNS = (
    *KEYS,
    Column("raw", "metric"),
    Column("adjusted", "metric"),
    Column("adjusted_target", "metric"),
    *(Column(name, "charted") for name in LEVELS),
    Column("basis", "text"),
    Column("segment", "count"),
    Column("signal", "text"),
    Column("direction", "text"),
    Column("cause", "text"),
    Column("trial", "text"),
)
STAKES = (
    *KEYS,
    Column("basis", "text"),
    Column("variation", "text"),
    Column("assurance", "text"),
    Column("target", "metric"),
    Column("year_attainment", "ratio"),
    Column("time_progress", "ratio"),
    Column("cause", "text"),
    Column("measure", "text"),
    Column("author", "text"),
    Column("noted", "text"),
)
EMPTY = NotApplicable("no data in this period")


def exceptions(
    workbook: Workbook, card: Result, below: Result | None = None, limit: int = LIMIT
) -> Result:
    """Control charts of the metrics that have a signal, the largest first.

    Parameters
    ----------
    workbook : Workbook
    card : Result
        From :func:`scorecard`.
    below : Result, optional
        From :func:`units`: their signals count too.
    limit : int
        Charts that are drawn; the other signals are listed.

    Returns
    -------
    Result
        ``exceptions``, one row a chart and month; its findings are all the signals, ranked, and
        its part ``stakes`` has a row for each: target, year to date, and what the ledger of
        notes says of cause and measure.
    """
    found = rank(
        finding
        for finding in (*card.findings, *(below.findings if below else ()))
        if finding.code in CODES
    )
    grid, stakes = Grid(COLUMNS), Grid(STAKES)
    for place, finding in enumerate(found):
        here = workbook.for_unit(finding.unit)
        chart = charts(here, [finding.metric])[finding.metric]
        stakes.add(_stake(here, chart, finding))
        if place < limit:
            _add_months(grid, chart)
    part = Result("stakes", stakes.frame, STAKES, stakes.reasons)
    return Result(
        "exceptions",
        grid.frame,
        COLUMNS,
        grid.reasons,
        findings=found,
        parts=(part,),
        provenance=card.provenance,
    )


def control_chart(
    workbook: Workbook, metric: str, rules: Rules = "nhs", rebase: Sequence[str] = ()
) -> Result:
    """Control chart of one metric, with or without a signal.

    Parameters
    ----------
    workbook : Workbook
    metric : str
    rules : {"nhs", "wheeler"}
        Dialect of the rules; see :func:`opsnb.stats.spc.xmr`. Reports use ``nhs``.
    rebase : sequence of str
        Months, such as ``2026-03``, from which limits are tried anew, beside those of the ledger.

    Returns
    -------
    Result
        ``control_chart``, one row a month; its part ``stakes`` as that of :func:`exceptions`.
        Without a basis to compare on it has no rows, and its stake says why.

    Raises
    ------
    UnknownNameError, PeriodError
    """
    workbook.metric(metric)
    months = [workbook.company.period(text) for text in rebase]
    chart = charts(workbook, [metric], rules=rules, tried=months)[metric]
    about = Finding("", "info", metric, workbook.unit, str(workbook.period))
    grid, stakes = Grid(COLUMNS), Grid(STAKES)
    if chart.standing.basis:
        _add_months(grid, chart)
    stakes.add(_stake(workbook, chart, about))
    part = Result("stakes", stakes.frame, STAKES, stakes.reasons,
                  notes=(chart.standing.reason,) if chart.standing.reason else ())  # fmt: skip
    return Result("control_chart", grid.frame, COLUMNS, grid.reasons, parts=(part,),
                  provenance=workbook.provenance([metric]))  # fmt: skip


def _add_months(grid: Grid, chart: Chart) -> None:
    """Months of a chart; those before the unit opened are left out."""
    known = chart.frame["point"].notna().to_numpy().nonzero()[0]
    for place in range(known[0], len(chart.months)):
        row = chart.frame.iloc[place]
        numbers = {
            name: EMPTY if math.isnan(row[name]) else float(row[name])
            for name in ("raw", "adjusted", *LEVELS)
        }
        goal = row["target"]
        numbers["adjusted_target"] = NONE if math.isnan(goal) else float(goal)
        grid.add(
            {
                "metric": chart.metric,
                "unit": chart.unit,
                "period": str(chart.months[place]),
                **numbers,
                "basis": chart.standing.basis,
                "segment": int(row["segment"]),
                "signal": row["signal"],
                "direction": row["direction"],
                "cause": chart.causes.get(place, ""),
                "trial": "yes" if chart.standing.trial else "",
            }
        )


def _stake(workbook: Workbook, chart: Chart, finding: Finding) -> dict[str, Any]:
    """What is at stake with a signal, and what has been said of it."""
    grid = rows(workbook, [finding.metric])
    said = latest(workbook, finding.metric)
    is_past = said is not None and (said.stale or said.period != finding.period)
    return {
        "metric": finding.metric,
        "unit": finding.unit,
        "period": finding.period,
        "basis": chart.standing.basis,
        "variation": chart.standing.variation,
        "assurance": chart.standing.assurance,
        "target": grid.cell(0, "target"),
        "year_attainment": grid.cell(0, "year_attainment"),
        "time_progress": workbook.time_progress.workday_share,
        "cause": said.cause if said else "",
        "measure": said.measure if said else "",
        "author": said.author if said else "",
        "noted": said.period if said and is_past else "",
    }

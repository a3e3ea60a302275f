"""Scorecard: every metric against its target, last year, last month and the year's plan."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from opsnb.analyses import control, targets
from opsnb.analyses.charting import Chart
from opsnb.analyses.comparison import (
    INCOMPLETE,
    LAST_YEAR,
    LEFT_OUT,
    PRIOR,
    TOGETHER,
    TWO_MONTHS,
    attainment,
    because,
    difference,
    explained,
    follows_two_months,
    growth,
    is_split_festival,
    notes,
    quotient,
    told_here,
    turn,
)
from opsnb.analyses.grid import Grid, Value
from opsnb.analyses.regrouping import moved_units
from opsnb.findings import find
from opsnb.findings.rules import MetricCase
from opsnb.metrics.spans import Span
from opsnb.metrics.values import Values
from opsnb.results import Column, Finding, NotApplicable, Result
from opsnb.workbook import Workbook

HISTORY = 36
COLUMNS = (
    Column("metric", "key"),
    Column("unit", "key"),
    Column("period", "key"),
    Column("key", "text"),
    Column("actual", "metric"),
    Column("target", "metric"),
    Column("variance", "difference"),
    Column("attainment", "ratio"),
    Column("yoy", "ratio"),
    Column("yoy_difference", "difference"),
    Column("yoy_adjusted", "ratio"),
    Column("yoy_turn", "text"),
    Column("mom", "ratio"),
    Column("mom_difference", "difference"),
    Column("ytd", "metric"),
    Column("ytd_target", "metric"),
    Column("ytd_attainment", "ratio"),
    Column("ytd_yoy", "ratio"),
    Column("ytd_yoy_difference", "difference"),
    Column("year_target", "metric"),
    Column("year_attainment", "ratio"),
)
HISTORY_COLUMNS = (
    Column("metric", "key"),
    Column("unit", "key"),
    Column("period", "key"),
    Column("value", "metric"),
    Column("adjusted", "metric"),
    Column("center", "metric"),
    Column("lower", "metric"),
    Column("upper", "metric"),
)
STANDING_COLUMNS = (
    Column("metric", "key"),
    Column("unit", "key"),
    Column("period", "key"),
    Column("basis", "text"),
    Column("variation", "text"),
    Column("assurance", "text"),
    Column("signal", "text"),
    Column("direction", "text"),
    Column("reason", "text"),
    Column("trial", "text"),
    *(Column(name, "charted") for name in ("point", "center", "lower", "upper")),
    Column("sigmas", "count"),
    Column("false_flags", "ratio"),
)


def scorecard(
    workbook: Workbook, metrics: Sequence[str] = (), key_metrics: Sequence[str] = ()
) -> Result:
    """Actual, target, attainment, growth and the year to date of `metrics` for the workbook's unit.

    Parameters
    ----------
    workbook : Workbook
    metrics : sequence of str
        Ids, in the order of the page; empty for all of ``metrics.yaml``.
    key_metrics : sequence of str
        Those that also stand as cards on the first screen; empty for the first six.

    Returns
    -------
    Result
        ``scorecard``, one row a metric, with the parts ``history``, the last 36 months with
        their control limits, and ``standings``, what each control chart says of the month.

    Raises
    ------
    UnknownNameError
    """
    wanted = list(dict.fromkeys(metrics)) or list(workbook.company.metrics)
    names = told_here(workbook, wanted)
    keys = told_here(workbook, key_metrics) or names[:6]
    names = list(dict.fromkeys([*names, *keys]))
    left_out = (LEFT_OUT,) if len(names) < len({*wanted, *key_metrics}) else ()
    measure(workbook, names)
    drawn = control.charts(workbook, names)
    grid = rows(workbook, names, keys, drawn)
    frame = grid.frame
    return Result(
        "scorecard",
        frame,
        COLUMNS,
        grid.reasons,
        findings=findings(workbook, frame, drawn),
        notes=notes(workbook, names) + left_out,
        parts=(_history(workbook, names, drawn), _standings(workbook, drawn)),
        provenance=workbook.provenance(names),
    )


def measure(workbook: Workbook, names: Sequence[str]) -> None:
    """Measure at once what the rows and the charts of all units ask for."""
    months = [Span.of(month) for month in workbook.period.back(control.LENGTH)]
    workbook.values(names, [*months, *_spans(workbook).values()])


def rows(
    workbook: Workbook,
    names: Sequence[str],
    keys: Sequence[str] = (),
    drawn: Mapping[str, Chart] | None = None,
) -> Grid:
    """Rows of the scorecard for the workbook's unit; adjusted growth comes from `drawn` charts."""
    spans = _spans(workbook)
    values = workbook.values(names, spans.values())
    grid = Grid(COLUMNS)
    for name in names:
        row = _row(workbook, name, values, spans) | {"key": "yes" if name in keys else ""}
        chart = (drawn or {}).get(name)
        grid.add(row | {"yoy_adjusted": _adjusted(row["yoy"], chart)})
    return grid


def _adjusted(raw: Value, chart: Chart | None) -> Value:
    """Growth on the year before after adjustment for the calendar, where that changes anything."""
    if chart is None or isinstance(raw, NotApplicable):
        return raw if isinstance(raw, NotApplicable) else NotApplicable("too few points")
    return NotApplicable(chart.unadjusted) if chart.unadjusted else chart.yearly


def findings(
    workbook: Workbook, frame: pd.DataFrame, drawn: Mapping[str, Chart] | None = None
) -> tuple[Finding, ...]:
    """What the rules find in rows of the scorecard and in their charts, ranked."""
    known = drawn or {}
    cases = [_case(workbook, row, known.get(str(row["metric"]))) for row in _records(frame)]
    return find(cases)


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(name): value for name, value in row.items()} for row in frame.to_dict("records")]


def _spans(workbook: Workbook) -> dict[str, Span]:
    period = workbook.period
    to_date = Span.to_date(period)
    return {
        "actual": Span.of(period),
        "prior": Span.of(period.prior),
        "year_ago": Span.of(period.year_ago),
        "ytd": to_date,
        "ytd_year_ago": to_date.year_ago,
    }


def _row(workbook: Workbook, name: str, values: Values, spans: dict[str, Span]) -> dict[str, Any]:
    unit, metric = workbook.unit, workbook.metric(name)
    is_root = unit == workbook.units.root
    found = {key: values.value(name, span, unit) for key, span in spans.items()}
    actual, ytd = (explained(workbook, name, found[k], workbook.period) for k in ("actual", "ytd"))
    planned = target = targets.period_target(workbook, name, unit)
    ytd_target = targets.to_date_target(workbook, name, unit)
    year_target = targets.year_target(workbook, name, unit)
    prior = because(found["prior"], PRIOR)
    year_ago = because(found["year_ago"], LAST_YEAR)
    ytd_year_ago = because(found["ytd_year_ago"], LAST_YEAR)
    if is_split_festival(workbook, name, spans["actual"]):
        year_ago = TOGETHER
    if is_split_festival(workbook, name, spans["ytd"]):
        ytd_year_ago = TOGETHER
    if follows_two_months(workbook, name, workbook.period):
        prior = TWO_MONTHS
    if workbook.missing_units(name):
        # What is there is shown; held against a whole target or a whole month it would mislead.
        prior = year_ago = ytd_year_ago = target = ytd_target = year_target = INCOMPLETE
    return {
        "metric": name,
        "unit": unit,
        "period": str(workbook.period),
        "actual": actual,
        "target": planned,
        "variance": difference(actual, target),
        "attainment": attainment(metric, actual, target, is_root=is_root),
        "yoy": growth(metric, actual, year_ago),
        "yoy_difference": difference(actual, year_ago),
        "yoy_turn": turn(metric, actual, year_ago),
        "mom": growth(metric, actual, prior),
        "mom_difference": difference(actual, prior),
        "ytd": ytd,
        "ytd_target": ytd_target,
        "ytd_attainment": attainment(metric, ytd, ytd_target, is_root=is_root),
        "ytd_yoy": growth(metric, ytd, ytd_year_ago),
        "ytd_yoy_difference": difference(ytd, ytd_year_ago),
        "year_target": year_target,
        "year_attainment": quotient(ytd, year_target),
    }


def _case(workbook: Workbook, row: dict[str, Any], chart: Chart | None) -> MetricCase:
    name = str(row["metric"])
    metric, progress = workbook.metric(name), workbook.time_progress
    return MetricCase(
        name=name,
        metric=metric,
        row=row,
        thresholds=metric.thresholds or workbook.company.profile.thresholds,
        time_progress=progress.workday_share,
        remaining_workdays=progress.workdays_total - progress.workdays,
        missing=workbook.missing_units(name),
        alerts=workbook.alerts_on(name),
        due=_due(workbook, name),
        overdue=any(workbook.coverage(t).overdue for t in workbook.missing_units(name)),
        awaited=_is_awaited(workbook, name),
        revision=targets.revision(workbook, name, workbook.unit),
        moved=moved_units(workbook, name, row),
        standing=chart.standing if chart else None,
    )


def _is_awaited(workbook: Workbook, name: str) -> bool:
    """Whether a value is to be expected in the period."""
    nothing = NotApplicable("no data in this period")
    return explained(workbook, name, nothing, workbook.period) is nothing


def _due(workbook: Workbook, name: str) -> str:
    """Latest day on which missing data of the metric's tables are due; empty without one."""
    days = [workbook.coverage(table).due for table in workbook.missing_units(name)]
    return max((day.isoformat() for day in days if day), default="")


def _history(workbook: Workbook, names: Sequence[str], drawn: Mapping[str, Chart]) -> Result:
    """The last months of every metric, up to the period, and their limits on the same scale."""
    months = workbook.period.back(HISTORY)
    values = workbook.values(names, workbook.period.back(control.LENGTH))
    grid = Grid(HISTORY_COLUMNS)
    for name in names:
        for place, month in enumerate(months):
            value = values.value(name, Span.of(month), workbook.unit)
            value = explained(workbook, name, value, month)
            row = {"metric": name, "unit": workbook.unit, "period": str(month), "value": value}
            grid.add(row | _limits(drawn[name], place - len(months), value))
    return Result("history", grid.frame, HISTORY_COLUMNS, grid.reasons)


def _limits(chart: Chart, place: int, value: Value) -> dict[str, Value]:
    """Adjusted value and limits of a month; none where the chart has another scale."""
    row = chart.frame.iloc[place]
    why = chart.standing.reason or "not meaningful for this metric"
    lacking = NotApplicable(value.reason if isinstance(value, NotApplicable) else "too few points")
    cells: dict[str, Value] = {
        name: float(row[name]) if chart.in_units and not pd.isna(row[name]) else NotApplicable(why)
        for name in ("center", "lower", "upper")
    }
    adjusted = float(row["adjusted"])
    return {"adjusted": lacking if pd.isna(adjusted) else adjusted, **cells}


def _standings(workbook: Workbook, drawn: Mapping[str, Chart]) -> Result:
    """What each chart says of the month."""
    grid = Grid(STANDING_COLUMNS)
    for name, chart in drawn.items():
        found = chart.standing
        none = NotApplicable(found.reason) if not found.basis else None
        last = chart.frame.iloc[-1]
        grid.add(
            {
                "metric": name,
                "unit": workbook.unit,
                "period": str(workbook.period),
                "basis": found.basis,
                "variation": found.variation,
                "assurance": found.assurance,
                "signal": found.signal,
                "direction": found.direction,
                "reason": found.reason,
                "trial": "yes" if found.trial else "",
                **{n: none or float(last[n]) for n in ("point", "center", "lower", "upper")},
                "sigmas": none or found.sigmas,
                "false_flags": none or found.false_flags,
            }
        )
    return Result("standings", grid.frame, STANDING_COLUMNS, grid.reasons)

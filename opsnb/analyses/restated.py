"""Restated: numbers that earlier reports have told, and that are others today."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from opsnb.analyses.comparison import difference, explained
from opsnb.analyses.grid import Grid, Value
from opsnb.analyses.histories import months_of
from opsnb.data.issued import OUTPUTS
from opsnb.data.reported import Reported, reported
from opsnb.findings.restated import changed, damaged, redefined
from opsnb.metrics.basis import Basis
from opsnb.metrics.spans import Span
from opsnb.period import Period
from opsnb.results import REASONS, Column, Finding, NotApplicable, Result
from opsnb.workbook import Workbook

COLUMNS = (
    Column("metric", "key"),
    Column("unit", "key"),
    Column("period", "key"),
    Column("state", "text"),
    Column("told", "text"),
    Column("reported", "metric"),
    Column("restated", "metric"),
    Column("restated_difference", "difference"),
    Column("restated_change", "ratio"),
    Column("cause", "text"),
    Column("reported_by", "text"),
)
NOTHING = NotApplicable("no data in this period")
SAME = 1e-9
"""Relative difference that is none: sums in another order differ in their last digits."""
DEFINITION, ROWS, UNITS, CODE, UNKNOWN = "definition", "rows", "units", "code", "unknown"
"""What may have changed a number."""


def restated(workbook: Workbook, metrics: Sequence[str] = (), outputs: str | Path = "") -> Result:
    """Hold what earlier monthly reports said of their month against what the data say today.

    Of each month the report counts that stands published, else the last good one. A number is
    restated where it differs by more than the rounding of a sum; why is told by what its run has
    recorded of its basis (:class:`opsnb.metrics.basis.Basis`): the definition, the rows behind it,
    the units. Where none of these is another, the code is left.

    Parameters
    ----------
    workbook : Workbook
    metrics : sequence of str
        Ids; empty for all.
    outputs : str or Path
        Folder of the runs; ``outputs`` where it is empty.

    Returns
    -------
    Result
        ``restated``, one row a number that is another one, latest month first; ``told`` where the
        report before has said so already. Findings: how many are new (OPS074), metrics that are
        defined otherwise than then (OPS075), and records that are not what their runs left
        (OPS076).

    Raises
    ------
    UnknownNameError
    """
    period, unit = str(workbook.period), workbook.unit
    past = reported(Path(outputs or OUTPUTS), workbook.company.id, unit, workbook.period)
    names = list(dict.fromkeys(metrics)) or list(workbook.company.metrics)
    told = _told(past, names, workbook.period)
    today = _today(workbook, names, told)
    grid = Grid(COLUMNS)
    defined = workbook.definitions(names)
    for month in sorted(told, reverse=True):
        pairs = {n: (told[month][n], today[month][n]) for n in names if n in told[month]}
        others = [name for name, pair in pairs.items() if not _is_same(*pair)]
        now = workbook.basis(Period.parse(month), others) if others else None
        for name in others:
            causes = _causes(past.bases[month], now, name) if now else []
            grid.add(_row(workbook, past, month, name, pairs[name], causes))
    redone = {
        name: [m for m in told if name in told[m] and _is_other(past.bases[m], defined, name)]
        for name in names
    }
    gone = _gone(past, workbook)
    fresh = [row for row in grid.rows if not row[4]]
    published = [row for row in fresh if row[3] == "published"]
    findings = [
        changed(unit, period, len(fresh), len({row[2] for row in fresh}), len(published), gone),
        *(_redefined(workbook, past, *pair) for pair in redone.items()),
        damaged(unit, period, past.unreadable),
    ]
    return Result(
        "restated",
        grid.frame,
        COLUMNS,
        grid.reasons,
        findings=tuple(finding for finding in findings if finding),
        provenance=workbook.provenance(names),
    )


def _told(past: Reported, names: Sequence[str], before: Period) -> dict[str, dict[str, Value]]:
    """Values by month and metric, as they were reported."""
    first = str(months_of(before)[0])
    found: dict[str, dict[str, Value]] = {month: {} for month in past.runs if month >= first}
    for row in past.frame.to_dict("records"):
        month, name, value = str(row["period"]), str(row["metric"]), row["value"]
        if month not in found or name not in names or past.runs[month].folder.name != row["run_id"]:
            continue
        is_known = value is not None and math.isfinite(float(value))
        found[month][name] = float(value) if is_known else _none(row["reason"])
    return found


def _none(reason: object) -> NotApplicable:
    """Reason that a record has; one that is not known any more is the plainest."""
    return NotApplicable(str(reason)) if reason in REASONS else NOTHING


def _today(
    workbook: Workbook, names: Sequence[str], told: Mapping[str, Mapping[str, Value]]
) -> dict[str, dict[str, Value]]:
    """Values of the same months as the data are now."""
    months = {month: Period.parse(month, workbook.period.fiscal) for month in told}
    found: dict[str, dict[str, Value]] = {month: {} for month in months}
    is_summed = [workbook.metric(name).kind == "cumulative" for name in names]
    for kind in (False, True):  # apart, for the former are measured already
        some = [name for name, summed in zip(names, is_summed, strict=True) if summed is kind]
        if not some or not months:
            continue
        values = workbook.values(some, [Span.of(month) for month in months.values()])
        for text, month in months.items():
            for name in some:
                value = values.value(name, Span.of(month), workbook.unit)
                found[text][name] = explained(workbook, name, value, month)
    return found


def _is_same(one: Value, other: Value) -> bool:
    if isinstance(one, NotApplicable) or isinstance(other, NotApplicable):
        return isinstance(one, NotApplicable) and isinstance(other, NotApplicable)
    return math.isclose(one, other, rel_tol=SAME)


def _is_other(then: Mapping[str, Any], now: Mapping[str, str], name: str) -> bool:
    """Whether a metric is defined otherwise than by a basis; not where that tells nothing."""
    before = dict(then.get("definitions", {})).get(name)
    return before is not None and before != now[name]


def _causes(then: Mapping[str, Any], now: Basis, name: str) -> list[str]:
    """What is another than when the number was reported."""
    if name not in then.get("definitions", {}):
        return [UNKNOWN]
    rows, current = dict(then["rows"]).get(name, {}), now.rows[name]
    is_other = {
        DEFINITION: _is_other(then, now.definitions, name),
        ROWS: rows != current,
        UNITS: then["units"] != now.units,
    }
    found = [cause for cause, other in is_other.items() if other]
    if "" in {*rows.values(), *current.values()}:
        return [*found, UNKNOWN]  # rows that stay in a database may be others and not show it
    return found or [CODE]


def _row(
    workbook: Workbook,
    past: Reported,
    month: str,
    name: str,
    pair: tuple[Value, Value],
    causes: Sequence[str],
) -> dict[str, Any]:
    then, now = pair
    run = past.runs[month]
    gap = difference(now, then)
    share: Value = gap
    if not isinstance(gap, NotApplicable) and not isinstance(then, NotApplicable):
        is_ratio = workbook.metric(name).is_ratio
        share = NotApplicable("not meaningful for this metric")
        if not is_ratio:
            share = gap / abs(then) if then else NotApplicable("the base is zero")
    return {
        "metric": name,
        "unit": workbook.unit,
        "period": month,
        "state": "published" if run.published else "reported",
        "told": "yes" if _is_told(past, month, name, now) else "",
        "reported": then,
        "restated": now,
        "restated_difference": gap,
        "restated_change": share,
        "cause": ",".join(causes),
        "reported_by": run.folder.name,
    }


def _is_told(past: Reported, month: str, name: str, now: Value) -> bool:
    """Whether the report before has restated the number already, as it is today."""
    before = past.restated.get((name, month))
    if before is None:
        return False
    if isinstance(now, NotApplicable) or math.isnan(before):
        return isinstance(now, NotApplicable) and math.isnan(before)
    return math.isclose(before, now, rel_tol=SAME)


def _redefined(
    workbook: Workbook, past: Reported, name: str, months: Sequence[str]
) -> Finding | None:
    """A definition that is another; news only until a report has been made with it."""
    published = any(past.runs[month].published for month in months)
    is_new = bool(months) and max(months) == max(past.runs)
    owner = workbook.metric(name).owner.zh
    period = str(workbook.period)
    return redefined(name, workbook.unit, period, months, published and is_new, owner)


def _gone(past: Reported, workbook: Workbook) -> list[str]:
    """Metrics that the report before has told and that the settings do not know any more."""
    latest = max(past.runs, default="")
    told = past.frame["metric"][past.frame["period"] == latest]
    return [str(name) for name in dict.fromkeys(told) if name not in workbook.catalogue.metrics]

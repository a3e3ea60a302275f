"""Accountability: the forecasts that earlier months issued, held against what came."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from opsnb.analyses.backtests import SCORES, Checked
from opsnb.analyses.forecast import KEYS
from opsnb.analyses.grid import Grid, Value
from opsnb.analyses.histories import History, Series, history
from opsnb.analyses.outlooks import LEVELS
from opsnb.data.issued import OUTPUTS, Issued, issued
from opsnb.findings.forecast import narrow, unreadable
from opsnb.period import Period
from opsnb.results import Column, Finding, NotApplicable, Result
from opsnb.workbook import Workbook

Array = npt.NDArray[np.float64]
ISSUED = "issued_"
"""What the scores of issued forecasts are called, beside those of a backtest."""
COLUMNS = (
    *KEYS,
    Column("issued_for", "count"),
    *(Column(ISSUED + column.name, column.unit) for column in SCORES),
    Column("inside_next_80", "count"),
    Column("inside_next_95", "count"),
    Column("checked_next", "count"),
)
LAST = (
    *KEYS,
    Column("issued_in", "text"),
    Column("verdict", "text"),
    Column("actual", "metric"),
    Column("last_forecast", "metric"),
    Column("last_lower", "metric"),
    Column("last_upper", "metric"),
    Column("last_error", "ratio"),
    Column("last_error_difference", "difference"),
)
ALL = (Column("period", "key"), Column("months_scored", "count"), Column("made_later", "count"),
       *(Column(f"held_{level:g}", "ratio") for level in LEVELS),
       Column("held_of", "count"), Column("defined_otherwise", "count"))  # fmt: skip
NONE = NotApplicable("no forecast was issued")


@dataclass(frozen=True)
class Record:
    """One forecast of one month, as it was issued.

    Attributes
    ----------
    origin, target : Period
    mean, naive : float
        NaN where none was issued.
    ends : mapping level -> (lower, upper)
    made_on : str
        Day on which the run was made, ISO.
    """

    origin: Period
    target: Period
    mean: float
    naive: float
    ends: Mapping[float, tuple[float, float]]
    made_on: str

    @property
    def is_late(self) -> bool:
        """Whether the run was made after the target month had ended: history filled in later."""
        return self.made_on > self.target.end.isoformat()


def accountability(
    workbook: Workbook, metrics: Sequence[str] = (), outputs: str | Path = ""
) -> Result:
    """Score what the runs of earlier months said of the months that are now known.

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
        ``accountability``, one row a metric; its parts are ``last``, the forecast that the month
        before made of this one, and ``all_issued``, coverage over all metrics. Findings name
        intervals that were too narrow and records that cannot be read.
    """
    return account(workbook, history(workbook), metrics, outputs)


def account(
    workbook: Workbook, past: History, metrics: Sequence[str], outputs: str | Path
) -> Result:
    """Build :func:`accountability` against a history that is at hand."""
    wanted = [name for name in metrics or past.metrics if (name, workbook.unit) in past.values]
    found = issued(Path(outputs or OUTPUTS), workbook.company.id, workbook.unit, workbook.period)
    defined = workbook.definitions(wanted)
    fair = _is_comparable(found, defined)
    records = {name: _records(found.frame[fair], name, past.origin) for name in wanted}
    left = sum(len(_records(found.frame[~fair], name, past.origin)) for name in wanted)
    scores, last = Grid(COLUMNS), Grid(LAST)
    for name in wanted:
        key, names = (name, workbook.unit), _names(name, past, workbook)
        scores.add(names | _scores(past, key, records[name]))
        last.add(names | _last(past, key, records[name], is_ratio=workbook.metric(name).is_ratio))
    pooled, narrowed = _pooled(scores.frame, records, past, workbook, left)
    damaged = unreadable(workbook.unit, str(past.origin), found.unreadable)
    return Result(
        "accountability",
        scores.frame,
        COLUMNS,
        scores.reasons,
        findings=(*narrowed, *([damaged] if damaged else [])),
        parts=(Result("last", last.frame, LAST, last.reasons), pooled),
        provenance=workbook.provenance(wanted),
    )


def _names(metric: str, past: History, workbook: Workbook) -> dict[str, str]:
    return {"metric": metric, "unit": workbook.unit, "period": str(past.origin)}


def _is_comparable(found: Issued, defined: Mapping[str, str]) -> npt.NDArray[np.bool_]:
    """Whether the metric of each row was defined as it is today, as far as that was recorded."""
    pairs = zip(found.frame["period"], found.frame["metric"], strict=True)
    kept = [
        found.definitions.get(month, {}).get(name, defined.get(name)) == defined.get(name)
        for month, name in pairs
    ]
    return np.array(kept, dtype=bool)


def _records(frame: pd.DataFrame, metric: str, until: Period) -> list[Record]:
    """Forecasts of a metric for single months up to `until`, by origin and target."""
    mine = frame[(frame["metric"] == metric) & (frame["target_period"].str.len() == 7)]
    mine = mine[mine["target_period"] <= str(until)]
    found = []
    for (origin, target), rows in mine.groupby(["period", "target_period"]):
        told: dict[tuple[str, float], float] = {
            (str(measure), 0.0 if level is None or math.isnan(level) else float(level)): float(
                value
            )
            for measure, level, value in zip(
                rows["measure"], rows["level"], rows["value"], strict=True
            )
        }
        ends = {
            level: (told["lower", level], told["upper", level])
            for level in LEVELS
            if ("lower", level) in told and ("upper", level) in told
        }
        mean, naive = (told.get((name, 0.0), math.nan) for name in ("forecast", "naive"))
        made_on = str(rows["created_at"].iloc[0])[:10]
        months = (Period.parse(str(origin)), Period.parse(str(target)))
        found.append(Record(*months, mean, naive, ends, made_on))
    return found


def _place(past: History, month: Period) -> int:
    return month.first - past.months[0].first


def _scores(past: History, key: Series, records: Sequence[Record]) -> dict[str, Value]:
    """Scores over all origins and months ahead, and of the next month alone."""
    known = [r for r in records if _place(past, r.target) >= 0]
    if not known:
        return {column.name: NONE for column in COLUMNS[len(KEYS) :]}
    months = sorted({record.origin.first for record in known})
    shape = (len(months), max(record.target.first - record.origin.first for record in known))
    tables: dict[Any, Array] = {
        name: np.full(shape, math.nan)
        for name in ("actual", "mean", "naive", *((s, v) for v in LEVELS for s in (0, 1)))
    }
    for record in known:
        at = months.index(record.origin.first), record.target.first - record.origin.first - 1
        tables["actual"][at] = past.values[key][_place(past, record.target)]
        tables["mean"][at], tables["naive"][at] = record.mean, record.naive
        for level, pair in record.ends.items():
            for side in (0, 1):
                tables[side, level][at] = pair[side]
    first = past.months[0].first
    checked = Checked(
        tables["actual"], tables["mean"], tables["naive"],
        {level: tables[0, level] for level in LEVELS},
        {level: tables[1, level] for level in LEVELS},
        [past.values[key][: max(month + 1 - first, 0)] for month in months],
    )  # fmt: skip
    scores = {ISSUED + name: value for name, value in checked.scores().items()}
    return scores | {"issued_for": float(len(months))} | _next(checked)


def _next(checked: Checked) -> dict[str, Value]:
    """How many values of the next month their intervals held."""
    actual = checked.actual[:, 0]
    held = {
        level: (checked.lower[level][:, 0] <= actual) & (actual <= checked.upper[level][:, 0])
        for level in LEVELS
    }
    known = np.isfinite(actual) & np.isfinite(checked.lower[LEVELS[0]][:, 0])
    told: dict[str, Value] = {
        f"inside_next_{level:g}": float((held[level] & known).sum()) for level in LEVELS
    }
    return told | {"checked_next": float(known.sum())}


def _last(
    past: History, key: Series, records: Sequence[Record], *, is_ratio: bool
) -> dict[str, Any]:
    """The latest forecast of the period, made one month before."""
    actual = float(past.values[key][-1])
    told: Value = actual if math.isfinite(actual) else NotApplicable("no data in this period")
    before = past.origin.shift(-1)
    mine = [r for r in records if r.target == past.origin and r.origin == before]
    names = [column.name for column in LAST if column.unit in ("metric", "ratio", "difference")]
    if not mine or not math.isfinite(mine[0].mean) or LEVELS[0] not in mine[0].ends:
        return dict.fromkeys(names, NONE) | {"actual": told, "issued_in": "", "verdict": ""}
    one = mine[0]
    low, high = one.ends[LEVELS[0]]
    gap: Value = (
        actual - one.mean if math.isfinite(actual) else NotApplicable("no data in this period")
    )
    share: Value = gap
    if not isinstance(gap, NotApplicable):
        share = (
            gap / abs(one.mean)
            if one.mean and not is_ratio
            else NotApplicable("not meaningful for this metric")
        )
    return {
        "issued_in": str(before),
        "verdict": _verdict(actual, one),
        "actual": told,
        "last_forecast": one.mean,
        "last_lower": low,
        "last_upper": high,
        "last_error": share,
        "last_error_difference": gap,
    }


def _verdict(actual: float, one: Record) -> str:
    """Narrowest interval that holds the value: ``80``, ``95``, or ``outside``."""
    if not math.isfinite(actual):
        return ""
    for level in LEVELS:
        if level in one.ends and one.ends[level][0] <= actual <= one.ends[level][1]:
            return f"{level:g}"
    return "outside"


def _pooled(
    scores: pd.DataFrame,
    records: Mapping[str, Sequence[Record]],
    past: History,
    workbook: Workbook,
    left: int,
) -> tuple[Result, tuple[Finding, ...]]:
    """Coverage of the next month's intervals over all metrics, and whether they were too narrow."""
    grid, period = Grid(ALL), str(past.origin)
    n = int(scores["checked_next"].sum()) if len(scores) else 0
    months = {record.origin for some in records.values() for record in some}
    late = {record.origin for some in records.values() for record in some if record.is_late}
    held: dict[str, Value] = {}
    findings = []
    for level in LEVELS:
        inside = int(scores[f"inside_next_{level:g}"].sum()) if len(scores) else 0
        held[f"held_{level:g}"] = inside / n if n else NONE
        finding = narrow(workbook.unit, period, inside, n, level)
        findings += [finding] if finding else []
    grid.add(
        {"period": period, "months_scored": float(len(months)), "made_later": float(len(late)),
         "held_of": float(n), "defined_otherwise": float(left), **held}
    )  # fmt: skip
    return Result("all_issued", grid.frame, ALL, grid.reasons), tuple(findings)

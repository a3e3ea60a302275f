"""Forecast: every metric of the unit over the months ahead, and where its year ends."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from opsnb.analyses.comparison import told_here
from opsnb.analyses.grid import Grid, Value, number
from opsnb.analyses.histories import History, Series, history, series_id
from opsnb.analyses.odds import adjustment, told
from opsnb.analyses.outlooks import LEVELS, Outlook, company_scale, outlooks
from opsnb.analyses.year_ends import YearEnd, year_end
from opsnb.findings.forecast import unlikely
from opsnb.metrics.spans import Span
from opsnb.results import Column, Finding, NotApplicable, Result
from opsnb.stats.forecast import Scale, components
from opsnb.stats.odds import Adjustment
from opsnb.workbook import Workbook

HORIZON = 12
DRAWN = 6
"""Metrics that are drawn, where none are named."""
SHOWN = 24
"""Months of the past that are drawn."""
KEYS = (Column("metric", "key"), Column("unit", "key"), Column("period", "key"))
AHEAD = (*KEYS, Column("target_period", "key"))
COLUMNS = (
    *KEYS,
    Column("key", "text"),
    Column("flag", "text"),
    Column("basis", "text"),
    Column("year", "text"),
    Column("months_known", "count"),
    Column("slope", "ratio"),
    Column("to_date", "metric"),
    Column("year_forecast", "metric"),
    Column("year_target", "metric"),
    Column("p_met", "ratio"),
    Column("required_run_rate", "metric"),
    Column("expected_run_rate", "metric"),
)
ISSUED = (*AHEAD, Column("forecast", "metric"), Column("naive", "metric"))
INTERVALS = (*AHEAD, Column("level", "key"), Column("lower", "metric"), Column("upper", "metric"))
PAST = (*KEYS, Column("value", "metric"), Column("calendar_adjusted", "metric"),
        Column("plan", "metric"))  # fmt: skip
COMPONENTS = (*AHEAD, Column("trend", "metric"), Column("season", "ratio"),
              Column("calendar", "ratio"))  # fmt: skip
PLANNED = (*AHEAD, Column("planned", "metric"))
PARTS = (*KEYS, Column("part", "key"), Column("next_month", "metric"),
         Column("months_ahead", "metric"), Column("part_year", "metric"))  # fmt: skip
SCALE = (Column("level", "key"), Column("width", "number"), Column("series", "count"))
EMPTY = NotApplicable("no data in this period")
UNKNOWN = NotApplicable("too few points")


def forecast(
    workbook: Workbook,
    metrics: Sequence[str] = (),
    key_metrics: Sequence[str] = (),
    horizon: int = HORIZON,
) -> Result:
    """Forecasts of `metrics` for the workbook's unit.

    Parameters
    ----------
    workbook : Workbook
    metrics : sequence of str
        Ids; empty for all. Cumulative ones are left out.
    key_metrics : sequence of str
        Those that are drawn; empty for the first six.
    horizon : int
        Months ahead.

    Returns
    -------
    Result
        ``forecast``, one row a metric: how the history is degraded, growth of the trend a year, and
        the year's end. Parts: ``issued`` and ``issued_intervals``, the forecasts that a later month
        is held against; ``past``, ``plans`` and ``components`` for the figures;
        ``forecast_units``, the units right below, which add up where their metric does; ``scale``,
        the widths of the month; ``odds``, how past years adjust the odds of the year's targets.

    Raises
    ------
    UnknownNameError
    """
    return made(workbook, history(workbook), metrics, key_metrics, horizon, below=True)


def made(
    workbook: Workbook,
    past: History,
    metrics: Sequence[str],
    key_metrics: Sequence[str],
    horizon: int,
    *,
    below: bool,
) -> Result:
    """Build :func:`forecast`, against a history at hand, with the units `below` or without."""
    for name in (*metrics, *key_metrics):
        workbook.catalogue.definition(name)
    scale = company_scale(past, horizon)
    wanted = told_here(workbook, list(dict.fromkeys(metrics)) or list(workbook.company.metrics))
    wanted = list(dict.fromkeys([*wanted, *told_here(workbook, key_metrics)]))
    keys = [(name, workbook.unit) for name in wanted if (name, workbook.unit) in past.values]
    parts = workbook.units.children(workbook.unit, workbook.period.first) if below else []
    children = [(name, unit) for name, _ in keys for unit in parts]
    found = outlooks(past, [*keys, *children], horizon, scale)
    workbook.values([name for name, _ in keys], [Span.to_date(workbook.period)])  # all in one query
    learned = adjustment(workbook, past, HORIZON)
    ends = {key: year_end(workbook, found[key], learned) for key in keys}
    shapes = _shapes(past, keys, horizon)
    drawn = set(key_metrics) or {name for name, _ in keys[:DRAWN]}
    provenance = workbook.provenance([name for name, _ in keys])
    return Result(
        "forecast",
        *_summary(past, keys, found, ends, shapes, drawn),
        findings=_findings(workbook, ends),
        parts=(
            _issued(past, [found[key] for key in keys]),
            _intervals(past, [found[key] for key in keys], ends),
            _past(workbook, past, keys),
            _plans(workbook, past, keys, horizon),
            _scale(scale),
            told(past.origin, learned),
            *(
                (
                    _components(past, keys, shapes),
                    replace(_units(workbook, past, keys, parts, found), provenance=provenance),
                )
                if below
                else ()
            ),
        ),
        provenance=provenance,
    )


Table = tuple[pd.DataFrame, tuple[Column, ...], dict[tuple[int, str], str]]


def _summary(
    past: History,
    keys: Sequence[Series],
    found: dict[Series, Outlook],
    ends: dict[Series, YearEnd],
    shapes: dict[Series, pd.DataFrame],
    drawn: set[str],
) -> Table:
    grid = Grid(COLUMNS)
    for key in keys:
        end = ends[key]
        grid.add(
            _key(key, past)
            | {
                "key": "yes" if key[0] in drawn else "",
                "flag": found[key].flag,
                "basis": "sum" if found[key].summed else "own",
                "year": str(past.origin.year),
                "months_known": float(np.isfinite(past.values[key]).sum()),
                "slope": _slope(shapes[key], len(found[key].months)),
                "to_date": end.to_date,
                "year_forecast": end.mean,
                "year_target": end.target,
                "p_met": end.p_met,
                "required_run_rate": end.required,
                "expected_run_rate": end.expected,
            }
        )
    return grid.frame, COLUMNS, grid.reasons


def _key(key: Series, past: History) -> dict[str, str]:
    return {"metric": key[0], "unit": key[1], "period": str(past.origin)}


def _slope(shape: pd.DataFrame, h: int) -> Value:
    """Growth of the trend a year, from the first month ahead to the last."""
    level = shape["level"].to_numpy()[-h:]
    if h < 2 or level[0] <= 0 or level[-1] <= 0:
        return NotApplicable("not meaningful for this metric")
    return float((level[-1] / level[0]) ** (12 / (h - 1)) - 1)


def _issued(past: History, found: Sequence[Outlook]) -> Result:
    grid = Grid(ISSUED)
    for one in found:
        known = not _is_empty(one)
        for place, month in enumerate(one.months):
            mean: Value = float(one.mean[place]) if known else UNKNOWN
            told = {"target_period": str(month), "forecast": mean}
            naive = seasonal_naive(past.values[one.metric, one.unit], place)
            grid.add(_key((one.metric, one.unit), past) | told | {"naive": naive})
    return Result("issued", grid.frame, ISSUED, grid.reasons)


def _is_empty(one: Outlook) -> bool:
    return "empty" in one.flag.split(",") and not one.mean.any()


def seasonal_naive(y: np.ndarray[Any, np.dtype[np.float64]], place: int) -> Value:
    """Value of the same month a year before, or the last known one; `place` 0 is the next month."""
    back = 12 - place % 12
    if len(y) >= back and math.isfinite(y[-back]):
        return float(y[-back])
    known = y[np.isfinite(y)]
    return float(known[-1]) if len(known) else UNKNOWN


def _intervals(past: History, found: Sequence[Outlook], ends: dict[Series, YearEnd]) -> Result:
    """Ends of the intervals of every month, and of the year."""
    grid = Grid(INTERVALS)
    for one in found:
        key = (one.metric, one.unit)
        for level in LEVELS:
            lower, upper = one.intervals[level]
            pairs: list[tuple[str, Value, Value]] = [
                (str(month), float(lower[k]), float(upper[k])) for k, month in enumerate(one.months)
            ]
            if _is_empty(one):
                pairs = [(month, UNKNOWN, UNKNOWN) for month, _, _ in pairs]
            if level in ends[key].intervals:
                pairs.append((str(past.origin.year), *ends[key].intervals[level]))
            for month, low, high in pairs:
                told = {"target_period": month, "level": level, "lower": low, "upper": high}
                grid.add(_key(key, past) | told)
    return Result("issued_intervals", grid.frame, INTERVALS, grid.reasons)


def _past(workbook: Workbook, past: History, keys: Sequence[Series]) -> Result:
    grid = Grid(PAST)
    for metric, unit in keys:
        y, factor = past.values[metric, unit], past.factor(metric)
        for place in range(max(len(y) - SHOWN, 0), len(y)):
            month = past.months[place]
            plan = workbook.targets.value(metric, unit, month)
            known = math.isfinite(y[place])
            grid.add(
                {
                    "metric": metric,
                    "unit": unit,
                    "period": str(month),
                    "value": float(y[place]) if known else EMPTY,
                    "calendar_adjusted": float(y[place] / factor[place]) if known else EMPTY,
                    "plan": NotApplicable("no target") if plan is None else plan,
                }
            )
    return Result("past", grid.frame, PAST, grid.reasons)


def _plans(workbook: Workbook, past: History, keys: Sequence[Series], h: int) -> Result:
    """Targets of the months ahead, of those that have one."""
    grid = Grid(PLANNED)
    for key in keys:
        for month in past.ahead(h):
            plan = workbook.targets.value(*key, month)
            if plan is not None:
                grid.add(_key(key, past) | {"target_period": str(month), "planned": plan})
    return Result("plans", grid.frame, PLANNED, grid.reasons)


def _shapes(past: History, keys: Sequence[Series], h: int) -> dict[Series, pd.DataFrame]:
    """Components of each series' own history, and of its months ahead."""
    if not keys:
        return {}
    frame = components(past.panel(keys), h, factors=past.factors(keys, h))
    by_id = dict(iter(frame.groupby("unique_id", sort=False)))
    return {key: by_id[series_id(key)] for key in keys}


def _components(
    past: History, keys: Sequence[Series], shapes: dict[Series, pd.DataFrame]
) -> Result:
    grid = Grid(COMPONENTS)
    for key in keys:
        for row in shapes[key].tail(SHOWN + HORIZON).itertuples():
            grid.add(
                _key(key, past)
                | {
                    "target_period": f"{row.ds:%Y-%m}",
                    "trend": float(row.level),  # type: ignore[arg-type]
                    "season": float(row.season),  # type: ignore[arg-type]
                    "calendar": float(row.calendar),  # type: ignore[arg-type]
                }
            )
    return Result("components", grid.frame, COMPONENTS, grid.reasons)


def _units(
    workbook: Workbook,
    past: History,
    keys: Sequence[Series],
    below: Sequence[str],
    found: dict[Series, Outlook],
) -> Result:
    """The unit and those right below it: next month, all months ahead, and the year."""
    grid = Grid(PARTS)
    for metric, unit in keys:
        parts = [part for part in below if (metric, part) in found]
        for part in [*([unit] if parts else []), *parts]:
            one = found[metric, part]
            end = year_end(workbook.for_unit(part), one, Adjustment())
            adds = workbook.catalogue.is_additive(metric)
            ahead: Value = (
                float(one.mean.sum()) if adds else NotApplicable("not meaningful for this metric")
            )
            told = {"part": part, "next_month": float(one.mean[0]), "months_ahead": ahead}
            grid.add(_key((metric, unit), past) | told | {"part_year": end.mean})
    return Result("forecast_units", grid.frame, PARTS, grid.reasons)


def _scale(scale: Scale) -> Result:
    """Widths that all forecasts of the company's month share."""
    grid = Grid(SCALE)
    for level, width in zip(LEVELS, scale.widths, strict=True):
        grid.add({"level": level, "width": float(width), "series": float(scale.series)})
    return Result("scale", grid.frame, SCALE, grid.reasons)


def _findings(workbook: Workbook, ends: dict[Series, YearEnd]) -> tuple[Finding, ...]:
    """Metrics whose target of the year is not likely to be met."""
    found = []
    for (metric, unit), end in ends.items():
        if isinstance(end.p_met, NotApplicable):
            continue
        one = unlikely(
            metric, unit, str(workbook.period), number(end.p_met), number(end.mean),
            number(end.target), workbook.metric(metric).owner.zh,
        )  # fmt: skip
        found += [one] if one else []
    return tuple(sorted(found, key=lambda f: f.numbers["p_met"]))

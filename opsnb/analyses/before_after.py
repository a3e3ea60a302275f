"""Before and after: what a change in a known month did to a metric."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from opsnb.analyses.charting import adjust_kind
from opsnb.analyses.comparison import INCOMPLETE, explained
from opsnb.analyses.grid import Grid, Value, number
from opsnb.calendar import regressors
from opsnb.errors import ParameterError
from opsnb.metrics.spans import Span
from opsnb.results import Column, NotApplicable, Result
from opsnb.stats.adjust import adjust
from opsnb.stats.interrupted import (
    AFTER,
    Estimate,
    Interrupted,
    estimate_of,
    interrupted,
    placebos,
    variants,
)
from opsnb.workbook import Workbook

Array = npt.NDArray[np.float64]
MONTHS = 60
KEYS = (
    Column("metric", "key"), Column("unit", "key"), Column("period", "key"), Column("since", "key"),
)  # fmt: skip
COLUMNS = (
    *KEYS, Column("estimate", "key"),
    *(Column(name, "difference") for name in ("effect", "effect_lower", "effect_upper")),
    *(Column(name, "ratio") for name in ("relative", "relative_lower", "relative_upper")),
    Column("pvalue", "number"), Column("autocorrelation", "number"),
    *(Column(name, "count") for name in ("months_before", "months_after")),
    *(Column(name, "text") for name in ("season", "slope", "control")),
)  # fmt: skip
PATH = (
    *KEYS, Column("target_period", "key"), Column("adjusted_value", "metric"),
    *(Column(name, "metric") for name in ("without", "without_lower", "without_upper")),
)  # fmt: skip
PLACEBOS = (
    *KEYS, Column("number", "count"), Column("as_far", "count"), Column("p_placebo", "ratio"),
    *(Column(name, "difference") for name in ("placebo_lower", "placebo_upper")),
    *(Column(name, "ratio") for name in ("placebo_relative_lower", "placebo_relative_upper")),
)  # fmt: skip
VARIANTS = (
    *KEYS, Column("variant", "key"),
    *(Column(name, "difference") for name in ("effect", "effect_lower", "effect_upper")),
    *(Column(name, "ratio") for name in ("relative", "relative_lower", "relative_upper")),
)  # fmt: skip
NOT_TOLD = NotApplicable("not meaningful for this metric")
NO_DATA = NotApplicable("no data in this period")
FEW = NotApplicable("too few points")


def before_after(
    workbook: Workbook, metric: str, since: str, control: str = "", months: int = MONTHS
) -> Result:
    """Effect of a change that began in the month `since`, by interrupted time series.

    Values are adjusted for the calendar. Amounts that are positive throughout are compared by
    ratio, all others by difference. Formula and limits: :mod:`opsnb.stats.interrupted`.

    Parameters
    ----------
    workbook : Workbook
    metric : str
    since : str
        First month after the change, ``2026-06``.
    control : str, optional
        Metric that the change did not touch, or ``unit:ID``, the same metric in another unit.
    months : int
        Length of the series, up to the workbook's month.

    Returns
    -------
    Result
        ``before_after``: rows ``mean`` (a month), ``total`` where months add up, and ``slope``
        where it is told apart. Parts: ``before_after_path`` (each month beside what would have
        been), ``before_after_placebos`` (the same estimate in months without a change), and
        ``before_after_variants`` (other assumptions).

    Raises
    ------
    UnknownNameError, PeriodError
    ParameterError
        Too few months before or after, or a metric without values.
    """
    definition, metrics = workbook.metric(metric), workbook.company.metrics
    start = workbook.company.period(since)
    periods = workbook.period.back(months)
    place = start.first - periods[0].first
    if start.kind != "month" or not 0 < place <= len(periods) - AFTER:
        last = periods[-AFTER]
        raise ParameterError(
            f"since {since!r}", where="since",
            expected=f"a month from {periods[1]} to {last}, with {AFTER} months after it",
        )  # fmt: skip
    y = _adjusted(workbook, metric, periods)
    held, named = _control(workbook, metric, control, periods)
    log = _is_log(workbook, metric, y, held)
    found = interrupted(y, place, log=log, control=held)
    keys = {
        "metric": metric, "unit": workbook.unit, "period": str(workbook.period),
        "since": str(start),
    }  # fmt: skip
    grid = Grid(COLUMNS)
    design = {
        "pvalue": found.mean.pvalue, "autocorrelation": found.rho,
        "months_before": float(found.before), "months_after": float(found.after),
        "season": found.design.season, "slope": "yes" if found.design.slope else "",
        "control": named,
    }  # fmt: skip
    size = 1.0 / found.after
    grid.add(keys | {"estimate": "mean"} | _effect(found.total, found.relative, size) | design)
    if workbook.catalogue.is_additive(metric):
        grid.add(keys | {"estimate": "total"} | _effect(found.total, None) | design)
    if found.design.slope and not log:
        slope = _effect(found.slope, None) | design | {"pvalue": found.slope.pvalue}
        grid.add(keys | {"estimate": "slope"} | slope)
    parts = (
        _path(found, periods, keys, definition.bounds),
        _placebos(y, held, place, found, keys, log=log),
        _variants(y, held, place, found, keys, log=log),
    )
    provenance = workbook.provenance([metric, *([named] if named in metrics else [])])
    return Result(
        "before_after", grid.frame, COLUMNS, grid.reasons, parts=parts, provenance=provenance
    )


def robustness(effect: Result) -> Result:
    """What the effect of :func:`before_after` hangs on: other assumptions, and placebos.

    Returns
    -------
    Result
        ``robustness``, a row an assumption; its part ``before_after_placebos``.
    """
    made = effect.part("before_after_variants")
    return replace(
        made, name="robustness", parts=(effect.part("before_after_placebos"),),
        provenance=effect.provenance,
    )  # fmt: skip


def _adjusted(workbook: Workbook, metric: str, periods: list[Any]) -> Array:
    """Values of the workbook's unit, adjusted for the calendar; NaN where there are none."""
    values = workbook.values([metric], periods)
    told: list[Value] = [
        explained(workbook, metric, values.value(metric, Span.of(p), workbook.unit), p)
        for p in periods
    ]
    if workbook.missing_units(metric):
        told[-1] = INCOMPLETE
    raw = np.array([number(value) for value in told])
    calendar = regressors(periods, workbook.company.calendar)
    kind = adjust_kind(workbook.metric(metric))
    found: Array = adjust(calendar.assign(value=raw), kind=kind)["adjusted"].to_numpy()
    return found


def _control(
    workbook: Workbook, metric: str, control: str, periods: list[Any]
) -> tuple[Array | None, str]:
    """Series of the control, and what it is called in the record.

    A unit's report does not name another unit.
    """
    if not control:
        return None, ""
    kind, _, unit = control.partition(":")
    if kind == "unit":
        shown = unit if workbook.unit == workbook.units.root else ""
        return _adjusted(workbook.for_unit(unit), metric, periods), f"unit:{shown}"
    if control == metric:
        raise ParameterError(f"{metric!r} cannot be its own control", where="control")
    workbook.metric(control)
    return _adjusted(workbook, control, periods), control


def _is_log(workbook: Workbook, metric: str, y: Array, held: Array | None) -> bool:
    """Whether effects multiply: amounts and counts that are positive throughout."""
    if workbook.metric(metric).is_ratio or workbook.metric(metric).kind == "ratio":
        return False
    both = y if held is None else np.concatenate([y, held])
    return bool((both[np.isfinite(both)] > 0).all())


def _effect(found: Estimate, relative: Estimate | None, size: float = 1.0) -> dict[str, Any]:
    ends = {"": "value", "_lower": "lower", "_upper": "upper"}
    cells: dict[str, Any] = {
        f"effect{end}": getattr(found, name) * size for end, name in ends.items()
    }
    for end, name in ends.items():
        value = math.nan if relative is None else getattr(relative, name)
        cells[f"relative{end}"] = NOT_TOLD if math.isnan(value) else value
    return cells


def _path(
    found: Interrupted,
    periods: list[Any],
    keys: dict[str, str],
    bounds: tuple[float, float] | None,
) -> Result:
    low, high = bounds or (-math.inf, math.inf)
    grid = Grid(PATH)
    for row, period in zip(found.path.to_dict("records"), periods, strict=True):
        ends = {"without_lower": row["lower"], "without_upper": row["upper"]}
        cells = {"without": row["counterfactual"], **ends}
        cells = {name: min(max(value, low), high) for name, value in cells.items()}
        cells["adjusted_value"] = row["value"]
        why = {"adjusted_value": NO_DATA}
        grid.add(
            keys
            | {"target_period": str(period)}
            | {
                name: why.get(name, FEW) if math.isnan(value) else float(value)
                for name, value in cells.items()
            }
        )
    return Result("before_after_path", grid.frame, PATH, grid.reasons)


def _placebos(
    y: Array, held: Array | None, place: int, found: Interrupted, keys: dict[str, str], *, log: bool
) -> Result:
    """How the estimate ranks among those in months without a change."""
    grid = Grid(PLACEBOS)
    others = placebos(y, place, log=log, control=held)["mean"].to_numpy()
    if len(others):
        as_far = int((np.abs(others) >= abs(found.mean.value)).sum())
        ends = {"lower": float(others.min()), "upper": float(others.max())}
        told = {f"placebo_{end}": NOT_TOLD if log else value for end, value in ends.items()} | {
            f"placebo_relative_{end}": math.expm1(value) if log else NOT_TOLD
            for end, value in ends.items()
        }
        share = (as_far + 1) / (len(others) + 1)
        counts = {"number": float(len(others)), "as_far": float(as_far), "p_placebo": share}
        grid.add(keys | counts | told)
    return Result("before_after_placebos", grid.frame, PLACEBOS, grid.reasons)


def _variants(
    y: Array, held: Array | None, place: int, found: Interrupted, keys: dict[str, str], *, log: bool
) -> Result:
    """Mean effect a month under other assumptions."""
    grid = Grid(VARIANTS)
    after = found.path.iloc[place:]
    for name, one in variants(y, place, log=log, control=held).items():
        if log:
            ends = (one.value, one.lower, one.upper)
            values = after["value"].to_numpy()
            sums = [float(np.nanmean(values * (1 - np.exp(-end)))) for end in ends]
            shares = [math.expm1(end) for end in ends]
            made = _effect(estimate_of(sums, one.pvalue), estimate_of(shares, one.pvalue))
        else:
            made = _effect(one, None)
        grid.add(keys | {"variant": name} | made)
    return Result("before_after_variants", grid.frame, VARIANTS, grid.reasons)

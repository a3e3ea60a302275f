"""Charting: how one control chart is made of all that it depends on."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from opsnb.analyses.comparison import TOGETHER, is_flow
from opsnb.analyses.grid import Value, number
from opsnb.company import Metric
from opsnb.findings.signals import Standing
from opsnb.period import Period
from opsnb.results import NotApplicable
from opsnb.stats.adjust import Kind, adjust
from opsnb.stats.comparable import DEPENDENT
from opsnb.stats.false_flags import false_flag_rate
from opsnb.stats.limits import D2, WIDTH, Rules
from opsnb.stats.spc import basis, icons, xmr

Array = npt.NDArray[np.float64]
SHOWN = 36
"""Months that a chart shows."""
LEVELS = ("point", "center", "lower", "upper", "near_lower", "near_upper")
FARTHEST = 99.0
GROWTH = "yoy_log"
NO_YEAR = NotApplicable("no data in the same period last year")


@dataclass(frozen=True)
class Chart:
    """Control chart of one metric in one unit.

    Attributes
    ----------
    months : list of Period
        Those shown, oldest first.
    frame : DataFrame
        One row a month: ``raw``, ``adjusted``, ``target`` (adjusted too), the columns of
        ``LEVELS`` on the shown scale (the metric's; growth as a ratio, of ratios in points),
        ``segment``, ``signal``, ``direction``.
        Without a basis the levels are NaN.
    factor : float
        Calendar factor of the reported month.
    unadjusted : str
        Why nothing was adjusted for the calendar; empty where it was.
    causes : mapping place -> text
        Why a segment starts at a place.
    """

    metric: str
    unit: str
    months: list[Period]
    frame: pd.DataFrame
    standing: Standing
    factor: float = 1.0
    unadjusted: str = ""
    causes: Mapping[int, str] = field(default_factory=dict)
    yearly: Value = NO_YEAR

    @property
    def in_units(self) -> bool:
        """Whether the chart stands on the metric's own scale."""
        return self.standing.basis not in ("", GROWTH)


@dataclass(frozen=True)
class Asked:
    """All that a chart depends on.

    Attributes
    ----------
    is_whole : bool
        Of the whole company, whose band holds for amounts too.
    is_single, is_yearly : bool
        Whether February brings January with it; whether the two are compared as one.
    target : float
        Of the last month; NaN without one.
    """

    metric: Metric
    name: str
    unit: str
    is_whole: bool
    is_single: bool
    is_yearly: bool
    months: list[Period]
    values: list[Value]
    starts: Mapping[int, str]
    plans: list[float | None]
    target: float
    rules: Rules

    @property
    def first(self) -> int:
        """Place of the first month that is shown."""
        return max(len(self.months) - SHOWN, 0)


def made(asked: Asked, calendar: pd.DataFrame) -> Chart:
    """Chart of what was asked; `calendar` holds the regressors of its months."""
    metric, months, starts, first = asked.metric, asked.months, asked.starts, asked.first
    is_moving = metric.kind == "cumulative"  # its months share most of what they add up
    whole = _single(asked, np.array([number(value) for value in asked.values]))
    fair = adjust(calendar.assign(value=whole), kind=adjust_kind(metric))
    adjusted = fair["adjusted"].to_numpy()
    yearly = _yearly(asked, adjusted)
    found = basis(
        np.full(len(whole), math.nan) if is_moving else whole,
        adjusted=adjusted,
        kind=_carried(metric),
        points=SHOWN,
        rebase=list(starts),
        yearly=yearly,
    )
    causes = {place - first: cause for place, cause in starts.items() if place > first}
    line, value = np.array(found.attrs["trend"])[first:], found["value"].iloc[first:]
    limits = xmr(value, rebase=list(causes), raw=value + line, rules=asked.rules)
    frame = _shown(limits, str(found["basis"].iloc[-1]), line, metric)
    frame.insert(0, "raw", whole[first:])
    frame.insert(1, "adjusted", adjusted[first:])
    goals = np.array([math.nan if plan is None else plan for plan in asked.plans[first:]])
    frame.insert(2, "target", goals / fair["factor"].to_numpy()[first:])
    why = DEPENDENT if is_moving else str(found.attrs["reason"])
    chart = Chart(
        asked.name,
        asked.unit,
        months[first:],
        frame,
        Standing(reason=_reason(asked, why)),
        factor=float(fair["factor"].iloc[-1]),
        unadjusted=str(fair.attrs["reason"]),
        causes=causes,
        yearly=_change(adjusted, metric),
    )
    if not found["basis"].iloc[-1]:
        return chart
    return replace(chart, standing=_standing(asked, chart, found, limits))


def adjust_kind(metric: Metric) -> Kind:
    """Kind of a metric for calendar adjustment: what adds up over months is a flow."""
    if metric.is_ratio or metric.kind == "ratio":
        return "rate"
    if metric.kind == "cumulative" or metric.over_time != "sum":
        return "stock"
    return "flow"


def _carried(metric: Metric) -> Literal["flow", "stock", "rate"]:
    """Kind of a metric for the choice of a basis."""
    return "rate" if metric.is_ratio else "stock" if adjust_kind(metric) == "stock" else "flow"


def _single(asked: Asked, x: Array) -> Array:
    """Values without those that are two months in one."""
    if not asked.is_single:
        return x
    return np.where([month.start.month == 2 for month in asked.months], math.nan, x)


def _yearly(asked: Asked, x: Array) -> Array:
    """Values for growth on the year before: January and February as one, in February."""
    if not asked.is_yearly:
        return x
    out = x.copy()
    for place, month in enumerate(asked.months):
        if month.start.month == 1:
            out[place] = math.nan
        elif month.start.month == 2:
            out[place] = x[place] + (x[place - 1] if place else math.nan)
    return out


def _shown(limits: pd.DataFrame, name: str, line: Array, metric: Metric) -> pd.DataFrame:
    """Limits on the scale that is shown."""
    scale: Callable[[Array], Array] = lambda x: x + line  # noqa: E731
    if name == GROWTH and not metric.is_ratio:
        scale = np.expm1
    columns = dict(zip(("value", *LEVELS[1:]), LEVELS, strict=True))
    out = {shown: scale(limits[column].to_numpy()) for column, shown in columns.items()}
    frame = pd.DataFrame(out)
    for column in ("segment", "signal", "direction"):
        frame[column] = limits[column].to_numpy()
    return frame


def _reason(asked: Asked, reason: str) -> str:
    """Why there is no chart; what is wrong with the month itself comes first."""
    last = asked.values[-1]
    if isinstance(last, NotApplicable):
        return last.reason
    month = asked.months[-1].start.month
    if month == 1 and is_flow(asked.metric) and reason.startswith("trend"):
        return TOGETHER.reason
    return reason


def _change(adjusted: Array, metric: Metric) -> Value:
    """Change of the adjusted value on the year before."""
    now, ago = adjusted[-1], adjusted[-13] if len(adjusted) > 12 else math.nan
    if not (math.isfinite(now) and math.isfinite(ago)):
        return NO_YEAR
    if metric.is_ratio:
        return NotApplicable("not meaningful for this metric")
    return float((now - ago) / abs(ago)) if ago else NotApplicable("the base is zero")


def _standing(asked: Asked, chart: Chart, found: pd.DataFrame, limits: pd.DataFrame) -> Standing:
    name, lag = str(found["basis"].iloc[-1]), float(found.attrs["lag"])
    metric, last = asked.metric, chart.frame.iloc[-1]
    target = _target(asked, chart, name)
    shown = chart.frame.rename(columns={"point": "value"})
    variation, assurance = icons(shown, metric.better, target)
    here = limits["segment"] == limits["segment"].iloc[-1]
    return Standing(
        basis=name,
        reason="",
        variation=variation,
        assurance=assurance,
        signal=str(last["signal"]),
        direction=str(last["direction"]),
        run=_run(chart.frame),
        sigmas=_sigmas(limits),
        false_flags=false_flag_rate(
            int((here & limits["value"].notna()).sum()), lag, detrended=name == "detrended"
        ),
        trial=bool(limits.attrs["trial"][-1]),
        numbers=_numbers(chart.frame, name, metric),
    )


def _target(asked: Asked, chart: Chart, name: str) -> float | tuple[float, float] | None:
    """Target, or band, on the scale of the chart."""
    metric = asked.metric
    if metric.better == "band":
        if name == GROWTH or not (asked.is_whole or metric.is_ratio):
            return None
        return metric.band
    target = asked.target / chart.factor
    if name != GROWTH or math.isnan(target):
        return target
    last = chart.frame.iloc[-1]
    if metric.is_ratio:
        return target - float(last["adjusted"] - last["point"])
    ago = float(last["adjusted"]) / (1 + float(last["point"]))
    return target / ago - 1 if ago and asked.months[-1].start.month != 2 else None


def _run(frame: pd.DataFrame) -> int:
    """Months in a row, up to the last, that lie where its signal says; steps of a trend."""
    last = frame.iloc[-1]
    known = frame[(frame["segment"] == last["segment"]) & frame["point"].notna()]
    point = known["point"].to_numpy()
    sign = 1.0 if last["direction"] in ("high", "up") else -1.0
    edge = known["upper" if sign > 0 else "lower"].to_numpy()
    holds = {
        "outside": sign * (point - edge) > 0,
        "shift": sign * (point - known["center"].to_numpy()) > 0,
        "trend": sign * np.diff(point, prepend=point[0]) > 0,
        "two_of_three": known["signal"].to_numpy() == "two_of_three",
    }.get(str(last["signal"]), np.zeros(len(point), bool))
    broken = np.flatnonzero(~holds[::-1])
    return int(broken[0]) if len(broken) else len(holds)


def _sigmas(limits: pd.DataFrame) -> float:
    """Distance of the last point from the centre in standard deviations, at most 99."""
    last = limits.iloc[-1]
    sd = float(last["upper"] - last["center"]) / WIDTH / D2
    distance = abs(float(last["value"] - last["center"]))
    return min(distance / sd, FARTHEST) if sd else (FARTHEST if distance else 0.0)


def _numbers(frame: pd.DataFrame, name: str, metric: Metric) -> dict[str, float]:
    """Point, centre and the limit that it is nearest to, by the names they are told under."""
    last = frame.iloc[-1]
    high = last["point"] >= last["center"]
    limit = float(last["upper" if high else "lower"])
    told = {"point": float(last["point"]), "limit": limit, "center": float(last["center"])}
    if name == GROWTH:
        prefix = "change_" if metric.is_ratio else "growth_"
        return {prefix + key: value for key, value in told.items()}
    if name == "level" or last["adjusted"] == last["raw"]:
        return told
    return {"adjusted": told.pop("point"), **told}

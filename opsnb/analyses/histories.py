"""Histories: what a forecast sees of every metric and unit of the company, up to a month."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from opsnb.analyses.charting import adjust_kind
from opsnb.analyses.comparison import is_flow
from opsnb.calendar import regressors
from opsnb.metrics.values import Values
from opsnb.period import Period
from opsnb.stats.adjust import Kind, adjust
from opsnb.workbook import Workbook

Array = npt.NDArray[np.float64]
Series = tuple[str, str]
"""Metric and unit."""
YEARS = 5
"""Whole years before the one that is reported that are looked back on.

They begin where a year does, so that all reports of a year know the same first month, and what an
earlier month would have said is the same in each of them.
"""
FARTHEST = 24
"""Months ahead for which there are calendar factors."""
JUDGED = 12
"""Last months in which the units of a metric must add up to their parents."""
ROUNDING = 1e-6


@dataclass(frozen=True)
class History:
    """Months of every metric and unit.

    Attributes
    ----------
    months : tuple of Period
        Oldest first; the last one is the origin of the forecasts.
    values : mapping (metric, unit) -> ndarray of float64, shape (months,)
        In the units of the metric; NaN where there is no value, where some units are missing, and
        where two months come as one.
    root : str
    leaves : mapping unit -> tuple of units
        Units without parts at or below each unit, as the tree stands at the origin.
    additive : frozenset of str
        Metrics whose units add up to their parents, by what the last year shows.
    kinds : mapping metric -> {"flow", "stock", "rate"}
    lower, upper : mapping metric -> float
        Bounds that the settings declare.
    calendar : DataFrame
        Regressors of the months and of :data:`FARTHEST` more.
    """

    months: tuple[Period, ...]
    values: Mapping[Series, Array]
    root: str
    leaves: Mapping[str, tuple[str, ...]]
    additive: frozenset[str]
    kinds: Mapping[str, Kind]
    lower: Mapping[str, float]
    upper: Mapping[str, float]
    calendar: pd.DataFrame

    @property
    def origin(self) -> Period:
        """Last month that is known."""
        return self.months[-1]

    @property
    def metrics(self) -> list[str]:
        """Metrics with a series, in their order."""
        return list(dict.fromkeys(metric for metric, _ in self.values))

    def units(self, metric: str) -> list[str]:
        """Units with a series of `metric`; the whole company first."""
        return [unit for name, unit in self.values if name == metric]

    def until(self, months: int) -> History:
        """The same as it stood at the end of the first `months` months."""
        return replace(
            self,
            months=self.months[:months],
            values={key: y[:months] for key, y in self.values.items()},
            calendar=self.calendar.iloc[: months + FARTHEST],
        )

    @cached_property
    def begun(self) -> int:
        """Months before the first one in which any series has a value."""
        known = np.array([np.isfinite(y) for y in self.values.values()])
        return int(np.argmax(known.any(0))) if known.any() else len(self.months)

    @cached_property
    def _factors(self) -> dict[str, Array]:
        return {}

    @cached_property
    def made(self) -> dict[object, Any]:
        """What was made of it already, by whoever keeps it here for others."""
        return {}

    def factor(self, metric: str) -> Array:
        """Calendar factors of the months and of those ahead, from the whole company's series.

        The units' own series are noisier and know no other calendar.
        """
        if metric not in self._factors:
            y = self.values[metric, self.root]
            ahead = np.full(len(self.calendar) - len(y), math.nan)
            frame = self.calendar.assign(value=np.concatenate([y, ahead]))
            self._factors[metric] = adjust(frame, kind=self.kinds[metric])["factor"].to_numpy()
        return self._factors[metric]

    def panel(self, wanted: Sequence[Series]) -> pd.DataFrame:
        """Series as the engine reads them: unique_id, ds, y."""
        ds = self._stamps(len(self.months))
        return _long(wanted, ds, [self.values[key] for key in wanted], "y")

    def factors(self, wanted: Sequence[Series], h: int) -> pd.DataFrame:
        """Calendar factors over the months and `h` more: unique_id, ds, factor."""
        rows = len(self.months) + h
        factors = [self.factor(metric)[:rows] for metric, _ in wanted]
        return _long(wanted, self._stamps(rows), factors, "factor")

    def ahead(self, h: int) -> list[Period]:
        """The `h` months after the origin."""
        return [self.origin.shift(k + 1) for k in range(h)]

    def _stamps(self, rows: int) -> pd.DatetimeIndex:
        return pd.date_range(self.months[0].start, periods=rows, freq="MS")


def series_id(key: Series) -> str:
    """Id of a series among the engine's."""
    return "|".join(key)


def history(workbook: Workbook, names: Iterable[str] = ()) -> History:
    """History of `names`, or of all metrics, for every unit that is open in the period.

    Cumulative metrics have none: they follow from the metric that they sum.
    """
    told = tuple(names)
    return workbook.once(("history", told), lambda: _history(workbook, told))


def _history(workbook: Workbook, names: Sequence[str]) -> History:
    wanted = [
        name
        for name in dict.fromkeys(names) or workbook.company.metrics
        if workbook.metric(name).kind != "cumulative"
    ]
    months = months_of(workbook.period)
    values = workbook.values(wanted, months)
    units = [unit.id for unit in workbook.units if unit.open_in(workbook.period.first)]
    root = workbook.units.root
    units = [root, *(unit for unit in units if unit != root)]
    found: dict[Series, Array] = {}
    for name in wanted:
        table = values.frame[name].unstack("unit").reindex([str(month) for month in months])
        for unit in units if workbook.has_units(name) else [root]:
            y = (
                table[unit].to_numpy(np.float64)
                if unit in table
                else np.full(len(months), math.nan)
            )
            found[name, unit] = _whole(workbook, name, unit, months, y)
    ahead = [workbook.period.shift(k + 1) for k in range(FARTHEST)]
    bounds = {name: workbook.metric(name).bounds for name in wanted}
    return History(
        tuple(months),
        found,
        root,
        {unit: tuple(workbook.units.leaves(unit, workbook.period.first)) for unit in units},
        frozenset(name for name in wanted if _adds_up(workbook, name, values, months)),
        {name: adjust_kind(workbook.metric(name)) for name in wanted},
        {name: pair[0] for name, pair in bounds.items() if pair},
        {name: pair[1] for name, pair in bounds.items() if pair},
        regressors([*months, *ahead], workbook.company.calendar),
    )


def months_of(period: Period) -> list[Period]:
    """Months that a forecast of `period` looks back on, oldest first, those of :data:`YEARS`."""
    return period.back(period.first - period.year.first + 1 + 12 * YEARS)


def _whole(workbook: Workbook, name: str, unit: str, months: Sequence[Period], y: Array) -> Array:
    """Values without those that are two months in one, or lack some units."""
    out = np.where(np.isfinite(y), y, math.nan)
    if is_flow(workbook.metric(name)) and workbook.is_january_combined(name):
        out[[month.start.month == 2 for month in months]] = math.nan
    if workbook.for_unit(unit).missing_units(name):
        out[-1] = math.nan
    return out


def _adds_up(workbook: Workbook, name: str, values: Values, months: Sequence[Period]) -> bool:
    """Whether units add up to the units above them, in every one of the last months."""
    units, root = workbook.units, workbook.units.root
    if not workbook.has_units(name) or adjust_kind(workbook.metric(name)) == "rate":
        return False
    table = values.frame[name].unstack("unit").reindex([str(month) for month in months])
    series = {str(unit): table[unit].to_numpy(np.float64) for unit in table}
    seen = False
    for place in range(len(months) - JUDGED, len(months)):
        month = months[place]
        for unit in (unit.id for unit in units if unit.id in series):
            leaves, whole = units.leaves(unit, month.first), series[unit][place]
            if leaves == [unit] or not math.isfinite(whole):
                continue
            parts = [series[leaf][place] for leaf in leaves if leaf in series]
            known = [part for part in parts if math.isfinite(part)]
            size = max(math.fsum(map(abs, known)), abs(whole))
            if abs(math.fsum(known) - whole) > ROUNDING * size:
                return False
            seen = seen or unit == root
    return seen


def _long(
    wanted: Sequence[Series], ds: pd.DatetimeIndex, columns: Sequence[Array], name: str
) -> pd.DataFrame:
    ids = np.repeat(np.array([series_id(key) for key in wanted], dtype=object), len(ds))
    stacked = np.concatenate(columns) if columns else np.empty(0)
    return pd.DataFrame(
        {"unique_id": ids, "ds": np.tile(ds.to_numpy(), len(wanted)), name: stacked}
    )

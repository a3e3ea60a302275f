"""The company's calendar: working days, the festival's windows, and how orders fall on days."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from opsnb.calendar import WINDOWS, festival_dates, workday_flags
from opsnb.demo.chance import Floats, Ints, pick
from opsnb.demo.truths import FIRST, LAST, truth
from opsnb.period import Period

MONTHS = LAST.first - FIRST.first + 1
"""Months of the history."""
PLANNED = LAST.year.months[-1].first - FIRST.first + 1
"""Months of the plan, which runs to the end of the last year."""
PERIODS = tuple(FIRST.shift(i) for i in range(PLANNED))
NEVER = 10_000

WEEKDAY = np.array([1.06, 1.03, 1.00, 0.98, 0.93, 0.90, 0.90])
"""Orders on a working day from Monday on; a Saturday or Sunday is a make-up day."""
DAY_OFF, HOLIDAY = 0.03, 0.02
BEFORE, AFTER = 0.62, 0.55
"""Share of orders left on working days before the festival, and just after its week; what
these take from a month is within a few percent of the month's own coefficients."""


def position(period: Period) -> int:
    """Place of a month on the month axis of all arrays."""
    return period.first - FIRST.first


@dataclass(frozen=True)
class Days:
    """Days of the history and the plan.

    Attributes
    ----------
    date : array of datetime64[D], shape (days,)
    month : array of int64, shape (days,)
        Place of the day's month.
    workday : array of bool, shape (days,)
    weight : array of float64, shape (days,)
        Expected orders of the day beside an ordinary working day.
    workdays, festival : array of float64, shape (PLANNED,)
        Working days, and the festival's effect in log points, of each month.
    """

    date: npt.NDArray[np.datetime64]
    month: Ints
    workday: npt.NDArray[np.bool_]
    weight: Floats
    workdays: Floats
    festival: Floats

    def draw(self, rng: np.random.Generator, month: Ints) -> Ints:
        """Draw an order's day for each of `month`, as a place on the day axis."""
        total = np.cumsum(self.weight)
        ends = total[np.flatnonzero(np.diff(self.month, append=NEVER))]
        starts = np.concatenate([[0.0], ends[:-1]])
        at = starts[month] + rng.random(len(month)) * (ends - starts)[month]
        return pick(total, at / total[-1])


def calendar_days() -> Days:
    """Read the calendar of the history and the plan."""
    start, end = FIRST.start, PERIODS[-1].end
    date = np.arange(np.datetime64(start, "D"), np.datetime64(end, "D") + 1)
    month = date.astype("datetime64[M]").astype(np.int64) - (FIRST.first - 12 * 1970)
    workday = workday_flags(start, end)
    offset = _from_festival(date)
    return Days(
        date=date,
        month=month,
        workday=workday,
        weight=_weight(date, workday, offset),
        workdays=np.bincount(month, weights=workday).astype(np.float64),
        festival=_festival(month, offset),
    )


def _from_festival(date: npt.NDArray[np.datetime64]) -> Ints:
    """Days from the first day of the nearest Spring Festival."""
    first = np.array(sorted(festival_dates().values()), dtype="datetime64[D]")
    apart = (date[:, None] - first[None, :]).astype(np.int64)
    nearest: Ints = apart[np.arange(len(date)), np.abs(apart).argmin(axis=1)]
    return nearest


def _festival(month: Ints, offset: Ints) -> Floats:
    """Effect on each month: coefficient times the share of its window in the month."""
    effect = np.zeros(PLANNED)
    for name, (first, last) in WINDOWS.items():
        inside = (offset >= first) & (offset <= last)
        share = np.bincount(month, weights=inside, minlength=PLANNED) / (last - first + 1)
        effect += truth("spring_festival").parts[name] * share
    return effect


def _weight(
    date: npt.NDArray[np.datetime64], workday: npt.NDArray[np.bool_], offset: Ints
) -> Floats:
    """Weight of each day in its month."""
    weekday = (date.astype(np.int64) + 3) % 7  # 1 January 1970 was a Thursday
    off = np.where(weekday >= 5, DAY_OFF, HOLIDAY)
    weight = np.where(workday, WEEKDAY[weekday], off)
    (pre, _), (_, during), (post, last) = (WINDOWS[name] for name in ("pre", "during", "post"))
    before = workday & (offset >= pre) & (offset < 0)
    after = workday & (offset >= post) & (offset <= last)
    weight[before] *= BEFORE
    weight[after] *= AFTER + (1 - AFTER) * (offset[after] - post) / (last - post)
    weight[(offset >= 0) & (offset <= during)] = truth("spring_festival").parts["day_share"]
    return weight

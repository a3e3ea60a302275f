"""Origins: what would have been forecast in earlier months, kept: one a company and month.

The units of a metric that add up are forecast together, so that the report of every unit has the
same forecasts of all of them, and the same odds of their years.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from opsnb.analyses.histories import History, Series
from opsnb.analyses.outlooks import LEVELS, Outlook, company_scale, outlooks
from opsnb.analyses.scales import digest
from opsnb.analyses.year_ends import is_decided, probability
from opsnb.data.kept import Content, kept
from opsnb.period import Period

Array = npt.NDArray[np.float64]
FEWEST = 24
"""Months before the first origin."""
EVERY = 2
"""Months from one origin to the next."""
PATHS = 500


@dataclass(frozen=True)
class Forecast:
    """Forecast of one series from an origin.

    Attributes
    ----------
    mean : ndarray, shape (months,)
    intervals : mapping level -> (ndarray, ndarray)
        Lower and upper ends by level in percent.
    """

    mean: Array
    intervals: Mapping[float, tuple[Array, Array]]


@dataclass(frozen=True)
class Origin:
    """One earlier month, and the forecasts that it would have had."""

    place: int
    month: Period
    found: Mapping[Series, Forecast]


@dataclass(frozen=True)
class Goals:
    """What a metric of a unit should come to.

    Attributes
    ----------
    better : str
        Direction of the metric.
    years : mapping year -> (goal, whether it is a target)
    """

    better: str
    years: Mapping[str, tuple[float, bool]]


@dataclass(frozen=True)
class Case:
    """A probability that a year's target is met, and whether it was.

    Attributes
    ----------
    about : metric, unit and year
    said : float
        Share of the simulated futures that reach the target.
    met, is_planned : bool
        Whether it was reached, and whether it is a target on record.
    place : float
        Share of the simulated futures below what the year came to, a path on it by half.
    left : int
        Months of the year that were ahead.
    is_higher, is_decided : bool
        Whether a higher value is better, and whether the odds were certain.
    """

    about: tuple[str, str, str]
    said: float
    met: bool
    is_planned: bool
    place: float
    left: int
    is_higher: bool
    is_decided: bool


@dataclass(frozen=True)
class LookedBack:
    """What the same procedure would have said of some series, and the odds among it."""

    origins: Sequence[Origin]
    cases: Sequence[Case]


def looked_back(past: History, horizon: int, goals: Mapping[Series, Goals]) -> LookedBack:
    """Forecasts of all series from earlier months, and the odds of reaching their years' `goals`.

    They are made from every second month that has two years before it. Each knows what was known
    then: its scale and its calendar factors are fitted up to it.
    """
    keys = list(past.values)

    def make() -> LookedBack:
        made, cases = [], []
        for place in _places(past):
            found = outlooks_at(past, place, keys, horizon)
            made.append(Origin(place, past.months[place - 1], _told(found)))
            odds = (_case(past, made[-1], found[key], goal) for key, goal in goals.items())
            cases += [case for case in odds if case]
        return LookedBack(made, cases)

    parts = (digest(past, horizon), dict(goals))
    return kept("origins", parts, make, _packed, lambda content: _unpacked(content, past))


def outlooks_at(
    past: History, place: int, wanted: Sequence[Series], horizon: int
) -> dict[Series, Outlook]:
    """Outlooks of `wanted` as they would have been after the first `place` months."""
    then = past.until(place)
    scale = company_scale(then, horizon)
    return outlooks(then, wanted, horizon, scale, paths=PATHS, whole=False)


def _places(past: History) -> list[int]:
    """Months before each origin, the earliest first."""
    last = len(past.months) - 1
    first = past.begun + FEWEST
    start = last - (last - first) // EVERY * EVERY
    return [place for place in range(start, last + 1, EVERY) if place >= max(first, 1)]


def _told(found: Mapping[Series, Outlook]) -> dict[Series, Forecast]:
    return {key: Forecast(one.mean, one.intervals) for key, one in found.items()}


def _case(past: History, origin: Origin, found: Outlook, goals: Goals) -> Case | None:
    """Odds of one series and year at one origin; None where the year's end is not known yet."""
    year = origin.month.year
    first, last = (past.months[0].first, past.months[-1].first)
    begin, end = year.first - first, year.first + 12 - first
    if begin < 0 or year.first + 11 > last or origin.place in (begin, end):
        return None
    y = past.values[found.metric, found.unit]
    whole = y[begin:end]
    goal, is_planned = goals.years[str(year)]
    paths = found.paths[:, : end - origin.place]
    if (
        not np.isfinite(whole).all()
        or not math.isfinite(goal)
        or paths.shape[1] < end - origin.place
    ):
        return None
    to_date, came = float(y[begin : origin.place].sum()), float(whole.sum())
    total = paths.sum(1) + to_date
    return Case(
        (found.metric, found.unit, str(year)),
        probability(total, goal, goals.better),
        probability(np.array([came]), goal, goals.better) > 0,
        is_planned,
        float((total < came).mean() + (total == came).mean() / 2),
        end - origin.place,
        goals.better == "higher",
        is_decided(paths, to_date, goal, goals.better),
    )


def _packed(looked: LookedBack) -> Content:
    cases = [
        [*case.about, case.said, bool(case.met), case.is_planned, case.place, case.left,
         case.is_higher, case.is_decided]
        for case in looked.cases
    ]  # fmt: skip
    told = {"places": [origin.place for origin in looked.origins], "cases": cases}
    return Content(told, {"forecasts": np.array([_rows(origin) for origin in looked.origins])})


def _rows(origin: Origin) -> list[list[Array]]:
    """Mean and ends of each series."""
    return [
        [one.mean, *(end for level in LEVELS for end in one.intervals[level])]
        for one in origin.found.values()
    ]


def _unpacked(content: Content, past: History) -> LookedBack:
    told, rows = content.told, content.arrays["forecasts"]
    made = []
    for place, of_series in zip(told["places"], rows, strict=True):
        found = {key: _forecast(row) for key, row in zip(past.values, of_series, strict=True)}
        made.append(Origin(place, past.months[place - 1], found))
    cases = [Case((metric, unit, year), *rest) for metric, unit, year, *rest in told["cases"]]
    return LookedBack(made, cases)


def _forecast(row: Array) -> Forecast:
    ends = {level: (row[2 * k + 1], row[2 * k + 2]) for k, level in enumerate(LEVELS)}
    return Forecast(row[0], ends)

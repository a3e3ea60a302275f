"""Origins: what would have been forecast in earlier months, kept: one a company and month.

The units of a metric that add up are forecast together, so that the report of every unit has the
same forecasts of all of them, and the same odds of their years.

The origins are the same calendar months whatever month is reported, and each is kept by what was
known in it: the next report finds all but the newest made already, unless the past was restated.
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
"""Months from one origin to the next: January, March and so on."""
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
class End:
    """How the year of an origin ended for one series.

    Attributes
    ----------
    goal, to_date, came : float
        What it should come to, what was known of it at the origin, and what it came to.
    left : int
        Months of the year that were ahead.
    """

    year: str
    better: str
    goal: float
    is_planned: bool
    to_date: float
    came: float
    left: int


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

    def make() -> LookedBack:
        one = [_looked_back_from(past, place, horizon, goals) for place in _places(past)]
        origins = [origin for found in one for origin in found.origins]
        return LookedBack(origins, [case for found in one for case in found.cases])

    parts = (digest(past, horizon), dict(goals))
    return kept("origins", parts, make, _packed, lambda content: _unpacked(content, past))


def _looked_back_from(
    past: History, place: int, horizon: int, goals: Mapping[Series, Goals]
) -> LookedBack:
    """Forecasts from one origin, and the odds of its year where it is known how that ended."""
    then, month = past.until(place), past.months[place - 1]
    ends = {key: _end(past, place, key, goal) for key, goal in goals.items()}
    known = {key: end for key, end in ends.items() if end}

    def make() -> LookedBack:
        found = outlooks_at(past, place, list(past.values), horizon)
        odds = [_case(found[key], end) for key, end in known.items()]
        return LookedBack([Origin(place, month, _told(found))], [case for case in odds if case])

    parts = (digest(then, horizon), known)
    return kept("origin", parts, make, _packed, lambda content: _unpacked(content, past))


def outlooks_at(
    past: History, place: int, wanted: Sequence[Series], horizon: int
) -> dict[Series, Outlook]:
    """Outlooks of `wanted` as they would have been after the first `place` months."""
    then = past.until(place)
    scale = company_scale(then, horizon)
    return outlooks(then, wanted, horizon, scale, paths=PATHS, whole=False)


def _places(past: History) -> list[int]:
    """Months before each origin, the earliest first; one of them at least where there is room."""
    last = len(past.months) - 1
    possible = range(max(past.begun + FEWEST, 1), last + 1)
    chosen = [place for place in possible if past.months[place - 1].first % EVERY == 0]
    return chosen or list(possible[-1:])


def _told(found: Mapping[Series, Outlook]) -> dict[Series, Forecast]:
    return {key: Forecast(one.mean, one.intervals) for key, one in found.items()}


def _end(past: History, place: int, key: Series, goals: Goals) -> End | None:
    """What came of the year of an origin; None where that is not known."""
    year = past.months[place - 1].year
    begin, end = (month - past.months[0].first for month in (year.first, year.first + 12))
    if begin < 0 or end > len(past.months) or place in (begin, end):
        return None
    whole = past.values[key][begin:end]
    goal, is_planned = goals.years[str(year)]
    if not np.isfinite(whole).all() or not math.isfinite(goal):
        return None
    to_date = float(past.values[key][begin:place].sum())
    left = end - place
    return End(str(year), goals.better, goal, is_planned, to_date, float(whole.sum()), left)


def _case(found: Outlook, end: End) -> Case | None:
    """Odds of one series and year at one origin; None where the year is longer than the paths."""
    paths = found.paths[:, : end.left]
    if paths.shape[1] < end.left:
        return None
    total = paths.sum(1) + end.to_date
    return Case(
        (found.metric, found.unit, end.year),
        probability(total, end.goal, end.better),
        probability(np.array([end.came]), end.goal, end.better) > 0,
        end.is_planned,
        float((total < end.came).mean() + (total == end.came).mean() / 2),
        end.left,
        end.better == "higher",
        is_decided(paths, end.to_date, end.goal, end.better),
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

"""Odds of the year's target, adjusted by what past years of the same company show.

They are learned from years that were over before the year that is judged began, of all metrics and
units that add up, so that every report of a month has the same: see `opsnb.stats.odds`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from opsnb.analyses.grid import Grid
from opsnb.analyses.histories import History, Series
from opsnb.analyses.origins import Case, Goals, looked_back
from opsnb.period import Period
from opsnb.progress import working
from opsnb.results import Column, NotApplicable, Result
from opsnb.stats.odds import Adjustment, learned
from opsnb.workbook import Workbook

SEEN = 3
"""Origins from which a year must have been forecast; its last month alone says little."""
COLUMNS = (
    Column("period", "key"),
    Column("odds_shift", "number"),
    Column("odds_share", "ratio"),
    Column("odds_weight", "ratio"),
    Column("odds_clusters", "count"),
    Column("odds_years", "count"),
)
UNKNOWN = NotApplicable("too few points")


def adjustment(workbook: Workbook, past: History, horizon: int) -> Adjustment:
    """Adjustment of the odds of the month's year."""
    with working("forecasting anew from earlier months"):
        cases = looked_back(past, horizon, year_goals(workbook, past)).cases
    return learned_before(str(past.origin.year), cases)


def learned_before(year: str, cases: Sequence[Case]) -> Adjustment:
    """Adjustment that the cases of all years before `year` ask for."""
    seen: dict[str, set[int]] = {}
    for case in cases:
        seen.setdefault(case.about[2], set()).add(case.left)
    used = [c for c in cases if c.about[2] < year and len(seen[c.about[2]]) >= SEEN]
    return learned(
        [case.about[0] for case in used],
        [case.about[2] for case in used],
        [case.place for case in used],
        [case.met for case in used],
        [case.is_planned for case in used],
    )


def published(cases: Sequence[Case]) -> list[Case]:
    """Cases with the odds that would have been published: each learns from the years before it."""
    known = {year: learned_before(year, cases) for year in {case.about[2] for case in cases}}
    return [case if case.is_decided else _adjusted(case, known[case.about[2]]) for case in cases]


def _adjusted(case: Case, found: Adjustment) -> Case:
    """Case with its adjusted odds; the share of targets says nothing where there was no target."""
    used = found if case.is_planned else replace(found, weight=0.0)
    said = used.odds(case.said, higher=case.is_higher, left=case.left / 12)
    return replace(case, said=said)


def told(period: Period, found: Adjustment) -> Result:
    """Adjustment as a result, ``odds``, of one row."""
    grid, has = Grid(COLUMNS), found.clusters > 0
    grid.add(
        {
            "period": str(period),
            "odds_shift": found.shift if has else UNKNOWN,
            "odds_share": found.share if found.weight else NotApplicable("no target"),
            "odds_weight": found.weight,
            "odds_clusters": float(found.clusters),
            "odds_years": float(found.years),
        }
    )
    return Result("odds", grid.frame, COLUMNS, grid.reasons)


def year_goals(workbook: Workbook, past: History) -> dict[Series, Goals]:
    """What each series that adds up should have come to in every year of its history."""
    keys = [
        key for key in past.values if workbook.catalogue.is_additive(key[0])
        and workbook.metric(key[0]).better != "band"
    ]  # fmt: skip
    years = list(dict.fromkeys(month.year for month in past.months))
    return {
        key: Goals(
            workbook.metric(key[0]).better,
            {str(year): _goal(workbook, past, key, year) for year in years},
        )
        for key in keys
    }


def _goal(workbook: Workbook, past: History, key: Series, year: Period) -> tuple[float, bool]:
    """Target of a past year, else what the year before it came to; and whether it is a target."""
    value = workbook.targets.value(*key, year)
    if value is None:
        value = workbook.targets.total(*key, year.months)
    if value is not None:
        return value, True
    begin = year.first - 12 - past.months[0].first
    return (float(past.values[key][begin : begin + 12].sum()), False) if begin >= 0 else (
        math.nan, False
    )  # fmt: skip

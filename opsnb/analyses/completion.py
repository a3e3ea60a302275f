"""Completion: the scorecard, with the odds of the year's targets beside their attainment."""

from __future__ import annotations

import math
from dataclasses import replace

from opsnb.analyses.comparison import NOT_MEANINGFUL
from opsnb.analyses.grid import Value, number
from opsnb.results import Column, NotApplicable, Result

ODDS = "p_met"


def completion(card: Result, ahead: Result) -> Result:
    """Rows of the scorecard with the chance that the year's target is met.

    Parameters
    ----------
    card : Result
        From :func:`scorecard`.
    ahead : Result
        From :func:`outlook`, of the same unit and month.

    Returns
    -------
    Result
        ``scorecard`` with the column ``p_met``: the very numbers of `ahead`, or why there is none.
        What is not forecast, such as a cumulative metric, has none.
    """
    told: dict[str, Value] = {
        str(metric): ahead.cell(place, ODDS) for place, metric in enumerate(ahead.frame["metric"])
    }
    values = [told.get(str(metric), NOT_MEANINGFUL) for metric in card.frame["metric"]]
    missing = [isinstance(value, NotApplicable) for value in values]
    column = [math.nan if m else number(v) for v, m in zip(values, missing, strict=True)]
    reasons = {
        (place, ODDS): value.reason
        for place, value in enumerate(values)
        if isinstance(value, NotApplicable)
    }
    return replace(
        card,
        frame=card.frame.assign(**{ODDS: column}),
        columns=(*card.columns, Column(ODDS, "ratio")),
        reasons={**card.reasons, **reasons},
    )

"""Why a number is missing, in as few words as a cell holds."""

from __future__ import annotations

from opsnb.display.words import Words, mark

SHORT: dict[str, str] = {
    "no data in this period": mark("no data"),
    "no data in the prior period": mark("no prior period"),
    "no data in the same period last year": mark("no prior year"),
    "no target": mark("no target"),
    "the base is zero": mark("base is zero"),
    "the target is zero": mark("target is zero"),
    "the denominator is zero": mark("divides by zero"),
    "a part has no data": mark("part missing"),
    "some units have no data in this period": mark("units missing"),
    "January and February are compared together": mark("see Jan + Feb"),
    "not meaningful for this metric": mark("not applicable"),
    "too few points": mark("too few points"),
    "January comes together with February": mark("with February"),
    "the prior period is two months": mark("against two months"),
    "the data do not come every month": mark("not due"),
    "the data know no units": mark("whole only"),
    "only looked up, without dates": mark("only looked up"),
    "neighbouring months depend on each other": mark("months depend on each other"),
    "trend or season without a year to compare with": mark("trend or season"),
    "stocks and rates do not depend on working days": mark("no adjustment"),
    "some values are negative": mark("negative values"),
    "the calendar shows no effect": mark("no calendar effect"),
    "not likely within the horizon": mark("not foreseen"),
    "reached already": mark("reached"),
    "not quantified": mark("not quantified"),
    "no incidents are recorded": mark("none recorded yet"),
    "it has ended": mark("ended"),
    "judged for the first time": mark("new"),
    "no forecast was issued": mark("no earlier forecast"),
    "the year is over": mark("year over"),
    "the second method found no answer": mark("no answer"),
}


def reason_text(reason: str, words: Words) -> str:
    """Reason in words that fit a cell; one that is not known here is shown as it is."""
    return words(SHORT.get(reason, reason))

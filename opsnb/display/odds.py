"""Odds of the year's target: by what they are adjusted, in a sentence."""

from __future__ import annotations

from markupsafe import Markup

from opsnb.display.markup import element
from opsnb.display.numbers import NumberFormat, count, percent
from opsnb.display.reader import Reader, number, records
from opsnb.display.words import mark
from opsnb.keys import record_key
from opsnb.results import Result

NOT_YET = mark(
    "P(target met) is the share of simulated futures and is not adjusted: no past year of the "
    "company has been forecast from enough months."
)
SHIFTED = mark(
    "P(target met) of what months add up to is adjusted by the company's own past (pairs of metric "
    "and year: {n}; years: {years}): all futures are shifted by {shift} standard deviations."
)
JOINED = mark(
    "P(target met) of what months add up to is adjusted by the company's own past (pairs of metric "
    "and year: {n}; years: {years}): all futures are shifted by {shift} standard deviations, and "
    "the share of targets reached, {share}, counts with a weight of {weight} at the year's "
    "beginning, falling to none at its end."
)


def odds_note(result: Result, reader: Reader) -> Markup | None:
    """How the odds of a forecast are adjusted; nothing where it has none."""
    parts = [part for part in result.parts if part.name == "odds"]
    if not parts or all(number(row["p_met"]) is None for row in records(result)):
        return None
    (row,) = records(parts[0])
    if number(row["odds_shift"]) is None:
        return element("p", reader.words(NOT_YET), class_="note")
    share, whole = percent(reader.locale, 0), count(reader.locale)
    styles = {
        "n": ("odds_clusters", whole),
        "years": ("odds_years", whole),
        "shift": ("odds_shift", NumberFormat(reader.locale, 0, 2)),
        "share": ("odds_share", share),
        "weight": ("odds_weight", share),
    }
    has_share = bool(number(row["odds_weight"]))
    shown = {
        name: element(
            "span", style.text(float(row[measure]), signed=name == "shift"), class_="n",
            data_key=record_key("", measure, "", str(row["period"])),
        )
        for name, (measure, style) in styles.items()
        if has_share or name not in ("share", "weight")
    }  # fmt: skip
    return element("p", reader.words.html(JOINED if has_share else SHIFTED, **shown), class_="note")

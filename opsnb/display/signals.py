"""Signals in words: what bounds, sides and bases are called, and on which scale they stand."""

from __future__ import annotations

from opsnb.display.numbers import NumberFormat, percent, points
from opsnb.display.reader import Reader
from opsnb.display.words import mark

GROWTH = "yoy_log"
SCALED = ("point", "adjusted", "limit", "center")
PREFIXES = ("growth_", "change_")
NAMES: dict[str, dict[str, str]] = {
    "side": {"above": mark("above"), "below": mark("below")},
    "bound": {"upper": mark("upper limit"), "lower": mark("lower limit")},
    "moved": {"risen": mark("risen"), "fallen": mark("fallen")},
    "variation": {
        "improvement": mark("an improvement"),
        "concern": mark("a deterioration"),
        "neutral": mark("a change"),
    },
    "stable": {"common": mark("within its control limits: stable")},
    "basis": {
        "level": mark("as measured"),
        "adjusted": mark("adjusted for workdays and Spring Festival"),
        "detrended": mark("around its trend"),
        "yoy_log": mark("growth on the year before"),
    },
}


def named(measure: str, key: str, reader: Reader) -> str:
    """Word for the value `key` of a signal's evidence; the value itself where it has none."""
    word = NAMES.get(measure, {}).get(key)
    return reader.words(word) if word else key


def is_growth(name: str) -> bool:
    """Whether a number of the evidence is growth, which carries a sign."""
    return name.startswith(PREFIXES)


def growth_format(metric: str, reader: Reader) -> NumberFormat:
    """Format of growth of a metric: per cent, of a ratio percentage points."""
    is_ratio = reader.definition(metric).get("unit") == "ratio"
    return points(reader.locale) if is_ratio else percent(reader.locale)

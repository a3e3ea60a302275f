"""Warning levels as a shape and a word; never a colour alone."""

from __future__ import annotations

from markupsafe import Markup

from opsnb.display.markup import element
from opsnb.display.words import Words, mark
from opsnb.results import Severity

WORDS: dict[str, str] = {
    "red": mark("Red"),
    "orange": mark("Orange"),
    "yellow": mark("Yellow"),
    "info": mark("Normal"),
    "grey": mark("Grey"),
}
RANK: tuple[Severity, ...] = ("red", "orange", "yellow", "grey", "info")


def icon(severity: str, words: Words, word: str | None = None) -> Markup:
    """Shape of a warning level with its word, or with `word` instead.

    The stylesheet draws the shape. An unknown level is shown as grey: never as good.
    """
    level = severity if severity in WORDS else "grey"
    return element("span", word or words(WORDS[level]), class_=f"wl w-{level}")


def worst(severities: list[Severity]) -> Severity | None:
    """Most serious of `severities`; None without any."""
    return min(severities, key=RANK.index, default=None)

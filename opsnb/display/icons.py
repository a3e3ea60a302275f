"""Warning levels as a shape and a word; never a colour alone."""

from __future__ import annotations

from markupsafe import Markup

from opsnb.display.markup import element, join
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
LINE = {"fill": "none", "stroke": "currentColor", "stroke_width": "1.5"}
SOLID = {"fill": "currentColor"}
SHAPES: dict[str, Markup] = {
    "red": element("path", d="M5.5 1h7l4.5 4.5v7l-4.5 4.5h-7l-4.5-4.5v-7z", **SOLID),
    "orange": element("path", d="M9 1.5l8.2 15h-16.4z", **SOLID),
    "yellow": element("path", d="M9 1l8 8-8 8-8-8z", **SOLID),
    "info": element("circle", cx="9", cy="9", r="5.5", **LINE),
    "grey": join(
        [
            element("path", d="M2.5 2.5h13v13h-13z", stroke_dasharray="2.5 2", **LINE),
            element("path", d="M6 9h6", **LINE),
        ]
    ),
}


def icon(severity: str, words: Words, word: str | None = None) -> Markup:
    """Shape of a warning level with its word, or with `word` instead.

    An unknown level is shown as grey: never as good.
    """
    level = severity if severity in SHAPES else "grey"
    shape = element("svg", SHAPES[level], viewBox="0 0 18 18", aria_hidden="true")
    return element("span", shape, word or words(WORDS[level]), class_=f"wl w-{level}")


def worst(severities: list[Severity]) -> Severity | None:
    """Most serious of `severities`; None without any."""
    return min(severities, key=RANK.index, default=None)

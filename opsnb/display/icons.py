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
_LINE = 'fill="none" stroke="currentColor" stroke-width="1.5"'
SHAPES: dict[str, Markup] = {
    "red": Markup(
        '<path d="M5.5 1h7l4.5 4.5v7l-4.5 4.5h-7l-4.5-4.5v-7z" fill="currentColor"/>'
    ),
    "orange": Markup('<path d="M9 1.5l8.2 15h-16.4z" fill="currentColor"/>'),
    "yellow": Markup('<path d="M9 1l8 8-8 8-8-8z" fill="currentColor"/>'),
    "info": Markup(f'<circle cx="9" cy="9" r="5.5" {_LINE}/>'),
    "grey": Markup(
        f'<rect x="2.5" y="2.5" width="13" height="13" {_LINE} stroke-dasharray="2.5 2"/>'
        f'<path d="M6 9h6" {_LINE}/>'
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

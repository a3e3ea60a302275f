"""The frame every page stands in: one Jinja environment, one style sheet, the fonts."""

from __future__ import annotations

import re
from functools import cache
from importlib import metadata, resources

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from opsnb.display import fonts, tokens
from opsnb.display.words import translate
from opsnb.results import Result
from opsnb.runs.prose import unbroken

TEMPLATES = resources.files("opsnb") / "templates" / "opsnb"
STYLES = ("base.css", "components.css")
FONTS = "/*fonts*/"
LANGUAGES = {"zh": "zh-CN", "en": "en"}


def file(template: str, locale: str, **values: object) -> str:
    """Whole HTML file, with the fonts for what it shows."""
    html = unbroken(fragment(template, locale, **values))
    styles, _, shown = html.partition("</style>")
    return html.replace(FONTS, fonts.font_faces(shown, styles=styles), 1)


def fragment(template: str, locale: str, **values: object) -> str:
    """`template` filled with `values`, which are escaped unless they are Markup."""
    return (
        environment()
        .get_template(template)
        .render(
            words=translate(locale),
            locale=locale,
            lang=LANGUAGES.get(locale[:2], locale),
            style=style(),
            version=version(),
            **values,
        )
    )


@cache
def environment() -> Environment:
    """The one environment: everything is escaped that is not Markup."""
    made = Environment(
        loader=FileSystemLoader(str(TEMPLATES)),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {"css": css_string, "drawn": drawn}
    return made


def drawn(result: Result, locale: str) -> Markup:
    """`result` as `display` shows it."""
    from opsnb import display

    return Markup(display.html(result, locale))  # noqa: S704 (display escapes)


@cache
def style() -> Markup:
    """Palette, base and components as one style sheet, without comments and line breaks."""
    light = tokens.declarations(tokens.LIGHT | tokens.SIZES)
    dark = tokens.declarations(tokens.DARK)
    sheets = [f":root{{{light}}}@media screen and (prefers-color-scheme:dark){{:root{{{dark}}}}}"]
    for name in STYLES:
        found = next((f for f in (TEMPLATES / name, TEMPLATES.parent / name) if f.is_file()), None)
        sheets.append(found.read_text("utf-8") if found else "")
    text = re.sub(r"/\*.*?\*/", "", "".join(sheets), flags=re.S)
    text = re.sub(r"\s*([{};,>])\s*", r"\1", re.sub(r"\s+", " ", text))
    return Markup(text.replace(";}", "}"))  # noqa: S704 (the package's own files)


def css_string(text: str) -> Markup:
    """`text` as a CSS string that cannot end the string, nor the style sheet.

    >>> str(css_string('a"b</style>'))
    '"a\\\\22 b\\\\3c /style\\\\3e "'
    """
    escaped = re.sub(r'[\x00-\x1f"\\<>&]', lambda match: f"\\{ord(match[0]):x} ", str(text))
    return Markup(f'"{escaped}"')  # noqa: S704 (escaped above)


def counters(template: str) -> Markup:
    """CSS ``content`` for a sentence with the places ``{page}`` and ``{pages}``.

    >>> str(counters("Page {page} of {pages}"))
    '"Page " counter(page) " of " counter(pages)'
    """
    parts = re.split(r"\{(pages?)\}", template)
    shown = (
        Markup("counter({})").format(part) if i % 2 else css_string(part)
        for i, part in enumerate(parts)
        if part
    )
    return Markup(" ").join(shown)


@cache
def version() -> str:
    """Version of the package; empty where it is not installed."""
    try:
        return metadata.version("opsnb")
    except metadata.PackageNotFoundError:
        return ""

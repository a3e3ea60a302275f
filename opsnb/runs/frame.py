"""The frame every page stands in: one Jinja environment, one style sheet, the fonts."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from opsnb import __version__
from opsnb.display import fonts
from opsnb.display.markup import undirected
from opsnb.display.style import components, risk, tight
from opsnb.display.tokens import DARK, LIGHT, SIZES, declarations
from opsnb.display.words import translate
from opsnb.runs.prose import unbroken

TEMPLATES = Path(__file__).parents[1] / "templates" / "opsnb"
SHEETS = ("base.css", "popovers.css")
FONTS = "/*fonts*/"
TAG = re.compile(r"<[a-z][^<>]*>")
QUOTED = re.compile(r"""(?<=[a-z])="([^\s"'=<>`/]+)"(?!/)""")
ENDED = re.compile(
    r"</t[dh]>(?=<t[dh][ >]|</tr>)|</tr>(?=<tr[ >]|</t(?:body|head|able)>)"
    r"|</t(?:body|head)>(?=<tbody[ >]|</table>)|</li>(?=<li[ >]|</[uo]l>)"
)
"""Ends that are told by what follows; each is looked at as it was written."""
LANGUAGES = {"zh": "zh-CN", "en": "en"}


def file(template: str, locale: str, **values: object) -> str:
    """Whole HTML file, with the fonts for what it shows."""
    html = unbroken(fragment(template, locale, **values))
    styles, _, shown = html.partition("</style>")
    return compact(html).replace(FONTS, fonts.font_faces(shown, styles=styles), 1)


def compact(html: str) -> str:
    """The same document in fewer bytes: quotes and ends of elements that HTML can do without.

    Source: HTML Living Standard, 13.1.2.3 (unquoted attribute values) and 13.1.2.4 (optional tags).

    >>> compact('<tr><td class="a" title="b c">x="1"</td><td id="d/">2</td></tr></table>')
    '<tr><td class=a title="b c">x="1"<td id="d/">2</table>'
    """
    bare = TAG.sub(lambda tag: QUOTED.sub(r"=\1", tag[0]), html)
    return ENDED.sub("", bare)


def fragment(template: str, locale: str, **values: object) -> str:
    """`template` filled with `values`, which are escaped unless they are Markup."""
    filled = (
        environment()
        .get_template(template)
        .render(
            words=translate(locale),
            locale=locale,
            lang=LANGUAGES.get(locale[:2], locale),
            style=style(),
            version=__version__,
            **values,
        )
    )
    return undirected(filled)


@cache
def environment() -> Environment:
    """Return the one environment: everything is escaped that is not Markup."""
    made = Environment(
        loader=FileSystemLoader(str(TEMPLATES)),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["css"] = css_string
    return made


@cache
def style() -> Markup:
    """Palette, base and components as one style sheet, without comments and line breaks."""
    dark = f"@media screen and (prefers-color-scheme:dark){{:root{{{declarations(DARK)}}}}}"
    sheets = "".join((TEMPLATES / name).read_text("utf-8") for name in SHEETS)
    palette = f":root{{{declarations(LIGHT | SIZES)}}}{dark}"
    return Markup(palette + tight(sheets) + components() + risk())  # noqa: S704 (the package's own files)


def css_string(text: str) -> Markup:
    r"""Write `text` as a CSS string that cannot end the string, nor the style sheet.

    >>> str(css_string('a"b</style>'))
    '"a\\22 b\\3c /style\\3e "'
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

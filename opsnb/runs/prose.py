"""Prose of a notebook as HTML: markdown with everything else escaped, in the reader's language."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

import mistune
from markupsafe import Markup, escape

from opsnb.display.markup import NBSP, element
from opsnb.display.words import english, translate

ATTACHED = ("image/png", "image/jpeg", "image/svg+xml")
HEADING = re.compile(r" {0,3}(#{1,3})[ \t]+(.+?)[ \t]*#*[ \t]*$")
FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
INLINE = frozenset(
    {
        "text", "softbreak", "linebreak", "emphasis", "strong", "codespan", "link", "image",
        "inline_html",
    }
)  # fmt: skip
LINKED = frozenset({"http", "https", "mailto"})
WIDE = r"[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef]"
WRAPPED = re.compile(rf"(?<={WIDE})[ \t]*\n[ \t]*(?={WIDE})")


def pieces(source: str) -> Iterator[tuple[int, str]]:
    r"""Headings of the first three levels as (level, title), what stands between as (0, text).

    >>> list(pieces("# Report\n\nOne.\n\n## Trend"))
    [(1, 'Report'), (0, 'One.'), (2, 'Trend')]
    """
    held: list[str] = []
    fence = ""
    for line in source.splitlines():
        mark = FENCE.match(line)
        if mark and (not fence or line.strip().startswith(fence)):
            fence = "" if fence else mark[1]
        heading = None if fence or mark else HEADING.match(line)
        if heading is None:
            held.append(line)
            continue
        yield from _text(held)
        held = []
        yield len(heading[1]), heading[2]
    yield from _text(held)


def _text(lines: list[str]) -> Iterator[tuple[int, str]]:
    text = "\n".join(lines).strip("\n")
    if text.strip():
        yield 0, text


def localised(text: str, locale: str) -> str:
    """`text` in the reader's language where the catalogue has it, else as it stands."""
    key = " ".join(text.split())
    found = translate(locale)(english(key))
    return text if found == key else found


def paragraphs(source: str, locale: str, attachments: Mapping[str, Mapping[str, str]]) -> Markup:
    """Markdown `source` as HTML; raw HTML in it is shown, not obeyed.

    Parameters
    ----------
    source : str
        Markdown; each paragraph is looked up in the catalogue by itself.
    locale : str
    attachments : mapping
        Images of the cell, by name and MIME type: the only ones that a page can carry.
    """
    blocks = re.split(r"\n[ \t]*\n", source)
    told = source if FENCE.search(source) else "\n\n".join(localised(b, locale) for b in blocks)
    prose = mistune.create_markdown(
        renderer=_Prose(locale, _images(attachments)), plugins=["table"]
    )
    return _safe(str(prose(told)))


def inline(text: str, locale: str) -> Markup:
    """Heading `text` as HTML, without a paragraph around it."""
    html = str(paragraphs(text.strip(), locale, {})).strip()
    whole = re.fullmatch(r"<p>(.*)</p>", html, re.S)
    return _safe(whole[1]) if whole and "<p>" not in whole[1] else escape(text)


def plain(html: str) -> str:
    """Text of a fragment of HTML, without its tags."""
    return _safe(html).striptags()


DIGIT = re.compile(r"[0-9０-９]")
SOURCED = "\ufffc"
"""Stands in a passage where something has a source of its own."""


@dataclass(frozen=True)
class Passage:
    """Text of one paragraph, heading, item or cell, without code, names of files and addresses.

    Attributes
    ----------
    text : str
        What carries a source is :data:`SOURCED`.
    unsourced : tuple of str
        Texts of links that lead nowhere.
    """

    text: str
    unsourced: tuple[str, ...] = ()


def passages(source: str) -> list[Passage]:
    r"""Passages of a markdown text.

    >>> [p.text for p in passages("# 10 月\n\n走访 [3 家](访谈)，`x = 5`。")]
    ['10 月', '走访 \ufffc，。']
    """
    tokens = mistune.create_markdown(renderer=None, plugins=["table"])(source)
    return list(_passages(tokens if isinstance(tokens, list) else []))


def _passages(tokens: Iterable[Mapping[str, Any]]) -> Iterator[Passage]:
    for token in tokens:
        children = token.get("children") or []
        if token["type"] in ("block_code", "blank_line", "thematic_break"):
            continue
        if token["type"] == "block_html":
            yield Passage(str(token.get("raw", "")))
        elif any(child["type"] in INLINE for child in children):
            lost: list[str] = []
            yield Passage("".join(_told(children, lost)), tuple(lost))
        else:
            yield from _passages(children)


def _told(tokens: Iterable[Mapping[str, Any]], lost: list[str]) -> Iterator[str]:
    """Text of inline tokens; texts of links that lead nowhere go to `lost`."""
    for token in tokens:
        kind, children = token["type"], token.get("children") or []
        if kind in ("softbreak", "linebreak"):
            yield "\n" if kind == "linebreak" else " "
        elif kind in ("codespan", "image"):
            continue
        elif kind == "link" and not str(token["attrs"]["url"]).startswith("#"):
            if not unquote(str(token["attrs"]["url"])).strip():
                lost.append("".join(_told(children, lost)))
            yield SOURCED
        elif children:
            yield from _told(children, lost)
        else:
            yield str(token.get("raw", ""))


_NUMBER_UNIT = re.compile(r"(?<=\d) (?=[%‰°\u4e00-\u9fff])")
_NAME_NUMBER = re.compile(r"(?<=[图表第]) (?=\d)|(?<=\bFigure) (?=\d)|(?<=\bTable) (?=\d)")
_BETWEEN_TAGS = re.compile(r"(?:\A|>)[^<]+")
_VERBATIM = re.compile(r"(<(pre|code|style)\b.*?</\2>)", re.S)


def unbroken(html: str, units: Iterable[str] = ()) -> str:
    """`html` with no-break spaces between numbers and their units.

    Parameters
    ----------
    html : str
        What stands in tags, ``pre`` and ``code`` is left alone.
    units : iterable of str
        Words that are units where the script has spaces: orders, days, million.

    >>> unbroken("<p>4.02 亿元, 88.4 %, 18 days</p>", ["days"]).replace(NBSP, "~")
    '<p>4.02~亿元, 88.4~%, 18~days</p>'
    """
    words = "|".join(sorted(map(re.escape, {unit for unit in units if unit.isascii()})))
    rules = [_NUMBER_UNIT, _NAME_NUMBER]
    if words:
        rules.append(re.compile(rf"(?<=\d) (?=(?:{words})\b)"))

    def join(match: re.Match[str]) -> str:
        text = match[0]
        for rule in rules:
            text = rule.sub(NBSP, text)
        return text

    parts = _VERBATIM.split(html)
    parts[::3] = [_BETWEEN_TAGS.sub(join, part) for part in parts[::3]]
    return "".join(part for i, part in enumerate(parts) if i % 3 != 2)


def _images(attachments: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """Return data URIs of a cell's attached images, by name."""
    return {
        name: f"data:{mime};base64,{bundle[mime]}"
        for name, bundle in attachments.items()
        for mime in reversed(ATTACHED)
        if mime in bundle
    }


class _Prose(mistune.HTMLRenderer):
    """Markdown to HTML that is accessible and asks for nothing from outside.

    What arrives as `text` was rendered, and thereby escaped, by mistune.
    """

    def __init__(self, locale: str, images: Mapping[str, str]) -> None:
        super().__init__(escape=True)
        self.words = translate(locale)
        self.images = images

    def paragraph(self, text: str) -> str:
        return f"<p>{WRAPPED.sub('', text)}</p>\n"

    def heading(self, text: str, level: int, **_: object) -> str:
        return f"<h4>{text}</h4>\n"

    def link(self, text: str, url: str, title: str | None = None) -> str:
        """Link; a text whose target is no address carries its source, and is shown as such."""
        target, scheme = unquote(url), urlsplit(url).scheme
        if url.startswith("#"):
            return str(element("a", _safe(text), href=url))
        if scheme in LINKED or (not scheme and target.endswith(".html")):
            shown = element("a", _safe(text), href=url, rel="noreferrer")
            if not DIGIT.search(text):
                return str(shown)
            note = element("small", self.words("Manually reported"))
            return str(element("span", shown, note, class_="by-hand"))
        note = element("small", self.words("Manually reported: {source}", source=target))
        return str(element("span", _safe(text), note, class_="by-hand"))

    def image(self, text: str, url: str, title: str | None = None) -> str:
        data = self.images.get(unquote(url).removeprefix("attachment:"))
        if data is None:
            return str(element("span", plain(text), class_="absent"))
        return f'<img src="{data}" alt="{escape(plain(text))}">'

    def block_code(self, code: str, info: str | None = None) -> str:
        return str(element("pre", code, class_="plain", tabindex="0"))

    def table(self, text: str) -> str:
        caption = element("caption", element("span", self.words("Table"), class_="vis"))
        grid = element("table", caption, _safe(text), class_="grid")
        return str(element("div", grid, class_="scroll", tabindex="0"))

    def table_cell(self, text: str, align: str | None = None, head: bool = False) -> str:
        tag, scope = ("th", "col") if head and text else ("td", None)
        return str(element(tag, _safe(text), class_=align, scope=scope))


def _safe(rendered: str) -> Markup:
    return Markup(rendered)  # noqa: S704 (mistune escaped it)

"""The catalogue and the code name the same messages, with the same places in them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

import opsnb.display
from opsnb.display.reasons import SHORT
from opsnb.display.words import HEADINGS, PLACEHOLDER, Words, english, fill, translate
from opsnb.results import NOTES, REASONS

PACKAGE = Path(opsnb.display.__file__).parents[1]
CALLS = ("words", "mark", "_")
IN_TEMPLATE = re.compile(r"""\bwords\(\s*(["'])(.*?)\1""")


def messages() -> dict[str, str]:
    with (PACKAGE / "locales" / "zh" / "LC_MESSAGES" / "opsnb.po").open("rb") as stream:
        return {str(m.id): str(m.string) for m in read_po(stream, locale="zh") if m.id}


def in_code() -> Iterator[str]:
    """First arguments of words(...), words.html(...), mark(...) and translate(...)(...)."""
    for file in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Call) and node.args and is_message(node.func):
                first = node.args[0]
                if isinstance(first, ast.Constant) and isinstance(first.value, str):
                    yield first.value
    for file in PACKAGE.rglob("*.j2"):
        yield from (found[1] for found in IN_TEMPLATE.findall(file.read_text("utf-8")))


def is_message(function: ast.expr) -> bool:
    if isinstance(function, ast.Name):
        return function.id in CALLS
    if isinstance(function, ast.Call):
        return getattr(function.func, "id", "") == "translate"
    if isinstance(function, ast.Attribute):
        owner = getattr(function.value, "attr", getattr(function.value, "id", ""))
        return function.attr in CALLS or (function.attr == "html" and owner == "words")
    return False


def test_every_message_of_the_code_is_in_the_catalogue_and_no_other() -> None:
    used = {*in_code(), *REASONS, *NOTES}
    assert used - messages().keys() == set()
    assert messages().keys() - used == set()


def test_no_message_is_left_empty_and_its_places_agree() -> None:
    for msgid, text in messages().items():
        assert text, msgid
        assert set(PLACEHOLDER.findall(msgid)) == set(PLACEHOLDER.findall(text)), msgid


def test_every_reason_has_a_short_form() -> None:
    assert set(SHORT) == set(REASONS)


@pytest.mark.parametrize("heading", HEADINGS)
def test_a_heading_is_found_back_in_english(heading: str) -> None:
    assert english(translate("zh")(heading)) == heading


def test_a_heading_that_nobody_knows_stays() -> None:
    assert english("我的一章") == "我的一章"


def test_english_needs_no_catalogue_and_an_unknown_language_falls_back_to_it() -> None:
    assert translate("en")("Units") == "Units"
    assert translate("fr")("Units") == "Units"
    assert translate("zh_CN")("Units") == "各单位"


def test_values_are_escaped_in_html_and_looked_up_by_name_only() -> None:
    words = Words("en", {"{a}": "<{a}>"})
    assert words.html("{a}", a="<b>") == "&lt;&lt;b&gt;&gt;"
    assert fill("{a.__class__} {a} {b}", {"a": 1}, str) == "{a.__class__} 1 {b}"

"""One catalogue, two languages: no page holds a sentence of the other one."""

from __future__ import annotations

import re
import runpy
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace

import pytest
from babel.messages.pofile import read_po

import opsnb.display
from opsnb.runs.render import render

SAMPLE = SimpleNamespace(**runpy.run_path(str(Path(__file__).with_name("sample_report.py"))))
CATALOGUE = Path(opsnb.display.__file__).parents[1] / "locales/zh/LC_MESSAGES/opsnb.po"
ENGLISH = re.compile(r"[A-Za-z]{2,}(?:[ ,]+[a-z]{2,}){2,}")  # three words or more
SHOWN = ("alt", "aria-label", "title", "data-l")


class Texts(HTMLParser):
    """What a reader sees or hears, without code."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.inside: list[str] = []
        self.found: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        if tag not in ("meta", "img", "br", "path", "hr"):
            self.inside.append(tag)
        self.found += [value for name, value in attrs if name in SHOWN and value]

    def handle_endtag(self, tag):
        if tag in self.inside:
            while self.inside.pop() != tag:
                pass

    def handle_data(self, data):
        if not {"style", "code", "pre"} & {*self.inside} and data.strip():
            self.found.append(data.strip())


@pytest.fixture(scope="module", params=["full", "without targets", "without findings"])
def notebook(request):
    """The report; one of a company that has no targets; one in which nothing was found."""
    if request.param == "full":
        return SAMPLE.monthly()
    kept = dict(SAMPLE.METRICS)
    if request.param == "without targets":
        bare = {"target": None, "ytd_target": None, "year_target": None}
        SAMPLE.METRICS.update(
            {name: row | bare for name, row in kept.items() if name not in SAMPLE.KEY}
        )
    try:
        made = SAMPLE.monthly()
    finally:
        SAMPLE.METRICS.update(kept)
    if request.param == "without findings":
        for cell in made["cells"]:
            for output in cell.get("outputs", []):
                bundle = next((v for k, v in output["data"].items() if "opsnb" in k), None)
                silence(bundle)
    return made


def silence(bundle):
    if bundle:
        bundle["findings"] = []
        if bundle["name"] in ("headline", "problems"):
            bundle["data"], bundle["reasons"] = [], {}
        for part in bundle["parts"]:
            silence(part)


def messages() -> dict[str, str]:
    with CATALOGUE.open("rb") as stream:
        return {str(m.id): str(m.string) for m in read_po(stream, locale="zh") if m.id}


def test_no_chinese_page_holds_an_english_sentence(notebook):
    texts = Texts(render(notebook, locale="zh").html).found
    assert len(texts) > 100
    assert [text for text in texts if ENGLISH.search(text)] == []
    words = {msgid for msgid in messages() if " " in msgid and "{" not in msgid}
    assert {text for text in texts if text in words} == set()


def test_no_english_page_holds_a_chinese_sentence(notebook):
    """What stands in Chinese is data: an owner, an action, the analyst's own chapter."""
    texts = Texts(render(notebook, locale="en").html).found
    own = re.sub(r"\]\(|[\[)]", "", str(SAMPLE.monthly("en")))  # a figure and its source
    for text in texts:
        for run in re.findall(r"[\u4e00-\u9fff]+", text):
            assert run in own, text
    translated = {text for text in messages().values() if len(text) > 3 and "{" not in text}
    assert {text for text in texts if text in translated} == set()

"""Text from data is text: in every place where a label can stand, on every kind of page."""

from __future__ import annotations

import re
import runpy
import shutil
import subprocess
from pathlib import Path
from types import SimpleNamespace

import pytest

from opsnb.runs.export.chromium import found, printed
from opsnb.runs.render import render

pytestmark = pytest.mark.browser

HOSTILE = SimpleNamespace(
    **runpy.run_path(str(Path(__file__).parents[1] / "runs" / "hostile_report.py"))
)
LABELS = {"markup": HOSTILE.markup, "long": HOSTILE.long, "formula": HOSTILE.formula}
PAGES = [("markup", "zh"), ("markup", "en"), ("long", "zh"), ("formula", "en")]
PHONE = {
    "viewport": {"width": 390, "height": 844},
    "device_scale_factor": 2,
    "is_mobile": True,
    "has_touch": True,
}
META = {"run_id": "2026-11-05-01", "state": "reviewed", "reviewer": HOSTILE.markup("reviewer")}
ALLOWED = """() => [...document.querySelectorAll('*')].filter((e) =>
  ['SCRIPT', 'IFRAME', 'OBJECT', 'EMBED', 'LINK', 'BASE', 'FORM', 'INPUT'].includes(e.tagName)
  || (e.tagName === 'IMG' && !e.src.startsWith('data:'))
  || (e.tagName === 'A' && e.protocol === 'javascript:')
  || [...e.attributes].some((a) => a.name.startsWith('on'))
).map((e) => e.outerHTML.slice(0, 80))"""
# elements that reach beyond the screen outside a region that scrolls
WIDE = """(width) => [...document.querySelectorAll('body *')].filter((e) => {
  const box = e.getBoundingClientRect();
  return box.width && box.right > width + 1
    && !e.closest('.scr, .scroll, .plain, .vh, .vis, .skip, svg');
}).map((e) => `${e.tagName}.${e.className} ${Math.round(e.getBoundingClientRect().right)}`)"""
NAMED = """(all) => all.map((e) => e.getAttribute('aria-label')
  ?? e.getAttribute('aria-labelledby').split(' ')
    .map((id) => document.getElementById(id).textContent).join(' '))"""
SHOWN = """() => {
  document.querySelectorAll('details').forEach((fold) => { fold.open = true; });
  return document.body.textContent;
}"""


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    """Pages with hostile labels, by the kind of label and the language."""
    folder = tmp_path_factory.mktemp("hostile")
    files = {}
    for name, locale in PAGES:
        page = render(HOSTILE.monthly(LABELS[name], locale), meta=META)
        files[name, locale] = folder / f"{name}.{locale}.html"
        files[name, locale].write_text(page.html, "utf-8")
    return files


@pytest.mark.parametrize(("name", "locale"), PAGES)
def test_no_script_runs_and_nothing_is_asked_for(visit, hostile, name, locale):
    page = visit(hostile[name, locale])
    assert page.evaluate("window.hit") is None
    assert page.evaluate(ALLOWED) == []
    assert page.asked == [hostile[name, locale].as_uri()]
    assert page.said == []


def seen(name, place):
    """Label as a reader sees it: without what turns its direction, white space collapsed."""
    return " ".join(LABELS[name](place).replace("\u202e", "").split())


@pytest.mark.parametrize("locale", ["zh", "en"])
def test_every_label_is_shown_as_it_is(visit, hostile, locale):
    """White space apart, as the browser collapses it."""
    shown = " ".join(visit(hostile["markup", locale]).evaluate(SHOWN).split())
    for place in HOSTILE.PLACES:
        assert seen("markup", place) in shown, place


@pytest.mark.parametrize("name", ["markup", "long"])
def test_title_and_alternative_texts_hold_the_labels(visit, hostile, name):
    page = visit(hostile[name, "zh"])
    assert seen(name, "company") in " ".join(page.title().split())
    named = page.locator("[aria-labelledby], [aria-label]").evaluate_all(NAMED)
    for place in ("metric", "unit"):
        assert any(seen(name, place) in " ".join(text.split()) for text in named), place


@pytest.mark.parametrize(("name", "locale"), PAGES)
@pytest.mark.parametrize(("options", "width"), [({}, 1280), (PHONE, 390)], ids=["desk", "phone"])
def test_nothing_overflows(visit, hostile, name, locale, options, width):
    page = visit(hostile[name, locale], **options)
    page.evaluate(SHOWN)
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert page.evaluate(WIDE, width) == []


def test_no_label_turns_the_direction_of_what_follows(hostile):
    for path in hostile.values():
        assert not re.search("[\u202a-\u202e\u2066-\u2069]", path.read_text("utf-8"))


@pytest.mark.parametrize("name", ["markup", "long"])
def test_the_printed_page_holds_the_margins(hostile, need, name, tmp_path):
    if not shutil.which("pdftotext"):
        need("pdftotext")
    path = tmp_path / "a4.pdf"
    path.write_bytes(printed(hostile[name, "zh"], found()))
    told = subprocess.run(["pdftotext", "-layout", str(path), "-"], capture_output=True, check=True)
    sheets = told.stdout.decode().removesuffix("\f").split("\f")
    for number, sheet in enumerate(sheets, start=1):
        assert f"第 {number} 页，共 {len(sheets)} 页" in sheet.replace("\N{NO-BREAK SPACE}", " ")
    info = subprocess.run(["pdfinfo", str(path)], capture_output=True, check=True).stdout.decode()
    assert "JavaScript:      no" in info

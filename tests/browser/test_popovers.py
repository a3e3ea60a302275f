"""Figures that are pressed: with the mouse, the keyboard and a finger; on paper they are text."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.browser

PHONE = {
    "viewport": {"width": 390, "height": 844},
    "device_scale_factor": 2,
    "is_mobile": True,
    "has_touch": True,
}
AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
FIGURE = "main td > button"
OPEN = "dialog:popover-open"


@pytest.fixture(params=["zh", "en"])
def page_file(request, files):
    return files[request.param]


def test_a_figure_opens_what_it_means_without_script(visit, page_file):
    page = visit(page_file, java_script_enabled=False)
    page.locator(FIGURE).first.click()
    popover = page.locator("dialog").filter(has_text="SQL").first
    assert popover.is_visible() or page.locator(f"{OPEN} dd").first.is_visible()


def test_keyboard_opens_moves_in_and_comes_back(visit, page_file):
    page = visit(page_file)
    figure = page.locator(FIGURE).first
    figure.focus()
    page.keyboard.press("Enter")
    assert page.locator(OPEN).count() == 1
    assert page.evaluate("document.activeElement.closest('dialog') !== null")
    page.keyboard.press("Escape")
    assert page.locator(OPEN).count() == 0
    assert page.evaluate("document.activeElement.matches('td > button')")


def test_close_closes_and_every_figure_has_something_to_open(visit, page_file):
    page = visit(page_file)
    page.locator(FIGURE).first.click()
    page.locator(f"{OPEN} > button").click()
    assert page.locator(OPEN).count() == 0
    lost = """() => [...document.querySelectorAll('[popovertarget]')]
      .filter((b) => !document.getElementById(b.getAttribute('popovertarget')))
      .length"""
    assert page.evaluate(lost) == 0
    twice = """() => { const all = [...document.querySelectorAll('dialog')].map(
      (d) => d.getAttribute('aria-label')); return all.length - new Set(all).size; }"""
    assert page.evaluate(twice) <= 4  # yoy in points and in per cent have one name


def test_it_has_a_name_and_is_near_its_figure(visit, page_file):
    page = visit(page_file)
    figure = page.locator(FIGURE).nth(3)
    figure.scroll_into_view_if_needed()
    figure.click()
    shown = page.locator(OPEN)
    assert shown.get_attribute("aria-label")
    a, b = figure.bounding_box(), shown.bounding_box()
    assert b["x"] >= 0
    assert b["x"] + b["width"] <= 1280
    assert abs(b["y"] - a["y"]) < 600


def test_on_a_phone_it_is_a_sheet_at_the_foot(visit, page_file):
    page = visit(page_file, **PHONE)
    page.locator(".msgs [popovertarget]").first.tap()
    box = page.locator(OPEN).bounding_box()
    assert (box["x"], box["width"]) == (0, 390)
    assert box["y"] + box["height"] == pytest.approx(844, abs=1)
    assert page.evaluate("document.documentElement.scrollWidth") == 390


LOOK = """() => [...document.querySelectorAll('main :is(td, span, data) > button')].filter((b) => {
  const mine = getComputedStyle(b), around = getComputedStyle(b.parentElement);
  return ['fontSize', 'fontFamily', 'color', 'letterSpacing'].some((n) => mine[n] !== around[n])
    || mine.backgroundColor !== 'rgba(0, 0, 0, 0)' || mine.borderTopWidth !== '0px';
}).map((b) => b.textContent)"""
EDGE = """() => [...document.querySelectorAll('.kt td:not(.t) > button')].filter((b) => {
  const range = document.createRange();
  range.selectNodeContents(b);
  const cell = b.parentElement, padding = parseFloat(getComputedStyle(cell).paddingRight);
  const edge = cell.getBoundingClientRect().right - padding;
  return Math.abs(range.getBoundingClientRect().right - edge) > 0.6;
}).length"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_figure_looks_like_text_and_keeps_its_column(visit, page_file, scheme):
    page = visit(page_file, color_scheme=scheme)
    assert page.evaluate(LOOK) == []
    assert page.evaluate(EDGE) == 0


def test_on_paper_there_are_neither_popovers_nor_dots(visit, page_file):
    page = visit(page_file)
    page.emulate_media(media="print")
    lines = "(all) => [...new Set(all.map((b) => getComputedStyle(b).textDecorationLine))]"
    assert page.locator("main :is(td, span, data) > button").evaluate_all(lines) == ["none"]
    shown = "(all) => all.filter((d) => d.getClientRects().length).length"
    assert page.locator("dialog").evaluate_all(shown) == 0


@pytest.mark.parametrize(
    "options", [{}, {"color_scheme": "dark"}, PHONE], ids=["light", "dark", "phone"]
)
def test_axe_finds_nothing_in_an_open_popover(visit, need, page_file, options):
    try:
        from axe_playwright_python.base import AXE_SCRIPT
    except ImportError:
        need("axe-playwright-python")
    page = visit(page_file, bypass_csp=True, **options)
    figure = page.locator(FIGURE).first
    figure.scroll_into_view_if_needed()
    figure.click()
    page.locator(f"{OPEN} summary").first.click()
    page.evaluate(AXE_SCRIPT)
    run = "(tags) => axe.run(document, {runOnly: {type: 'tag', values: tags}})"
    found = page.evaluate(run, AXE_TAGS)["violations"]
    assert [(rule["id"], node["html"][:120]) for rule in found for node in rule["nodes"]] == []

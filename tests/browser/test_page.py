"""The page as Chromium shows it: on a desk, in the dark, on a phone."""

from __future__ import annotations

import re

import pytest

pytestmark = pytest.mark.browser

PHONE = {
    "viewport": {"width": 390, "height": 844},
    "device_scale_factor": 2,
    "is_mobile": True,
    "has_touch": True,
}
AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

SMALL_TEXT = """() => {
  const small = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const text = walk.currentNode.textContent.trim(), holder = walk.currentNode.parentElement;
    if (!text || !holder.getClientRects().length) continue;
    const svg = holder.ownerSVGElement, box = svg && svg.viewBox.baseVal;
    const scale = box && box.width ? svg.getBoundingClientRect().width / box.width : 1;
    const size = parseFloat(getComputedStyle(holder).fontSize) * scale;
    if (size < 12) small.push(`${text.slice(0, 40)} ${size.toFixed(1)}`);
  }
  return small;
}"""
SQUEEZED = r"""() => [...document.querySelectorAll('td, th')]
  .filter((cell) => (cell.textContent.match(/[\u4e00-\u9fff]/g) || []).length >= 3)
  .filter((cell) => cell.getClientRects().length && cell.getBoundingClientRect().width < 40)
  .map((cell) => cell.textContent)"""
# text of a drawing that leaves it, or meets another text of it, by more than a hair
DRAWN_TEXT = """() => {
  const faults = [];
  for (const svg of document.querySelectorAll('svg')) {
    if (!svg.getClientRects().length) continue;
    const frame = svg.getBoundingClientRect();
    const texts = [...svg.querySelectorAll('text')].filter((t) => t.textContent.trim());
    const boxes = texts.map((t) => t.getBoundingClientRect());
    texts.forEach((text, i) => {
      const a = boxes[i];
      const out = a.left < frame.left - 1 || a.right > frame.right + 1
        || a.top < frame.top - 3 || a.bottom > frame.bottom + 3;
      if (out) faults.push(text.textContent + ' clipped');
      for (let j = i + 1; j < texts.length; j++) {
        const b = boxes[j];
        const wide = Math.min(a.right, b.right) - Math.max(a.left, b.left);
        const high = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
        if (wide > 1 && high > 4) faults.push(text.textContent + ' meets ' + texts[j].textContent);
      }
    });
  }
  return faults;
}"""
NAMES = """(all) => all.map((e) => e.getAttribute('aria-label') ?? e.getAttribute('alt')
  ?? e.getAttribute('aria-labelledby').split(' ')
    .map((id) => document.getElementById(id).textContent).join(' '))"""
# every visible element with text of its own is marked, and its characters are returned
MARK = """() => {
  document.querySelectorAll('details').forEach((fold) => { fold.open = true; });
  const held = {};
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  let n = 0;
  while (walk.nextNode()) {
    const holder = walk.currentNode.parentElement;
    if (!walk.currentNode.textContent.trim() || !holder.getClientRects().length) continue;
    if (/STYLE|SCRIPT/.test(holder.tagName)) continue;
    holder.dataset.mark ??= String(++n);
    held[holder.dataset.mark] = (held[holder.dataset.mark] ?? '') + walk.currentNode.textContent;
  }
  return held;
}"""


def test_asks_for_nothing_and_breaks_no_rule_of_its_own(visit, file):
    page = visit(file)
    assert [url for url in page.asked if not url.startswith(("data:", file.as_uri()))] == []
    assert page.said == []


def test_works_without_script(visit, file):
    page = visit(file, java_script_enabled=False)
    assert page.locator("h1").is_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_text_is_small(visit, file, scheme):
    assert visit(file, color_scheme=scheme).evaluate(SMALL_TEXT) == []


def test_phone_has_no_overflow_no_squeezed_cell_no_small_text(visit, file):
    page = visit(file, **PHONE)
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width == 390
    assert page.evaluate(SQUEEZED) == []
    assert page.evaluate(SMALL_TEXT) == []


@pytest.mark.parametrize("options", [{}, PHONE], ids=["desk", "phone"])
def test_text_in_figures_is_not_clipped_and_does_not_overlap(visit, file, options):
    assert visit(file, **options).evaluate(DRAWN_TEXT) == []


@pytest.mark.parametrize("name", ["zh", "en"])
def test_every_figure_says_its_finding_and_a_number(visit, files, name):
    """What a drawing is called, as a screen reader hears it; twice drawn, it says it once."""
    page = visit(files[name])
    told = page.locator("svg[role=img], img").evaluate_all(NAMES)
    assert len(told) > 10
    for text in told:
        if "picture-" not in text:  # an analyst's own, named by what was written before it
            assert re.search(r"\d", text), text
            assert len(text) > 8, text
    figures = page.locator("figure.fig")
    assert figures.count() >= 3
    for place in range(figures.count()):
        assert figures.nth(place).locator("figcaption h3").inner_text().strip()
        assert figures.nth(place).locator("[role=img]:visible").count() >= 1
    words = re.compile(r"[\u4e00-\u9fff]")
    own = [text for text in told if words.search(text)]
    assert (own == told) if name == "zh" else (len(own) <= 1)


def test_body_text_is_large_enough_to_read(visit, file):
    page = visit(file)
    assert page.evaluate("parseFloat(getComputedStyle(document.body).fontSize)") >= 16


def test_dark_is_dark_and_paper_is_white(visit, file):
    page = visit(file, color_scheme="dark")
    ground = "getComputedStyle(document.body).backgroundColor"
    red, green, blue = map(int, page.evaluate(ground).removeprefix("rgb(")[:-1].split(","))
    assert max(red, green, blue) < 48
    page.emulate_media(media="print")
    colour = "getComputedStyle(document.body).color"
    assert page.evaluate(ground) == "rgba(0, 0, 0, 0)"
    assert page.evaluate(colour) == "rgb(25, 29, 34)"


def test_every_character_is_drawn_with_an_embedded_font(visit, file):
    page = visit(file)
    held = page.evaluate(MARK)
    devtools = page.context.new_cdp_session(page)
    devtools.send("DOM.enable")
    devtools.send("CSS.enable")
    root = devtools.send("DOM.getDocument", {"depth": -1})["root"]["nodeId"]
    strange = []
    for mark, text in held.items():
        place = {"nodeId": root, "selector": f'[data-mark="{mark}"]'}
        node = devtools.send("DOM.querySelector", place)["nodeId"]
        used = devtools.send("CSS.getPlatformFontsForNode", {"nodeId": node})["fonts"]
        foreign = [font["familyName"] for font in used if not font["isCustomFont"]]
        if foreign and max(text) >= "\u2e80":
            strange.append((text.strip()[:40], foreign))
    assert strange == []
    assert len(held) > 5


ICONS = """() => ['red', 'orange', 'yellow', 'info', 'grey'].map((level) => {
  const mark = document.createElement('span');
  mark.className = `wl w-${level}`;
  document.querySelector('.opsnb').append(mark);
  const style = getComputedStyle(mark, '::before');
  return [style.clipPath, style.borderTopStyle, style.borderRadius, style.width].join(' ');
})"""


@pytest.mark.parametrize("media", ["screen", "print"])
def test_every_level_has_a_shape_of_its_own(visit, files, media):
    """The stylesheet draws them: a level is told without its colour, on paper too."""
    page = visit(files["zh"])
    page.emulate_media(media=media)
    shapes = page.evaluate(ICONS)
    assert len(set(shapes)) == 5
    assert all(float(shape.split()[-1].removesuffix("px")) >= 12 for shape in shapes)


def test_folds_open_with_a_click_and_without_script(visit, files):
    page = visit(files["zh"])
    fold = page.locator("details.fold").first
    inside = fold.locator("table").first
    assert not inside.is_visible()
    fold.locator("summary").first.click()
    assert inside.is_visible()


def test_skip_link_and_outline_are_reached_by_keyboard(visit, files):
    page = visit(files["zh"])
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    assert page.locator(".skip").bounding_box()["width"] > 40
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('nav') !== null")


@pytest.mark.parametrize(
    ("name", "options"),
    [("zh", {}), ("zh", {"color_scheme": "dark"}), ("zh", PHONE), ("en", PHONE), ("status", {})],
    ids=["light", "dark", "phone", "english phone", "status"],
)
def test_axe_finds_nothing(visit, need, files, name, options):
    try:
        from axe_playwright_python.base import AXE_SCRIPT
    except ImportError:
        need("axe-playwright-python")
    page = visit(files[name], bypass_csp=True, **options)
    page.evaluate(AXE_SCRIPT)
    run = "(tags) => axe.run(document, {runOnly: {type: 'tag', values: tags}})"
    found = page.evaluate(run, AXE_TAGS)["violations"]
    assert [(rule["id"], node["html"][:120]) for rule in found for node in rule["nodes"]] == []

"""Tables as they are read: heads, decimals and bars on a desk; regions and cards on a phone."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.browser

PHONE = {
    "viewport": {"width": 390, "height": 844},
    "device_scale_factor": 2,
    "is_mobile": True,
    "has_touch": True,
}
OPEN = "document.querySelectorAll('details').forEach((fold) => { fold.open = true; })"
# place of the decimal point, or of the end of a whole number, in each numeric column of a group
POINTS = r"""() => {
  const found = [];
  for (const body of document.querySelectorAll('table.kt tbody, table.ut tbody')) {
    const columns = {};
    for (const cell of body.querySelectorAll('td:not(.t)')) {
      if (cell.querySelector('.na') || !/\d/.test(cell.textContent)) continue;
      const holder = document.createTreeWalker(cell, NodeFilter.SHOW_TEXT).nextNode();
      const text = holder.textContent, point = text.lastIndexOf('.');
      const range = document.createRange();
      range.setStart(holder, point < 0 ? text.length - 1 : point);
      range.setEnd(holder, point < 0 ? text.length : point + 1);
      const box = range.getBoundingClientRect();
      const row = [...cell.parentElement.children].indexOf(cell);
      (columns[row] ??= []).push([point < 0 ? box.right : box.left, text.length - point, text]);
    }
    found.push(...Object.values(columns));
  }
  return found;
}"""
HEADS = """() => [...document.querySelectorAll('table')].map((table) => ({
  caption: table.caption ? table.caption.innerText.trim() : '',
  heads: [...table.querySelectorAll('th')]
    .map((th) => [th.innerText.trim() || th.textContent.trim(), th.scope]),
}))"""
BARS = """() => [...document.querySelectorAll('.bar')].map((bar) => {
  const line = getComputedStyle(bar, '::after'), wide = bar.getBoundingClientRect().width;
  return {
    shown: parseFloat(bar.previousElementSibling.textContent),
    share: parseFloat(getComputedStyle(bar).backgroundSize) / 100,
    line: parseFloat(line.left) / wide,
  };
})"""


@pytest.mark.parametrize("name", ["zh", "en"])
def test_every_table_has_a_caption_and_every_head_a_scope(visit, files, name):
    page = visit(files[name])
    page.evaluate(OPEN)
    tables = page.evaluate(HEADS)
    assert len(tables) >= 6
    for table in tables:
        assert len(table["caption"]) > 3
        assert table["heads"]
        assert all(text and scope for text, scope in table["heads"]), table["caption"]


@pytest.mark.parametrize("name", ["zh", "en"])
@pytest.mark.parametrize("options", [{}, PHONE], ids=["desk", "phone"])
def test_decimals_stand_below_each_other(visit, files, name, options):
    """In each column of a group of one unit; other units are whole or of one decimal each."""
    columns = visit(files[name], **options).evaluate(POINTS)
    compared = 0
    for cells in columns:
        of_one_kind = len({decimals for _, decimals, _ in cells}) == 1
        if of_one_kind and len(cells) > 1:
            places = [place for place, _, _ in cells]
            assert max(places) - min(places) < 1, [text for _, _, text in cells]
            compared += 1
    assert compared > 10


def test_units_stand_in_heads_and_not_in_cells(visit, files):
    page = visit(files["zh"])
    for head in page.locator("table.ut thead th:not(:first-child)").all():
        assert head.locator("small").inner_text().strip()
    cells = page.locator("table.kt td:not(.t), table.ut td:not(.t)").all_inner_texts()
    assert cells
    assert not [cell for cell in cells if "元" in cell or "%" in cell]


def test_bars_are_as_long_as_their_numbers_with_a_line_at_100(visit, files):
    bars = visit(files["zh"]).evaluate(BARS)
    assert len(bars) > 5
    for bar in bars:
        assert bar["share"] == pytest.approx(min(bar["shown"] / 130, 1), abs=0.002)
        assert bar["line"] == pytest.approx(1 / 1.3, abs=0.01)


def test_lines_in_tables_say_what_they_show(visit, files):
    lines = visit(files["zh"]).locator("table .sp")
    assert lines.count() > 5
    for line in lines.all():
        assert line.bounding_box()["width"] > 60
        assert "近 36 期" in line.get_attribute("aria-label")


def test_on_a_phone_a_wide_table_scrolls_under_its_first_column(visit, files):
    page = visit(files["zh"], **PHONE)
    region = page.locator(".scr").first
    name = region.locator("tbody tr:not(.g) th").first
    value = region.locator("tbody tr:not(.g) td").nth(2)
    assert region.get_attribute("tabindex") == "0"
    assert region.get_attribute("aria-label")
    before, moved = name.bounding_box()["x"], value.bounding_box()["x"]
    caption = region.locator("caption span").first.bounding_box()["x"]
    region.evaluate("(e) => { e.scrollLeft = 200; }")
    assert name.bounding_box()["x"] == pytest.approx(before, abs=1)
    assert region.locator("caption span").first.bounding_box()["x"] == pytest.approx(caption, abs=1)
    assert value.bounding_box()["x"] == pytest.approx(moved - 200, abs=1)
    ground = name.evaluate("(e) => getComputedStyle(e).backgroundColor")
    assert ground != "rgba(0, 0, 0, 0)"  # what scrolls below it does not shine through


def test_on_a_phone_long_rows_are_cards_with_their_heads(visit, files):
    page = visit(files["zh"], **PHONE)
    page.evaluate(OPEN)
    for table in page.locator("table.stack").all():
        assert not table.locator("thead").is_visible()
        for cell in table.locator("td").all():
            label = cell.get_attribute("data-l")
            before = cell.evaluate("(e) => getComputedStyle(e, '::before').content")
            assert label
            assert before.strip('"') == label
            assert cell.bounding_box()["width"] > 250

"""The page on A4: what stands on which sheet."""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest

pytestmark = pytest.mark.browser


@pytest.fixture
def sheets(visit, files, need, tmp_path):
    """Text of each sheet of a page, by the page's name."""
    if not shutil.which("pdftotext"):
        need("pdftotext")

    def printed(name: str) -> list[str]:
        path = tmp_path / "a4.pdf"
        page = visit(files[name])
        page.pdf(path=path, prefer_css_page_size=True, print_background=True)
        told = subprocess.run(
            ["pdftotext", "-layout", str(path), "-"], capture_output=True, check=True
        )
        text = told.stdout.decode().replace("\N{NO-BREAK SPACE}", " ")
        return text.removesuffix("\f").split("\f")

    return printed


def test_every_sheet_has_its_margins(sheets):
    told = sheets("zh")
    assert 3 <= len(told) <= 8
    for number, sheet in enumerate(told, start=1):
        assert "启明制造 月度运营分析报告 2026年10月" in sheet
        assert "密级：内部" in sheet
        assert "已审核 周敏 sha256 7c1f·09e2·a94e" in sheet
        assert f"第 {number} 页，共 {len(told)} 页" in sheet


def test_margins_are_in_the_language_of_the_page(sheets):
    told = sheets("en")
    assert f"Page 1 of {len(told)}" in told[0]
    assert "Classification: Internal" in told[0]


def test_sheet_one_holds_messages_and_cards_alone(sheets):
    first, second, *_ = sheets("zh")
    caption = re.compile(r"表 1\s+指标完成情况")
    assert "本月要点" in first
    assert "客户满意度" in first
    assert not caption.search(first)
    assert caption.search(second)


def test_folds_are_open_on_paper(sheets):
    told = "".join(sheets("zh"))
    assert "order_lines.csv" in told
    assert "平均人数，按月汇总" in told
    assert "SELECT" not in told


def test_no_heading_stands_at_the_foot_of_a_sheet(visit, files, sheets):
    headings = visit(files["zh"]).locator("h2, h3, caption").all_text_contents()
    bare = {re.sub(r"\s", "", heading) for heading in headings}
    for sheet in sheets("zh"):
        lines = [re.sub(r"\s", "", line) for line in sheet.splitlines() if line.strip()]
        assert lines[-2] not in bare  # the last line is the margin


def test_rows_are_whole_and_heads_repeat(visit, files):
    page = visit(files["zh"])
    page.emulate_media(media="print")
    style = "(elements, name) => [...new Set(elements.map((e) => getComputedStyle(e)[name]))]"
    assert page.locator("tr").evaluate_all(style, "breakInside") == ["avoid"]
    assert page.locator("thead").evaluate_all(style, "display") == ["table-header-group"]
    assert page.locator("h2, h3, caption").evaluate_all(style, "breakAfter") == ["avoid"]

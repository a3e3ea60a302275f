"""The PDF of a run: as the page is on paper, with its fonts and its outline in it."""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest

from opsnb.runs.export.chromium import found, printed

pytestmark = pytest.mark.browser


def told(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, check=True)
    return done.stdout.decode().replace("\N{NO-BREAK SPACE}", " ")


@pytest.fixture(scope="session")
def pdfs(browser, files, need, tmp_path_factory):
    """PDF of a page by its name, printed as a run's is."""
    if not shutil.which("pdfinfo"):
        need("poppler")
    folder, program = tmp_path_factory.mktemp("pdf"), found()

    def pdf(name):
        path = folder / f"{name}.pdf"
        if not path.exists():
            path.write_bytes(printed(files[name], program))
        return path

    return pdf


def test_it_is_a4_tagged_and_named(pdfs):
    info = told("pdfinfo", str(pdfs("zh")))
    size = re.search(r"Page size: +([\d.]+) x ([\d.]+) pts", info)
    assert [float(side) for side in size.groups()] == pytest.approx([595, 842], abs=1)
    assert re.search(r"^Title: +月度运营分析报告 2026年10月 · 启明制造$", info, re.M)
    assert re.search(r"^Tagged: +yes$", info, re.M)
    assert re.search(r"^JavaScript: +no$", info, re.M)


def test_every_sheet_has_number_and_classification(pdfs):
    sheets = told("pdftotext", "-layout", str(pdfs("zh")), "-").removesuffix("\f").split("\f")
    for number, sheet in enumerate(sheets, start=1):
        assert f"第 {number} 页，共 {len(sheets)} 页" in sheet
        assert "密级：内部" in sheet


def test_every_font_is_in_it(pdfs):
    """Of a machine without Chinese fonts the PDF must not ask for any."""
    _, _, *fonts = told("pdffonts", str(pdfs("zh"))).splitlines()
    assert fonts
    embedded = [re.search(r"(yes|no) +(yes|no) +(yes|no) +\d+ +\d+$", font)[1] for font in fonts]
    assert set(embedded) == {"yes"}
    text = told("pdftotext", str(pdfs("zh")), "-")
    assert {"营业收入", "准时交付率", "数据来源"} <= set(re.findall(r"[\u4e00-\u9fff]+", text))


def test_its_outline_names_the_sections(pdfs, files, visit):
    """Bookmarks are read from the structure that the browser writes for them."""
    headings = visit(files["en"]).locator("h2").all_text_contents()
    raw = pdfs("en").read_bytes()
    assert b"/Outlines" in raw
    titles = outline(raw)
    for heading in headings:
        assert heading in titles, heading


def outline(raw: bytes) -> list[str]:
    """Titles of the bookmarks, whose objects lie uncompressed in the file."""
    found_ = re.findall(rb"/Title *(?:\(((?:[^()\\]|\\.)*)\)|<([0-9A-Fa-f]+)>)", raw)
    return [
        bytes.fromhex(code.decode()).decode("utf-16") if code else literal.decode("latin-1")
        for literal, code in found_
    ]

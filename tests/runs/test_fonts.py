from __future__ import annotations

import io
import json
import multiprocessing
import runpy
from pathlib import Path
from types import SimpleNamespace

import pylopdf_fonts_zh_cn
import pytest
from fontTools.pens.areaPen import AreaPen
from fontTools.pens.boundsPen import BoundsPen
from fontTools.ttLib import TTFont

from opsnb.display import fonts
from opsnb.errors import OpsnbError
from opsnb.runs.render import render

SOURCE = Path(pylopdf_fonts_zh_cn.__file__).parent
SAMPLE = Path(__file__).with_name("sample_report.py")
TEXT = "月度运营分析报告8A,．％低"


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "opsnb" / "fonts"


def opened(woff2: bytes) -> TTFont:
    return TTFont(io.BytesIO(woff2))


@pytest.mark.parametrize("family", [fonts.SANS, fonts.SERIF])
def test_glyphs_are_those_of_the_source(family):
    made, source = opened(fonts.subset(family, TEXT).woff2), TTFont(SOURCE / family.file)
    assert set(made.getBestCmap()) == set(map(ord, TEXT))
    for character in TEXT:
        (name, glyphs), (name0, glyphs0) = (
            (font.getBestCmap()[ord(character)], font.getGlyphSet()) for font in (made, source)
        )
        assert glyphs[name].width == glyphs0[name0].width
        for pen in (AreaPen, BoundsPen):
            drawn, drawn0 = pen(glyphs), pen(glyphs0)
            glyphs[name].draw(drawn)
            glyphs0[name0].draw(drawn0)
            shape = "value" if pen is AreaPen else "bounds"
            assert getattr(drawn, shape) == getattr(drawn0, shape)


def test_digits_are_tabular():
    made = opened(fonts.subset(fonts.SANS, "0123456789").woff2)
    assert len({made["hmtx"][name][0] for name in made.getBestCmap().values()}) == 1


def test_vertical_metrics_are_those_of_the_source():
    for family in (fonts.SANS, fonts.SERIF):
        source = TTFont(SOURCE / family.file)["hhea"]
        assert (family.ascent, -family.descent) == (source.ascent, source.descent)
        assert TTFont(SOURCE / family.file)["head"].unitsPerEm == fonts.UNITS


def test_a_page_carries_every_character_it_shows():
    sample = SimpleNamespace(**runpy.run_path(str(SAMPLE)))
    html = render(sample.monthly()).html
    head, _, body = html.partition("</style>")
    shown, headings = fonts.characters(body, head)
    for family, wanted in ((fonts.SANS, shown), (fonts.SERIF, headings)):
        subset = fonts.subset(family, wanted)
        assert subset.face in head
        assert {c for c in wanted if fonts.HAN.match(c)} <= subset.holds
    assert set("月度运营分析报告") <= headings


def test_what_is_shown_includes_margin_boxes_and_labels_from_attributes():
    styles = 'a{content:"\\9875 x"}td:before{content:attr(data-l)}'
    html = '<td data-l="差" data-key="否" title="题">1</td><style>样</style>'
    assert fonts.characters(html, styles)[0] == frozenset("差1页x")


def test_a_han_character_without_glyph_is_an_error():
    with pytest.raises(OpsnbError, match=r"no embedded font has a glyph for 𪛖 \(U\+2A6D6\)"):
        fonts.font_faces("<p>\U0002a6d6</p>")


def test_another_character_without_glyph_falls_back_to_the_system():
    assert "\U0001f600" not in fonts.subset(fonts.SANS, "a\U0001f600").holds
    assert fonts.font_faces("<p>a\U0001f600</p>")


def test_a_page_without_headings_carries_one_font():
    assert fonts.font_faces("<p>文</p>").count("@font-face") == 1


def test_the_cache_changes_nothing(cache):
    cold = fonts.subset(fonts.SANS, TEXT)
    fonts.subset(fonts.SANS, "另一些字")
    for file in (cache / "subsets").iterdir():
        file.unlink()
    assert fonts.subset(fonts.SANS, TEXT) == cold
    assert fonts.subset(fonts.SANS, TEXT) == cold


def test_a_spoilt_cache_is_written_anew(cache):
    cold = fonts.subset(fonts.SANS, TEXT)
    for file in cache.rglob("*.json"):
        file.write_text("{")
    assert fonts.subset(fonts.SANS, TEXT) == cold
    assert all(json.loads(file.read_text()) for file in cache.rglob("*.json"))


def test_a_cache_that_cannot_be_written_is_no_error(tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert fonts.subset(fonts.SANS, TEXT).holds == set(TEXT)


def test_old_subsets_are_deleted(cache, monkeypatch):
    monkeypatch.setattr(fonts, "KEPT", 2)
    for character in "一二三四":
        fonts.subset(fonts.SANS, character)
    assert len(list((cache / "subsets").iterdir())) == 2


@pytest.mark.slow
def test_processes_may_write_the_cache_together(cache):
    texts = [TEXT, TEXT, TEXT[::-1] + "繁"]
    with multiprocessing.get_context("spawn").Pool(3) as pool:
        made = pool.starmap(fonts.subset, [(fonts.SANS, text) for text in texts])
    assert made[0] == made[1] == fonts.subset(fonts.SANS, TEXT)
    assert not list(cache.rglob("*.new"))

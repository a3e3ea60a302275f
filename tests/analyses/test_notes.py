"""Notes of the ledger: whose they are, and when they are out of date."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

import opsnb
from opsnb import analyses
from opsnb.analyses.notes import is_stale, notes
from opsnb.display import html
from opsnb.display.numbers import NumberFormat
from opsnb.errors import SettingsError, UnknownNameError

HEAD = "period,unit,metric,cause,measure,author,value\n"
NOTES = (
    HEAD + "2026-03,north,revenue,停产检修 [3 天](生产日志),补排产,生产部,90 元\n"
    "2026-03,north,revenue,第二条,,,\n"
    "2026-03,all,revenue,旧数,,销售部,150 元\n"
    "2026-02,north,revenue,上月,,,88 元\n"
    "2026-03,all,,普遍缺料,联合采购,计划部,\n"
)


@pytest.fixture
def opened(tiny_folder, tmp_path):
    """Open the tiny company with a ledger of notes."""
    import shutil

    def opened(text, period="2026-03"):
        folder = tmp_path / "noted"
        shutil.copytree(tiny_folder, folder, dirs_exist_ok=True)
        (folder / "ledgers/notes.csv").write_text(text, encoding="utf-8")
        return opsnb.open(folder, period)

    return opened


def test_notes_are_those_of_the_metric_the_unit_and_the_period(opened):
    workbook = opened(NOTES)
    first, second = notes(workbook, "revenue", "north")
    assert (first.cause, first.measure, first.author) == (
        "停产检修 [3 天](生产日志)", "补排产", "生产部",
    )  # fmt: skip
    assert (first.seen, first.actual, first.stale, first.place) == (
        "90 元", 90.0, False, "notes.csv, row 2",
    )  # fmt: skip
    assert (second.place, second.stale, second.seen) == ("notes.csv, row 3", False, "")
    assert notes(workbook, "revenue", "south") == ()
    (general,) = notes(workbook, "", "all")
    assert (general.cause, general.stale) == ("普遍缺料", False)


def test_a_note_is_stale_when_its_number_has_moved(opened):
    (note,) = notes(opened(NOTES), "revenue", "all")
    assert (note.seen, note.actual, note.stale) == ("150 元", 156.0, True)


def test_notes_stay_when_nothing_else_does(opened):
    """The same ledger a month earlier: what was written then is what is shown then."""
    (note,) = notes(opened(NOTES, "2026-02"), "revenue", "north")
    assert (note.cause, note.stale) == ("上月", False)


@pytest.mark.parametrize(
    ("row", "error", "words"),
    [
        (
            "2026-03,north,,x,,,90 元",
            SettingsError,
            "row 2, column value: the number '90 元' is of no",
        ),
        ("2026-03,north,revenue,x,,,many", SettingsError, "'many' is not one number"),
        ("2026-03,north,revenue,x,,,90 of 95", SettingsError, "'90 of 95' is not one number"),
        ("2026-03,north,revenu,x,,,90", UnknownNameError, "did you mean 'revenue'"),
    ],
)
def test_a_note_that_says_nothing_clear_is_refused(opened, row, error, words):
    with pytest.raises(error, match=words):
        notes(opened(HEAD + row + "\n"), "revenue", "north")


def test_chinese_heads(opened):
    text = "期间,单位,指标,原因,措施,填报人,填报时数值\n2026-03,北区,revenue,检修,,张三,91\n"
    (note,) = notes(opened(text), "revenue", "north")
    assert (note.author, note.stale) == ("张三", True)


def test_the_list_of_problems_shows_them_as_written(opened):
    workbook = opened(NOTES)
    card = analyses.scorecard(workbook)
    below = analyses.units(workbook, ["revenue"])
    result = analyses.problems(workbook, card, below)
    shown = html(result, "zh")
    assert "原因：旧数" in shown
    assert "销售部填报" in shown
    assert '<span class="tag">已过时</span>' in shown
    assert "填报时为 150 元，现为 " in shown
    assert ">156.00\u00a0元</data>" in shown
    assert '<span class="by-hand">3 天<small>人工填报：生产日志</small></span>' in shown
    assert "措施：补排产" in shown
    assert "原因：普遍缺料" in shown
    assert shown.count("原因：第二条") == 1
    assert "Out of date" not in html(result, "en")
    assert "out of date" in html(result, "en")


@given(
    st.floats(-1e9, 1e9, allow_nan=False),
    st.sampled_from([(0, "元", 2), (4, "万元", 1), (8, "亿元", 2), (-2, "%", 1)]),
)
def test_a_note_is_fresh_while_the_page_shows_its_number(value, form):
    power, unit, decimals = form
    seen = NumberFormat("zh", power, decimals, after=unit).text(value)
    assert not is_stale(seen, value)
    moved = value + (3 if value >= 0 else -3) * 10.0 ** (power - decimals)
    assert is_stale(seen, moved)

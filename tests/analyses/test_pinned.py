"""Pinned views: shown for their unit, under keys of their own, the same as elsewhere."""

import copy
import re
import shutil

import pytest
import yaml

import opsnb
from opsnb import analyses, display
from opsnb.analyses.views import VIEWS, View, answer, call
from opsnb.company.pins import OPTIONS
from opsnb.errors import SettingsError, UnknownNameError
from opsnb.keys import PIN, pinned, record_key
from opsnb.runs.records import recorded

CHART = {"name": "chart", "view": "control_chart", "metric": "satisfaction", "unit": "all",
         "options": {"rebase": ["2025-10"], "rules": "wheeler"}, "note": "换线以后",
         "by": "王敏", "on": "2026-11-26"}  # fmt: skip
OF_WEST = {"name": "west", "view": "trend", "metric": "revenue", "unit": "west"}


@pytest.fixture
def company(demonstration, tmp_path):
    folder = tmp_path / "demo"
    shutil.copytree(demonstration, folder)
    return folder


def write(folder, *pins):
    text = yaml.safe_dump({"schema": 1, "pins": copy.deepcopy(list(pins))}, allow_unicode=True)
    (folder / "pins.yaml").write_text(text, encoding="utf-8")
    return folder


def test_without_pins_there_is_nothing(company):
    found = analyses.pinned(opsnb.open(company, "2026-10"))
    assert not len(found.frame)
    assert found.parts == ()


def test_a_pin_is_the_analysis_with_its_parameters(company):
    write(company, CHART, OF_WEST)
    book = opsnb.open(company, "2026-10")
    found = analyses.pinned(book)
    assert list(found.frame["pin"]) == ["chart"]  # that of the west is not the company's
    (part,) = found.parts
    plain = analyses.control_chart(book, "satisfaction", "wheeler", ["2025-10"])
    assert part.frame.equals(plain.frame)
    assert part.provenance[PIN] == "chart"
    assert all(f.evidence[PIN] == "chart" for f in part.findings)
    (own,) = analyses.pinned(book.for_unit("west")).parts
    assert own.name == "trend"
    assert own.provenance["unit"] == "west"


def test_other_reports_do_not_show_it(company):
    write(company, CHART, {**OF_WEST, "unit": "all", "reports": ["forecast"]})
    book = opsnb.open(company, "2026-10")
    assert list(analyses.pinned(book, "forecast").frame["pin"]) == ["west"]
    assert not len(analyses.pinned(book, "risk_assessment").frame)


def test_a_page_may_hold_the_same_chart_twice_with_other_limits(company):
    """Records of both stand side by side, and every shown key is one of them."""
    write(company, CHART, {**OF_WEST, "unit": "all", "name": "line"})
    book = opsnb.open(company, "2026-10")
    plain = analyses.control_chart(book, "satisfaction")
    found = analyses.pinned(book)
    rows = recorded([plain, found])
    keys = {row["key"]: row["value"] for row in rows}
    html = display.html(found)
    shown = re.findall(r'data-key="([^"]*)"', html)
    assert shown
    for key in shown:
        assert key.replace("&#34;", '"') in keys
        assert "&#34;pin&#34;: &#34;" in key
    center = {row["by"]: row["value"] for row in rows
              if (row["measure"], row["period"]) == ("center", "2026-10")}  # fmt: skip
    assert len(set(center.values())) == 2
    both = display.html(plain) + html
    ids = re.findall(r' id="([^"]*)"', both)
    assert len(ids) == len(set(ids))
    assert {row["result"] for row in rows if PIN in row["by"]} <= {
        name for name in {row["result"] for row in rows} if name.startswith(("pinned_", "findings"))
    }


def test_one_that_cannot_be_made_this_month_says_why(company):
    write(company, {"name": "w", "view": "what_if", "metric": "gross_margin", "unit": "all"}, CHART)
    found = analyses.pinned(opsnb.open(company, "2026-10"))
    first, second = found.frame.to_dict("records")
    assert "do not add up to a year" in first["why"]
    assert second["why"] == ""
    assert "do not add up to a year" in display.html(found)


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ({"view": "charts"}, r"line \d+.*did you mean 'control_chart'|view"),
        ({"options": {"rebse": ["2025-10"]}}, "did you mean 'rebase'"),
        ({"options": {"rebase": ["202510"]}}, "202510|pattern"),
        ({"note": "收入 25% 以上"}, "25%.*words alone"),
        ({"name": "../x"}, "is no name"),
    ],
)
def test_what_is_wrong_in_the_file_is_said_with_its_place(company, change, match):
    write(company, {**CHART, **change})
    with pytest.raises(SettingsError, match=match):
        analyses.pinned(opsnb.open(company, "2026-10"))


def test_a_wrong_pin_is_refused_before_anything_runs(company, call, tmp_path):
    """As settings are, with exit code 2, and told by the check."""
    write(company, {**CHART, "metric": "satisfacton"})
    asked = ("--company", company, "--period", "2026-10")
    done = call("run", "monthly_operations", *asked, "--output", tmp_path / "out")
    assert (done.code, "did you mean 'satisfaction'" in done.err) == (2, True)
    assert not list((tmp_path / "out").rglob("*.html"))
    checked = call("check", *asked)
    assert checked.code == 2
    assert "pins.yaml" in checked.out
    write(company, {**CHART, "reports": ["monthly_operation"]})
    assert "did you mean 'monthly_operations'" in call("check", *asked).out


def test_names_that_are_not_there(company):
    write(company, {**CHART, "metric": "satisfacton"})
    with pytest.raises(UnknownNameError, match=r"pins.yaml.*did you mean 'satisfaction'"):
        analyses.pinned(opsnb.open(company, "2026-10"))
    write(company, {**CHART, "unit": "wset"})
    with pytest.raises(UnknownNameError, match=r"pins.yaml.*did you mean 'west'"):
        analyses.pinned(opsnb.open(company, "2026-10"))
    write(company, CHART, copy.deepcopy(CHART))
    with pytest.raises(SettingsError, match="two pins are called 'chart'"):
        analyses.pinned(opsnb.open(company, "2026-10"))


@pytest.mark.parametrize("kind", list(VIEWS))
def test_the_cell_of_a_view_gives_its_result(demonstration, kind):
    options = {
        "drill_down": {"by": "channel", "within": {"product_line": "drives"}},
        "drivers": {"candidates": ["customers", "headcount"]},
        "control_chart": {"rules": "wheeler", "rebase": ["2025-10"]},
        "what_if": {"volume": 0.05, "lost": ["channel", "dealer"], "treatment": "T01"},
        "trend": {"months": 24}, "forecast": {"horizon": 6},
    }.get(kind, {})  # fmt: skip
    view, book = View(kind, "revenue", options), opsnb.open(demonstration, "2026-10")
    names = {"analyses": analyses, "workbook": book}
    assert eval(call(view), names).digest() == answer(book, view).digest()  # noqa: S307 - the cell


def test_every_view_has_options_and_a_name():
    from opsnb.display.pinned import KINDS

    assert list(VIEWS) == list(OPTIONS) == list(KINDS)


def test_keys_of_pins_name_the_same_number():
    key = record_key("a|b", "actual", "all", "2026-10", {"x": "y|z"}, "2026-11", 80)
    marked = record_key("a|b", "actual", "all", "2026-10", {"x": "y|z", "pin": "p"}, "2026-11", 80)
    plain = record_key("revenue", "actual", "all", "2026-10", {"x": "y|z"}, "2026-11", 80)
    assert pinned(plain, "p") == marked.replace("a|b", "revenue")
    assert pinned(pinned(plain, "p"), "p") == pinned(plain, "p")
    assert key != marked

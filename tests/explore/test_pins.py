"""Pinning: what is found in the explorer is written out for the next report."""

import shutil

import pytest

from opsnb.analyses.views import View
from opsnb.company import Company
from opsnb.errors import SettingsError
from opsnb.explore import explore, pin


@pytest.fixture
def folder(demonstration, tmp_path):
    found = tmp_path / "demo"
    shutil.copytree(demonstration, found)
    return found


def test_a_found_view_is_pinned_with_its_parameters(folder):
    explorer = explore(str(folder), "2026-10")
    explorer.kind.value = "drill_down"
    explorer.drill.by.value = "channel"
    explorer.drill.into.value = "dealer"
    explorer.drill.against.value = "year_to_date"
    explorer.note.value, explorer.by.value = "经销渠道", "王敏"
    explorer.button.click()
    assert "drill_down-revenue" in explorer.said.value
    (found,) = Company(folder).pins
    assert (found.view, found.metric, found.unit) == ("drill_down", "revenue", "all")
    assert found.options["within"] == {"channel": "dealer"}
    assert found.options["against"] == "year_to_date"
    assert (found.note, found.by) == ("经销渠道", "王敏")


def test_a_note_with_a_figure_is_refused_and_nothing_is_written(folder):
    explorer = explore(str(folder), "2026-10")
    explorer.note.value = "收入下降 25%"
    explorer.button.click()
    assert "words alone" in explorer.said.value
    assert not (folder / "pins.yaml").exists()
    assert not list(folder.glob(".pins*"))


def test_what_people_wrote_stays_and_names_differ(folder):
    company, view = Company(folder), View("trend", "revenue", {"months": 24})
    assert pin(company, view, "all") == "trend-revenue"
    path = folder / "pins.yaml"
    path.write_text("# 我的说明\n" + path.read_text("utf-8"), "utf-8")
    assert pin(company, view, "west", report="forecast") == "trend-revenue-2"
    assert path.read_text("utf-8").startswith("# 我的说明\n")
    first, second = Company(folder).pins
    assert first.options == second.options == {"months": 24}
    assert second.reports == ("forecast",)


def test_a_file_that_cannot_be_added_to_is_left_alone(folder):
    path = folder / "pins.yaml"
    path.write_text("schema: 1\npins: []\n", "utf-8")
    with pytest.raises(SettingsError):
        pin(Company(folder), View("trend", "revenue"), "all")
    assert path.read_text("utf-8") == "schema: 1\npins: []\n"
    assert not list(folder.glob(".pins*"))

"""Explorer: the widgets show what the reports show, and write down how."""

from __future__ import annotations

import html as escapes
import re

import pytest

import opsnb
from opsnb import analyses
from opsnb.analyses import Assumptions
from opsnb.analyses.views import VIEWS
from opsnb.analyses.what_if import elements
from opsnb.errors import ParameterError, UnknownNameError
from opsnb.explore import Open, Place, View, code, explore, shown

HERE = Place("2026-10", "all")


@pytest.fixture(scope="module")
def known(demonstration):
    return Open(opsnb.open(demonstration, "2026-10"))


@pytest.fixture
def explorer(demonstration):
    return explore(str(demonstration), "2026-10")


@pytest.mark.parametrize("kind", list(VIEWS))
def test_a_view_is_the_result_of_the_very_analysis(known, demonstration, kind):
    options = {"what_if": {"volume": 0.05}, "drill_down": {"by": "channel"}}.get(kind, {})
    view, place = View(kind, "revenue", options), Place("2026-09", "east")
    made = shown(known, place, view)
    names: dict[str, object] = {}
    *lines, last = code(str(demonstration), place, view).split("\n")
    exec("\n".join([*lines, f"result = {last}"]), names)  # noqa: S102 - the cell that is offered
    assert made.digest() == names["result"].digest()
    assert made.provenance["unit"] == "east"
    assert made.provenance["period"] == "2026-09"


def test_names_that_are_not_there_are_refused(known):
    with pytest.raises(UnknownNameError, match="no view 'trends'"):
        shown(known, HERE, View("trends", "revenue"))
    with pytest.raises(UnknownNameError, match="unknown metric"):
        shown(known, HERE, View("trend", "revenues"))
    with pytest.raises(ParameterError, match="do not add up"):
        shown(known, HERE, View("what_if", "gross_margin"))


def test_every_choice_changes_what_is_shown(explorer):
    seen = [explorer.page.value]
    for widget, value in ((explorer.metric, "operating_profit"), (explorer.unit, "east"),
                          (explorer.period, "2026-06"), (explorer.kind, "trend")):  # fmt: skip
        widget.value = value
        assert explorer.error == ""
        seen.append(explorer.page.value)
    assert len(set(seen)) == len(seen)
    told = escapes.unescape(re.sub("<[^>]*>", "", explorer.cell.value))
    assert '"2026-06", "east"' in told
    assert 'analyses.trend(workbook, "operating_profit")' in told


def test_what_if_shows_its_levers_and_their_effect(explorer, demonstration):
    assert explorer.assume.box.layout.display == "none"
    explorer.kind.value = "what_if"
    assert explorer.assume.box.layout.display is None
    explorer.assume.sliders["price"].value = 0.05
    book = opsnb.open(demonstration, "2026-10")
    row = analyses.what_if(book, "revenue", Assumptions(price=0.05)).frame.set_index("scenario")
    assert f"{row.loc['price', 'p_met']:.0%}".rstrip("%") in explorer.page.value
    assert "Assumptions(price=0.05)" in escapes.unescape(explorer.cell.value)
    offered = dict(explorer.assume.lost.options)
    assert offered["产品线: 变频器"] == "product_line=drives"
    explorer.assume.lost.value = "product_line=drives"
    assert "变频器" in explorer.page.value


def test_what_cannot_be_shown_is_said_and_the_next_choice_works(explorer):
    explorer.kind.value = "what_if"
    explorer.metric.value = "gross_margin"
    assert "do not add up to a year" in explorer.error
    assert "do not add up to a year" in explorer.page.value
    explorer.kind.value = "trend"
    assert explorer.error == ""


def test_months_are_offered_from_the_last_closed_one_back(explorer):
    months = [value for _, value in explorer.period.options]
    assert months[0] == "2026-10"
    assert months == sorted(months, reverse=True)
    assert len(months) == len(set(months)) == 60


def test_in_english(demonstration):
    found = explore(str(demonstration), "2026-10", locale="en")
    assert found.metric.description == "Metric"
    assert ("Revenue", "revenue") in found.metric.options
    assert "Revenue" in found.page.value


def test_a_notebook_shows_the_widgets(explorer):
    bundle = explorer._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in bundle


def test_a_control_chart_with_other_rules_and_new_limits(explorer):
    assert explorer.chart.box.layout.display == "none"
    explorer.metric.value = "satisfaction"
    explorer.kind.value = "control_chart"
    assert explorer.chart.box.layout.display is None
    assert "<svg" in explorer.page.value
    before = explorer.page.value
    explorer.chart.rebase.value = "2025-10"
    assert "试设分段" in explorer.page.value
    assert explorer.page.value != before
    explorer.chart.rules.value = "wheeler"
    told = escapes.unescape(explorer.cell.value)
    assert 'control_chart(workbook, "satisfaction", rules="wheeler", rebase=["2025-10"])' in told


def test_what_can_be_lost_is_what_the_unit_has(explorer):
    explorer.kind.value = "what_if"
    before = [name for name, _ in explorer.assume.lost.options]
    explorer.unit.value = "east"
    after = [name for name, _ in explorer.assume.lost.options]
    assert before != after
    book = explorer.known.book(Place("2026-10", "east"))
    largest = elements(book, "revenue", "customer_id").index[0]
    assert f"客户: {largest}" in after


def test_one_element_is_opened_after_the_other_and_back(explorer):
    explorer.kind.value = "drill_down"
    explorer.drill.by.value = "channel"
    explorer.drill.into.value = "dealer"
    assert explorer.drill.where.value == "经销商"
    assert "channel" not in [value for _, value in explorer.drill.by.options]
    assert "unit" not in [value for _, value in explorer.drill.by.options]
    explorer.drill.by.value = "product_line"
    explorer.drill.into.value = "motors"
    told = escapes.unescape(re.sub("<[^>]*>", "", explorer.cell.value))
    assert 'within={"channel": "dealer", "product_line": "motors"}' in told
    explorer.drill.up.click()
    assert explorer.drill.path == {"channel": "dealer"}
    explorer.metric.value = "operating_expenses"  # which knows no channel
    assert explorer.drill.path == {}
    assert explorer.error == ""


def test_drivers_are_chosen(explorer):
    explorer.kind.value = "drivers"
    explorer.driver.tried.value = ("headcount", "revenue")
    assert "平均人数" in explorer.page.value
    assert 'candidates=["headcount", "revenue"]' in escapes.unescape(explorer.cell.value)


def test_a_treatment_moves_the_year_and_the_losses(explorer):
    explorer.metric.value = "operating_profit"
    explorer.kind.value = "what_if"
    offered = [value for _, value in explorer.assume.treatment.options]
    assert "T01" in offered
    assert "T02" not in offered  # which is effective already
    explorer.assume.treatment.value = "T01"
    assert "采取措施前后的年损失" in explorer.page.value
    explorer.unit.value = "east"  # the register is the whole company's
    assert [value for _, value in explorer.assume.treatment.options] == [""]


def test_a_view_becomes_a_cell(explorer, monkeypatch):
    given = []

    class Shell:
        def set_next_input(self, text):
            given.append(text)

    monkeypatch.setattr("IPython.get_ipython", Shell)
    explorer.kind.value = "trend"
    explorer.to_cell()
    (text,) = given
    assert text.endswith('analyses.trend(workbook, "revenue")')

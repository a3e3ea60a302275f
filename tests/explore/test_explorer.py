"""Explorer: the widgets show what the reports show, and write down how."""

from __future__ import annotations

import html as escapes
import re

import pytest

import opsnb
from opsnb import analyses
from opsnb.analyses import Assumptions
from opsnb.analyses.what_if import elements
from opsnb.errors import ParameterError, UnknownNameError
from opsnb.explore import KINDS, View, code, explore, shown
from opsnb.explore.views import Open


@pytest.fixture(scope="module")
def known(demonstration):
    return Open(opsnb.open(demonstration, "2026-10"))


@pytest.fixture
def explorer(demonstration):
    return explore(str(demonstration), "2026-10")


@pytest.mark.parametrize("kind", list(KINDS))
def test_a_view_is_the_result_of_the_very_analysis(known, demonstration, kind):
    view = View(kind, "revenue", "2026-09", "east", Assumptions(volume=0.05))
    made = shown(known, view)
    names: dict[str, object] = {}
    *lines, last = code(str(demonstration), view).split("\n")
    exec("\n".join([*lines, f"result = {last}"]), names)  # noqa: S102 - the cell that is offered
    assert made.digest() == names["result"].digest()
    assert made.provenance["unit"] == "east"
    assert made.provenance["period"] == "2026-09"


def test_names_that_are_not_there_are_refused(known):
    with pytest.raises(UnknownNameError, match="no view 'trends'"):
        shown(known, View("trends", "revenue", "2026-10", "all"))
    with pytest.raises(UnknownNameError, match="unknown metric"):
        shown(known, View("trend", "revenues", "2026-10", "all"))
    with pytest.raises(ParameterError, match="do not add up"):
        shown(known, View("what_if", "gross_margin", "2026-10", "all"))


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
    assert 'analyses.trend(workbook, "operating_profit", 36)' in told


def test_what_if_shows_its_levers_and_their_effect(explorer, demonstration):
    assert explorer.levers.layout.display == "none"
    explorer.kind.value = "what_if"
    assert explorer.levers.layout.display is None
    explorer.sliders["price"].value = 0.05
    book = opsnb.open(demonstration, "2026-10")
    row = analyses.what_if(book, "revenue", Assumptions(price=0.05)).frame.set_index("scenario")
    assert f"{row.loc['price', 'p_met']:.0%}".rstrip("%") in explorer.page.value
    assert "Assumptions(price=0.05)" in escapes.unescape(explorer.cell.value)
    offered = dict(explorer.lost.options)
    assert offered["product_line: drives"] == "product_line=drives"
    explorer.lost.value = "product_line=drives"
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
    assert explorer.chart.layout.display == "none"
    explorer.metric.value = "satisfaction"
    explorer.kind.value = "control_chart"
    assert explorer.chart.layout.display is None
    assert "<svg" in explorer.page.value
    before = explorer.page.value
    explorer.rebase.value = "2025-10"
    assert "试设分段" in explorer.page.value
    assert explorer.page.value != before
    explorer.rules.value = "wheeler"
    told = escapes.unescape(explorer.cell.value)
    assert 'control_chart(workbook, "satisfaction", "wheeler", [\'2025-10\'])' in told


def test_what_can_be_lost_is_what_the_unit_has(explorer):
    explorer.kind.value = "what_if"
    before = [name for name, _ in explorer.lost.options]
    explorer.unit.value = "east"
    after = [name for name, _ in explorer.lost.options]
    assert before != after
    book = explorer.known.book("2026-10", "east")
    largest = elements(book, "revenue", "customer_id").index[0]
    assert f"customer_id: {largest}" in after

"""The index of what is published, as Chromium shows it to a leader."""

from __future__ import annotations

import datetime as dt
import runpy
from pathlib import Path
from types import SimpleNamespace

import pytest

from opsnb.company import Company
from opsnb.publication.publish import publish
from opsnb.publication.reviews import review
from opsnb.reports import MonthlyOperationsParams, report
from opsnb.runs.perform import perform
from opsnb.standing import APPROVE

pytestmark = pytest.mark.browser
LOOKS = SimpleNamespace(**runpy.run_path(str(Path(__file__).with_name("test_page.py"))))
NOW = dt.datetime(2026, 11, 6, 9, 30, tzinfo=dt.UTC)


@pytest.fixture(scope="module")
def index(tmp_path_factory, make_little):
    folder = tmp_path_factory.mktemp("published")
    company, outputs = make_little(folder / "little"), folder / "outputs"
    for unit in ("all", "north"):
        params = MonthlyOperationsParams(
            company=str(company), period="2026-10", unit=unit, trend_metric="revenue",
            trend_months=12,
        )  # fmt: skip
        outcome = perform(report("monthly_operations"), params, outputs)
        review(outcome.folder, outputs, APPROVE, "张三", "", NOW)
    return publish(Company(company), "2026-10", outputs, "", NOW).index


@pytest.mark.parametrize("options", [{}, {"color_scheme": "dark"}, LOOKS.PHONE])
def test_the_index_can_be_read_everywhere(visit, need, index, options):
    try:
        from axe_playwright_python.base import AXE_SCRIPT
    except ImportError:
        need("axe-playwright-python")
    page = visit(index, bypass_csp=True, **options)
    assert page.said == []
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]
    assert page.evaluate(LOOKS.SMALL_TEXT) == []
    page.evaluate(AXE_SCRIPT)
    run = "(tags) => axe.run(document, {runOnly: {type: 'tag', values: tags}})"
    found = page.evaluate(run, LOOKS.AXE_TAGS)["violations"]
    assert [(one["id"], len(one["nodes"])) for one in found] == []


def test_its_links_lead_to_what_is_published(visit, index):
    page = visit(index)
    ways = page.evaluate("[...document.querySelectorAll('td a, th a')].map((a) => a.href)")
    assert len(ways) == 2
    for way in ways:
        assert Path(way.removeprefix("file://")).is_file()

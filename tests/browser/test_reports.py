"""The reports of the demonstration company as Chromium shows them, made as a user makes them."""

from __future__ import annotations

import re
import runpy
from pathlib import Path
from types import SimpleNamespace

import pytest

from opsnb.reports import REPORTS
from opsnb.runs.parameters import build
from opsnb.runs.perform import perform

pytestmark = pytest.mark.browser
LOOKS = SimpleNamespace(**runpy.run_path(str(Path(__file__).with_name("test_page.py"))))
OPEN = "document.querySelectorAll('details').forEach((fold) => { fold.open = true; })"
WIDTH = "document.documentElement.scrollWidth"
RUN_AXE = "(tags) => axe.run(document, {runOnly: {type: 'tag', values: tags}})"


def weight(page: bytes) -> int:
    """Bytes of a page without its fonts."""
    return len(re.sub(rb"data:font/woff2;base64,[A-Za-z0-9+/=]+", b"", page))


@pytest.mark.slow
@pytest.mark.parametrize("report", REPORTS, ids=lambda report: report.name)
def test_a_report_can_be_read_everywhere(visit, need, demonstration, tmp_path, report):
    try:
        from axe_playwright_python.base import AXE_SCRIPT
    except ImportError:
        need("axe-playwright-python")
    params = build(report, str(demonstration), {"period": "2026-10", "unit": "all"})
    outcome = perform(report, params, tmp_path)
    assert outcome.status == "done", outcome.message
    assert weight(outcome.page.read_bytes()) <= 300_000
    for options in ({}, {"color_scheme": "dark"}, LOOKS.PHONE):
        page = visit(outcome.page, bypass_csp=True, **options)
        assert page.said == []
        page.evaluate(OPEN)
        if options is LOOKS.PHONE:
            assert page.evaluate(WIDTH) == 390
            assert page.evaluate(LOOKS.SQUEEZED) == []
        assert page.evaluate(LOOKS.SMALL_TEXT) == []
        assert page.evaluate(LOOKS.DRAWN_TEXT) == []
        page.evaluate(AXE_SCRIPT)
        found = page.evaluate(RUN_AXE, LOOKS.AXE_TAGS)["violations"]
        assert [(one["id"], len(one["nodes"])) for one in found] == []

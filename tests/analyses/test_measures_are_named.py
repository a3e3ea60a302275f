"""Every number that a page explains has a name in the page's language."""

import re

import opsnb
from opsnb import analyses
from opsnb.display import bind, html

TERMS = {"VaR 90 %", "VaR 99 %", "ES 99 %", "MASE"}
"""Names that Chinese readers use as they are."""
TITLE = re.compile(r'<dialog [^>]*aria-label="[^" ]+ ([^"]*)"')  # no metric's name has a space


def test_no_popover_is_headed_by_a_column(demonstration, tmp_path):
    workbook = opsnb.open(demonstration, "2026-10")
    card = analyses.scorecard(workbook)
    below = analyses.units(workbook, card.key_metrics)
    warned, register = analyses.risk(workbook), analyses.assessed(workbook)
    made, indicators = analyses.forecast(workbook, [], [], 12), analyses.kri(workbook)
    results = [
        card,
        below,
        warned,
        analyses.headline(workbook, card, below),
        analyses.exceptions(workbook, card, below),
        analyses.attribution(workbook, card.metrics),
        analyses.drivers(workbook, card.metrics),
        analyses.outlook(workbook, card.metrics, "revenue", str(tmp_path)),
        made,
        analyses.backtest(workbook, made.metrics, 12),
        analyses.accountability(workbook, made.metrics, str(tmp_path)),
        indicators,
        analyses.risk_warnings(register, indicators),
        analyses.risk_matrix(register),
        analyses.risk_losses(register),
        analyses.risk_responses(register),
        analyses.risk_incidents(register),
        analyses.risk_register(register),
        analyses.problems(workbook, card, below, warned),
    ]
    page = "".join(html(result, "zh") for result in results)
    _, popovers = bind(page, [result.provenance for result in results], "zh")
    named = TITLE.findall(str(popovers))
    assert len(named) > 100
    assert {name for name in named if name.isascii()} <= TERMS

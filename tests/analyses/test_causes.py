"""Causes: the messages of the demonstration company name what is planted behind them."""

import opsnb
from opsnb.analyses import headline, scorecard, units
from opsnb.analyses.causes import causes
from opsnb.demo.truths import truth
from opsnb.display import html
from opsnb.results import Finding


def warned(metric, unit, severity="red"):
    return Finding("OPS001", severity, metric, unit, "2026-10")


def test_the_lost_dealer_and_the_cost_shock_are_named(demonstration):
    workbook = opsnb.open(demonstration, "2026-10")
    found = causes(workbook, [warned("revenue", "west"), warned("gross_margin", "north")])
    lost, shock = found.findings
    assert (lost.code, lost.unit) == ("OPS047", "west")
    item = str(lost.evidence["item"])  # of few order lines the dealer's channel may tell more
    assert item == truth("dealer_lost").item or "dealer" in item
    assert (shock.code, shock.evidence["item"]) == ("OPS040", truth("cost_shock").item)


def test_good_news_and_metrics_without_attribution_have_none(demonstration):
    workbook = opsnb.open(demonstration, "2026-10")
    told = [warned("revenue", "west", "info"), warned("headcount", "west"), warned("", "")]
    assert causes(workbook, told).findings == ()


def test_a_message_shows_its_cause(demonstration):
    workbook = opsnb.open(demonstration, "2026-10")
    result = headline(workbook, scorecard(workbook), units(workbook, ["revenue", "gross_margin"]))
    items = html(result, "zh").split('class="msgs"')[1].split("</ol>")[0].split("<li")[1:]
    (part,) = [part for part in result.parts if part.name == "causes"]
    known = {(f.metric, f.unit): f for f in part.findings}
    assert known, "one of the planted changes is behind a message"
    for message, finding in zip(items, result.findings, strict=True):
        cause = known.get((finding.metric, finding.unit))
        assert ('class="why"' in message) == (cause is not None)
        assert cause is None or str(cause.key("total")) in message.replace("&#34;", '"')

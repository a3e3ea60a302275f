"""Completion: the scorecard with the odds that the forecast has, and reasons where it has none."""

import re

import numpy as np
import pytest

import opsnb
from opsnb.analyses import completion, outlook, scorecard
from opsnb.display import html
from opsnb.results import NotApplicable, Result

METRICS = ["revenue", "gross_margin", "operating_expenses", "operating_profit"]


@pytest.fixture(scope="module")
def made(demonstration, tmp_path_factory):
    workbook = opsnb.open(demonstration, "2026-10")
    card = scorecard(workbook, METRICS)
    ahead = outlook(workbook, METRICS, history=tmp_path_factory.mktemp("none"))
    return card, ahead, completion(card, ahead)


def test_odds_are_those_of_the_forecast_and_nothing_else_changes(made):
    card, ahead, whole = made
    said = dict(zip(ahead.frame["metric"], ahead.frame["p_met"], strict=True))
    known = 0
    for place, metric in enumerate(whole.frame["metric"]):
        value = whole.cell(place, "p_met")
        if isinstance(value, NotApplicable):
            assert np.isnan(said[metric])
        else:
            assert value == said[metric]
            known += 1
    assert known >= 3
    assert whole.frame.drop(columns="p_met").equals(card.frame)
    assert (whole.name, whole.findings, whole.parts) == (card.name, card.findings, card.parts)


def test_a_ratio_says_why_it_has_no_odds(made):
    _, _, whole = made
    place = whole.frame["metric"].tolist().index("gross_margin")
    assert whole.cell(place, "p_met") == NotApplicable("not meaningful for this metric")


def test_a_metric_without_a_forecast_has_a_reason(made):
    card, ahead, _ = made
    kept = [k for k, metric in enumerate(ahead.frame["metric"]) if metric != "gross_margin"]
    frame = ahead.frame.iloc[kept].reset_index(drop=True)
    reasons = {(kept.index(k), name): why for (k, name), why in ahead.reasons.items() if k in kept}
    shorter = Result("outlook", frame, ahead.columns, reasons)
    found = completion(card, shorter)
    place = found.frame["metric"].tolist().index("gross_margin")
    assert found.cell(place, "p_met") == NotApplicable("not meaningful for this metric")


@pytest.mark.parametrize("locale", ["zh", "en"])
def test_the_table_has_a_column_of_odds_only_with_a_forecast(made, locale):
    card, _, whole = made
    head = {"zh": "达成概率", "en": "P(target)"}[locale]
    assert head in html(whole, locale)
    assert head not in html(card, locale)
    key = 'data-key="revenue|p_met|all|2026-10|||"'
    assert len(re.findall(re.escape(key), html(whole, locale))) == 1

"""Backtest, calibration and second opinion."""

from dataclasses import replace

import numpy as np
import pytest

from opsnb.analyses import backtest, second_opinion
from opsnb.analyses.histories import history
from opsnb.analyses.origins import EVERY, FEWEST, looked_back, outlooks_at
from opsnb.analyses.second_opinion import _smoothed
from opsnb.results import NotApplicable


@pytest.fixture(scope="module")
def past(firm):
    return history(firm())


@pytest.fixture(scope="module")
def found(firm):
    return backtest(firm())


def test_origins_have_two_years_and_end_a_month_before_the_last(past):
    places = [origin.place for origin in looked_back(past, 3, {}).origins]
    assert places[-1] == len(past.months) - 1
    assert min(places) >= past.begun + FEWEST
    assert set(np.diff(places)) == {EVERY}


def test_an_origin_knows_nothing_of_what_came(past):
    """The outlook from a month is the same whatever the months after it hold."""
    wanted = [("revenue", "all"), ("margin", "all")]
    wild = {key: np.where(np.arange(len(y)) >= 50, 1e6, y) for key, y in past.values.items()}
    for place in (30, 50):
        then = outlooks_at(past, place, wanted, 3)
        again = outlooks_at(replace(past, values=wild), place, wanted, 3)
        for key, one in then.items():
            assert again[key].mean == pytest.approx(one.mean, rel=1e-12)
            assert again[key].paths == pytest.approx(one.paths, rel=1e-12)


def test_a_series_with_trend_and_season_is_forecast_better_than_naively(found):
    frame = found.frame.set_index("metric")
    assert frame.loc["revenue", "skill"] > 0.2
    assert frame.loc["revenue", "mase"] < frame.loc["revenue", "naive_mase"]
    assert 0.5 <= frame.loc["revenue", "coverage_80"] <= 1
    assert abs(frame.loc["revenue", "bias"]) < 0.05


def test_calibration_counts_every_case_once(found):
    table, (whole,) = (
        found.part("calibration").frame,
        found.part("overall").frame.to_dict("records"),
    )
    assert table["forecasts"].sum() == whole["forecasts"] > 0
    assert whole["cases"] <= whole["forecasts"]
    assert 0 < whole["with_target"] < whole["forecasts"]  # revenue of the whole has targets
    assert 0 <= whole["brier"] <= 1


def test_too_young_for_a_backtest(firm):
    young = backtest(firm("2022-06"))
    assert young.cell(0, "mase") == NotApplicable("too few points")
    assert young.part("overall").cell(0, "brier") == NotApplicable("too few points")


def test_two_methods_agree_on_a_plain_series(firm):
    found = second_opinion(firm(), ["revenue"], 6)
    assert abs(found.frame["second_gap"].iloc[0]) < 0.1
    assert found.findings == ()


def test_disagreement_is_a_finding(firm, monkeypatch):
    module = __import__("opsnb.analyses.second_opinion", fromlist=["x"])
    monkeypatch.setattr(module, "_smoothed", lambda y, h, *, season: np.full(h, y[-1] + 1.0))
    found = second_opinion(firm(), ["revenue"], 6)
    (finding,) = found.findings
    assert finding.code == "OPS071"
    assert (
        not finding.evidence["ahead_lower"]
        <= finding.evidence["second"]
        <= (finding.evidence["ahead_upper"])
    )


def test_the_second_method_continues_a_line_and_a_constant():
    assert _smoothed(np.full(40, 3.0), 4, season=True).tolist() == [3.0] * 4
    line = np.arange(60.0) + np.random.default_rng(1).normal(0, 0.1, 60)
    ahead = _smoothed(line, 3, season=False)
    assert ahead == pytest.approx([60, 61, 62], abs=2)

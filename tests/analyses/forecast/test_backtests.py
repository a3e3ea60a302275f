"""Backtest, calibration and second opinion."""

from dataclasses import replace

import numpy as np
import pytest

from opsnb.analyses import backtest, origins, second_opinion
from opsnb.analyses.histories import history
from opsnb.analyses.odds import year_goals
from opsnb.analyses.origins import EVERY, FEWEST, looked_back, outlooks_at
from opsnb.analyses.second_opinion import _smoothed
from opsnb.results import NotApplicable


@pytest.fixture(scope="module")
def past(firm):
    return history(firm())


@pytest.fixture(scope="module")
def found(firm):
    return backtest(firm())


def test_origins_have_two_years_and_end_before_the_last_month(past):
    made = looked_back(past, 3, {}).origins
    places = [origin.place for origin in made]
    assert len(past.months) - EVERY <= places[-1] <= len(past.months) - 1
    assert min(places) >= past.begun + FEWEST
    assert set(np.diff(places)) == {EVERY}
    assert {origin.month.start.month for origin in made} == {1, 3, 5, 7, 9, 11}


def test_a_month_more_makes_only_the_origins_that_are_new(firm, monkeypatch, tmp_path):
    """What earlier months would have said is found again, and is what is made without a cache."""
    made = []

    def recorded(past, place, *rest):
        made.append(str(past.months[place - 1]))
        return outlooks_at(past, place, *rest)

    monkeypatch.setattr(origins, "outlooks_at", recorded)
    monkeypatch.setenv("OPSNB_CACHE", str(tmp_path / "cache"))
    found = {}
    for month, new in (("2025-07", None), ("2025-08", ["2025-07"]), ("2025-09", [])):
        workbook, made[:] = firm(period=month), []
        past = history(workbook)
        found[month] = looked_back(past, 3, year_goals(workbook, past))
        assert new is None or made == new
    monkeypatch.setenv("OPSNB_CACHE", "off")
    anew = looked_back(past, 3, year_goals(workbook, past))
    assert len(made) == len(anew.origins)
    assert anew.cases == found["2025-09"].cases
    assert anew.cases
    for one, other in zip(anew.origins, found["2025-09"].origins, strict=True):
        assert (one.place, one.month) == (other.place, other.month)
        for key, forecast in one.found.items():
            np.testing.assert_array_equal(forecast.mean, other.found[key].mean)
            for level, ends in forecast.intervals.items():
                np.testing.assert_array_equal(ends, other.found[key].intervals[level])


def test_a_past_that_was_restated_is_looked_back_on_anew(past, monkeypatch, tmp_path):
    monkeypatch.setenv("OPSNB_CACHE", str(tmp_path / "cache"))
    first = looked_back(past, 3, {})
    place = first.origins[-2].place
    values = {
        key: y * np.where(np.arange(len(y)) == place - 1, 2.0, 1.0)
        for key, y in past.values.items()
    }
    again = looked_back(replace(past, values=values), 3, {})
    key = ("revenue", "all")
    same = [
        np.array_equal(one.found[key].mean, other.found[key].mean)
        for one, other in zip(first.origins, again.origins, strict=True)
    ]
    assert same == [True] * (len(same) - 2) + [False] * 2


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

"""Odds of the year's target learn from years that are over, and are the same everywhere."""

from dataclasses import replace

import numpy as np
import pytest

from opsnb.analyses import backtest, forecast, outlook, what_if
from opsnb.analyses.histories import history
from opsnb.analyses.odds import adjustment, learned_before, published, year_goals
from opsnb.analyses.origins import Case, looked_back
from opsnb.analyses.year_ends import is_decided
from opsnb.stats.calibration import brier
from opsnb.stats.odds import Adjustment


@pytest.fixture(scope="module")
def past(firm):
    return history(firm())


@pytest.fixture(scope="module")
def cases(firm, past):
    return looked_back(past, 12, year_goals(firm(), past)).cases


def case(year, left, said=0.5, met=False, place=0.9, **other):
    given = {"is_planned": True, "is_higher": True, "is_decided": False} | other
    return Case(("revenue", "all", str(year)), said, met, place=place, left=left, **given)


def test_odds_know_nothing_of_their_own_year_or_later_ones(cases):
    assert {c.about[2] for c in cases} >= {"2023", "2024"}
    turned = [c if c.about[2] < "2024" else replace(c, met=not c.met, place=1 - c.place)
              for c in cases]  # fmt: skip
    for one, other in zip(published(cases), published(turned), strict=True):
        assert one.said == other.said
    assert learned_before("2024", cases) == learned_before("2024", turned)
    assert learned_before("2025", cases) != learned_before("2025", turned)


def test_the_first_year_is_published_as_simulated(cases):
    first = min(c.about[2] for c in cases)
    for one, other in zip(cases, published(cases), strict=True):
        if one.about[2] == first:
            assert one == other


def test_a_year_that_was_forecast_at_its_end_alone_teaches_nothing():
    assert learned_before("2025", [case(2024, left) for left in (1, 3)]) == Adjustment()
    assert learned_before("2025", [case(2024, left) for left in (1, 3, 5)]).clusters == 1


def test_only_targets_on_record_tell_of_targets():
    told = [case(2024, left, is_planned=False) for left in (1, 3, 5)]
    found = learned_before("2025", told)
    assert found.shift > 0
    assert found.weight == 0
    mixed = [case(2024, left) for left in (1, 3, 5)]
    *_, on_record = published([*mixed, case(2025, 12)])
    *_, none = published([*mixed, case(2025, 12, is_planned=False)])
    assert on_record.said < none.said  # 2024 missed its targets
    shifted = Adjustment(learned_before("2025", mixed).shift, clusters=1)
    assert none.said == shifted.odds(0.5, higher=True, left=1.0)


def test_what_is_decided_stays_certain():
    told = [case(2024, left) for left in (1, 3, 5)]
    *_, one = published([*told, case(2025, 2, said=1.0, is_decided=True)])
    assert one.said == 1.0
    ahead = np.array([[0.0, 2.0]])
    assert is_decided(ahead, 10.0, 10.0, "higher")
    assert not is_decided(ahead, 10.0, 10.0, "lower")
    assert is_decided(ahead, 10.1, 10.0, "lower")
    assert not is_decided(ahead - 1, 11.0, 10.0, "higher")


def test_every_report_has_the_same_odds(firm, past):
    (row,) = forecast(firm(), ["revenue"]).frame.to_dict("records")
    monthly = outlook(firm(), ["revenue"], history="nowhere").frame["p_met"].iloc[0]
    assumed = what_if(firm(), "revenue").frame["p_met"].iloc[0]
    assert row["p_met"] == monthly == assumed
    assert adjustment(firm(), past, 12) == adjustment(firm(unit="north"), past, 12)


def test_the_calibration_is_of_published_odds(firm, cases):
    whole = backtest(firm()).part("overall").frame.iloc[0]
    met = [c.met for c in cases]
    assert whole["brier"] == pytest.approx(brier([c.said for c in published(cases)], met))
    assert whole["simulated_brier"] == pytest.approx(brier([c.said for c in cases], met))

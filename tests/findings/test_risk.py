"""Rules about risk: each fires, does not fire, and is silent where it could not judge."""

import datetime as dt
import math

import pandas as pd
import pytest

from opsnb.findings import risk as rules
from opsnb.findings.risk import (
    Cases,
    KriCase,
    LimitCase,
    ModelCase,
    Place,
    RiskCase,
    TreatmentCase,
    find_in_kris,
    find_in_register,
    owned,
    unowned,
)

PLACE = Place("all", "2026-10", dt.date(2026, 10, 31))
LOSS = "risk:annual_loss"


def kri(**changed):
    usual = {
        "kri": "K1", "metric": "kri:K1", "unit": "all", "owner": "生产部", "colour": "green",
        "basis": "level", "level": 20.0, "p_red": 0.1, "p_orange": 0.2,
        "thresholds": {"yellow": 30.0, "orange": 38.0, "red": 45.0}, "horizon": 6,
        "months": None, "latest": "2026-10", "response": "报告", "down_periods": 2,
    }  # fmt: skip
    return KriCase(**(usual | changed))


@pytest.mark.parametrize(
    ("changed", "code", "severity"),
    [
        ({"colour": "red", "level": 46.0}, "RSK001", "red"),
        ({"colour": "yellow", "level": 31.0}, "RSK001", "yellow"),
        ({"colour": "orange", "basis": "forecast", "months": 3}, "RSK002", "orange"),
        ({"colour": "yellow", "basis": "forecast"}, "RSK002", "yellow"),
        ({"colour": "grey", "basis": "missing", "level": math.nan}, "RSK003", "grey"),
        ({"colour": "orange", "basis": "held"}, "RSK004", "orange"),
    ],
)
def test_each_colour_has_its_finding(changed, code, severity):
    (found,) = find_in_kris([kri(**changed)], PLACE)
    assert (found.code, found.severity, found.evidence["kri"]) == (code, severity, "K1")


def test_a_green_indicator_has_none():
    assert find_in_kris([kri()], PLACE) == ()


def test_a_warning_names_the_threshold_and_what_is_required():
    (found,) = find_in_kris([kri(colour="orange", basis="forecast", p_red=0.65, months=5)], PLACE)
    told = found.evidence
    assert (told["limit"], told["probability"], told["months"]) == (45.0, 0.65, 5)
    assert told["response"] == "报告"
    (found,) = find_in_kris([kri(colour="yellow", basis="forecast", p_orange=0.6)], PLACE)
    assert (found.evidence["limit"], found.evidence["towards"]) == (38.0, "orange")
    assert "months" not in found.evidence


def codes(**cases):
    return [f.code for f in find_in_register(Cases(**cases), PLACE)]


def test_the_appetite():
    assert codes(limits=[LimitCase(LOSS, 1e6, 0.05, 0.051)]) == ["RSK005"]
    assert codes(limits=[LimitCase(LOSS, 1e6, 0.05, 0.05)]) == []


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"doubt": "effect", "before": 46, "after": 12, "claim": 0.6}, "RSK006"),
        ({"doubt": "evidence"}, "RSK007"),
        ({"doubt": "", "due": dt.date(2026, 10, 31)}, "RSK014"),
        ({"doubt": "", "due": dt.date(2026, 11, 1)}, None),
        ({"doubt": ""}, None),
    ],
)
def test_treatments(changed, code):
    found = codes(treatments=[TreatmentCase("T1", "R1", "生产部", **changed)])
    assert found == ([code] if code else [])


def risk_case(**changed):
    usual = {
        "risk": "R1", "owner": "销售部", "metric": LOSS, "rating": "low", "loss": 1.0,
        "treated": True, "review_on": None,
    }  # fmt: skip
    return RiskCase(**(usual | changed))


@pytest.mark.parametrize(
    ("changed", "found"),
    [
        ({}, []),
        ({"review_on": dt.date(2026, 10, 31)}, [("RSK008", "yellow")]),
        ({"review_on": dt.date(2026, 6, 30)}, [("RSK008", "orange")]),
        ({"review_on": dt.date(2026, 11, 1)}, []),
        ({"rating": "high", "treated": False}, [("RSK011", "orange")]),
        ({"rating": "high"}, []),
        ({"prior": 1.0, "low": 1.2, "high": 2.0, "count": 9}, [("RSK012", "yellow")]),
        ({"prior": 3.0, "low": 1.2, "high": 2.0, "count": 9}, [("RSK012", "yellow")]),
        ({"prior": 1.5, "low": 1.2, "high": 2.0, "count": 9}, []),
    ],
)
def test_risks(changed, found):
    got = find_in_register(Cases(risks=[risk_case(**changed)]), PLACE)
    assert [(f.code, f.severity) for f in got] == found


def test_the_simulation_itself():
    assert codes(models=[ModelCase(LOSS, 5.1)]) == ["RSK013"]
    assert codes(models=[ModelCase(LOSS, 4.9)]) == []
    assert codes(models=[ModelCase(LOSS, 1.0, 10, 3, 0.01)]) == ["RSK015"]
    assert codes(models=[ModelCase(LOSS, 1.0, 10, 1, 0.4)]) == []
    assert rules.beyond_risk(ModelCase(LOSS, 1.0), PLACE).reason == "too few points"


def action(**changed):
    usual = {
        "id": "A1", "finding": "", "metric": "", "kri_id": "", "risk_id": "", "unit": "all",
        "period": "2026-10", "action": "行动", "owner": "某人",
        "deadline": pd.Timestamp("2026-12-01"), "status": "open",
    }  # fmt: skip
    return usual | changed


ORANGE = find_in_kris([kri(colour="orange", basis="forecast", months=3)], PLACE)


@pytest.mark.parametrize(
    "row",
    [
        action(kri_id="K1"), action(finding="RSK002"), action(metric="kri:K1"),
        action(kri_id="K1", status="ongoing", period="2026-08"),
    ],
)  # fmt: skip
def test_an_action_takes_on_what_it_names(row):
    (found,) = owned(ORANGE, [row], PLACE)
    assert (found.action, found.owner) == ("行动", "某人")
    assert found.evidence["deadline"] == "2026-12-01"


@pytest.mark.parametrize(
    "row",
    [
        None, action(kri_id="K2"), action(finding="RSK001"), action(kri_id="K1", unit="south"),
        action(kri_id="K1", status="done"), action(kri_id="K1", status="cancelled"),
        action(kri_id="K1", period="2026-11"), action(kri_id="K1", finding="RSK001"),
    ],
)  # fmt: skip
def test_a_warning_without_action_is_a_red_finding(row):
    first, second = owned(ORANGE, [row] if row else [], PLACE)
    assert first == ORANGE[0]
    assert (second.code, second.severity) == ("RSK009", "red")
    assert second.evidence == {"kri": "K1", "warning": "RSK002", "level_of": "orange"}


def test_of_several_actions_the_one_that_names_most_counts():
    rows = [action(finding="RSK002"), action(id="A2", finding="RSK002", kri_id="K1", action="专")]
    assert owned(ORANGE, rows, PLACE)[0].action == "专"


def test_yellow_and_grey_need_no_action():
    calm = find_in_kris([kri(colour="yellow"), kri(colour="grey")], PLACE)
    assert owned(calm, [], PLACE) == calm


def test_the_policy_holds_what_it_names():
    register = find_in_register(Cases(limits=[LimitCase(LOSS, 1e6, 0.05, 0.2)]), PLACE)
    found = owned([*ORANGE, *register], [], PLACE)
    assert [f.evidence["warning"] for f in unowned(found, "orange")] == ["RSK002", "RSK005"]
    assert [f.evidence["warning"] for f in unowned(found, "red")] == ["RSK005"]
    assert unowned(found, "never") == []
    taken = owned([*ORANGE, *register], [action(kri_id="K1"), action(finding="RSK005")], PLACE)
    assert unowned(taken, "orange") == []


def test_what_two_findings_say_has_two_keys():
    cases = [LimitCase(LOSS, loss, 0.01, 0.2) for loss in (1e6, 2e6)]
    found = find_in_register(Cases(limits=cases), PLACE)
    assert len({f.key("probability") for f in found}) == 2

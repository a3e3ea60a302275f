"""What rows of the ledgers of risk must be together."""

import pandas as pd
import pytest

from opsnb.data.ledgers import ledger, units

RISK = {
    "risk_id": "R1", "category": "market", "event": "需求下滑", "owner": "销售部",
    "frequency": "0.5", "loss_low": "100", "loss_high": "1000", "response": "reduce",
}  # fmt: skip
GRADED = {
    "risk_id": "R2", "category": "legal", "event": "处罚", "owner": "法务部",
    "likelihood": "3", "impact": "2", "response": "accept",
}  # fmt: skip
KRI = {
    "kri_id": "K1", "label": "逾期占比", "measured_in": "%", "better": "lower", "yellow": "6%",
    "orange": "7.5%", "red": "9%", "basis": "分位数", "response": "催收", "owner": "财务部",
}  # fmt: skip
READINGS = [{"kri_id": "K1", "period": "2026-10", "value": "7.8%"}]
LIMIT = {"loss": "1000", "probability": "20%", "basis": "董事会"}


def text(*rows):
    return pd.DataFrame(rows).to_csv(index=False)


@pytest.fixture
def read(company):
    def read(name, **ledgers):
        made = company(**ledgers)
        return ledger(made, name, units(made))

    return read


@pytest.fixture
def told(read, refused):
    def told(name, **ledgers):
        return refused(lambda: read(name, **ledgers))

    return told


def test_grades_alone_are_a_judgement(read):
    found = read("risks", risks=text(RISK, GRADED))
    assert found["frequency"].isna().tolist() == [False, True]
    assert found["likelihood"].tolist()[1] == 3


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"impact": ""}, "risks.csv, row 2, column impact: the cell is empty"),
        ({"likelihood": ""}, "row 2, column likelihood: the cell is empty"),
        ({"likelihood": "", "impact": ""}, "row 2, column frequency: none given"),
        ({"likelihood": "nan"}, "row 2, column likelihood: "),
        ({"frequency": "0.5"}, "row 2, column loss_low: none given"),
    ],
)
def test_half_a_judgement_is_refused(told, changed, message):
    assert message in told("risks", risks=text(GRADED | changed))


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"frequency": "0"}, "column frequency: Input should be greater than 0"),
        ({"frequency": "-1"}, "column frequency: Input should be greater than 0"),
        ({"frequency": "nan"}, "column frequency: 'nan' is not a number"),
        ({"loss_low": "inf"}, "column loss_low: 'inf' is not a number"),
        ({"loss_low": "1000"}, "column loss_high: loss_low and loss_high are both 1000"),
        ({"category": "道德"}, "column category: '道德' is not known"),
    ],
)
def test_a_number_that_cannot_be_is_refused(told, changed, message):
    found = told("risks", risks=text(RISK | changed))
    assert found.startswith("risks.csv, row 2, ")
    assert message in found


def test_a_risk_has_a_row_for_each_day_of_judgement(read, told):
    again = RISK | {"assessed_on": "2026-10-01", "frequency": "0.8"}
    assert len(read("risks", risks=text(RISK, again))) == 2
    found = told("risks", risks=text(again, again))
    assert "row 3" in found
    assert "stands twice (row 2): R1, 2026-10-01" in found


def test_a_treatment_of_a_risk_that_is_gone_is_refused(told):
    treatment = {"treatment_id": "T1", "risk_id": "R9", "status": "effective"}
    found = told("treatments", risks=text(RISK), treatments=text(treatment))
    assert found == "treatments.csv, row 2, column risk_id: unknown risk 'R9'; known: R1"


def test_a_group_shares_one_variation(read, told):
    one, other = RISK | {"group": "行情"}, RISK | {"risk_id": "R2", "group": "行情"}
    assert "column group_cv: no row of group '行情'" in told("risks", risks=text(one, other))
    both = (one | {"group_cv": "0.5"}, other | {"group_cv": "0.4"})
    found = told("risks", risks=text(*both))
    assert found.startswith("risks.csv, row 3, column group_cv: group '行情' has the variation 0.5")
    assert len(read("risks", risks=text(one | {"group_cv": "0.5"}, other))) == 2


def test_an_indicator_has_values_of_its_own(read, told):
    found = told("kris", kris=text(KRI))
    assert found.startswith("kris.csv, row 2, column metric: indicator 'K1' has no values")
    assert read("kris", kris=text(KRI), readings=text(*READINGS)).at[0, "red"] == 0.09


def test_a_reading_belongs_to_an_indicator_without_a_metric(told):
    lost = [*READINGS, {"kri_id": "K2", "period": "2026-10", "value": "1%"}]
    found = told("readings", kris=text(KRI), readings=text(*lost))
    assert found.startswith("readings.csv, row 3, column kri_id: unknown kri 'K2'")
    measured = {k: v for k, v in KRI.items() if k not in ("label", "measured_in")}
    found = told("readings", kris=text(measured | {"metric": "margin"}), readings=text(*READINGS))
    assert "row 2, column kri_id: indicator 'K1' is measured by the metric 'margin'" in found


def test_a_reading_is_of_a_month(told):
    found = told("readings", kris=text(KRI), readings=text(READINGS[0] | {"period": "2026-Q3"}))
    assert found.startswith("readings.csv, row 2, column period: '2026-Q3' is no month")


@pytest.mark.parametrize(
    ("kri", "reading", "where"),
    [
        ({"red": "9"}, {}, "kris.csv, row 2, column red: '9' for an indicator in %"),
        ({}, {"value": "7.8"}, "readings.csv, row 2, column value: '7.8' for an indicator in %"),
        (
            {"measured_in": "天", "yellow": "6", "orange": "7", "red": "9"},
            {"value": "7%"},
            "readings.csv, row 2, column value: '7%' for an indicator that is no share",
        ),
        (
            {"measured_in": "天"},
            {"value": "7"},
            "kris.csv, row 2, column yellow: '6%' for an indicator that is no share",
        ),
    ],
)
def test_numbers_are_in_the_unit_of_the_indicator(told, kri, reading, where):
    readings = text(READINGS[0] | reading)
    name = where.partition(".")[0]
    assert told(name, kris=text(KRI | kri), readings=readings).startswith(where)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"orange": "5%"}, "column red: yellow, orange, red 0.06, 0.05, 0.09 are out of order"),
        ({"red": ""}, "column red: the cell is empty"),
        ({"label": ""}, "column metric: neither a metric nor a label"),
        ({"valid_months": "0"}, "column valid_months: Input should be greater than or equal to 1"),
    ],
)
def test_an_indicator_is_whole(told, changed, message):
    found = told("kris", kris=text(KRI | changed), readings=text(*READINGS))
    assert found.startswith("kris.csv, row 2, ")
    assert message in found


def test_an_appetite_is_one_curve(read, told):
    second = LIMIT | {"loss": "5000", "probability": "5%"}
    assert len(read("appetite", appetite=text(second, LIMIT))) == 2
    found = told("appetite", appetite=text(LIMIT, second | {"probability": "30%"}))
    assert found.startswith("appetite.csv, row 3, column probability: a loss over 5,000 may be")
    assert "row 3" in told("appetite", appetite=text(LIMIT, LIMIT))
    for share in ("0", "1"):
        found = told("appetite", appetite=text(LIMIT | {"probability": share}))
        assert "column probability" in found


def test_an_action_names_what_it_is_about(read, told):
    action = {
        "id": "A1", "kri_id": "K1", "period": "2026-10", "action": "x", "owner": "y",
        "deadline": "2026-12-01",
    }  # fmt: skip
    ledgers = {"risks": text(RISK), "kris": text(KRI), "readings": text(*READINGS)}
    assert read("actions", actions=text(action), **ledgers).at[0, "kri_id"] == "K1"
    found = told("actions", actions=text(action | {"kri_id": "K9"}), **ledgers)
    assert found.startswith("actions.csv, row 2, column kri_id: unknown kri 'K9'")
    found = told("actions", actions=text(action | {"kri_id": "", "risk_id": "R9"}), **ledgers)
    assert found.startswith("actions.csv, row 2, column risk_id: unknown risk 'R9'")

"""The register as it stood on a day: what counts, what it costs, what incidents say of it."""

import datetime as dt

import pandas as pd
import pytest

import opsnb
from opsnb.analyses import (
    assessed,
    kri,
    risk,
    risk_incidents,
    risk_losses,
    risk_matrix,
    risk_register,
    risk_responses,
    risk_warnings,
)

RISK = {
    "risk_id": "R1", "category": "market", "event": "需求下滑", "owner": "销售部",
    "frequency": "2", "loss_low": "100", "loss_high": "1000", "response": "reduce",
}  # fmt: skip
TREATMENT = {
    "treatment_id": "T1", "risk_id": "R1", "status": "effective", "effective_on": "2026-01-01",
    "effect_frequency": "50%", "evidence": "验收单", "cost": "10",
}  # fmt: skip


def text(*rows):
    return pd.DataFrame(rows).to_csv(index=False)


@pytest.fixture
def book(write_company, tmp_path):
    """Return the function that opens a small company with ledgers of risk."""

    def book(period="2026-03", profile=None, **ledgers):
        folder = tmp_path / f"c{len(list(tmp_path.iterdir()))}"
        folder.mkdir()
        made = write_company(
            folder,
            metrics={"revenue": {"table": "sales", "measure": "sum(amount)"}},
            sources={"sales": {"columns": {"day": "date", "amount": "decimal(2)"}}},
            data={"sales": "day,amount\n2026-03-01,10\n2026-02-01,9\n"},
            ledgers=ledgers,
            as_of="2026-04-05",
            **(profile or {}),
        )
        return opsnb.open(made, period)

    return book


def test_without_ledgers_there_is_nothing_to_say(book):
    found = risk(book())
    assert len(found.frame) == 0
    assert found.findings == ()


def test_a_register_of_one_risk(book):
    workbook = book(risks=text(RISK), treatments=text(TREATMENT))
    register = assessed(workbook)
    matrix = risk_matrix(register)
    assert matrix.frame["risk_id"].tolist() == ["R1"]
    assert matrix.part("risk_reversals").frame["pairs"].tolist() == [0, 0]
    losses = risk_losses(register)
    of_total = losses.frame[losses.frame["risk_id"] == "total"].set_index("stage")["mean"]
    of_risk = losses.frame[losses.frame["risk_id"] == "R1"].set_index("stage")["mean"]
    pd.testing.assert_series_equal(of_total, of_risk, check_names=False)
    shares = losses.frame.query("stage == 'residual'")["tail_share"]
    assert shares.tolist() == pytest.approx([1, 1])
    assert len(risk_responses(register).frame) == 1
    assert len(risk_incidents(register).frame) == 0
    assert len(risk_register(register).frame) == 1
    assert risk_warnings(register, kri(workbook)).findings == ()


def test_only_what_is_effective_lowers_the_residual_loss(book):
    means = {}
    for name, changed in {
        "effective": {},
        "under way": {"status": "ongoing"},
        "proposed": {"status": "proposed"},
        "ended": {"status": "ended"},
        "no evidence": {"evidence": ""},
        "not yet": {"effective_on": "2026-05-01"},
    }.items():
        register = assessed(book(risks=text(RISK), treatments=text(TREATMENT | changed)))
        means[name] = {s: register.means(stage=s)["R1"] for s in ("inherent", "residual", "target")}
    inherent = means["effective"]["inherent"]
    assert means["effective"]["residual"] == pytest.approx(inherent / 2)
    for name in ("under way", "proposed", "no evidence", "not yet"):
        assert means[name]["residual"] == pytest.approx(inherent)
        assert means[name]["target"] == pytest.approx(inherent / 2)
    assert means["ended"]["target"] == pytest.approx(inherent)


def test_a_treatment_without_evidence_is_told(book):
    register = assessed(book(risks=text(RISK), treatments=text(TREATMENT | {"evidence": ""})))
    found = risk_warnings(register, kri(register.workbook)).findings
    assert [f.code for f in found] == ["RSK007"]
    assert risk_responses(register).frame["doubt"].tolist() == ["evidence"]


def test_of_several_judgements_the_latest_by_then_counts(book):
    rows = (
        RISK,
        RISK | {"frequency": "3", "assessed_on": "2026-03-10"},
        RISK | {"frequency": "9", "assessed_on": "2026-04-01"},
    )
    workbook = book(risks=text(*rows))
    register = assessed(workbook)
    assert register.means("frequency")["R1"] == pytest.approx(3)
    assert register.before.means("frequency")["R1"] == pytest.approx(2)
    frame = risk_matrix(register).frame
    assert frame["change"].tolist() == pytest.approx([0.5])
    new = assessed(book(risks=text(RISK | {"assessed_on": "2026-03-10"})))
    matrix = risk_matrix(new)
    assert matrix.cell(0, "change").reason == "judged for the first time"
    later = assessed(book(risks=text(RISK | {"assessed_on": "2026-04-10"})))
    assert later.records == []


def test_grades_alone_are_shown_and_not_counted(book):
    graded = {
        "risk_id": "R2", "category": "legal", "event": "处罚", "owner": "法务部",
        "likelihood": "3", "impact": "2", "response": "accept",
    }  # fmt: skip
    register = assessed(book(risks=text(RISK, graded)))
    listed = risk_register(register)
    assert listed.frame["quantified"].tolist() == ["yes", ""]
    assert listed.cell(1, "residual").reason == "not quantified"
    assert "R2" not in risk_losses(register).frame["risk_id"].tolist()
    alone = assessed(book(risks=text(graded)))
    assert len(risk_losses(alone).frame) == 0
    assert len(risk_matrix(alone).frame) == 0
    assert len(risk_register(alone).frame) == 1


INCIDENTS = [
    {"incident_id": f"I{i}", "risk_id": "R1", "date": f"2025-{i:02d}-15", "loss": "500"}
    for i in range(1, 13)
]


def test_incidents_bring_the_frequency_up_to_date(book):
    profile = {"risk": {"incidents_from": "2025-01-01"}}
    register = assessed(book(risks=text(RISK), incidents=text(*INCIDENTS), profile=profile))
    update = register.updates["R1"]
    years = 455 / 365.25  # 2025-01-01 to the end of 2026-03
    assert update.count == 12
    assert update.years == pytest.approx(years)
    assert update.posterior == pytest.approx((4 + 12) / (2 + years))  # shape 1 / 0.5²
    assert register.means("frequency")["R1"] == pytest.approx(update.posterior)
    assert update.low < update.posterior < update.high


def test_years_under_a_treatment_count_by_what_it_leaves(book):
    profile = {"risk": {"incidents_from": "2025-01-01"}}
    treated = TREATMENT | {"effective_on": "2026-01-01"}
    register = assessed(
        book(risks=text(RISK), treatments=text(treated), profile=profile,
             incidents=text(*INCIDENTS))
    )  # fmt: skip
    assert register.treatments[0]["counted"] == "effective"
    assert register.updates["R1"].years == pytest.approx((365 + 0.5 * 90) / 365.25)


def test_incidents_before_the_records_begin_are_told(book):
    profile = {"risk": {"incidents_from": "2025-06-01"}}
    register = assessed(book(risks=text(RISK), incidents=text(*INCIDENTS), profile=profile))
    assert register.updates["R1"].count == 7
    assert risk_incidents(register).provenance["risk"]["uncounted"] == 5


def test_incidents_before_a_judgement_are_known_to_it(book):
    profile = {"risk": {"incidents_from": "2025-01-01"}}
    judged = RISK | {"assessed_on": "2026-01-01"}
    register = assessed(book(risks=text(judged), incidents=text(*INCIDENTS), profile=profile))
    assert register.updates["R1"].count == 0


def test_incidents_that_go_on_contradict_a_treatment(book):
    more = [
        {"incident_id": f"J{i}", "risk_id": "R1", "date": f"2026-{m:02d}-{d:02d}", "loss": "500"}
        for i, (m, d) in enumerate((m, d) for m in (1, 2, 3) for d in (5, 15, 25))
    ]
    profile = {"risk": {"incidents_from": "2025-01-01"}}
    given = {"risks": text(RISK), "treatments": text(TREATMENT), "profile": profile}
    going_on = assessed(book(incidents=text(*INCIDENTS, *more), **given))
    assert going_on.treatments[0]["doubt"] == "effect"
    assert going_on.means()["R1"] == pytest.approx(going_on.means(stage="inherent")["R1"])
    calm = assessed(book(incidents=text(*INCIDENTS), **given))
    assert calm.treatments[0]["counted"] == "effective"
    assert calm.means()["R1"] == pytest.approx(calm.means(stage="inherent")["R1"] / 2)


def test_years_are_looked_back_on_with_the_register_of_their_time(book):
    profile = {"risk": {"incidents_from": "2024-01-01"}}
    later = RISK | {"frequency": "40", "assessed_on": "2025-06-01"}
    large = [INCIDENTS[0] | {"loss": "1e6"}]
    register = assessed(book(risks=text(RISK, later), incidents=text(*large), profile=profile))
    frame = risk_incidents(register).part("risk_backtest").frame.set_index("year")
    assert frame["beyond"].tolist() == ["", "yes"]
    assert frame.at["2025", "lost"] == 1e6
    # The register as 2025 began: two events a year, none of them seen in 2024.
    assert frame.at["2025", "var_year"] < frame.at["2024", "var_year"]
    assert register.day == dt.date(2026, 3, 31)


def test_the_appetite_is_held_against_the_residual_loss(book):
    limits = ({"loss": "2000", "probability": "50%", "basis": "董事会"},
              {"loss": "3000", "probability": "0.1%", "basis": "董事会"})  # fmt: skip
    register = assessed(book(risks=text(RISK), appetite=text(*limits)))
    found = risk_warnings(register, kri(register.workbook)).findings
    assert [(f.code, f.evidence["loss"]) for f in found if f.code == "RSK005"] == [("RSK005", 3000)]
    points = risk_losses(register).part("risk_limits").frame
    assert (points["p_residual"] <= points["p_inherent"]).all()
    assert [f.code for f in found] == ["RSK005", "RSK009"]


def test_a_risk_rated_high_without_treatment_is_told(book):
    rating = {"medium": 10, "high": 100, "basis": "董事会"}
    workbook = book(risks=text(RISK), profile={"risk": {"rating": rating}})
    found = risk(workbook).findings
    assert [f.code for f in found if f.severity == "orange"] == ["RSK011"]
    accepted = book(risks=text(RISK | {"response": "accept"}), profile={"risk": {"rating": rating}})
    assert risk(accepted).findings == ()


def test_one_unit_has_its_own_indicators_and_no_register(demonstration):
    south = opsnb.open(demonstration, "2026-10", "south")
    assert kri(south).frame["kri"].tolist() == ["K05"]
    found = risk(south)
    assert len(found.frame) == 0
    assert {f.evidence.get("kri") for f in found.findings} == {"K05"}
    assert risk_register(assessed(south)).provenance["risk"]["is_whole"] is False

"""The ledgers about risk: what belongs together, in order, and known."""

import pandas as pd
import pytest

from opsnb.data.ledgers import ledger, units

RISK = {
    "risk_id": "R1", "category": "market", "event": "需求下滑", "owner": "销售部",
    "frequency": "0.5", "loss_low": "100", "loss_high": "1,000", "response": "reduce",
}  # fmt: skip
KRI = {
    "kri_id": "K1", "metric": "margin", "better": "higher", "yellow": "30%", "orange": "28%",
    "red": "25%", "basis": "近三年最低", "response": "调价", "owner": "财务部",
}  # fmt: skip
TREATMENT = {"treatment_id": "T1", "risk_id": "R1", "status": "effective"}
INCIDENT = {"incident_id": "I1", "risk_id": "R1", "date": "2026-03-01", "loss": "120"}
MODELS = {"risks": RISK, "kris": KRI, "treatments": TREATMENT, "incidents": INCIDENT}


def text(*rows):
    return pd.DataFrame(rows).to_csv(index=False)


@pytest.fixture
def read(company):
    """Ledger of one changed row; cells set to None are left out."""

    def read(name, **changed):
        row = {k: v for k, v in (MODELS[name] | changed).items() if v is not None}
        made = company(**({"risks": text(RISK)} | {name: text(row)}))
        return ledger(made, name, units(made))

    return read


def test_what_a_person_writes_is_typed(read):
    risk = read("risks", category="市场", response="转移", likelihood="3", review_on="2026/6/30")
    assert risk.loc[0, ["category", "response"]].tolist() == ["market", "transfer"]
    assert risk.at[0, "loss_high"] == 1000
    assert risk.at[0, "likelihood"] == 3
    assert risk.at[0, "review_on"] == pd.Timestamp("2026-06-30")
    assert risk["freq_low"].isna().all()
    kri = read("kris", better="越高越好")
    assert kri.loc[0, ["yellow", "orange", "red"]].tolist() == [0.3, 0.28, 0.25]
    treatment = read("treatments", effect_frequency="20%", share="80%", limit="5,000")
    assert treatment.loc[0, ["effect_frequency", "limit", "share"]].tolist() == [0.2, 5000, 0.8]
    assert read("treatments").at[0, "share"] == 0
    assert read("incidents").at[0, "loss"] == 120


@pytest.mark.parametrize(
    "category", ["市场", "竞争", "政策", "技术", "运营", "财务", "信用", "法律"]
)
def test_the_eight_categories_have_chinese_names(read, category):
    assert read("risks", category=category).at[0, "category"].isascii()


@pytest.mark.parametrize(
    ("chinese", "english"),
    [("规避", "avoid"), ("降低", "reduce"), ("转移", "transfer"), ("接受", "accept")],
)
def test_the_four_responses_are_read_in_both_languages(read, chinese, english):
    for word in (chinese, english, english.upper()):
        assert read("risks", response=word).at[0, "response"] == english


def test_a_pert_risk_takes_three_points(read):
    points = {"frequency": None, "freq_low": "1", "freq_mode": "1", "freq_high": "3"}
    points |= {"loss_low": None, "loss_high": None}
    points |= {"loss_min": "0", "loss_mode": "400", "loss_max": "1000"}
    assert read("risks", **points).at[0, "loss_mode"] == 400


@pytest.mark.parametrize(
    ("name", "changed", "message"),
    [
        ("risks", {"loss_low": "1000"}, "column loss_high: loss_low and loss_high are both 1000"),
        ("risks", {"loss_low": "2000"}, "column loss_high: loss_low 2000 is above loss_high 1000"),
        ("risks", {"loss_low": "0"}, "column loss_low: Input should be greater than 0"),
        ("risks", {"loss_high": None}, "column loss_high: the cell is empty"),
        ("risks", {"loss_max": "5"}, "column loss_low: both given; expected either"),
        ("risks", {"frequency": None}, "column frequency: none given"),
        ("risks", {"freq_low": "1"}, "column frequency: both given"),
        (
            "risks",
            {"frequency": None, "freq_low": "2", "freq_mode": "1", "freq_high": "3"},
            "column freq_mode: freq_low 2 is above freq_mode 1",
        ),
        ("risks", {"category": "markt"}, "column category: 'markt' is not known.*mean 'market'"),
        ("risks", {"response": "降底"}, "column response.*expected one of avoid .规避."),
        ("risks", {"likelihood": "6"}, "column likelihood: .* less than or equal to 5"),
        ("risks", {"impact": "0"}, "column impact: Input should be greater than or equal to 1"),
        ("risks", {"group_cv": "0.5"}, "column group_cv: group_cv without a group"),
        ("risks", {"review_on": "30.06.2026"}, "column review_on: '30.06.2026' is not a day"),
        ("risks", {"owner": " "}, "column owner: the cell is empty"),
        ("kris", {"orange": "31%"}, "column red: .*out of order.*yellow >= orange >= red"),
        ("kris", {"better": "lower"}, "column red: .*out of order.*yellow <= orange <= red"),
        ("kris", {"better": "band"}, "column better: 'band' is not known"),
        ("kris", {"metric": "margn"}, "column metric: unknown metric.*mean 'margin'"),
        ("kris", {"metric": "revenue"}, "column yellow: '30%' for a metric that is no ratio"),
        ("treatments", {"risk_id": "R2"}, "column risk_id: unknown risk 'R2'; known: R1"),
        ("treatments", {"share": "120%"}, "column share: Input should be less than or equal to 1"),
        ("treatments", {"limit": "5,000"}, "column share: a deductible or limit without the share"),
        ("treatments", {"deductible": "9"}, "column share: a deductible or limit without the sh"),
        ("treatments", {"cost": "-1"}, "column cost: Input should be greater than or equal to 0"),
        ("treatments", {"status": "生效"}, "column status: '生效' is not known.*mean '已生效'"),
        ("incidents", {"risk_id": "X"}, "column risk_id: unknown risk 'X'; known: R1"),
        ("incidents", {"date": "2026-02-29"}, "column date: '2026-02-29' is not a day"),
    ],
)  # fmt: skip
def test_a_fault_is_named_by_row_and_column(read, refused, name, changed, message):
    found = refused(lambda: read(name, **changed))
    assert found.startswith(f"{name}.csv, row 2, ")
    assert pd.Series([found]).str.contains(message, regex=True)[0], found


@pytest.mark.parametrize("name", MODELS)
def test_an_id_stands_once(company, refused, name):
    row = MODELS[name]
    made = company(**({"risks": text(RISK)} | {name: text(row, row)}))
    found = refused(ledger, made, name, units(made))
    assert found.startswith(f"{name}.csv, row 3, column {next(iter(row))}: ")
    assert f"stands twice (row 2): {next(iter(row.values()))}" in found


def test_a_broken_register_is_named_where_it_is_needed(company, refused):
    made = company(risks=text(RISK | {"category": "x"}), incidents=text(INCIDENT))
    assert refused(ledger, made, "incidents", units(made)).startswith("risks.csv, row 2")

"""A company's settings: where it is found, what a definition must hold, when a month is closed."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsnb.company import Company
from opsnb.company.profile import Profile
from opsnb.errors import PeriodError, SettingsError
from opsnb.period import Period

REVENUE = {"table": "sales", "measure": "sum(amount)"}
SALES = {"columns": {"day": "date", "amount": "decimal(2)", "region": "text"}}
HEADER = "day,amount,region\n"


@pytest.fixture
def company(write_company, tmp_path):
    """Write a company of one table, with changes, and return its settings."""

    def company(metrics=None, sources=None, **profile):
        folder = write_company(
            tmp_path / "tiny",
            metrics={"revenue": REVENUE} | (metrics or {}),
            sources={"sales": SALES | (sources or {})},
            data={"sales": HEADER},
            **profile,
        )
        return Company(folder)

    return company


def test_a_company_is_found_by_its_folder_and_by_name_above(company, monkeypatch, tmp_path):
    folder = company().folder
    assert Company.find(folder).folder == folder
    (tmp_path / "params").mkdir()
    folder.rename(tmp_path / "params" / "tiny")
    (tmp_path / "deep" / "er").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "deep" / "er")
    assert Company.find("tiny").folder == tmp_path / "params" / "tiny"


def test_a_folder_of_the_same_name_that_is_no_company_does_not_hide_it(
    company, monkeypatch, tmp_path
):
    folder = company().folder
    (tmp_path / "params").mkdir()
    folder.rename(tmp_path / "params" / "tiny")
    (tmp_path / "tiny").mkdir()
    monkeypatch.chdir(tmp_path)
    assert Company.find("tiny").id == "tiny"


@pytest.mark.parametrize("name", ["tinny", "../tiny", "", "nowhere/tiny", "\0"])
def test_an_unknown_company_is_refused_with_the_nearest(company, monkeypatch, tmp_path, name):
    folder = company().folder
    (tmp_path / "params").mkdir()
    folder.rename(tmp_path / "params" / "tiny")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SettingsError) as caught:
        _ = Company.find(name).profile
    if name == "tinny":
        assert "did you mean 'tiny'?" in str(caught.value)
        assert "demo" in caught.value.choices


@pytest.mark.parametrize("bad", ["../../x", "a/b", "", "a" * 41, "a b", "区", "a\n", "."])
def test_an_id_that_could_not_be_a_folder_is_refused(company, bad):
    with pytest.raises(SettingsError, match=r"company\.yaml, line 3: id: .* is not an id"):
        _ = company(id=bad).profile
    with pytest.raises(SettingsError, match=r"company\.yaml, line \d+: root\.id: .* is not an id"):
        _ = company(root={"id": bad}).profile


@pytest.mark.parametrize(
    ("thresholds", "holds"),
    [
        ({"yellow": 1, "orange": 0.9, "red": 0.8}, True),
        ({"yellow": 1, "orange": 1, "red": 1}, True),
        ({"yellow": 0.9}, False),
        ({"red": 0.96}, False),
        ({"red": "nan"}, False),
        ({"yellow": 1e999}, False),
    ],
)
def test_thresholds_stand_in_order(company, thresholds, holds):
    made = company(thresholds=thresholds)
    if holds:
        assert made.profile.thresholds.yellow == thresholds["yellow"]
    else:
        with pytest.raises(SettingsError, match=r"company\.yaml, line \d+: thresholds"):
            _ = made.profile


@pytest.mark.parametrize(
    ("as_of", "close_day", "month"),
    [
        ("2026-11-05", 5, "2026-10"),
        ("2026-11-04", 5, "2026-09"),
        ("2026-11-30", 5, "2026-10"),
        ("2026-12-01", 1, "2026-11"),
        ("2026-01-04", 5, "2025-11"),
        ("2026-03-01", 28, "2026-01"),
        ("2026-03-28", 28, "2026-02"),
        ("2024-02-29", 28, "2024-01"),
        ("2024-03-01", 1, "2024-02"),
    ],
)
def test_a_month_is_closed_from_its_close_day_on(company, as_of, close_day, month):
    made = company(as_of=as_of, close_day=close_day)
    assert str(made.period("last-closed")) == month
    assert made.profile.is_closed(Period.parse(month))
    assert not made.profile.is_closed(Period.parse(month).shift(1))


@given(
    as_of=st.dates(dt.date(1990, 1, 1), dt.date(2100, 1, 1)),
    close_day=st.integers(1, 28),
    start=st.integers(1, 12),
)
def test_the_last_closed_month_is_the_latest_that_is_closed(as_of, close_day, start):
    profile = Profile.model_validate(
        {
            "schema": 1,
            "id": "x",
            "name": "x",
            "as_of": as_of,
            "close_day": close_day,
            "fiscal_year": {"start": start},
        }
    )
    last = profile.last_closed
    closes = last.shift(1).start.replace(day=close_day)
    assert closes <= as_of < last.shift(2).start.replace(day=close_day)
    assert last.fiscal.start == start


def test_periods_are_those_of_the_fiscal_year(company):
    made = company(fiscal_year={"start": 7, "named_by": "end"})
    assert made.period("2026").start == dt.date(2025, 7, 1)
    with pytest.raises(PeriodError, match="expected 2026-10"):
        made.period("202610")


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ({"date": "dya"}, ["'date'", "'dya'", "did you mean 'day'"]),
        ({"date": "amount"}, ["'date'", "'amount'", "decimal(2)", "expected date"]),
        ({"unit": "regoin"}, ["'unit'", "did you mean 'region'"]),
        ({"unit": "amount"}, ["'unit'", "expected text"]),
        ({"dimensions": ["regoin"]}, ["'dimensions'", "did you mean 'region'"]),
        ({"path": "../sales.csv"}, ["'path'", "leaves the data folder"]),
        ({"path": "a/../../sales.csv"}, ["'path'", "leaves the data folder"]),
        ({"path": "/etc/passwd"}, ["'path'", "leaves the data folder"]),
        ({"delimiter": '"'}, ["delimiter"]),
        ({"delimiter": "\n"}, ["delimiter"]),
        ({"delimiter": ";;"}, ["delimiter"]),
        ({"columns": {"day": "date", "x": "decmal(2)"}}, ["columns.x", "did you mean"]),
        ({"columns": {"day": "date", "x": "decimal(10)"}}, ["columns.x", "is not a type"]),
        ({"columns": {"day": "date", "x": {"typ": "text"}}}, ["'typ'", "did you mean 'type'"]),
        ({"columns": {"day": "date", "Day": "date"}}, ["'day' and 'Day'", "capital letters"]),
        ({"columns": {"day": "date", "销售额": "number"}}, ["'销售额' is not a name", "from"]),
        ({"columns": {}}, ["columns"]),
    ],
)
def test_a_table_that_does_not_hold_together_is_refused(company, table, words):
    with pytest.raises(SettingsError, match=r"^sources\.yaml, line \d+: ") as caught:
        _ = company(sources=table).tables
    for word in words:
        assert word in str(caught.value)


def test_two_tables_may_not_differ_in_capital_letters_alone(write_company, tmp_path):
    folder = write_company(
        tmp_path, metrics={"revenue": REVENUE}, sources={"sales": SALES, "Sales": SALES}, data={}
    )
    with pytest.raises(SettingsError, match="tables 'sales' and 'Sales' differ"):
        _ = Company(folder).tables


@pytest.mark.parametrize(
    ("metric", "words"),
    [
        ({"measure": "sum(amount)"}, ["needs the key 'table'"]),
        ({**REVENUE, "window": 3}, ["key 'window' does not belong to a simple metric"]),
        ({"kind": "ratio", "numerator": "a"}, ["needs the key 'denominator'"]),
        ({"kind": "cumulative", "metric": "revenue"}, ["either window", "or to_date"]),
        (
            {"kind": "cumulative", "metric": "revenue", "window": 3, "to_date": "year"},
            ["either window", "or to_date"],
        ),
        ({"kind": "cumulative", "metric": "revenue", "window": 0}, ["window", "greater"]),
        ({"kind": "derived"}, ["needs the key 'expression'"]),
        ({"kind": "derived", "expression": "revenue", "over_time": "last"}, ["over_time"]),
        ({**REVENUE, "better": "band"}, ["band"]),
        ({**REVENUE, "better": "band", "band": [2, 1]}, ["out of order"]),
        ({**REVENUE, "better": "band", "band": [1, 1]}, ["out of order"]),
        ({**REVENUE, "band": [1, 2]}, ["band"]),
        ({**REVENUE, "better": "hihger"}, ["better", "did you mean 'higher'"]),
        ({**REVENUE, "kind": "simpel"}, ["kind", "did you mean 'simple'"]),
        ({**REVENUE, "unit": {"zh": "元", "fr": "yuan"}}, ["unknown key 'fr'"]),
        ({**REVENUE, "label": 5}, ["label", "5"]),
        ({**REVENUE, "thresholds": {"yellow": 0.5}}, ["thresholds", "out of order"]),
    ],
)
def test_a_metric_of_the_wrong_shape_is_refused(company, metric, words):
    with pytest.raises(SettingsError, match=r"^metrics\.yaml, line \d+: ") as caught:
        _ = company(metrics={"other": metric}).metrics
    for word in words:
        assert word in str(caught.value)


def test_one_text_is_a_label_in_both_languages(company):
    labels = {"zh": "收入"}
    metrics = company(metrics={"other": {**REVENUE, "label": labels}}).metrics
    assert metrics["other"].label.to_dict() == {"zh": "收入", "en": "收入"}
    assert metrics["revenue"].label.to_dict() == {"zh": "x", "en": "x"}


def test_a_place_is_the_line_of_the_key(company):
    made = company()
    text = (made.folder / "metrics.yaml").read_text().splitlines()
    place = made.place("metrics.yaml", "metrics", "revenue", "measure")
    assert "measure" in text[int(place.rpartition(" ")[2]) - 1]
    assert made.place("metrics.yaml", "nothing") == "metrics.yaml"


def test_the_calendar_may_be_the_companys_own_table(company):
    assert company(calendar="cn").calendar == "cn"
    made = company(calendar="days.csv")
    assert made.calendar == str(made.folder / "days.csv")

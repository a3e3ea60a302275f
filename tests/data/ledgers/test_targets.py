"""Targets are those that stood on a day; every fault has a row and a column."""

import datetime as dt
import math

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsnb.company import Company
from opsnb.data.ledgers import TargetRow, Targets, book, ledger, targets, units
from opsnb.errors import OpsnbError, SettingsError, UnknownNameError
from opsnb.period import Period

UNITS = "unit,label,parent\nnorth,北区,\nn1,北一,north\n"
TARGETS = "metric,unit,period,value\n"


@pytest.mark.parametrize(
    ("row", "place", "words"),
    [
        ("revnue,all,2026-10,1\n", "row 2, column metric", "did you mean 'revenue'"),
        ("revenue,nroth,2026-10,1\n", "row 2, column unit", "did you mean 'north'"),
        ("revenue,all,202610,1\n", "row 2, column period", "expected 2026-10"),
        ("revenue,all,2026-13,1\n", "row 2, column period", "expected 01 to 12"),
        ("revenue,all,2026-10,ten\n", "row 2, column value", "'ten'"),
        ("revenue,all,2026-10,\n", "row 2, column value", "the cell is empty"),
        ('revenue,all,2026-10,"1,00"\n', "row 2, column value", "'1,00' is not a number"),
        ("revenue,all,2026-10,95%\n", "row 2, column value", "expected a number of CNY"),
        ("revenue,all,2026-10,nan\n", "row 2, column value", "finite"),
        ("revenue,all,2026-10,inf\n", "row 2, column value", "finite"),
        ("revenue,all,2026-10,1\n\nrevenue,all,2026-10,2\n", "row 4", "stands twice (row 2)"),
    ],
)
def test_a_fault_in_the_targets_has_a_row_and_a_column(company, row, place, words):
    made = company(units=UNITS, targets=TARGETS + row)
    with pytest.raises((SettingsError, UnknownNameError)) as caught:
        targets(made, units(made))
    assert isinstance(caught.value, OpsnbError)
    assert str(caught.value).startswith(f"targets.csv, {place}: ")
    assert words in str(caught.value)


@pytest.mark.parametrize("version", ["0", "1.5", "two"])
def test_a_version_is_a_whole_number_from_one(company, version):
    made = company(targets=f"metric,unit,period,value,version\nrevenue,all,2026-10,1,{version}\n")
    with pytest.raises(SettingsError, match="row 2, column version"):
        targets(made, units(made))


def test_a_target_counts_from_the_day_it_was_approved(company):
    rows = (
        "revenue,all,2026-10,100,1,\n"
        "revenue,all,2026-10,110,2,2026-11-05\n"
        "revenue,all,2026-10,120,3,2026-11-06\n"
        "revenue,all,2026,900,1,2026-11-06\n"
    )
    made = company(targets="metric,unit,period,value,version,approved_on\n" + rows)
    found = targets(made, units(made))  # as_of is 2026-11-05
    assert found.value("revenue", "all", Period.parse("2026-10")) == 110
    assert found.value("revenue", "all", Period.parse("2026")) is None
    assert found.value("revenue", "north", Period.parse("2026-10")) is None


DAYS = st.none() | st.dates(dt.date(2026, 1, 1), dt.date(2026, 1, 9))
ROWS = st.lists(
    st.tuples(st.sampled_from("ab"), st.integers(1, 4), st.integers(0, 99), DAYS),
    unique_by=lambda row: row[:2],
)


@given(rows=ROWS, as_of=st.dates(dt.date(2026, 1, 1), dt.date(2026, 1, 9)))
def test_the_highest_version_approved_by_the_day_counts(rows, as_of):
    """Whatever the order of the rows; against a sort in pandas."""
    made = [
        TargetRow(metric=m, unit="all", period="2026-10", version=v, value=x, approved_on=day)
        for m, v, x, day in rows
    ]
    made.append(TargetRow(metric="a", unit="all", period="2026-10", scenario="budget", value=-1))
    found = Targets(made, as_of)
    frame = pd.DataFrame(rows, columns=["metric", "version", "value", "day"])
    for metric in "ab":
        valid = frame[
            (frame["metric"] == metric) & ~(frame["day"].notna() & (frame["day"] > as_of))
        ]
        last = valid.sort_values("version")["value"]
        expected = None if last.empty else last.iloc[-1]
        assert found.value(metric, "all", Period.parse("2026-10")) == expected


def test_a_total_needs_every_month_and_is_exact_to_the_cent():
    months = Period.parse("2026").months
    rows = [
        TargetRow(metric="r", unit="all", period=str(month), value=0.1 + i / 100)
        for i, month in enumerate(months)
    ]
    found = Targets(rows, dt.date(2026, 11, 5))
    assert found.total("r", "all", months) == math.fsum(0.1 + i / 100 for i in range(12))
    assert round(found.total("r", "all", months), 10) == 1.86
    assert found.total("r", "all", [*months, Period.parse("2027-01")]) is None
    assert found.total("r", "all", []) == 0


def test_a_fiscal_years_target_is_found_by_its_name(write_company, tmp_path):
    folder = write_company(
        tmp_path,
        metrics={"revenue": {"table": "sales", "measure": "sum(amount)"}},
        sources={"sales": {"columns": {"day": "date", "amount": "number"}}},
        data={},
        ledgers={"targets": TARGETS + "revenue,all,2026,5\nrevenue,all,2026-Q1,2\n"},
        fiscal_year={"start": 7, "named_by": "end"},
    )
    made = Company(folder)
    found = targets(made, units(made))
    september = made.period("2025-09")
    assert found.value("revenue", "all", september.year) == 5
    assert found.value("revenue", "all", september.quarter) == 2


def test_the_demonstration_ledgers_are_read_whole(demonstration):
    company = Company(demonstration)
    known = units(company)
    for name in ("units", "targets", "notes"):
        raw = pd.read_csv(demonstration / f"ledgers/{name}.csv", dtype=str, keep_default_na=False)
        found = book(demonstration / "ledgers", name)
        assert list(found.rows) == list(range(2, len(raw) + 2))
        frame = ledger(company, name, known)
        for column in raw:
            if frame[column].dtype == "str":
                assert frame[column].tolist() == raw[column].tolist()
            elif column == "value":
                assert frame[column].tolist() == raw[column].astype(float).tolist()
    assert len(ledger(company, "targets", known)) > 1000


HEADER = "metric,unit,period,scenario,version,value,approved_on\n"
VERSIONS = HEADER + (
    "revenue,all,2026-07,target,1,100,2025-12-20\n"
    "revenue,all,2026-07,target,2,110,2026-07-10\n"
    "revenue,all,2026-07,target,3,90,2026-08-03\n"
    "revenue,all,2026-07,budget,1,80,2025-12-20\n"
)
JULY = Period.parse("2026-07")


@pytest.mark.parametrize(
    ("as_of", "value", "revision"),
    [
        ("2025-12-19", None, None),
        ("2026-07-09", 100, None),
        ("2026-07-31", 110, (100, 110, "2026-07-10", False)),
        ("2026-08-02", 110, (100, 110, "2026-07-10", False)),
        ("2026-08-03", 90, (110, 90, "2026-08-03", True)),
        ("2027-01-01", 90, (110, 90, "2026-08-03", True)),
    ],
)
def test_a_later_version_does_not_rewrite_the_past(company, as_of, value, revision):
    """A report run again with the as_of it had shows the target it had."""
    made = company({"as_of": as_of}, targets=VERSIONS)
    if value is None:  # nothing was approved by then, in any scenario
        assert targets(made, units(made)).value("revenue", "all", JULY) is None
        return
    found = targets(made, units(made))
    assert found.value("revenue", "all", JULY) == value
    told = found.revision("revenue", "all", JULY)
    if revision is None:
        assert told is None
    else:
        old, new, day, is_late = revision
        assert (told.old, told.new, told.is_late) == (old, new, is_late)
        assert told.approved_on == dt.date.fromisoformat(day)
        assert told.ended == dt.date(2026, 7, 31)


def test_versions_are_those_approved_by_then_in_their_order(company):
    header, *rows = VERSIONS.splitlines()
    turned = "\n".join([header, *reversed(rows)])
    made = company({"as_of": "2026-07-31"}, targets=turned)
    found = targets(made, units(made))
    assert [row.value for row in found.versions("revenue", "all", JULY)] == [100, 110]
    assert found.versions("revenue", "all", JULY.prior) == ()
    assert found.revision("revenue", "all", JULY.prior) is None


def test_a_version_of_the_same_value_is_no_revision(company):
    same = VERSIONS.replace("target,3,90", "target,3,110")
    made = company({"as_of": "2026-08-05"}, targets=same)
    assert targets(made, units(made)).revision("revenue", "all", JULY) is None


def test_a_first_target_set_late_revises_nothing(company):
    rows = HEADER + "revenue,all,2026-07,target,1,100,2026-08-10\n"
    made = company(targets=rows)
    assert targets(made, units(made)).revision("revenue", "all", JULY) is None


def test_another_scenario_is_asked_for_in_the_settings_or_by_name(company, refused):
    made = company({"as_of": "2026-08-05"}, targets=VERSIONS)
    found = targets(made, units(made))
    assert found.scenarios == ["target", "budget"]
    assert found.scenario("budget").value("revenue", "all", JULY) == 80
    made = company({"as_of": "2026-08-05", "scenario": "budget"}, targets=VERSIONS)
    assert targets(made, units(made)).value("revenue", "all", JULY) == 80
    made = company({"scenario": "bugdet"}, targets=VERSIONS)
    message = refused(targets, made, units(made))
    assert message.startswith("company.yaml, scenario: no targets of scenario 'bugdet'")
    assert message.endswith("did you mean 'budget'?")


def test_without_targets_any_scenario_is_empty(company):
    made = company({"scenario": "budget"})
    assert targets(made, units(made)).value("revenue", "all", JULY) is None


def test_a_version_is_not_approved_before_a_lower_one(company, refused):
    out_of_order = VERSIONS.replace("2026-08-03", "2026-07-09")
    message = refused(lambda: targets(made := company(targets=out_of_order), units(made)))
    assert message.startswith("targets.csv, row 4, column approved_on: version 3 approved on 2026")
    assert message.endswith("before version 2 (row 3); expected 2026-07-10 or later")

"""Ledgers: every fault has a row and a column; targets are those that stood on a day."""

import datetime as dt
import math

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsnb.company import Company
from opsnb.data.ledgers import TargetRow, Targets, UnitRow, read_ledger, targets, units
from opsnb.errors import OpsnbError, SettingsError, UnknownNameError
from opsnb.period import Period

UNITS = "unit,label,parent\nnorth,北区,\nn1,北一,north\n"
TARGETS = "metric,unit,period,value\n"


@pytest.fixture
def company(write_company, tmp_path):
    def company(**ledgers):
        folder = write_company(
            tmp_path,
            metrics={"revenue": {"table": "sales", "measure": "sum(amount)"}},
            sources={"sales": {"columns": {"day": "date", "amount": "decimal(2)"}}},
            data={},
            ledgers=ledgers,
        )
        return Company(folder)

    return company


def test_an_absent_ledger_is_an_empty_one(company):
    made = company()
    assert [unit.id for unit in units(made)] == ["all"]
    assert targets(made, units(made)).value("revenue", "all", Period.parse("2026-10")) is None


@pytest.mark.parametrize(
    "content", ["unit,label\n", "unit,label", "\ufeffunit,label\r\n", "unit,label\n\n,\n"]
)
def test_a_ledger_without_rows_is_an_empty_one(company, content):
    assert [unit.id for unit in units(company(units=content))] == ["all"]


def test_units_are_read_with_labels_and_days(company):
    found = units(
        company(
            units="label_en,unit,label,opened,closed,parent\n"
            "North, north ,北区,2026-01-01,,\n,n1,北一,,2026-10-31,north\n"
        )
    )
    assert found["north"].label == {"zh": "北区", "en": "North"}
    assert found["n1"].label == {"zh": "北一", "en": "北一"}
    assert found["north"].opened == dt.date(2026, 1, 1)
    assert found["n1"].closed == dt.date(2026, 10, 31)
    assert found.ancestors("n1") == ["n1", "north", "all"]


@pytest.mark.parametrize(
    ("content", "place", "words"),
    [
        ("unit,label\n../../x,X\n", "row 2, column unit", "'../../x' is not an id"),
        ("unit,label\n..,X\n", "row 2, column unit", "'..' is not an id"),
        ("unit,label\n北,X\n", "row 2, column unit", "'北' is not an id"),
        (f"unit,label\n{'a' * 41},X\n", "row 2, column unit", "is not an id"),
        ("unit,label\n,X\n", "row 2, column unit", "the cell is empty"),
        ("unit,label\na,A\na,B\n", "row 3, column unit", "'a' stands twice; expected it in row 2"),
        ("unit,label\nall,X\n", "row 2, column unit", "as the root in company.yaml"),
        ("unit,label\n\n\na,A\n\na,B\n", "row 6, column unit", "expected it in row 4"),
        ("unit,label\na,\n", "row 2, column label", "the cell is empty"),
        ("unit,label,parent\na,A,b\n", "row 2, column parent", "unknown parent 'b'"),
        (UNITS + "n2,x,nroth\n", "row 4, column parent", "did you mean 'north'"),
        ("unit,label,opened\na,A,2026-13-01\n", "row 2, column opened", "is not a day"),
        ("unit,label,opened\na,A,1730764800\n", "row 2, column opened", "is not a day"),
        (
            "unit,label,opened,closed\na,A,2026-02-01,2026-01-31\n",
            "row 2, column closed",
            "before it opened",
        ),
        ("unit,label\na,A,x\n", "row 2", "the row has 3 cells; expected 2"),
        ("unit,label\na\n", "row 2", "the row has 1 cells; expected 2"),
        ("unit,labl\na,A\n", "row 1", "unknown column 'labl'"),
        ("unit\na\n", "row 1", "no column 'label'"),
        ("unit,label,label\na,A,B\n", "row 1", "column 'label' stands twice"),
        ("unit,label,\na,A,\n", "row 1", "unknown column ''"),
        ("", "row 1", "no column 'unit'"),
    ],
)
def test_a_fault_in_the_units_has_a_row_and_a_column(company, content, place, words):
    with pytest.raises(SettingsError) as caught:
        units(company(units=content))
    assert str(caught.value).startswith(f"units.csv, {place}: ")
    assert words in str(caught.value)


def test_units_in_a_circle_are_refused(company):
    with pytest.raises(SettingsError, match="a -> b -> a form a circle"):
        units(company(units="unit,label,parent\na,A,b\nb,B,a\n"))


def test_the_word_for_the_whole_company_is_no_unit(company, write_company, tmp_path):
    folder = write_company(
        tmp_path / "other",
        metrics={"revenue": {"table": "sales", "measure": "sum(amount)"}},
        sources={"sales": {"columns": {"day": "date", "amount": "number"}}},
        data={},
        ledgers={"units": "unit,label\nall,X\n"},
        root={"id": "group"},
    )
    with pytest.raises(SettingsError, match=r"row 2, column unit: 'all' stands for the whole"):
        units(Company(folder))


@pytest.mark.parametrize(
    "content",
    [
        'unit,label\na,"A\nb,B\n',
        b"unit,label\na,\xff\n",
        "unit,label\n" + "a" * 200_000 + ",A\n",
        'unit,label\na,"A"B\n',
    ],
    ids=["open quote", "not UTF-8", "long cell", "quote inside"],
)
def test_a_file_that_is_no_table_is_refused(company, content):
    """An open quotation mark would swallow the rows below it."""
    with pytest.raises(SettingsError, match=r"^units\.csv"):
        units(company(units=content))


@pytest.mark.parametrize(
    ("row", "place", "words"),
    [
        ("revnue,all,2026-10,1\n", "row 2, column metric", "did you mean 'revenue'"),
        ("revenue,nroth,2026-10,1\n", "row 2, column unit", "did you mean 'north'"),
        ("revenue,all,202610,1\n", "row 2, column period", "expected 2026-10"),
        ("revenue,all,2026-13,1\n", "row 2, column period", "expected 01 to 12"),
        ("revenue,all,2026-10,ten\n", "row 2, column value", "'ten'"),
        ("revenue,all,2026-10,\n", "row 2, column value", "the cell is empty"),
        ('revenue,all,2026-10,"1,000"\n', "row 2, column value", "'1,000'"),
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
    for name, model in (("units", UnitRow), ("targets", TargetRow)):
        path = demonstration / f"ledgers/{name}.csv"
        raw = pd.read_csv(path, dtype=str)
        rows = read_ledger(path, model)
        assert list(rows) == list(range(2, len(raw) + 2))
        first = raw.columns[0]
        assert [getattr(row, first) for row in rows.values()] == raw[first].tolist()
    assert targets(company, units(company)) is not None

"""How often data come: by quarter, as events, or with January and February in one."""

from __future__ import annotations

import pytest

import opsnb
from opsnb.analyses import scorecard
from opsnb.company import Company
from opsnb.dataset import Dataset
from opsnb.errors import NotReadyError
from opsnb.period import FiscalYear, Period

UNITS = "unit,label\nn,N\ns,S\n"


@pytest.fixture
def company(write_company, tmp_path):
    """Folder of a company with one table of day, unit, kind and amount."""

    def company(rows, metrics=None, **more):
        columns = {"day": "date", "unit": "text", "kind": "text", "amount": "integer"}
        return write_company(
            tmp_path,
            metrics=metrics or {"amount": {"table": "t", "measure": "sum(amount)"}},
            sources={"t": {"columns": columns, "unit": "unit"} | more},
            data={"t": "day,unit,kind,amount\n" + "".join(f"{row}\n" for row in rows)},
            ledgers={"units": UNITS},
            as_of="2026-12-31",
        )

    return company


QUARTERS = ["2026-03-31,n,a,1", "2026-03-31,s,a,2", "2026-06-30,n,a,3", "2026-05-10,s,b,0"]


def coverage(folder, month):
    return Dataset(Company(folder)).coverage("t", Period.parse(month))


@pytest.mark.parametrize(
    ("every", "month", "missing"),
    [
        ("quarter", "2026-04", ()),
        ("quarter", "2026-06", ("s",)),
        ("half", "2026-05", ()),
        ("half", "2026-06", ("s",)),
        ("month", "2026-04", ("n", "s")),
    ],
)
def test_a_unit_is_missed_only_when_data_are_due(company, every, month, missing):
    folder = company([row for row in QUARTERS if ",b," not in row], every=every)
    found = coverage(folder, month)
    assert found.missing == missing
    assert found.is_missing == bool(missing)


def test_the_day_data_are_due_is_that_of_the_quarter(company):
    folder = company(QUARTERS, every="quarter", due={"day": 5})
    assert coverage(folder, "2026-05").due is None
    assert str(coverage(folder, "2026-06").due) == "2026-07-05"


def test_quarters_are_those_of_the_fiscal_year(company):
    folder = company(QUARTERS, every="year")
    april = Company(folder).period("2026-04")
    assert not coverage(folder, "2026-04").expected
    table = Company(folder).tables["t"]
    assert not table.brings(april)
    assert table.brings(Period.parse("2026-04", FiscalYear(5, "end")))


def test_events_that_did_not_happen_are_not_missing(company):
    folder = company(["2026-05-01,n,a,1", "2026-05-01,s,a,1", "2026-06-01,n,a,1"], sparse=True)
    assert coverage(folder, "2026-06").missing == ()
    assert not coverage(folder, "2026-06").is_missing
    assert coverage(folder, "2026-07").is_missing  # nobody at all


def reason(folder, month, metric="amount", column="actual"):
    result = scorecard(opsnb.open(folder, month))
    row = result.frame.index[result.frame["metric"] == metric][0]
    return result.reasons.get((row, column)), {finding.code for finding in result.findings}


ELEVEN = [
    f"{year}-{month:02d}-28,n,a,{value}"
    for year, times in ((2025, 10), (2026, 11))
    for month, value in ((2, 2 * times), *((m, times) for m in range(3, 13)))
]


def test_january_and_february_in_one(company):
    folder = company(ELEVEN)
    with pytest.raises(NotReadyError, match="January comes together with February"):
        opsnb.open(folder, "2026-01")
    card = scorecard(opsnb.open(folder, "2026-02")).frame.set_index("metric").loc["amount"]
    assert (card["actual"], card["ytd"]) == (22, 22)
    assert card["yoy"] == pytest.approx(0.1)
    why, _ = reason(folder, "2026-03", column="mom")
    assert why == "the prior period is two months"
    card = scorecard(opsnb.open(folder, "2026-03")).frame.set_index("metric").loc["amount"]
    assert (card["ytd"], card["yoy"]) == (33, pytest.approx(0.1))


STALE = {"checks": [{"stale": {"columns": ["amount"], "by": ["unit"], "whole": True}}]}
EQUAL = {
    "checks": [
        {
            "equal": {
                "column": "amount", "left": "kind = 'a'", "right": "kind = 'b'", "by": ["unit"],
                "whole": True,
            }
        }
    ]
}  # fmt: skip


def alerts(folder, month):
    return Dataset(Company(folder)).alerts(Period.parse(month))


@pytest.mark.parametrize(("last", "stale"), [(2, 1), (5, 0)])
def test_one_unit_may_repeat_itself_but_not_all(company, last, stale):
    rows = ["2026-05-01,n,a,1", "2026-05-01,s,a,2", "2026-06-01,n,a,1", f"2026-06-01,s,a,{last}"]
    assert len(alerts(company(rows, **STALE), "2026-06")) == stale


def test_a_quarter_is_held_against_the_quarter_before(company):
    rows = ["2026-03-01,n,a,1", "2026-03-01,s,a,2", "2026-06-01,n,a,1", "2026-06-01,s,a,2"]
    (found,) = alerts(company(rows, every="quarter", **STALE), "2026-06")
    assert found.examples == ("= 2026-03",)


@pytest.mark.parametrize(("last", "equal"), [(2, 2), (5, 0)])
def test_all_pairs_of_all_units_are_equal(company, last, equal):
    rows = ["2026-06-01,n,a,1", "2026-06-01,n,b,1", "2026-06-01,s,a,2", f"2026-06-01,s,b,{last}"]
    found = alerts(company(rows, **EQUAL), "2026-06")
    assert sum(alert.count for alert in found) == equal


def test_what_comes_later_does_not_change_what_was_found(company):
    rows = ["2026-05-01,n,a,-1", "2026-06-01,n,a,-1", "2026-07-01,n,a,-1"]
    folder = company(rows, checks=[{"range": {"column": "amount", "min": 0}}])
    (found,) = alerts(folder, "2026-06")
    assert (found.count, found.total) == (1, 2)

"""OPS023: values of the period that could not be read, on the figures that lack them alone."""

import pyarrow.parquet as pq
import pytest

import opsnb
from opsnb.analyses import scorecard
from opsnb.runs.records import write_records

DATA = """day,u,n
2026-09-05,a,10
2026-09-06,b,20
2026-10-05,a,30
2026-10-06,b,about 40
2026-10-07,b,50
2026-10-08,b,?
"""
CODE = "OPS023"


@pytest.fixture
def company(write_company, tmp_path):
    def company(**table):
        columns = {"day": "date", "u": "text", "n": "integer"}
        return write_company(
            tmp_path,
            metrics={"sum": {"table": "t", "measure": "sum(n)"}},
            sources={"t": {"unit": "u", "columns": columns, "owner": "数据部"} | table},
            data={"t": DATA},
            ledgers={"units": "unit,label\na,A\nb,B\n"},
        )

    return company


@pytest.mark.parametrize(
    ("period", "unit", "rows"),
    [("2026-10", "all", 2), ("2026-10", "b", 2), ("2026-10", "a", 0), ("2026-09", "b", 0)],
)
def test_only_the_figures_that_lack_something_bear_the_caveat(
    company, tmp_path, period, unit, rows
):
    workbook = opsnb.open(company(), period, unit)
    card = scorecard(workbook)
    found = [f for f in card.findings if f.code == CODE]
    assert [f.evidence["count"] for f in found] == [rows] * bool(rows)
    if found:
        assert (found[0].severity, found[0].owner) == ("grey", "数据部")
        assert (found[0].evidence["row"], found[0].evidence["file"]) == (5, "t.csv")
    write_records(tmp_path, [card], dict.fromkeys(("run_id", "company", "report"), ""))
    table = pq.read_table(tmp_path / "results.parquet").to_pylist()
    (actual,) = [r for r in table if r["measure"] == "actual" and r["result"] == "scorecard"]
    assert (actual["caveats"] == CODE) == bool(rows)


def test_a_company_may_close_the_gate_on_it(company):
    folder = company(checks=[{"parsed": True, "severity": "error"}])
    opsnb.open(folder, "2026-09")
    with pytest.raises(opsnb.errors.GateError, match=r"parsed does not hold 2 times \(t.csv, row"):
        opsnb.open(folder, "2026-10")

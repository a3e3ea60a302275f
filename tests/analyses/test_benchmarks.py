"""Benchmarks: own values beside those of others, over the same period."""

import pytest

import opsnb
from opsnb.analyses import benchmarks
from opsnb.display import html

LEDGER = """metric,unit,period,source,value,percentile,note
sales,all,2025,协会,80,25%,
sales,all,2025,协会,100,50%,
sales,all,2025,协会,140,75%,
sales,all,2024,协会,70,50%,去年的
sales,all,2026,协会,500,50%,年度未结束
sales,all,2026-10,同行,9,,对标企业
sales,a,2025,协会,1,,别的单位
"""
DATA = "day,u,n\n" + "".join(f"2025-{m:02d}-05,a,10\n" for m in range(1, 13)) + "2026-10-05,a,12\n"


@pytest.fixture
def company(write_company, tmp_path):
    def company(ledger=LEDGER):
        return write_company(
            tmp_path,
            metrics={"sales": {"table": "t", "measure": "sum(n)"}},
            sources={"t": {"unit": "u", "columns": {"day": "date", "u": "text", "n": "integer"}}},
            data={"t": DATA},
            ledgers={"units": "unit,label\na,A\n"} | ({"benchmarks": ledger} if ledger else {}),
        )

    return company


def test_the_latest_period_that_is_over_counts(company):
    result = benchmarks(opsnb.open(company(), "2026-10"))
    rows = result.frame
    assert rows["source"].tolist() == ["协会"] * 3 + ["同行"]
    assert rows["period"].tolist() == ["2025"] * 3 + ["2026-10"]
    assert rows["percentile"].tolist() == ["P25", "P50", "P75", ""]
    assert rows["actual"].tolist() == [120.0, 120.0, 120.0, 12.0]
    assert rows["benchmark_gap"].tolist() == [40.0, 20.0, -20.0, 3.0]


def test_own_percentile_lies_between_those_given(company):
    """120 is half-way from 100 (P50) to 140 (P75)."""
    result = benchmarks(opsnb.open(company(), "2026-10"))
    assert result.frame["own_percentile"].iloc[0] == pytest.approx(0.625)
    assert result.reasons[3, "own_percentile"] == "too few points"
    page = html(result, "zh")
    assert "62.5" in page
    assert "对标企业" in page


def test_without_lines_the_page_says_so(company):
    result = benchmarks(opsnb.open(company(None), "2026-10"))
    assert not len(result.frame)
    assert "标杆台账中没有这些指标" in html(result, "zh")


def test_values_out_of_order_give_no_percentile(company):
    ledger = "metric,period,source,value,percentile\n" + "".join(
        f"sales,2025,协会,{value},{share}\n" for value, share in ((100, 0.25), (90, 0.5))
    )
    result = benchmarks(opsnb.open(company(ledger), "2026-10"))
    assert set(result.reasons.values()) == {"not meaningful for this metric"}

"""Changes in which a loss takes part have names, and the page shows them."""

import pytest

import opsnb
from opsnb.analyses import scorecard, units
from opsnb.display import html


@pytest.mark.parametrize(
    ("ago", "now", "turn", "words"),
    [
        (-20, 30, "to profit", "扭亏为盈"),
        (20, -30, "to loss", "由盈转亏"),
        (-20, -10, "smaller loss", "减亏"),
        (-20, -30, "larger loss", "增亏"),
        (20, 30, "", ""),
    ],
)
def test_signs_are_named(write_company, tmp_path, ago, now, turn, words):
    folder = write_company(
        tmp_path,
        metrics={
            "profit": {"table": "t", "measure": "sum(n)", "unit": "CNY"},
            "heads": {"table": "t", "measure": "sum(n)", "unit": "人"},
        },
        sources={"t": {"unit": "u", "columns": {"day": "date", "u": "text", "n": "integer"}}},
        data={"t": f"day,u,n\n2025-10-05,a,{ago}\n2026-10-05,a,{now}\n"},
        ledgers={"units": "unit,label\na,A\nb,B\n"},
    )
    workbook = opsnb.open(folder, "2026-10")
    result = scorecard(workbook)
    assert result.frame["yoy_turn"].tolist() == [turn, ""], "people are no profit"
    assert result.frame["yoy"].iloc[0] == pytest.approx((now - ago) / abs(ago))
    for page in (html(result, "zh"), html(units(workbook, ["profit"]), "zh")):
        assert (words in page) if words else not any(w in page for w in ("亏", "盈"))

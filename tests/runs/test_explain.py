"""``opsnb explain``: the number, what it means, and rows that make it again."""

from __future__ import annotations

import json
import math

import pandas as pd
import pytest

from opsnb.errors import NotReadyError, PeriodError, UnknownNameError
from opsnb.results import NotApplicable
from opsnb.runs.explain import explain
from opsnb.runs.explain.text import lines

ALL = 100_000
METRICS = {
    "revenue": {"table": "sales", "measure": "sum(amount)"},
    "large": {"table": "sales", "measure": "count(*)", "filter": "amount >= 20"},
    "buyers": {"table": "sales", "measure": "count(distinct buyer)"},
    "margin": {
        "kind": "ratio", "unit": "ratio", "table": "sales",
        "numerator": "sum(amount - cost)", "denominator": "sum(amount)",
    },
    "stock": {"table": "shelf", "measure": "sum(value)", "over_time": "last"},
    "usual": {"table": "shelf", "measure": "sum(value)", "over_time": "mean"},
    "turnover": {"kind": "derived", "expression": "revenue / stock"},
    "trailing": {"kind": "cumulative", "metric": "revenue", "window": 2},
    "in_cities": {"table": "book", "measure": "sum(amount)", "filter": "size = 'city'"},
    "returned": {"kind": "ratio", "table": "sales", "numerator": "sum(back)",
                 "denominator": "count(back)"},
}  # fmt: skip
SALES = """day,shop,buyer,amount,cost,back
2026-07-02,z,q,1,1,
2026-08-03,a,x,10,6,
2026-08-09,b,y,20,9,
2026-09-03,a,x,30,20,
2026-09-05,b,x,40,30,
2026-09-07,z,y,5,1,
2026-10-01,a,y,15,10,0
2026-10-02,b,,25,20,0
"""
SHELF = """day,shop,value
2026-07-31,a,5
2026-08-31,a,7
2026-09-10,a,99
2026-09-30,a,8
2026-09-30,b,4
2026-10-31,a,6
"""
UNITS = "unit,label,parent,opened,closed\nnorth,北,,,\nsouth,南,,,\na,甲,north,,\n" + (
    "b,乙,south,,2026-08-31\nb,乙,north,2026-09-01,\n"
)


@pytest.fixture(scope="module")
def shops(write_company, tmp_path_factory):
    columns = {"day": "date", "shop": "text"}
    own = {"buyer": "text", "amount": "decimal(2)", "cost": "decimal(2)", "back": "integer"}
    return write_company(
        tmp_path_factory.mktemp("shops") / "shops",
        metrics=METRICS,
        sources={
            "sales": {"unit": "shop", "columns": columns | own, "checks": [{"unique": ["buyer"]}]},
            "shelf": {"unit": "shop", "columns": columns | {"value": "integer"}},
            "towns": {"date": None, "columns": {"shop": "text", "size": "text"}},
            "book": {
                "path": None, "base": "sales", "unit": "shop",
                "joins": [{"table": "towns", "on": "shop", "columns": ["size"]}],
            },
        },
        data={"sales": SALES, "shelf": SHELF, "towns": "shop,size\na,city\nb,town\n"},
        ledgers={"units": UNITS},
    )  # fmt: skip


# metric, period, unit -> value by hand, and the rows of each listing by hand
BY_HAND = {
    ("revenue", "2026-09", None): (75, [3]),
    ("revenue", "2026-09", "north"): (70, [2]),
    ("revenue", "2026-08", "north"): (10, [1]),
    ("revenue", "2026-08", "south"): (20, [1]),
    ("revenue", "2026-Q3", "north"): (80, [3]),
    ("large", "2026-09", None): (2, [2]),
    ("buyers", "2026-09", None): (2, [3]),
    ("margin", "2026-09", "a"): (10 / 30, [1]),
    ("stock", "2026-09", None): (12, [2]),
    ("stock", "2026-Q3", None): (12, [2]),
    ("usual", "2026-Q3", None): ((5 + 7 + 12) / 3, [4]),
    ("turnover", "2026-09", "north"): (70 / 12, [2, 2]),
    ("trailing", "2026-09", "north"): (80, [3]),
    ("in_cities", "2026-09", None): (30, [1]),
    ("in_cities", "2026-Q3", "north"): (40, [2]),
}


@pytest.mark.parametrize(("metric", "period", "unit"), BY_HAND)
def test_the_rows_make_the_number(shops, metric, period, unit):
    value, counts = BY_HAND[metric, period, unit]
    answer = explain(metric, period, str(shops), unit=unit, rows=ALL)
    assert answer.value == pytest.approx(value, rel=1e-12)
    assert sorted(listing.total for listing in answer.listings) == sorted(counts)
    for listing in answer.listings:
        assert len(listing.frame) == listing.total
        assert set(listing.frame["file"]) <= {"sales.csv", "shelf.csv"}


def test_each_row_is_named_as_it_stands_in_its_file(shops):
    (listing,) = explain("revenue", "2026-09", str(shops), unit="north", rows=ALL).listings
    text = SALES.splitlines()
    for row in listing.frame.to_dict("records"):
        day, shop, _, amount, *_ = text[row["record"] - 1].split(",")
        assert (f"{row['day']:%Y-%m-%d}", row["shop"]) == (day, shop)
        assert row["sum(amount)"] == float(amount)
    assert listing.frame["sum(amount)"].sum() == listing.totals["sum(amount)"] == 70


def test_sums_of_the_rows_of_a_ratio_agree(shops):
    (listing,) = explain("margin", "2026-Q3", str(shops), rows=ALL).listings
    top, bottom = listing.frame["sum(amount - cost)"].sum(), listing.frame["sum(amount)"].sum()
    assert explain("margin", "2026-Q3", str(shops)).value == pytest.approx(top / bottom)


def test_the_limit_keeps_the_totals(shops):
    (listing,) = explain("revenue", "2026-Q3", str(shops), rows=2).listings
    assert (len(listing.frame), listing.total, listing.totals) == (2, 6, {"sum(amount)": 106.0})


def test_a_zero_denominator_is_told(shops):
    assert explain("returned", "2026-10", str(shops), rows=ALL).value == 0
    answer = explain("returned", "2026-09", str(shops), rows=ALL)
    assert answer.value == NotApplicable("the denominator is zero")
    assert "数值: 分母为零" in list(lines(answer, "zh"))
    with pytest.raises(NotReadyError, match="no value of 'returned'"):
        explain("returned", "2027-10", str(shops))


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        (("revenu", "2026-09"), UnknownNameError, "did you mean 'revenue'"),
        (("revenue", "202609"), PeriodError, "expected 2026-09"),
    ],
)
def test_wrong_names_are_refused(shops, arguments, error, words):
    with pytest.raises(error, match=words):
        explain(*arguments, str(shops))
    with pytest.raises(UnknownNameError, match="did you mean 'north'"):
        explain("revenue", "2026-09", str(shops), unit="nroth")


def test_no_data_names_the_months_that_have_some(shops):
    for metric, period, unit in (
        ("stock", "2026-10", "b"), ("revenue", "2030-01", None), ("revenue", "2026", None),
    ):  # fmt: skip
        with pytest.raises(NotReadyError, match="expected a period from 2026-07") as caught:
            explain(metric, period, str(shops), unit=unit)
        assert caught.value.exit_code == 3


def test_the_words_are_those_of_the_popover(shops):
    text = "\n".join(lines(explain("revenue", "2026-09", str(shops), rows=1), "zh"))
    digest = explain("revenue", "2026-09", str(shops)).provenance["sources"]["sales"]["sha256"]
    assert "公式: sum(amount)" in text
    assert f"sales.csv {digest[:8]} 3 行" in text
    assert f"sha256: sales.csv {digest}" in text
    assert "未通过：主键唯一（3 处）" in text  # x twice, y once, in an earlier row
    assert "3 行，列出 1 行" in text
    assert "全部 3 行：sum(amount) = 75" in text


@pytest.mark.parametrize("unit", ["all", "north", "b"])
def test_the_query_of_the_answer_gives_its_value(shops, unit):
    import opsnb

    workbook = opsnb.open(shops, "2026-09", gate=False)
    for metric in METRICS:
        try:
            answer = explain(metric, "2026-09", str(shops), unit=unit)
        except NotReadyError:
            continue
        for table in workbook.company.tables:
            workbook.load(table)
        found = workbook.engine.query(answer.sql).iloc[0, 0]
        if isinstance(answer.value, NotApplicable):
            assert pd.isna(found), metric
        else:
            assert float(found) == pytest.approx(answer.value), metric


def test_the_demonstration_company_adds_up(demonstration):
    """Every metric, the whole and a region: what explain refuses is that rows do not add up."""
    for metric in ("gross_margin", "revenue_per_head", "inventory", "revenue_trailing_year"):
        for unit in ("all", "south"):
            answer = explain(metric, "2026-10", str(demonstration), unit=unit, rows=ALL)
            for listing in answer.listings:
                column = next(iter(listing.totals))
                added = pd.to_numeric(listing.frame[column]).sum()
                assert math.isclose(added, listing.totals[column], rel_tol=1e-9)


def test_command_line(call, shops):
    done = call("explain", "margin", "2026-09", "--company", shops, "--rows", "--unit", "a")
    assert done.code == 0, done.err
    assert "sum(amount - cost)" in done.out
    done = call("explain", "margin", "2026-09", "--company", shops, "--rows", "1", "--json")
    answer = json.loads(done.out)
    (listing,) = answer["rows"]
    assert (answer["value"], answer["exit_code"]) == (pytest.approx(24 / 75), 0)
    assert (len(listing["rows"]), listing["total"]) == (1, 3)
    assert listing["totals"] == {"sum(amount - cost)": 24.0, "sum(amount)": 75.0}
    assert [len(s["sha256"]) for s in answer["sources"]] == [64]


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("revenu", "2026-09"), 2, "did you mean 'revenue'?"),
        (("revenue", "2026-13"), 2, "expected 01 to 12"),
        (("revenue", "2026-09", "--unit", "nort"), 2, "did you mean 'north'?"),
        (("revenue", "2030-01"), 3, "expected a period from 2026-07 to 2026-10"),
    ],
)
def test_exit_codes(call, shops, arguments, code, words):
    done = call("explain", *arguments, "--company", shops)
    assert (done.code, done.out) == (code, "")
    assert words in done.err
    done = call("explain", *arguments, "--company", shops, "--json")
    answer = json.loads(done.out)
    assert (answer["exit_code"], done.code) == (code, code)

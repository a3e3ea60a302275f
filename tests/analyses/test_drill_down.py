"""Drill down: contributions worked out by hand, and that they sum to the difference."""

import html
import math
import sys

import duckdb
import pytest

import opsnb
from opsnb import display
from opsnb.analyses import drill_down
from opsnb.analyses.drill_down import ways
from opsnb.errors import ParameterError, UnknownNameError

LINES = """day,unit,channel,product,customer,amount,cost
2025-03-05,north,online,A,c1,100,60
2025-03-06,north,shop,A,c2,50,20
2025-03-07,south,online,B,c3,80,40
2025-12-08,south,shop,B,c3,70,30
2026-02-05,north,online,A,c1,90,50
2026-03-05,north,online,A,c1,130,70
2026-03-06,north,shop,B,c2,20,15
2026-03-07,south,online,B,c4,60,20
2026-03-08,south,,B,c4,40,10
2026-03-09,,shop,A,c5,10,5
"""
METRICS = {
    "revenue": {"table": "sales", "measure": "sum(amount)"},
    "profit": {"table": "sales", "measure": "sum(amount - cost)"},
    "margin": {"kind": "ratio", "numerator": "profit", "denominator": "revenue", "unit": "ratio"},
    "share": {
        "kind": "ratio", "table": "sales", "numerator": "sum(cost)", "denominator": "sum(amount)",
        "unit": "ratio",
    },
    "buyers": {"table": "sales", "measure": "count(distinct customer)"},
}  # fmt: skip


@pytest.fixture(scope="module")
def shop(write_company, tmp_path_factory):
    folder = write_company(
        tmp_path_factory.mktemp("shop"),
        metrics=METRICS,
        sources={
            "sales": {
                "unit": "unit",
                "dimensions": ["channel", "product", "customer"],
                "columns": {
                    "day": "date", "unit": "text", "channel": "text", "product": "text",
                    "customer": "text", "amount": "decimal(2)", "cost": "decimal(2)",
                },
            }
        },
        data={"sales": LINES},
        ledgers={
            "units": "unit,label\nnorth,北区\nsouth,南区\n",
            "targets": "metric,unit,period,value\nrevenue,all,2026-03,250\n"
            "revenue,north,2026-03,160\nrevenue,south,2026-03,90\n",
        },
        calendar="cn",
        as_of="2026-04-05",
    )  # fmt: skip
    return opsnb.open(folder, "2026-03")


def told(result):
    return {row["item"]: row for row in result.frame.to_dict("records")}


def test_an_amount_by_hand_and_what_is_not_stated_is_not_lost(shop):
    found = drill_down(shop, "revenue", "channel")
    rows = told(found)
    assert list(rows) == ["", "shop", "online"]  # 40, -20, 10: by size
    assert rows["online"]["actual"] == 190
    assert rows["online"]["compared"] == 180
    assert rows["shop"]["contribution"] == 30 - 50
    assert rows[""]["contribution"] == 40
    assert rows["shop"]["share"] == pytest.approx(-20 / 30)
    assert rows["shop"]["growth"] == pytest.approx(-0.4)
    (whole,) = found.part("drill_down_total").frame.to_dict("records")
    assert (whole["actual"], whole["compared"], whole["contribution"]) == (260, 230, 30)


def test_one_within_another(shop):
    rows = told(drill_down(shop, "revenue", "product", {"channel": "online"}))
    assert rows["A"]["contribution"] == 30
    assert rows["B"]["contribution"] == -20
    deeper = told(drill_down(shop, "revenue", "customer", {"channel": "online", "product": "B"}))
    assert {k: v["contribution"] for k, v in deeper.items()} == {"c3": -80, "c4": 60}


@pytest.mark.parametrize("locale", ["zh", "en"])
@pytest.mark.parametrize("name", ["A; product=B", '{"a": 1}', "a › b", "<b>&amp;'\"", "甲=乙"])
def test_elements_may_be_called_anything(write_company, tmp_path, name, locale):
    """The path on the page names each element looked into whole, once, and as it is written."""
    cell = '"' + name.replace('"', '""') + '"'
    lines = LINES.replace("online", cell)
    folder = write_company(
        tmp_path, metrics={"revenue": METRICS["revenue"]},
        sources={"sales": {"unit": "unit", "dimensions": ["channel", "product", "customer"],
                           "columns": {"day": "date", "unit": "text", "channel": "text",
                                       "product": "text", "customer": "text",
                                       "amount": "decimal(2)", "cost": "decimal(2)"}}},
        data={"sales": lines}, ledgers={"units": "unit,label\nnorth,北区\nsouth,南区\n"},
        calendar="cn", as_of="2026-04-05",
    )  # fmt: skip
    book = opsnb.open(folder, "2026-03")
    found = drill_down(book, "revenue", "customer", {"channel": name, "product": "B"})
    page = html.unescape(display.html(found, locale))
    assert f"{name} › B" in page


def test_units_and_what_belongs_to_none(shop):
    rows = told(drill_down(shop, "revenue", "unit"))
    assert {k: v["contribution"] for k, v in rows.items()} == {"south": 20, "": 10, "north": 0}


def test_against_other_months(shop):
    assert told(drill_down(shop, "revenue", "channel", against="prior_month"))["online"][
        "contribution"
    ] == pytest.approx(190 - 90)
    with pytest.raises(ParameterError, match=r"too few points|no data"):
        drill_down(shop, "revenue", "channel", against="year_to_date")  # no January


def test_against_target_by_unit_only(shop):
    found = drill_down(shop, "revenue", "unit", against="target")
    assert told(found)["south"]["contribution"] == 10
    assert told(found)["north"]["growth"] == pytest.approx(150 / 160 - 1)
    with pytest.raises(ParameterError, match="by unit only"):
        drill_down(shop, "revenue", "channel", against="target")


@pytest.mark.parametrize("by", ["channel", "product", "customer", "unit"])
@pytest.mark.parametrize("metric", ["margin", "share"])
def test_a_ratio_is_its_elements_rates_and_weights(shop, metric, by):
    """By numerator and denominator from the file itself: parts sum to the ratio's difference."""
    found = drill_down(shop, metric, by)
    sql = {"margin": "sum(amount - cost)", "share": "sum(cost)"}[metric]
    with duckdb.connect() as db:
        path = next((shop.company.folder / "data").glob("sales*"))
        now, before = (
            db.execute(
                f"select {sql} / sum(amount) from read_csv('{path}') "  # noqa: S608 - a test's file
                f"where strftime(day, '%Y-%m') = '{month}'"
            ).fetchone()[0]
            for month in ("2026-03", "2025-03")
        )
    total = sum(row["contribution"] for row in told(found).values())
    assert total == pytest.approx(now - before)
    for row in told(found).values():
        assert row["rate"] + row["mix"] == pytest.approx(row["contribution"])
        assert math.isnan(row["growth"])


def test_the_others_hold_what_is_left(shop, monkeypatch):
    monkeypatch.setattr(sys.modules[drill_down.__module__], "MOST", 2)
    full = {"c1": 30, "c2": -30, "c3": -80, "c4": 100, "c5": 10}
    found = drill_down(shop, "revenue", "customer")
    rows = found.frame.to_dict("records")
    assert [(r["item"], r["contribution"]) for r in rows[:2]] == [("c4", 100), ("c3", -80)]
    assert rows[2]["others"] == 3
    assert rows[2]["contribution"] == sum(full.values()) - 20


def test_what_cannot_be_taken_apart_is_said(shop):
    assert ways(shop, "buyers") == []
    assert ways(shop, "revenue") == ["unit", "channel", "product", "customer"]
    with pytest.raises(ParameterError, match="do not add up"):
        drill_down(shop, "buyers", "channel")
    with pytest.raises(ParameterError, match="did you mean 'channel'"):
        drill_down(shop, "revenue", "chanel")
    with pytest.raises(ParameterError, match=r"no channel 'onlin'.*did you mean 'online'"):
        drill_down(shop, "revenue", "product", {"channel": "onlin"})
    with pytest.raises(ParameterError, match="already"):
        drill_down(shop, "revenue", "channel", {"channel": "online"})
    with pytest.raises(ParameterError, match="did you mean 'prior_year'"):
        drill_down(shop, "revenue", "channel", against="prioryear")
    with pytest.raises(UnknownNameError):
        drill_down(shop, "revenu", "channel")


def test_incomplete_months_are_not_compared(demonstration):
    book = opsnb.open(demonstration, "2026-10")
    with pytest.raises(ParameterError, match=r"some units have no data.*north"):
        drill_down(book, "inventory", "product_line")
    with pytest.raises(ParameterError, match=r"some units have no data.*north"):
        drill_down(book, "inventory", "unit", against="target")


@pytest.mark.parametrize("against", ["prior_year", "prior_month", "year_to_date"])
@pytest.mark.parametrize("unit", ["all", "west"])
def test_contributions_sum_to_the_difference_whatever_is_looked_into(demonstration, against, unit):
    book = opsnb.open(demonstration, "2026-10", unit)
    for path in ({}, {"channel": "dealer"}, {"channel": "dealer", "product_line": "drives"}):
        found = drill_down(book, "revenue", "customer_id", path, against)
        (whole,) = found.part("drill_down_total").frame.to_dict("records")
        assert found.frame["contribution"].sum() == pytest.approx(whole["contribution"])
        assert found.frame["actual"].sum() == pytest.approx(whole["actual"])

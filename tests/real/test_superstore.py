"""Superstore, which nobody here made, against its published totals and against pandas."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

import opsnb
from opsnb import analyses
from opsnb.metrics.spans import Span
from opsnb.period import Period

COMPANY = Path(__file__).parent / "superstore"
FILE = Path(__file__).parents[3] / "shared/data/superstore/superstore.csv"
pytestmark = pytest.mark.skipif(not FILE.is_file(), reason="the data are not beside the checkout")

METRICS = [
    "sales", "profit", "margin", "orders", "customers", "quantity", "discount_rate",
    "shipping_days", "loss_making_lines",
]  # fmt: skip
REGIONS = ["Central", "East", "South", "West"]
FOUR_YEARS = Span(12 * 2014, 12 * 2017 + 11)


@pytest.fixture(scope="module")
def workbook():
    return opsnb.open(COMPANY, "2017-12")


@pytest.fixture(scope="module")
def frame():
    frame = pd.read_csv(FILE, parse_dates=["Order Date", "Ship Date"], dtype={"Postal Code": str})
    return frame.assign(Month=frame["Order Date"].dt.strftime("%Y-%m"))


def measured(rows: pd.DataFrame) -> dict[str, float]:
    """The metrics of some order lines, by pandas."""
    sales, profit = rows["Sales"].sum(), rows["Profit"].sum()
    listed = (rows["Sales"] / (1 - rows["Discount"])).sum()
    return {
        "sales": sales,
        "profit": profit,
        "margin": profit / sales,
        "orders": rows["Order ID"].nunique(),
        "customers": rows["Customer ID"].nunique(),
        "quantity": rows["Quantity"].sum(),
        "discount_rate": 1 - sales / listed,
        "shipping_days": (rows["Ship Date"] - rows["Order Date"]).dt.days.mean(),
        "loss_making_lines": (rows["Profit"] < 0).mean(),
    }


def test_totals_are_the_published_ones(workbook):
    values = workbook.values(METRICS, [FOUR_YEARS])
    total = {metric: values.value(metric, FOUR_YEARS, "all") for metric in METRICS}
    assert f"{total['sales']:.2f}" == "2297200.86"
    assert f"{total['profit']:.2f}" == "286397.02"
    assert total["orders"] == 5009
    assert total["customers"] == 793
    assert total["loss_making_lines"] == 1871 / 9994


def test_totals_are_those_of_pandas(workbook, frame):
    values = workbook.values(METRICS, [FOUR_YEARS])
    for unit in ["all", *REGIONS]:
        expected = measured(frame if unit == "all" else frame[frame["Region"] == unit])
        for metric in METRICS:
            assert values.value(metric, FOUR_YEARS, unit) == pytest.approx(expected[metric]), metric


def test_every_month_and_region_is_that_of_pandas(workbook, frame):
    months = Period.parse("2017-12").back(48)
    values = workbook.values(METRICS, months)
    cells = 0
    for month, rows in frame.groupby("Month"):
        span = Span.of(Period.parse(month))
        for unit in ["all", *REGIONS]:
            chosen = rows if unit == "all" else rows[rows["Region"] == unit]
            if chosen.empty:
                continue
            for metric, expected in measured(chosen).items():
                assert values.value(metric, span, unit) == pytest.approx(expected, abs=1e-9), (
                    month, unit, metric,
                )  # fmt: skip
                cells += 1
    assert cells >= 48 * len(METRICS)


def test_parts_make_the_whole_where_they_add_up(workbook):
    """Money and pieces of the regions add up; orders do too here, customers do not."""
    values = workbook.values(METRICS, [FOUR_YEARS])
    parts = {m: sum(values.value(m, FOUR_YEARS, unit) for unit in REGIONS) for m in METRICS}
    for metric in ("sales", "profit", "quantity", "orders"):
        assert parts[metric] == pytest.approx(values.value(metric, FOUR_YEARS, "all"))
    assert parts["customers"] > values.value("customers", FOUR_YEARS, "all")


def test_the_change_is_that_of_pandas(workbook, frame):
    """December 2017 on December 2016: price, volume and mix by sub-category, by their formulas."""
    result = analyses.attribution(workbook, ["sales", "margin"])
    told = result.frame.set_index(["metric", "effect"])["value"]
    sums = [
        frame[frame["Month"] == month].groupby("Sub-Category")[["Quantity", "Sales"]].sum()
        for month in ("2016-12", "2017-12")
    ]
    old, new = (side.loc[sums[0].index.intersection(sums[1].index)] for side in sums)
    before, after = (side["Sales"] / side["Quantity"] for side in (old, new))
    q0, q1 = old["Quantity"], new["Quantity"]
    expected = {
        "volume": (q1.sum() - q0.sum()) * old["Sales"].sum() / q0.sum(),
        "mix": ((q1 - q0 * q1.sum() / q0.sum()) * before).sum(),
        "price": ((after - before) * q1).sum(),
        "new": sums[1]["Sales"].drop(new.index).sum(),
        "lost": -sums[0]["Sales"].drop(old.index).sum(),
        "unexplained": 0.0,
    }
    for effect, value in expected.items():
        assert told["sales", effect] == pytest.approx(value), effect
    total = sums[1]["Sales"].sum() - sums[0]["Sales"].sum()
    assert told["sales", "total"] == pytest.approx(total) == pytest.approx(sum(expected.values()))
    margin = [
        frame.loc[frame["Month"] == month, "Profit"].sum() / side["Sales"].sum()
        for month, side in zip(("2016-12", "2017-12"), sums, strict=True)
    ]
    assert told["margin", "total"] == pytest.approx(margin[1] - margin[0])
    assert told["margin", "rate"] + told["margin", "mix"] == pytest.approx(margin[1] - margin[0])


def test_postal_codes_stay_text(workbook, frame):
    sql = "SELECT min(length(postal_code)) AS shortest, count(postal_code) AS n FROM order_lines"
    row = workbook.engine.query(sql).iloc[0]
    assert row["shortest"] == frame["Postal Code"].str.len().min() == 4
    assert row["n"] == len(frame) == 9994


def test_the_files_are_read_whole(workbook):
    loaded = workbook.load("order_lines")
    assert (loaded.rows, loaded.unparsed, loaded.without_date) == (9994, 0, 0)
    assert workbook.coverage("order_lines").unknown == {}
    assert workbook.period == Period.parse("2017-12")
    assert opsnb.open(COMPANY).period == Period.parse("2017-12")  # the last that is closed


@pytest.fixture(scope="module", params=["all", "West"])
def reported(request, shell, tmp_path_factory):
    """Unit, folder and page of the report for December 2017, made by the command."""
    outputs = tmp_path_factory.mktemp("superstore")
    done = shell(
        "opsnb", "run", "monthly_operations", "--company", COMPANY, "--period", "2017-12",
        "--unit", request.param, "--output", outputs,
    )  # fmt: skip
    assert (done.code, done.err) == (0, "")
    folder = Path(done.last_line)
    assert folder.parent == outputs / "superstore/2017-12/monthly_operations" / request.param
    return request.param, folder, (folder / "report.html").read_text(encoding="utf-8")


def test_recorded_values_are_those_of_pandas(reported, frame):
    unit, folder, _ = reported
    rows = frame if unit == "all" else frame[frame["Region"] == unit]
    table = pd.read_parquet(folder / "results.parquet")
    card = table[table["result"] == "scorecard"].set_index(["metric", "measure"])["value"]
    now, before, year = (
        measured(rows[rows["Month"].between(*ends)])
        for ends in [("2017-12",) * 2, ("2016-12",) * 2, ("2017-01", "2017-12")]
    )
    for metric in METRICS:
        assert card[metric, "actual"] == pytest.approx(now[metric]), metric
        assert card[metric, "ytd"] == pytest.approx(year[metric]), metric
        assert card[metric, "yoy_difference"] == pytest.approx(now[metric] - before[metric]), metric
    assert card["sales", "yoy"] == pytest.approx(now["sales"] / before["sales"] - 1)
    assert (table["schema"] == 1).all()
    assert set(table["unit"]) - {""} <= {unit, *(REGIONS if unit == "all" else [])}
    inputs = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["inputs"]
    assert inputs[-1]["path"] == "superstore.csv"
    assert inputs[-1]["rows"] == 9994


def test_the_page_is_english_and_shows_dollars(reported, frame):
    unit, _, page = reported
    rows = frame[frame["Month"] == "2017-12"]
    rows = rows if unit == "all" else rows[rows["Region"] == unit]
    assert "<html lang=en" in page
    assert "December 2017" in page
    assert f"${rows['Sales'].sum():,.0f}" in page
    assert "¥" not in page
    main = page.partition("</style>")[2]
    chinese = {c for c in main if "\u4e00" <= c <= "\u9fff"}
    assert not chinese

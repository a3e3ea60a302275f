"""Olist's orders in eight tables, joined and rolled up from states to regions, against pandas."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pandas as pd
import pytest

import opsnb
from opsnb.company import Company
from opsnb.dataset import Dataset
from opsnb.metrics.spans import Span
from opsnb.period import Period
from opsnb.results import NotApplicable

COMPANY = Path(__file__).parent / "olist"
FOLDER = Path(__file__).parents[3] / "shared/data/olist_sample"
pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="the data are not beside the checkout")

DATES = ["purchase_timestamp", "delivered_carrier_date", "delivered_customer_date",
         "estimated_delivery_date"]  # fmt: skip
REGIONS = {
    "southeast": ["SP", "RJ", "MG", "ES"],
    "south": ["RS", "PR", "SC"],
    "northeast": ["BA", "PE", "CE", "MA", "PB", "PI", "AL", "SE", "RN"],
    "north": ["PA", "TO", "RO", "AM", "AC", "AP", "RR"],
    "central_west": ["GO", "DF", "MT", "MS"],
}
MONTHS = ["2017-03", "2017-11", "2018-02", "2018-08"]
ALL = Span.of(Period.parse("2016-09")).first, Span.of(Period.parse("2018-10")).last


def read(name: str, **options) -> pd.DataFrame:
    return pd.read_csv(FOLDER / f"olist_{name}_dataset.csv", **options)


@pytest.fixture(scope="module")
def orders():
    """Orders with customer, items, payments and reviews beside them."""
    frame = read("orders", parse_dates=[f"order_{name}" for name in DATES])
    frame = frame.merge(read("customers"), on="customer_id", validate="1:1")
    items = read("order_items").groupby("order_id")
    reviews = read("order_reviews").groupby("order_id")
    frame = frame.join(
        items.agg(
            items=("price", "size"), revenue=("price", "sum"), freight=("freight_value", "sum")
        ),
        on="order_id",
    )
    frame = frame.join(
        reviews.agg(reviews=("review_score", "size"), score=("review_score", "sum")), on="order_id"
    )
    frame = frame.join(
        read("order_payments").groupby("order_id")["payment_value"].sum(), on="order_id"
    )
    return frame.assign(month=frame["order_purchase_timestamp"].dt.strftime("%Y-%m"))


@pytest.fixture(scope="module")
def items(orders):
    """Items with order, product, category and seller beside them."""
    frame = read("order_items").merge(
        orders[["order_id", "month", "customer_state"]], on="order_id", validate="m:1"
    )
    frame = frame.merge(read("products"), on="product_id", how="left", validate="m:1")
    names = pd.read_csv(FOLDER / "product_category_name_translation.csv")
    frame = frame.merge(names, on="product_category_name", how="left", validate="m:1")
    return frame.merge(read("sellers"), on="seller_id", how="left", validate="m:1")


def share(part, whole):
    return part / whole if whole else None


def measured(rows: pd.DataFrame, parts: pd.DataFrame) -> dict[str, float | None]:
    """Metrics of some orders and their items, by pandas; None where there is nothing to divide."""
    there = rows.dropna(subset=["items"])
    came = rows.dropna(subset=["order_delivered_customer_date"])
    day, hour = came["order_delivered_customer_date"], came["order_purchase_timestamp"]
    late = day.dt.normalize() - came["order_estimated_delivery_date"]
    days = (day.dt.normalize() - hour.dt.normalize()).dt.days
    near = parts["seller_state"] == parts["customer_state"]
    return {
        "revenue": there["revenue"].sum() if len(there) else None,
        "freight": there["freight"].sum() if len(there) else None,
        "orders": len(rows),
        "customers": rows["customer_unique_id"].nunique(),
        "average_order_value": share(there["revenue"].sum(), len(there)),
        "items_per_order": share(there["items"].sum(), len(there)),
        "without_items": rows["items"].isna().mean(),
        "satisfaction": rows["score"].sum() / rows["reviews"].sum(),
        "reviews_per_order": rows["reviews"].sum() / len(rows),
        "on_time_delivery": share((late.dt.days <= 0).sum(), len(came)),
        "delivery_days": share(days.sum(), len(came)),
        "sellers": parts["seller_id"].nunique() if len(parts) else None,
        "same_state": share(parts.loc[near, "price"].sum(), parts["price"].sum()),
    }


def inside(frame, unit):
    """Rows of a unit: a state, a region, or all."""
    states = REGIONS.get(unit, [unit])
    return frame if unit == "all" else frame[frame["customer_state"].isin(states)]


@pytest.fixture(scope="module")
def workbook():
    return opsnb.open(COMPANY, "2018-08")


def test_the_tree_is_that_of_the_five_regions(workbook):
    tree = workbook.units
    assert {region: tree.children(region) for region in tree.children("all")} == REGIONS
    assert tree.ancestors("AC") == ["AC", "north", "all"]


def test_the_whole_sample_is_that_of_pandas(workbook, orders, items):
    span = Span(*ALL)
    metrics = list(workbook.company.metrics)
    values = workbook.values(metrics, [span])
    for unit in ["all", *REGIONS, "SP", "RR"]:
        expected = measured(inside(orders, unit), inside(items, unit))
        for metric in metrics:
            # Items end a month before orders do, so that a span beyond them has none.
            if metric in ("sellers", "same_state"):
                continue
            assert values.value(metric, span, unit) == pytest.approx(expected[metric]), (
                unit, metric,
            )  # fmt: skip
    assert values.value("orders", span, "all") == 8135
    assert f"{values.value('without_items', span, 'all'):.3f}" == "0.095"


def test_every_state_and_region_is_that_of_pandas(workbook, orders, items):
    spans = [Span.of(Period.parse(month)) for month in MONTHS]
    metrics = list(workbook.company.metrics)
    values = workbook.values(metrics, spans)
    cells = 0
    for span, month in zip(spans, MONTHS, strict=True):
        now, parts = (frame[frame["month"] == month] for frame in (orders, items))
        for unit in [u.id for u in workbook.units]:
            rows = inside(now, unit)
            if rows.empty:
                assert values.value("orders", span, unit) == NotApplicable("no data in this period")
                continue
            for metric, expected in measured(rows, inside(parts, unit)).items():
                found = values.value(metric, span, unit)
                if expected is None:
                    assert isinstance(found, NotApplicable), (month, unit, metric)
                else:
                    assert found == pytest.approx(expected, abs=1e-9), (month, unit, metric)
                    cells += 1
    assert cells > len(MONTHS) * 25 * len(metrics)


def test_customers_are_people_and_not_their_orders(workbook, orders):
    span = Span(*ALL)
    people = workbook.values(["customers"], [span]).value("customers", span, "all")
    assert people == orders["customer_unique_id"].nunique() == 8016
    assert orders["customer_id"].nunique() == 8135


def test_looking_up_never_multiplies_rows(workbook, orders, items):
    assert workbook.load("order_book").rows == len(orders) == 8135
    assert workbook.load("item_book").rows == len(items) == 8365
    none = orders["items"].isna().sum()
    assert workbook.load("order_book").unmatched == {"items": none}
    products = read("products")
    unknown = products["product_category_name"].notna() & ~products["product_category_name"].isin(
        pd.read_csv(FOLDER / "product_category_name_translation.csv")["product_category_name"]
    )
    assert workbook.load("catalogue").unmatched == {"categories": unknown.sum()}


def test_categories_of_two_lookups_are_those_of_pandas(workbook, items):
    span = Span.of(Period.parse("2018-08"))
    values = workbook.values(["sellers"], [span], by=("category",))
    month = items[items["month"] == "2018-08"]
    expected = month.groupby("product_category_name_english")["seller_id"].nunique()
    found = values.frame["sellers"].xs(str(span), level="span").xs("all", level="unit").dropna()
    found = found[found.index.notna()]
    assert found.to_dict() == expected.to_dict()


def test_line_breaks_in_comments_do_not_break_rows(workbook):
    reviews = read("order_reviews")
    with (FOLDER / "olist_order_reviews_dataset.csv").open(encoding="utf-8") as file:
        assert sum(1 for _ in file) > len(reviews) + 1
    assert workbook.load("reviews").rows == len(reviews) == 8225


def test_what_the_checks_find_is_what_pandas_finds(workbook, orders):
    reviews = read("order_reviews")
    several = reviews.groupby("order_id").size()
    assert (several > 1).sum() == 87
    found = {(a.table, a.kind): a for a in workbook.alerts}
    again = found["reviews", "unique"]
    assert (again.count, again.metrics) == (
        (several - 1).sum(), ("satisfaction", "reviews_per_order"),
    )  # fmt: skip
    dataset = Dataset(Company.find(COMPANY))
    paid = (orders["revenue"] + orders["freight"] - orders["payment_value"]).abs().round(2) > 0.01
    when = orders["order_delivered_customer_date"]
    early = when < orders["order_delivered_carrier_date"]
    nowhen = (orders["order_status"] == "delivered") & when.isna()
    assert (paid.sum(), early.sum(), nowhen.sum()) == (26, 3, 8)
    for place, bad in enumerate((nowhen, early, paid)):
        last = orders.loc[bad, "month"].max()
        alert = dataset.alert("order_book", place, Period.parse(last))
        assert alert.total == bad.sum(), place
        assert alert.count == (bad & (orders["month"] == last)).sum(), place
        states = orders.loc[bad & (orders["month"] == last), "customer_state"]
        assert set(alert.units) == set(states), place


def test_a_state_without_orders_is_not_a_delivery_that_is_missing(workbook, orders):
    month = orders[orders["month"] == "2018-08"]
    silent = {state for states in REGIONS.values() for state in states} - set(
        month["customer_state"]
    )
    assert silent
    assert workbook.coverage("order_book").missing == ()
    assert workbook.coverage("order_book").unknown == {}
    assert workbook.missing_units("revenue") == {}


@pytest.fixture(scope="module", params=["all", "north"])
def reported(request, shell, tmp_path_factory):
    """Unit, folder and page of the report for August 2018; that of a region in Chinese."""
    outputs = tmp_path_factory.mktemp("olist")
    locale = {"all": "en", "north": "zh"}[request.param]
    done = shell(
        "opsnb", "run", "monthly_operations", "--company", COMPANY, "--period", "2018-08",
        "--unit", request.param, "--locale", locale, "--output", outputs,
    )  # fmt: skip
    assert (done.code, done.err) == (0, "")
    folder = Path(done.last_line)
    return request.param, folder, (folder / "report.html").read_text(encoding="utf-8")


def test_recorded_values_are_those_of_pandas(reported, orders, items):
    unit, folder, _ = reported
    table = pd.read_parquet(folder / "results.parquet")
    card = table[table["result"] == "scorecard"].set_index(["metric", "measure"])["value"]
    ends = {"actual": ("2018-08", "2018-08"), "ytd": ("2018-01", "2018-08")}
    for measure, (first, last) in ends.items():
        rows, parts = (
            inside(frame[frame["month"].between(first, last)], unit) for frame in (orders, items)
        )
        for metric, expected in measured(rows, parts).items():
            assert card[metric, measure] == pytest.approx(expected), (measure, metric)
    below = table[table["result"] == "units"].set_index(["metric", "unit", "measure"])["value"]
    children = list(REGIONS) if unit == "all" else REGIONS[unit]
    assert set(below.index.get_level_values("unit")) == set(children)
    now = orders[orders["month"] == "2018-08"]
    for child in children:
        count = below["orders", child, "actual"]
        assert count == len(inside(now, child)) or (pd.isna(count) and inside(now, child).empty)
    sources = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["inputs"]
    assert sum(item["kind"] == "source" for item in sources) == 11


def test_the_page_names_tables_and_units_in_its_language(reported):
    unit, _, page = reported
    text = " ".join(re.sub(r"<[^>]+>", " ", page.partition("</style>")[2]).split())
    if unit == "all":
        assert "Reviews: 90 rows stand more than once." in text
        assert "BRL 56,074" in text
        assert not {c for c in text if "\u4e00" <= c <= "\u9fff"}
    else:
        assert "评价有 90 行重复" in text
        assert "罗赖马州" in text
        assert "reviews" not in text.replace("reviews_dataset.csv", "").partition("附录")[0]

from decimal import Decimal

import pandas as pd
import pytest

from opsnb.demo import TRUTHS, truth
from opsnb.errors import UnknownNameError

REGIONS = ["east", "south", "west", "north"]
PLAN = [str(p) for p in pd.period_range("2021-11", "2026-12", freq="M")]
TARGETED = [
    "revenue",
    "gross_profit",
    "operating_expenses",
    "operating_profit",
    "inventory",
    "gross_margin",
    "orders",
    "on_time_delivery",
    "satisfaction",
]


@pytest.fixture(scope="module")
def first(small):
    rows = small.targets[small.targets["version"] == "1"]
    values = rows.assign(value=rows["value"].map(Decimal))
    return values.set_index(["metric", "unit", "period"])["value"]


@pytest.fixture(scope="module")
def revised(small):
    rows = small.targets[small.targets["version"] == "2"]
    values = rows.assign(value=rows["value"].map(Decimal))
    return values.set_index(["metric", "unit", "period"])["value"]


def test_units(small):
    units = pd.read_csv(small.root / "ledgers/units.csv", dtype=str, keep_default_na=False)
    assert list(units) == ["unit", "label", "label_en", "parent", "opened", "closed"]
    assert units["unit"].tolist() == REGIONS
    assert units["label"].tolist() == ["华东", "华南", "华西", "华北"]
    assert (units[["parent", "opened", "closed"]] == ["all", "2015-01-01", ""]).all(axis=None)


def test_targets_for_every_metric_unit_and_month_of_the_plan(small, first, metrics):
    columns = ["metric", "unit", "period", "scenario", "version", "value", "approved_on"]
    assert list(small.targets) == columns
    assert (small.targets["scenario"] == "target").all()
    wanted = pd.MultiIndex.from_product([TARGETED, [*REGIONS, "all"], PLAN])
    assert first.index.is_unique
    assert set(first.index) == set(wanted)
    assert set(TARGETED) <= set(metrics)


def test_approved_before_the_year_starts(small):
    rows = small.targets[small.targets["version"] == "1"]
    year = rows["period"].str[:4].astype(int)
    approved = pd.to_datetime(rows["approved_on"])
    later = year > 2021
    assert (approved[later].dt.strftime("%Y-%m") == (year[later] - 1).astype(str) + "-12").all()
    assert (approved[~later].dt.strftime("%Y-%m") == "2021-10").all()


@pytest.mark.parametrize(
    "metric",
    [
        "revenue",
        "gross_profit",
        "operating_expenses",
        "operating_profit",
        "inventory",
        "orders",
    ],
)
def test_regions_add_up_to_the_root_exactly(first, metric):
    values = first[metric].unstack(0)
    assert (values[REGIONS].sum(axis=1) == values["all"]).all()


def test_profit_targets_follow_from_their_parts(first):
    profit = first["gross_profit"] - first["operating_expenses"]
    assert (first["operating_profit"] == profit).all()
    margin = (first["gross_profit"] / first["revenue"]).map(lambda v: round(v, 4))
    assert (first["gross_margin"] == margin).all()


def test_money_has_two_decimals(small):
    money = small.targets["metric"].isin(TARGETED[:5])
    assert small.targets.loc[money, "value"].str.fullmatch(r"\d+\.\d{2}").all()
    orders = small.targets.loc[small.targets["metric"] == "orders", "value"]
    assert orders.str.fullmatch(r"\d+").all()


def test_ratio_targets_of_the_root_lie_among_the_regions(first):
    for metric in ("gross_margin", "on_time_delivery", "satisfaction"):
        values = first[metric].unstack(0).astype(float)
        assert (values["all"] >= values[REGIONS].min(axis=1)).all()
        assert (values["all"] <= values[REGIONS].max(axis=1)).all()


def test_the_revision_lowers_west_and_the_root_by_the_same(small, first, revised):
    months = PLAN[-6:]
    assert sorted(set(revised.index)) == [
        ("revenue", unit, month) for unit in ("all", "west") for month in months
    ]
    old, new = first["revenue"].unstack(0).loc[months], revised["revenue"].unstack(0)
    share = (new["west"] / old["west"]).astype(float)
    assert share.between(0.9499, 0.9501).all()  # whole thousands of 20 million
    cut = old[["west", "all"]] - new
    assert (cut["west"] == cut["all"]).all()
    dates = small.targets.loc[small.targets["version"] == "2", "approved_on"]
    assert set(dates) == {"2026-06-25"}


def test_notes(small, metrics):
    notes = pd.read_csv(small.root / "ledgers/notes.csv", dtype=str)
    assert list(notes) == ["period", "unit", "metric", "cause", "measure", "author"]
    assert list(zip(notes["period"], notes["unit"], notes["metric"], strict=True)) == [
        ("2026-10", "west", "revenue"),
        ("2026-10", "south", "on_time_delivery"),
        ("2026-10", "all", "gross_margin"),
    ]
    assert set(notes["metric"]) <= set(metrics)
    assert notes[["cause", "measure", "author"]].notna().all(axis=None)


def test_attainment_is_near_99_percent_before_the_truths(company):
    # The 53 months before April 2026. Noise of the group's month: 0.028 * sqrt(sum of squared
    # region shares) = 0.015; of the mean over 53 months 0.002. Expected 1 / 1.008 = 0.992.
    lines = company.order_lines[company.order_lines["month"] < "2026-04"]
    regions = lines.groupby(["region", "month"])["amount"].sum()
    group = company.attainment("revenue", pd.concat({"all": regions.groupby("month").sum()}))
    assert abs(group["all"].mean() - 0.992) < 4 * 0.0021
    assert group["all"].between(0.96, 1.04).mean() > 0.85
    own = company.attainment("revenue", regions)
    assert own.std().between(0.028 * 0.6, 0.028 * 1.4).all()  # sd of an sd of 53: 10 %


def test_orders_attainment_is_near_99_percent_before_the_truths(company):
    lines = company.order_lines[company.order_lines["month"] < "2026-04"]
    orders = lines.groupby(["region", "month"])["order_id"].nunique()
    own = company.attainment("orders", orders)
    assert own.mean().between(0.98, 1.005).all()  # noise 0.021 / sqrt(53) = 0.003


def test_truths_are_told_in_both_languages_and_by_known_names(metrics, declared):
    assert len({one.id for one in TRUTHS}) == len(TRUTHS) == 9
    columns = {name for table in declared.values() for name in table.get("dimensions", [])}
    for one in TRUTHS:
        assert one.zh
        assert one.en
        assert set(one.metrics) <= set(metrics)
        assert one.unit in {*REGIONS, "all"}
        assert one.dimension is None or one.dimension in columns
        assert (one.dimension is None) == (one.item is None)


def test_an_unknown_truth_names_the_nearest():
    with pytest.raises(UnknownNameError, match="dealer_lost"):
        truth("dealer_los")

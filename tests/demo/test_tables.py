import csv

import pandas as pd
import pytest

from opsnb.demo import AS_OF, duplicate_lines

MONTHS = [f"{y}-{m:02d}" for y in range(2021, 2027) for m in range(1, 13)][10:70]
REGIONS = {"east", "south", "west", "north"}
FORMS = {
    "text": r"[0-9A-Za-z_-]{1,40}",
    "integer": r"[1-9]\d*",
    "decimal(2)": r"\d+\.\d{2}",
    "date": r"20\d\d-[01]\d-[0-3]\d",
}
TABLES = ["order_lines", "surveys", "inventory", "expenses", "headcount"]


def test_every_declared_table_is_written(declared, small):
    assert list(declared) == TABLES
    assert {table["path"] for table in declared.values()} == {
        path.name for path in (small.root / "data").glob("*.csv")
    }


@pytest.mark.parametrize("name", TABLES)
def test_columns_are_the_declared_ones_and_hold_what_they_say(declared, small, name):
    path = small.root / "data" / declared[name]["path"]
    with path.open(encoding="utf-8", newline="") as file:
        assert next(csv.reader(file)) == list(declared[name]["columns"])
    frame = pd.read_csv(path, dtype=str, keep_default_na=False)
    for column, kind in declared[name]["columns"].items():
        values = frame[column]
        if column == "delivered_date":
            values = values[values != ""]
        assert values.str.fullmatch(FORMS[kind]).all(), column


@pytest.mark.parametrize("name", TABLES)
def test_all_sixty_months_and_regions_are_there(company, name):
    frame = getattr(company, name)
    assert sorted(frame["month"].unique()) == MONTHS
    assert set(frame["region"]) == REGIONS


def test_number_of_lines(company):
    # Lines an order: mean 2.98, sd 1.6; so sd 1.6 * sqrt(lines / 2.98). Order counts carry the
    # regions' noise, 1 % at most over 60 months; the lost dealer takes 0.1 %.
    asked = company.lines
    sd = 1.6 * (asked / 2.98) ** 0.5
    assert abs(len(company.order_lines) - asked) < 4 * sd + 0.01 * asked


def test_orders_have_one_to_six_lines_numbered_from_one(company):
    lines = company.order_lines.groupby("order_id")["line"]
    assert (lines.min() == 1).all()
    assert (lines.max() == lines.size()).all()
    assert set(lines.size()) == {1, 2, 3, 4, 5, 6}


def test_an_order_has_one_day_region_channel_and_customer(company):
    same = ["order_date", "region", "channel", "customer_id"]
    assert (company.order_lines.groupby("order_id")[same].nunique() == 1).all(axis=None)


def test_a_customer_has_one_region_and_channel(company):
    by = company.order_lines.groupby("customer_id")[["region", "channel"]].nunique()
    assert (by == 1).all(axis=None)
    surveyed = company.surveys.groupby("customer_id")["region"].first()
    ordered = company.order_lines.groupby("customer_id")["region"].first()
    both = surveyed.index.intersection(ordered.index)
    assert (surveyed[both] == ordered[both]).all()


def test_products_lines_and_channels(company):
    frame = company.order_lines
    assert frame["product"].nunique() == 40
    assert set(frame["product_line"]) == {"motors", "drives", "sensors", "services"}
    assert set(frame["channel"]) == {"direct", "dealer", "online"}
    assert (frame.groupby("product")["product_line"].nunique() == 1).all()


def test_customers_are_many_and_a_few_are_big(build):
    from opsnb.demo import SEED

    frame = build(SEED, 300_000).order_lines
    share = frame.groupby("customer_id")["amount"].sum().sort_values(ascending=False)
    share = share.cumsum() / share.sum()
    assert 2_300 <= len(share) <= 2_400
    assert share.iloc[len(share) // 5] > 0.6


def test_amounts_are_list_prices_less_discount(company):
    frame = company.order_lines
    discount = 1 - frame["amount"] / (frame["quantity"] * frame["list_price"])
    assert discount.between(-1e-4, 0.25).all()
    assert 0.06 < discount.mean() < 0.12
    assert (frame["cost"] > 0).all()


def test_revenue_and_margin_of_the_years(company):
    frame = company.order_lines
    year = frame.groupby(frame["order_date"].dt.year)[["amount", "cost"]].sum().loc[2022:2025]
    assert year["amount"].between(1.15e9, 1.6e9).all()
    growth = year["amount"].pct_change().dropna()
    # 6 %; a year has up to 1.2 % more or fewer working days than the one before, and noise of
    # 0.015 / sqrt(12), so 0.6 % for two years.
    assert growth.between(0.06 - 0.012 - 4 * 0.006, 0.06 + 0.012 + 4 * 0.006).all()
    assert (1 - year["cost"] / year["amount"]).between(0.27, 0.295).all()


def test_few_orders_on_weekends(company):
    orders = company.order_lines.drop_duplicates("order_id")
    weekend = orders["order_date"].dt.day_of_week >= 5
    assert 0.01 < weekend.mean() < 0.05  # make-up days among them


def test_promises_and_deliveries(company):
    frame = company.order_lines
    lead = (frame["promised_date"] - frame["order_date"]).dt.days
    assert lead.min() == 5
    assert lead.max() == 25
    assert (frame["delivered_date"].dropna() <= pd.Timestamp(AS_OF)).all()
    assert not (frame["delivered_date"] <= frame["order_date"]).any()
    still_open = frame[frame["delivered_date"].isna()]
    assert (still_open["promised_date"] >= pd.Timestamp(AS_OF) - pd.Timedelta(days=21)).all()
    assert 0.1 < len(still_open) / (frame["month"] == "2026-10").sum() < 0.5


def test_surveys(company):
    assert company.surveys.groupby("month").size().between(150, 250).all()
    assert set(company.surveys["score"]) == {1, 2, 3, 4, 5}
    assert company.surveys["survey_id"].is_unique
    assert abs(company.surveys["score"].mean() - 4.2) < 0.05


def test_stocks_are_counted_on_the_last_day_of_the_month(company):
    for frame in (company.inventory, company.headcount):
        assert frame["counted_on"].dt.is_month_end.all()
    assert not company.inventory.duplicated(["counted_on", "region", "product_line"]).any()
    assert company.headcount.groupby("month")["headcount"].sum().between(1_180, 1_320).all()


def test_expenses_are_posted_on_several_working_days(company):
    frame = company.expenses
    days = frame.groupby(["month", "region", "account"])["posted_on"].agg(["size", "nunique"])
    assert (days["size"] == days["nunique"]).all()
    assert days["size"].between(4, 6).all()
    revenue = company.order_lines["amount"].sum()
    assert 0.14 < frame["amount"].sum() / revenue < 0.18


def test_duplicates_scale_with_size():
    assert [duplicate_lines(n) for n in (10_000, 60_000, 300_000, 1_000_000)] == [4, 24, 120, 400]

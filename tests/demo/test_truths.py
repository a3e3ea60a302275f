"""Each planted truth, found again from the files by other means than the generator's.

Tolerances are four standard errors of the noise that the generator states, or of counting.
"""

import numpy as np
import pandas as pd
import pytest

from opsnb.demo import duplicate_lines, truth

BEFORE = "2026-04"
"""First month that any business truth touches."""
FESTIVALS = ["2022-02-01", "2023-01-22", "2024-02-10", "2025-01-29", "2026-02-17"]
WINDOWS = {"pre": (-6, -1), "during": (0, 6), "post": (7, 20)}


def months(frame, first, last="2026-10"):
    return frame[frame["month"].between(first, last)]


def test_dealer_lost(company):
    lost = truth("dealer_lost")
    west = company.order_lines.query("region == 'west'")
    his = west[west["customer_id"] == lost.item]
    assert set(his["channel"]) == {"dealer"}
    assert his["month"].max() == "2026-07"
    assert (months(his, "2025-08", "2026-07").groupby("month").size() > 0).sum() == 12
    before = west[west["month"] < str(lost.first)]
    share = before.groupby("customer_id")["amount"].sum() / before["amount"].sum()
    assert share.idxmax() == lost.item
    # A sum of n orders whose values have a coefficient of variation below 1.
    assert abs(share.max() - lost.size) < 4 * lost.size / np.sqrt(his["order_id"].nunique())


def test_dealer_lost_shows_in_the_revenue_of_west_alone(company):
    regions = company.order_lines.groupby(["region", "month"])["amount"].sum()
    reached = company.attainment("revenue", regions)
    change = reached.loc["2026-08":"2026-10"].mean() - reached.loc["2026-04":"2026-07"].mean()
    noise = 4 * 0.028 * np.sqrt(1 / 3 + 1 / 4)
    # The dealer's own share of a month varies by a quarter of itself at 60,000 lines.
    assert abs(change["west"] + truth("dealer_lost").size) < noise + 0.225 * 0.25
    assert (change.drop("west").abs() < noise).all()


def test_price_rise(company):
    rise = truth("price_rise")
    frame = company.order_lines.assign(late=company.order_lines["month"] >= str(rise.first))
    prices = frame.groupby(["product_line", "product", "late"])["list_price"].agg(["min", "max"])
    assert (prices["min"] == prices["max"]).all()
    ratio = (prices["min"].unstack("late")[True] / prices["min"].unstack("late")[False]).round(6)
    assert (ratio[rise.item] == 1 + rise.size).all()
    assert (ratio.drop(rise.item, level=0) == 1).all()
    assert str(frame.loc[frame["late"], "order_date"].min().date())[:7] == "2026-04"


def test_price_rise_hardly_moves_volume(company):
    # Drives beside motors at the old prices, April to October against the year before. Growth
    # apart, noise of a line's month 0.02 * sqrt(sum of squared region shares) = 0.0105, two
    # lines, two years, seven months: 0.0105 * 2 / sqrt(7) = 0.008.
    rise = truth("price_rise")
    old = company.order_lines[company.order_lines["month"] < str(rise.first)]
    price = old.groupby("product")["list_price"].first()
    frame = company.order_lines.assign(
        volume=company.order_lines["quantity"] * company.order_lines["product"].map(price)
    )
    frame = frame[frame["customer_id"] != truth("dealer_lost").item]
    now = months(frame, "2026-04").groupby("product_line")["volume"].sum()
    then = months(frame, "2025-04", "2025-10").groupby("product_line")["volume"].sum()
    growth = np.log(now / then)
    grown_apart = np.log(1.07 / 1.035)
    reaction = growth["drives"] - growth["motors"] - grown_apart
    meant = rise.parts["volume_elasticity"] * np.log1p(rise.size)
    assert abs(reaction - meant) < 4 * 0.008 + 0.01  # 0.01: what the dealer's lines leave uneven


def test_cost_shock(company):
    shock = truth("cost_shock")
    frame = company.order_lines.assign(unit_cost=lambda f: f["cost"] / f["quantity"])
    frame = months(frame, "2025-06").assign(late=lambda f: f["month"] >= str(shock.first))
    each = frame.groupby(["product_line", "product", "late", "month"])["unit_cost"].first()
    each = np.log(each).groupby(["product_line", "product", "late"]).mean()
    change = each.unstack("late").diff(axis=1)[True].groupby("product_line").mean()
    # One draw of 0.005 a month and product line; 5 months against 12.
    noise = 4 * 0.005 * np.sqrt(1 / 5 + 1 / 12)
    assert abs(change[shock.item] - np.log1p(shock.size)) < noise
    assert (change.drop(shock.item).abs() < noise).all()


def test_cost_shock_shows_in_the_gross_margin(company):
    sums = company.order_lines.groupby(["product_line", "month"])[["amount", "cost"]].sum()
    margin = (1 - sums["cost"] / sums["amount"]).unstack(0)
    change = margin.loc["2026-06":].mean() - margin.loc["2026-04":"2026-05"].mean()
    # Unit cost of motors is 77 % of what is paid; 12 % of it is 9 points.
    assert abs(change["motors"] + 0.77 * 0.12) < 0.02
    assert (change.drop("motors").abs() < 0.02).all()
    # The group's margin has an sd of 0.0035 a month: unit costs, and the mix of products.
    total = company.order_lines.groupby("month")[["amount", "cost"]].sum()
    group = 1 - total["cost"] / total["amount"]
    fall = group.loc["2026-06":].mean() - group.loc["2026-04":"2026-05"].mean()
    motors = (sums.loc["motors", "amount"] / total["amount"]).loc["2026-06":].mean()
    assert abs(fall + motors * 0.77 * 0.12) < 4 * 0.0035 * np.sqrt(1 / 5 + 1 / 2)
    assert group.loc["2026-06":].mean() < group.loc[:"2026-03"].mean() - 4 * 0.0035 / np.sqrt(5)


def test_delivery_delay(company):
    delay = truth("delivery_delay")
    done = company.order_lines.dropna(subset=["delivered_date"])
    done = done.assign(on_time=done["delivered_date"] <= done["promised_date"])
    for month in ("2026-09", "2026-10"):
        rate = months(done, month, month).groupby("region")["on_time"].agg(["mean", "size"])
        south, others = rate.loc[delay.unit], rate.drop(delay.unit)
        counting = 4 * np.sqrt(delay.size * (1 - delay.size) / south["size"])
        assert abs(south["mean"] - delay.size) < counting
        assert ((others["mean"] - 0.945).abs() < on_time_noise(others["size"])).all()
    before = done[done["month"] < str(delay.first)].groupby(["region", "month"])["on_time"]
    rate = before.agg(["mean", "size"])
    # Five standard errors in place of four for the furthest of 232 skewed proportions.
    assert ((rate["mean"] - 0.945).abs() < 5 / 4 * on_time_noise(rate["size"])).all()
    region = rate.groupby("region").agg({"mean": "mean", "size": "sum"})
    noise = 4 * np.sqrt(0.945 * 0.055 / region["size"] + 0.005**2 / 58) + 0.003
    assert ((region["mean"] - 0.945).abs() < noise).all()


def on_time_noise(size):
    """Four standard errors: counting, 0.005 of the month, and 0.003 between the regions."""
    return 4 * np.sqrt(0.945 * 0.055 / size + 0.005**2) + 0.003


def festival_shares():
    """Share of each window in each month, by counting days."""
    rows = []
    for festival in pd.to_datetime(FESTIVALS):
        for name, (first, last) in WINDOWS.items():
            days = pd.date_range(festival + pd.Timedelta(days=first), periods=last - first + 1)
            rows.append(pd.DataFrame({"month": days.strftime("%Y-%m"), name: 1 / len(days)}))
    return pd.concat(rows).groupby("month").sum()


def workdays():
    """Working days by month, from another table than the generator's."""
    import chinese_calendar

    days = pd.date_range("2021-11-01", "2026-10-31")
    worked = [chinese_calendar.is_workday(day.date()) for day in days]
    return pd.Series(worked, index=days.strftime("%Y-%m")).groupby(level=0).sum()


@pytest.fixture
def fitted(company):
    """Coefficients and standard errors of log revenue on trend, season and calendar."""
    revenue = company.order_lines.groupby("month")["amount"].sum().loc[:BEFORE].iloc[:-1]
    frame = pd.DataFrame(index=revenue.index)
    frame["workday_elasticity"] = np.log(workdays().reindex(frame.index).astype(float))
    shares = festival_shares().reindex(frame.index).fillna(0.0)
    season = pd.get_dummies(frame.index.str[5:], dtype=float).set_axis(frame.index, axis=0)
    frame = frame.join(shares).join(season).assign(trend=np.arange(len(frame)) / 12)
    x, y = frame.to_numpy(), np.log(revenue.to_numpy())
    coefficients, rss, rank, _ = np.linalg.lstsq(x, y)
    assert rank == x.shape[1]
    variance = rss[0] / (len(y) - rank)
    errors = np.sqrt(variance * np.diag(np.linalg.inv(x.T @ x)))
    return pd.DataFrame({"value": coefficients, "se": errors}, index=frame.columns)


@pytest.mark.parametrize("part", ["workday_elasticity", "pre", "during", "post"])
def test_spring_festival_coefficients(fitted, part):
    meant = truth("spring_festival").parts[part]
    assert abs(fitted.loc[part, "value"] - meant) < 4 * fitted.loc[part, "se"]


def test_spring_festival_and_working_days_are_not_noise(fitted):
    elasticity = fitted.loc["workday_elasticity"]
    assert elasticity["value"] > 4 * elasticity["se"]
    assert fitted.loc[["pre", "during", "post"], "value"].sum() < -0.1
    assert abs(fitted.loc["trend", "value"] - np.log(1.06)) < 0.015


def test_spring_festival_moves_between_january_and_february(company):
    daily = company.order_lines.groupby("month")["amount"].sum() / workdays()
    early, late = daily["2023-01"] / daily["2023-02"], daily["2022-01"] / daily["2022-02"]
    # 2023: pre, during and .21 of post against .79 of post; 2022: pre against during and post.
    # Noise of a ratio of two months of the group: 0.015 * sqrt(2) = 0.021.
    assert abs(np.log(early) - (-0.07 - 0.10 + 0.08 * (11 - 3) / 14)) < 4 * 0.021
    assert abs(np.log(late) - (-0.07 + 0.10 + 0.08)) < 4 * 0.021


@pytest.mark.parametrize("days", [6, 7])  # the seventh is a working day in two of the years
def test_a_day_of_the_festival_week_sees_a_tenth_of_the_orders(company, days):
    orders = company.order_lines.drop_duplicates("order_id")
    day = orders["order_date"].value_counts()
    ratio, count = [], 0
    for festival in pd.to_datetime(FESTIVALS):
        week = day.reindex(pd.date_range(festival, periods=days), fill_value=0)
        ordinary = pd.date_range(festival + pd.Timedelta(days=21), periods=28, freq="B")
        ratio.append(week.mean() / day.reindex(ordinary, fill_value=0).mean())
        count += week.sum()
    # Counting error of the few orders, and a tenth for season, trend and a holiday in April.
    share = truth("spring_festival").parts["day_share"]
    assert abs(np.mean(ratio) - share) < share * (4 / np.sqrt(count) + 0.1)


def test_duplicates(company):
    filed = company.order_lines_as_filed
    again = filed[filed.duplicated()]
    assert len(again) == duplicate_lines(company.lines)
    assert set(again["month"]) == {"2026-10"}
    assert not company.order_lines.duplicated(["order_id", "line"]).any()


def test_late_department(company):
    frame = company.inventory
    counted = frame.groupby(["month", "region"]).size().unstack(fill_value=0)
    assert counted.loc["2026-10", "north"] == 0
    counted.loc["2026-10", "north"] = 4
    assert (counted == 4).all(axis=None)


def test_stale_file(company):
    ordered = company.expenses.sort_values("posted_on", kind="stable")
    amounts = ordered.groupby(["region", "month"]).apply(
        lambda f: tuple(f.sort_values("account", kind="stable")["amount"])
    )
    repeats = amounts == amounts.groupby("region").shift()
    assert list(amounts.index[repeats]) == [("east", "2026-10")]
    people = company.headcount.set_index(["region", "month"])["headcount"]
    assert people["east", "2026-10"] == people["east", "2026-09"]


def test_satisfaction_drop(company):
    drop = truth("satisfaction_drop")
    mean = company.surveys.groupby(["region", "month"])["score"].mean().unstack(0)
    change = mean.loc["2026-10"] - mean.loc["2025-10":"2026-09"].mean()
    # 0.05 of a month is planted noise (none in the month of the drop), 0.02 is rounding of
    # about 50 answers.
    assert abs(change["south"] - drop.size) < 4 * np.hypot(0.05 / np.sqrt(12), 0.02)
    assert (change.drop("south").abs() < 4 * 0.05 * np.sqrt(1 + 1 / 12)).all()
    assert mean["south"].idxmin() == "2026-10"

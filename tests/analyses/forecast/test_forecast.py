"""The forecast of a report: what it shows adds up, and says what it cannot tell."""

import math

import numpy as np
import pytest
from scipy.stats import norm

from opsnb.analyses import forecast, outlook
from opsnb.analyses.forecast import seasonal_naive
from opsnb.results import NotApplicable


@pytest.fixture(scope="module")
def made(firm):
    return forecast(firm())


def row(result, metric):
    (place,) = np.flatnonzero(result.frame["metric"] == metric)
    return {column.name: result.cell(int(place), column.name) for column in result.columns}


def issued(result, metric, name="forecast"):
    frame = result.part("issued").frame
    return frame[frame["metric"] == metric].set_index("target_period")[name]


def test_months_make_the_year(firm, made):
    shown = row(made, "revenue")
    ahead = issued(made, "revenue")
    remaining = ahead[["2025-10", "2025-11", "2025-12"]].sum()
    assert shown["year_forecast"] == pytest.approx(shown["to_date"] + remaining, rel=1e-9)
    values = firm().values(["revenue"], firm().period.ytd)
    ytd = sum(values.frame.xs("all", level="unit")["revenue"])
    assert shown["to_date"] == pytest.approx(ytd, rel=1e-12)


def test_units_make_the_whole_on_the_page(made):
    frame = made.part("forecast_units").frame
    for metric in ("revenue", "cost", "profit"):
        rows = frame[frame["metric"] == metric].set_index("part")
        for name in ("next_month", "months_ahead", "part_year"):
            parts = rows.loc[["north", "south"], name].sum()
            assert rows.loc["all", name] == pytest.approx(parts, rel=1e-9)
    year = row(made, "revenue")["year_forecast"]
    assert frame.set_index(["metric", "part"]).loc[("revenue", "all"), "part_year"] == year


def test_a_unit_says_of_itself_what_its_parent_says_of_it(firm, made):
    frame = made.part("forecast_units").frame.set_index(["metric", "part"])
    own = forecast(firm(unit="north"))
    assert issued(own, "revenue").iloc[0] == pytest.approx(
        frame.loc[("revenue", "north"), "next_month"], rel=1e-12
    )


def test_intervals_of_the_year_hold_its_mean_and_are_narrower_than_months_together(made):
    ends = made.part("issued_intervals").frame
    mine = ends[(ends["metric"] == "revenue") & (ends["level"] == 80.0)].set_index("target_period")
    year = mine.loc["2025"]
    assert year["lower"] < row(made, "revenue")["year_forecast"] < year["upper"]
    months = mine.loc[["2025-10", "2025-11", "2025-12"]]
    assert year["upper"] - year["lower"] < (months["upper"] - months["lower"]).sum()


def test_odds_fall_as_the_target_rises(firm, made):
    from opsnb.analyses.histories import history
    from opsnb.analyses.outlooks import company_scale, outlooks
    from opsnb.analyses.year_ends import probability

    past = history(firm())
    one = outlooks(past, [("revenue", "all")], 12, company_scale(past, 12))["revenue", "all"]
    total = one.paths[:, :3].sum(1) + row(made, "revenue")["to_date"]
    shown = row(made, "revenue")
    (learned,) = made.part("odds").frame.to_dict("records")
    simulated = float(np.clip((total >= 150_000).mean(), 0.001, 0.999))
    weight = learned["odds_weight"] * 3 / 12
    score = (1 - weight) * (norm.ppf(simulated) + learned["odds_shift"])
    score += weight * norm.ppf(learned["odds_share"])
    assert shown["p_met"] == pytest.approx(np.clip(norm.cdf(score), 0.02, 0.98), abs=1e-9)
    odds = [probability(total, goal, "higher") for goal in np.quantile(total, [0.1, 0.5, 0.9])]
    assert odds == pytest.approx([0.9, 0.5, 0.1], abs=0.01)
    lower = [probability(total, goal, "lower") for goal in np.quantile(total, [0.1, 0.5, 0.9])]
    assert lower == pytest.approx([0.1, 0.5, 0.9], abs=0.01)


def test_ratios_are_not_summed(made):
    for metric in ("margin",):
        shown = row(made, metric)
        assert shown["year_forecast"] == NotApplicable("not meaningful for this metric")
        assert shown["p_met"] == NotApplicable("not meaningful for this metric")
    assert "trailing" not in made.metrics


def test_a_stock_ends_the_year_with_its_last_month(made):
    shown = row(made, "stock")
    assert shown["year_forecast"] == pytest.approx(issued(made, "stock")["2025-12"], rel=1e-9)
    assert shown["to_date"] == NotApplicable("not meaningful for this metric")
    assert shown["p_met"] == NotApplicable("no target")


def test_run_rates_are_spread_over_the_remaining_workdays(firm, made):
    shown, progress = row(made, "revenue"), firm().time_progress
    days = progress.workdays_total - progress.workdays
    assert shown["required_run_rate"] == pytest.approx((150_000 - shown["to_date"]) / days)
    gap = shown["year_forecast"] - shown["to_date"]
    assert shown["expected_run_rate"] == pytest.approx(gap / days)


def test_the_last_month_of_a_year_leaves_nothing_to_forecast(firm):
    shown = row(forecast(firm("2024-12")), "revenue")
    assert shown["year_forecast"] == NotApplicable("the year is over")
    assert shown["year_target"] == 140_000
    assert shown["p_met"] == NotApplicable("the year is over")


def test_what_is_not_likely_is_a_finding(firm):
    made = forecast(firm("2024-09"))
    shown = row(made, "revenue")
    found = [f for f in made.findings if f.metric == "revenue"]
    assert bool(found) == (shown["p_met"] < 0.5)
    for finding in found:
        assert finding.numbers["p_met"] == shown["p_met"]


def test_the_monthly_report_issues_the_same(firm, made):
    monthly = outlook(firm(), drawn="revenue", history="nowhere")
    assert issued(monthly, "revenue").tolist() == issued(made, "revenue").tolist()
    assert issued(monthly, "margin").tolist() == issued(made, "margin").tolist()


def test_naive_is_the_same_month_a_year_before_and_else_the_last():
    y = np.arange(24.0)
    assert [seasonal_naive(y, k) for k in (0, 11, 12)] == [12.0, 23.0, 12.0]
    y[12] = math.nan
    assert seasonal_naive(y, 0) == 23.0
    assert seasonal_naive(np.full(3, math.nan), 0) == NotApplicable("too few points")

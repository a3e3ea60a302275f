"""The scorecard of the demonstration company, against pandas on its files."""

import pandas as pd
import pytest

import opsnb
from opsnb.analyses import scorecard

SPANS = {
    "actual": ["2026-10"],
    "prior": ["2026-09"],
    "year_ago": ["2025-10"],
    "ytd": [f"2026-{m:02d}" for m in range(1, 11)],
    "ytd_year_ago": [f"2025-{m:02d}" for m in range(1, 11)],
}


def in_pandas(folder, unit, months):
    """Metrics of the demonstration from its files, by pandas alone."""

    def table(name, day, dates=()):
        frame = pd.read_csv(folder / f"data/{name}.csv", parse_dates=[day, *dates])
        frame = frame if unit == "all" else frame[frame["region"] == unit]
        month = frame[day].dt.strftime("%Y-%m")
        return frame[month.isin(months)].assign(month=month, day=frame[day])

    def at_month_end(frame, value):
        last = frame.groupby(["region", "month"])["day"].transform("max")
        return frame[frame["day"] == last].groupby("month")[value].sum()

    lines = table("order_lines", "order_date", ["promised_date", "delivered_date"])
    delivered = lines.dropna(subset="delivered_date")
    expenses = table("expenses", "posted_on")["amount"].sum()
    stock = at_month_end(table("inventory", "counted_on"), "value")
    staff = at_month_end(table("headcount", "counted_on"), "headcount")
    revenue, profit = lines["amount"].sum(), (lines["amount"] - lines["cost"]).sum()
    return {
        "revenue": revenue,
        "gross_profit": profit,
        "gross_margin": profit / revenue,
        "operating_expenses": expenses,
        "operating_profit": profit - expenses,
        "orders": lines["order_id"].nunique(),
        "customers": lines["customer_id"].nunique(),
        "average_order_value": revenue / lines["order_id"].nunique(),
        "on_time_delivery": (delivered["delivered_date"] <= delivered["promised_date"]).mean(),
        "satisfaction": table("surveys", "answered_on")["score"].mean(),
        "inventory": stock.get(months[-1]),
        "headcount": staff.mean(),
        "revenue_per_head": revenue / staff.mean(),
    }


@pytest.mark.parametrize("unit", ["all", "east"])
def test_the_demonstration_is_what_pandas_makes_of_its_files(demonstration, unit):
    workbook = opsnb.open(demonstration, "2026-10", unit)
    frame = scorecard(workbook).frame.set_index("metric")
    of = {name: in_pandas(demonstration, unit, months) for name, months in SPANS.items()}
    of["trailing"] = in_pandas(demonstration, unit, [*SPANS["ytd"], "2025-11", "2025-12"])
    for metric, actual in of["actual"].items():
        row = frame.loc[metric]
        if actual is None:
            assert pd.isna(row["actual"]), metric
            continue
        assert row["actual"] == pytest.approx(actual, rel=1e-12), metric
        assert row["ytd"] == pytest.approx(of["ytd"][metric], rel=1e-12), metric
        if metric == "inventory":
            continue  # a unit has not counted in October: it is not compared
        for column, base, value in (
            ("yoy_difference", "year_ago", "actual"),
            ("mom_difference", "prior", "actual"),
            ("ytd_yoy_difference", "ytd_year_ago", "ytd"),
        ):
            expected = of[value][metric] - of[base][metric]
            assert row[column] == pytest.approx(expected, rel=1e-8, abs=1e-9), (metric, column)
            rate = row[column.removesuffix("_difference")]
            if workbook.metric(metric).is_ratio:
                assert pd.isna(rate)
            else:
                assert rate == pytest.approx(expected / abs(of[base][metric]), rel=1e-8)
    trailing = frame.loc["revenue_trailing_year", "actual"]
    assert trailing == pytest.approx(of["trailing"]["revenue"], rel=1e-12)


def test_targets_of_the_demonstration_are_those_of_the_ledger(demonstration):
    ledger = pd.read_csv(demonstration / "ledgers/targets.csv")
    approved = pd.to_datetime(ledger["approved_on"]).fillna(pd.Timestamp.min)
    ledger = ledger[(ledger["scenario"] == "target") & (approved <= "2026-11-05")]
    ledger = ledger.sort_values("version").groupby(["metric", "unit", "period"])["value"].last()
    frame = scorecard(opsnb.open(demonstration, "2026-10")).frame.set_index("metric")
    for metric in frame.index:
        expected = ledger.get((metric, "all", "2026-10"))
        actual = frame.loc[metric, "target"]
        assert pd.isna(actual) if expected is None else actual == expected, metric
    revenue = ledger["revenue", "all"]
    months = [f"2026-{month:02d}" for month in range(1, 13)]
    assert frame.loc["revenue", "ytd_target"] == pytest.approx(revenue[months[:10]].sum())
    year = revenue.get("2026", revenue[months].sum())
    assert frame.loc["revenue", "year_target"] == pytest.approx(year)

"""Forecasts of companies that nobody here made: they add up, keep bounds, and can be shown."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import opsnb
from opsnb.analyses import forecast, outlook
from opsnb.analyses.histories import history
from opsnb.display import html

HERE = Path(__file__).parent
DATA = Path(__file__).parents[3] / "shared/data"
COMPANIES = {
    "superstore": ("2017-08", "superstore"),
    "olist": ("2018-06", "olist_sample"),
    "philadelphia": ("2017-06", "philadelphia"),
    "retail": ("2018-02", "macro"),
}


@pytest.fixture(scope="module", params=COMPANIES)
def workbook(request):
    period, folder = COMPANIES[request.param]
    if not (DATA / folder).exists():
        pytest.skip("the data are not beside the checkout")
    return opsnb.open(HERE / request.param, period)


@pytest.fixture(scope="module")
def made(workbook):
    return forecast(workbook)


def test_units_add_up_where_the_data_do(workbook, made):
    past = history(workbook)
    frame = made.part("forecast_units").frame
    for metric in set(frame["metric"]) & past.additive:
        rows = frame[frame["metric"] == metric].set_index("part")["next_month"]
        assert rows.iloc[0] == pytest.approx(rows.iloc[1:].sum(), rel=1e-9)


def test_months_make_the_year(workbook, made):
    remaining = [str(m) for m in workbook.period.year.months if m > workbook.period]
    issued = made.part("issued").frame.set_index(["metric", "target_period"])["forecast"]
    for row in made.frame.dropna(subset=["year_forecast", "to_date"]).to_dict("records"):
        ahead = sum(issued[row["metric"], month] for month in remaining)
        assert row["year_forecast"] == pytest.approx(row["to_date"] + ahead, rel=1e-9)


def test_intervals_hold_their_forecast_and_leave_no_bound(workbook, made):
    past, issued = history(workbook), made.part("issued").frame
    ends = made.part("issued_intervals").frame.dropna(subset="lower")
    merged = ends.merge(issued, on=["metric", "unit", "period", "target_period"])
    slack = 1e-9 * merged["forecast"].abs()
    assert (merged["lower"] <= merged["forecast"] + slack).all()
    assert (merged["forecast"] <= merged["upper"] + slack).all()
    for (metric, unit), rows in merged.groupby(["metric", "unit"]):
        if not (past.values[metric, unit] < 0).any():
            assert (rows["lower"] >= 0).all(), metric


def test_both_reports_can_be_shown(workbook, made, tmp_path):
    monthly = outlook(workbook, history=tmp_path)
    for locale in ("zh", "en"):
        for result in (made, made.part("forecast_units"), monthly):
            shown = html(result, locale)
            assert np.isfinite(len(shown))
            assert ">nan<" not in shown.lower()

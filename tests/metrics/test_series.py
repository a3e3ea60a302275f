"""Quarters, years, weeks and days, held against pandas on the same rows."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest

import opsnb
from opsnb.errors import ParameterError, PeriodError
from opsnb.metrics.spans import Span
from opsnb.period import Period
from opsnb.results import NotApplicable

UNITS = """unit,label,parent,opened,closed
east,东区,,,
west,西区,,,
a,甲,east,,
b,乙,east,,2026-04-15
b,乙,west,2026-04-16,
"""
METRICS = {
    "revenue": {"table": "sales", "measure": "sum(amount)"},
    "buyers": {"table": "sales", "measure": "count(distinct buyer)"},
    "price": {
        "kind": "ratio", "table": "sales", "numerator": "sum(amount)", "denominator": "count(*)",
    },
    "dearest": {"table": "sales", "measure": "max(amount)"},
    "stock": {"table": "stock", "measure": "sum(value)", "over_time": "last"},
    "usual_stock": {"table": "stock", "measure": "sum(value)", "over_time": "mean"},
    "trailing": {"kind": "cumulative", "metric": "revenue", "window": 3},
}  # fmt: skip
SERIES = ["revenue", "buyers", "price", "dearest", "stock"]
RULE = {"day": "D", "week": "W-SUN", "month": "M", "quarter": "Q-DEC", "year": "Y-DEC"}


def rows():
    """Sales and stock from October 2025 to June 2026, on some days only; fixed seed."""
    chance = np.random.default_rng(11)
    days = pd.date_range("2025-10-01", "2026-06-30")
    sales = [
        (day, unit, int(chance.integers(-50, 99)), f"p{chance.integers(1, 9)}")
        for day in days
        for unit in ("a", "b", "zz")
        for _ in range(chance.integers(0, 3))
    ]
    stock = [
        (day, unit, int(chance.integers(1, 99)))
        for day in days
        for unit in ("a", "b")
        if chance.random() < 0.4
    ]
    return (
        pd.DataFrame(sales, columns=["day", "unit", "amount", "buyer"]),
        pd.DataFrame(stock, columns=["day", "unit", "value"]),
    )


@pytest.fixture(scope="module")
def workbook(write_company, tmp_path_factory):
    sales, stock = rows()
    columns = {"day": "date", "unit": "text"}
    folder = write_company(
        tmp_path_factory.mktemp("series") / "c",
        metrics=METRICS,
        sources={
            "sales": {"unit": "unit", "columns": columns | {"amount": "integer", "buyer": "text"}},
            "stock": {"unit": "unit", "columns": columns | {"value": "integer"}},
        },
        data={"sales": sales.to_csv(index=False), "stock": stock.to_csv(index=False)},
        ledgers={"units": UNITS},
    )
    return opsnb.open(folder, "2026-06")


def of_unit(frame, unit):
    """Rows that count for a unit; b belongs to the west from April on, by months."""
    if unit == "all":
        return frame
    west = (frame["unit"] == "b") & (frame["day"] >= "2026-04-01")
    return frame[{"a": frame["unit"] == "a", "b": frame["unit"] == "b", "west": west}[unit]]


def expected(unit, every):
    """All metrics by period of pandas."""
    sales, stock = rows()
    # The last day of each unit in the last month, week or day of the period.
    grain = RULE[every if every in ("day", "week") else "month"]
    stock = stock.assign(grain=stock["day"].dt.to_period(grain))
    last = stock.groupby(["unit", "grain"])["day"].transform("max")
    stock = of_unit(stock[stock["day"] == last], unit)
    stock = stock.assign(end=stock["grain"].dt.end_time.dt.normalize())
    sales = of_unit(sales, unit)
    by = sales.groupby(sales["day"].dt.to_period(RULE[every]))
    frame = pd.DataFrame(
        {
            "revenue": by["amount"].sum(),
            "buyers": by["buyer"].nunique(),
            "price": by["amount"].sum() / by["amount"].size(),
            "dearest": by["amount"].max(),
        }
    )
    period = stock["day"].dt.to_period(RULE[every])
    at_end = stock[stock["end"] == period.dt.end_time.dt.normalize()]
    ends = at_end.groupby(at_end["day"].dt.to_period(RULE[every]))["value"].sum()
    return frame.join(ends.rename("stock"), how="outer")


def text(period, every):
    day = period.start_time.date()
    if every == "day":
        return str(Span.day(day))
    if every == "week":
        return str(Span.week(day))
    length = {"month": 1, "quarter": 3, "year": 12}[every]
    return str(Span.of(Period(12 * day.year + day.month - 1, length)))


@pytest.mark.parametrize("every", ["day", "week", "month", "quarter"])
@pytest.mark.parametrize("unit", ["all", "west", "b"])
def test_a_series_is_what_pandas_makes_of_the_rows(workbook, every, unit):
    found = workbook.series(SERIES, every, first="2025-10").frame.xs(unit, level="unit")
    wanted = expected(unit, every)
    wanted.index = [text(period, every) for period in wanted.index]
    if every == "week":  # both ends are shared with months that have no data
        wanted = wanted.drop(["2025-W40", "2026-W27"], errors="ignore")
    wanted = wanted.reindex(found.index)
    pd.testing.assert_frame_equal(
        found, wanted, check_dtype=False, check_names=False, check_index_type=False
    )
    least = {"day": 50, "week": 10, "month": 3, "quarter": 1}  # the west begins in April
    assert found["revenue"].notna().sum() >= least[every]


def test_a_week_that_reaches_out_of_the_data_has_no_value_and_says_so(workbook):
    values = workbook.series(["revenue"], "week", first="2025-10")
    spans = list(dict.fromkeys(values.frame.index.get_level_values("span")))
    assert (spans[0], spans[-1], len(spans)) == ("2025-W40", "2026-W27", 40)
    first = values.value("revenue", Span.parse("2025-W40"), "all")
    assert isinstance(first, NotApplicable)
    assert "too few points" in str(first)


def test_days_without_rows_stand_in_the_series(workbook):
    values = workbook.series(["revenue"], "day", first="2026-06")
    units = len(list(workbook.units))
    assert len(values.frame) == 30 * units
    empty = values.frame.index[values.frame["revenue"].isna()]
    assert len(empty) > units
    assert {(label, "revenue") for label in empty} == set(values.reasons)


def test_years_and_the_values_of_periods_agree(workbook):
    year = workbook.series(["revenue", "buyers"], "quarter", first="2026", last="2026-Q2")
    spans = [Span.of(Period.parse(f"2026-Q{n}")) for n in (1, 2)]
    same = workbook.values(["revenue", "buyers"], [Period.parse(f"2026-Q{n}") for n in (1, 2)])
    for span in spans:
        for metric in ("revenue", "buyers"):
            assert year.value(metric, span, "all") == same.value(metric, span, "all")
    whole = workbook.series(["revenue"], "year").frame
    assert whole.index.get_level_values("span").unique().tolist() == ["2026-01..2026-12"]
    assert whole["revenue"].isna().all(), "the year has no data after June"


def test_the_days_add_up_to_the_month(workbook):
    days = workbook.series(["revenue"], "day", first="2026-03", last="2026-03")
    month = workbook.values(["revenue"], [Period.parse("2026-03")])
    for unit in ("all", "east", "west", "b"):
        total = days.frame["revenue"].xs(unit, level="unit").sum()
        value = month.value("revenue", Span.parse("2026-03"), unit)
        assert total == (value if isinstance(value, float) else 0)


def test_what_has_no_series_is_refused(workbook):
    with pytest.raises(ParameterError, match=r"'trailing' looks back over months.*by week"):
        workbook.series(["trailing"], "week")
    with pytest.raises(ParameterError, match=r"'weak'.*'week'"):
        workbook.series(["revenue"], "weak")
    with pytest.raises(ParameterError, match="comes after"):
        workbook.series(["revenue"], first="2026-06", last="2026-01")
    with pytest.raises(PeriodError, match="2026-10"):
        workbook.series(["revenue"], first="202610")
    with pytest.raises(ParameterError, match="day and month in one question"):
        workbook.values(["revenue"], [Span.day(dt.date(2026, 6, 1)), Period.parse("2026-06")])
    with pytest.raises(ValueError, match="no span of months"):
        _ = Span.parse("2026-W10").year_ago

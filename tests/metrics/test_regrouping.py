"""A unit that moves in the middle of the year counts where it stood, month by month."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from opsnb.metrics.spans import Span
from opsnb.period import Period

UNITS = """unit,label,parent,opened,closed
east,东区,,,
west,西区,,,
a,甲,east,,
b,乙,east,,2026-04-30
b,乙,west,2026-05-01,
c,丙,west,,2025-09-30
c,丙,east,2025-10-01,2026-06-15
c,丙,west,2026-06-16,
"""
PARENTS = {  # by hand: unit -> (first month, parent)
    "a": [("2000-01", "east")],
    "b": [("2000-01", "east"), ("2026-05", "west")],
    "c": [("2000-01", "west"), ("2025-10", "east"), ("2026-06", "west")],
    "east": [("2000-01", "east")],
}
MONTHS = [str(month) for month in pd.period_range("2025-01", "2026-08", freq="M")]
METRICS = {
    "revenue": {"table": "sales", "measure": "sum(amount)"},
    "buyers": {"table": "sales", "measure": "count(distinct buyer)"},
    "dearest": {"table": "sales", "measure": "max(amount)"},
    "price": {
        "kind": "ratio", "table": "sales",
        "numerator": "sum(amount)", "denominator": "count(*)",
    },
    "stock": {"table": "stock", "measure": "sum(value)", "over_time": "last"},
    "usual_stock": {"table": "stock", "measure": "sum(value)", "over_time": "mean"},
    "trailing": {"kind": "cumulative", "metric": "revenue", "window": 3},
}  # fmt: skip


def rows():
    """Sales and stock of 20 months, generated with a fixed seed."""
    chance = np.random.default_rng(7)
    sales = [
        (f"{month}-{day:02d}", unit, int(amount), f"p{int(buyer)}")
        for month in MONTHS
        for unit in ("a", "b", "c", "east")
        for day, amount, buyer in zip(
            (3, 14, 27), chance.integers(1, 99, 3), chance.integers(1, 6, 3), strict=True
        )
    ]
    stock = [
        (f"{month}-{day}", unit, int(chance.integers(1, 99)))
        for month in MONTHS
        for unit in ("a", "b", "c")
        for day in (10, 28)
    ]
    return (
        pd.DataFrame(sales, columns=["day", "unit", "amount", "buyer"]),
        pd.DataFrame(stock, columns=["day", "unit", "value"]),
    )


def grouped(frame):
    """Rows with their month, and the group of that month looked up in the hand-written list."""
    frame = frame.assign(month=frame["day"].str[:7])
    for unit, parents in PARENTS.items():
        for first, parent in parents:
            frame.loc[(frame["unit"] == unit) & (frame["month"] >= first), "group"] = parent
    return frame


def of_unit(frame, unit):
    if unit == "all":
        return frame
    return frame[(frame["unit"] == unit) | (frame["group"] == unit)]


def expected(sales, stock, unit, first, last):
    """All metrics over some months, by pandas alone."""
    inside = of_unit(sales, unit)
    inside = inside[inside["month"].between(first, last)]
    shelf = of_unit(stock[stock["day"].str.endswith("28")], unit)
    monthly = shelf[shelf["month"].between(first, last)].groupby("month")["value"].sum()
    three = MONTHS[MONTHS.index(last) - 2 : MONTHS.index(last) + 1]
    trailing = of_unit(sales, unit)
    return {
        "revenue": inside["amount"].sum(),
        "buyers": inside["buyer"].nunique(),
        "dearest": inside["amount"].max(),
        "price": inside["amount"].sum() / len(inside) if len(inside) else None,
        "stock": monthly.get(last),
        "usual_stock": monthly.mean(),
        "trailing": trailing.loc[trailing["month"].isin(three), "amount"].sum(),
    }


@pytest.fixture(scope="module")
def measured(measure, tmp_path_factory):
    sales, stock = rows()
    columns = {"day": "date", "unit": "text"}
    return measure(
        tmp_path_factory.mktemp("moving"),
        metrics=METRICS,
        sources={
            "sales": {"unit": "unit", "columns": columns | {"amount": "integer", "buyer": "text"}},
            "stock": {"unit": "unit", "columns": columns | {"value": "integer"}},
        },
        data={"sales": sales.to_csv(index=False), "stock": stock.to_csv(index=False)},
        ledgers={"units": UNITS},
    )


SPANS = [
    *((month, month) for month in MONTHS[3:]),
    *(("2026-01", month) for month in MONTHS[12:]),
    *(("2025-01", month) for month in MONTHS[3:12]),
    ("2025-06", "2026-07"),
]


def test_every_span_is_what_pandas_makes_of_the_rows(measured):
    """Month, year to date and last year's, of every unit and group, around three regroupings."""
    sales, stock = map(grouped, rows())
    spans = [Span(Period.parse(a).first, Period.parse(b).first) for a, b in SPANS]
    before = len(measured.engine.asked)
    values = measured.values(list(METRICS), spans)
    assert len(measured.engine.asked) - before == 2  # one query a table
    compared = 0
    for span, (first, last) in zip(spans, SPANS, strict=True):
        for unit in ("all", "east", "west", "a", "b", "c"):
            for metric, value in expected(sales, stock, unit, first, last).items():
                found = values.value(metric, span, unit)
                if value is None or pd.isna(value) or value == 0:
                    assert not isinstance(found, float)
                else:
                    assert found == pytest.approx(value, rel=1e-12), (metric, span, unit)
                    compared += 1
    assert compared > 1000


def test_groups_add_up_to_the_whole_in_every_month(measured):
    spans = [Span.of(Period.parse(month)) for month in MONTHS]
    values = measured.values(["revenue"], spans)
    for span in spans:
        parts = [values.value("revenue", span, unit) for unit in ("east", "west")]
        known = sum(part for part in parts if isinstance(part, float))
        assert known == values.value("revenue", span, "all")


def test_rows_of_a_table_are_counted_where_they_stood(measured):
    for month, east in (("2025-09", 3), ("2025-10", 4), ("2026-05", 3), ("2026-06", 2)):
        assert measured.rows("sales", Span.of(Period.parse(month)))["east"] == 3 * east


@pytest.mark.parametrize("dialect", ["duckdb", "postgres", "spark", "mysql", "sqlite"])
def test_the_query_can_be_written_in_any_dialect(measured, dialect):
    span = Span.of(Period.parse("2026-06"))
    text = measured.query("sales", ["revenue"], [span]).sql(dialect)
    assert "BETWEEN" in text


def test_without_a_regrouping_the_query_knows_no_months_of_units(measure, tmp_path):
    made = measure(
        tmp_path,
        metrics={"revenue": METRICS["revenue"]},
        sources={
            "sales": {
                "unit": "unit",
                "columns": {"day": "date", "unit": "text", "amount": "number"},
            }
        },
        data={"sales": "day,unit,amount\n2026-06-01,a,1\n"},
        ledgers={"units": "unit,label\na,A\n"},
    )
    text = made.query("sales", ["revenue"], [Span.of(Period.parse("2026-06"))]).sql()
    assert '"units"."leaf" = ' in text
    assert '"units"."first"' not in text

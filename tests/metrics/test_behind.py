"""Behind one number: the plain query, and the rows, give what the query of all metrics gives."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opsnb.metrics.behind import Behind
from opsnb.metrics.spans import Span
from opsnb.period import Period

FIRST = Period.parse("2025-11").first
MONTHS = 4
SPANS = [
    Span(FIRST, FIRST),
    Span(FIRST + 2, FIRST + 2),
    Span(FIRST, FIRST + 2),
    Span(FIRST + 1, FIRST + 3),
]
UNITS = ("all", "north", "n1", "south")
MONEY = st.none() | st.decimals(-1000, 1000, places=2)
DAYS = st.builds(
    lambda month, day: dt.date((FIRST + month) // 12, (FIRST + month) % 12 + 1, day),
    st.integers(0, MONTHS - 1),
    st.sampled_from([1, 14, 28]),
)
PLACES = st.sampled_from(["n1", "n1a", "n2", "north", "south", "all", "nobody", None, "o'brien"])
KINDS = st.sampled_from(["a", "b", None])
SALES = st.fixed_dictionaries(
    {
        "day": DAYS | st.none(),
        "region": PLACES,
        "product": st.sampled_from(["pump", "泵", None, "it's"]),
        "amount": MONEY,
        "quantity": st.none() | st.integers(-2, 3),
        "kind": KINDS,
    }
)
STOCK = st.fixed_dictionaries({"day": DAYS, "unit": PLACES, "value": MONEY, "kind": KINDS})
COSTS = st.fixed_dictionaries({"day": DAYS, "amount": MONEY})


def behind(made, unit):
    return Behind(made.catalogue, made.measurement.units, made.measurement.window, unit, "all")


def answer(made, query):
    """One value, as a float; NaN where there is none."""
    frame = made.engine.query(query.sql("duckdb", identify=True))
    assert frame.shape == (1, 1)
    return float(frame.iloc[0, 0])


def over(component, place, frame, column):
    """A component over its rows, by pandas."""
    cells = frame[column].dropna()
    if component.function == "distinct":
        return cells.nunique()
    if place.over_time == "mean" and place.span.first < place.span.last:
        months = (
            frame["_month"] if component.function == "count" else frame.loc[cells.index, "_month"]
        )
        whole = len(cells) if component.function == "count" else cells.astype(float).sum()
        return whole / months.nunique() if len(months) else np.nan
    if component.function == "count":
        return len(cells)
    return getattr(cells.astype(float), component.function)() if len(cells) else np.nan


@settings(max_examples=6, deadline=None)
@given(
    sales=st.lists(SALES, max_size=20),
    stock=st.lists(STOCK, max_size=12),
    costs=st.lists(COSTS, max_size=5),
)
def test_the_plain_query_gives_every_metric(tiny, fill, sales, stock, costs):
    """27 metrics of every kind, over four spans, of four units."""
    fill({"sales": sales, "stock": stock, "costs": costs})
    names = list(tiny.catalogue.metrics)
    values = tiny.values(names, SPANS)
    for unit in UNITS:
        of = behind(tiny, unit)
        for span in SPANS:
            for name in names:
                expected = values.value(name, span, unit)
                if isinstance(expected, float):
                    found = answer(tiny, of.query(name, span))
                    assert found == pytest.approx(expected, rel=1e-9, abs=1e-9), (name, span, unit)


@settings(max_examples=4, deadline=None)
@given(sales=st.lists(SALES, max_size=15), stock=st.lists(STOCK, min_size=1, max_size=12))
def test_the_rows_of_a_place_make_its_totals(tiny, fill, sales, stock):
    fill({"sales": sales, "stock": stock, "costs": []})
    for unit in UNITS:
        of = behind(tiny, unit)
        for name in tiny.catalogue.metrics:
            for place, components in of.places(name, SPANS[2]).items():
                frame = tiny.engine.query(of.rows(place, components).sql("duckdb", identify=True))
                totals = tiny.engine.query(
                    of.totals(place, components).sql("duckdb", identify=True)
                )
                assert totals["rows"].item() == len(frame)
                assert not frame.duplicated(["_file", "_record"]).any()
                for i, component in enumerate(components):
                    expected = over(component, place, frame, f"_c{i}")
                    total = totals[f"_c{i}"].item()
                    total = np.nan if pd.isna(total) else float(total)
                    assert total == pytest.approx(expected, nan_ok=True)


MOVES = """unit,label,parent,opened,closed
east,东区,,,
west,西区,,,
a,甲,east,,
b,乙,east,,2026-04-30
b,乙,west,2026-05-01,
"""


@pytest.fixture(scope="module")
def moving(measure, tmp_path_factory):
    """Two shops with one sale of 1, 2, 4 ... a month; one of them moves in May."""
    months = [str(m) for m in pd.period_range("2026-01", "2026-08", freq="M")]
    rows = [
        f"{month}-15,{unit},{2 ** (2 * i + j)}"
        for i, month in enumerate(months)
        for j, unit in enumerate("ab")
    ]
    return measure(
        tmp_path_factory.mktemp("moves"),
        metrics={"revenue": {"table": "sales", "measure": "sum(amount)"}},
        sources={
            "sales": {
                "unit": "unit",
                "columns": {"day": "date", "unit": "text", "amount": "integer"},
            }
        },
        data={"sales": "day,unit,amount\n" + "\n".join(rows) + "\n"},
        ledgers={"units": MOVES},
    )


@pytest.mark.parametrize(
    ("unit", "first", "last", "rows"),
    [
        ("east", "2026-03", "2026-03", ["a03", "b03"]),
        ("west", "2026-03", "2026-03", []),
        ("east", "2026-06", "2026-06", ["a06"]),
        ("west", "2026-06", "2026-06", ["b06"]),
        ("east", "2026-03", "2026-06", ["a03", "b03", "a04", "b04", "a05", "a06"]),
        ("west", "2026-03", "2026-06", ["b05", "b06"]),
        ("b", "2026-04", "2026-05", ["b04", "b05"]),
    ],
)
def test_a_unit_that_moved_brings_the_rows_of_its_months(moving, unit, first, last, rows):
    span = Span(Period.parse(first).first, Period.parse(last).first)
    of = behind(moving, unit)
    ((place, components),) = of.places("revenue", span).items()
    frame = moving.engine.query(of.rows(place, components).sql("duckdb", identify=True))
    found = [f"{unit}{day:%m}" for unit, day in zip(frame["unit"], frame["day"], strict=True)]
    assert found == rows
    value = moving.values(["revenue"], [span]).value("revenue", span, unit)
    if rows:
        assert answer(moving, of.query("revenue", span)) == value == frame["amount"].sum()


def test_the_query_is_short_and_says_what_it_means(moving):
    span = Span.of(Period.parse("2026-06"))
    assert behind(moving, "b").query("revenue", span).sql("duckdb") == (
        'SELECT SUM(amount) AS "revenue" FROM "sales" WHERE "day" >= CAST(\'2026-06-01\' AS DATE)'
        " AND \"day\" < CAST('2026-07-01' AS DATE) AND \"unit\" = 'b'"
    )

"""Values of every kind of metric, against a second derivation on generated tables."""

import datetime as dt
import math
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opsnb.metrics.spans import Span
from opsnb.period import Period
from opsnb.results import REASONS, NotApplicable

TREE = {
    "all": {"all", "north", "n1", "n2", "n1a", "south"},
    "north": {"north", "n1", "n2", "n1a"},
    "n1": {"n1", "n1a"},
    "n2": {"n2"},
    "n1a": {"n1a"},
    "south": {"south"},
}
FIRST = Period.parse("2025-11").first
MONTHS = 5


def total(name, keep=None):
    """Sum as SQL has it: nothing is missing, a row that is not kept is 0."""

    def how(rows):
        cells = [row[name] if keep is None or keep(row) else Decimal(0) for row in rows]
        known = [cell for cell in cells if cell is not None]
        return float(sum(known)) if known else None

    return how


def known(name, keep=None):
    return lambda rows: [r[name] for r in rows if r[name] is not None and (not keep or keep(r))]


def reduced(reduce, name, keep=None):
    def how(rows):
        cells = known(name, keep)(rows)
        return float(reduce(cells)) if cells else None

    return how


def mean(cells):
    return sum(cells) / len(cells)


def is_a(row):
    return row["kind"] == "a"


def divided(top, bottom):
    return None if top is None or bottom is None or bottom == 0 else top / bottom


def expectations(sales, stock, costs):
    """Metric -> function of span, unit (and dimensions) that gives its value or None."""

    def flow(table, how):
        return lambda span, unit, **by: table.flow(how, span, unit, **by)

    found = {
        "revenue": flow(sales, total("amount")),
        "kept": flow(sales, total("amount", lambda r: is_a(r) and (r["quantity"] or 0) > 0)),
        "lines": flow(sales, len),
        "lines_kept": flow(sales, lambda rows: sum(map(is_a, rows))),
        "amounts": flow(sales, lambda rows: len(known("amount")(rows))),
        "large": flow(
            sales,
            lambda rows: sum(
                1
                for r in rows
                if r["kind"] not in (None, "a")
                and ((r["amount"] is not None and r["amount"] > 10) or r["kind"] == "b")
            ),
        ),
        "price": flow(sales, reduced(mean, "amount")),
        "price_kept": flow(sales, reduced(mean, "amount", is_a)),
        "least": flow(sales, reduced(min, "amount", is_a)),
        "most": flow(sales, reduced(max, "quantity")),
        "products": flow(sales, lambda rows: len(set(known("product")(rows)))),
        "products_kept": flow(
            sales,
            lambda rows: len(set(known("product", lambda r: (r["amount"] or 0) > 0)(rows))),
        ),
        "spent": flow(costs, total("amount")),
        "stock_last": lambda span, unit, **by: stock.last(total("value"), span, unit, **by),
        "stock_mean": lambda span, unit, **by: stock.mean(total("value"), span, unit, **by),
        "stock_kept": lambda span, unit, **by: stock.mean(total("value", is_a), span, unit, **by),
        "stock_price": lambda span, unit, **by: stock.last(
            reduced(mean, "value"), span, unit, **by
        ),
        "stock_top": lambda span, unit, **by: stock.last(reduced(max, "value"), span, unit, **by),
    }
    quantity = flow(sales, total("quantity"))

    def both(left, right, join):
        def value(span, unit, **by):
            pair = left(span, unit, **by), right(span, unit, **by)
            return None if None in pair else join(*pair)

        return value

    found["unit_price.numerator"], found["unit_price.denominator"] = found["revenue"], quantity
    found["unit_price"] = found["safe"] = both(found["revenue"], quantity, divided)
    found["share"] = both(found["kept"], found["revenue"], divided)
    found["profit"] = both(found["revenue"], found["spent"], lambda r, s: r - s * 2 + 1)
    found["turnover"] = both(found["revenue"], found["stock_last"], divided)

    def over(name, window):
        return lambda span, unit, **by: found[name](window(span), unit, **by)

    found["trailing"] = over("revenue", lambda span: Span(span.last - 2, span.last))
    found["trailing_products"] = over("products", lambda span: Span(span.last - 1, span.last))
    found["trailing_price"] = over("unit_price", lambda span: Span(span.last - 1, span.last))
    found["to_date"] = over("profit", lambda span: Span(span.last - span.last % 3, span.last))
    return found


MONEY = st.none() | st.decimals(-1000, 1000, places=2)
DAYS = st.builds(
    lambda month, day: dt.date((FIRST + month) // 12, (FIRST + month) % 12 + 1, day),
    st.integers(0, MONTHS - 1),
    st.sampled_from([1, 14, 28]),
)
PLACES = st.sampled_from(["n1", "n1a", "n2", "north", "south", "all", "nobody", None, "o'brien"])
PRODUCTS = st.sampled_from(["pump", "泵", None, "it's"])
KINDS = st.sampled_from(["a", "b", None])
SALES = st.fixed_dictionaries(
    {
        "day": DAYS | st.none(),
        "region": PLACES,
        "product": PRODUCTS,
        "amount": MONEY,
        "quantity": st.none() | st.integers(-2, 3),
        "kind": KINDS,
    }
)
STOCK = st.fixed_dictionaries({"day": DAYS, "unit": PLACES, "value": MONEY, "kind": KINDS})
COSTS = st.fixed_dictionaries({"day": DAYS, "amount": MONEY})
SPANS = [
    *(Span(FIRST + i, FIRST + i) for i in range(-1, MONTHS + 1)),
    Span(FIRST, FIRST + 2),
    Span(FIRST + 2, FIRST + 4),
    Span(FIRST - 2, FIRST + 1),
    Span(FIRST + 3, FIRST + 9),
]


def check(actual, expected, where):
    if expected is None:
        assert isinstance(actual, NotApplicable), where
        assert actual.reason in REASONS
    else:
        assert actual == pytest.approx(expected, rel=1e-9, abs=1e-9), where


@settings(max_examples=25, deadline=None)
@given(
    sales=st.lists(SALES, max_size=25),
    stock=st.lists(STOCK, max_size=15),
    costs=st.lists(COSTS, max_size=6),
)
def test_every_metric_is_what_its_definition_says(tiny, fill, naive, sales, stock, costs):
    """27 metrics, 11 spans and 6 units; and not one gap without a reason."""
    fill({"sales": sales, "stock": stock, "costs": costs})
    expected = expectations(
        naive.Naive(sales, TREE, "all", "region"),
        naive.Naive(stock, TREE, "all", "unit"),
        naive.Naive(costs, TREE, "all", None),
    )
    values = tiny.values(list(tiny.catalogue.metrics), SPANS)
    asked = [str(span) for span in SPANS]
    shown = list(dict.fromkeys(values.frame.index.get_level_values("span")))
    assert shown == [text for text in asked if text in shown]
    assert set(values.reasons) == {
        (label, metric)
        for metric in tiny.catalogue.metrics
        for label in values.frame.index[values.frame[metric].isna()]
    }
    assert set(expected) == set(tiny.catalogue.metrics)
    for metric, of in expected.items():
        for span in SPANS:
            for unit in TREE:
                actual = values.value(metric, span, unit)
                check(actual, of(span, unit), (metric, str(span), unit))


@settings(max_examples=20, deadline=None)
@given(sales=st.lists(SALES, max_size=25))
def test_splits_are_what_the_rows_of_their_part_make(tiny, fill, naive, sales):
    """By two dimensions of which either may be missing; parts of a sum make the whole."""
    fill({"sales": sales, "stock": [], "costs": []})
    table = naive.Naive(sales, TREE, "all", "region")
    expected = expectations(table, table, table)
    names = [
        "revenue",
        "kept",
        "lines",
        "price",
        "least",
        "products",
        "unit_price",
        "share",
        "trailing",
        "trailing_products",
    ]
    spans = SPANS[1:9]
    frame = tiny.values(names, spans, by=("product", "kind")).frame
    found = {}
    for (span, unit, product, kind), row in frame.iterrows():
        key = (span, unit, *(None if cell != cell else cell for cell in (product, kind)))  # noqa: PLR0124
        assert key not in found
        found[key] = row
    for span in spans:
        for unit in TREE:
            parts = {(row["product"], row["kind"]) for row in table.picked(range(9**6), unit)}
            for product, kind in parts:
                row = found.get((str(span), unit, product, kind))
                for name in names:
                    value = expected[name](span, unit, product=product, kind=kind)
                    if row is None or math.isnan(row[name]):
                        assert value is None, (name, str(span), unit, product, kind)
                    else:
                        assert row[name] == pytest.approx(value, rel=1e-9, abs=1e-9)

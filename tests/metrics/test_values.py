"""Values of every kind of metric, against a second derivation on generated tables."""

import csv
import datetime as dt
import math
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opsnb.metrics.spans import Span
from opsnb.period import Period
from opsnb.results import REASONS, NotApplicable

UNITS = "unit,label,parent\nnorth,N,\nn1,N1,north\nn2,N2,north\nn1a,N1A,n1\nsouth,S,\n"
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
SOURCES = {
    "sales": {
        "unit": "region",
        "dimensions": ["product", "kind"],
        "columns": {
            "day": "date",
            "region": {"type": "text", "from": "大 区"},
            "product": {"type": "text", "from": "产品 线"},
            "amount": {"type": "decimal(2)", "from": "金额（元）"},
            "quantity": "integer",
            "kind": "text",
        },
    },
    "stock": {
        "unit": "unit",
        "columns": {"day": "date", "unit": "text", "value": "decimal(2)", "kind": "text"},
    },
    "costs": {"columns": {"day": "date", "amount": "decimal(2)"}},
}


def simple(measure, table="sales", **more):
    return {"table": table, "measure": measure} | more


def ratio(numerator, denominator, **more):
    return {"kind": "ratio", "numerator": numerator, "denominator": denominator} | more


METRICS = {
    "revenue": simple("sum(amount)"),
    "kept": simple("sum(amount)", filter="kind = 'a' and quantity > 0"),
    "lines": simple("count(*)"),
    "lines_kept": simple("count(*)", filter="kind = 'a'"),
    "amounts": simple("count(amount)"),
    "large": simple("count_if(amount > 10 or kind = 'b')", filter="kind <> 'a'"),
    "price": simple("avg(amount)"),
    "price_kept": simple("avg(amount)", filter="kind = 'a'"),
    "least": simple("min(amount)", filter="kind = 'a'"),
    "most": simple("max(quantity)"),
    "products": simple("count(distinct product)"),
    "products_kept": simple("count(distinct product)", filter="amount > 0"),
    "unit_price": ratio("sum(amount)", "sum(quantity)", table="sales"),
    "share": ratio("kept", "revenue"),
    "safe": simple("sum(amount) / nullif(sum(quantity), 0)"),
    "spent": simple("sum(amount)", "costs"),
    "profit": {"kind": "derived", "expression": "revenue - spent * 2 + 1"},
    "turnover": {"kind": "derived", "expression": "revenue / stock_last"},
    "stock_last": simple("sum(value)", "stock", over_time="last"),
    "stock_mean": simple("sum(value)", "stock", over_time="mean"),
    "stock_kept": simple("sum(value)", "stock", over_time="mean", filter="kind = 'a'"),
    "stock_price": simple("avg(value)", "stock", over_time="last"),
    "stock_top": simple("max(value)", "stock", over_time="last"),
    "trailing": {"kind": "cumulative", "metric": "revenue", "window": 3},
    "trailing_products": {"kind": "cumulative", "metric": "products", "window": 2},
    "trailing_price": {"kind": "cumulative", "metric": "unit_price", "window": 2},
    "to_date": {"kind": "cumulative", "metric": "profit", "to_date": "quarter"},
}


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


@pytest.fixture(scope="module")
def tiny(measure, tmp_path_factory):
    """Open a company whose tables are empty yet."""
    headers = {
        name: ",".join(
            spec["from"] if isinstance(spec, dict) else column
            for column, spec in table["columns"].items()
        )
        for name, table in SOURCES.items()
    }
    return measure(
        tmp_path_factory.mktemp("tiny"),
        metrics=METRICS,
        sources=SOURCES,
        data={name: header + "\n" for name, header in headers.items()},
        ledgers={"units": UNITS},
    )


def fill(tiny, tables):
    for name, rows in tables.items():
        path = tiny.company.data_folder / f"{name}.csv"
        header = path.read_text(encoding="utf-8").splitlines()[0].split(",")
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(header)
            columns = SOURCES[name]["columns"]
            writer.writerows([row[c] for c in columns] for row in rows)
    tiny.reload()
    assert [loaded.unparsed for loaded in tiny.loaded.values()] == [0, 0, 0]


def check(actual, expected, where):
    if expected is None:
        assert isinstance(actual, NotApplicable), where
        assert actual.reason in REASONS
    else:
        assert actual == pytest.approx(expected, rel=1e-9, abs=1e-9), where


@settings(max_examples=60, deadline=None)
@given(
    sales=st.lists(SALES, max_size=25),
    stock=st.lists(STOCK, max_size=15),
    costs=st.lists(COSTS, max_size=6),
)
def test_every_metric_is_what_its_definition_says(tiny, naive, sales, stock, costs):
    """27 metrics, 11 spans and 6 units; and not one gap without a reason."""
    fill(tiny, {"sales": sales, "stock": stock, "costs": costs})
    expected = expectations(
        naive.Naive(sales, TREE, "all", "region"),
        naive.Naive(stock, TREE, "all", "unit"),
        naive.Naive(costs, TREE, "all", None),
    )
    values = tiny.values(list(METRICS), SPANS)
    assert set(values.reasons) == {
        (label, metric)
        for metric in METRICS
        for label in values.frame.index[values.frame[metric].isna()]
    }
    for metric, of in expected.items():
        for span in SPANS:
            for unit in TREE:
                actual = values.value(metric, span, unit)
                check(actual, of(span, unit), (metric, str(span), unit))


@settings(max_examples=40, deadline=None)
@given(sales=st.lists(SALES, max_size=25))
def test_splits_are_what_the_rows_of_their_part_make(tiny, naive, sales):
    """By two dimensions of which either may be missing; parts of a sum make the whole."""
    fill(tiny, {"sales": sales, "stock": [], "costs": []})
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


def test_months_of_a_distinct_count_do_not_add_up(tiny):
    """One product in three months is one; a window over them is one too."""
    day = {i: dt.date(2026, i, 5) for i in (1, 2, 3)}
    base = {"region": "n1", "amount": Decimal(1), "quantity": 1, "kind": "a"}
    rows = [base | {"day": day[i], "product": "pump"} for i in (1, 2, 3)]
    rows += [base | {"day": day[3], "product": "泵", "region": "n2"}]
    fill(tiny, {"sales": rows, "stock": [], "costs": []})
    march, quarter = Span.of(Period.parse("2026-03")), Span.of(Period.parse("2026-Q1"))
    values = tiny.values(["products", "trailing_products"], [march, quarter])
    assert values.value("products", march, "n1") == 1
    assert values.value("products", march, "north") == 2
    assert values.value("products", quarter, "n1") == 1
    assert values.value("products", quarter, "all") == 2
    assert values.value("trailing_products", march, "n1") == 1


def test_stocks_are_those_of_each_units_last_day(tiny):
    """Three snapshots a month; south's last one is earlier; months are not added."""

    def row(day, unit, value):
        return {"day": dt.date.fromisoformat(day), "unit": unit, "value": value, "kind": "a"}

    rows = [
        row("2026-01-10", "n1", 5),
        row("2026-01-31", "n1", 7),
        row("2026-01-31", "n1", 1),
        row("2026-01-20", "south", 30),
        row("2026-02-01", "n1", 90),
        row("2026-02-28", "n1", 10),
        row("2026-02-27", "south", 20),
        row("2026-02-27", "nobody", 4),
    ]
    fill(tiny, {"sales": [], "stock": rows, "costs": []})
    january, both = Span.of(Period.parse("2026-01")), Span(2026 * 12, 2026 * 12 + 1)
    values = tiny.values(["stock_last", "stock_mean"], [january, both])
    assert values.value("stock_last", january, "n1") == 8
    assert values.value("stock_last", january, "all") == 38
    assert values.value("stock_last", both, "all") == 34
    assert values.value("stock_mean", both, "n1") == 9
    assert values.value("stock_mean", both, "all") == 36


def test_a_month_whose_stock_did_not_parse_is_not_a_zero_in_the_mean(tiny):
    rows = [
        {"day": dt.date(2026, month, 28), "unit": "n1", "value": value, "kind": "a"}
        for month, value in ((1, 10), (2, None), (3, 30))
    ]
    fill(tiny, {"sales": [], "stock": rows, "costs": []})
    quarter = Span.of(Period.parse("2026-Q1"))
    assert tiny.values(["stock_mean"], [quarter]).value("stock_mean", quarter, "n1") == 20


@pytest.mark.parametrize("digits", [2, 15])
def test_decimals_are_added_up_exactly(tiny, digits):
    """10,000 amounts against Python's Decimal; floats would be off by then."""
    big = Decimal(10) ** (digits - 2)
    amounts = [big * (i % 7 - 3) + Decimal(i) / 100 for i in range(10_000)]
    amounts += [Decimal("0.01")] * 3
    base = {"day": dt.date(2026, 1, 5), "region": "n1", "product": "p", "quantity": 1, "kind": "a"}
    rows = [base | {"amount": amount.quantize(Decimal("0.01"))} for amount in amounts]
    fill(tiny, {"sales": rows, "stock": [], "costs": []})
    january = Span.of(Period.parse("2026-01"))
    total_ = tiny.values(["revenue"], [january]).value("revenue", january, "all")
    assert Decimal(total_).quantize(Decimal("0.01")) == sum(amounts)


def test_a_filter_that_keeps_nothing_sums_to_zero(tiny):
    rows = [
        {
            "day": dt.date(2026, 1, 5),
            "region": "n1",
            "product": "p",
            "amount": Decimal(1),
            "quantity": 1,
            "kind": "b",
        }
    ]
    fill(tiny, {"sales": rows, "stock": [], "costs": []})
    january = Span.of(Period.parse("2026-01"))
    values = tiny.values(["kept", "lines_kept", "price_kept", "least", "share"], [january])
    assert values.value("kept", january, "n1") == 0
    assert values.value("lines_kept", january, "n1") == 0
    assert values.value("share", january, "n1") == 0
    assert values.value("price_kept", january, "n1") == NotApplicable("no data in this period")
    assert values.value("least", january, "n1") == NotApplicable("no data in this period")


def test_every_gap_says_why(tiny):
    day = {i: dt.date(2026, i, 5) for i in (1, 2, 3)}
    base = {"region": "n1", "product": "p", "amount": Decimal(1), "quantity": 0, "kind": "a"}
    sales = [base | {"day": day[i]} for i in (1, 2, 3)]
    sales += [base | {"day": day[2], "region": "south"}]
    stock = [{"day": day[2], "unit": "n1", "value": Decimal(0), "kind": "a"}]
    fill(tiny, {"sales": sales, "stock": stock, "costs": []})
    january, february = (Span.of(Period.parse(f"2026-0{i}")) for i in (1, 2))
    december, two = Span.of(Period.parse("2025-12")), Span(february.first - 2, february.last)
    names = ["revenue", "unit_price", "safe", "turnover", "profit", "trailing", "to_date"]
    values = tiny.values(names, [december, january, february, two])

    def why(metric, span, unit):
        return values.value(metric, span, unit).reason

    assert why("revenue", december, "all") == "no data in this period"
    assert why("revenue", january, "south") == "no data in this period"
    assert why("revenue", two, "all") == "too few points"
    assert why("unit_price", january, "n1") == "the denominator is zero"
    assert why("safe", january, "n1") == "the denominator is zero"
    assert why("turnover", february, "n1") == "the denominator is zero"
    assert why("turnover", january, "n1") == "a part has no data"
    assert why("turnover", two, "n1") == "too few points"
    assert why("profit", january, "n1") == "a part has no data"
    assert why("trailing", january, "n1") == "too few points"
    assert why("to_date", january, "south") == "no data in this period"


def test_a_row_level_division_by_zero_is_no_number(measure, tmp_path):
    made = measure(
        tmp_path,
        metrics={"rate": simple("sum(a / b)", "t"), "half": simple("sum(a / b) / 2", "t")},
        sources={"t": {"columns": {"day": "date", "a": "number", "b": "number"}}},
        data={"t": "day,a,b\n2026-01-01,1,0\n2026-02-01,0,0\n2026-03-01,1,2\n"},
    )
    spans = [Span.of(Period.parse(f"2026-0{i}")) for i in (1, 2, 3)]
    values = made.values(["rate", "half"], spans)
    for name, last in (("rate", 0.5), ("half", 0.25)):
        assert values.value(name, spans[0], "all") == NotApplicable("the denominator is zero")
        assert isinstance(values.value(name, spans[1], "all"), NotApplicable)
        assert values.value(name, spans[2], "all") == last


@pytest.mark.parametrize(
    ("start", "named_by", "months"),
    [(1, "end", 10), (7, "end", 4), (7, "start", 4), (10, "end", 1), (11, "end", 12)],
)
def test_a_cumulative_metric_follows_the_fiscal_year(measure, tmp_path, start, named_by, months):
    """One yuan a month: the year to date in October is the number of its months."""
    rows = "".join(f"{2024 + i // 12}-{i % 12 + 1:02d}-15,1\n" for i in range(36))
    made = measure(
        tmp_path,
        metrics={
            "flow": simple("sum(a)", "t"),
            "year": {"kind": "cumulative", "metric": "flow", "to_date": "year"},
            "half": {"kind": "cumulative", "metric": "flow", "to_date": "half"},
        },
        sources={"t": {"columns": {"day": "date", "a": "integer"}}},
        data={"t": "day,a\n" + rows},
        fiscal_year={"start": start, "named_by": named_by},
    )
    october = Span.of(Period.parse("2026-10"))
    values = made.values(["year", "half"], [october])
    assert values.value("year", october, "all") == months
    assert values.value("half", october, "all") == (months - 1) % 6 + 1


def test_no_rows_at_all_is_no_data_and_no_crash(tiny):
    fill(tiny, {"sales": [], "stock": [], "costs": []})
    values = tiny.values(list(METRICS), SPANS)
    for metric in METRICS:
        gap = values.value(metric, SPANS[2], "north")
        assert gap == NotApplicable("no data in this period")
    assert tiny.values(["trailing"], SPANS, by=("product",)).frame.empty

"""Values where a definition has an edge: stocks, gaps, zeros, cents and fiscal years."""

import datetime as dt
from decimal import Decimal

import pytest

from opsnb.metrics.spans import Span
from opsnb.period import Period
from opsnb.results import NotApplicable

SPANS = [Span.of(month) for month in Period.parse("2026-03").back(3)]


def test_months_of_a_distinct_count_do_not_add_up(tiny, fill):
    """One product in three months is one; a window over them is one too."""
    day = {i: dt.date(2026, i, 5) for i in (1, 2, 3)}
    base = {"region": "n1", "amount": Decimal(1), "quantity": 1, "kind": "a"}
    rows = [base | {"day": day[i], "product": "pump"} for i in (1, 2, 3)]
    rows += [base | {"day": day[3], "product": "泵", "region": "n2"}]
    fill({"sales": rows, "stock": [], "costs": []})
    march, quarter = Span.of(Period.parse("2026-03")), Span.of(Period.parse("2026-Q1"))
    values = tiny.values(["products", "trailing_products"], [march, quarter])
    assert values.value("products", march, "n1") == 1
    assert values.value("products", march, "north") == 2
    assert values.value("products", quarter, "n1") == 1
    assert values.value("products", quarter, "all") == 2
    assert values.value("trailing_products", march, "n1") == 1


def test_stocks_are_those_of_each_units_last_day(tiny, fill):
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
    fill({"sales": [], "stock": rows, "costs": []})
    january, both = Span.of(Period.parse("2026-01")), Span(2026 * 12, 2026 * 12 + 1)
    values = tiny.values(["stock_last", "stock_mean"], [january, both])
    assert values.value("stock_last", january, "n1") == 8
    assert values.value("stock_last", january, "all") == 38
    assert values.value("stock_last", both, "all") == 34
    assert values.value("stock_mean", both, "n1") == 9
    assert values.value("stock_mean", both, "all") == 36


def test_a_month_whose_stock_did_not_parse_is_not_a_zero_in_the_mean(tiny, fill):
    rows = [
        {"day": dt.date(2026, month, 28), "unit": "n1", "value": value, "kind": "a"}
        for month, value in ((1, 10), (2, None), (3, 30))
    ]
    fill({"sales": [], "stock": rows, "costs": []})
    quarter = Span.of(Period.parse("2026-Q1"))
    assert tiny.values(["stock_mean"], [quarter]).value("stock_mean", quarter, "n1") == 20


@pytest.mark.parametrize("digits", [2, 15])
def test_decimals_are_added_up_exactly(tiny, fill, digits):
    """10,000 amounts against Python's Decimal; floats would be off by then."""
    big = Decimal(10) ** (digits - 2)
    amounts = [big * (i % 7 - 3) + Decimal(i) / 100 for i in range(10_000)]
    amounts += [Decimal("0.01")] * 3
    base = {"day": dt.date(2026, 1, 5), "region": "n1", "product": "p", "quantity": 1, "kind": "a"}
    rows = [base | {"amount": amount.quantize(Decimal("0.01"))} for amount in amounts]
    fill({"sales": rows, "stock": [], "costs": []})
    january = Span.of(Period.parse("2026-01"))
    total_ = tiny.values(["revenue"], [january]).value("revenue", january, "all")
    assert Decimal(total_).quantize(Decimal("0.01")) == sum(amounts)


def test_a_filter_that_keeps_nothing_sums_to_zero(tiny, fill):
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
    fill({"sales": rows, "stock": [], "costs": []})
    january = Span.of(Period.parse("2026-01"))
    values = tiny.values(["kept", "lines_kept", "price_kept", "least", "share"], [january])
    assert values.value("kept", january, "n1") == 0
    assert values.value("lines_kept", january, "n1") == 0
    assert values.value("share", january, "n1") == 0
    assert values.value("price_kept", january, "n1") == NotApplicable("no data in this period")
    assert values.value("least", january, "n1") == NotApplicable("no data in this period")


def test_every_gap_says_why(tiny, fill):
    day = {i: dt.date(2026, i, 5) for i in (1, 2, 3)}
    base = {"region": "n1", "product": "p", "amount": Decimal(1), "quantity": 0, "kind": "a"}
    sales = [base | {"day": day[i]} for i in (1, 2, 3)]
    sales += [base | {"day": day[2], "region": "south"}]
    stock = [{"day": day[2], "unit": "n1", "value": Decimal(0), "kind": "a"}]
    fill({"sales": sales, "stock": stock, "costs": []})
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
        metrics={
            "rate": {"table": "t", "measure": "sum(a / b)"},
            "half": {"table": "t", "measure": "sum(a / b) / 2"},
            "inverse": {"table": "t", "measure": "count(*) / sum(a / b)"},
        },
        sources={"t": {"columns": {"day": "date", "a": "number", "b": "number"}}},
        data={"t": "day,a,b\n2026-01-01,1,0\n2026-02-01,0,0\n2026-03-01,1,2\n"},
    )
    spans = [Span.of(Period.parse(f"2026-0{i}")) for i in (1, 2, 3)]
    values = made.values(["rate", "half", "inverse"], spans)
    for name, last in (("rate", 0.5), ("half", 0.25), ("inverse", 2)):
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
            "flow": {"table": "t", "measure": "sum(a)"},
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


def test_no_rows_at_all_is_no_data_and_no_crash(tiny, fill):
    fill({"sales": [], "stock": [], "costs": []})
    values = tiny.values(list(tiny.catalogue.metrics), SPANS)
    for metric in tiny.catalogue.metrics:
        gap = values.value(metric, SPANS[2], "north")
        assert gap == NotApplicable("no data in this period")
    assert tiny.values(["trailing"], SPANS, by=("product",)).frame.empty

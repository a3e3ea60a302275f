"""The catalogue: references resolved, and every fault named with its metric and line."""

from itertools import pairwise

import pytest

from opsnb.company import Company
from opsnb.errors import ExpressionError, OpsnbError, SettingsError, UnknownNameError
from opsnb.metrics.catalogue import Catalogue

SOURCES = {
    "sales": {"columns": {"day": "date", "amount": "decimal(2)", "status": "text"}},
    "stock": {"columns": {"day": "date", "value": "decimal(2)"}},
}
REVENUE = {"table": "sales", "measure": "sum(amount)"}
STOCK = {"table": "stock", "measure": "sum(value)", "over_time": "last"}


def ratio(numerator, denominator, **more):
    return {"kind": "ratio", "numerator": numerator, "denominator": denominator} | more


def derived(expression):
    return {"kind": "derived", "expression": expression}


def trailing(metric, window=3):
    return {"kind": "cumulative", "metric": metric, "window": window}


@pytest.fixture
def catalogue(write_company, tmp_path):
    def catalogue(**metrics):
        folder = write_company(
            tmp_path,
            metrics={"revenue": REVENUE, "stock": STOCK} | metrics,
            sources=SOURCES,
            data={},
        )
        return Catalogue(Company(folder))

    return catalogue


@pytest.mark.parametrize(
    ("metric", "key", "words"),
    [
        ({"table": "salse", "measure": "sum(amount)"}, "table", "did you mean 'sales'"),
        ({"table": "sales", "measure": "sum(amuont)"}, "measure", "did you mean 'amount'"),
        ({"table": "sales", "measure": "sum(value)"}, "measure", "unknown column 'value'"),
        ({**REVENUE, "filter": "statsu = 'x'"}, "filter", "did you mean 'status'"),
        ({**REVENUE, "filter": "sum(amount) > 1"}, "filter", "holds the aggregate"),
        (ratio("revenu", "stock"), "numerator", "did you mean 'revenue'"),
        (ratio("revenue", "stokc"), "denominator", "did you mean 'stock'"),
        (ratio("sum(amount)", "count(*)"), "label", "names no table"),
        (ratio("sum(amount)", "revenue"), "label", "names no table"),
        (ratio("sum(amount)", "count(nope)", table="sales"), "denominator", "column 'nope'"),
        (ratio("revenue", "stock", filter="status = 'x'"), "filter", "does not reach into revenue"),
        (
            ratio("revenue", "count(*)", table="sales", filter="status = 'x'"),
            "filter",
            "does not reach into revenue",
        ),
        (derived("revenue - stokc"), "expression", "did you mean 'stock'"),
        (derived("sum(amount)"), "expression", "not allowed"),
        (trailing("revenu"), "metric", "did you mean 'revenue'"),
        (
            {"table": "stock", "measure": "count(distinct value)", "over_time": "last"},
            "measure",
            "counts distinct values",
        ),
        (
            {"table": "stock", "measure": "max(value)", "over_time": "mean"},
            "measure",
            "over_time: mean",
        ),
    ],
)
def test_a_fault_is_named_with_the_line_of_its_key(catalogue, metric, key, words):
    made = catalogue(other=metric)
    with pytest.raises((ExpressionError, SettingsError, UnknownNameError)) as caught:
        made.check()
    text = (made.company.folder / "metrics.yaml").read_text().splitlines()
    start = next(i for i, line in enumerate(text) if '"other"' in line)
    line = next(i for i, line in enumerate(text) if i > start and f'"{key}"' in line) + 1
    assert str(caught.value).startswith(f"metrics.yaml, line {line}: ")
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("metrics", "circle"),
    [
        ({"a": derived("a + 1")}, "a -> a"),
        ({"a": derived("b"), "b": derived("a")}, "a -> b -> a|b -> a -> b"),
        ({"a": ratio("b", "revenue"), "b": derived("c"), "c": trailing("a")}, "a -> b -> c -> a"),
    ],
)
def test_a_circle_is_refused_and_drawn(catalogue, metrics, circle):
    with pytest.raises(SettingsError, match=r"in a circle: ") as caught:
        catalogue(**metrics).check()
    drawn = str(caught.value).partition("circle: ")[2]
    steps = drawn.split(" -> ")
    assert steps[0] == steps[-1]
    assert set(steps) == set(circle.split("|")[0].split(" -> "))
    for one, other in pairwise(steps):
        refers = {
            "a": "b" if "b" in metrics else "a",
            "b": "c" if "c" in metrics else "a",
            "c": "a",
        }
        assert refers[one] == other


@pytest.mark.parametrize(
    "metrics",
    [
        {"a": trailing("revenue"), "b": trailing("a")},
        {"a": trailing("revenue"), "b": derived("a / 3"), "c": trailing("b")},
        {"a": trailing("revenue"), "b": ratio("a", "stock"), "c": trailing("b")},
    ],
)
def test_a_cumulative_metric_of_a_cumulative_one_is_refused(catalogue, metrics):
    with pytest.raises(SettingsError, match=r"line \d+: .* accumulates what is cumulative itself"):
        catalogue(**metrics).check()


def test_layers_of_metrics_are_walked_once(catalogue):
    """Sixty layers of two: a walk along every path would never end."""
    metrics = {"a0": derived("revenue"), "b0": derived("revenue")}
    for i in range(1, 60):
        for name in "ab":
            metrics[f"{name}{i}"] = derived(f"a{i - 1} + b{i - 1}")
    made = catalogue(**metrics)
    made.check()
    assert made.needed(["a59"])[-1] == "a59"
    assert len(made.needed(["a59"])) == 1 + 2 * 59 + 1
    assert made.is_additive("a59")


def test_a_long_chain_of_metrics_is_no_recursion(catalogue):
    metrics = {"m0": derived("revenue")} | {f"m{i}": derived(f"m{i - 1}") for i in range(1, 1500)}
    made = catalogue(**metrics)
    assert made.needed(["m1499"])[0] == "revenue"
    assert made.tables("m1499") == ["sales"]


def test_what_is_needed_comes_parts_first(catalogue):
    made = catalogue(
        margin=ratio("profit", "revenue"), profit=derived("revenue - cost"), cost=REVENUE
    )
    order = made.needed(["margin", "stock"])
    assert set(order) == {"margin", "profit", "cost", "revenue", "stock"}
    for name in order:
        for part in made.formulas[name].metrics.values():
            assert order.index(part) < order.index(name)
    assert made.tables("margin") == ["sales"]
    assert sorted(made.tables("stock")) == ["stock"]


@pytest.mark.parametrize(
    ("metric", "additive"),
    [
        (REVENUE, True),
        ({**REVENUE, "filter": "status = 'x'"}, True),
        ({"table": "sales", "measure": "sum(amount) - count(*)"}, True),
        ({"table": "sales", "measure": "count_if(amount > 1)"}, True),
        (derived("revenue - (revenue + revenue)"), True),
        ({"table": "sales", "measure": "count(distinct status)"}, False),
        ({"table": "sales", "measure": "avg(amount)"}, False),
        ({"table": "sales", "measure": "max(amount)"}, False),
        ({"table": "sales", "measure": "sum(amount) / count(*)"}, False),
        ({"table": "sales", "measure": "sum(amount) + 1"}, False),
        (STOCK, False),
        ({**STOCK, "over_time": "mean"}, False),
        (derived("revenue - stock"), False),
        (derived("revenue + 5"), False),
        (derived("revenue / revenue"), False),
        (ratio("revenue", "revenue"), False),
        (trailing("revenue"), False),
    ],
)
def test_what_months_add_up_to_the_year(catalogue, metric, additive):
    assert catalogue(other=metric).is_additive("other") is additive


def test_a_metric_may_be_called_like_anything(catalogue):
    """Names of the compiler's own columns mean nothing to it."""
    names = ["numerator0", "denominator0", "c0", "measure", "span", "unit", "rows", "v0"]
    made = catalogue(**dict.fromkeys(names, REVENUE), other=ratio("denominator0", "span"))
    made.check()
    assert made.formulas["other"].metrics == {"denominator0": "denominator0", "span": "span"}


def test_an_unknown_metric_is_named_with_the_nearest(catalogue):
    with pytest.raises(UnknownNameError, match="did you mean 'revenue'") as caught:
        catalogue().needed(["revnue"])
    assert isinstance(caught.value, OpsnbError)
    assert caught.value.exit_code == 2


def test_the_formula_reads_as_the_settings_have_it(catalogue):
    made = catalogue(
        kept={**REVENUE, "filter": "status = 'x'"},
        share=ratio("revenue", "stock"),
        diff=derived("revenue - stock"),
        last=trailing("revenue", 12),
        year={"kind": "cumulative", "metric": "revenue", "to_date": "year"},
    )
    assert made.text("kept") == "sum(amount) where status = 'x'"
    assert made.text("share") == "revenue / stock"
    assert made.text("diff") == "revenue - stock"
    assert made.text("last") == "revenue over 12 months"
    assert made.text("year") == "revenue over year to date"

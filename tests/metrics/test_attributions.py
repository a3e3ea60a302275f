"""Attributions and drivers in metrics.yaml: what is measured, and what is refused with its line."""

import pytest

import opsnb
from opsnb.company import Company
from opsnb.errors import OpsnbError, SettingsError, UnknownNameError
from opsnb.metrics.attributions import hidden, part

SOURCES = {
    "sales": {
        "unit": "shop",
        "columns": {"day": "date", "shop": "text", "item": "text", "pieces": "integer",
                    "amount": "decimal(2)", "cost": "decimal(2)"},
    }
}  # fmt: skip
REVENUE = {"table": "sales", "measure": "sum(amount)"}
SPLIT = {"item": "item", "quantity": "sum(pieces)", "dimensions": ["shop"]}
PIECES = {"table": "sales", "measure": "sum(pieces)"}
MARGIN = {"kind": "ratio", "table": "sales", "numerator": "sum(amount - cost)",
          "denominator": "sum(amount)", "unit": "ratio"}  # fmt: skip


@pytest.fixture
def opened(write_company, tmp_path):
    def opened(metrics, sources=SOURCES):
        folder = write_company(
            tmp_path, metrics=metrics, sources=sources,
            data={"sales": "day,shop,item,pieces,amount,cost\n2026-10-05,a,x,2,10,4\n"},
            as_of="2026-11-05",
        )  # fmt: skip
        return opsnb.open(folder, "2026-10")

    return opened


def test_a_quantity_that_is_an_aggregate_is_measured_and_shown_nowhere(opened):
    workbook = opened({"revenue": REVENUE | {"attribution": SPLIT}})
    name = part(workbook.company.metrics, "revenue", "quantity")
    frame = workbook.values(["revenue", name], [workbook.period]).frame
    assert frame.loc[("2026-10", "all"), ["revenue", name]].tolist() == [10, 2]
    assert list(workbook.company.metrics) == ["revenue"]


def test_a_quantity_may_be_a_metric(opened):
    split = SPLIT | {"quantity": "pieces"}
    workbook = opened({"revenue": REVENUE | {"attribution": split}, "pieces": PIECES})
    assert part(workbook.company.metrics, "revenue", "quantity") == "pieces"
    assert hidden(workbook.company.metrics) == {}


def test_sides_of_a_ratio_become_metrics(opened):
    workbook = opened({"margin": MARGIN | {"attribution": {"item": "item"}}})
    names = [
        part(workbook.company.metrics, "margin", side) for side in ("numerator", "denominator")
    ]
    values = workbook.values(names, [workbook.period]).frame
    assert values.loc[("2026-10", "all")].tolist() == [6, 10]


DERIVED = {"kind": "cumulative", "metric": "revenue", "window": 3}


@pytest.mark.parametrize(
    ("metrics", "error", "message"),
    [
        ({"revenue": REVENUE | {"attribution": SPLIT | {"item": "itm"}}}, UnknownNameError,
         "table 'sales' has no column 'itm'; known: day, shop, item, pieces, amount, cost; "
         "did you mean 'item'?"),
        ({"revenue": REVENUE | {"attribution": SPLIT | {"dimensions": ["shops"]}}},
         UnknownNameError, "did you mean 'shop'?"),
        ({"revenue": REVENUE | {"attribution": SPLIT | {"quantity": "peices"}}, "pieces": PIECES},
         UnknownNameError, "quantity names the unknown metric 'peices'"),
        ({"revenue": REVENUE | {"attribution": SPLIT | {"quantity": "sum(peices)"}}},
         UnknownNameError, "did you mean 'pieces'?"),
        ({"revenue": REVENUE | {"attribution": SPLIT | {"quantity": "count(distinct item)"}}},
         SettingsError, "its quantity does not add up over items"),
        ({"revenue": REVENUE | {"attribution": {"item": "item"}}}, SettingsError,
         "an attribution by item needs the key quantity"),
        ({"revenue": REVENUE | {"attribution": {"quantity": "sum(pieces)"}}}, SettingsError,
         "an attribution needs item or dimensions"),
        ({"revenue": REVENUE | {"attribution": SPLIT | {"dimensions": ["shop", "shop"]}}},
         SettingsError, "names a column twice"),
        ({"revenue": REVENUE | {"attribution": {"items": "item"}}}, SettingsError,
         "unknown key 'items'; known: dimensions, item, quantity; did you mean 'item'?"),
        ({"shops": {"table": "sales", "measure": "count(distinct shop)",
                    "attribution": {"dimensions": ["item"]}}}, SettingsError,
         "'shops' does not add up over items"),
        ({"stock": REVENUE | {"over_time": "last", "attribution": SPLIT}}, SettingsError,
         "'stock' is a stock and has an attribution"),
        ({"revenue": REVENUE, "year": DERIVED | {"attribution": SPLIT}}, SettingsError,
         "'year' is cumulative and has an attribution"),
        ({"margin": MARGIN | {"attribution": SPLIT}}, SettingsError,
         "is a ratio, which is attributed by the rate and weight of items"),
        ({"margin": MARGIN | {"denominator": "count(distinct item)",
                              "attribution": {"item": "item"}}}, SettingsError,
         "its denominator does not add up over items"),
        ({"revenue": REVENUE, "half": {"kind": "derived", "expression": "revenue / 2",
                                       "attribution": {"dimensions": ["item"]}}}, SettingsError,
         "'half' does not add up over items"),
        ({"revenue": REVENUE, "twice": {"kind": "derived", "expression": "revenue + revenue",
                                        "attribution": SPLIT}}, SettingsError,
         "'twice' reads no table of its own, and its quantity is an aggregate; expected a metric"),
        ({"revenue": REVENUE | {"drivers": ["peices"]}, "pieces": PIECES}, UnknownNameError,
         "drivers names the unknown metric 'peices'; known: pieces; did you mean 'pieces'?"),
        ({"revenue": REVENUE | {"drivers": ["revenue"]}, "pieces": PIECES}, UnknownNameError,
         "drivers names itself"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_refused_with_file_and_line(opened, metrics, error, message):
    with pytest.raises(error) as caught:
        opened(metrics)
    assert message in str(caught.value)
    assert str(caught.value).startswith("metrics.yaml, line ")


def test_the_line_is_that_of_the_key(opened, tmp_path):
    with pytest.raises(OpsnbError) as caught:
        opened({"revenue": REVENUE | {"attribution": SPLIT | {"quantity": "sum(peices)"}}})
    line = int(str(caught.value).partition("line ")[2].partition(":")[0])
    text = (tmp_path / "metrics.yaml").read_text("utf-8").splitlines()
    assert '"quantity"' in text[line - 1]


def test_labels_are_of_columns(opened, tmp_path):
    labels = {"item": {"label": {"zh": "产品", "en": "Item"}, "values": {"x": "铁"}}}
    opened({"revenue": REVENUE}, {"sales": SOURCES["sales"] | {"labels": labels}})
    table = Company(tmp_path).tables["sales"]
    assert table.labels["item"].to_dict() == {
        "label": {"zh": "产品", "en": "Item"}, "values": {"x": {"zh": "铁", "en": "铁"}},
    }  # fmt: skip
    wrong = {"sales": SOURCES["sales"] | {"labels": {"itm": labels["item"]}}}
    with pytest.raises(SettingsError, match="key 'labels' names column 'itm'"):
        opened({"revenue": REVENUE}, wrong)

"""Basis: which changes of settings, data and units change which digests, and which do not."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
import yaml

import opsnb
from opsnb.period import Period

MONTH = Period.parse("2026-02")
METRICS = {
    "revenue": {"table": "sales", "measure": "sum(amount)"},
    "large": {"table": "sales", "measure": "count(*)", "filter": "is_large"},
    "margin": {"kind": "ratio", "numerator": "profit", "denominator": "revenue"},
    "profit": {"kind": "derived", "expression": "revenue - cost"},
    "cost": {"table": "sales", "measure": "sum(cost)"},
    "trailing": {"kind": "cumulative", "metric": "revenue", "window": 2},
}
SOURCES = {
    "sales": {
        "unit": "unit",
        "columns": {"day": "date", "unit": "text", "amount": "decimal(2)", "cost": "decimal(2)"},
        "derive": {"is_large": "amount > 50"},
    }
}
ROWS = [
    ("2026-01-10", "north", 100, 50), ("2026-01-11", "south", 40, 20),
    ("2026-02-10", "north", 80, 30), ("2026-02-11", "south", 60, 30),
    ("2026-03-01", "south", 70, 30),
]  # fmt: skip


@pytest.fixture
def folder(write_company, tmp_path):
    text = "day,unit,amount,cost\n" + "".join(",".join(map(str, row)) + "\n" for row in ROWS)
    return write_company(
        tmp_path / "co",
        metrics=METRICS,
        sources=SOURCES,
        data={"sales": text},
        ledgers={"units": "unit,label,parent\nnorth,北,\nsouth,南,\n"},
    )


def basis(folder, month=MONTH):
    return opsnb.open(folder, str(month)).basis(month)


def changed(before, after):
    """Metrics whose definition is another, and those whose rows are."""
    return (
        {n for n in after.definitions if after.definitions[n] != before.definitions.get(n)},
        {n for n in after.rows if after.rows[n] != before.rows.get(n)},
    )


def edit(path: Path, change):
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    change(content)
    path.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")


def rewrite(folder, change):
    path = folder / "data/sales.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(change(rows))


def test_the_same_company_has_the_same_basis(folder):
    assert basis(folder) == basis(folder)


@pytest.mark.parametrize(
    ("change", "defined"),
    [
        (lambda m: m["revenue"].update(measure="sum(amount - cost)"),
         {"revenue", "margin", "profit", "trailing"}),
        (lambda m: m["large"].update(filter="is_large and cost > 1"), {"large"}),
        (lambda m: m["trailing"].update(window=3), {"trailing"}),
        (lambda m: m["revenue"].update(over_time="last"),
         {"revenue", "margin", "profit", "trailing"}),
        (lambda m: m["revenue"].update(measure="sum( amount )".replace(" )", ")")), {
            "revenue", "margin", "profit", "trailing"}),
        (lambda m: m["revenue"].update(owner={"zh": "财务部", "en": "Finance"}), set()),
        (lambda m: m["revenue"].update(description={"zh": "别的说法", "en": "Other words"}), set()),
        (lambda m: m.update(more={**m["cost"], "label": {"zh": "多", "en": "More"}}), {"more"}),
    ],
    ids=["measure", "filter", "window", "stock", "spelling", "owner", "words", "new"],
)  # fmt: skip
def test_a_definition_is_another_where_it_makes_another_number(folder, change, defined):
    before = basis(folder)
    edit(folder / "metrics.yaml", lambda content: change(content["metrics"]))
    found, rows = changed(before, basis(folder))
    assert found == defined
    assert rows - {"more"} <= defined  # what reads other columns or months reads other rows


def test_white_space_is_no_definition(folder):
    before = basis(folder)
    edit(folder / "metrics.yaml", lambda c: c["metrics"]["large"].update(filter="\n is_large \n"))
    assert changed(before, basis(folder)) == (set(), set())


def test_a_derived_column_defines_the_metrics_that_read_it(folder):
    before = basis(folder)
    edit(folder / "sources.yaml",
         lambda c: c["tables"]["sales"]["derive"].update(is_large="amount > 70"))  # fmt: skip
    assert changed(before, basis(folder)) == ({"large"}, set())


def test_a_column_more_and_a_condition(folder):
    before = basis(folder)
    edit(folder / "sources.yaml", lambda c: c["tables"]["sales"]["derive"].update(more="cost + 1"))
    assert changed(before, basis(folder)) == (set(), set())
    edit(folder / "sources.yaml", lambda c: c["tables"]["sales"].update(where="amount <> 60"))
    assert changed(before, basis(folder)) == (set(METRICS), set(METRICS))


@pytest.mark.parametrize(
    ("change", "rows"),
    [
        (lambda r: [*r, ["2026-03-09", "south", "1", "1"]], set()),
        (lambda r: [*r, ["2026-01-09", "south", "1", "1"]], {"trailing"}),
        (lambda r: [*r, ["2026-02-09", "south", "1", "1"]], set(METRICS)),
        (lambda r: [r[0], *reversed(r[1:])], set()),
        (lambda r: [x if x[2] != "80" else [*x[:3], "31"] for x in r],
         {"cost", "profit", "margin"}),
        (lambda r: [x if x[2] != "80" else [x[0], "south", *x[2:]] for x in r], set(METRICS)),
        (lambda r: [x if x[2] != "80" else ["2026-02-12", *x[1:]] for x in r], set(METRICS)),
    ],
    ids=["later", "earlier", "late", "order", "cost", "unit", "day"],
)  # fmt: skip
def test_rows_are_others_where_a_metric_reads_them(folder, change, rows):
    before = basis(folder)
    rewrite(folder, change)
    assert changed(before, basis(folder)) == (set(), rows)


def test_a_row_that_stands_twice_is_not_none(folder):
    before = basis(folder)
    twice = ["2026-02-10", "north", "80", "30"]
    rewrite(folder, lambda rows: [*rows, twice, twice])
    assert changed(before, basis(folder))[1] == set(METRICS)


def test_units_are_others_in_the_months_in_which_they_are(folder):
    before = {month: basis(folder, Period.parse(month)).units for month in ("2026-01", "2026-02")}
    (folder / "ledgers/units.csv").write_text(
        "unit,label,parent,opened\nnorth,北,,\nsouth,南,,\neast,东,,2026-02-01\n", encoding="utf-8"
    )
    after = {month: basis(folder, Period.parse(month)).units for month in ("2026-01", "2026-02")}
    assert after["2026-01"] == before["2026-01"]
    assert after["2026-02"] != before["2026-02"]

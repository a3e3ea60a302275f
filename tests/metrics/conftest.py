"""Metrics measured in a second way: row by row in Python, by the definitions alone."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest

from opsnb.company import Company
from opsnb.data import ledgers, sources
from opsnb.data.engine import DuckDB
from opsnb.metrics.catalogue import Catalogue
from opsnb.metrics.spans import Span
from opsnb.metrics.values import Measurement

Row = dict[str, Any]
UNITS = "unit,label,parent\nnorth,N,\nn1,N1,north\nn2,N2,north\nn1a,N1A,n1\nsouth,S,\n"
SOURCES: dict[str, Any] = {
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


def simple(measure: str, table: str = "sales", **more: str) -> Row:
    return {"table": table, "measure": measure} | more


def ratio(numerator: str, denominator: str, **more: str) -> Row:
    return {"kind": "ratio", "numerator": numerator, "denominator": denominator} | more


METRICS: dict[str, Row] = {
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


class Counting(DuckDB):
    """DuckDB that remembers what it was asked."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []

    def query(self, sql: str) -> Any:
        self.asked.append(sql)
        return super().query(sql)


@dataclass
class Measured:
    """A company opened for measuring, without a workbook."""

    company: Company
    engine: Counting = field(default_factory=Counting)

    def __post_init__(self) -> None:
        self.catalogue = Catalogue(self.company)
        self.units = ledgers.units(self.company)
        self.reload()

    def reload(self) -> None:
        """Read the files again."""
        folder = self.company.data_folder
        self.loaded = {
            name: sources.load(self.engine, name, table, folder)
            for name, table in self.company.tables.items()
        }
        self.measurement = Measurement(
            self.catalogue, self.engine, self.units.bridge, lambda name: self.loaded[name].extent
        )

    def __getattr__(self, name: str) -> Any:
        return getattr(self.measurement, name)


@pytest.fixture(scope="session")
def measure(write_company: Any) -> Callable[..., Measured]:
    """Return the function that writes a company into a folder and opens it for measuring."""

    def measure(folder: Any, **given: Any) -> Measured:
        return Measured(Company(write_company(folder, **given)))

    return measure


def month_of(row: Row) -> int:
    return 12 * row["day"].year + row["day"].month - 1


@dataclass(frozen=True)
class Naive:
    """Values by the definitions: rows are picked one by one, nothing is added up beforehand.

    Attributes
    ----------
    rows : rows of the table by column
    tree : unit -> units at or below it; the root holds whatever else there is
    unit : name of the unit column, or None
    """

    rows: list[Row]
    tree: dict[str, set[str]]
    root: str
    unit: str | None

    def picked(self, months: Iterable[int], unit: str, where: Row | None = None) -> list[Row]:
        """Rows of some months, a unit and the given dimensions."""
        return [
            row
            for row in self.rows
            if row["day"] is not None
            and month_of(row) in months
            and (unit == self.root or (self.unit and row[self.unit] in self.tree[unit]))
            and all(row[name] == value for name, value in (where or {}).items())
        ]

    def leaf(self, row: Row) -> str:
        """Unit of a row, where it is one."""
        value = row[self.unit] if self.unit else None
        return value if value in self.tree else ""

    def latest(self, rows: list[Row], everything: list[Row]) -> list[Row]:
        """Rows of the last day that their unit recorded in their month."""
        last: dict[tuple[str, int], Any] = {}
        for row in everything:
            if row["day"] is not None:
                key = (self.leaf(row), month_of(row))
                last[key] = max(row["day"], last.get(key, row["day"]))
        return [row for row in rows if row["day"] == last[self.leaf(row), month_of(row)]]

    def reaches(self, first: int, last: int) -> bool:
        """Whether the table has data from before `first` to after `last`."""
        months = [month_of(row) for row in self.rows if row["day"] is not None]
        return bool(months) and min(months) <= first and last <= max(months)

    def flow(self, how: Callable[[list[Row]], Any], span: Span, unit: str, **where: Any) -> Any:
        """Aggregate over the rows of the whole span."""
        rows = self.picked(range(span.first, span.last + 1), unit, where)
        return how(rows) if rows and self.reaches(span.first, span.last) else None

    def last(self, how: Callable[[list[Row]], Any], span: Span, unit: str, **where: Any) -> Any:
        """Aggregate over the last day of the span's last month."""
        rows = self.latest(self.picked([span.last], unit, where), self.rows)
        return how(rows) if rows and self.reaches(span.last, span.last) else None

    def mean(self, how: Callable[[list[Row]], Any], span: Span, unit: str, **where: Any) -> Any:
        """Mean of what the months of the span show."""
        if not self.reaches(span.first, span.last):
            return None
        shown = []
        for month in range(span.first, span.last + 1):
            rows = self.latest(self.picked([month], unit, where), self.rows)
            if rows and (value := how(rows)) is not None:
                shown.append(value)
        return sum(shown) / len(shown) if shown else None


@pytest.fixture(scope="session")
def naive() -> SimpleNamespace:
    """Return the second derivation."""
    return SimpleNamespace(Naive=Naive, month_of=month_of)


@pytest.fixture(scope="session")
def tiny(measure: Any, tmp_path_factory: pytest.TempPathFactory) -> Measured:
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


@pytest.fixture(scope="session")
def fill(tiny: Measured) -> Callable[[dict[str, list[Row]]], None]:
    """Return the function that fills the tables of the tiny company."""

    def fill(tables: dict[str, list[Row]]) -> None:
        for name, rows in tables.items():
            path = tiny.company.data_folder / f"{name}.csv"
            header = path.read_text(encoding="utf-8").splitlines()[0].split(",")
            with path.open("w", encoding="utf-8", newline="") as file:
                writer = csv.writer(file, lineterminator="\n")
                writer.writerow(header)
                columns = SOURCES[name]["columns"]
                writer.writerows([row[column] for column in columns] for row in rows)
        tiny.reload()
        assert [loaded.unparsed for loaded in tiny.loaded.values()] == [0, 0, 0]

    return fill

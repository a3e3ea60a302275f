"""Metrics measured in a second way: row by row in Python, by the definitions alone."""

from __future__ import annotations

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

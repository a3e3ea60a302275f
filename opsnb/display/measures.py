"""Rows of metrics prepared for showing: one scale a row, groups of one unit of measure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from markupsafe import Markup

from opsnb.display.markup import NBSP, element
from opsnb.display.numbers import (
    NumberFormat,
    difference_format,
    is_currency,
    percent,
    points,
)
from opsnb.display.reader import Reader, number
from opsnb.display.table import Cell
from opsnb.display.words import Words, mark
from opsnb.keys import record_key
from opsnb.results import NotApplicable

METRIC = ("actual", "value", "target", "prior_year", "ytd", "ytd_target", "year_target")
TURNS: dict[str, str] = {
    "to profit": mark("turned positive"),
    "to loss": mark("turned negative"),
    "smaller loss": mark("less negative"),
    "larger loss": mark("more negative"),
}
"""Changes in which a negative value takes part, where a growth rate alone misleads."""
DIFFERENCE = ("variance", "yoy_difference", "mom_difference")


@dataclass(frozen=True)
class MetricRow:
    """One row of a frame, with the format that its numbers share."""

    values: Mapping[str, Any]
    style: NumberFormat
    reader: Reader

    @property
    def metric(self) -> str:
        """Id of the metric."""
        return str(self.values["metric"])

    @property
    def unit(self) -> str:
        """Id of the business unit."""
        return str(self.values.get("unit", ""))

    @property
    def is_ratio(self) -> bool:
        """Whether differences of the metric are percentage points."""
        return bool(self.reader.definition(self.metric).get("unit") == "ratio")

    def number(self, name: str) -> float | None:
        """Number in column `name`, or None."""
        return number(self.values.get(name))

    def reason(self, name: str) -> str:
        """Why column `name` is empty; empty where it is not."""
        value = self.values.get(name)
        return value.reason if isinstance(value, NotApplicable) else ""

    def key(self, name: str) -> str:
        """Key of the record in column `name`."""
        period = self.values.get("period") or self.reader.provenance.get("period", "")
        return record_key(self.metric, name, self.unit, str(period))

    def format(self, name: str, *, alone: bool = False) -> NumberFormat:
        """Format of column `name`; a difference that stands `alone` has a scale of its own."""
        if name in METRIC:
            return self.style
        if name in DIFFERENCE:
            own = self.number(name) if alone else None
            return difference_format(self.reader.definition(self.metric), self.style, own)
        return percent(self.reader.locale)

    def signed(self, name: str) -> bool:
        """Whether column `name` is a variance, which alone carries a plus."""
        return name in DIFFERENCE or name in ("yoy", "yoy_adjusted", "mom", "ytd_yoy")

    def text(self, name: str, *, bare: bool = False) -> str:
        """Number in column `name` with its unit, without it where `bare`; empty if missing."""
        value = self.number(name)
        if value is None:
            return ""
        style = self.format(name, alone=not bare)
        write = style.number if bare else style.text
        return write(value, signed=self.signed(name))

    def cell(self, name: str, css: str = "") -> Cell:
        """Bare number of column `name` for a table, or its reason."""
        if self.number(name) is None:
            return Cell(reason=self.reason(name) or "no data in this period")
        return Cell(self.text(name, bare=True), key=self.key(name), css=css)

    def bound(self, name: str, css: str = "") -> Markup:
        """Bare number of column `name`, bound to its record."""
        text = self.text(name, bare=True)
        return element("span", text, class_=css, data_key=self.key(name))

    def turn(self, words: Words) -> str:
        """Name of the change on the year before where a negative value takes part."""
        name = TURNS.get(str(self.values.get("yoy_turn") or ""))
        return words(name) if name else ""

    def change(self, name: str) -> str:
        """Column that shows the change `name` (yoy, mom): growth, or the difference of ratios."""
        return f"{name}_difference" if self.is_ratio else name


def metric_rows(rows: Iterable[Mapping[str, Any]], reader: Reader) -> list[MetricRow]:
    """Rows with their own format each, its scale from actual and target."""
    return [_row(values, reader) for values in rows]


def _row(values: Mapping[str, Any], reader: Reader) -> MetricRow:
    sizes = [values.get(name) for name in ("actual", "value", "target")]
    return MetricRow(values, reader.format(str(values["metric"]), sizes), reader)


def shared(rows: Iterable[MetricRow]) -> list[MetricRow]:
    """The same rows in one common format, the one of their largest number."""
    rows = list(rows)
    sizes = [row.values.get(name) for row in rows for name in ("actual", "value", "target")]
    if not rows:
        return rows
    style = rows[0].reader.format(rows[0].metric, sizes)
    return [MetricRow(row.values, style, row.reader) for row in rows]


def grouped(rows: Iterable[MetricRow]) -> list[tuple[str, list[MetricRow]]]:
    """Rows by unit of measure, with the line that stands over each group.

    Amounts come first, from the largest scale down, then ratios, days, and all others; rows keep
    their order within a group.
    """
    groups: dict[tuple[int, int, str], list[MetricRow]] = {}
    for row in rows:
        groups.setdefault(_place(row), []).append(row)
    return [(_title(key, rows), _aligned(key, rows)) for key, rows in sorted(groups.items())]


def _place(row: MetricRow) -> tuple[int, int, str]:
    unit = row.reader.definition(row.metric).get("unit")
    if is_currency(unit):
        return 0, -row.style.power, str(unit)
    return {"ratio": 1, "days": 2}.get(str(unit), 3), 0, ""


def _aligned(place: tuple[int, int, str], rows: list[MetricRow]) -> list[MetricRow]:
    """Rows of a group in one format; on the largest scales a table shows one decimal more."""
    if place[0] != 0:
        return rows
    return [
        replace(row, style=replace(row.style, decimals=row.style.decimals + 1))
        if row.style.power >= 8
        else row
        for row in shared(rows)
    ]


def _title(place: tuple[int, int, str], rows: list[MetricRow]) -> str:
    words, unit = rows[0].reader.words, rows[0].style.unit
    if place[0] == 0:
        return words("Amounts, {unit}; changes in %", unit=unit)
    if place[0] == 1:
        return words("Ratios, %; differences and changes in percentage points")
    if place[0] == 2:
        return words("Days; changes in %")
    return words("Other units; changes in %")


def own_unit(row: MetricRow) -> str:
    """Unit to be written beside a row's name where its group has several."""
    return row.style.unit if _place(row)[0] == 3 else ""


def gap_in_points(value: float, base: float, reader: Reader) -> str:
    """Difference of two shares in percentage points, signed, its unit in short."""
    number = points(reader.locale).number(value - base, signed=True)
    return number + NBSP + reader.words("pt")

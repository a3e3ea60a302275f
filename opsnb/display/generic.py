"""A result that has no view of its own: its frame as a table, by the units of its columns."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from markupsafe import Markup

from opsnb.display.annex import day
from opsnb.display.markup import element, join
from opsnb.display.messages import messages
from opsnb.display.numbers import (
    NumberFormat,
    chosen,
    count,
    difference_format,
    largest,
    percent,
    points,
)
from opsnb.display.reader import Reader, number, numbers_in, records
from opsnb.display.reasons import reason_text
from opsnb.display.states import caveats
from opsnb.display.table import Cell, Group, Head, Row, Table, render
from opsnb.display.words import mark
from opsnb.keys import OWN_KEYS, record_key
from opsnb.results import Column, NotApplicable, Result

NUMERIC = ("metric", "difference", "ratio", "points", "charted", "count", "number")
SIGNED = ("difference", "points")
CHANGES = ("yoy", "mom", "growth", "change")
COLUMNS: dict[str, str] = {
    "metric": mark("Metric"),
    "unit": mark("Unit"),
    "period": mark("Period"),
    "table": mark("Source"),
    "actual": mark("Actual"),
    "value": mark("Value"),
    "target": mark("Target"),
    "variance": mark("Variance"),
    "attainment": mark("Attainment"),
    "prior_year": mark("A year ago"),
    "yoy": mark("YoY"),
    "mom": mark("MoM"),
    "ytd": mark("YTD"),
    "rank": mark("Rank"),
    "owner": mark("Owner"),
    "action": mark("Suggestion"),
    "severity": mark("State"),
    "descriptives": mark("Descriptive statistics of the last 36 months"),
    "nobs": mark("Months"),
    "missing": mark("Missing"),
    "median": mark("Median"),
    "robust_deviation": mark("Robust deviation"),
    "mean": mark("Mean"),
    "standard_deviation": mark("Standard deviation"),
    "minimum": mark("Lowest"),
    "maximum": mark("Highest"),
    "benchmarks": mark("Benchmarks"),
    "source": mark("By whom"),
    "percentile": mark("Percentile"),
    "benchmark": mark("Benchmark"),
    "benchmark_gap": mark("Gap"),
    "own_percentile": mark("Own percentile"),
    "note": mark("Note"),
}


def generic(result: Result, reader: Reader) -> Markup:
    """Findings as messages, the frame as one table, the caveats."""
    lead = messages(result.findings, reader) if result.findings else None
    if not len(result.frame):
        empty = element("p", reason_text("no data in this period", reader.words), class_="note")
        return join([lead, empty, caveats((), result.notes, reader)])
    return join(
        [
            lead,
            render(table(result, reader), reader.words),
            caveats((), result.notes, reader),
        ]
    )


def table(result: Result, reader: Reader, *, bound: bool = True) -> Table:
    """Frame of `result` as a table; keys that are the same in all rows go into the caption.

    Its numbers are bound to their records, each of which then opens a popover, or not.
    """
    rows = records(result)
    keys = [c for c in result.columns if c.unit == "key"]
    same = [c for c in keys if len({str(row[c.name]) for row in rows}) == 1]
    shown = [c for c in result.columns if c not in same] or list(result.columns)
    if shown[0].unit != "key":
        shown = [*keys[:1], *shown] if keys else shown
        same = same[1:]
    columns = [_Shown(c, rows, reader, result.keys, bound=bound) for c in shown]
    body = tuple(_row(i, row, columns, result.name) for i, row in enumerate(rows))
    parts = [title(result.name, reader), *(_key(c.name, rows[0][c.name], reader) for c in same)]
    parts = [part for part in parts if part]
    caption = ("，" if reader.words.wide else ", ").join(parts)
    phone = "stack" if len(columns) <= 6 else "scroll"
    heads = tuple(column.head for column in columns)
    return Table(caption, heads, (Group(body),), phone, "gt", result.name)  # type: ignore[arg-type]


def title(name: str, reader: Reader) -> str:
    """Name of a column or result for a reader.

    The provenance may name those of a user's own analysis, ``labels: {name: {zh: ..., en: ...}}``;
    one without a label or translation is spelt out.

    >>> title("price_effect", Reader({}, "zh"))
    'Price effect'
    """
    own = chosen(reader.provenance.get("labels", {}).get(name), reader.locale)
    known = COLUMNS.get(name)
    if own:
        return own
    return reader.words(known) if known else name.replace("_", " ").strip().capitalize()


def _key(name: str, value: object, reader: Reader) -> str:
    name_of = {
        "metric": reader.metric,
        "unit": reader.unit,
        "period": reader.period,
        "table": reader.table,
    }
    if value is None:
        return ""
    return name_of[name](str(value)) if name in name_of else str(value)


class _Shown:
    """One column as it is shown: its head, and the format of its numbers."""

    def __init__(
        self,
        column: Column,
        rows: Sequence[dict[str, Any]],
        reader: Reader,
        keys: Sequence[str] = (),
        *,
        bound: bool = True,
    ) -> None:
        self.column, self.reader, self.keys, self.bound = column, reader, keys, bound
        self.numeric = column.unit in NUMERIC
        values = numbers_in(row[column.name] for row in rows)
        metrics = {str(row["metric"]) for row in rows if "metric" in row}
        self.formats = {metric: self._format(metric, values, rows) for metric in metrics}
        self.plain = self._format("", values, rows)
        units = {style.unit for style in self.formats.values() or (self.plain,)}
        self.bare = len(units) == 1
        note = units.pop() if self.bare and self.numeric else ""
        kind = "number" if self.numeric else "text"
        self.head = Head(title(column.name, reader), kind, note)  # type: ignore[arg-type]

    def _format(
        self, metric: str, values: list[float], rows: Sequence[dict[str, Any]]
    ) -> NumberFormat:
        locale, unit = self.reader.locale, self.column.unit
        if unit == "ratio":
            return percent(locale)
        if unit == "points":
            return points(locale)
        if unit == "count":
            return count(locale)
        if not metric:
            return NumberFormat(locale, 0, _decimals(values))
        own = [row[self.column.name] for row in rows if str(row["metric"]) == metric]
        style = self.reader.format(metric, own)
        if unit == "difference":
            return difference_format(self.reader.definition(metric), style)
        return style

    def key(self, row: dict[str, Any]) -> str:
        """Key of the record; empty where the row is about no metric."""
        if not self.bound or "metric" not in row:
            return ""
        own = {name: str(row.get(name, "")) for name in ("metric", "unit", "period")}
        own["period"] = own["period"] or str(self.reader.provenance.get("period", ""))
        by = {name: str(row[name]) for name in self.keys if name not in OWN_KEYS}
        target, level = str(row.get("target_period", "")), row.get("level")
        return record_key(
            own["metric"], self.column.name, own["unit"], own["period"], by, target, level
        )

    def cell(self, row: dict[str, Any]) -> Cell:
        value, name = row[self.column.name], self.column.name
        if isinstance(value, NotApplicable):
            return Cell(reason=value.reason)
        found = number(value)
        if self.numeric and found is not None:
            style = self.formats.get(str(row.get("metric")), self.plain)
            write = style.number if self.bare else style.text
            signed = self.column.unit in SIGNED or name.startswith(CHANGES)
            return Cell(write(found, signed=signed), key=self.key(row))
        if self.column.unit == "date":
            return Cell(day(value, self.reader))
        if self.column.unit == "key":
            return Cell(_key(name, value, self.reader))
        empty = value is None or (isinstance(value, float) and math.isnan(value)) or value == ""
        none = element("small", self.reader.words("none"), class_="na")
        return Cell(none if empty else str(value))


def _row(place: int, row: dict[str, Any], columns: list[_Shown], name: str) -> Row:
    first, *others = columns
    heading = first.cell(row)
    return Row(heading.content or str(place + 1), tuple(column.cell(row) for column in others))


def _decimals(values: list[float]) -> int:
    if all(value.is_integer() for value in values) or largest(values) >= 1000:
        return 0
    return 1 if largest(values) >= 100 else 2

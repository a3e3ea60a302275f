"""Forecasts of one metric prepared for showing: the months, their intervals, the year's end."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from opsnb.display.markup import element, unbroken
from opsnb.display.numbers import NumberFormat, percent
from opsnb.display.reader import Reader, number, records
from opsnb.display.words import mark
from opsnb.keys import record_key
from opsnb.results import NotApplicable, Result

Record = Mapping[str, Any]
INNER, OUTER = 80.0, 95.0
CODES: dict[str, str] = {
    "empty": mark("there is no value to learn from"),
    "short": mark("less than two years of history: the season is hardly known"),
    "gaps": mark("some months have no value"),
    "constant": mark("the value never moved, so the interval has no width"),
    "zeros": mark("some values are zero"),
    "negative": mark("some values are negative"),
    "sparse": mark("three in ten values or more are zero: the mean is carried on"),
    "outlier": mark("a month far off its neighbours was left out"),
    "partial": mark("the last month looks incomplete and was left out"),
    "shift": mark("the level moved within the last two years"),
}


@dataclass(frozen=True)
class Forecast:
    """One metric of one unit, in one format."""

    row: Record
    past: tuple[Record, ...]
    ahead: tuple[Record, ...]
    ends: Mapping[tuple[str, float], Record]
    plans: Mapping[str, float]
    components: tuple[Record, ...]
    reader: Reader

    @property
    def metric(self) -> str:
        """Id of the metric."""
        return str(self.row["metric"])

    @property
    def unit(self) -> str:
        """Id of the business unit."""
        return str(self.row["unit"])

    @property
    def period(self) -> str:
        """Month that the forecast is made in."""
        return str(self.row["period"])

    @property
    def months(self) -> list[str]:
        """Months ahead."""
        return [str(record["target_period"]) for record in self.ahead]

    @property
    def is_known(self) -> bool:
        """Whether there is a forecast at all."""
        return any(number(record["forecast"]) is not None for record in self.ahead)

    @property
    def style(self) -> NumberFormat:
        """Format of months: of values, forecasts and their intervals."""
        values = [record.get("value") for record in self.past]
        return self.reader.format(self.metric, [*values, *(r["forecast"] for r in self.ahead)])

    @property
    def year_style(self) -> NumberFormat:
        """Format of the year's amounts."""
        return self.reader.format(self.metric, [self.row["year_forecast"], self.row["year_target"]])

    def mean(self, month: str) -> Markup:
        """Forecast of a month, bound to its record."""
        (record,) = (record for record in self.ahead if record["target_period"] == month)
        return self._bound("forecast", self.style, number(record["forecast"]), target=month)

    def interval(self, target: str, level: float, style: NumberFormat) -> Markup | None:
        """Ends of an interval, both bound; None where there is none."""
        record = self.ends.get((target, level))
        if record is None or number(record["lower"]) is None:
            return None
        low, high = (
            self._bound(name, style, number(record[name]), target=target, level=level)
            for name in ("lower", "upper")
        )
        return element("span", low, "–", high, class_="n")

    def summary(self, name: str, style: NumberFormat, *, signed: bool = False) -> Markup:
        """Number of the metric's own row, bound; empty where there is none."""
        value = number(self.row[name])
        if value is None:
            return Markup("")
        text = style.text(value, signed=signed)
        return element("span", text, class_=unbroken(text), data_key=self.key(name))

    def key(self, name: str) -> str:
        """Key of a number of the metric's own row."""
        return record_key(self.metric, name, self.unit, self.period)

    def reason(self, name: str) -> str:
        """Why a number of the metric's own row is missing; empty where it is there."""
        value = self.row[name]
        return value.reason if isinstance(value, NotApplicable) else ""

    def _bound(
        self, name: str, style: NumberFormat, value: float | None, *, target: str,
        level: float | None = None,
    ) -> Markup:  # fmt: skip
        if value is None:
            return Markup("")
        key = record_key(self.metric, name, self.unit, self.period, "", target, level)
        return element("span", style.number(value), class_="n", data_key=key)

    def scaled(self, values: Sequence[float | None]) -> tuple[float, ...]:
        """Values on the shown scale; NaN where missing."""
        return tuple(math.nan if v is None else self.style.scaled(v) for v in values)

    @property
    def flags(self) -> list[str]:
        """What is degraded, in words."""
        codes = [code for code in str(self.row["flag"]).split(",") if code]
        return [self.reader.words(CODES[code]) for code in codes]


def forecasts(result: Result, reader: Reader) -> list[Forecast]:
    """Forecasts of `result`, one a metric, in the order of its frame."""
    tables: dict[str, dict[str, list[Record]]] = {}
    for part in result.parts:
        if "metric" in part.frame:
            tables[part.name] = _by_metric(records(part))
    found = []
    for row in records(result):
        mine = {name: table.get(str(row["metric"]), []) for name, table in tables.items()}
        found.append(
            Forecast(
                row,
                tuple(mine.get("past", ())),
                tuple(mine.get("issued", ())),
                {
                    (str(record["target_period"]), float(record["level"])): record
                    for record in mine.get("issued_intervals", ())
                },
                {str(r["target_period"]): float(r["planned"]) for r in mine.get("plans", ())},
                tuple(mine.get("components", ())),
                reader,
            )
        )
    return found


def _by_metric(rows: Sequence[Record]) -> dict[str, list[Record]]:
    found: dict[str, list[Record]] = {}
    for row in rows:
        found.setdefault(str(row["metric"]), []).append(row)
    return found


def chance(reader: Reader, value: float) -> NumberFormat:
    """Format of a probability: near 0 and 1 a decimal more."""
    return percent(reader.locale, 0 if 0.01 <= value <= 0.99 else 1)

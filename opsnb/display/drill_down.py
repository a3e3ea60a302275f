"""Drill down: the difference by the elements of a dimension, as a waterfall and a table."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from opsnb.display import figures
from opsnb.display.attribution import titled, tone
from opsnb.display.backtests import figure_key, styled_cell
from opsnb.display.markup import anchor, element, join
from opsnb.display.numbers import NumberFormat, count, difference_format, largest, percent
from opsnb.display.reader import Reader, number, numbers_in, records
from opsnb.display.sentences import clauses
from opsnb.display.table import Group, Head, Row, Table, number_place, render
from opsnb.display.waterfall import Step, Total, WaterfallData, waterfall
from opsnb.display.words import mark
from opsnb.results import Result

Record = Mapping[str, Any]
AGAINST: dict[str, str] = {
    "prior_year": mark("A year ago"),
    "prior_month": mark("The month before"),
    "year_to_date": mark("YTD a year ago"),
    "target": mark("Target"),
}
BY = ("against", "within", "dimension", "item")
OF_WHOLE = ("against", "within")
MESSAGES = 2


@dataclass(frozen=True)
class _Shown:
    """Rows of one result with what they are shown by."""

    rows: list[dict[str, Any]]
    whole: Record
    reader: Reader

    @property
    def metric(self) -> str:
        return str(self.whole["metric"])

    @property
    def is_ratio(self) -> bool:
        return any(number(row["rate"]) is not None for row in self.rows)

    @property
    def style(self) -> NumberFormat:
        """Format of both sides, of the whole and the elements."""
        values = [row[name] for row in (self.whole, *self.rows) for name in ("actual", "compared")]
        return self.reader.format(self.metric, values)

    @property
    def small(self) -> NumberFormat:
        """Format of the differences."""
        values = numbers_in(row["contribution"] for row in (self.whole, *self.rows))
        definition = self.reader.definition(self.metric)
        return difference_format(definition, self.style, largest(values))

    @property
    def compared(self) -> str:
        """What it is compared with, in words."""
        return self.reader.words(AGAINST[str(self.whole["against"])])

    def name(self, row: Record) -> str:
        """Name of an element, or how many others there are."""
        if row["others"]:
            number_of = count(self.reader.locale).text(row["others"])
            return self.reader.words("{n} others", n=number_of)
        return self.reader.element(str(row["dimension"]), str(row["item"]))

    @property
    def path(self) -> str:
        """Elements that are looked into."""
        steps = json.loads(str(self.whole["within"]) or "{}")
        return " › ".join(self.reader.element(name, item) for name, item in steps.items())


def drill_down(result: Result, reader: Reader) -> Markup:
    """Figure and table; a sentence where there is no element."""
    shown = _Shown(records(result), records(result.part("drill_down_total"))[0], reader)
    if not shown.rows:
        return element("p", reader.words("There is nothing below."), class_="note")
    parts = [_figure(shown)] if number(shown.whole["contribution"]) is not None else []
    return join([*parts, render(_table(shown), reader.words)])


def _figure(shown: _Shown) -> Markup:
    name = anchor("drill", shown.metric, str(shown.rows[0]["dimension"]))
    head, sub, read = (f"{name}-{part}" for part in "tsd")
    caption = element(
        "figcaption",
        element("h3", _message(shown), id=head),
        element("p", number_place("figure", name), _subtitle(shown), id=sub, class_="sub"),
    )
    both = (
        figures.svg_of(
            waterfall(_data(shown), canvas), class_=css, role="img",
            aria_labelledby=f"{head} {read}",
        )
        for canvas, css in ((figures.WIDE, "vw"), (figures.NARROW, "vn"))
    )  # fmt: skip
    told = clauses(
        (f"{shown.name(row)} {_moved(shown, row)}" for row in shown.rows if _has(row)), shown.reader
    )
    drawn = element("div", *both, element("p", told, id=read, class_="vh"), class_="cv")
    return element("figure", caption, drawn, id=name, class_="fig")


def _message(shown: _Shown) -> Markup:
    """Difference of the whole, and the elements that make most of it."""
    words, whole = shown.reader.words, shown.whole
    figure = element(
        "span", _moved(shown, whole), class_="n",
        data_key=figure_key(whole, "contribution", *OF_WHOLE),
    )  # fmt: skip
    lead = words.html(
        "{metric} {figure} against {compared}", metric=shown.reader.metric(shown.metric),
        figure=figure, compared=shown.compared,
    )  # fmt: skip
    told = [
        words.html(
            "{name} {figure}", name=shown.name(row),
            figure=element("span", _moved(shown, row), class_="n",
                           data_key=figure_key(row, "contribution", *BY)),
        )
        for row in shown.rows[:MESSAGES] if _has(row) and not row["others"]
    ]  # fmt: skip
    return join([lead, clauses(told, shown.reader)], "：" if words.wide else ": ")


def _moved(shown: _Shown, row: Record) -> str:
    return shown.small.text(float(row["contribution"]), signed=True)


def _has(row: Record) -> bool:
    return number(row["contribution"]) is not None


def _subtitle(shown: _Shown) -> str:
    reader, period = shown.reader, str(shown.whole["period"])
    months = "—".join(reader.period(end) for end in period.split(".."))
    by = reader.column(str(shown.rows[0]["dimension"]))
    parts = (reader.unit(str(shown.whole["unit"])), shown.path, months, reader.words("by {column}",
             column=by))  # fmt: skip
    return ("，" if reader.words.wide else ", ").join(part for part in parts if part)


def _data(shown: _Shown) -> WaterfallData:
    words, style, small = shown.reader.words, shown.style, shown.small
    fill: Any = "plan" if shown.whole["against"] == "target" else "py"
    sides: tuple[tuple[str, str, Any], ...] = (
        (shown.compared, "compared", fill), (words("Actual"), "actual", "ink"),
    )  # fmt: skip
    totals = tuple(
        Total(label, style.scaled(value), style.number(value), kind)
        for label, name, kind in sides
        if (value := number(shown.whole[name])) is not None
    )
    steps = tuple(_step(shown, shown.name(row), row, small) for row in shown.rows if _has(row))
    whole = _step(shown, words("Total"), shown.whole, small)
    metric = shown.reader.metric(shown.metric)
    heads = (titled(metric, style.unit, wide=words.wide),
             titled(words("Difference"), small.unit, wide=words.wide), "")  # fmt: skip
    return WaterfallData(totals, steps, whole, heads)


def _step(shown: _Shown, label: str, row: Record, style: NumberFormat) -> Step:
    value = float(row["contribution"])
    text = style.number(value, signed=True)
    flat = text.strip("+-−") == style.number(0.0)
    return Step(
        label,
        style.scaled(value),
        text,
        tone(shown.reader, shown.metric, 0.0 if flat else value),
        math.nan,
    )


def _table(shown: _Shown) -> Table:
    words, style, small = shown.reader.words, shown.style, shown.small
    heads = (
        Head(shown.reader.column(str(shown.rows[0]["dimension"])), "text"),
        Head(words("Actual"), note=style.unit, css="a"),
        Head(shown.compared, note=style.unit),
        Head(words("Contribution"), note=small.unit),
        Head(words("Share"), note=words("% of the difference")),
        *((Head(words("Own rates"), note=small.unit), Head(words("Mix"), note=small.unit))
          if shown.is_ratio else (Head(words("Change"), note="%"),)),
    )  # fmt: skip
    body = tuple(_row(shown, row) for row in shown.rows)
    named = [shown.reader.metric(shown.metric), shown.path or
             shown.reader.unit(str(shown.whole["unit"]))]  # fmt: skip
    caption = words("Contributions, {name}", name=" ".join(named))
    return Table(caption, heads, (Group(body),), "scroll", "dr", "drill-down")


def _row(shown: _Shown, row: Record) -> Row:
    big, small, share = shown.style, shown.small, percent(shown.reader.locale)
    formats = {
        "actual": (big, False), "compared": (big, False), "contribution": (small, True),
        "share": (share, True),
        **({"rate": (small, True), "mix": (small, True)}
           if shown.is_ratio else {"growth": (share, True)}),
    }  # fmt: skip
    cells = (
        styled_cell(row, name, style, *BY, signed=signed)
        for name, (style, signed) in formats.items()
    )
    return Row(shown.name(row), tuple(cells))

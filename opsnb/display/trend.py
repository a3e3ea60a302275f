"""Trend of a metric: the message, the figure, and the numbers to read off beside it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from babel.dates import get_month_names
from markupsafe import Markup

from opsnb.display import figures
from opsnb.display.markup import anchor, element, join, unbroken
from opsnb.display.numbers import NumberFormat, difference_format, percent
from opsnb.display.reader import Reader, number, records
from opsnb.display.reasons import reason_text
from opsnb.display.sentences import clauses
from opsnb.display.states import States, caveats
from opsnb.display.table import number_place
from opsnb.display.words import mark
from opsnb.errors import PeriodError
from opsnb.keys import record_key
from opsnb.period import Period
from opsnb.results import NotApplicable, Result

SERIES = ("value", "prior_year", "target")
NOW, YEAR_AGO, TARGET = mark("Now {value}"), mark("Last year {value}"), mark("Target {value}")
BETTER = {
    "higher": mark("higher is better"),
    "lower": mark("lower is better"),
    "band": mark("best within its band"),
}


@dataclass(frozen=True)
class Series:
    """The months of one metric in one unit, oldest first, in one format."""

    metric: str
    unit: str
    records: tuple[Mapping[str, Any], ...]
    reader: Reader

    @property
    def style(self) -> NumberFormat:
        """Format of all numbers of the series."""
        numbers = [record.get(name) for record in self.records for name in SERIES]
        return self.reader.format(self.metric, numbers)

    @property
    def is_ratio(self) -> bool:
        """Whether differences of the metric are percentage points."""
        return bool(self.reader.definition(self.metric).get("unit") == "ratio")

    @property
    def periods(self) -> list[str]:
        """Periods, oldest first."""
        return [str(record["period"]) for record in self.records]

    def column(self, name: str) -> list[float | None]:
        """Numbers of column `name`."""
        return [number(record.get(name)) for record in self.records]

    def last(self, name: str) -> float | None:
        """Number of the last period in column `name`."""
        return self.column(name)[-1]

    def scaled(self, name: str) -> tuple[float, ...]:
        """Column `name` on the shown scale, NaN where missing."""
        style = self.style
        return tuple(math.nan if v is None else style.scaled(v) for v in self.column(name))


def series(result: Result, reader: Reader) -> list[Series]:
    """Series of `result`, one for each metric and unit, in the order of the frame."""
    groups: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for record in records(result):
        groups.setdefault((str(record["metric"]), str(record.get("unit", ""))), []).append(record)
    return [
        Series(metric, unit, tuple(sorted(rows, key=lambda row: str(row["period"]))), reader)
        for (metric, unit), rows in groups.items()
    ]


def trend(result: Result, reader: Reader) -> Markup:
    """Figures of all series of `result`, with its caveats."""
    states = States(result.findings)
    shown = [_figure(one, states, reader) for one in series(result, reader)]
    return join(shown) + caveats(result.findings, result.notes, reader)


def _figure(one: Series, states: States, reader: Reader) -> Markup:
    name = anchor("trend", one.metric, one.unit)
    head, sub = f"{name}-t", f"{name}-d"
    whole = not states.incomplete(one.metric, one.unit)
    tag = states.tag(one.metric, one.unit, reader.words)
    caption = element(
        "figcaption",
        element("h3", message(one, whole=whole), tag, id=head),
        element("p", number_place("figure", name), _subtitle(one), id=sub, class_="sub"),
    )
    if not any(value is not None for name in SERIES for value in one.column(name)):
        reason = element("p", reason_text("no data in this period", reader.words), class_="note")
        return element("figure", caption, reason, id=name, class_="fig")
    label, said = f"{head} {sub}", message(one, whole=whole).striptags()
    return element("figure", caption, drawn(one, label, said), reading(one), id=name, class_="fig")


def drawn(one: Series, labelled_by: str, said: str) -> Markup:
    """The figure twice, for wide and for narrow places, by the same function."""
    both = (
        figures.svg_of(
            figures.trend(figure_data(one, narrow=narrow), canvas),
            alt=said,
            class_=css,
            role="img",
            aria_labelledby=labelled_by,
        )
        for narrow, canvas, css in ((False, figures.WIDE, "vw"), (True, figures.NARROW, "vn"))
    )
    return element("div", *both, class_="cv")


def figure_data(one: Series, *, narrow: bool = False) -> figures.TrendData:
    """Numbers and labels of the figure."""
    words, style = one.reader.words, one.style
    names = {"value": NOW, "prior_year": YEAR_AGO, "target": TARGET}
    lines = {}
    for column, template in names.items():
        last = one.last(column)
        label = "" if last is None else words(template, value=style.number(last))
        lines[column] = figures.Line(one.scaled(column), label)
    places = tuple(ticks(one.periods, one.reader, narrow=narrow))
    return figures.TrendData(lines["value"], lines["prior_year"], lines["target"], places)


def ticks(periods: Sequence[str], reader: Reader, *, narrow: bool) -> list[figures.Tick]:
    """Januaries with their year, and the last period."""
    found = []
    for place, text in enumerate(periods):
        try:
            period = Period.parse(text)
        except PeriodError:
            continue
        last = place == len(periods) - 1
        if period.start.month == 1 or last:
            found.append(figures.Tick(place, _tick(period, reader, narrow=narrow, last=last), last))
    return found


def _tick(period: Period, reader: Reader, *, narrow: bool, last: bool) -> str:
    if last and period.kind == "month":
        names = get_month_names("abbreviated", locale=reader.locale.replace("-", "_"))
        return str(names[period.start.month])
    if last and narrow and period.kind != "year":
        return str(period)[5:]
    return str(period.start.year) if narrow else period.label(reader.locale)


def message(one: Series, *, whole: bool = True) -> Markup:
    """What the figure says: value, attainment and change of the last period, as numbers only.

    Where units are missing, the value is not `whole` and is compared with nothing.
    """
    words, reader = one.reader.words, one.reader
    value = one.last("value")
    if value is None:
        return words.html("{metric}: no data in this period", metric=reader.metric(one.metric))
    parts = [
        words.html(
            "{metric} {figure}",
            metric=reader.metric(one.metric),
            figure=_bound(one, "value", one.style.text(value)),
        )
    ]
    achieved, change = (one.last("attainment"), one.last(_change(one))) if whole else (None, None)
    if achieved is not None:
        shown = percent(reader.locale).text(achieved)
        parts.append(words.html("attainment {figure}", figure=_bound(one, "attainment", shown)))
    if change is not None:
        figure = _bound(one, _change(one), _change_format(one).text(change, signed=True))
        parts.append(words.html("YoY {figure}", figure=figure))
    return clauses(parts, reader)


def _change(one: Series) -> str:
    """Column of the change on the year before: ratios differ in points."""
    return "yoy_difference" if one.is_ratio else "yoy"


def _change_format(one: Series) -> NumberFormat:
    if one.is_ratio:
        return difference_format(one.reader.definition(one.metric), one.style)
    return percent(one.reader.locale)


def _bound(one: Series, measure: str, text: str) -> Markup:
    key = record_key(one.metric, measure, one.unit, one.periods[-1])
    return element("span", text, class_=unbroken(text), data_key=key)


def _subtitle(one: Series) -> str:
    """Measure, unit, time and direction, in one line."""
    words, reader = one.reader.words, one.reader
    parts = [
        reader.metric(one.metric),
        one.style.unit,
        reader.unit(one.unit) if one.unit else "",
        f"{reader.period(one.periods[0])}—{reader.period(one.periods[-1])}",
        words(BETTER.get(str(reader.definition(one.metric).get("better")), "")),
    ]
    return ("，" if words.wide else ", ").join(part for part in parts if part)


def reading(one: Series) -> Markup:
    """Numbers beside the figure: now, target, a year ago, highest and lowest."""
    rows = [
        _read(one, mark("This period"), "value"),
        _read(one, mark("Target"), "target"),
        _read(one, mark("A year ago"), "prior_year"),
        *_extremes(one),
    ]
    missing = sum(value is None for value in one.column("value"))
    if missing:
        words = one.reader.words
        rows.append(
            _pair(
                words("No data"), words("{n} of {total} periods", n=missing, total=len(one.records))
            )
        )
    return element("dl", *rows, class_="four")


def _read(one: Series, label: str, name: str) -> Markup:
    words, value = one.reader.words, one.last(name)
    if value is None:
        reason = one.records[-1].get(name)
        text = reason.reason if isinstance(reason, NotApplicable) else "no data in this period"
        return _pair(words(label), element("span", reason_text(text, words), class_="na"))
    return _pair(words(label), _bound(one, name, one.style.text(value)), _distance(one, name))


def _distance(one: Series, name: str) -> str | Markup:
    """How far the last value lies from `name`, with sign."""
    value, base = one.last("value"), one.last(name)
    if name == "value" or value is None or base is None:
        return ""
    gap = value - base
    style = difference_format(one.reader.definition(one.metric), one.style, gap)
    text = style.text(gap, signed=True)
    figure = element("span", text, class_=unbroken(text))
    return one.reader.words.html("difference {figure}", figure=figure)


def _extremes(one: Series) -> list[Markup]:
    """Highest and lowest of the shown periods, and when they were."""
    known = [(v, p) for v, p in zip(one.column("value"), one.periods, strict=True) if v is not None]
    if len(known) < 2:
        return []
    words, reader = one.reader.words, one.reader
    return [
        _pair(words(label), _dated(one, value, period), reader.period(period))
        for label, (value, period) in (
            (mark("Highest"), max(known)),
            (mark("Lowest"), min(known)),
        )
    ]


def _dated(one: Series, value: float, period: str) -> Markup:
    key = record_key(one.metric, "value", one.unit, period)
    text = one.style.text(value)
    return element("span", text, class_=unbroken(text), data_key=key)


def _pair(term: str, shown: object, note: str | Markup = "") -> Markup:
    small = element("small", note) if note else None
    return element("div", element("dt", term), element("dd", shown, small))

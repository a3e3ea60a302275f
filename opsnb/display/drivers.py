"""Drivers: how the candidates move with a metric, and what they are worth together."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from itertools import groupby
from typing import Any

from markupsafe import Markup

from opsnb.display import figures
from opsnb.display.intervals import Interval, intervals
from opsnb.display.markup import anchor, element, join
from opsnb.display.numbers import NumberFormat
from opsnb.display.reader import Reader, number, records
from opsnb.display.reasons import reason_text
from opsnb.display.sentences import sentence
from opsnb.display.states import caveats
from opsnb.display.table import Cell, Group, Head, Row, Table, number_place, render
from opsnb.display.words import mark
from opsnb.keys import record_key
from opsnb.results import NotApplicable, Result

BASES = {
    "level": mark("as they are"),
    "adjusted": mark("without season"),
    "detrended": mark("without trend"),
    "differenced": mark("as changes from month to month"),
    "adjusted, detrended": mark("without season and trend"),
    "adjusted, differenced": mark("without season, as changes from month to month"),
}
FOUND, LEAST = "OPS045", 0.001
VERDICTS = {  # whether it stands out alone, and beside the others
    (True, True): mark("an effect beside the others"),
    (True, False): mark("moves with it, no effect of its own"),
    (False, True): mark("only beside the others: no conclusion"),
    (False, False): mark("not told from zero"),
}
Records = Sequence[Mapping[str, Any]]


def drivers(result: Result, reader: Reader) -> Markup:
    """A figure and a table a metric; a line where no candidates are named."""
    if not len(result.frame):
        why = reader.words("No metric names drivers in metrics.yaml; left out here.")
        return element("p", why, class_="note")
    effects = [row for part in result.parts for row in records(part)]
    shown = [
        _figure(
            list(rows), [row for row in effects if row["metric"] == metric], result, reader
        )
        for metric, rows in groupby(records(result), key=lambda row: str(row["metric"]))
    ]  # fmt: skip
    return join([*shown, caveats((), result.notes, reader)])


def _figure(rows: Records, effects: Records, result: Result, reader: Reader) -> Markup:
    words, metric, unit = reader.words, str(rows[0]["metric"]), str(rows[0]["unit"])
    name = anchor("drivers", metric, unit)
    head, sub, read = (f"{name}-{part}" for part in "tsd")
    found = [f for f in result.findings if f.code == FOUND and f.metric == metric]
    strong = {str(f.evidence["driver"]) for f in found}
    bars = tuple(_interval(row, strong, reader) for row in rows)
    caption = element(
        "figcaption",
        element("h3", message(metric, [r for r in rows if str(r["candidate"]) in strong], reader),
                id=head),
        element("p", number_place("figure", name), _subtitle(rows, reader), id=sub, class_="sub"),
    )  # fmt: skip
    axis = words("Correlation and its 95 % interval")
    both = (
        figures.svg_of(
            intervals(bars, axis, canvas), class_=css, role="img", aria_labelledby=f"{head} {read}"
        )
        for canvas, css in ((figures.WIDE, "vw"), (figures.NARROW, "vn"))
    )
    told = ("，" if words.wide else ", ").join(f"{bar.label} {bar.text}" for bar in bars)
    drawn = element("div", *both, element("p", told, id=read, class_="vh"), class_="cv")
    said = [element("p", sentence(f, reader.provenance, reader.locale)) for f in found]
    close = element("p", words("What moves together need not cause one another."))
    side = element("div", element("div", *said, *_fit(effects, reader), close, class_="say"),
                   class_="side")  # fmt: skip
    table = element("div", _table(rows, effects, strong, reader), class_="below")
    return element("figure", caption, drawn, side, table, id=name, class_="fig")


def message(metric: str, strong: Records, reader: Reader) -> Markup:
    """Which candidates move with the metric, the strongest first."""
    words, name = reader.words, reader.metric(metric)
    if not strong:
        return words.html("{metric}: none of the candidates can be told from chance", metric=name)
    order = sorted(strong, key=lambda row: -abs(row["correlation"]))
    shown = [
        words.html("{name} {figure}", name=reader.metric(str(row["candidate"])),
                   figure=_bound(row, "correlation", reader))
        for row in order
    ]  # fmt: skip
    return words.html("{metric} moves with {names}", metric=name,
                      names=join(shown, "、" if words.wide else ", "))  # fmt: skip


def _subtitle(rows: Records, reader: Reader) -> str:
    words = reader.words
    bases = dict.fromkeys(str(row["basis"]) for row in rows)
    months = max(int(row["nobs"]) for row in rows)
    parts = [
        words("{n} months to {period}", n=months, period=reader.period(str(rows[0]["period"]))),
        reader.unit(str(rows[0]["unit"])),
        *(words("series {basis}", basis=words(BASES[basis])) for basis in bases),
        words("{n} attempts corrected for", n=int(rows[0]["tried"])),
    ]
    return ("，" if words.wide else ", ").join(parts)


def _interval(row: Mapping[str, Any], strong: set[str], reader: Reader) -> Interval:
    ends = [number(row[name]) for name in ("ci_lower", "correlation", "ci_upper")]
    low, value, high = (math.nan if end is None else end for end in ends)
    missing = row["correlation"]
    text = (
        reason_text(missing.reason, reader.words)
        if isinstance(missing, NotApplicable)
        else _two(reader).number(value, signed=True)
    )
    label = reader.metric(str(row["candidate"]))
    return Interval(label, low, value, high, text, str(row["candidate"]) in strong)


def _two(reader: Reader) -> NumberFormat:
    return NumberFormat(reader.locale, 0, 2)


def _bound(row: Mapping[str, Any], column: str, reader: Reader) -> Markup:
    by = {"candidate": str(row["candidate"])}
    key = record_key(str(row["metric"]), column, str(row["unit"]), str(row["period"]), by)
    shown = _two(reader).number(float(row[column]), signed=True)
    return element("span", shown, class_="n", data_key=key)


def _fit(effects: Records, reader: Reader) -> list[Markup]:
    """How much the candidates explain together, and what the residuals say of it."""
    if not effects:
        return []
    words, first = reader.words, effects[0]
    share = NumberFormat(reader.locale, -2, 0, after="%").text(float(first["rsquared"]))
    told = words("Together they explain {share} of what moves.", share=share)
    test = number(first["ljung_box_pvalue"])
    if test is not None and test < 0.05:
        told += words(" What they leave is autocorrelated; the intervals allow for it.")
    return [element("p", told)]


def _table(rows: Records, effects: Records, strong: set[str], reader: Reader) -> Markup:
    words = reader.words
    heads = (
        Head(words("Candidate"), "text"),
        Head(words("Ahead by"), note=words("months")),
        Head(words("Correlation"), note=words("Pearson, below it the interval")),
        Head(words("Rank correlation"), note="Spearman"),
        Head(words("p value"), note=words("corrected")),
        Head(words("Effect"), note=words("standard deviations, below it the interval")),
        Head("VIF"),
        Head(words("Reading"), "text"),
    )
    own = {str(row["candidate"]): row for row in effects}
    body = tuple(_row(row, own.get(str(row["candidate"])), strong, reader) for row in rows)
    name = anchor("drivers-table", str(rows[0]["metric"]), str(rows[0]["unit"]))
    caption = words(
        "{metric} and its candidates: correlation alone, regression together",
        metric=reader.metric(str(rows[0]["metric"])),
    )
    return render(Table(caption, heads, (Group(body),), "scroll", "dr", name), words)


def _row(
    row: Mapping[str, Any], effect: Mapping[str, Any] | None, strong: set[str], reader: Reader
) -> Row:
    words, two = reader.words, _two(reader)
    told = [
        _with_interval(row, "correlation", reader),
        _cell(row["rank_correlation"], lambda value: two.number(value, signed=True)),
        _cell(row["pvalue_adjusted"], lambda value: _pvalue(value, reader)),
    ]
    if effect is None:
        fitted = [Cell(reason="too few points"), Cell(reason="too few points")]
    else:
        one = NumberFormat(reader.locale, 0, 1)
        fitted = [_with_interval(effect, "param", reader), _cell(effect["vif"], one.number)]
    distinct = effect is not None and effect["distinguishable"] == "yes"
    verdict = words(VERDICTS[str(row["candidate"]) in strong, distinct])
    lag = Cell(str(int(row["lag"])))
    return Row(reader.metric(str(row["candidate"])), (lag, *told, *fitted, Cell(verdict)))


def _cell(value: object, shown: Callable[[float], Markup | str]) -> Cell:
    """Cell of a number, or of the reason why there is none."""
    if isinstance(value, NotApplicable):
        return Cell(reason=value.reason)
    return Cell(shown(float(value)))  # type: ignore[arg-type]


def _with_interval(row: Mapping[str, Any], column: str, reader: Reader) -> Cell:
    two, ends = _two(reader), [row[name] for name in ("ci_lower", "ci_upper")]
    if isinstance(row[column], NotApplicable):
        return Cell(reason=row[column].reason)
    shown = [_bound(row, column, reader)]
    if not any(isinstance(end, NotApplicable) for end in ends):
        small = " … ".join(two.number(float(end), signed=True) for end in ends)
        shown += [element("br"), element("small", small)]
    return Cell(join(shown))


def _pvalue(value: float, reader: Reader) -> str:
    three = NumberFormat(reader.locale, 0, 3)
    return f"< {three.number(LEAST)}" if value < LEAST else three.number(value)

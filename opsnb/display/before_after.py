"""Before and after: the series beside what would have been, the effect, and what it hangs on."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from opsnb.display import figures
from opsnb.display.backtests import figure_key
from opsnb.display.fan import FanData, fan
from opsnb.display.markup import anchor, element, join
from opsnb.display.numbers import NumberFormat, count, difference_format, largest, percent
from opsnb.display.reader import Reader, number, numbers_in, records
from opsnb.display.table import Cell, Group, Head, Row, Table, number_place, render
from opsnb.display.trend import ticks
from opsnb.display.words import mark
from opsnb.results import NotApplicable, Result

Record = Mapping[str, Any]
ESTIMATES: dict[str, str] = {
    "mean": mark("Mean effect a month"),
    "total": mark("Sum of the effect"),
    "slope": mark("Change of the slope, a month"),
}
VARIANTS: dict[str, str] = {
    "usual": mark("As above"),
    "no_slope": mark("Level alone"),
    "no_season": mark("Without a season"),
    "no_trend": mark("Without a trend"),
    "no_control": mark("Without the control"),
    "later": mark("First month left out"),
}
SEASONS: dict[str, str] = {
    "months": mark("a season by month"),
    "harmonics": mark("a smooth season"),
    "": mark("no season"),
}
SHOWN, SMALLEST = 36, 0.001
DECIDED = 0.05
BY = ("since", "estimate")
MEASURES = ("effect", "relative")


def before_after(result: Result, reader: Reader) -> Markup:
    """Figure, effects, and what the regression has in it."""
    rows, path = records(result), records(result.part("before_after_path"))
    style = reader.format(str(rows[0]["metric"]), [row["adjusted_value"] for row in path])
    values = numbers_in(row["effect"] for row in rows)
    small = difference_format(reader.definition(str(rows[0]["metric"])), style, largest(values))
    return join(
        [
            _figure(rows[0], path, style, small, reader),
            render(_effects(rows, small, reader), reader.words),
            element("p", _method(rows[0], reader), class_="note"),
        ]
    )


def robustness(result: Result, reader: Reader) -> Markup:
    """The same under other assumptions, and in months without a change."""
    rows = records(result)
    metric = str(rows[0]["metric"])
    values = numbers_in(row["effect"] for row in rows)
    style = reader.format(metric, values)
    small = difference_format(reader.definition(metric), style, largest(values))
    told = [_placebos(row, reader) for row in records(result.part("before_after_placebos"))]
    return join([render(_others(rows, small, reader), reader.words), *told])


def _figure(
    first: Record, path: list[dict[str, Any]], style: NumberFormat, small: NumberFormat,
    reader: Reader,
) -> Markup:  # fmt: skip
    words, metric = reader.words, str(first["metric"])
    name = anchor("before-after", metric, str(first["unit"]))
    head, sub = f"{name}-t", f"{name}-d"
    since = reader.period(str(first["since"]))
    parts = (
        reader.metric(metric), style.unit, reader.unit(str(first["unit"])),
        words("adjusted for the calendar; dashed: what would have been, with its 95 % interval"),
    )  # fmt: skip
    told = ("，" if words.wide else ", ").join(part for part in parts if part)
    caption = element(
        "figcaption",
        element("h3", _message(first, small, since, reader), id=head),
        element("p", number_place("figure", name), told, id=sub, class_="sub"),
    )
    both = (
        figures.svg_of(
            fan(_data(first, path, style, reader, narrow=narrow), canvas), class_=css, role="img",
            aria_labelledby=f"{head} {sub}",
        )
        for narrow, canvas, css in ((False, figures.WIDE, "vw"), (True, figures.NARROW, "vn"))
    )  # fmt: skip
    return element("figure", caption, element("div", *both, class_="cv"), id=name, class_="fig")


def _message(first: Record, small: NumberFormat, since: str, reader: Reader) -> Markup:
    """Mean effect with its interval, and whether it is more than chance."""
    words, metric = reader.words, reader.metric(str(first["metric"]))
    shown = {
        name: element(
            "span", small.text(float(first[f"effect{end}"]), signed=True), class_="n",
            data_key=figure_key(first, f"effect{end}", *BY),
        )
        for name, end in (("figure", ""), ("lower", "_lower"), ("upper", "_upper"))
    }  # fmt: skip
    if float(first["pvalue"]) >= DECIDED:
        return words.html(
            "{metric} since {since}: {figure} a month, 95 % interval {lower} to {upper}: no more "
            "than chance may bring", metric=metric, since=since, **shown,
        )  # fmt: skip
    return words.html(
        "{metric} since {since}: {figure} a month, 95 % interval {lower} to {upper}",
        metric=metric, since=since, **shown,
    )  # fmt: skip


def _data(
    first: Record, path: list[dict[str, Any]], style: NumberFormat, reader: Reader, *, narrow: bool
) -> FanData:
    words = reader.words
    begin = next(i for i, row in enumerate(path) if row["target_period"] == first["since"])
    cut = max(min(len(path) - SHOWN, begin - 12), 0)
    shown, begin = path[cut:], begin - cut
    lines = {
        name: [style.scaled(value) if (value := number(row[name])) is not None else math.nan
               for row in shown]
        for name in ("adjusted_value", "without", "without_lower", "without_upper")
    }  # fmt: skip
    joint = lines["adjusted_value"][begin - 1]
    ahead = {
        name: (*[math.nan] * (begin - 1), joint, *lines[name][begin:])
        for name in ("without", "without_lower", "without_upper")
    }
    nothing = figures.Line((math.nan,) * len(shown), "")
    last = next((v for v in reversed(ahead["without"]) if math.isfinite(v)), math.nan)
    label = words("Without {value}", value=style.number(last / style.scaled(1.0)))
    ends = (figures.Line(ahead["without_lower"], ""), figures.Line(ahead["without_upper"], ""))
    return FanData(
        figures.Line(tuple(lines["adjusted_value"]), ""), nothing, nothing,
        figures.Line(ahead["without"], label), ends, ends, None,
        tuple(ticks([str(row["target_period"]) for row in shown], reader, narrow=narrow)),
        (words("before"), words("after")),
    )  # fmt: skip


def _effects(rows: list[dict[str, Any]], small: NumberFormat, reader: Reader) -> Table:
    words = reader.words
    heads = (
        Head(words("Effect"), "text"), Head(words("Estimate"), note=small.unit, css="a"),
        Head(words("95 % interval"), note=small.unit), Head(words("As a share"), note="%"),
        Head(words("95 % interval"), note="%"), Head(words("p value")),
    )  # fmt: skip
    body = tuple(
        Row(
            words(ESTIMATES[str(row["estimate"])]),
            (*_cells(row, small, BY, reader),
             _p(row, reader)),
        )
        for row in rows
    )  # fmt: skip
    caption = words("Effect of the change")
    return Table(caption, heads, (Group(body),), "scroll", "gt", "before-after")


def _cells(
    row: Record, small: NumberFormat, by: tuple[str, ...], reader: Reader,
    names: tuple[str, ...] = MEASURES,
) -> tuple[Cell, ...]:  # fmt: skip
    """Estimate and interval, by the unit and as a share."""
    styles = {"effect": small, "relative": percent(reader.locale)}
    found = []
    for name in names:
        style, value = styles[name], row[name]
        if isinstance(value, NotApplicable):
            found += [Cell(reason=value.reason)] * 2
            continue
        ends = [
            element("data", style.number(float(row[f"{name}_{end}"]), signed=True),
                    data_key=figure_key(row, f"{name}_{end}", *by))
            for end in ("lower", "upper")
        ]  # fmt: skip
        found += [
            Cell(style.number(float(value), signed=True), key=figure_key(row, name, *by)),
            Cell(reader.words.html("{low} to {high}", low=ends[0], high=ends[1])),
        ]
    return tuple(found)


def _p(row: Record, reader: Reader) -> Cell:
    """P value; one that three decimals do not tell is said to be below."""
    value = float(row["pvalue"])
    if value < SMALLEST:
        return Cell("<0.001")
    shown = NumberFormat(reader.locale, 0, 3).number(value)
    return Cell(shown, key=figure_key(row, "pvalue", *BY))


def _method(row: Record, reader: Reader) -> Markup:
    """What the regression has in it, and what it was made of."""
    words = reader.words
    whole = count(reader.locale)
    parts = {
        name: element("data", whole.text(float(row[f"months_{name}"])),
                      data_key=figure_key(row, f"months_{name}", *BY))
        for name in ("before", "after")
    }  # fmt: skip
    rho = element("data", NumberFormat(reader.locale, 0, 2).number(float(row["autocorrelation"])),
                  data_key=figure_key(row, "autocorrelation", *BY))  # fmt: skip
    text = words.html(
        "Segmented regression with a trend and {season} on {before} months before and {after} "
        "after; errors depend on the month before by {rho}, weighed by restricted likelihood.",
        season=words(SEASONS[str(row["season"])]), rho=rho, **parts,
    )  # fmt: skip
    control = str(row["control"])
    if not control:
        return text
    kind, _, unit = control.partition(":")
    name = reader.metric(control)
    if kind == "unit":
        name = reader.unit(unit) if unit else words("another unit")
    return join([text, words("Control: {name}.", name=name)], " ")


def _placebos(row: Record, reader: Reader) -> Markup:
    """How often months without a change have an estimate as large."""
    whole = count(reader.locale)
    shown = {
        name: element("data", whole.text(float(row[name])), data_key=figure_key(row, name, "since"))
        for name in ("number", "as_far")
    }
    told = reader.words.html(
        "Tried at {number} months before in which nothing was changed: {as_far} of them have an "
        "estimate as large.", **shown,
    )  # fmt: skip
    return element("p", told, class_="note")


def _others(rows: list[dict[str, Any]], small: NumberFormat, reader: Reader) -> Table:
    words = reader.words
    shares = any(number(row["relative"]) is not None for row in rows)
    names = MEASURES if shares else MEASURES[:1]
    heads = (
        Head(words("Assumption"), "text"), Head(words("Mean effect a month"), note=small.unit),
        Head(words("95 % interval"), note=small.unit),
        *((Head(words("As a share"), note="%"), Head(words("95 % interval"), note="%"))
          if shares else ()),
    )  # fmt: skip
    body = tuple(
        Row(
            words(VARIANTS[str(row["variant"])]),
            _cells(row, small, ("since", "variant"), reader, names),
        )
        for row in rows
    )
    caption = words("The same under other assumptions")
    return Table(caption, heads, (Group(body),), "fit", "gt", "before-after-variants")

"""Exceptions: each signal with its control chart and the four lines that a reader asks for."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from opsnb.display import figures
from opsnb.display.control import ControlData, Flag, control
from opsnb.display.markup import anchor, element, join
from opsnb.display.measures import MetricRow, gap_in_points, metric_rows
from opsnb.display.notes import written
from opsnb.display.numbers import NumberFormat
from opsnb.display.reader import Reader, number, records
from opsnb.display.reasons import reason_text
from opsnb.display.sentences import clauses, details, lead
from opsnb.display.signals import GROWTH, growth_format, named
from opsnb.display.table import Cell, Group, Head, Row, Table, number_place, render
from opsnb.display.trend import BETTER, Series, series, ticks
from opsnb.display.verdicts import Verdict, assurance_icon, variation_icon
from opsnb.display.words import mark
from opsnb.results import Finding, Result

LINES = ("point", "center", "lower", "upper")
TRIED = mark("limits tried anew")
SIGNALS = {
    "outside": mark("a point outside its limits"),
    "trend": mark("a run in one direction"),
    "two_of_three": mark("points near one limit"),
    "shift": mark("a run on one side of the centre"),
}
GOOD = {"high": "higher", "up": "higher", "low": "lower", "down": "lower"}
PROMISE = {
    "pass": mark("The limits promise the target."),
    "inconsistent": mark("The target lies within the limits: meeting it is luck."),
    "fail": mark("Without a change of the process the target is not met."),
    "none": mark("There is no target to compare with."),
}


def exceptions(result: Result, reader: Reader) -> Markup:
    """A figure a signal, in the order of the findings; what has no figure stands in a list."""
    if not result.findings:
        text = reader.words("No control chart shows a signal: what rises and falls is stable.")
        return element("p", text, class_="note")
    drawn = {(one.metric, one.unit): one for one in series(result, reader)}
    rows = metric_rows((row for part in result.parts for row in records(part)), reader)
    stakes = {(row.metric, row.unit): row for row in rows}
    shown, rest = [], []
    for finding in result.findings:
        about = (finding.metric, finding.unit)
        if about in drawn and about in stakes:
            shown.append(_figure(drawn[about], finding, stakes[about], reader))
        else:
            rest.append((finding, stakes.get(about)))
    return join(shown) + _others(rest, reader)


def control_chart(result: Result, reader: Reader) -> Markup:
    """Chart of one metric, with what its last month says; or why there is none."""
    (row,) = metric_rows((row for part in result.parts for row in records(part)), reader)
    drawn = series(result, reader)
    if not drawn:
        (why,) = result.parts[0].notes or ("too few points",)
        return element("p", reason_text(why, reader.words), class_="note")
    (one,) = drawn
    name = anchor("chart", one.metric, one.unit)
    head, said = f"{name}-t", f"{name}-d"
    last = one.records[-1]
    signal = reader.words(SIGNALS[str(last["signal"])]) if last["signal"] else ""
    title = reader.words("{metric}: {signal}.", metric=reader.metric(one.metric), signal=signal)
    calm = reader.words("{metric}: no signal.", metric=reader.metric(one.metric))
    caption = element(
        "figcaption",
        element("h3", title if signal else calm, id=head),
        element("p", number_place("figure", name), _subtitle(one, row, reader), id=said,
                class_="sub"),
    )  # fmt: skip
    return element("figure", caption, _drawing(one, row, f"{head} {said}"), _marks(row, reader),
                   id=name, class_="fig")  # fmt: skip


def _marks(row: MetricRow, reader: Reader) -> Markup:
    """Icons of variation and assurance, in words, and what the limits promise."""
    words, values = reader.words, row.values
    better = str(reader.definition(row.metric).get("better", "higher"))
    verdict = Verdict(str(values["variation"]), str(values["assurance"]), better)
    icons = element("span", variation_icon(verdict, words, labelled=True),
                    assurance_icon(verdict, words, labelled=True), class_="ics")  # fmt: skip
    promise = words(PROMISE.get(str(values["assurance"]), PROMISE["none"]))
    return element("div", element("p", icons), element("p", promise), class_="say")


def _figure(one: Series, finding: Finding, stake: MetricRow, reader: Reader) -> Markup:
    name = anchor("exc", one.metric, one.unit)
    head, said = f"{name}-t", f"{name}-d"
    caption = element(
        "figcaption",
        element("h3", headed(finding, reader), id=head),
        element("p", number_place("figure", name), _subtitle(one, stake, reader), class_="sub"),
    )
    drawing = _drawing(one, stake, f"{head} {said}")
    return element("figure", caption, drawing, _lines(finding, stake, said, reader), id=name,
                   class_="fig")  # fmt: skip


def _drawing(one: Series, stake: MetricRow, label: str) -> Markup:
    both = (
        figures.svg_of(
            control(control_data(one, stake, narrow=narrow), canvas),
            class_=css,
            role="img",
            aria_labelledby=label,
        )
        for narrow, canvas, css in ((False, figures.WIDE, "vw"), (True, figures.NARROW, "vn"))
    )
    return element("div", *both, class_="cv")


def headed(finding: Finding, reader: Reader) -> Markup:
    """Fact of a finding without its full stop, as a heading."""
    said = lead(finding, reader)
    return Markup(said[:-1]) if said.endswith(("。", ".")) else said  # noqa: S704 it is Markup


def _subtitle(one: Series, stake: MetricRow, reader: Reader) -> str:
    """Measure, unit, time, direction and the basis of comparison, in one line."""
    words = reader.words
    parts = [
        reader.metric(one.metric),
        _format(one, str(stake.values["basis"])).unit,
        reader.unit(one.unit) if one.unit else "",
        f"{reader.period(one.periods[0])}—{reader.period(one.periods[-1])}",
        words(BETTER.get(str(reader.definition(one.metric).get("better")), "")),
        named("basis", str(stake.values["basis"]), reader),
        words("trial limits") if one.records[-1]["trial"] == "yes" else "",
    ]
    return ("，" if words.wide else ", ").join(part for part in parts if part)


def _format(one: Series, basis: str) -> NumberFormat:
    """Format of the numbers of a chart: the metric's, or growth."""
    if basis == GROWTH:
        return growth_format(one.metric, one.reader)
    return one.reader.format(one.metric, [row.get(name) for row in one.records for name in LINES])


def control_data(one: Series, stake: MetricRow, *, narrow: bool = False) -> ControlData:
    """Numbers and labels of the figure."""
    basis, words = str(stake.values["basis"]), one.reader.words
    style = _format(one, basis)
    texts = {
        "point": mark("Now {value}"),
        "center": mark("Centre {value}"),
        "lower": mark("Lower {value}"),
        "upper": mark("Upper {value}"),
    }
    lines = {}
    for column, template in texts.items():
        last, values = one.last(column), _scaled(one, column, style)
        text = "" if last is None else style.number(last, signed=basis == GROWTH)
        lines[column] = figures.Line(values, words(template, value=text) if text else "")
    rows = one.records
    return ControlData(
        lines["point"],
        lines["center"],
        lines["lower"],
        lines["upper"],
        (_scaled(one, "near_lower", style), _scaled(one, "near_upper", style)),
        tuple(int(number(row["segment"]) or 0) for row in rows),
        tuple(_flag(place, one) for place, row in enumerate(rows) if row["signal"]),
        _target(one, style) if basis != GROWTH else None,
        tuple((place, _segment(row, one)) for place, row in enumerate(rows) if row["cause"]),
        tuple(ticks(one.periods, one.reader, narrow=narrow)),
    )


def _segment(row: Mapping[str, Any], one: Series) -> str:
    """Why new limits begin: as somebody has recorded it, or that they are tried."""
    cause = str(row["cause"])
    return one.reader.words(TRIED) if cause == TRIED else cause


def _scaled(one: Series, column: str, style: NumberFormat) -> tuple[float, ...]:
    return tuple(math.nan if v is None else style.scaled(v) for v in one.column(column))


def _flag(place: int, one: Series) -> Flag:
    """Signal of a month; only those that last to the reported one are coloured."""
    row, better = one.records[place], one.reader.definition(one.metric).get("better")
    way = str(row["direction"])
    if any(str(later["direction"]) != way for later in one.records[place:]):
        return Flag(place, str(row["signal"]), "past")
    tone = "" if better == "band" else "good" if GOOD.get(way) == better else "bad"
    return Flag(place, str(row["signal"]), tone)


def _target(one: Series, style: NumberFormat) -> figures.Line | None:
    """Targets of the months, on the scale of the points."""
    target = one.last("adjusted_target")
    if target is None:
        return None
    text = one.reader.words("Target {value}", value=style.number(target))
    return figures.Line(_scaled(one, "adjusted_target", style), text)


def _lines(finding: Finding, stake: MetricRow, said: str, reader: Reader) -> Markup:
    """What the chart says, cause, measure and risk."""
    words, values = reader.words, stake.values
    unknown = element("span", words("not reported yet"), class_="na")
    cause, note = written(str(values["cause"]), reader), _noted(stake, reader)
    verdict = Verdict(
        str(values["variation"]),
        str(values["assurance"]),
        str(reader.definition(finding.metric).get("better", "higher")),
    )
    icons = element(
        "span",
        variation_icon(verdict, words, labelled=True),
        assurance_icon(verdict, words, labelled=True),
        class_="ics",
    )
    pairs = (
        (words("The chart"), join([element("span", details(finding, reader), id=said), icons])),
        (words("Cause"), join([cause, note]) if cause else unknown),
        (words("Measure"), written(str(values["measure"]), reader) or unknown),
        (words("Risk"), _risk(stake, reader)),
    )
    rows = (element("div", element("dt", term), element("dd", shown)) for term, shown in pairs)
    return element("dl", *rows, class_="four")


def _noted(stake: MetricRow, reader: Reader) -> Markup:
    """Who wrote a note; one for an earlier month is stale."""
    words, values = reader.words, stake.values
    author = reader.owner(str(values["author"]))
    who = element("small", words("noted by {author}", author=author)) if author else Markup("")
    if not values["noted"]:
        return who
    stale = words("written for {period}, stale", period=reader.period(str(values["noted"])))
    return who + element("span", stale, class_="tag")


def _risk(stake: MetricRow, reader: Reader) -> Markup:
    """What the limits promise, and how the year stands against time progress."""
    words = reader.words
    parts: list[object] = [words(PROMISE.get(str(stake.values["assurance"]), PROMISE["none"]))]
    reached, passed = stake.number("year_attainment"), stake.number("time_progress")
    if reached is not None and passed is not None:
        figure = element(
            "span", stake.text("year_attainment"), class_="n", data_key=stake.key("year_attainment")
        )
        parts.append(
            words.html(
                "The year's target is reached to {figure}, {gap} against time progress.",
                figure=figure,
                gap=gap_in_points(reached, passed, reader),
            )
        )
    return join(parts, "" if words.wide else " ")


def _others(rest: Sequence[tuple[Finding, MetricRow | None]], reader: Reader) -> Markup:
    """The signals without a figure."""
    if not rest:
        return Markup("")
    words = reader.words
    heads = (Head(words("Further signals"), "text"), Head(words("Cause"), "text"))
    rows = tuple(
        Row(
            clauses([lead(finding, reader) + details(finding, reader)], reader),
            (Cell(_cause(stake, reader)),),
            anchor("sig", finding.metric, finding.unit),
        )
        for finding, stake in rest
    )
    caption = words("Further signals, {period}", period=reader.this_period)
    return render(Table(caption, heads, (Group(rows),), "stack", "pb", "signals"), words)


def _cause(stake: MetricRow | None, reader: Reader) -> Markup | str:
    """Cause as it was noted, or that none is."""
    noted = written(str(stake.values["cause"]), reader) if stake else Markup("")
    return noted or reader.words("not reported yet")

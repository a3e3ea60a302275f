"""Accountability: what earlier reports said of the months that are now known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from opsnb.display.backtests import bounds, figure_key, score_table, styled_cell
from opsnb.display.forecast import drawing, message, spoken, subtitle
from opsnb.display.forecasts import INNER, Forecast, chance, forecasts
from opsnb.display.icons import icon
from opsnb.display.markup import anchor, element, join
from opsnb.display.numbers import NumberFormat, count, difference_format, percent
from opsnb.display.odds import odds_note
from opsnb.display.reader import Reader, number, records
from opsnb.display.sentences import sentence
from opsnb.display.table import Cell, Group, Head, Row, Table, number_place, render
from opsnb.display.words import mark
from opsnb.keys import record_key
from opsnb.results import NotApplicable, Result

Record = Mapping[str, Any]
VERDICTS = {
    "80": mark("within 80 %"),
    "95": mark("within 95 %"),
    "outside": mark("outside 95 %"),
}


def accountability(result: Result, reader: Reader) -> Markup:
    """Last forecast against what came, then the scores of all that were issued."""
    words, rows = reader.words, records(result)
    parts = {part.name: part for part in result.parts}
    said = told(result, reader)
    if not any(number(row["issued_checked"]) for row in rows):
        return join([element("p", none_yet(reader), class_="note"), *said])
    caption = words("Forecasts that reports issued, scored on what came; all months ahead together")
    scored = [row for row in rows if number(row["issued_checked"])]
    return join(
        [
            last_table(records(parts["last"]), reader),
            score_table(scored, caption, "issued", reader, "issued_"),
            *said,
        ]
    )


def none_yet(reader: Reader) -> str:
    """Statement of the first month."""
    return reader.words(
        "No report of an earlier month has issued a forecast yet, so there is nothing to hold to "
        "account; “opsnb batch --period FIRST..LAST” fills in the history."
    )


def told(result: Result, reader: Reader) -> list[Markup]:
    """Coverage over all metrics in a sentence, and what the findings say."""
    (whole,) = (records(part)[0] for part in result.parts if part.name == "all_issued")
    lines = []
    if number(whole["held_of"]):
        lines.append(coverage(whole, reader))
    if number(whole["defined_otherwise"]):
        left = count(reader.locale).text(float(whole["defined_otherwise"]))
        bound = element("span", left, class_="n", data_key=figure_key(whole, "defined_otherwise"))
        lines.append(
            reader.words.html(
                "{n} forecasts of metrics that were defined otherwise then are left out.", n=bound
            )
        )
    lines += [
        sentence(finding, reader.provenance, reader.locale)
        for finding in result.findings
        if finding.code in ("OPS072", "OPS073")
    ]
    return [element("p", line, class_="note") for line in lines]


def coverage(whole: Record, reader: Reader) -> Markup:
    """How many of the next month's values the issued intervals held."""
    words = reader.words

    def bound(name: str, style: NumberFormat) -> Markup:
        text = style.text(float(whole[name]))
        return element("span", text, class_="n", data_key=figure_key(whole, name))

    counted = count(reader.locale)
    line = words.html(
        "Over all metrics, {n} forecasts of the next month by {months} earlier reports: intervals "
        "of 80 % held {inner} of the values, those of 95 % held {outer}.",
        n=bound("held_of", counted), months=bound("months_scored", counted),
        inner=bound("held_80", percent(reader.locale, 0)),
        outer=bound("held_95", percent(reader.locale, 0)),
    )  # fmt: skip
    if not number(whole["made_later"]):
        return line
    late = words.html(
        "{n} of these reports were made after the months they speak of, from the data of today.",
        n=bound("made_later", counted),
    )
    return join([line, late], "" if words.wide else " ")


def last_table(rows: Sequence[Record], reader: Reader) -> Markup:
    """What the month before said of this one, beside what came."""
    words = reader.words
    known = [row for row in rows if number(row["last_forecast"]) is not None]
    if not known:
        said = words("The month before has issued no forecast of this one.")
        return element("p", said, class_="note")
    heads = (
        Head(words("Metric"), "text"),
        Head(words("Forecast"), note=words("a month ago")),
        Head(words("80 % interval")),
        Head(words("Actual"), css="a"),
        Head(words("Error"), note=words("%; points of ratios")),
        Head(words("Actual lies"), "text"),
    )
    body = tuple(Row(_named(row, reader), _last_cells(row, reader)) for row in known)
    caption = words("Last forecast against actual, {period}", period=reader.this_period)
    return render(Table(caption, heads, (Group(body),), "scroll", "dr", "last-forecast"), words)


def _style(row: Record, reader: Reader) -> NumberFormat:
    return reader.format(str(row["metric"]), [row["actual"], row["last_forecast"]])


def _named(row: Record, reader: Reader) -> Markup:
    unit = element("small", _style(row, reader).unit, class_="u")
    return join([reader.metric(str(row["metric"])), unit], " ")


def _last_cells(row: Record, reader: Reader) -> tuple[Cell, ...]:
    style = _style(row, reader)

    ends = bounds(row, ("last_lower", "last_upper"), style)
    verdict = str(row["verdict"])
    words = reader.words(VERDICTS[verdict]) if verdict else ""
    return (styled_cell(row, "last_forecast", style), Cell(ends), styled_cell(row, "actual", style),
            error_cell(row, style, reader),
            Cell(words, css="hot" if verdict == "outside" else ""))  # fmt: skip


def error_cell(row: Record, style: NumberFormat, reader: Reader) -> Cell:
    """Actual against the forecast, in percent; a ratio's in points."""
    metric = str(row["metric"])
    share, gap = number(row["last_error"]), number(row["last_error_difference"])
    if share is not None:
        text = percent(reader.locale).number(share, signed=True)
        return Cell(text, key=figure_key(row, "last_error"))
    if gap is None:
        reason = row["last_error"]
        return Cell(reason=reason.reason if isinstance(reason, NotApplicable) else "")
    text = difference_format(reader.definition(metric), style, None).number(gap, signed=True)
    return Cell(text, key=figure_key(row, "last_error_difference"))


def outlook(result: Result, reader: Reader) -> Markup:
    """Section of the monthly report: one fan chart, and every metric's last and next forecast."""
    found = forecasts(result, reader)
    if not found:
        return element("p", reader.words("There are no metrics to show."), class_="note")
    account = result.part("accountability")
    last = {str(row["metric"]): row for row in records(account.part("last"))}
    drawn = next((one for one in found if one.row["key"] == "yes" and one.is_known), None)
    is_first = not any(number(row["last_forecast"]) is not None for row in last.values())
    levels = {f.metric: f.severity for f in result.findings if f.code == "OPS070"}
    return join(
        [
            _chart(drawn, last.get(drawn.metric), reader) if drawn else None,
            _table(found, last, levels, reader, is_first=is_first),
            odds_note(result, reader),
            element("p", none_yet(reader), class_="note") if is_first else None,
            *told(account, reader),
        ]
    )


def _chart(one: Forecast, last: Record | None, reader: Reader) -> Markup:
    name = anchor("outlook", one.metric, one.unit)
    head, said = f"{name}-t", f"{name}-d"
    has_last = last is not None and number(last["last_forecast"]) is not None
    caption = element(
        "figcaption",
        element("h3", message(one, reader), id=head),
        element("p", number_place("figure", name), subtitle(one, reader), class_="sub"),
    )
    drawn = drawing(one, reader, f"{head} {said}", spoken(one, reader, said),
                    last if has_last else None)  # fmt: skip
    lines = [_ahead(one, reader), _run_rate(one, reader), _last_line(last, reader)]
    side = element("div", *(element("p", line) for line in lines if line), class_="say")
    return element("figure", caption, drawn, side, id=name, class_="fig")


def _ahead(one: Forecast, reader: Reader) -> Markup:
    month = one.months[0]
    return reader.words.html(
        "{period}: {figure} {unit} expected, 80 % interval {interval}.",
        period=reader.period(month), figure=one.mean(month), unit=one.style.unit,
        interval=one.interval(month, INNER, one.style) or "",
    )  # fmt: skip


def _run_rate(one: Forecast, reader: Reader) -> Markup | None:
    rates = [one.row["required_run_rate"], one.row["expected_run_rate"]]
    if any(number(rate) is None for rate in rates):
        return None
    style = reader.format(one.metric, rates)
    return reader.words.html(
        "The year's target takes {required} every remaining workday, {expected} is expected.",
        required=one.summary("required_run_rate", style),
        expected=one.summary("expected_run_rate", style),
    )


def _last_line(last: Record | None, reader: Reader) -> Markup | None:
    """What the month before said of this one (a diamond in the figure)."""
    if last is None or number(last["last_forecast"]) is None or number(last["actual"]) is None:
        return None
    style = _style(last, reader)

    def bound(name: str) -> Markup:
        text = style.text(float(last[name]))
        return element("span", text, class_="n", data_key=figure_key(last, name))

    return reader.words.html(
        "A month ago (◇) {forecast} was expected for this month; it came to {actual}, {verdict}.",
        forecast=bound("last_forecast"), actual=bound("actual"),
        verdict=reader.words(VERDICTS[str(last["verdict"])]),
    )  # fmt: skip


def _table(
    found: Sequence[Forecast], last: Mapping[str, Record], levels: Mapping[str, str],
    reader: Reader, *, is_first: bool,
) -> Markup:  # fmt: skip
    """Every metric: the last forecast against actual, the next month, the year."""
    words = reader.words
    heads = (
        Head(words("Metric"), "text"),
        *(() if is_first else (
            Head(words("Last forecast")), Head(words("Actual"), css="a"),
            Head(words("Error"), note=words("%; points of ratios")),
            Head(words("Actual lies"), "text"),
        )),
        Head(words("Next month"), css="a" if is_first else ""),
        Head(words("80 % interval")),
        Head(words("Full-year forecast")),
        Head(words("P(target met)")),
    )  # fmt: skip
    body = tuple(
        _row(one, None if is_first else last.get(one.metric), levels.get(one.metric, ""), reader)
        for one in found
    )
    caption = words("Last and next forecast of every metric, {period}", period=reader.this_period)
    return render(Table(caption, heads, (Group(body),), "scroll", "dr", "outlook"), words)


def _row(one: Forecast, last: Record | None, level: str, reader: Reader) -> Row:
    name = join([reader.metric(one.metric), element("small", one.style.unit, class_="u"),
                 icon(level, reader.words) if level else None], " ")  # fmt: skip
    before: tuple[Cell, ...] = ()
    if last is not None:
        known = _last_cells(last, reader) if number(last["last_forecast"]) is not None else None
        none = last["last_forecast"]
        reason = none.reason if isinstance(none, NotApplicable) else ""
        before = (known[0], *known[2:]) if known else (Cell(reason=reason),) * 4
    month = one.months[0]
    key = record_key(one.metric, "forecast", one.unit, one.period, "", month)
    mean = number(one.ahead[0]["forecast"])
    ahead = (
        Cell(one.style.number(mean), key=key) if mean is not None else Cell(reason="too few points")
    )
    interval = one.interval(month, INNER, one.style)
    return Row(
        name,
        (
            *before,
            ahead,
            Cell(interval) if interval else Cell(reason="too few points"),
            _year(one, "year_forecast"),
            _year(one, "p_met"),
        ),
    )


def _year(one: Forecast, name: str) -> Cell:
    value = one.row[name]
    if isinstance(value, NotApplicable):
        return Cell(reason=value.reason)
    style = chance(one.reader, float(value)) if name == "p_met" else one.year_style
    return Cell(style.text(float(value)), key=one.key(name))

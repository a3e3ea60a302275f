"""Backtest, calibration and second opinion: how far the forecasts can be trusted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from opsnb.display.markup import element, join
from opsnb.display.numbers import NumberFormat, count, percent
from opsnb.display.reader import Reader, number, records
from opsnb.display.sentences import sentence
from opsnb.display.table import Cell, Group, Head, Row, Table, render
from opsnb.display.words import mark
from opsnb.keys import record_key
from opsnb.results import NotApplicable, Result

Record = Mapping[str, Any]
SIGNED = ("skill", "bias", "second_gap")
NUMBERS = ("mase", "naive_mase", "brier", "simulated_brier", "reference_brier")
METHOD = {
    "ETS(A,Ad,A)": mark("exponential smoothing, damped trend, season"),
    "ETS(A,Ad,N)": mark("exponential smoothing, damped trend"),
}


def figure_key(row: Record, name: str, *by: str) -> str:
    """Key of a number of a row; `by` are its further key columns."""
    more = {column: str(row[column]) for column in by}
    return record_key(
        str(row.get("metric", "")), name, str(row.get("unit", "")), str(row["period"]), more
    )


def shown(row: Record, column: str, reader: Reader) -> str:
    """Number of a score as it is read."""
    value, name = float(row[column]), column.removeprefix("issued_")
    if name in NUMBERS:
        return NumberFormat(reader.locale, 0, 3 if "brier" in name else 2).number(value)
    if name in ("origins", "checked", "forecasts", "cases", "with_target"):
        return count(reader.locale).number(value)
    return percent(reader.locale, 0).text(value, signed=name in SIGNED)


def score_cell(row: Record, name: str, reader: Reader, *by: str) -> Cell:
    """Cell of a score, or the reason why there is none."""
    value = row[name]
    if isinstance(value, NotApplicable):
        return Cell(reason=value.reason)
    return Cell(shown(row, name, reader), key=figure_key(row, name, *by))


def score_heads(reader: Reader) -> tuple[Head, ...]:
    """Headings of the scores that backtests and issued forecasts share."""
    words = reader.words
    return (
        Head(words("Metric"), "text"),
        Head(words("Forecasts"), note=words("checked months")),
        Head("MASE", note=words("1 = usual yearly change")),
        Head(words("Naive"), note="MASE"),
        Head(words("Error saved"), note=words("against naive")),
        Head(words("Bias"), note=words("above 0 too high")),
        Head(words("80 % held"), note=words("of values")),
        Head(words("95 % held"), note=words("of values")),
    )


SCORES = ("checked", "mase", "naive_mase", "skill", "bias", "coverage_80", "coverage_95")


def score_table(
    rows: Sequence[Record], caption: object, name: str, reader: Reader, prefix: str = ""
) -> Markup:
    """Table of scores, a row a metric; `prefix` stands before the names of their columns."""
    body = tuple(
        Row(reader.metric(str(row["metric"])),
            tuple(score_cell(row, prefix + measure, reader) for measure in SCORES))
        for row in rows
    )  # fmt: skip
    table = Table(caption, score_heads(reader), (Group(body),), "scroll", "dr", name)
    return render(table, reader.words)


def backtest(result: Result, reader: Reader) -> Markup:
    """Scores of the metrics, then the calibration of the odds."""
    words, rows = reader.words, records(result)
    if not rows:
        return element("p", words("There are no metrics to show."), class_="note")
    most = max((number(row["origins"]) or 0 for row in rows), default=0)
    if not most:
        said = words("No backtest: no month has two years before it.")
        return element("p", said, class_="note")
    caption = words("Backtest from {n} earlier months, {unit}; all months ahead together",
                    n=int(most), unit=reader.unit(str(rows[0]["unit"])))  # fmt: skip
    note = words(
        "Each forecast knows only what was known in its month. Naive is the same month of the "
        "year before; MASE measures the error against the usual change from year to year."
    )
    parts = {part.name: part for part in result.parts}
    return join(
        [
            score_table(rows, caption, "backtest", reader),
            element("p", note, class_="note"),
            _calibration(parts["calibration"], parts["overall"], reader),
        ]
    )


def _calibration(table: Result, overall: Result, reader: Reader) -> Markup:
    words, (whole,) = reader.words, records(overall)
    if not number(whole["forecasts"]):
        said = words(
            "The odds of the year's target cannot be checked: no past year is known whole."
        )
        return element("p", said, class_="note")
    heads = (
        Head(words("Odds said"), "text"),
        Head(words("Forecasts")),
        Head(words("Said on average")),
        Head(words("Target reached"), css="a"),
    )
    body = tuple(
        Row(_class(row), tuple(score_cell(row, name, reader, "low", "high")
                               for name in ("forecasts", "said", "happened")))
        for row in records(table)
    )  # fmt: skip
    caption = words("Published odds of the year's target in past years, beside how often it was "
                    "reached")  # fmt: skip
    told = words.html(
        "{n} forecasts of {cases} years of one metric and unit each, so they are not independent; "
        "{planned} against a target on record, the others against the year before. Mean squared "
        "error {brier}, before adjustment {simulated}; always saying the overall share would have "
        "{base}.",
        n=_bound(whole, "forecasts", reader), cases=_bound(whole, "cases", reader),
        planned=_bound(whole, "with_target", reader), brier=_bound(whole, "brier", reader),
        simulated=_bound(whole, "simulated_brier", reader),
        base=_bound(whole, "reference_brier", reader),
    )  # fmt: skip
    shown_table = render(Table(caption, heads, (Group(body),), "fit", "ut", "calibration"),
                         words)  # fmt: skip
    return join([element("div", shown_table, class_="un"), element("p", told, class_="note")])


def _class(row: Record) -> str:
    return f"{float(row['low']) * 100:.0f}–{float(row['high']) * 100:.0f} %"


def _bound(row: Record, name: str, reader: Reader) -> Markup:
    return element("span", shown(row, name, reader), class_="n", data_key=figure_key(row, name))


def second_opinion(result: Result, reader: Reader) -> Markup:
    """Mean of the months ahead by the second method beside the first, and where they disagree."""
    words, rows = reader.words, records(result)
    if not rows:
        return element("p", words("There are no metrics to show."), class_="note")
    heads = (
        Head(words("Metric"), "text"),
        Head(words("Forecast"), note=words("mean of the months ahead"), css="a"),
        Head(words("80 % interval")),
        Head(words("Second method")),
        Head(words("Difference"), note="%"),
        Head(words("Method"), "text"),
    )
    doubted = {finding.metric for finding in result.findings}
    body = tuple(_opinion(row, str(row["metric"]) in doubted, reader) for row in rows)
    table = Table(words("Second opinion"), heads, (Group(body),), "scroll", "dr", "second")
    said = [
        element("p", sentence(f, reader.provenance, reader.locale), class_="note")
        for f in result.findings
    ]
    if not said:
        agreed = words("The second method lies within the 80 % interval of every metric.")
        said = [element("p", agreed, class_="note")]
    return join([render(table, words), *said])


def styled_cell(
    row: Record, name: str, style: NumberFormat, *by: str, signed: bool = False
) -> Cell:
    """Number of the record in a format, or why there is none; `by` are its further key columns."""
    value = row[name]
    if isinstance(value, NotApplicable):
        return Cell(reason=value.reason)
    return Cell(style.number(float(value), signed=signed), key=figure_key(row, name, *by))


def bounds(row: Record, names: tuple[str, str], style: NumberFormat, *by: str) -> Markup:
    """Ends of an interval, each bound to its record; `by` are its further key columns."""
    return Markup("{}–{}").format(
        *(
            element(
                "span", style.number(float(row[n])), class_="n", data_key=figure_key(row, n, *by)
            )
            for n in names
        )
    )


def _opinion(row: Record, is_doubted: bool, reader: Reader) -> Row:
    metric = str(row["metric"])
    style = reader.format(metric, [row[name] for name in ("ahead", "ahead_upper", "second")])

    ends = bounds(row, ("ahead_lower", "ahead_upper"), style)
    gap = row["second_gap"]
    difference = (
        Cell(reason=gap.reason)
        if isinstance(gap, NotApplicable)
        else Cell(percent(reader.locale).number(float(gap), signed=True),
                  key=figure_key(row, "second_gap"), css="hot" if is_doubted else "")
    )  # fmt: skip
    method = METHOD.get(str(row["method"]))
    unit = element("small", style.unit, class_="u")
    return Row(
        join([reader.metric(metric), unit], " "),
        (
            styled_cell(row, "ahead", style),
            Cell(ends),
            styled_cell(row, "second", style),
            difference,
            Cell(reader.words(method) if method else ""),
        ),
    )

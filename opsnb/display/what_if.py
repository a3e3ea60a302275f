"""What if: the year's end of each scenario beside what is expected."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from opsnb.display.backtests import bounds, figure_key, styled_cell
from opsnb.display.forecasts import chance
from opsnb.display.markup import element, join
from opsnb.display.numbers import NumberFormat, difference_format, percent, points
from opsnb.display.reader import Reader, number, records
from opsnb.display.table import Cell, Group, Head, Row, Table, render
from opsnb.display.words import mark
from opsnb.results import Result

Record = Mapping[str, Any]
SCENARIOS = {
    "expected": mark("As expected"),
    "price": mark("Price"),
    "volume": mark("Volume"),
    "workdays": mark("Workdays a month"),
    "lost": mark("Lost"),
    "saving": mark("Saving a year"),
    "treatment": mark("Treatment of a risk"),
    "together": mark("All together"),
}
SHARES, ENDS = ("price", "volume"), ("year_lower", "year_upper")


def what_if(result: Result, reader: Reader) -> Markup:
    """Table of the scenarios."""
    rows, words = records(result), reader.words
    metric = str(rows[0]["metric"])
    style = reader.format(metric, [row["year_forecast"] for row in rows])
    heads = (
        Head(words("Scenario"), "text"),
        Head(words("Full-year forecast"), note=style.unit, css="a"),
        Head(words("Difference")),
        Head(words("80 % interval")),
        Head(words("P(target met)")),
        Head(words("Change"), note=words("points")),
        Head(words("Mean shortfall")),
    )
    body = tuple(_row(row, style, reader) for row in rows)
    caption = words("What if, {metric}, {period}", metric=reader.metric(metric),
                    period=reader.this_period)  # fmt: skip
    note = words("Assumptions move the simulated months ahead; nothing else is assumed to answer.")
    table = Table(caption, heads, (Group(body),), "scroll", "dr", "what-if")
    risks = (_breaches(result, reader), _losses(result, reader))
    return join([render(table, words), *risks, element("p", note, class_="note")])


def _breaches(result: Result, reader: Reader) -> Markup | None:
    """How likely indicators of the metric turn red, by scenario."""
    rows, words = records(result.part("what_if_kri")), reader.words
    if not rows:
        return None
    metric = str(rows[0]["metric"])
    style = reader.format(metric, [row["red"] for row in rows])
    heads = (
        Head(words("Indicator of risk"), "text"), Head(words("Scenario"), "text"),
        Head(words("Red at"), note=style.unit), Head(words("Chance of red")),
        Head(words("Change"), note=words("points")),
    )  # fmt: skip
    body = []
    for row in rows:
        odds, is_base = float(row["p_red"]), str(row["scenario"]) == "expected"
        key = figure_key(row, "p_red", "kri", "scenario")
        moved = points(reader.locale).number(float(row["p_red_change"]), signed=True)
        body.append(
            Row(
                str(row["kri"]),
                (
                    Cell(words(SCENARIOS[str(row["scenario"])])),
                    Cell(style.number(float(row["red"])),
                         key=figure_key(row, "red", "kri", "scenario")),
                    Cell(chance(reader, odds).text(odds), key=key),
                    Cell("") if is_base else Cell(
                        moved, key=figure_key(row, "p_red_change", "kri", "scenario")),
                ),
            )
        )  # fmt: skip
    caption = words("Indicators of risk that {metric} measures", metric=reader.metric(metric))
    return render(
        Table(caption, heads, (Group(tuple(body)),), "scroll", "dr", "what-if-kri"), words
    )


def _losses(result: Result, reader: Reader) -> Markup | None:
    """A year's losses without and with the treatment."""
    part = result.part("what_if_losses")
    rows, words = records(part), reader.words
    if not rows:
        return None
    own = Reader.of(part, reader.locale)
    metric = str(rows[0]["metric"])
    style = own.format(metric, [row[name] for row in rows for name in ("loss_mean", "loss_var")])
    level = percent(reader.locale, 0).text(float(part.provenance["risk"]["level"]))
    heads = (
        Head(words("Losses of a year"), "text"), Head(words("Mean"), note=style.unit),
        Head(words("Change"), note=style.unit), Head(words("VaR {level}", level=level),
                                                     note=style.unit),
    )  # fmt: skip
    body = tuple(
        Row(
            words(SCENARIOS[str(row["scenario"])]),
            (
                styled_cell(row, "loss_mean", style, "scenario"),
                Cell("") if row["scenario"] == "expected"
                else styled_cell(row, "loss_change", style, "scenario", signed=True),
                styled_cell(row, "loss_var", style, "scenario"),
            ),
        )
        for row in rows
    )  # fmt: skip
    caption = words("Losses of a year, with and without the treatment")
    return render(Table(caption, heads, (Group(body),), "fit", "dr", "what-if-losses"), words)


def _row(row: Record, style: NumberFormat, reader: Reader) -> Row:
    name, words = str(row["scenario"]), reader.words
    told = _assumed(row, reader)
    heading = join(
        [words(SCENARIOS[name]), element("small", told, class_="u") if told else None], " "
    )
    scale = difference_format(reader.definition(str(row["metric"])), style, None)
    is_base = name == "expected"
    has_ends = number(row["year_lower"]) is not None
    odds = number(row["p_met"])
    return Row(
        heading,
        (
            styled_cell(row, "year_forecast", style, "scenario"),
            Cell("") if is_base
            else styled_cell(row, "year_difference", scale, "scenario", signed=True),
            Cell(bounds(row, ENDS, style, "scenario"))
            if has_ends else styled_cell(row, "year_lower", style, "scenario"),
            Cell(chance(reader, odds).text(odds), key=figure_key(row, "p_met", "scenario"))
            if odds is not None else styled_cell(row, "p_met", style, "scenario"),
            Cell("") if is_base
            else styled_cell(row, "p_change", points(reader.locale), "scenario", signed=True),
            styled_cell(row, "shortfall", style, "scenario"),
        ),
    )  # fmt: skip


def _assumed(row: Record, reader: Reader) -> str:
    """Assumption as it is read."""
    name, text = str(row["scenario"]), str(row["assumed"])
    if not text:
        return ""
    if name in SHARES:
        return percent(reader.locale).text(float(text), signed=True)
    if name == "treatment":
        return reader.treatment(text)
    if name == "lost":
        dimension, _, item = text.partition("=")
        return str(reader.element(dimension, item))
    return text

"""KPI completion: one table of all metrics, in groups of one unit of measure."""

from __future__ import annotations

from dataclasses import replace

from markupsafe import Markup

from opsnb.display.cards import Charts
from opsnb.display.forecasts import chance
from opsnb.display.markup import anchor, element, join
from opsnb.display.measures import MetricRow, gap_in_points, grouped, metric_rows, own_unit
from opsnb.display.numbers import percent
from opsnb.display.reader import Reader, records
from opsnb.display.sparkline import histories, sparkline
from opsnb.display.states import States, caveats
from opsnb.display.table import Cell, Group, Head, Row, Table, bare, left_out, render
from opsnb.display.verdicts import icon_pair
from opsnb.display.words import Words
from opsnb.results import Result, Severity

FULL = 1.3  # attainment at the right end of a bar
COLOURED = ("red", "orange")


def scorecard(result: Result, reader: Reader) -> Markup:
    """Table of all metrics, and the caveats; key metrics stand as cards in the headline."""
    rows = metric_rows(records(result), reader)
    if not rows:
        return element("p", reader.words("There are no metrics to show."), class_="note")
    states, history = States(result.findings), histories(result)
    table, left = bare(_table(rows, states, history, Charts.of(result), reader))
    return join(
        [
            render(table, reader.words),
            _reading(reader, judged=any(row.number("attainment") is not None for row in rows)),
            left_out(left, reader.words),
            caveats(result.findings, result.notes, reader),
        ]
    )


def time_progress(reader: Reader) -> float | None:
    """Share of the year's workdays that have passed, from the provenance."""
    progress = reader.provenance.get("time_progress", {})
    passed, total = progress.get("workdays"), progress.get("workdays_total")
    return passed / total if passed is not None and total else None


def _caption(reader: Reader) -> str:
    progress, words = time_progress(reader), reader.words
    if progress is None:
        return words("KPI completion, {period}", period=reader.this_period)
    counted = reader.provenance["time_progress"]
    caption = words(
        "KPI completion, {period}; time progress {passed} of {total} workdays = {share}",
        period=reader.this_period,
        passed=counted["workdays"],
        total=counted["workdays_total"],
        share=percent(reader.locale).text(progress),
    )
    return caption + (words(" (provisional)") if counted.get("status") == "provisional" else "")


def _heads(months: int, reader: Reader, *, adjusted: bool, odds: bool) -> tuple[Head, ...]:
    words, progress = reader.words, time_progress(reader)
    at = words("%, line at 100")
    passed = percent(reader.locale).number(progress) if progress is not None else ""
    year = words("%, line at time progress {share}", share=passed) if passed else "%"
    return (
        Head(words("Metric"), "text"),
        Head(words("State"), "mark"),
        Head(words("Actual"), css="a"),
        Head(words("Target")),
        Head(words("Variance")),
        Head(words("Attainment"), "text", at, "at"),
        Head(words("YoY"), note=words("adjusted, raw below") if adjusted else ""),
        Head(words("MoM")),
        Head(words("YTD")),
        Head(words("YTD attainment"), note="%"),
        Head(words("Full-year attainment"), "text", year, "at"),
        *((Head(words("P(target)"), note=words("full year")),) if odds else ()),
        Head(words("{n} months", n=months), "chart"),
    )


def _table(
    rows: list[MetricRow],
    states: States,
    history: dict[str, list[float | None]],
    charts: Charts,
    reader: Reader,
) -> Table:
    months = max((len(values) for values in history.values()), default=0)
    adjusted = any(row.number("yoy_adjusted") is not None for row in rows)
    heads = _heads(months, reader, adjusted=adjusted, odds=any(map(_is_forecast, rows)))
    if not months:
        heads = heads[:-1]
    groups = tuple(
        Group(tuple(_row(row, states, history, charts, reader) for row in members), title)
        for title, members in grouped(rows)
    )
    return Table(_caption(reader), heads, groups, "scroll", "kt", "kpi")


def _row(
    row: MetricRow,
    states: States,
    history: dict[str, list[float | None]],
    charts: Charts,
    reader: Reader,
) -> Row:
    words, verdict = reader.words, charts.verdicts.get(row.metric)
    unit = own_unit(row)
    name = join(
        [
            reader.metric(row.metric),
            element("small", unit, class_="u") if unit else None,
            states.tag(row.metric, row.unit, words),
        ]
    )
    judged = row.number("attainment") is not None
    severity = states.severity(row.metric, row.unit)
    level = states.icon(row.metric, row.unit, words, judged=judged)
    pair = icon_pair(verdict, words, alone=True) if verdict else None
    icons = element("span", pair, class_="ics") if pair else None
    cells = [
        Cell(join([level, icons])),
        row.cell("actual"),
        row.cell("target"),
        row.cell("variance"),
        attainment_cell(row, severity),
        _yoy_cell(row),
        row.cell(row.change("mom")),
        row.cell("ytd"),
        row.cell("ytd_attainment"),
        _year_cell(row, reader),
        *((_odds_cell(row),) if _is_forecast(row) else ()),
    ]
    if history:
        whole = not states.incomplete(row.metric, row.unit)
        drawn = sparkline(
            history.get(row.metric, []),
            row.style,
            words,
            whole=whole,
            band=charts.bands.get(row.metric),
            tone=charts.tone(row.metric),
        )
        cells.append(Cell(drawn))
    return Row(name, tuple(cells), anchor("kpi", row.metric, row.unit))


def yoy_cell(row: MetricRow, words: Words) -> Cell:
    """Growth on the year before, with the name of a change of sign below it."""
    cell, turn = row.cell(row.change("yoy")), row.turn(words)
    if not turn or not cell.content:
        return cell
    return replace(cell, content=join([cell.content, element("small", turn, class_="raw")]))


def _yoy_cell(row: MetricRow) -> Cell:
    """Growth on the year before, adjusted for the calendar with the raw one below it."""
    words = row.reader.words
    if row.number("yoy_adjusted") is None or row.turn(words):
        return yoy_cell(row, words)
    raw = row.cell(row.change("yoy"))
    below = element("small", raw.content, class_="raw", data_key=raw.key)
    adjusted = row.text("yoy_adjusted", bare=True)
    return Cell(join([adjusted, below]), key=row.key("yoy_adjusted"))


def attainment_cell(row: MetricRow, severity: Severity | None) -> Cell:
    """Attainment as a number and a bar from zero with a line at 100 %; exceptions are coloured."""
    value = row.number("attainment")
    if value is None:
        return row.cell("attainment")
    width = min(max(value / FULL, 0.0), 1.0)
    css = ["bar", f"b-{severity}" if severity in COLOURED else "", "over" if value > FULL else ""]
    bar = element("span", class_=" ".join(filter(None, css)), style=f"--w:{width:.1%}")
    shown = row.bound("attainment", "bn")
    return Cell(shown + bar)


def _year_cell(row: MetricRow, reader: Reader) -> Cell:
    """Share of the full year's target with a line at time progress, and the distance to it."""
    value, progress = row.number("year_attainment"), time_progress(reader)
    if value is None:
        return row.cell("year_attainment")
    shown = row.bound("year_attainment", "bn")
    if progress is None:
        return Cell(shown)
    place = f"--w:{min(max(value, 0.0), 1.0):.1%};--t:{progress:.1%}"
    gap = element("small", gap_in_points(value, progress, reader))
    return Cell(shown + element("span", class_="bl", style=place) + gap)


def _is_forecast(row: MetricRow) -> bool:
    """Whether the row comes with the odds of its year, or the reason why there are none."""
    return "p_met" in row.values


def _odds_cell(row: MetricRow) -> Cell:
    """Chance that the year's target is met, as the forecast has it."""
    value = row.number("p_met")
    if value is None:
        return row.cell("p_met")
    return Cell(chance(row.reader, value).text(value), key=row.key("p_met"))


def _reading(reader: Reader, *, judged: bool) -> Markup:
    words = reader.words
    lines = [words("Attainment of metrics where lower is better is 2 − actual ÷ target.")] * judged
    lines.append(
        words(
            "YoY is against the same period last year, MoM against the prior period. "
            "Figures are rounded one by one."
        )
    )
    return element("p", ("" if words.wide else " ").join(lines), class_="note")

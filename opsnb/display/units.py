"""Units: for each key metric the units ranked by attainment, all bars on one scale."""

from __future__ import annotations

from markupsafe import Markup

from opsnb.display.markup import element, join
from opsnb.display.measures import MetricRow, metric_rows, shared
from opsnb.display.reader import Reader, records
from opsnb.display.scorecard import attainment_cell
from opsnb.display.states import States, caveats
from opsnb.display.table import Group, Head, Row, Table, render
from opsnb.results import Result, Severity

COLOURED = ("red", "orange")


def units(result: Result, reader: Reader) -> Markup:
    """One small table a metric, in the order of the frame."""
    groups: dict[str, list[MetricRow]] = {}
    for row in metric_rows(records(result), reader):
        groups.setdefault(row.metric, []).append(row)
    states = States(result.findings)
    tables = (_section(shared(rows), states, reader) for rows in groups.values())
    body = element("div", *tables, class_="un")
    return join([body, caveats(result.findings, result.notes, reader)])


def ranked(rows: list[MetricRow]) -> list[MetricRow]:
    """Rows by attainment, best first; those without attainment by value, at the end."""

    def place(row: MetricRow) -> tuple[bool, float, float]:
        attained, actual = row.number("attainment"), row.number("actual")
        return attained is None, -(attained or 0.0), -(actual or 0.0)

    return sorted(rows, key=place)


def _section(rows: list[MetricRow], states: States, reader: Reader) -> Markup:
    words, metric, style = reader.words, rows[0].metric, rows[0].style
    change = words("points") if rows[0].is_ratio else "%"
    heads = (
        Head(words("Unit"), "text"),
        Head(words("Actual"), note=style.unit, css="a"),
        Head(words("Target"), note=style.unit),
        Head(words("Attainment"), "text", words("%, line at 100"), "at"),
        Head(words("Year on year"), note=change),
    )
    body = tuple(_row(row, states, reader) for row in ranked(rows))
    caption = words("{metric} by unit, {period}", metric=reader.metric(metric), period=reader.this_period)
    table = Table(caption, heads, (Group(body),), "fit", "ut", f"units-{metric}")
    return element("div", element("h3", reader.metric(metric)), render(table, words))


def _row(row: MetricRow, states: States, reader: Reader) -> Row:
    words = reader.words
    name = join([reader.unit(row.unit), states.tag(row.metric, row.unit, words)])
    css = "bad" if severity(row, states) in COLOURED else ""
    return Row(
        name,
        (
            row.cell("actual"),
            row.cell("target"),
            attainment_cell(row, css),
            row.cell(row.change("yoy")),
        ),
    )


def severity(row: MetricRow, states: States) -> Severity | None:
    """Level of a unit's attainment: as found, else by the company's thresholds, else none."""
    found, value = states.severity(row.metric, row.unit), row.number("attainment")
    thresholds = row.reader.provenance.get("thresholds") or {}
    if found is not None or value is None:
        return found
    levels: tuple[Severity, ...] = ("red", "orange", "yellow")
    return next((level for level in levels if value < thresholds.get(level, 0)), None)

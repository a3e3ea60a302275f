"""Units: for each key metric the units ranked by attainment, all bars on one scale."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from opsnb.display.icons import icon
from opsnb.display.markup import anchor, element, join
from opsnb.display.measures import MetricRow, metric_rows, shared
from opsnb.display.multiples import multiples
from opsnb.display.reader import Reader, records
from opsnb.display.reasons import reason_text
from opsnb.display.scorecard import COLOURED, attainment_cell, yoy_cell
from opsnb.display.states import EMPTY, States, caveats
from opsnb.display.table import Group, Head, Row, Table, bare, left_out, render
from opsnb.results import Result

FEW = 3
"""Units from which on the best and worst are told."""


def units(result: Result, reader: Reader) -> Markup:
    """One small table a metric, in the order of the frame; a line where there are no units."""
    if not len(result.frame):
        return element("p", reader.words("There are no units below this one."), class_="note")
    groups: dict[str, list[MetricRow]] = {}
    for row in metric_rows(records(result), reader):
        groups.setdefault(row.metric, []).append(row)
    states = States(result.findings)
    told_only = [rows for rows in groups.values() if _reason(rows)]
    tables = (
        _section(shared(rows), states, reader) for rows in groups.values() if not _reason(rows)
    )
    body = element("div", *tables, class_="un") if len(told_only) < len(groups) else None
    # A cell without a value says why; a line for each of them would say it again.
    told = [finding for finding in result.findings if finding.code != EMPTY]
    panels = (multiples(part, reader) for part in result.parts if part.name == "by_unit")
    return join(
        [
            *panels,
            body,
            *(_line(rows, reader) for rows in told_only),
            caveats(told, result.notes, reader),
        ]
    )


def ranked(rows: list[MetricRow]) -> list[MetricRow]:
    """Rows by attainment, best first; those without attainment by value, at the end."""

    def place(row: MetricRow) -> tuple[bool, float, float]:
        attained, actual = row.number("attainment"), row.number("actual")
        return attained is None, -(attained or 0.0), -(actual or 0.0)

    return sorted(rows, key=place)


def _reason(rows: list[MetricRow]) -> str:
    """Why no unit has a value, where all have the same reason."""
    reasons = {row.reason("actual") for row in rows}
    return reasons.pop() if len(reasons) == 1 else ""


def _line(rows: list[MetricRow], reader: Reader) -> Markup:
    """Statement instead of a table in which every cell would say the same."""
    reason = reason_text(_reason(rows), reader.words)
    said = reader.words(
        "{metric}: {reason} in every unit.", metric=reader.metric(rows[0].metric), reason=reason
    )
    return element("p", said, class_="note")


def _section(rows: list[MetricRow], states: States, reader: Reader) -> Markup:
    words, metric, style = reader.words, rows[0].metric, rows[0].style
    change = words("points") if rows[0].is_ratio else "%"
    heads = (
        Head(words("Unit"), "text"),
        Head(words("Actual"), note=style.unit, css="a"),
        Head(words("Target"), note=style.unit),
        Head(words("Attainment"), "text", words("%, line at 100"), "at"),
        Head(words("YoY"), note=change),
    )
    tags = [states.tag(row.metric, row.unit, words) for row in rows]
    tag = tags[0] if len({*tags}) == 1 else Markup("")  # once for all of them
    body = tuple(_row(row, states, reader, tagged=not tag) for row in ranked(rows))
    caption = words(
        "{metric} by unit, {period}", metric=reader.metric(metric), period=reader.this_period
    )
    whole = Table(caption, heads, (Group(body),), "fit", "ut", anchor("units", metric))
    table, left = bare(whole)
    title = element("h3", reader.metric(metric), tag)
    shown = (title, render(table, words), _movers(rows, reader), left_out(left, words))
    return element("div", *shown)


def _movers(rows: Sequence[MetricRow], reader: Reader) -> Markup | None:
    """Units whose change on the year before is best and worst; of two the table says enough."""
    better = reader.definition(rows[0].metric).get("better")
    column = rows[0].change("yoy")
    known = [row for row in rows if row.number(column) is not None]
    if better not in ("higher", "lower") or len(known) < FEW:
        return None
    known.sort(key=lambda row: row.number(column) or 0.0, reverse=better == "higher")
    best, worst = known[0], known[-1]
    if best.number(column) == worst.number(column):
        return None
    said = reader.words.html(
        "YoY best in {best} ({first}), worst in {worst} ({last}).",
        best=reader.unit(best.unit),
        first=_bound(best, column),
        worst=reader.unit(worst.unit),
        last=_bound(worst, column),
    )
    return element("p", said, class_="note")


def _bound(row: MetricRow, column: str) -> Markup:
    return element("span", row.text(column), data_key=row.key(column))


def _row(row: MetricRow, states: States, reader: Reader, *, tagged: bool) -> Row:
    words = reader.words
    severity = states.severity(row.metric, row.unit)
    level = icon(severity, words) if severity in COLOURED else None
    tag = states.tag(row.metric, row.unit, words) if tagged else None
    name = join([reader.unit(row.unit), level, tag])
    return Row(
        name,
        (
            row.cell("actual"),
            row.cell("target"),
            attainment_cell(row, severity),
            yoy_cell(row, words),
        ),
        anchor("units", row.metric, row.unit),
    )

"""KPI matrix: variation across, assurance down, every metric in one cell."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from opsnb.display.markup import anchor, element, join
from opsnb.display.measures import MetricRow, metric_rows
from opsnb.display.numbers import NumberFormat
from opsnb.display.reader import Reader, number, numbers_in, records
from opsnb.display.reasons import reason_text
from opsnb.display.table import Cell, Group, Head, Row, Table, render
from opsnb.display.verdicts import (
    ASSURANCE,
    VARIATION,
    Verdict,
    assurance_icon,
    variation_icon,
)
from opsnb.display.words import mark
from opsnb.results import Result

DOWN = ("pass", "inconsistent", "fail", "none")
ACROSS = ("improvement", "common", "concern", "neutral")
ALWAYS = ("improvement", "common", "concern")
MEANING = {
    "pass": mark("The limits lie wholly on the good side of the target."),
    "inconsistent": mark("The target lies within the limits: meeting it is luck."),
    "fail": mark("Without a change of the process it is not met."),
    "none": mark("There is no target to compare with."),
}


def matrix(result: Result, reader: Reader) -> Markup:
    """Table of all metrics by variation and assurance, with the false flags to expect."""
    if not len(result.frame):
        return element("p", reader.words("There are no metrics to show."), class_="note")
    table = render(_table(result, reader), reader.words)
    return table + _expected(result, reader) + _unjudged(result, reader)


def _table(result: Result, reader: Reader) -> Table:
    words, rows = reader.words, metric_rows(records(result), reader)
    kinds = {row.metric: (_verdict(row).promise, _verdict(row).kind) for row in rows}
    charted = [row for row in rows if kinds[row.metric][1]]
    judged = {kinds[row.metric] for row in charted}
    across = [k for k in ACROSS if k in ALWAYS or any(kind == k for _, kind in judged)]
    down = [a for a in DOWN if a != "none" or any(found == a for found, _ in judged)]
    heads = [Head(words("Assurance ＼ variation"), "text")]
    for kind in across:
        n = sum(found == kind for _, found in kinds.values())
        icon = variation_icon(Verdict(_shown(kind)), words)
        heads.append(Head(icon, "text", words("{n} metrics", n=n), "c-" + kind))
    body = tuple(_row(assured, across, charted, kinds, reader) for assured in down)
    if len(charted) < len(rows):
        body += (_without_chart([row for row in rows if row not in charted], len(across), reader),)
    caption = words(
        "KPIs by variation and assurance, {period}, {n} metrics",
        period=reader.this_period,
        n=len(rows),
    )
    return Table(caption, tuple(heads), (Group(body),), "stack", "mx", "matrix")


def _shown(kind: str) -> str:
    """Variation that stands for its kind: improvements rise, concerns fall."""
    return {"improvement": "improvement_high", "concern": "concern_low"}.get(kind, kind + "_high")


def _verdict(row: MetricRow) -> Verdict:
    better = str(row.reader.definition(row.metric).get("better", "higher"))
    values = row.values
    return Verdict(str(values["variation"]), str(values["assurance"]), better)


def _row(
    assured: str,
    across: Sequence[str],
    rows: Sequence[MetricRow],
    kinds: dict[str, tuple[str, str]],
    reader: Reader,
) -> Row:
    words = reader.words
    icon = assurance_icon(Verdict("common", assured), words) or words(ASSURANCE[assured])
    heading = join([icon, element("small", words(MEANING[assured]))])
    cells = []
    for kind in across:
        here = [row for row in rows if kinds[row.metric] == (assured, kind)]
        items = (element("li", _name(row), element("span", row.text("actual"))) for row in here)
        shown = element("ul", *items) if here else element("small", words("none"), class_="na")
        hot = kind == "concern" and bool(here)
        cells.append(Cell(shown, css=f"c-{kind}" + (" hot" if hot else "")))
    return Row(heading, tuple(cells))


def _without_chart(rows: Sequence[MetricRow], columns: int, reader: Reader) -> Row:
    """Metrics that no chart judges, in one cell over all columns."""
    words = reader.words
    heading = join([words(VARIATION[""]), element("small", words("The reasons stand below."))])
    items = (element("li", _name(row), element("span", row.text("actual"))) for row in rows)
    return Row(heading, (Cell(element("ul", *items), css="no", span=columns),))


def _name(row: MetricRow) -> Markup:
    name = row.reader.metric(row.metric)
    return element("a", name, href="#" + anchor("kpi", row.metric, row.unit))


def _expected(result: Result, reader: Reader) -> Markup:
    """How many charts would be flagged if nothing had changed, and how many are."""
    words, rows = reader.words, records(result)
    rates = numbers_in(row["false_flags"] for row in rows)
    flagged = sum(str(row["variation"]) not in ("", "common") for row in rows)
    style = NumberFormat(reader.locale, 0, 1)
    text = words.html(
        "{lead} Without any change {n} control charts flag about {expected} metrics a month by "
        "chance; {flagged} are flagged in this one.",
        lead=element("b", words("{n} false flags expected.", n=style.text(sum(rates)))),
        n=len(rates),
        expected=style.text(sum(rates)),
        flagged=flagged,
    )
    trial = [reader.metric(str(row["metric"])) for row in rows if row["trial"] == "yes"]
    if trial:
        text += words.html(
            " Trial limits, from fewer than 13 points: {metrics}.", metrics=reader.listed(trial)
        )
    return element("p", text, class_="note")


def _unjudged(result: Result, reader: Reader) -> Markup:
    """Why metrics have no chart, one clause a reason."""
    words, reasons = reader.words, dict[str, list[str]]()
    for row in records(result):
        if number(row["false_flags"]) is None:
            reasons.setdefault(str(row["reason"]), []).append(reader.metric(str(row["metric"])))
    if not reasons:
        return Markup("")
    clauses = [
        words(
            "{metrics} ({reason})",
            metrics=reader.listed(names),
            reason=reason_text(reason, words),
        )
        for reason, names in reasons.items()
    ]
    listed = ("；" if words.wide else "; ").join(clauses)
    return element("p", words("No chart is drawn of {metrics}.", metrics=listed), class_="note")

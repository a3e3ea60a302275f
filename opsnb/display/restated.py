"""Restated numbers: as reported, as they are today, and why they differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from markupsafe import Markup

from opsnb.display.backtests import figure_key, styled_cell
from opsnb.display.markup import element, join
from opsnb.display.numbers import NumberFormat, difference_format, percent
from opsnb.display.reader import Reader, number, records
from opsnb.display.sentences import sentence
from opsnb.display.table import Cell, Group, Head, Row, Table, render
from opsnb.display.words import mark
from opsnb.results import NotApplicable, Result

Record = Mapping[str, Any]
PAIR, FINEST = ("reported", "restated"), 6
"""Values of a row, and decimals that are added at most to tell them apart."""
FIRST = "restated-first"
"""Where a message about restated numbers leads."""
SHOWN = 12
"""Rows that stand on the page; the workbook of tables has them all."""
CAUSES = {
    "definition": mark("the definition is another"),
    "rows": mark("the data behind it changed"),
    "units": mark("the units are others"),
    "code": mark("the program or its environment is another"),
    "unknown": mark("the cause is not recorded"),
}
STATES = {"published": mark("published"), "reported": mark("reported")}


def restated(result: Result, reader: Reader) -> Markup:
    """Table of what has changed, and the definitions that are others; or that nothing has."""
    rows, words = records(result), reader.words
    said = [sentence(finding, reader.provenance, reader.locale) for finding in result.findings]
    lines = [element("p", line, class_="note") for line in said]
    fresh = [row for row in rows if not row["told"]]
    again = len(rows) - len(fresh)
    known = words("{n} more were restated by the report before.", n=again) if again else ""
    if not fresh:
        text = known or words("Every number of an earlier report is what the data say today.")
        return join(lines if lines and not known else [*lines, element("p", text, class_="note")])
    shown = fresh[:SHOWN]
    left = len(fresh) - len(shown)
    more = words("{n} more stand in the workbook of tables.", n=left) if left else ""
    both = any("," in str(row["cause"]) for row in fresh)
    doubt = words("Where two causes stand, either may have changed the number.") if both else ""
    notes = [element("p", text, class_="note") for text in (more, doubt, known) if text]
    return join([*lines, render(_table(shown, reader), words), *notes])


def _table(rows: Sequence[Record], reader: Reader) -> Table:
    words = reader.words
    heads = (
        Head(words("Metric"), "text"),
        Head(words("Month"), "text"),
        Head(words("As reported")),
        Head(words("As restated"), css="a"),
        Head(words("Change"), note=words("%; points of ratios")),
        Head(words("Cause"), "text"),
    )
    first, *others = (_row(row, rows, reader) for row in rows)
    body = (replace(first, id=FIRST), *others)
    caption = words("Numbers of earlier reports that are others today")
    return Table(caption, heads, (Group(body),), "scroll", "dr", "restated")


def _row(row: Record, rows: Sequence[Record], reader: Reader) -> Row:
    words, metric = reader.words, str(row["metric"])
    own = [r for r in rows if r["metric"] == metric]
    style = _telling(own, reader.format(metric, [r[n] for r in own for n in PAIR]))
    unit = element("small", style.unit, class_="u")
    told = join([reader.period(str(row["period"])),
                 element("small", words(STATES[str(row["state"])]), class_="u")], " ")  # fmt: skip
    causes = reader.listed(words(CAUSES[cause]) for cause in str(row["cause"]).split(","))
    return Row(
        join([reader.metric(metric), unit], " "),
        (
            Cell(told),
            styled_cell(row, "reported", style),
            styled_cell(row, "restated", style),
            _change(row, style, reader),
            Cell(causes),
        ),
    )


def _telling(rows: Sequence[Record], style: NumberFormat) -> NumberFormat:
    """Format with as many decimals as it takes to tell the values of every row apart."""
    pairs = [[number(row[name]) for name in PAIR] for row in rows]
    known = [(one, other) for one, other in pairs if one is not None and other is not None]
    for more in range(FINEST + 1):
        finer = replace(style, decimals=style.decimals + more)
        if all(finer.number(one) != finer.number(other) for one, other in known):
            return finer
    return finer


def _change(row: Record, style: NumberFormat, reader: Reader) -> Cell:
    """Change in percent of what was reported; a ratio's in points."""
    share, gap = number(row["restated_change"]), number(row["restated_difference"])
    if share is not None:
        text = percent(reader.locale, 2).number(share, signed=True)
        return Cell(text, key=figure_key(row, "restated_change"))
    if gap is None:
        reason = row["restated_difference"]
        return Cell(reason=reason.reason if isinstance(reason, NotApplicable) else "")
    definition = reader.definition(str(row["metric"]))
    text = difference_format(definition, style, None).number(gap, signed=True)
    return Cell(text, key=figure_key(row, "restated_difference"))

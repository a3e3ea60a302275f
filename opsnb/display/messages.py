"""Findings as the reader meets them: the messages of the month, and the list of problems."""

from __future__ import annotations

from markupsafe import Markup

from opsnb.display.calm import calm
from opsnb.display.cards import cards
from opsnb.display.icons import icon
from opsnb.display.markup import anchor, element, join
from opsnb.display.measures import metric_rows
from opsnb.display.reader import Reader, records
from opsnb.display.sentences import sentence
from opsnb.display.sparkline import histories
from opsnb.display.states import DOUBTED, States, caveats
from opsnb.display.table import Cell, Group, Head, Row, Table, render
from opsnb.results import Finding, Result

SERIOUS, OPEN = ("red", "orange"), 8  # problems that are never folded, and how many stand open
WARNED = ("red", "orange", "yellow")


def headline(result: Result, reader: Reader) -> Markup:
    """List of messages: level, sentence with a link to its figure, what is asked; then the cards.

    The cards are those of the part ``cards``, rows of the scorecard.
    """
    key = [part for part in result.parts if part.name == "cards"]
    judged = any(finding.severity != "grey" for finding in result.findings)
    rows = [row for part in key for row in metric_rows(records(part), reader)]
    return join(
        [
            messages(result.findings, reader),
            None if judged else calm(rows, reader),
            *(_cards(part, result.findings, reader) for part in key),
        ]
    )


def _cards(part: Result, told: tuple[Finding, ...], reader: Reader) -> Markup:
    """Cards, and below them what is incomplete where the messages have not `told` it."""
    rows = metric_rows(records(part), reader)
    heading = element("h3", reader.words("Key metrics"), class_="vh")
    untold = [finding for finding in part.findings if finding not in told]
    shown = cards(rows, States(part.findings), histories(part), reader)
    return heading + shown + caveats(untold, part.notes, reader)


def messages(findings: tuple[Finding, ...], reader: Reader) -> Markup:
    """Messages of `findings`, in their order, or the statement that there are none."""
    if not findings:
        return element("p", reader.words("No rule found anything to report."), class_="note")
    return element("ol", *(_message(finding, reader) for finding in findings), class_="msgs")


def _message(finding: Finding, reader: Reader) -> Markup:
    return element(
        "li",
        element("p", icon(finding.severity, reader.words)),
        element(
            "p",
            sentence(finding, reader.provenance, reader.locale),
            " ",
            reference(finding, reader),
        ),
        element("p", _ask(finding, reader), class_="ask"),
        class_=f"m-{finding.severity}",
    )


def reference(finding: Finding, reader: Reader) -> Markup:
    """Link to the metric's figure or row; its words become the number once the page is whole."""
    if finding.metric:
        text, row = reader.words("see KPI completion"), anchor("kpi", finding.metric, finding.unit)
        figure = anchor("trend", finding.metric, finding.unit)
        below = anchor("units", finding.metric)
        refs = f"{figure}#{figure} kpi#{row} {below}#{below}-{anchor(finding.unit)}"
    else:
        text = reader.words("see data sources")
        row = anchor("source", str(finding.evidence.get("table", "")))
        refs = f"sources#{row}"
    return element("a", text, href=f"#{row}", class_="ref", data_refs=refs)


def _ask(finding: Finding, reader: Reader) -> Markup:
    """What is asked of whom: the recorded action, else to name a cause or to supply data."""
    words = reader.words
    owner = reader.owner(finding.owner) or words("the owner")
    if finding.action:
        who = element("small", owner) if finding.owner else None
        return join([element("b", "→"), finding.action, who], " ")
    if finding.severity in WARNED:
        return words.html("→ {owner}: name cause and measure", owner=element("b", owner))
    if finding.code in DOUBTED:
        return words.html("→ {owner}: check the data", owner=element("b", owner))
    if finding.severity == "grey":
        return words.html("→ {owner}: supply the data", owner=element("b", owner))
    return Markup.escape(words("No decision needed"))


def problems(result: Result, reader: Reader) -> Markup:
    """Table of all findings: problem, suggestion, owner."""
    words = reader.words
    if not result.findings:
        return messages((), reader)
    caption = words(
        "Problems and suggestions, most serious first, {period}", period=reader.this_period
    )
    advised = any(finding.action for finding in result.findings)
    first, rest = _split(result.findings)
    table = _listed(caption, first, reader, "problems", advised=advised)
    note = words("No suggestion is recorded for any of them.")
    return join(
        [
            render(table, words),
            None if advised else element("p", note, class_="note"),
            _folded(rest, reader, advised=advised) if rest else None,
        ]
    )


def _split(findings: tuple[Finding, ...]) -> tuple[tuple[Finding, ...], tuple[Finding, ...]]:
    """Findings that stand open, and those of lower levels that are folded: only a long list is."""
    serious = sum(finding.severity in SERIOUS for finding in findings)
    open_ = max(serious, OPEN)
    return (findings, ()) if len(findings) <= open_ + 2 else (findings[:open_], findings[open_:])


def _folded(findings: tuple[Finding, ...], reader: Reader, *, advised: bool) -> Markup:
    more = reader.words("{n} more, of lower level", n=len(findings))
    table = _listed(more, findings, reader, "more-problems", advised=advised)
    summary = element("summary", element("h3", more))
    return element("details", summary, element("div", render(table, reader.words)), class_="fold")


def _listed(
    caption: str, findings: tuple[Finding, ...], reader: Reader, name: str, *, advised: bool
) -> Table:
    """Table of findings; without a column of suggestions where there are none at all."""
    words = reader.words
    heads = [Head(words("Problem"), "text"), Head(words("Owner"), "text", css="w")]
    if advised:
        heads.insert(1, Head(words("Suggestion"), "text"))
    rows = tuple(_problem(finding, reader, advised=advised) for finding in findings)
    return Table(caption, tuple(heads), (Group(rows),), "stack", "pb", name)


def _problem(finding: Finding, reader: Reader, *, advised: bool) -> Row:
    words = reader.words
    said = sentence(finding, reader.provenance, reader.locale)
    heading = join([icon(finding.severity, words), said, reference(finding, reader)], " ")
    unnamed = element("small", words("none recorded"), class_="na")
    owner = Cell(reader.owner(finding.owner) or unnamed)
    return Row(heading, (Cell(finding.action or unnamed), owner) if advised else (owner,))

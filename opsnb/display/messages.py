"""Findings as the reader meets them: the messages of the month, and the list of problems."""

from __future__ import annotations

from markupsafe import Markup

from opsnb.display.icons import icon
from opsnb.display.markup import anchor, element, join
from opsnb.display.reader import Reader
from opsnb.display.sentences import sentence
from opsnb.display.table import Cell, Group, Head, Row, Table, render
from opsnb.results import Finding, Result

WARNED = ("red", "orange", "yellow")


def headline(result: Result, reader: Reader) -> Markup:
    """List of messages: level, sentence with a link to its figure, and what is asked."""
    if not result.findings:
        return element("p", reader.words("No rule found anything to report."), class_="note")
    return messages(result.findings, reader)


def messages(findings: tuple[Finding, ...], reader: Reader) -> Markup:
    """Messages of `findings`, in their order."""
    return element("ol", *(_message(finding, reader) for finding in findings), class_="msgs")


def _message(finding: Finding, reader: Reader) -> Markup:
    return element(
        "li",
        element("p", icon(finding.severity, reader.words)),
        element("p", _sentence(finding, reader), " ", reference(finding, reader)),
        element("p", _ask(finding, reader), class_="ask"),
        class_=f"m-{finding.severity}",
    )


def _sentence(finding: Finding, reader: Reader) -> Markup:
    return Markup(sentence(finding, reader.provenance, reader.locale))


def reference(finding: Finding, reader: Reader) -> Markup:
    """Link to the metric's figure or row; its words become the number once the page is whole."""
    row = anchor("kpi", finding.metric)
    figure = anchor("trend", finding.metric, finding.unit)
    return element(
        "a",
        reader.words("see KPI completion"),
        href=f"#{row}",
        class_="ref",
        data_refs=f"{figure}#{figure} kpi#{row}",
    )


def _ask(finding: Finding, reader: Reader) -> Markup:
    """What is asked of whom: the recorded action, else to name a cause or to supply data."""
    words, owner = reader.words, finding.owner or reader.words("the owner")
    if finding.action:
        who = Markup(" ").join([Markup(""), element("small", finding.owner)])
        return element("b", "→") + " " + Markup.escape(finding.action) + (
            who if finding.owner else Markup("")
        )
    if finding.severity in WARNED:
        return words.html("→ {owner}: name cause and measure", owner=element("b", owner))
    if finding.severity == "grey":
        return words.html("→ {owner}: supply the data", owner=element("b", owner))
    return Markup.escape(words("No decision needed"))


def problems(result: Result, reader: Reader) -> Markup:
    """Table of all findings: problem, suggestion, owner."""
    words = reader.words
    if not result.findings:
        return headline(result, reader)
    heads = (
        Head(words("Problem"), "text"),
        Head(words("Suggestion"), "text"),
        Head(words("Owner"), "text", css="w"),
    )
    rows = tuple(_problem(finding, reader) for finding in result.findings)
    caption = words("Problems and suggestions, most serious first, {period}", period=reader.this_period)
    return render(Table(caption, heads, (Group(rows),), "stack", "pb", "problems"), words)


def _problem(finding: Finding, reader: Reader) -> Row:
    words = reader.words
    heading = join(
        [icon(finding.severity, words), _sentence(finding, reader), reference(finding, reader)], " "
    )
    unnamed = element("small", words("none recorded"), class_="na")
    return Row(
        heading,
        (Cell(finding.action or unnamed), Cell(finding.owner or unnamed)),
    )

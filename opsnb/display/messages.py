"""Findings as the reader meets them: the messages of the month, and the list of problems."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from opsnb.display.calm import calm
from opsnb.display.cards import Charts, cards
from opsnb.display.icons import icon
from opsnb.display.markup import anchor, element, join
from opsnb.display.measures import metric_rows
from opsnb.display.notes import cause, measure, notes_on
from opsnb.display.reader import Reader, records
from opsnb.display.sentences import DOUBTED, details, lead, sentence
from opsnb.display.sparkline import histories
from opsnb.display.states import States, caveats
from opsnb.display.table import Cell, Group, Head, Row, Table, render
from opsnb.results import Finding, Result

SERIOUS, OPEN = ("red", "orange"), 8  # problems that are never folded, and how many stand open
Listed = tuple[Finding, Sequence[Mapping[str, Any]]]
"""A finding, and the notes on it."""
Causes = Mapping[tuple[str, str], Finding]
"""What a change is made of, by metric and unit."""
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
            messages(result.findings, reader, caused(result)),
            None if judged else calm(rows, reader),
            *(_cards(part, result.findings, reader) for part in key),
        ]
    )


def _cards(part: Result, told: tuple[Finding, ...], reader: Reader) -> Markup:
    """Cards, and below them what is incomplete where the messages have not `told` it."""
    rows = metric_rows(records(part), reader)
    heading = element("h3", reader.words("Key metrics"), class_="vh")
    untold = [finding for finding in part.findings if finding not in told]
    shown = cards(rows, States(part.findings), histories(part), reader, Charts.of(part))
    return heading + shown + caveats(untold, part.notes, reader)


def caused(result: Result) -> Causes:
    """Statements of the part ``causes``, by metric and unit."""
    found = (f for part in result.parts if part.name == "causes" for f in part.findings)
    return {(finding.metric, finding.unit): finding for finding in found}


def messages(findings: tuple[Finding, ...], reader: Reader, causes: Causes | None = None) -> Markup:
    """Messages of `findings`, in their order, or the statement that there are none."""
    if not findings:
        return element("p", reader.words("No rule found anything to report."), class_="note")
    return element(
        "ol", *(_message(finding, reader, causes or {}) for finding in findings), class_="msgs"
    )


def _because(finding: Finding, causes: Causes, reader: Reader) -> Markup | None:
    """Of what the change is made, where that is known."""
    found = causes.get((finding.metric, finding.unit))
    if found is None:
        return None
    gap = "" if reader.words.wide else " "
    return element("span", join([lead(found, reader), details(found, reader)], gap), class_="why")


def _message(finding: Finding, reader: Reader, causes: Causes) -> Markup:
    return element(
        "li",
        element("p", icon(finding.severity, reader.words)),
        element(
            "p",
            sentence(finding, reader.provenance, reader.locale),
            " ",
            reference(finding, reader),
            _because(finding, causes, reader),
        ),
        element("p", _ask(finding, reader), class_="ask"),
        class_=f"m-{finding.severity}",
    )


def reference(finding: Finding, reader: Reader) -> Markup:
    """Link to the metric's figure or row; its words become the number once the page is whole."""
    if kri := str(finding.evidence.get("kri", "")):
        text, row = reader.words("Indicators of risk"), anchor("kri", kri)
        refs = f"kri#{row}"
    elif finding.metric:
        text, row = reader.words("see KPI completion"), anchor("kpi", finding.metric, finding.unit)
        figure = anchor("trend", finding.metric, finding.unit)
        below = anchor("units", finding.metric)
        signal = anchor("exc", finding.metric, finding.unit)
        refs = f"{figure}#{figure} kpi#{row} {below}#{below}-{anchor(finding.unit)}"
        if "sigmas" in finding.evidence:
            refs = f"{signal}#{signal} signals#{anchor('sig', finding.metric, finding.unit)} {refs}"
    elif "restated_count" in finding.evidence:
        text, row = reader.words("see restated numbers"), "restated-first"
        refs = "restated#restated-first"
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
    listed = _with_notes(result)
    advised = any(f.action or any(note["measure"] for note in notes) for f, notes in listed)
    first, rest = _split(listed)
    table = _table(caption, first, reader, "problems", advised=advised)
    note = words("No suggestion is recorded for any of them.")
    about = dict.fromkeys(finding.unit for finding in result.findings)
    units = dict.fromkeys([str(reader.provenance.get("unit", "")), *about])
    general = (note for unit in units for note in notes_on(result, "", unit))
    return join(
        [
            render(table, words),
            None if advised else element("p", note, class_="note"),
            _folded(rest, reader, advised=advised) if rest else None,
            *(element("p", cause(note, reader), class_="note") for note in general),
        ]
    )


def _with_notes(result: Result) -> list[Listed]:
    """Findings, each with the notes on it; a note is shown once, with the most serious."""
    about = [(finding.metric, finding.unit) for finding in result.findings]
    return [
        (finding, notes_on(result, *pair) if pair[0] and pair not in about[:place] else [])
        for place, (finding, pair) in enumerate(zip(result.findings, about, strict=True))
    ]


def _split(listed: list[Listed]) -> tuple[list[Listed], list[Listed]]:
    """Findings that stand open, and those of lower levels that are folded: only a long list is."""
    serious = sum(finding.severity in SERIOUS for finding, _ in listed)
    open_ = max(serious, OPEN)
    return (listed, []) if len(listed) <= open_ + 2 else (listed[:open_], listed[open_:])


def _folded(listed: list[Listed], reader: Reader, *, advised: bool) -> Markup:
    more = reader.words("{n} more, of lower level", n=len(listed))
    table = _table(more, listed, reader, "more-problems", advised=advised)
    summary = element("summary", element("h3", more))
    return element("details", summary, element("div", render(table, reader.words)), class_="fold")


def _table(
    caption: str, listed: list[Listed], reader: Reader, name: str, *, advised: bool
) -> Table:
    """Table of findings; without a column of suggestions where there are none at all."""
    words = reader.words
    heads = [Head(words("Problem"), "text"), Head(words("Owner"), "text", css="w")]
    if advised:
        heads.insert(1, Head(words("Suggestion"), "text"))
    rows = tuple(_problem(finding, notes, reader, advised=advised) for finding, notes in listed)
    return Table(caption, tuple(heads), (Group(rows),), "stack", "pb", name)


def _problem(
    finding: Finding, notes: Sequence[Mapping[str, Any]], reader: Reader, *, advised: bool
) -> Row:
    words = reader.words
    said = sentence(finding, reader.provenance, reader.locale)
    said = join([icon(finding.severity, words), said, reference(finding, reader)], " ")
    heading = join([said, *(cause(note, reader) for note in notes)])
    measures = join(measure(note, reader) for note in notes)
    unnamed = element("small", words("none recorded"), class_="na")
    owner = Cell(reader.owner(finding.owner) or unnamed)
    if not advised:
        return Row(heading, (owner,))
    return Row(
        heading, (Cell(element("span", join([finding.action or None, measures]) or unnamed)), owner)
    )

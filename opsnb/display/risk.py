"""Risk: the section of the monthly report, the register, and the warnings of the risk report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from opsnb.display.icons import icon
from opsnb.display.markup import anchor, element, join
from opsnb.display.reader import Reader, number, records
from opsnb.display.risk_kri import day_text, notes, table
from opsnb.display.risk_losses import engines, limit_line
from opsnb.display.risk_matrix import bar_cell, empty, rating_cell
from opsnb.display.risk_words import (
    CATEGORY,
    RESPONSE,
    amount_cell,
    amounts,
    chance_cell,
    change_cell,
    risk_name,
    settings,
)
from opsnb.display.sentences import sentence
from opsnb.display.table import Cell, Group, Head, Row, Table, render
from opsnb.results import Finding, Result

UNOWNED = ("RSK009", "RSK010")
SERIOUS = ("red", "orange")
Records = Sequence[Mapping[str, Any]]


def risk(result: Result, reader: Reader) -> Markup:
    """Warnings in a line, indicators, top risks and the appetite; one line without any ledger."""
    words, told = reader.words, settings(reader, "risk")
    rows = records(result)
    parts = {part.name: part for part in result.parts}
    indicators = parts.get("kri")
    has_kris = indicators is not None and len(indicators.frame) > 0
    if not rows and not has_kris and not result.findings:
        if not told.get("is_whole", True):
            return empty(reader)
        text = words("No register and no indicators of risk are kept; left out here.")
        return element("p", text, class_="note")
    shown: list[object] = [summary(result.findings, reader)]
    if has_kris and indicators is not None:
        whole = Reader({**indicators.provenance, **_labels(reader)}, reader.locale)
        shown += [table(indicators, whole, history=False), notes(indicators, whole)]
    if rows:
        shown += [_top(rows, reader)]
    limits = records(parts["risk_limits"]) if "risk_limits" in parts else []
    shown += [limit_line(limits, reader), *_unquantified(told, reader), _others(result, reader)]
    shown += [engines(reader)] if rows else []
    return join(shown)


def _labels(reader: Reader) -> dict[str, Any]:
    return {n: reader.provenance[n] for n in ("risks", "treatments") if n in reader.provenance}


def summary(findings: Sequence[Finding], reader: Reader) -> Markup:
    """How many warnings there are of each level, and how many nobody has taken on."""
    words = reader.words
    counts = Counter[str](f.severity for f in findings if f.code not in UNOWNED)
    levels = [
        words.html("{icon} {n}", icon=icon(level, words), n=counts[level])
        for level in ("red", "orange", "yellow", "grey")
        if counts[level]
    ]
    alone = sum(1 for f in findings if f.code in UNOWNED)
    if not levels:
        return element("p", words("No warning stands."), class_="note")
    line: list[object] = [words("Warnings:"), " ", join(levels, "  ")]
    if alone:
        text = words("{n} of the red and orange have no action, owner and deadline", n=alone)
        line += [" ", element("b", text, class_="bad")]
    elif any(counts[level] for level in SERIOUS):
        line += [" ", words("all red and orange have an action, an owner and a deadline")]
    return element("p", *line, class_="ws")


def _top(rows: Records, reader: Reader) -> Markup:
    """The largest risks after treatment."""
    words, style = reader.words, amounts(rows, ["loss"], reader)
    heads = (
        Head(words("Risk"), "text"),
        Head(words("Rating"), "text"),
        Head(words("Expected annual loss"), "text", style.unit, "at"),
        Head(words("Share of the worst years"), note=words("worst 1 in 100")),
        Head(words("On the month before"), "text"),
        Head(words("Owner"), "text", css="w"),
    )
    most = max(number(row["loss"]) or 0.0 for row in rows) or 1.0
    body = tuple(
        Row(
            risk_name(str(row["risk_id"]), reader),
            (
                rating_cell(str(row["rating"]), reader),
                bar_cell(row, most, style, "risk_id"),
                chance_cell(row, "tail_share", reader, "risk_id"),
                change_cell(row, reader),
                Cell(reader.owner(str(row["owner"]))),
            ),
        )
        for row in rows
    )
    caption = words("Top risks by simulated annual loss, after treatment")
    table = Table(caption, heads, (Group(body),), "scroll", "rk", "risk-top")
    return element("div", render(table, words), class_="after")


def _unquantified(told: Mapping[str, Any], reader: Reader) -> list[Markup]:
    count = int(told.get("unquantified", 0))
    if not count:
        return []
    text = reader.words(
        "{n} risks have grades only: they are not quantified and count in no loss.", n=count
    )
    return [element("p", text, class_="note")]


def _others(result: Result, reader: Reader) -> Markup:
    """Serious warnings that are not about indicators, with who has taken them on."""
    own = [f for f in result.findings if not f.evidence.get("kri") and f.severity in SERIOUS]
    told = [f for f in own if f.code not in ("RSK005", *UNOWNED)]
    lines = [
        element("p", icon(f.severity, reader.words), " ",
                sentence(f, reader.provenance, reader.locale), " ", taken(f, own, reader),
                class_="note")
        for f in told
    ]  # fmt: skip
    return join(lines)


def taken(finding: Finding, others: Sequence[Finding], reader: Reader) -> Markup:
    """Who does what until when about a warning, or in red that nobody has taken it on."""
    words = reader.words
    if finding.action:
        due = day_text(str(finding.evidence.get("deadline", "")), reader)
        owner = reader.owner(finding.owner)
        return words.html("→ {owner}, until {day}: {action}", owner=owner, day=due,
                          action=finding.action)  # fmt: skip
    if any(o.code in UNOWNED and o.evidence.get("warning") == finding.code
           and _same(o, finding) for o in others):  # fmt: skip
        text = words("No action, owner and deadline in the ledger")
        return element("b", text, class_="bad")
    return Markup("")


def _same(one: Finding, other: Finding) -> bool:
    names = ("kri", "risk", "treatment", "item")
    return all(one.evidence.get(n) == other.evidence.get(n) for n in names)


def risk_warnings(result: Result, reader: Reader) -> Markup:
    """All warnings: what was found, what its level requires, who has taken it on until when."""
    words, rows = reader.words, records(result)
    told = [
        (finding, row)
        for finding, row in zip(result.findings, rows, strict=True)
        if finding.code not in UNOWNED
    ]
    if not told:
        return element("p", words("No warning stands."), class_="note")
    heads = (
        Head(words("Warning"), "text"),
        Head(words("Required by its level"), "text"),
        Head(words("Action, owner, deadline"), "text"),
    )
    body = tuple(_warning(finding, row, result, reader) for finding, row in told)
    caption = words("Warnings, most serious first, {period}", period=reader.this_period)
    shown = render(Table(caption, heads, (Group(body),), "stack", "pb", "risk-warnings"), words)
    return join([summary(result.findings, reader), shown])


def _warning(finding: Finding, row: Mapping[str, Any], result: Result, reader: Reader) -> Row:
    words = reader.words
    said = sentence(finding, reader.provenance, reader.locale)
    heading = join([icon(finding.severity, words), said], " ")
    required = str(row["response"]) or element("small", "—", class_="na")
    action: object = taken(finding, result.findings, reader)
    if row["late"]:
        action = join([action, element("small", words("overdue"), class_="tk bad")])
    if not action:
        owner = reader.owner(finding.owner)
        action = element("small", words("{owner} watches it", owner=owner))
    return Row(heading, (Cell(required), Cell(action)),
               anchor("warning", finding.code, str(row["rank"])))  # fmt: skip


def risk_register(result: Result, reader: Reader) -> Markup:
    """The register by category; what is not quantified has its grades, and says so."""
    words, rows = reader.words, records(result)
    if not rows:
        if not settings(reader, "risk").get("is_whole", True):
            return empty(reader)
        return element("p", words("No register of risks is kept (ledger risks)."), class_="note")
    style = amounts(rows, ("inherent", "residual", "goal"), reader)
    heads = (
        Head(words("Risk"), "text"),
        Head(words("Cause, event, consequence"), "text"),
        Head(words("Rating"), "text"),
        Head(words("Inherent"), note=style.unit),
        Head(words("Residual"), note=style.unit),
        Head(words("Response"), "text"),
        Head(words("Owner, department"), "text"),
        Head(words("Review by"), "text"),
        Head(words("Source"), "text"),
    )
    groups: dict[str, list[Row]] = {}
    order = list(CATEGORY)
    for row in sorted(rows, key=lambda row: order.index(str(row["category"]))):
        groups.setdefault(str(row["category"]), []).append(_entry(row, style, reader))
    body = tuple(Group(tuple(some), words(CATEGORY[name])) for name, some in groups.items())
    caption = words("Register of risks by category, expected annual losses")
    shown = render(Table(caption, heads, body, "scroll", "rg", "risk-register"), words)
    told = sum(1 for row in rows if not row["quantified"])
    return join([shown, *_unquantified({"unquantified": told}, reader)])


def _entry(row: Mapping[str, Any], style: Any, reader: Reader) -> Row:
    words = reader.words
    chain = [str(row[name]) for name in ("cause", "event", "consequence") if row[name]]
    if row["quantified"]:
        rating = rating_cell(str(row["rating"]), reader)
        costs = tuple(amount_cell(row, n, style, "risk_id") for n in ("inherent", "residual"))
    else:
        grades = [number(row[name]) or 0.0 for name in ("likelihood", "impact")]
        text = words("L{likelihood} · I{impact}", likelihood=f"{grades[0]:.0f}",
                     impact=f"{grades[1]:.0f}")  # fmt: skip
        rating = Cell(join([text, element("small", words("grades only"), class_="tk")]))
        costs = (Cell(reason="not quantified"), Cell(reason="not quantified"))
    review = day_text(str(row["review_on"]), reader)
    due: object = review or element("small", words("none"), class_="na")
    if row["expired"]:
        due = join([element("span", review, class_="bad"),
                    element("small", words("expired"), class_="tk bad")])  # fmt: skip
    who = list(
        dict.fromkeys([reader.owner(str(row["owner"])), reader.owner(str(row["department"]))])
    )
    return Row(
        risk_name(str(row["risk_id"]), reader),
        (
            Cell(" → ".join(chain)),
            rating,
            *costs,
            Cell(words(RESPONSE.get(str(row["response"]), ""))),
            Cell(reader.listed(filter(None, who))),
            Cell(due),
            Cell(element("small", str(row["source"]))),
        ),
    )

"""Responses and incidents: what counts and what it is worth, what happened, what was foreseen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from opsnb.display.markup import element, join
from opsnb.display.numbers import NumberFormat, percent
from opsnb.display.reader import Reader, number, records
from opsnb.display.risk_kri import day_text
from opsnb.display.risk_words import (
    RESPONSE,
    STATUS,
    amount_cell,
    amounts,
    bound,
    key,
    risk_name,
    settings,
)
from opsnb.display.table import Cell, Group, Head, Row, Table, render
from opsnb.display.words import mark
from opsnb.results import NotApplicable, Result

DOUBT = {
    "evidence": mark("without evidence: does not count"),
    "effect": mark("contradicted by incidents: does not count"),
}
VERDICT = {
    "contradicted": mark("not as claimed"),
    "confirmed": mark("has fallen"),
    "open": mark("cannot be told yet"),
}
WORTH = ("benefit", "cost", "net", "net_low", "net_high")
Records = Sequence[Mapping[str, Any]]


def risk_responses(result: Result, reader: Reader) -> Markup:
    """Treatments with their worth and effect, and losses by risk before and after them."""
    rows, words = records(result), reader.words
    if not rows:
        return element("p", words("No treatments are kept (ledger treatments)."), class_="note")
    stages = [row for part in result.parts for row in records(part) if part.name == "risk_stages"]
    return join([_treatments(rows, reader), _fall(stages, reader) if stages else None])


def _treatments(rows: Records, reader: Reader) -> Markup:
    words, style = reader.words, amounts(rows, WORTH, reader)
    heads = (
        Head(words("Measure"), "text"),
        Head(words("Risk"), "text"),
        Head(words("Status"), "text"),
        Head(words("Saves a year"), note=style.unit),
        Head(words("Costs a year"), note=style.unit),
        Head(words("Net"), note=words("below it 95 % by simulation")),
        Head(words("Events a year"), "text", words("before → after; claimed fall")),
        Head(words("Owner, deadline"), "text"),
        Head(words("Evidence"), "text"),
    )
    body = tuple(_treatment(row, style, reader) for row in rows)
    caption = words("Responses: only what is effective and evidenced lowers the residual loss")
    return render(Table(caption, heads, (Group(body),), "scroll", "rr", "risk-responses"), words)


def _treatment(row: Mapping[str, Any], style: NumberFormat, reader: Reader) -> Row:
    words = reader.words
    status: list[object] = [words(STATUS.get(str(row["status"]), ""))]
    if row["doubt"]:
        status.append(element("small", words(DOUBT[str(row["doubt"])]), class_="tk bad"))
    name = "treatment_id"
    net = amount_cell(row, "net", style, name, signed=True)
    if not net.reason:
        ends = (style.number(float(row[n]), signed=True) for n in ("net_low", "net_high"))
        figure = bound(str(net.content), net.key)
        net = Cell(join([figure, element("br"), element("small", " … ".join(ends))]))
    due = day_text(str(row["deadline"]), reader)
    owner = reader.owner(str(row["owner"]))
    label = words(RESPONSE.get(str(row["response"]), ""))
    heading = join([str(row["measure"]) or str(row[name]), " ", element("small", label)])
    cells = (
        Cell(risk_name(str(row["risk_id"]), reader)),
        Cell(join(status)),
        amount_cell(row, "benefit", style, name),
        amount_cell(row, "cost", style, name),
        net,
        Cell(_effect(row, reader)),
        Cell("，".join(filter(None, [owner, due])) if words.wide else
             ", ".join(filter(None, [owner, due]))),
        Cell(str(row["evidence"]) or element("small", words("none"), class_="na")),
    )  # fmt: skip
    return Row(heading, cells)


def _effect(row: Mapping[str, Any], reader: Reader) -> Markup:
    """Events a year before and after, and what they say of the claim."""
    words, one = reader.words, NumberFormat(reader.locale, 0, 1)
    claim = number(row["claim"])
    said = (
        ""
        if claim is None
        else words("claimed −{share}", share=percent(reader.locale, 0).text(claim))
    )
    before, after = row["rate_before"], row["rate_after"]
    if isinstance(before, NotApplicable) or isinstance(after, NotApplicable):
        return element("small", said, class_="na") if said else Markup("")
    names = ("treatment_id",)
    shown = join(
        [
            bound(one.number(before), key(row, "rate_before", *names)),
            bound(one.number(after), key(row, "rate_after", *names)),
        ],
        " → ",
    )
    verdict = str(row["verdict"])
    tone = "tk bad" if verdict == "contradicted" else "tk"
    told = "; ".join(filter(None, [said, words(VERDICT[verdict]) if verdict else ""]))
    told = told.replace("; ", "，") if words.wide else told
    return join([shown, element("small", told, class_=tone)])


def _fall(rows: Records, reader: Reader) -> Markup:
    """Expected loss of each risk before treatment, after it, and after the plan."""
    words, style = reader.words, amounts(rows, ("inherent", "residual", "goal"), reader)
    heads = (
        Head(words("Risk"), "text"),
        Head(words("Inherent"), note=style.unit),
        Head(words("Residual"), note=style.unit),
        Head(words("Fall"), note="%"),
        Head(words("After plan"), note=style.unit),
    )
    share = percent(reader.locale, 0)
    body = tuple(
        Row(
            risk_name(str(row["risk_id"]), reader),
            (
                amount_cell(row, "inherent", style, "risk_id"),
                amount_cell(row, "residual", style, "risk_id"),
                Cell(reason=row["fall"].reason)
                if isinstance(row["fall"], NotApplicable)
                else Cell(share.number(row["fall"]), key=key(row, "fall", "risk_id")),
                amount_cell(row, "goal", style, "risk_id"),
            ),
        )
        for row in rows
    )
    caption = words("Expected annual loss by risk before and after responses")
    table = Table(caption, heads, (Group(body),), "fit", "rf", "risk-fall")
    return element("div", render(table, words), class_="after")


def risk_incidents(result: Result, reader: Reader) -> Markup:
    """Incidents by risk with the frequency that they leave, and the years looked back on."""
    rows, words = records(result), reader.words
    if not rows:
        return element("p", words("No incidents are recorded (ledger incidents)."), class_="note")
    past = [row for part in result.parts for row in records(part) if part.name == "risk_backtest"]
    return join([_frequencies(rows, reader), _backtest(past, reader)])


def _frequencies(rows: Records, reader: Reader) -> Markup:
    words, two = reader.words, NumberFormat(reader.locale, 0, 2)
    style = amounts(rows, ["lost"], reader)
    start = day_text(str(settings(reader, "risk").get("recorded_from", "")), reader)
    heads = (
        Head(words("Risk"), "text"),
        Head(words("Incidents")),
        Head(words("Losses"), note=style.unit),
        Head(words("Years counted")),
        Head(words("Judged"), note=words("events a year")),
        Head(words("After incidents"), note=words("events a year, below it 90 %")),
    )

    def cell(row: Mapping[str, Any], name: str) -> Cell:
        value = row[name]
        if isinstance(value, NotApplicable):
            return Cell(reason=value.reason)
        return Cell(two.number(value), key=key(row, name, "risk_id"))

    def posterior(row: Mapping[str, Any]) -> Cell:
        whole = cell(row, "posterior")
        if whole.reason:
            return whole
        ends = element("small", " … ".join(two.number(float(row[n])) for n in ("low", "high")))
        return Cell(join([bound(str(whole.content), whole.key), element("br"), ends]))

    body = tuple(
        Row(
            risk_name(str(row["risk_id"]), reader),
            (
                Cell(f"{row['count']:.0f}", key=key(row, "count", "risk_id")),
                amount_cell(row, "lost", style, "risk_id"),
                cell(row, "years"),
                cell(row, "prior"),
                posterior(row),
            ),
        )
        for row in rows
    )
    caption = words("Incidents since {day}, and the frequency that they leave", day=start)
    note = words(
        "Frequencies are judged as a Gamma and brought up to date by what happened since the "
        "judgement; years under a treatment count by the share of events that it leaves."
    )
    table = Table(caption, heads, (Group(body),), "scroll", "ri", "risk-incidents")
    left = int(settings(reader, "risk").get("uncounted", 0))
    earlier = words("{n} incidents before {day} are not counted.", n=left, day=start)
    more = element("p", earlier, class_="note") if left else None
    return join([render(table, words), element("p", note, class_="note"), more])


def _backtest(rows: Records, reader: Reader) -> Markup:
    """Losses of each whole year against the value at risk as it began."""
    words = reader.words
    if not rows:
        text = words("No whole year of incidents is recorded yet: nothing to look back on.")
        return element("p", text, class_="note")
    style = amounts(rows, ("lost", "var_year"), reader)
    level = percent(reader.locale, 0).text(float(settings(reader, "risk").get("level", 0.95)))
    heads = (
        Head(words("Year"), "text"),
        Head(words("Losses"), note=style.unit),
        Head(words("VaR foretold"), note=style.unit),
        Head(words("Verdict"), "text"),
    )
    body = tuple(
        Row(
            str(row["year"]),
            (
                amount_cell(row, "lost", style, "year"),
                amount_cell(row, "var_year", style, "year"),
                Cell(element("b", words("beyond"), class_="bad") if row["beyond"]
                     else words("within")),
            ),
        )
        for row in rows
    )  # fmt: skip
    caption = words(
        "Years looked back on: losses against the VaR ({level}) of the register as the year began",
        level=level,
    )
    beyond = sum(1 for row in rows if row["beyond"])
    expected = NumberFormat(reader.locale, 0, 1).number(
        len(rows) * (1 - float(settings(reader, "risk").get("level", 0.95)))
    )
    note = words(
        "{beyond} of {years} years went beyond; {expected} were to be expected.",
        beyond=beyond, years=len(rows), expected=expected,
    )  # fmt: skip
    table = Table(caption, heads, (Group(body),), "fit", "rf", "risk-backtest")
    shown = element("div", render(table, words), class_="after")
    return join([shown, element("p", note, class_="note")])

"""The matrix of risks: a figure on log scales, the ranking, and what the scores get wrong."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from opsnb.display import figures
from opsnb.display.markup import element, join
from opsnb.display.numbers import NumberFormat, chosen, percent
from opsnb.display.reader import Reader, number, records
from opsnb.display.risk_figures import MatrixData, Spot, matrix
from opsnb.display.risk_words import (
    CALM,
    RATING,
    amount_cell,
    amounts,
    bound,
    change_cell,
    key,
    risk_name,
    round_amount,
    settings,
)
from opsnb.display.table import Cell, Group, Head, Row, Table, number_place, render
from opsnb.display.words import mark
from opsnb.results import NotApplicable, Result

NAME = "risk-matrix"
OFTEN = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0)
SCORES = {"product": mark("L×I"), "sum": mark("L+I")}
Records = Sequence[Mapping[str, Any]]


def risk_matrix(result: Result, reader: Reader) -> Markup:
    """Figure, ranking, and the check of the scores; a line where nothing is quantified."""
    rows = records(result)
    if not rows:
        return empty(reader)
    return join([figure(rows, reader), _ranking(rows, reader), check(result, reader)])


def empty(reader: Reader) -> Markup:
    """Line in place of what needs quantified risks."""
    words = reader.words
    if not settings(reader, "risk").get("is_whole", True):
        text = words("The register is that of the whole company; see its report.")
    else:
        text = words("The register has no risk that is judged in numbers; left out here.")
    return element("p", text, class_="note")


def figure(rows: Records, reader: Reader) -> Markup:
    """The matrix with its message; the reading stands beside it."""
    words, head, said = reader.words, f"{NAME}-t", f"{NAME}-d"
    told = settings(reader, "risk")
    caption = element(
        "figcaption",
        element("h3", message(rows, reader), id=head),
        element("p", number_place("figure", NAME), words(
            "Risks after treatment, {period}; ground by expected annual loss; a line begins where "
            "a risk was a month ago, grey bars hold 90 % of what is thought possible",
            period=reader.period(str(rows[0]["period"])),
        ), class_="sub"),
    )  # fmt: skip
    both = (
        figures.svg_of(matrix(data(rows, reader), canvas), class_=css, role="img",
                       aria_labelledby=f"{head} {said}")
        for canvas, css in ((figures.WIDE, "vw"), (figures.NARROW, "vn"))
    )  # fmt: skip
    drawing = element("div", *both, class_="cv")
    limits = [float(told.get(name) or 0.0) for name in ("medium", "high")]
    basis = words(
        "High from {high} a year, medium from {medium}: {basis}.",
        high=round_amount(limits[1], reader), medium=round_amount(limits[0], reader),
        basis=chosen(told.get("basis"), reader.locale),
    )  # fmt: skip
    side = [element("p", _named(rows, reader), id=said), element("p", basis), *_moved(rows, reader)]
    say = element("div", *side, class_="say")
    return element("figure", caption, drawing, element("div", say, class_="side"), id=NAME,
                   class_="fig")  # fmt: skip


def message(rows: Records, reader: Reader) -> Markup:
    """Which risks are high, or that none is."""
    words = reader.words
    high = [reader.risk(str(row["risk_id"])) for row in rows if row["rating"] == "high"]
    if not high:
        first = reader.risk(str(rows[0]["risk_id"]))
        return words.html("No risk is rated high; the largest is {risk}", risk=first)
    return words.html("Rated high: {risks}", risks=reader.listed(high[:3]))


def _named(rows: Records, reader: Reader) -> Markup:
    """Expected losses of the largest risks."""
    style = amounts(rows, ["loss"], reader)
    parts = [
        reader.words.html(
            "{risk} {loss}", risk=reader.risk(str(row["risk_id"])),
            loss=bound(style.text(row["loss"]), key(row, "loss", "risk_id")),
        )
        for row in rows[:3]
    ]  # fmt: skip
    return reader.words.html("Expected annual loss: {losses}.",
                             losses=join(parts, "，" if reader.words.wide else ", "))  # fmt: skip


def _moved(rows: Records, reader: Reader) -> list[Markup]:
    """Risks whose expected loss has changed since the month before."""
    style = percent(reader.locale, 0)
    moved = [
        row for row in rows if (change := number(row["change"])) is not None and abs(change) >= CALM
    ]
    if not moved:
        return [element("p", reader.words("Nothing has moved since the month before."))]
    parts = [
        reader.words.html(
            "{risk} {change}", risk=reader.risk(str(row["risk_id"])),
            change=bound(style.text(row["change"], signed=True), key(row, "change", "risk_id")),
        )
        for row in moved
    ]  # fmt: skip
    told = join(parts, "，" if reader.words.wide else ", ")
    return [element("p", reader.words.html("Since the month before: {changes}.", changes=told))]


def data(rows: Records, reader: Reader) -> MatrixData:
    """Numbers and labels of the figure."""
    words, told = reader.words, settings(reader, "risk")
    known = [float(row["loss"]) for row in rows]
    medium = float(told.get("medium") or max(known) / 3)
    high = float(told.get("high") or max(known))
    severities = [float(row["severity"]) for row in rows]
    spots = tuple(_spot(row, reader) for row in rows)
    edges = [10.0**power * step for power in range(1, 13) for step in (1, 3)]
    ticks = tuple(
        (v, round_amount(v, reader))
        for v in edges
        if min(severities) / 2 <= v <= max(severities) * 2
    )
    regions = (
        words("High ≥ {loss} a year", loss=round_amount(high, reader)),
        words("Medium"),
        words("Low < {loss}", loss=round_amount(medium, reader)),
    )
    often = tuple((value, _often(value, reader)) for value in OFTEN)
    heads = (words("Mean loss of an event"), words("Events a year, after treatment"))
    return MatrixData(spots, often, ticks, medium, high, heads, regions)


def _often(value: float, reader: Reader) -> str:
    """Frequency in words: once in ten years, three times a year."""
    if value < 1:
        return reader.words("once in {n} years", n=f"{1 / value:.0f}")
    return reader.words("{n} a year", n=f"{value:.0f}")


def _spot(row: Mapping[str, Any], reader: Reader) -> Spot:
    def known(name: str) -> float:
        value = number(row[name])
        return math.nan if value is None else value

    risk_id = str(row["risk_id"])
    return Spot(
        risk_id, reader.risk(risk_id), known("frequency"), known("severity"),
        known("frequency_low"), known("frequency_high"), known("severity_low"),
        known("severity_high"), known("before_frequency"), known("before_severity"),
        str(row["rating"]),
    )  # fmt: skip


def _ranking(rows: Records, reader: Reader) -> Markup:
    words, style = reader.words, amounts(rows, ["loss", "severity"], reader)
    heads = (
        Head(words("Risk"), "text"),
        Head(words("Rating"), "text"),
        Head(words("Expected annual loss"), "text", style.unit, "at"),
        Head(words("Loss of an event"), note=style.unit),
        Head(words("Events a year")),
        Head(words("On the month before"), "text"),
        Head(words("L and I"), note=words("grades")),
        Head(words("Rank"), note=words("loss · L×I · L+I")),
    )
    most = max(float(row["loss"]) for row in rows) or 1.0
    body = tuple(
        Row(
            risk_name(str(row["risk_id"]), reader),
            (
                rating_cell(str(row["rating"]), reader),
                bar_cell(row, most, style, "risk_id"),
                amount_cell(row, "severity", style, "risk_id"),
                Cell(_rate(row, reader), key=key(row, "frequency", "risk_id")),
                change_cell(row, reader),
                Cell(f"{row['likelihood']:.0f} · {row['impact']:.0f}"),
                Cell(f"{row['rank']:.0f} · {row['product_rank']:.0f} · {row['sum_rank']:.0f}"),
            ),
        )
        for row in rows
    )
    caption = words("Risks by simulated annual loss, after treatment")
    return element(
        "div",
        render(Table(caption, heads, (Group(body),), "scroll", "rk", "risk-ranking"), words),
        class_="after",
    )


def rating_cell(rating: str, reader: Reader) -> Cell:
    """Rating as a word; high ones stand out."""
    word = reader.words(RATING[rating]) if rating in RATING else ""
    return Cell(element("b", word, class_="bad") if rating == "high" else word)


def bar_cell(row: Mapping[str, Any], most: float, style: Any, *names: str) -> Cell:
    """Expected loss as a figure and a bar."""
    value = row["loss"]
    if isinstance(value, NotApplicable):
        return Cell(reason=value.reason)
    css = "bar b-red" if row.get("rating") == "high" else "bar"
    bar = element("span", class_=css, style=f"--w:{100 * value / most:.0f}%")
    figure = element("span", bound(style.number(value), key(row, "loss", *names)), class_="bn")
    return Cell(join([figure, bar]))


def _rate(row: Mapping[str, Any], reader: Reader) -> str:
    return NumberFormat(reader.locale, 0, 2).number(row["frequency"])


def check(result: Result, reader: Reader) -> Markup:
    """How many pairs of different ratings each score puts into the wrong order."""
    words, parts = reader.words, []
    for part in result.parts:
        for row in records(part) if part.name == "risk_reversals" else ():
            if isinstance(row["reversed_share"], NotApplicable):
                continue
            parts.append(
                words.html(
                    "{score} turns {reversed} of {pairs} pairs round ({share})",
                    score=words(SCORES[str(row["score"])]),
                    reversed=bound(f"{row['reversed']:.0f}", key(row, "reversed", "score")),
                    pairs=bound(f"{row['pairs']:.0f}", key(row, "pairs", "score")),
                    share=bound(percent(reader.locale).text(row["reversed_share"]),
                                key(row, "reversed_share", "score")),
                )
            )  # fmt: skip
    if not parts:
        text = words("No two risks are rated differently: the scores cannot be checked.")
        return element("p", text, class_="note")
    told = join(parts, "，" if words.wide else ", ")
    return element(
        "p",
        words.html(
            "Scores against losses: among risks of different ratings {told}. The simulated loss "
            "decides.", told=told,
        ),
        class_="note",
    )  # fmt: skip

"""Options of a special topic: one table, the best first, and a sentence about it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from opsnb.display.backtests import figure_key
from opsnb.display.forecasts import chance
from opsnb.display.markup import element, join
from opsnb.display.numbers import NumberFormat, chosen
from opsnb.display.reader import Reader, records
from opsnb.display.table import Cell, Group, Head, Row, Table, render
from opsnb.results import Result

Record = Mapping[str, Any]
AMOUNTS = ("option_cost", "option_benefit", "option_net", "option_low", "option_high")


def options(result: Result, reader: Reader) -> Markup:
    """Sentence about the option with the largest expected net benefit, and all in a table."""
    rows, words = records(result), reader.words
    metric = str(rows[0]["metric"])
    style = reader.format(metric, [row[name] for row in rows for name in AMOUNTS])
    heads = (
        Head(words("Option"), "text"), Head(words("Cost"), note=style.unit),
        Head(words("Benefit"), note=style.unit), Head(words("Net"), note=style.unit, css="a"),
        Head(words("80 % interval"), note=style.unit), Head(words("Chance of a loss")),
        Head(words("Chance of being best")), Head(words("Risk"), "text"),
        Head(words("Owner"), "text"),
    )  # fmt: skip
    body = tuple(_row(row, style, reader) for row in rows)
    table = Table(words("Options"), heads, (Group(body),), "scroll", "gt", "options")
    note = words(
        "Amounts of a year; ranges are PERT distributions, simulated; options are independent."
    )
    return join([_lead(rows[0], style, reader), render(table, words), element("p", note,
                class_="note")])  # fmt: skip


def _lead(row: Record, style: NumberFormat, reader: Reader) -> Markup:
    told = reader.words.html(
        "Largest expected net benefit: {option}, {net} a year; it loses with a chance of {loss}, "
        "and is the best of all with one of {best}.",
        option=_name(row, reader),
        net=_bound(row, "option_net", style.text(float(row["option_net"]))),
        loss=_bound(row, "p_loss", _odds(row, "p_loss", reader)),
        best=_bound(row, "p_best", _odds(row, "p_best", reader)),
    )  # fmt: skip
    return element("p", told)


def _row(row: Record, style: NumberFormat, reader: Reader) -> Row:
    words = reader.words
    ends = [
        element("data", style.number(float(row[name])), data_key=figure_key(row, name, "option"))
        for name in ("option_low", "option_high")
    ]
    better = str(row["dominated_by"])
    label = chosen(reader.provenance.get("options", {}).get(better), reader.locale) or better
    under = words("nowhere better than {option}", option=label) if better else ""
    name = join([_name(row, reader), element("small", under, class_="u") if under else None], " ")
    amounts = (
        Cell(style.number(float(row[key])), key=figure_key(row, key, "option"))
        for key in ("option_cost", "option_benefit", "option_net")
    )
    odds = (
        Cell(_odds(row, key, reader), key=figure_key(row, key, "option"))
        for key in ("p_loss", "p_best")
    )
    between = Cell(words.html("{low} to {high}", low=ends[0], high=ends[1]))
    return Row(
        name,
        (*amounts, between, *odds, Cell(str(row["risk_text"])), Cell(reader.owner(str(
            row["owner"])))),
    )  # fmt: skip


def _name(row: Record, reader: Reader) -> str:
    known = reader.provenance.get("options", {}).get(str(row["option"]))
    return chosen(known, reader.locale) or str(row["option"])


def _odds(row: Record, name: str, reader: Reader) -> str:
    value = float(row[name])
    return chance(reader, value).text(value)


def _bound(row: Record, name: str, text: str) -> Markup:
    return element("span", text, class_="n", data_key=figure_key(row, name, "option"))

"""Words and number formats that the views of risk share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from markupsafe import Markup

from opsnb.display.markup import NBSP, element
from opsnb.display.numbers import NumberFormat, percent
from opsnb.display.reader import Reader, number
from opsnb.display.table import Cell
from opsnb.display.words import mark
from opsnb.keys import record_key
from opsnb.results import NotApplicable

LOSS = "risk:annual_loss"
RATING = {"high": mark("High"), "medium": mark("Medium"), "low": mark("Low")}
COLOUR = {
    "red": mark("Red"), "orange": mark("Orange"), "yellow": mark("Yellow"),
    "green": mark("Normal"), "grey": mark("Grey"),
}  # fmt: skip
CATEGORY = {
    "market": mark("Market risk"), "competition": mark("Competition risk"),
    "policy": mark("Policy risk"), "technology": mark("Technology risk"),
    "operation": mark("Operational risk"), "finance": mark("Financial risk"),
    "credit": mark("Credit risk"), "legal": mark("Legal risk"),
}  # fmt: skip
RESPONSE = {
    "avoid": mark("Avoid"), "reduce": mark("Reduce"), "transfer": mark("Transfer"),
    "accept": mark("Accept"),
}  # fmt: skip
STATUS = {
    "proposed": mark("Proposed"), "ongoing": mark("Under way"), "effective": mark("Effective"),
    "ended": mark("Ended"),
}  # fmt: skip
STAGE = {"inherent": mark("Inherent"), "residual": mark("Residual"), "target": mark("After plan")}
SMALL, LARGE = 0.005, 0.995
MILLION, SMALLEST = 1e6, 1e4
CALM = 0.05
"""Change of an expected loss below which it is called unchanged."""


def chance(value: float, locale: str) -> str:
    r"""Probability as it is read: never 0 % or 100 % where it is neither.

    >>> chance(0.001, "en"), chance(0.65, "en"), chance(1.0, "en")
    ('<\xa01\xa0%', '65\xa0%', '100\xa0%')
    """
    style = percent(locale, 0)
    if 0 < value < SMALL:
        return "<" + NBSP + style.text(0.01)
    if LARGE <= value < 1:
        return ">" + NBSP + style.text(0.99)
    return style.text(value)


def is_exact(value: float) -> bool:
    """Whether a probability is shown at its rounding, so that it can be bound to its record."""
    return not (0 < value < SMALL or LARGE <= value < 1)


def key(row: Mapping[str, Any], column: str, *names: str) -> str:
    """Key of the record of a cell; `names` are the key columns besides metric, unit and period."""
    by = {name: str(row[name]) for name in names if name != "target_period"}
    target = str(row["target_period"]) if "target_period" in names else ""
    metric, unit, period = (str(row.get(name, "")) for name in ("metric", "unit", "period"))
    return record_key(metric, column, unit, period, by, target)


def bound(text: str, record: str) -> Markup:
    """Figure bound to its record."""
    return element("span", text, class_="n", data_key=record)


def chance_cell(row: Mapping[str, Any], column: str, reader: Reader, *names: str) -> Cell:
    """Probability in a cell, or why there is none."""
    value = row[column]
    if isinstance(value, NotApplicable):
        return Cell(reason=value.reason)
    record = key(row, column, *names) if is_exact(value) else ""
    return Cell(chance(value, reader.locale), key=record)


def amount_cell(
    row: Mapping[str, Any], column: str, style: NumberFormat, *names: str, signed: bool = False
) -> Cell:
    """Amount in a cell, or why there is none."""
    value = row[column]
    if isinstance(value, NotApplicable):
        return Cell(reason=value.reason)
    return Cell(style.number(value, signed=signed), key=key(row, column, *names))


def amounts(
    rows: Sequence[Mapping[str, Any]], columns: Sequence[str], reader: Reader
) -> NumberFormat:
    """Format that the amounts of some columns share."""
    return reader.format(LOSS, [number(row[column]) or 0.0 for row in rows for column in columns])


def round_amount(value: float, reader: Reader) -> str:
    """A limit or a tick: as many decimals as it has, on a scale on which it is no long number."""
    style = reader.format(LOSS, [max(value, MILLION) if value >= SMALLEST else value])
    shown = style.scaled(value)
    decimals = next((d for d in range(4) if round(shown, d) == round(shown, 6)), style.decimals)
    return replace(style, decimals=decimals).text(value)


def risk_name(risk_id: str, reader: Reader) -> Markup:
    """Id and name of a risk."""
    name = reader.risk(risk_id)
    return element("span", element("small", risk_id), " ", name if name != risk_id else None)


def change_cell(row: Mapping[str, Any], reader: Reader) -> Cell:
    """Change of a loss on the month before: an arrow and a share, or that there is none."""
    value = row["change"]
    if isinstance(value, NotApplicable):
        return Cell(reason=value.reason)
    if abs(value) < CALM:
        return Cell(reader.words("unchanged"))
    text = percent(reader.locale, 0).text(value, signed=True)
    arrow = "▲" if value > 0 else "▼"
    record = key(row, "change", "risk_id")
    shown = bound(text, record)
    return Cell(element("span", arrow + NBSP, shown, class_="bad" if value > 0 else ""))


def settings(reader: Reader, name: str) -> Mapping[str, Any]:
    """What the result says of itself beyond its rows."""
    found = reader.provenance.get(name)
    return found if isinstance(found, Mapping) else {}

"""Indicators of risk: a table with the chances of months ahead and the colours of past ones."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from opsnb.display.dates import day
from opsnb.display.icons import icon
from opsnb.display.markup import NBSP, anchor, element, join
from opsnb.display.reader import Reader, records
from opsnb.display.risk_words import COLOUR, bound, chance, chance_cell, key, settings
from opsnb.display.sentences import sentence
from opsnb.display.table import Cell, Group, Head, Row, Table, render
from opsnb.results import NotApplicable, Result

ICONS, REACHED = {"green": "info"}, "reached already"
HEIGHTS = {"green": 4.0, "yellow": 8.0, "orange": 12.0, "red": 16.0}
WIDE, TALL, STEP = 66.0, 20.0, 11.0
Records = Sequence[Mapping[str, Any]]


def kri(result: Result, reader: Reader) -> Markup:
    """Table of the indicators, and what must be said of single ones; a line without any."""
    rows = records(result)
    if not rows:
        return element("p", reader.words("No indicators of risk are kept; left out here."),
                       class_="note")  # fmt: skip
    return join([table(result, reader, history=True), notes(result, reader)])


def table(result: Result, reader: Reader, *, history: bool) -> Markup:
    """Indicators, the most alarming first.

    Parameters
    ----------
    history : bool
        Whether the colours of the last months, and who has taken on a warning, are shown too.
    """
    words, horizon = reader.words, int(settings(reader, "kri").get("horizon", 6))
    heads = [
        Head(words("Level and indicator"), "text", css="kn"),
        Head(words("Now")),
        Head(words("Yellow / orange / red")),
        Head(words("Red likely"), note=words("within 1 to {n} months", n=horizon)),
        Head(words("Expected in"), "text"),
        Head(words("Owner"), "text", css="w"),
        Head(words("Action required"), "text"),
        Head(words("Basis of the levels"), "text", css="q"),
    ]
    if history:
        heads.insert(5, Head(words("Last months"), "chart"))
        heads[7:8] = [Head(words("Required, and under way"), "text")]
    ahead = _grouped(result, "kri_ahead")
    past = _grouped(result, "kri_history")
    body = tuple(
        _row(row, ahead.get(row["kri"], []), past.get(row["kri"], []), reader, history=history)
        for row in records(result)
    )
    caption = words(
        "Indicators of risk, the most alarming first; the chance is that of reaching red in any "
        "of the next {n} months", n=horizon,
    )  # fmt: skip
    return render(Table(caption, tuple(heads), (Group(body),), "scroll", "kr", "kri"), words)


def notes(result: Result, reader: Reader) -> Markup:
    """Warnings that the level alone does not explain, and how colours change."""
    words, told = reader.words, settings(reader, "kri")
    lines = [
        element(
            "p",
            join([icon(f.severity, words), sentence(f, reader.provenance, reader.locale)], " "),
            class_="note",
        )
        for f in result.findings
        if f.code in ("RSK002", "RSK003", "RSK004")
    ]
    rule = words(
        "A colour rises at once and falls after {n} calm months; without a current value an "
        "indicator is grey, never green.", n=told.get("down_periods", 2),
    )  # fmt: skip
    return join([*lines, element("p", rule, class_="note")])


def _grouped(result: Result, name: str) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for part in result.parts:
        for row in records(part) if part.name == name else ():
            found.setdefault(str(row["kri"]), []).append(row)
    return found


def _row(
    row: Mapping[str, Any], ahead: Records, past: Records, reader: Reader, *, history: bool
) -> Row:
    words, style = reader.words, reader.format(row["metric"], [row[n] for n in LEVELS])
    level = row["reading"]
    unit = element("small", style.after) if style.after else None
    if isinstance(level, NotApplicable):
        now = Cell(reason=level.reason)
    else:
        shown = bound(style.number(level), key(row, "reading", "kri"))
        now = Cell(join([shown, unit], NBSP), css="a")
    limits = join(
        [bound(style.number(row[name]), key(row, name, "kri")) for name in LEVELS[1:]],
        "／" if words.wide else " / ",
    )
    cells = [
        now, Cell(limits), _ahead(row, ahead, reader), _months(row, reader),
        Cell(reader.owner(str(row["owner"]))), Cell(_required(row, reader, whole=history)),
        Cell(str(row["threshold_basis"]), css="q"),
    ]  # fmt: skip
    if history:
        cells.insert(4, Cell(_strip(past, reader)))
    return Row(_name(row, reader), tuple(cells), anchor("kri", str(row["kri"])))


LEVELS = ("reading", "yellow", "orange", "red")


def _name(row: Mapping[str, Any], reader: Reader) -> Markup:
    colour, words = str(row["colour"]), reader.words
    shape = icon(ICONS.get(colour, colour), words, words(COLOUR[colour]))
    name = reader.metric(str(row["metric"]))
    own = str(reader.provenance.get("unit", row["unit"]))
    where = None if row["unit"] == own else element("small", reader.unit(str(row["unit"])))
    return join([shape, " ", name, " ", where])


def _ahead(row: Mapping[str, Any], ahead: Records, reader: Reader) -> Cell:
    """Bars of the chance by month, and the last as a figure."""
    if isinstance(row["months"], NotApplicable) and row["months"].reason == REACHED:
        return Cell(reason=REACHED)
    if not ahead:
        return chance_cell(row, "p_red", reader, "kri")
    warn = float(settings(reader, "kri").get("probability", 0.5))
    last = ahead[-1]
    text = chance(last["p_any"], reader.locale)
    shown = chance_cell(last, "p_any", reader, "kri", "target_period")
    figure = bound(text, shown.key) if shown.key else text
    told = reader.words(
        "Chance by month: {chances}",
        chances=reader.listed(chance(one["p_any"], reader.locale) for one in ahead),
    )
    bars = [
        element(
            "rect",
            x=f"{STEP * place:g}",
            y=f"{TALL - max(1.0, TALL * one['p_any']):.1f}",
            width="8",
            height=f"{max(1.0, TALL * one['p_any']):.1f}",
            class_="on" if one["p_any"] >= warn else None,
        )
        for place, one in enumerate(ahead)
    ]
    level = element("path", d=f"M0 {TALL * (1 - warn):g}H{STEP * len(ahead) - 3:g}")
    drawing = element(
        "svg", *bars, level, viewBox=f"0 0 {STEP * len(ahead) - 3:g} {TALL:g}", class_="pp",
        role="img", aria_label=told,
    )  # fmt: skip
    return Cell(join([drawing, figure], " "))


def _months(row: Mapping[str, Any], reader: Reader) -> Cell:
    value, words = row["months"], reader.words
    if isinstance(value, NotApplicable):
        if value.reason == "not likely within the horizon":
            horizon = int(settings(reader, "kri").get("horizon", 6))
            return Cell(words("not within {n} months", n=horizon))
        return Cell(reason=value.reason)
    figure = bound(f"{value:.0f}", key(row, "months", "kri"))
    return Cell(words.html("in {n} months", n=figure))


def _required(row: Mapping[str, Any], reader: Reader, *, whole: bool) -> Markup:
    """What the level requires, and who has taken it on until when."""
    words, required = reader.words, str(row["response"])
    if not whole:
        return join([required])
    taken: Markup | None = None
    if row["action"]:
        taken = element(
            "small",
            words.html(
                "{owner}, until {day}: {action}", owner=reader.owner(str(row["action_owner"])),
                day=day_text(str(row["deadline"]), reader), action=str(row["action"]),
            ),
            class_="tk",
        )  # fmt: skip
    elif row["colour"] in ("red", "orange"):
        taken = element("small", words("nobody has taken it on"), class_="tk bad")
    return join([required, taken])


def day_text(text: str, reader: Reader) -> str:
    """Day as a reader sees it; empty for none."""
    if not text:
        return ""
    year = int(str(reader.provenance.get("period", "0"))[:4] or 0)
    return day(dt.date.fromisoformat(text), reader.locale, year=year)


def _strip(past: Records, reader: Reader) -> Markup:
    """Colours of the last months as bars, the higher the graver; grey ones are outlined."""
    words, bars = reader.words, []
    for place, row in enumerate(past):
        colour = str(row["colour"])
        tall = HEIGHTS.get(colour, 8.0)
        bars.append(
            element(
                "rect",
                x=f"{6 * place:g}",
                y=f"{16 - tall:g}",
                width="5",
                height=f"{tall:g}",
                class_=f"h-{colour}",
            )
        )
    told = reader.listed(
        f"{reader.period(str(row['period']))} {words(COLOUR[str(row['colour'])])}" for row in past
    )
    return element("svg", *bars, viewBox=f"0 0 {6 * len(past)} 16", class_="hs", role="img",
                   aria_label=told)  # fmt: skip

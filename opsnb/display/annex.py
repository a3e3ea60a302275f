"""The annex: where the data come from, and what each metric means."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

from babel.dates import format_datetime
from markupsafe import Markup

from opsnb.display.markup import anchor, element, join
from opsnb.display.numbers import chosen, count
from opsnb.display.reader import Reader, number, records
from opsnb.display.states import caveats
from opsnb.display.table import Cell, Group, Head, Row, Table, render
from opsnb.display.words import mark
from opsnb.results import NotApplicable, Result

DIGITS = 12  # of a sha256, enough to compare by eye


COLUMNS: dict[str, Head] = {
    "path": Head(mark("File"), "text"),
    "rows": Head(mark("Rows")),
    "rows_in_period": Head(mark("Rows in the period")),
    "excluded": Head(mark("Rows left out")),
    "recognised": Head(mark("Values read by agreement")),
    "unmatched": Head(mark("Rows without a match")),
    "modified": Head(mark("Modified"), "text", css="w"),
    "owner": Head(mark("Owner"), "text", css="w"),
    "units_missing": Head(mark("Units without data"), "text"),
    "sha256": Head("sha256", "text"),
}


RARE = ("excluded", "recognised", "unmatched")
COUNTED = ("rows", "rows_in_period", *RARE)


def sources(result: Result, reader: Reader) -> Markup:
    """Table of the sources: file, rows, rows of the period, age, owner, missing units, digest.

    Counts of what was left out, agreed on or not matched stand there where there are any.
    """
    words = reader.words
    names = [
        name
        for name in COLUMNS
        if name in result.frame and (name not in RARE or result.frame[name].any())
    ]
    heads = [replace(COLUMNS[name], label=words(COLUMNS[name].label)) for name in names]
    rows = tuple(_source(record, names, reader) for record in records(result))
    caption = words("Data sources, cut-off {day}", day=day(reader.provenance.get("as_of"), reader))
    first = Head(words("Source"), "text")
    table = Table(caption, (first, *heads), (Group(rows),), "stack", "so", "sources")
    agreed = (_agreed(str(name), reader) for name in result.frame["table"])
    return join([render(table, words), *agreed, caveats(result.findings, result.notes, reader)])


def _agreed(table: str, reader: Reader) -> Markup | None:
    """How many values of each column were read by a declared habit or word for "no value"."""
    found = reader.provenance.get("sources", {}).get(table, {}).get("recognised", {})
    parts = []
    for what, n in found.items():
        kind, _, column = str(what).partition(" ")
        values = {"column": column, "n": count(reader.locale).text(n)}
        if kind == "missing":
            parts.append(reader.words("{n} in {column} stand for no value", **values))
        else:
            parts.append(reader.words("{n} in {column} read as they are written", **values))
    if not parts:
        return None
    details = ("；" if reader.words.wide else "; ").join(parts)
    told = reader.words("{table}, values: {details}.", table=reader.table(table), details=details)
    return element("p", told, class_="note")


def _source(record: dict[str, Any], names: list[str], reader: Reader) -> Row:
    name = str(record["table"])
    cells = tuple(_fact_cell(column, record[column], reader) for column in names)
    return Row(reader.table(name), cells, anchor("source", name))


def _fact_cell(column: str, value: object, reader: Reader) -> Cell:
    words, text = reader.words, _text(value)
    if column in COUNTED:
        return _counted(value, reader)
    if column == "modified":
        return Cell(day(value, reader))
    if column == "owner":
        return Cell(reader.owner(text) or words("not named"))
    if column == "units_missing":
        missing = reader.listed(reader.unit(unit) for unit in split(text))
        return Cell(element("span", missing, class_="miss") if missing else words("none"))
    if column == "sha256":
        return Cell(element("code", text[:DIGITS], title=text) if text else words("none"))
    return Cell(element("code", text))


def split(text: str) -> list[str]:
    """Ids of a comma joined list.

    >>> split("west, overseas")
    ['west', 'overseas']
    """
    return [part.strip() for part in text.split(",") if part.strip()]


def _counted(value: object, reader: Reader) -> Cell:
    found = number(value)
    if found is None:
        reason = value.reason if isinstance(value, NotApplicable) else "no data in this period"
        return Cell(reason=reason)
    return Cell(count(reader.locale).number(found))


def _text(value: object) -> str:
    missing = value is None or value != value or isinstance(value, NotApplicable)  # noqa: PLR0124
    return "" if missing else str(value)


def day(value: object, reader: Reader) -> str:
    """Date, with its time where there is one, in the form of the language; else as it stands."""
    text = _text(value)
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        return text
    form = "yyyy-MM-dd" if (moment.hour, moment.minute) == (0, 0) else "yyyy-MM-dd HH:mm"
    return str(format_datetime(moment, form, locale=reader.locale.replace("-", "_")))


def definitions(result: Result, reader: Reader) -> Markup:
    """List of the metrics: meaning, formula, source tables, owner, and the query behind a fold."""
    items = (_definition(record, reader) for record in records(result))
    return join(
        [
            element("dl", *items, class_="defs"),
            caveats(result.findings, result.notes, reader),
        ]
    )


def _definition(record: dict[str, Any], reader: Reader) -> Markup:
    words, metric = reader.words, str(record["metric"])
    tables = split(_text(record.get("tables")))
    facts = (
        (words("Formula"), element("code", _text(record.get("formula")))),
        (words("Source"), reader.listed(map(reader.table, tables))),
        (words("Owner"), reader.owner(_text(record.get("owner")))),
    )
    sql = _text(record.get("sql"))
    fold = element("details", element("summary", "SQL"), element("pre", element("code", sql)))
    return element(
        "div",
        element("dt", reader.metric(metric)),
        element(
            "dd",
            chosen(reader.definition(metric).get("description"), reader.locale),
            element("ul", *(_fact(name, shown) for name, shown in facts if shown)),
            fold if sql else None,
        ),
    )


def _fact(name: str, shown: object) -> Markup:
    return element("li", element("small", name), " ", shown)

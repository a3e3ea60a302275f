"""The annex: where the data come from, and what each metric means."""

from __future__ import annotations

import datetime as dt
from typing import Any

from babel.dates import format_datetime
from markupsafe import Markup

from opsnb.display.markup import element, join
from opsnb.display.numbers import chosen, count
from opsnb.display.reader import Reader, number, records
from opsnb.display.states import caveats
from opsnb.display.table import Cell, Group, Head, Row, Table, render
from opsnb.results import NotApplicable, Result

DIGITS = 12  # of a sha256, enough to compare by eye


def sources(result: Result, reader: Reader) -> Markup:
    """Table of the sources: file, rows, rows of the period, age, owner, missing units."""
    words = reader.words
    heads = (
        Head(words("Source"), "text"),
        Head(words("File"), "text"),
        Head(words("Rows")),
        Head(words("Rows in the period")),
        Head(words("Modified"), "text", css="w"),
        Head(words("Owner"), "text", css="w"),
        Head(words("Units without data"), "text"),
        Head("sha256", "text"),
    )
    rows = tuple(_source(record, reader) for record in records(result))
    caption = words("Data sources, cut-off {day}", day=day(reader.provenance.get("as_of"), reader))
    table = Table(caption, heads, (Group(rows),), "stack", "so", "sources")
    return join([render(table, words), caveats(result.findings, result.notes, reader)])


def _source(record: dict[str, Any], reader: Reader) -> Row:
    words = reader.words
    lacking = [unit.strip() for unit in _text(record.get("units_missing")).split(",") if unit.strip()]
    missing = (
        element("span", reader.listed(map(reader.unit, lacking)), class_="miss")
        if lacking
        else words("none")
    )
    digest = _text(record.get("sha256"))
    return Row(
        reader.table(str(record["table"])),
        (
            Cell(element("code", _text(record.get("path")))),
            _counted(record.get("rows"), reader),
            _counted(record.get("rows_in_period"), reader),
            Cell(day(record.get("modified"), reader)),
            Cell(_text(record.get("owner")) or words("not named")),
            Cell(missing),
            Cell(element("code", digest[:DIGITS], title=digest) if digest else words("none")),
        ),
    )


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
    return join([
        element("dl", *items, class_="defs"),
        caveats(result.findings, result.notes, reader),
    ])


def _definition(record: dict[str, Any], reader: Reader) -> Markup:
    words, metric = reader.words, str(record["metric"])
    tables = [table.strip() for table in _text(record.get("tables")).split(",") if table.strip()]
    facts = (
        (words("Formula"), element("code", _text(record.get("formula")))),
        (words("Source"), reader.listed(map(reader.table, tables))),
        (words("Owner"), _text(record.get("owner"))),
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

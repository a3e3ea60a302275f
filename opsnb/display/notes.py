"""Notes of people: shown as written by them, with the sources of their figures, stale if they are.

`cause` and `measure` are what the exceptions and the list of problems show.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from markupsafe import Markup, escape

from opsnb.display.markup import element, join
from opsnb.display.reader import Reader, number, records
from opsnb.keys import record_key
from opsnb.results import Result

SOURCED = re.compile(r"\[([^\]\n]+)\]\(([^)\n]+)\)")
Row = Mapping[str, Any]


def notes_on(result: Result, metric: str, unit: str) -> list[Row]:
    """Rows of the part ``notes`` of `result` that are about a metric of a unit."""
    parts = [part for part in result.parts if part.name == "notes"]
    rows = (row for part in parts for row in records(part))
    return [row for row in rows if (row["metric"], row["unit"]) == (metric, unit)]


def cause(note: Row, reader: Reader) -> Markup:
    """Cause of a note, with its author, and what it spoke of where that has moved."""
    words = reader.words
    text = words.html("Cause: {text}", text=written(str(note["cause"]), reader))
    return element(
        "span", join([_stale(note, reader), text, _author(note, reader)], " "), class_="nt"
    )


def measure(note: Row, reader: Reader) -> Markup | None:
    """Measure of a note; None without one."""
    if not note["measure"]:
        return None
    text = reader.words.html("Measure: {text}", text=written(str(note["measure"]), reader))
    return element("span", join([text, _author(note, reader)], " "), class_="nt")


def written(text: str, reader: Reader) -> Markup:
    """Text as a person wrote it; a figure with its source is marked as manually reported.

    >>> str(written("走访 [3 家](访谈)", Reader({}, "zh")))
    '走访 <span class="by-hand">3 家<small>人工填报：访谈</small></span>'
    """
    parts: list[object] = []
    place = 0
    for found in SOURCED.finditer(text):
        source = element("small", reader.words("Manually reported: {source}", source=found[2]))
        parts += [text[place : found.start()], element("span", found[1], source, class_="by-hand")]
        place = found.end()
    return join([*parts, text[place:]])


def _author(note: Row, reader: Reader) -> Markup | None:
    author = reader.owner(str(note["author"]))
    return element("small", reader.words("written by {author}", author=author)) if author else None


def _stale(note: Row, reader: Reader) -> Markup | None:
    """Tag of a note whose number has moved, with what it was and what it is."""
    if not note["stale"]:
        return None
    words, now = reader.words, number(note["actual"])
    tag = element("span", words("out of date"), class_="tag")
    if now is None:
        told = words.html("written at {seen}, now without a value.", seen=note["seen"])
        return join([tag, told], " ")
    metric, unit, period = (str(note[name]) for name in ("metric", "unit", "period"))
    key = record_key(metric, "actual", unit, period, {"place": str(note["place"])})
    shown = reader.format(metric, [now]).text(now)
    value = element("data", shown, value=repr(now), class_="n", data_key=key)
    told = words.html("written at {seen}, now {value}.", seen=escape(note["seen"]), value=value)
    return join([tag, told], " ")

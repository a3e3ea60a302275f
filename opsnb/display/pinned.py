"""Pinned views: each as the analysis is shown elsewhere, under names and keys of its own."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from html import unescape
from typing import Any

from markupsafe import Markup, escape

from opsnb.display.annex import day
from opsnb.display.markup import element, join
from opsnb.display.reader import Reader, records
from opsnb.display.words import mark
from opsnb.keys import PIN
from opsnb.keys import pinned as key_of_pin
from opsnb.results import Result

Record = Mapping[str, Any]
KINDS: dict[str, str] = {
    "scorecard": mark("KPI completion"),
    "trend": mark("Trend"),
    "control_chart": mark("Control charts"),
    "units": mark("Units"),
    "attribution": mark("Attribution"),
    "drill_down": mark("Drill down"),
    "drivers": mark("Drivers"),
    "forecast": mark("Forecast"),
    "what_if": mark("What if"),
}
"""What a view is called."""
KEY = re.compile(r'( data-key=")([^"]*)(")')
ID = re.compile(r' id="([^"]*)"')
NAMED = re.compile(r'( (?:id|aria-labelledby|aria-describedby|data-for)=")([^"]*)(")')
LINK = re.compile(r'(href="#|url\(#)([^")]*)')


def pinned(result: Result, reader: Reader, view: Callable[[Result, Reader], Markup]) -> Markup:
    """All views one below the other; `view` draws one.

    A page then has the same analysis twice, and so every id and key in a view is the pin's own.
    """
    rows = records(result)
    made = {str(part.provenance[PIN]): part for part in result.parts}
    return join([_one(row, made.get(str(row["pin"])), reader, view) for row in rows])


def _one(
    row: Record, part: Result | None, reader: Reader, view: Callable[[Result, Reader], Markup]
) -> Markup:
    words, name = reader.words, str(row["pin"])
    kind = words(KINDS[str(row["view"])])
    title = str(row["title"]) or words("{metric}: {view}", metric=reader.metric(row["metric"]),
                                       view=kind)  # fmt: skip
    on = day(row["on"], reader) if row["on"] else ""
    who = str(row["by"])
    told = words("Pinned by {who}, {on}", who=who, on=on) if who else words("Pinned, {on}", on=on)
    said = told if on else ""
    notes = [element("p", text, class_="note") for text in (str(row["note"]), said) if text]
    if part is None:
        why = words("Cannot be shown this month: {why}", why=row["why"])
        return join([element("h3", title, class_="pin"), *notes, element("p", why, class_="note")])
    drawn = view(part, Reader.of(part, reader.locale))
    head = element("h3", title, id=f"pin-{name}", class_="pin")
    return join([head, *notes, own(drawn, name)])


def own(html: Markup, pin: str) -> Markup:
    """Fragment whose ids, links and keys are those of a pin."""

    def named(found: re.Match[str]) -> str:
        names = (f"{pin}-{name}" for name in found[2].split())
        return f"{found[1]}{' '.join(names)}{found[3]}"

    def keyed(found: re.Match[str]) -> str:
        return f"{found[1]}{escape(key_of_pin(unescape(found[2]), pin))}{found[3]}"

    def linked(found: re.Match[str]) -> str:
        return f"{found[1]}{pin}-{found[2]}" if found[2] in ids else found[0]

    ids = set(ID.findall(str(html)))
    text = NAMED.sub(named, LINK.sub(linked, str(html)))
    return Markup(KEY.sub(keyed, text))  # noqa: S704 (a fragment that was safe before)

"""An explanation as text for a terminal, and as JSON for a script."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator, Sequence
from html import unescape
from typing import Any

import pandas as pd
from markupsafe import Markup
from rich.cells import cell_len

from opsnb.display.popovers import Answers
from opsnb.display.reader import Reader
from opsnb.display.reasons import reason_text
from opsnb.results import NotApplicable
from opsnb.runs.explain import Answer, Listing

DIGITS = 12


def lines(answer: Answer, locale: str) -> Iterator[str]:
    """All lines: the number, what a popover tells of it, the query, the rows."""
    reader = Reader(answer.provenance, locale)
    words, metric = reader.words, reader.metric(answer.metric)
    yield f"{metric}  {answer.period.label(locale)}  {reader.unit(answer.unit)}"
    yield f"{words('Value')}: {shown(answer, reader)}"
    for term, fact in Answers(reader).facts(answer.metric).items():
        if fact:
            yield f"{words(term)}: {_plain(fact)}"
    for source in answer.provenance["sources"].values():
        yield f"sha256: {source['path']} {source['sha256']}"
    yield "SQL:"
    yield f"  {answer.sql}"
    for listing in answer.listings:
        yield ""
        yield from _listing(listing, reader)


def shown(answer: Answer, reader: Reader) -> str:
    """The number as the page shows it, and exactly; or why there is none."""
    if isinstance(answer.value, NotApplicable):
        return reason_text(answer.value.reason, reader.words)
    style = reader.format(answer.metric, [answer.value])
    return f"{style.text(answer.value)} ({answer.value!r})".replace("\u00a0", " ")


def to_dict(answer: Answer) -> dict[str, Any]:
    """The same for a script; numbers are exact, missing is null with a reason."""
    definition = answer.provenance["metrics"][answer.metric]
    missing = isinstance(answer.value, NotApplicable)
    sources = answer.provenance["sources"]
    kept = ("path", "sha256", "rows", "rows_in_period", "owner")
    return {
        "metric": answer.metric,
        "period": str(answer.period),
        "unit": answer.unit,
        "value": None if isinstance(answer.value, NotApplicable) else answer.value,
        "reason": answer.value.reason if isinstance(answer.value, NotApplicable) else None,
        **{k: definition[k] for k in ("label", "description", "formula", "owner", "checks")},
        "unit_of_measure": definition["unit"],
        "sql": answer.sql,
        "sources": [{"table": t} | {k: s[k] for k in kept} for t, s in sources.items()],
        "rows": [_listing_dict(listing) for listing in answer.listings],
        "status": "no value" if missing else "done",
        "exit_code": 0,
    }


def _listing_dict(listing: Listing) -> dict[str, Any]:
    place = listing.place
    return {
        "table": place.table,
        "months": str(place.months),
        "over_time": place.over_time,
        "filter": place.filter or None,
        "total": listing.total,
        "totals": {k: _plain_value(v) for k, v in listing.totals.items()},
        "columns": list(listing.frame.columns),
        "rows": [[_plain_value(v) for v in row] for row in listing.frame.itertuples(index=False)],
    }


def _listing(listing: Listing, reader: Reader) -> Iterator[str]:
    words, place = reader.words, listing.place
    told = words("{n} of {total} rows", n=len(listing.frame), total=listing.total)
    kept = f", {place.filter}" if place.filter else ""
    yield f"{reader.table(place.table)} ({place.table}), {place.months}{kept}: {told}"
    cells = [[_cell(value) for value in row] for row in listing.frame.itertuples(index=False)]
    yield from _aligned([list(map(str, listing.frame.columns)), *cells])
    is_mean = place.over_time == "mean" and place.span.first < place.span.last
    for name, value in listing.totals.items():
        text = words("All {total} rows: {name} = {value}", total=listing.total, name=name,
                     value=_cell(value))  # fmt: skip
        yield text + (words(", mean of the months") if is_mean else "")


def _aligned(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    widths = [max(map(cell_len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        padded = (c + " " * (w - cell_len(c)) for c, w in zip(row, widths, strict=True))
        yield ("  " + "  ".join(padded)).rstrip()


def _plain(fact: object) -> str:
    """Fact as text; what stands in lines of its own is parted by semicolons."""
    text = str(fact).replace("</div><div>", "; ")
    return unescape(Markup(text).striptags()).replace("\u00a0", " ")  # noqa: S704 (only read)


def _plain_value(value: Any) -> Any:
    if value is None or value is pd.NaT or value is pd.NA:
        return None
    if isinstance(value, dt.datetime | dt.date):
        return value.isoformat()[:10] if _is_day(value) else value.isoformat()
    value = value.item() if hasattr(value, "item") else value
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _is_day(value: dt.date) -> bool:
    return not isinstance(value, dt.datetime) or (value.hour, value.minute, value.second) == (
        0,
        0,
        0,
    )


def _cell(value: Any) -> str:
    found = _plain_value(value)
    if found is None:
        return ""
    if isinstance(found, float):
        return f"{found:.6f}".rstrip("0").rstrip(".")
    return str(found)

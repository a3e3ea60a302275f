"""Days: when the rows of a file are of, as far as it can be told before it is read."""

from __future__ import annotations

import datetime as dt
import re

from opsnb.proposal.roles import FISCAL, YEARS, Looked, months_of, total_rows
from opsnb.proposal.written import COMPILED, MONTHS, Written, month_named

QUARTER_SIGNS = "一二三四"


def extent(seen: Looked, year: int | None = None) -> tuple[str, str, str]:
    """First month, last month and last day of the rows; empty where nothing tells.

    Months that are named without a year are of `year`.
    """
    found = _all(seen, year)
    return min(found, default="")[:7], max(found, default="")[:7], max(found, default="")


def _all(seen: Looked, year: int | None) -> list[str]:
    wide = seen.layout.wide
    if wide:
        heads = (name.partition("/") for name in months_of(wide, seen.layout))
        named = [month_named(head) or month_named(rest) for head, _, rest in heads]
        months = [(m.year or wide.year or year, m.month) for m in named if m]
        return [f"{found:04}-{month:02}" for found, month in months if found]
    excluded = total_rows(seen.layout)
    days = zip(seen.layout.records, days_of_rows(seen), strict=True)
    return [day for (row, _), day in days if day and row not in excluded]


def days_of_rows(seen: Looked) -> list[str]:
    """Day or month of each record, as ISO writes it; empty where it cannot be told."""
    found = seen.layout
    date = seen.one("date")
    if date is not None and date.source in found.names:
        place = found.names.index(date.source)
        return [_iso(cells[place], date.written) for _, cells in found.records]
    parts = {one.part: found.names.index(one.source) for one in seen.of("part")}
    if "year" not in parts:
        return [""] * len(found.records)
    start = seen.fiscal_start if is_fiscal(seen) else 1
    return [
        _of_parts({part: cells[at] for part, at in parts.items()}, start)
        for _, cells in found.records
    ]


def is_fiscal(seen: Looked) -> bool:
    """Whether the years seem to be fiscal ones."""
    year = next((one for one in seen.of("part") if one.part == "year"), None)
    return year is not None and bool(
        FISCAL.search(year.source) or any(FISCAL.search(value) for value in year.values)
    )


def _iso(text: str | None, how: Written) -> str:
    """A date as ISO writes it; empty where it is none."""
    if text is None:
        return ""
    if how.format == "serial":
        days = int(float(text)) if re.fullmatch(r"\d+(\.\d+)?", text) else 0
        return (dt.date(1899, 12, 30) + dt.timedelta(days=days)).isoformat() if days else ""
    if how.kind == "datetime" or (how.format is None and len(text) > len("2026-01-01")):
        text = text[:10]
    for pattern, form in COMPILED:
        if form == how.format and (match := pattern.fullmatch(text.strip())):
            told = match.groupdict()
            month = told.get("m") or str(MONTHS.get((told.get("n") or "").lower(), ""))
            if month:
                day = f"-{int(told['d']):02}" if told.get("d") else ""
                return f"{told['y']}-{int(month):02}{day}"
    return ""


def _of_parts(cells: dict[str, str | None], start: int) -> str:
    """Month of a year and a month or quarter; a fiscal year is named by its end."""
    year = YEARS.fullmatch((cells["year"] or "").strip())
    if not year:
        return ""
    number = int(year[1]) + (2000 if len(year[1]) == len("26") else 0)
    if "month" in cells:
        text = (cells["month"] or "").strip()
        told = month_named(text)
        month = told.month if told else int(text) if re.fullmatch(r"\d{1,2}", text) else 0
    else:
        digit = re.search(rf"[1-4{QUARTER_SIGNS}]", cells.get("quarter") or "")
        place = (QUARTER_SIGNS.find(digit[0]) + 1 or int(digit[0])) if digit else 0
        month = (start + 3 * place - 2) % 12 + 1 if place else 0
    if not 1 <= month <= 12:
        return ""
    return f"{number - (start > 1 and month >= start):04}-{month:02}"

"""A table of ``sources.yaml`` proposed for what was looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from opsnb.proposal.days import is_fiscal
from opsnb.proposal.naming import named, spoken
from opsnb.proposal.roles import YEARS, Looked, Seen
from opsnb.proposal.said import say
from opsnb.proposal.text import comments, flow, line

if TYPE_CHECKING:
    from opsnb.proposal.company import Asked, Source

DIMENSIONS = 8
TEXTS = ("id", "unit", "dimension", "text")
"""Roles of columns that are read as text, whatever they hold."""
READ = ("date", "other date", "part", "unit", "dimension", "id", "flow", "stock", "plan", "price")


def lines(name: str, source: Source, seen: Looked, asked: Asked) -> list[str]:
    """Lines of the table, comments among them."""
    chinese, found = seen.is_chinese, seen.layout
    header = " ".join(map(str, found.header))
    more = "" if seen.grid.is_whole else say("more", chinese=chinese)
    told = [say("rows", chinese=chinese, rows=len(found.records), header=header, more=more)]
    told += [say("title", chinese=chinese, title=found.title)] if found.title else []
    others = [sheet for sheet in seen.grid.sheets if sheet != seen.grid.spec.get("sheet")]
    if len(seen.grid.sheets) > 1:
        told.append(say("sheets", chinese=chinese, sheets=", ".join(others)))
    if found.twins:
        told.append(say("twins", chinese=chinese, names=", ".join(found.twins)))
    label = source.relation or source.path
    label = label.rpartition("/")[2].rpartition(".")[0] or label
    out = ["", f"  {name}:", *comments(4, told)]
    out += [line(4, "url", source.url), line(4, "relation", source.relation)] if source.url else [
        line(4, "path", source.path)]  # fmt: skip
    out += [line(4, key, value) for key, value in seen.grid.spec.items()]
    if found.header != (1,):
        out.append(line(4, "header", list(found.header)))
    out.append(line(4, "label", {"zh": label, "en": spoken(label)}))
    if found.fill_down:
        out.append(line(4, "fill_down", list(found.fill_down)))
    out += _unpivot(seen, chinese)
    out += _roles(seen, asked, chinese)
    out.append("    columns:")
    out += _columns(seen, asked, chinese)
    out += _where(seen, chinese)
    return out + _checks(seen)


def day_of(seen: Looked) -> str:
    """Column that says when a row belongs; empty without one."""
    date = seen.one("date")
    if date is not None:
        return date.name
    return (
        named("day", [c.name for c in seen.columns if c.role != "part"], "day")
        if seen.of("part")
        else ""
    )


def _unpivot(seen: Looked, chinese: bool) -> list[str]:
    wide = seen.layout.wide
    if wide is None:
        return []
    out = comments(4, [say("wide", chinese=chinese)])
    if wide.others:
        out += comments(4, [say("others", chinese=chinese, others=", ".join(wide.others))])
    spec: dict[str, Any] = {"columns": list(wide.columns), "name": "month", "value": "value"}
    if wide.kind:
        spec["without"] = f"/{wide.kind}" if wide.is_below else f"{wide.kind}/"
    return [*out, line(4, "unpivot", spec)]


def _roles(seen: Looked, asked: Asked, chinese: bool) -> list[str]:
    out = []
    day, unit = day_of(seen), seen.one("unit")
    if day:
        out.append(line(4, "date", day))
    else:
        out += comments(4, [say("no_date", chinese=chinese)])
    if unit:
        out.append(line(4, "unit", unit.name, say("unit", chinese=chinese)))
    else:
        out += comments(4, [say("no_unit", chinese=chinese)])
    dimensions = [c.name for c in seen.of("dimension") if c.distinct > 1][:DIMENSIONS]
    if dimensions:
        out.append(line(4, "dimensions", dimensions))
        labels = {
            c.name: {"label": {"zh": c.source, "en": spoken(c.source)}}
            for c in seen.of("dimension") if c.name in dimensions and c.name != c.source
        }  # fmt: skip
        if labels:
            out += ["    labels:", *(line(6, n, told) for n, told in labels.items())]
    words = list(dict.fromkeys(w for c in seen.of(*READ) for w in c.written.missing))
    if words:
        out.append(line(4, "missing", words))
    habits = list(dict.fromkeys(h for c in seen.of(*READ) for h in c.written.notation))
    if habits:
        out.append(line(4, "notation", habits))
    return out


def _columns(seen: Looked, asked: Asked, chinese: bool) -> list[str]:
    out = []
    parts = {c.part: c for c in seen.of("part")}
    if parts:
        spec, told = _put_together(seen, parts, asked, chinese)
        out.append(line(6, day_of(seen), {"type": "date", "parts": spec}, told))
    wide = seen.layout.wide
    for column in seen.columns:
        if column.role == "part":
            continue
        if column.role == "empty" or (column.role not in READ and column.role != "text"):
            why = say("empty" if column.role == "empty" else "unused", chinese=chinese)
            text = line(0, column.name, {"type": column.written.type, "from": column.source})
            out.append(f"      # {text}    # {why}")
            continue
        if wide and column.source == "month" and column.role == "date" and wide.format is None:
            year = wide.year or asked.year or asked.today.year
            told = "" if wide.year else say("no_year", chinese=chinese, year=year)
            spec = {"type": "date", "parts": {"year": year, "month": "month"}}
            out.append(line(6, column.name, spec, told))
            continue
        out.append(_column(column, chinese))
    return out


def _column(column: Seen, chinese: bool) -> str:
    how = column.written
    kind = "text" if column.role in TEXTS else how.type
    spec: dict[str, Any] = {"type": kind}
    if column.source != column.name:
        spec["from"] = column.source
    if how.format and kind != "text":
        spec["format"] = how.format
    told = []
    if how.doubt:
        told.append(say("guess", chinese=chinese, other=how.doubt))
    if how.odd:
        told.append(say("odd", chinese=chinese, values=", ".join(how.odd)))
    return line(6, column.name, spec if len(spec) > 1 else kind, "; ".join(told))


def _put_together(
    seen: Looked, parts: dict[str, Seen], asked: Asked, chinese: bool
) -> tuple[dict[str, Any], str]:
    """Parts of a date, and what is to be said of them."""
    order = ("year", "quarter", "month", "day")
    spec: dict[str, Any] = {part: parts[part].source for part in order if part in parts}
    year = parts["year"]
    short = [v for v in year.values if (m := YEARS.fullmatch(v.strip())) and len(m[1]) == 2]
    if short:
        spec["century"] = 2000
    told = ""
    if is_fiscal(seen):
        spec["fiscal_year"] = {"start": asked.fiscal_start, "named_by": "end"}
        told = say("fiscal", chinese=chinese, start=asked.fiscal_start)
    return spec, told


def _where(seen: Looked, chinese: bool) -> list[str]:
    conditions, told = [], []
    read = {c.name: c for c in seen.of(*READ) if c.role != "part"}
    for name, values in seen.totals.items():
        column = read.get(name)
        if column is None:
            continue
        if column.role in TEXTS:
            quoted = ", ".join("'" + value.replace("'", "''") + "'" for value in values)
            conditions.append(f"coalesce({name}, '') not in ({quoted})")
        elif column.role == "date":  # a total stands in place of the day
            conditions.append(f"{name} is not null")
        else:
            continue
        told.append(say("totals", chinese=chinese, values=", ".join(values)))
    if seen.notes:
        numbers = [c.name for c in seen.of("flow", "stock", "plan")]
        conditions.append("(" + " or ".join(f"{n} is not null" for n in numbers) + ")")
        told.append(say("notes", chinese=chinese))
    if not conditions:
        return []
    return [*comments(4, told), f"    where: {flow(' and '.join(conditions))}"]


def _checks(seen: Looked) -> list[str]:
    """Checks that hold for what was looked at."""
    whole = len(seen.layout.records) if seen.grid.is_whole else -1
    keys = [c for c in seen.of("id") if c.distinct == c.filled == whole]
    out = [f"      - unique: {flow([keys[0].name])}"] if keys else []
    return ["    checks:", *out] if out else []

"""A company's folder proposed: profile, sources, metrics, units, targets and parameters."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from opsnb.company.labels import UNIT_ID
from opsnb.errors import SourceError
from opsnb.proposal.days import extent
from opsnb.proposal.grid import Grid
from opsnb.proposal.layout import layout
from opsnb.proposal.metrics import Wanted, wanted
from opsnb.proposal.metrics import lines as metric_lines
from opsnb.proposal.naming import named, spoken
from opsnb.proposal.roles import Looked, look
from opsnb.proposal.said import say
from opsnb.proposal.table import lines as table_lines
from opsnb.proposal.targets import targets
from opsnb.proposal.text import flow, line

DAY = 10
"""Day of the month after the data end on which a report is taken to be made."""
TARGETS = "metric,unit,period,value\n"
UNITS = "unit,label,label_en,parent\n"


@dataclass(frozen=True)
class Proposal:
    """Files of a company's folder, and what is to be told of them.

    Attributes
    ----------
    files : mapping path -> text
        Below the company's folder.
    said : list of str
        For whoever has asked, a line each.
    """

    files: Mapping[str, str]
    said: Sequence[str] = ()


@dataclass(frozen=True)
class Source:
    """A file, or a relation of a database, that settings are proposed for.

    Attributes
    ----------
    grid : Grid
    path : str
        Below the data folder; empty for a relation.
    url, relation : str
        As ``sources.yaml`` has them; the URL holds no secret.
    """

    grid: Grid
    path: str = ""
    url: str = ""
    relation: str = ""


@dataclass
class Asked:
    """What only a person can know.

    Attributes
    ----------
    company : str
        Id.
    fiscal_start : int
        First month of the fiscal year.
    year : int or None
        Of months whose names have none.
    """

    company: str
    fiscal_start: int = 1
    year: int | None = None
    place: str = ""
    today: dt.date = field(default_factory=dt.date.today)


def propose(sources: Sequence[Source], asked: Asked) -> Proposal:
    """Settings for files that are looked at.

    Raises
    ------
    SourceError
        One of them has nothing that looks like a header.
    """
    tables: dict[str, tuple[Source, Looked]] = {}
    for source in sources:
        seen = look(source.grid, layout(source.grid), asked.fiscal_start)
        stem = source.relation.rpartition(".")[2] if source.url else Path(source.path).stem
        tables[named(stem, tables, "table")] = (source, seen)
    if not any(seen.of("date", "part") for _, seen in tables.values()):
        columns = ", ".join(
            name for _, seen in tables.values() for name in seen.layout.names if name
        )
        raise SourceError(
            f"no column says when: {columns}", where=", ".join(s.grid.name for s in sources),
            expected="a date, a month, or a year and a month",
        )  # fmt: skip
    chinese = any(seen.is_chinese for _, seen in tables.values())
    found: list[Wanted] = []
    for name, (_, seen) in tables.items():
        found += wanted(name, seen, [one.id for one in found])
    names = ", ".join(source.path or source.relation for source in sources)
    head = f"# {say('head', chinese=chinese, file=names)}"
    units = _units(seen for _, seen in tables.values())
    planned = targets(tables, found, units)
    files = {
        "company.yaml": _profile(asked, [seen for _, seen in tables.values()], chinese),
        "sources.yaml": "\n".join(
            [head, "schema: 1", "tables:", *(
                text for name, (source, seen) in tables.items()
                for text in table_lines(name, source, seen, asked)
            ), ""]
        ),
        "metrics.yaml": "\n".join(
            [head, "schema: 1", "metrics:", *metric_lines(found, tables, planned, chinese), ""]
        ),
        "monthly_operations.yaml": _parameters(asked, found, chinese),
        "ledgers/units.csv": _csv(UNITS, _unit_rows(units)),
        "ledgers/targets.csv": _csv(TARGETS, planned.rows),
    }  # fmt: skip
    said = [
        text for name, (source, seen) in tables.items()
        for text in _told(name, source, seen, asked.year or asked.today.year)
    ]  # fmt: skip
    return Proposal(files, [*said, f"metrics: {', '.join(one.id for one in found) or 'none'}"])


def empty(asked: Asked, *, chinese: bool = True) -> Proposal:
    """Folder of a company of which nothing is known: settings to be filled in."""
    sources = """\
schema: 1
tables:
  sales:
    path: sales.csv
    label: {zh: 销售, en: Sales}
    date: day
    unit: region
    columns:
      day: date
      region: text
      amount: decimal(2)
"""
    metrics = """\
schema: 1
metrics:
  revenue:
    label: {zh: 收入, en: Revenue}
    unit: CNY
    better: higher
    table: sales
    measure: sum(amount)
"""
    files = {
        "company.yaml": _profile(asked, [], chinese),
        "sources.yaml": sources,
        "metrics.yaml": metrics,
        "monthly_operations.yaml": _parameters(asked, [], chinese),
        "ledgers/units.csv": UNITS,
        "ledgers/targets.csv": TARGETS,
        "data/sales.csv": "day,region,amount\n",
    }
    return Proposal(files, ["settings to be filled in; --from FILE proposes them for a file"])


def _profile(asked: Asked, tables: Sequence[Looked], chinese: bool) -> str:
    ends = [extent(seen, asked.year or asked.today.year) for seen in tables]
    last = max((end[1] for end in ends), default="")
    day = max((end[2] for end in ends), default="")
    as_of = _as_of(last, day, asked.today)
    label = asked.company
    dollars = any("$" in name or "USD" in name for seen in tables for name in seen.layout.names)
    currency = "CNY" if chinese and not dollars else "USD"
    told = say("as_of", chinese=chinese, last=last) if last else ""
    fiscal = {"start": asked.fiscal_start, "named_by": "end"}
    return "\n".join(
        [
            "schema: 1",
            line(0, "id", asked.company),
            line(0, "name", {"zh": label, "en": label}),
            line(0, "locale", "zh" if chinese else "en"),
            line(0, "currency", currency, say("currency", chinese=chinese)),
            line(0, "calendar", "cn" if chinese else "none", say("calendar", chinese=chinese)),
            line(0, "fiscal_year", fiscal),
            f"as_of: {as_of.isoformat()}" + (f"    # {told}" if told else ""),
            line(0, "close_day", 5),
            line(0, "data", "data"),
            line(0, "root", {"id": "all", "label": {"zh": "全公司", "en": "Whole company"}}),
            "",
        ]
    )


def _as_of(last: str, day: str, today: dt.date) -> dt.date:
    """Day on which the last whole month of the data is closed."""
    if not last:
        return today
    year, month = map(int, last.split("-"))
    after = dt.date(year + month // 12, month % 12 + 1, 1)
    is_whole = len(day) < len("2026-01-01") or (after - dt.date.fromisoformat(day[:10])).days <= 7
    is_month = day.endswith("-01")  # tables of months often stand on their first days
    return after.replace(day=DAY) if is_whole or is_month else dt.date.fromisoformat(day[:10])


def _parameters(asked: Asked, found: Sequence[Wanted], chinese: bool) -> str:
    keys = [one.id for one in found][:6]
    lines = [line(0, "company", asked.place or asked.company), line(0, "period", "last-closed"),
             line(0, "unit", "all"), line(0, "locale", "zh" if chinese else "en")]  # fmt: skip
    if keys:
        lines += [f"key_metrics: {flow(keys)}", line(0, "trend_metric", keys[0])]
    return "\n".join([*lines, ""])


def _units(tables: Iterable[Looked]) -> dict[str, str]:
    """Value in the data -> id, of all units that are not totals."""
    found: dict[str, str] = {}
    for seen in tables:
        one = seen.one("unit")
        for value in one.values if one else ():
            if one is None or value in seen.totals.get(one.name, ()) or value in found:
                continue
            is_id = UNIT_ID.fullmatch(value) and re.search(r"[A-Za-z]", value)
            taken = found.values()
            unit = value if is_id and value != "all" else named(value, [*taken, "all"], "unit_1")
            found[value] = unit
    return found


def _unit_rows(units: Mapping[str, str]) -> Iterable[Sequence[str]]:
    """Rows of the ledger of units; names in English only where they tell the units apart."""
    english = [spoken(value) for value in units]
    for (value, unit), name in zip(units.items(), english, strict=True):
        yield (unit, value, name if english.count(name) == 1 else value, "")


def _csv(header: str, rows: Iterable[Sequence[object]]) -> str:
    buffer = io.StringIO()
    buffer.write(header)
    csv.writer(buffer, lineterminator="\n").writerows(rows)
    return buffer.getvalue()


def _told(name: str, source: Source, seen: Looked, year: int) -> list[str]:
    """What was found in a table, for whoever has asked."""
    date = [c.source for c in seen.of("date", "part")] or ["none"]
    unit = seen.one("unit")
    measures = [c.source for c in seen.of("flow", "stock")] or ["none"]
    header = "-".join(map(str, seen.layout.header))
    first, last, _ = extent(seen, year)
    return [
        f"{name} ({source.path or source.relation}): header in row {header}, "
        f"months {first or '?'} to {last or '?'}",
        f"  date: {', '.join(date)}; unit: {unit.source if unit else 'none'}; "
        f"dimensions: {', '.join(c.source for c in seen.of('dimension')) or 'none'}",
        f"  measures: {', '.join(measures)}",
    ]

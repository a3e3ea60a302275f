"""Targets that stand beside the actual values of a panel, written into their ledger."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from opsnb.proposal.days import days_of_rows
from opsnb.proposal.layout import TOTALS
from opsnb.proposal.metrics import Wanted
from opsnb.proposal.roles import PLAN, Looked, Seen
from opsnb.proposal.written import value_of

if TYPE_CHECKING:
    from opsnb.proposal.company import Source


@dataclass(frozen=True)
class Planned:
    """Rows of the ledger of targets, and which columns they are from.

    Attributes
    ----------
    rows : list of (metric, unit, period, value)
    told : mapping (table, column) -> metric
    """

    rows: Sequence[Sequence[object]] = ()
    told: Mapping[tuple[str, str], str] = field(default_factory=dict)


def targets(
    tables: Mapping[str, tuple[Source, Looked]], found: Sequence[Wanted], units: Mapping[str, str]
) -> Planned:
    """Targets of the metrics of panels: tables with one row a unit and month."""
    rows: list[tuple[object, ...]] = []
    told: dict[tuple[str, str], str] = {}
    for name, (_, seen) in tables.items():
        if seen.repeats or seen.layout.wide or seen.of("dimension"):
            continue
        for plan in seen.of("plan"):
            metric = _metric_of(plan, [one for one in found if one.table == name and one.column])
            if metric is None:
                continue
            mine = _rows(seen, plan, metric, units)
            if mine:
                rows += mine
                told[name, plan.source] = metric.id
    return Planned(rows, told)


def _metric_of(plan: Seen, found: Sequence[Wanted]) -> Wanted | None:
    """Metric that a plan is for: the one of the same name, or the only one."""
    bare = _bare(plan.source)
    same = [one for one in found if _bare(one.column) == bare] if bare else []
    return same[0] if same else found[0] if len(found) == 1 else None


def _bare(name: str) -> str:
    told = re.sub(r"[（(【\[].*?[）)】\]]", "", name)
    return re.sub(
        r"实际|完成|actual|数|值|[\s_/-]", "", PLAN.sub("", told), flags=re.IGNORECASE
    ).lower()


def _rows(
    seen: Looked, plan: Seen, metric: Wanted, units: Mapping[str, str]
) -> list[tuple[object, ...]]:
    names, unit = seen.layout.names, seen.one("unit")
    out: list[tuple[object, ...]] = []
    for (_, cells), day in zip(seen.layout.records, days_of_rows(seen), strict=True):
        value = value_of(cells[names.index(plan.source)], plan.written)
        place = cells[names.index(unit.source)] if unit else None
        is_total = any(c and TOTALS.fullmatch(c.strip()) for c in cells)
        where = units.get(place or "") if unit else "all"
        if value is None or not day or where is None or is_total:
            continue
        out.append((metric.id, where, day[:7], f"{value * metric.scale:.10g}"))
    if len({row[:3] for row in out}) < len(out):
        return []
    return out + _sums(out) if unit and "over_time" not in metric.spec else out


def _sums(rows: Sequence[tuple[object, ...]]) -> list[tuple[object, ...]]:
    """Targets of the whole company, where those of the units add up."""
    sums: dict[tuple[object, object], float] = {}
    for name, _, month, value in rows:
        sums[name, month] = sums.get((name, month), 0.0) + float(str(value))
    return [(name, "all", month, f"{value:.10g}") for (name, month), value in sums.items()]

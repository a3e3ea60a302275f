"""Forecasts that were issued: what the records of earlier runs hold, read with DuckDB.

Each run keeps its numbers in ``results.parquet``; ``latest.json`` of a report, period and unit
names the run that counts. Nothing else is kept of the past, and no run is ever changed by a later
one.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import pandas as pd

from opsnb.period import Period

OUTPUTS = "outputs"
"""Where runs lie, if nothing else is said."""
REPORTS = ("monthly_operations", "forecast")
"""Those that issue forecasts; where several did in a month, the first one counts."""
POINTS, INTERVALS = "issued", "issued_intervals"
"""Results that hold them."""
COLUMNS = ("metric", "measure", "period", "target_period", "level", "value", "created_at")
QUERY = f"""
select {", ".join(COLUMNS)}
from read_parquet(?)
where result in ('{POINTS}', '{INTERVALS}') and unit = ? and value is not null
"""  # noqa: S608 - names of this module


@dataclass(frozen=True)
class Issued:
    """Forecasts of earlier months for one unit.

    Attributes
    ----------
    frame : DataFrame
        metric, measure, period (the month they were issued for), target_period, level (percent; NaN
        of a point), value, created_at (ISO time).
    unreadable : tuple of str
        Files that could not be read, below the folder of the company's outputs.
    definitions : mapping month -> mapping metric -> str
        Digests of how metrics were defined then; nothing for a run that has not recorded them.
    """

    frame: pd.DataFrame
    unreadable: tuple[str, ...] = ()
    definitions: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


def places(outputs: Path, company: str, unit: str, before: Period) -> list[Path]:
    """Every ``latest.json`` of an earlier month's report that issues forecasts for `unit`.

    A month's reports stand in the order of :data:`REPORTS`; months in order of time.
    """
    found = []
    for folder in sorted((outputs / company).glob("????-??")):
        if folder.name >= str(before):
            continue
        names = (folder / report / unit / "latest.json" for report in REPORTS)
        found += [path for path in names if path.is_file()]
    return found


def issued(outputs: Path, company: str, unit: str, before: Period) -> Issued:
    """Forecasts that runs of the months before `before` issued for `unit`.

    A file that is missing or damaged is named, and left out.
    """
    parts, unreadable, known = [], [], set()
    defined: dict[str, Mapping[str, str]] = {}
    with duckdb.connect() as connection:
        for latest in places(outputs, company, unit, before):
            month = latest.parents[2].name
            if month in known:
                continue
            file = latest
            try:
                run = str(json.loads(latest.read_text(encoding="utf-8"))["run_id"])
                file = latest.parent / run / "results.parquet"
                rows = connection.execute(QUERY, [str(file), unit]).df()
            except (OSError, ValueError, KeyError, TypeError, duckdb.Error):
                unreadable.append(file.relative_to(outputs / company).as_posix())
                continue
            if len(rows):
                known.add(month)
                parts.append(rows)
                defined[month] = _definitions(latest.parent / run / "manifest.json")
    empty = pd.DataFrame({name: pd.Series(dtype=object) for name in COLUMNS})
    frame = pd.concat(parts, ignore_index=True) if parts else empty
    return Issued(frame, tuple(unreadable), defined)


def _definitions(manifest: Path) -> Mapping[str, str]:
    try:
        made = json.loads(manifest.read_text(encoding="utf-8"))
        return dict((made.get("basis") or {}).get("definitions", {}))
    except (OSError, ValueError, AttributeError, TypeError):
        return {}

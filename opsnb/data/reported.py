"""Numbers that were reported: what the records of earlier monthly reports say of their month.

Of each month and unit one run counts: the one that stood published when the report before this one
was first published, for that is what its readers know; else the one that stands published now, else
the last good one.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

from opsnb import journal, standing
from opsnb.errors import OpsnbError
from opsnb.period import Period

REPORT = "monthly_operations"
RESULT, MEASURE = "scorecard", "actual"
"""Where a report keeps the values of its month."""
COLUMNS = ("metric", "period", "value", "reason", "run_id")
QUERY = f"""
select {", ".join(COLUMNS)} from read_parquet(?, union_by_name = true)
where result = '{RESULT}' and measure = '{MEASURE}' and unit = ?
order by period
"""  # noqa: S608 - names of this module


AGAIN = """
select metric, period, value from read_parquet(?)
where result = 'restated' and measure = 'restated' and unit = ?
"""
"""What a report said of the months before its own."""


@dataclass(frozen=True)
class Told:
    """The run of a month that counts.

    Attributes
    ----------
    month : str
    folder : Path
    published : bool
    digest : str
        Of its content.
    """

    month: str
    folder: Path
    published: bool
    digest: str


@dataclass(frozen=True)
class Reported:
    """What earlier reports said of their own month, for one unit.

    Attributes
    ----------
    frame : DataFrame
        metric, period, value (NaN without one), reason (why there is none), run_id.
    runs : mapping month -> Told
    bases : mapping month -> mapping
        What the numbers were made of, as :class:`opsnb.metrics.basis.Basis` tells it; nothing for a
        run that has not recorded it.
    unreadable : tuple of str
        Files that could not be read, below the folder of the company's outputs.
    restated : mapping (metric, month) -> float
        Numbers that the latest of these reports has restated already; NaN where it said that there
        is none.
    """

    frame: pd.DataFrame
    runs: Mapping[str, Told]
    bases: Mapping[str, Mapping[str, Any]]
    unreadable: tuple[str, ...] = ()
    restated: Mapping[tuple[str, str], float] = field(default_factory=dict)


def told(outputs: Path, company: str, unit: str, before: Period) -> tuple[list[Told], list[str]]:
    """Runs that count of the months before `before`, oldest first, and files that are damaged."""
    root, damaged = outputs / company, []
    try:
        stands = _stood(journal.read(root / standing.FILE), unit, str(before))
    except OpsnbError:  # verify says where; what was reported is still the latest
        stands, damaged = {}, [standing.FILE]
    found = []
    for folder in sorted(root.glob("????-??")):
        place = folder / REPORT / unit
        entry = stands.get(folder.name)
        latest = place / "latest.json"
        if folder.name >= str(before) or not (entry or latest.is_file()):
            continue
        try:
            content = entry or json.loads(latest.read_text(encoding="utf-8"))
            digest = str(content["digest"] if entry else content["content_digest"])
            run = place / str(content["run_id"])
            found.append(Told(folder.name, run, entry is not None, digest))
        except (OSError, ValueError, KeyError, TypeError):
            damaged.append(latest.relative_to(root).as_posix())
    return found, damaged


def _stood(entries: Sequence[standing.Entry], unit: str, before: str) -> dict[str, standing.Entry]:
    """Publication that counts of each month."""
    places = [tuple(str(entry[name]) for name in standing.PLACE) for entry in entries]
    made = [
        (place[0], at)
        for at, (place, entry) in enumerate(zip(places, entries, strict=True))
        if entry["act"] == standing.PUBLISH and place[1:] == (REPORT, unit) and place[0] < before
    ]
    last = max((month for month, _ in made), default="")
    then = next((at for month, at in made if month == last), len(entries))
    found = standing.published(entries) | standing.published(entries[: then + 1])
    return {place[0]: entry for place, entry in found.items() if place[1:] == (REPORT, unit)}


def reported(outputs: Path, company: str, unit: str, before: Period) -> Reported:
    """What the reports of the months before `before` said.

    A file that is missing, damaged or not as its run left it is named, and left out.
    """
    runs, damaged = told(outputs, company, unit, before)
    paths, bases, kept = [], {}, {}
    for run in runs:
        path = run.folder / "results.parquet"
        try:
            made = json.loads((run.folder / "manifest.json").read_text(encoding="utf-8"))
            _check(path, made)
            bases[run.month] = dict(made.get("basis") or {})
        except (OSError, ValueError, KeyError, TypeError):
            damaged.append(path.relative_to(outputs / company).as_posix())
            continue
        kept[run.month] = run
        paths.append(str(path))
    frame = pd.DataFrame({name: pd.Series(dtype=object) for name in COLUMNS})
    again: list[tuple[str, str, float | None]] = []
    if paths:
        with duckdb.connect() as connection:
            frame = connection.execute(QUERY, [paths, unit]).df()
            again = connection.execute(AGAIN, [paths[-1], unit]).fetchall()
    known = {(m, month): math.nan if value is None else value for m, month, value in again}
    return Reported(frame, kept, bases, tuple(damaged), known)


def _check(path: Path, made: Mapping[str, Any]) -> None:
    """Refuse records that are not what the run has left.

    Raises
    ------
    ValueError
    """
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if {item["path"]: item["sha256"] for item in made["outputs"]}[path.name] != digest:
        raise ValueError(path.name)

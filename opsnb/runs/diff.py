"""What differs between two runs, number by number, and what they were made of.

Causes are told by hashes: of sources, of settings and ledgers, of the calendar, of parameters, of
the code (notebook, package) and of the environment. Where several of them differ, each may be the
cause, and this says so.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pandas as pd

from opsnb.errors import OpsnbError
from opsnb.runs.records import EVIDENCE
from opsnb.runs.store import MANIFEST, sha256

Cause = Literal["data", "settings", "parameters", "calendar", "code", "environment"]
KPI = ("scorecard", "actual")
"""Result and measure that hold a report's indicators."""
COLUMNS = ["result", "key", "metric", "measure", "unit", "period"]
KINDS: dict[str, Cause] = {
    "source": "data", "history": "data", "settings": "settings", "notebook": "code",
    "code": "code",
}  # fmt: skip


@dataclass(frozen=True)
class Difference:
    """Two runs beside each other.

    Attributes
    ----------
    before, after : str
        Their ids.
    numbers : DataFrame
        result, key, metric, measure, unit, period, before, after, change (NaN where one has none),
        and ``state``: changed, new or gone; one row a number that differs, indicators first.
    compared : int
        Numbers that both have.
    causes : mapping cause -> list of str
        What is another, by kind; empty where both were made of the same.
    """

    before: str
    after: str
    numbers: pd.DataFrame
    compared: int
    causes: Mapping[Cause, list[str]]

    @property
    def is_told_apart(self) -> bool:
        """Whether one kind of cause alone is left to explain the numbers."""
        return len(self.causes) <= 1


def diff(before: Path, after: Path) -> Difference:
    """Compare two runs.

    Parameters
    ----------
    before, after : Path
        Folders of finished runs.

    Raises
    ------
    OpsnbError
        One of them did not finish, or its records are not what it has left.
    """
    manifests = [read_manifest(folder) for folder in (before, after)]
    old, new = (_records(folder, m) for folder, m in zip((before, after), manifests, strict=True))
    numbers, compared = _numbers(old, new)
    return Difference(
        str(manifests[0]["run_id"]), str(manifests[1]["run_id"]),
        numbers, compared, causes(*manifests),
    )  # fmt: skip


def causes(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[Cause, list[str]]:
    """What two manifests say was another, by kind, each with its name."""
    found: dict[Cause, list[str]] = {}
    one, other = _inputs(before), _inputs(after)
    for kind, path in sorted({*one, *other}):
        hashes = one.get((kind, path)), other.get((kind, path))
        if hashes[0] != hashes[1]:
            what = "new" if hashes[0] is None else "gone" if hashes[1] is None else "changed"
            found.setdefault(KINDS.get(kind, "data"), []).append(f"{path} ({what})")
    for name in sorted({*before["parameters"], *after["parameters"]} - {"company", "history"}):
        pair = [m["parameters"].get(name) for m in (before, after)]
        if pair[0] != pair[1]:
            found.setdefault("parameters", []).append(f"{name}: {pair[0]} -> {pair[1]}")
    for name, cause in (("as_of", "parameters"), ("calendar", "calendar")):
        if before.get(name) != after.get(name):
            text = f"{name}: {before.get(name)} -> {after.get(name)}"
            found.setdefault(cause, []).append(text)  # type: ignore[arg-type]
    found = _code(found, before, after)
    packages = [{**(m.get("packages") or {}), "python": m.get("python")} for m in (before, after)]
    for name in sorted({*packages[0], *packages[1]}):
        if packages[0].get(name) != packages[1].get(name):
            text = f"{name}: {packages[0].get(name)} -> {packages[1].get(name)}"
            found.setdefault("environment", []).append(text)
    return found


def _code(
    found: dict[Cause, list[str]], before: Mapping[str, Any], after: Mapping[str, Any]
) -> dict[Cause, list[str]]:
    """Add the package's own code: by its hash, by the commit where an older run has none."""
    for name in ("code", "commit"):
        pair = [m.get(name) for m in (before, after)]
        if None not in pair:
            if pair[0] != pair[1]:
                text = f"package: {str(pair[0])[:12]} -> {str(pair[1])[:12]}"
                found.setdefault("code", []).append(text)
            return found
    return found


def _inputs(manifest: Mapping[str, Any]) -> dict[tuple[str, str], str]:
    return {(item["kind"], item["path"]): item["sha256"] for item in manifest["inputs"]}


def read_manifest(folder: Path) -> dict[str, Any]:
    """Manifest of a finished run.

    Raises
    ------
    OpsnbError
        It cannot be read, or the run did not finish.
    """
    try:
        found: dict[str, Any] = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise OpsnbError("the manifest cannot be read", where=str(folder / MANIFEST)) from error
    if found.get("status") != "done":
        raise OpsnbError(f"the run {found.get('status')}", where=str(folder), expected="a good run")
    return found


def _records(folder: Path, manifest: Mapping[str, Any]) -> pd.DataFrame:
    """Numbers of a run, checked against the hash that it has left."""
    path = folder / "results.parquet"
    told = {item["path"]: item["sha256"] for item in manifest["outputs"]}
    if not path.is_file() or sha256(path) != told.get(path.name):
        raise OpsnbError(
            "the records are not what the run has left",
            where=str(path),
            expected="an unaltered run",
        )
    found = pd.read_parquet(path)
    return found[found["result"] != EVIDENCE].set_index(["result", "key"])


def _numbers(old: pd.DataFrame, new: pd.DataFrame) -> tuple[pd.DataFrame, int]:
    """Numbers that differ, and how many both have."""
    names = ["metric", "measure", "unit", "period"]
    every = old.index.union(new.index)
    one, other = old.reindex(every), new.reindex(every)
    here, there = every.isin(old.index), every.isin(new.index)
    before, after = one["value"], other["value"]
    same = here & there & ((before == after) | (before.isna() & after.isna()))
    frame = pd.DataFrame(
        {name: other[name].where(there, one[name]) for name in names}
        | {"before": before, "after": after, "change": after - before}
    )
    frame["state"] = "changed"
    frame.loc[~here, "state"] = "new"
    frame.loc[~there, "state"] = "gone"
    frame = frame[~same].reset_index()
    first = (frame["result"] == KPI[0]) & (frame["measure"] == KPI[1])
    order = frame.assign(first=~first).sort_values(["first", "result", "key"], kind="stable").index
    return frame.loc[order].reset_index(drop=True), int((here & there).sum())


def indicators(found: Difference) -> pd.DataFrame:
    """Those of the numbers that are indicators of the report."""
    rows = found.numbers
    return rows[(rows["result"] == KPI[0]) & (rows["measure"] == KPI[1])]


def lines(found: Difference, most: int = 30) -> list[str]:
    """Words for an operator: causes first, then the numbers, indicators before all others."""
    said = [f"{found.before} -> {found.after}"]
    if not found.causes:
        said.append("made of the same: data, settings, parameters, calendar, code, environment")
    for cause, names in found.causes.items():
        said.append(f"{cause}: {'; '.join(names)}")
    if not found.is_told_apart:
        said.append("several of these differ: any of them may be the cause of a change")
    count = len(found.numbers)
    said.append(f"{found.compared:,} numbers in both, {count:,} differ")
    return said + row_lines(found.numbers, most)


def row_lines(numbers: pd.DataFrame, most: int) -> list[str]:
    """A line for each of the first numbers, and how many more there are."""
    said = []
    for row in numbers.head(most).itertuples():
        pair = f"{_text(row.before)} -> {_text(row.after)}"  # type: ignore[arg-type]
        said.append(f"  {row.result} {row.key}: {pair} ({row.state})")
    left = len(numbers) - most
    return [*said, f"  and {left:,} more; --json names them all"] if left > 0 else said


def to_dict(found: Difference) -> dict[str, Any]:
    """The difference as JSON."""
    rows = json.loads(found.numbers.to_json(orient="records", force_ascii=False))
    return {
        "before": found.before, "after": found.after, "compared": found.compared,
        "causes": dict(found.causes), "told_apart": found.is_told_apart, "numbers": rows,
    }  # fmt: skip


def _text(value: float) -> str:
    return "nothing" if value is None or math.isnan(value) else f"{value:,.6g}"

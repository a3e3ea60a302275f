"""Records: every number of a run is a row of ``results.parquet``.

Every finding is one of ``findings.parquet``.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from opsnb.display.sentences import COUNTS, DIFFERENCES, PLAIN, POINTS, RATIOS
from opsnb.display.signals import is_growth
from opsnb.errors import OpsnbError
from opsnb.findings.doubts import CAVEATS
from opsnb.keys import OWN_KEYS, PIN, SEPARATOR, by_text, record_key
from opsnb.results import Finding, Result

SCHEMA = 1
_Part = tuple[Result, tuple[Finding, ...]]
"""A result, and the findings of the results that it is a part of."""
NUMBERS = ("metric", "difference", "ratio", "points", "charted", "count", "number")
EVIDENCE = "findings"
"""Name of the result that the evidence of all findings is recorded under."""
RUN = ("run_id", "created_at", "company", "report", "period", "unit", "result")
RESULTS = pa.schema(
    [
        ("schema", pa.int32()),
        *((name, pa.string()) for name in (*RUN, "metric", "measure", "by", "target_period")),
        ("level", pa.float64()),
        ("value", pa.float64()),
        *((name, pa.string()) for name in ("reason", "unit_of_measure", "key", "caveats")),
    ]
)
FINDINGS = pa.schema(
    [
        ("schema", pa.int32()),
        *((name, pa.string()) for name in (*RUN, "code", "severity", "metric", "evidence")),
        *((name, pa.string()) for name in ("action", "owner")),
    ]
)


def write_records(
    folder: Path,
    results: Iterable[Result],
    run: Mapping[str, str],
    known: Sequence[Mapping[str, Any]] | None = None,
) -> None:
    """Write ``results.parquet`` and ``findings.parquet`` into `folder`.

    Parameters
    ----------
    folder : Path
    results : iterable of Result
        Their parts are written too.
    run : mapping
        run_id, created_at, company, report, period, unit.
    known : sequence of mapping, optional
        What :func:`recorded` makes of the results, where that has been done.

    Raises
    ------
    OpsnbError
        Two numbers of results with one name have the same key and differ.
    """
    everything = [part for result in results for part in _with_parts(result)]
    made = _once(everything) if known is None else known
    rows = [{"schema": SCHEMA, **run, **row} for row in made]
    found = [{"schema": SCHEMA, **run, **row} for part in everything for row in _findings(part[0])]
    for name, content, schema in (("results", rows, RESULTS), ("findings", found, FINDINGS)):
        pq.write_table(pa.Table.from_pylist(content, schema=schema), folder / f"{name}.parquet")


def _once(parts: Iterable[_Part]) -> list[dict[str, Any]]:
    """Rows of all results; what two results share, as a part of both, is one row."""
    kept: dict[tuple[str, str], dict[str, Any]] = {}
    for result, findings in parts:
        for row in (*records(result, findings), *evidence(result)):
            first = kept.setdefault((row["result"], row["key"]), row)
            if (first["value"], first["reason"]) != (row["value"], row["reason"]):
                raise OpsnbError(
                    f"{row['key']} has two values: {first['value']} and {row['value']}",
                    where=f"result {row['result']!r}",
                    expected="key columns that tell the rows apart",
                )
            known = {*first["caveats"].split(","), *row["caveats"].split(",")} - {""}
            first["caveats"] = ",".join(sorted(known))
    return list(kept.values())


def records(result: Result, findings: Iterable[Finding] = ()) -> Iterator[dict[str, Any]]:
    """One row a number of the result: its key, its value, or the reason why there is none.

    Its caveats are the codes of what casts doubt on the metric, unit and period of the row, by the
    result's findings and by `findings`, those of the results that it is a part of.
    """
    doubts = _doubts((*result.findings, *findings))
    extra = [name for name in result.keys if name not in OWN_KEYS]
    units = result.provenance.get("metrics", {})
    pin = {PIN: str(result.provenance[PIN])} if PIN in result.provenance else {}
    for position, row in enumerate(result.frame.to_dict("records")):
        by = by_text({name: str(row[name]) for name in extra} | pin)
        identity = {
            "result": f"pinned_{result.name}" if pin else result.name,
            "metric": str(row.get("metric", "")),
            "unit": str(row.get("unit", "")),
            "period": str(row.get("period", "")) or str(result.provenance.get("period", "")),
            "by": by,
            "target_period": str(row.get("target_period", "")),
            "level": row.get("level"),
        }
        about = (str(identity["metric"]), str(identity["unit"]), str(identity["period"]))
        caveats = ",".join(sorted(doubts.get(about, ())))
        metric, definition = str(identity["metric"]), units.get(identity["metric"], {})
        rest = key(identity, "").removeprefix(f"{metric}{SEPARATOR}")
        for column in result.columns:
            if column.unit in NUMBERS:
                reason = result.reasons.get((position, column.name))
                cell = {
                    "measure": column.name,
                    "value": None if reason else float(row[column.name]),
                    "reason": reason,
                    "unit_of_measure": _unit_of_measure(column.unit, definition),
                    "key": f"{metric}{SEPARATOR}{column.name}{rest}",
                    "caveats": caveats,
                }
                yield identity | cell


def key(identity: Mapping[str, Any], measure: str) -> str:
    """Name of one number of a row; see :func:`opsnb.keys.record_key`.

    >>> key({"metric": "revenue", "unit": "all", "period": "2026-10"}, "actual")
    'revenue|actual|all|2026-10|||'
    """
    metric, unit, period, by, target = (
        str(identity.get(name, "")) for name in ("metric", "unit", "period", "by", "target_period")
    )
    return record_key(metric, measure, unit, period, by, target, identity.get("level"))


def evidence(result: Result) -> Iterator[dict[str, Any]]:
    """One row a number that a finding of the result speaks of, as a record of ``findings``."""
    units = result.provenance.get("metrics", {})
    for finding in result.findings:
        for name, value in finding.numbers.items():
            yield {
                "result": EVIDENCE,
                "metric": finding.about,
                "measure": name,
                "unit": finding.unit,
                "period": finding.period,
                "by": by_text(finding.by(name)),
                "target_period": "",
                "level": None,
                "value": value,
                "reason": None,
                "unit_of_measure": _unit_of_evidence(name, units.get(finding.metric, {})),
                "key": finding.key(name),
                "caveats": "",
            }


def _with_parts(result: Result, above: tuple[Finding, ...] = ()) -> Iterator[_Part]:
    """The result and its parts; a part without provenance takes the result's."""
    yield result, above
    for part in result.parts:
        known = part if part.provenance else replace(part, provenance=result.provenance)
        yield from _with_parts(known, (*above, *result.findings))


def _doubts(findings: Iterable[Finding]) -> dict[tuple[str, str, str], set[str]]:
    """Codes of the caveats by metric, unit and period."""
    found: dict[tuple[str, str, str], set[str]] = {}
    for finding in findings:
        if finding.code in CAVEATS:
            about = (finding.metric, finding.unit, finding.period)
            found.setdefault(about, set()).add(finding.code)
    return found


def _unit_of_measure(kind: str, metric: Mapping[str, Any]) -> str:
    if kind in ("ratio", "points", "charted", "count", "number"):
        return kind
    unit = metric.get("unit", "")
    name = unit if isinstance(unit, str) else unit.get("en", "")
    return "points" if kind == "difference" and name == "ratio" else name


def _unit_of_evidence(name: str, metric: Mapping[str, Any]) -> str:
    """Unit of a number of a finding, by its name."""
    if is_growth(name):
        return "ratio"
    if name in DIFFERENCES or name.endswith("_difference"):
        return _unit_of_measure("difference", metric)
    known = {"ratio": RATIOS, "points": POINTS, "count": COUNTS, "number": PLAIN}
    kind = next((kind for kind, names in known.items() if name in names), "metric")
    return _unit_of_measure(kind, metric)


def recorded(results: Iterable[Result]) -> list[dict[str, Any]]:
    """All records of a report, of its results, their parts and their findings, each once.

    Raises
    ------
    OpsnbError
        Two numbers of results with one name have the same key and differ.
    """
    return _once([part for result in results for part in _with_parts(result)])


def _findings(result: Result) -> Iterator[dict[str, Any]]:
    for finding in result.findings:
        yield {
            "result": result.name,
            "code": finding.code,
            "severity": finding.severity,
            "metric": finding.metric,
            "unit": finding.unit,
            "period": finding.period,
            "evidence": json.dumps(dict(finding.evidence), ensure_ascii=False, sort_keys=True),
            "action": finding.action,
            "owner": finding.owner,
        }

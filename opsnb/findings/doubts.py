"""Doubts: declared checks that do not hold, as findings on exactly the metrics they touch."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from opsnb.data.gate import Alert
from opsnb.results import Finding

CODES = {
    "unique": "OPS011",
    "range": "OPS012",
    "rows": "OPS013",
    "refers": "OPS014",
    "parsed": "OPS023",
    "totals": "OPS015",
    "equal": "OPS016",
    "stale": "OPS017",
    "growth": "OPS018",
    "jump": "OPS019",
}
REVISED, REGROUPED = "OPS020", "OPS021"
ASIDES = (REVISED, REGROUPED, "OPS007", "OPS010")
CAVEATS = frozenset({"OPS003", *CODES.values(), REGROUPED})
"""Codes that are a caveat on a value that is shown."""


def is_aside(finding: Finding) -> bool:
    """Whether it is a note beside the figure or its source, and no message of its own."""
    return finding.severity == "info" and finding.code in ASIDES


def doubts(
    alerts: Sequence[Alert], metric: str, unit: str, period: str, owner: str
) -> list[Finding]:
    """One finding an alert, about `metric`."""
    return [_finding(alert, metric, unit, period, owner) for alert in alerts]


def _finding(alert: Alert, metric: str, unit: str, period: str, owner: str) -> Finding:
    evidence = {
        "table": alert.table,
        "check": alert.on,
        "count": alert.count,
        "total": alert.total,
        "units": ",".join(alert.units),
        "examples": "; ".join(alert.examples),
        **alert.evidence,
    }
    owner = alert.owner or owner  # who keeps the table can put it right
    return Finding(
        CODES[alert.kind], "grey", metric, unit, period, evidence, alert.label, owner=owner
    )


def once(findings: Iterable[Finding]) -> list[Finding]:
    """Findings with each doubt about a table once, whatever the number of metrics it touches."""
    seen: set[tuple[object, ...]] = set()
    kept = []
    for finding in findings:
        if finding.code in (*CODES.values(), REGROUPED):
            key = (finding.code, *sorted(finding.evidence.items()))
            if key in seen:
                continue
            seen.add(key)
        kept.append(finding)
    return kept

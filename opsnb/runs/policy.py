"""Policy: a report that is finished may be held, because nobody has taken on what it warns of."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from opsnb.findings.risk import unowned
from opsnb.results import Finding

if TYPE_CHECKING:
    from pathlib import Path

    from opsnb.runs.closing import Closing
    from opsnb.runs.run import Outcome


def applied(outcome: Outcome, hold: str, closing: Closing | None = None) -> Outcome:
    """The outcome, held where the company's policy `hold` (``risk: hold`` in company.yaml) says so.

    It is held as well where the month is closed and its values are others now. A run that is held
    is whole and the latest; it ends with exit code 4.
    """
    if outcome.status not in ("done", "cached"):
        return outcome
    if closing and closing.state == "altered":
        message = (
            f"the run is held: the month was closed on {closing.at[:10]}, and its values are "
            "others now; restore them, or reopen the month with a reason: opsnb reopen"
        )
        return replace(outcome, status="held", message=message)
    if hold == "never":
        return outcome
    found = unowned(_findings(outcome.folder), hold)
    if not found:
        return outcome
    told = sorted({_told(finding) for finding in found})
    message = (
        f"the run is held: {len(told)} warnings without action, owner and deadline "
        f"({', '.join(told)}); enter them in ledgers/actions, or set risk: hold in company.yaml"
    )
    return replace(outcome, status="held", message=message)


def _findings(folder: Path) -> list[Finding]:
    """What the run found, as its records have it."""
    import pyarrow.parquet as pq

    columns = ["code", "severity", "metric", "unit", "period", "evidence"]
    rows = pq.read_table(folder / "findings.parquet", columns=columns).to_pylist()
    return [Finding(**(row | {"evidence": json.loads(row["evidence"])})) for row in rows]


def _told(finding: Finding) -> str:
    """What a finding warns of, and about what: ``RSK006 R07``."""
    evidence: Any = finding.evidence
    about = evidence.get("kri") or evidence.get("risk") or finding.metric
    return f"{evidence['warning']} {about}"

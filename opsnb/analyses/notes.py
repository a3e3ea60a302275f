"""Notes: what people have written of a metric's cause and measure, beside what was found."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from opsnb.findings.signals import CODES
from opsnb.results import Finding
from opsnb.workbook import Workbook

RECENT = 3
"""Months for which a note is still shown, as an earlier one."""
EXPLAINED = (*CODES, "OPS001")
"""Codes of findings that ask for a cause."""


@dataclass(frozen=True)
class Note:
    """A note on a metric.

    Attributes
    ----------
    cause, measure, author : str
        As they were written.
    earlier : str
        Period that the note was made for, where that is not the reported one: the number has
        moved since.
    """

    cause: str = ""
    measure: str = ""
    author: str = ""
    earlier: str = ""


def note(workbook: Workbook, metric: str) -> Note:
    """Latest note on a metric in the workbook's unit, of at most three months; else an empty one.

    Of several on one period the last row counts.
    """
    ledger = workbook.ledger("notes")
    recent = [str(month) for month in workbook.period.back(RECENT)]
    about = ledger[(ledger["metric"] == metric) & (ledger["unit"] == workbook.unit)]
    found = _latest(about.to_dict("records"), recent)
    if found is None:
        return Note()
    period = str(found["period"])
    earlier = "" if period == recent[-1] else period
    return Note(str(found["cause"]), str(found["measure"]), str(found["author"]), earlier)


def noted(workbook: Workbook, findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Findings with the cause and measure that were noted on the reported month."""
    return tuple(_noted(workbook, finding) for finding in findings)


def _noted(workbook: Workbook, finding: Finding) -> Finding:
    if finding.code not in EXPLAINED or finding.severity == "info":
        return finding
    found = note(workbook, finding.metric)
    if not found.cause or found.earlier:
        return finding
    evidence = {**finding.evidence, "cause": found.cause}
    return replace(finding, evidence=evidence, action=finding.action or found.measure)


def _latest(notes: Sequence[Mapping[Any, Any]], recent: Sequence[str]) -> Mapping[Any, Any] | None:
    """Last note of the latest of the `recent` periods that has one."""
    for period in reversed(recent):
        found = [one for one in notes if one["period"] == period]
        if found:
            return found[-1]
    return None

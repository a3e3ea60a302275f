"""Findings about what was reported: numbers that changed since, and definitions."""

from __future__ import annotations

from collections.abc import Sequence

from opsnb.results import Finding, Severity


def _severity(grave: bool) -> Severity:
    """What stands published asks for a word to its readers; a draft asks for nothing."""
    return "yellow" if grave else "info"


def changed(
    unit: str, period: str, count: int, months: int, published: int, gone: Sequence[str]
) -> Finding | None:
    """OPS074: numbers that earlier reports have told are others today."""
    if not count and not gone:
        return None
    evidence: dict[str, float | int | str | None] = {
        "restated_count": count,
        "restated_months": months,
        "gone": ", ".join(gone),
    }
    if published:
        evidence["restated_published"] = published
    return Finding("OPS074", _severity(published > 0 or bool(gone)), "", unit, period, evidence)


def redefined(
    metric: str, unit: str, period: str, months: Sequence[str], grave: bool, owner: str
) -> Finding | None:
    """OPS075: a metric is defined otherwise than when earlier reports told it."""
    if not months:
        return None
    evidence: dict[str, float | int | str | None] = {
        "redefined_months": len(months),
        "latest_month": max(months),
    }
    severity = _severity(grave)
    return Finding("OPS075", severity, metric, unit, period, evidence, owner=owner)


def damaged(unit: str, period: str, files: Sequence[str]) -> Finding | None:
    """OPS076: records of earlier reports that are not what their runs left."""
    if not files:
        return None
    evidence: dict[str, float | int | str | None] = {
        "unread": len(files),
        "files": ", ".join(files),
    }
    return Finding("OPS076", "grey", "", unit, period, evidence)

"""Findings about forecasts: targets out of reach, intervals too narrow, a second method's doubt."""

from __future__ import annotations

from collections.abc import Sequence

from opsnb.results import Finding, Severity
from opsnb.stats.calibration import too_narrow

MISSED = "OPS070"
"""Code of a target of the year that is likely missed."""
DOUBTFUL, REMOTE = 0.5, 0.2
"""Probabilities below which a target is yellow, and orange."""


def unlikely(
    metric: str, unit: str, period: str, p_met: float, forecast: float, target: float, owner: str
) -> Finding | None:
    """OPS070: the target of the year is more likely missed than met."""
    if p_met >= DOUBTFUL:
        return None
    evidence = {"p_met": p_met, "year_forecast": forecast, "year_target": target}
    severity: Severity = "orange" if p_met < REMOTE else "yellow"
    return Finding(MISSED, severity, metric, unit, period, evidence, owner=owner)


def disagreement(
    metric: str, unit: str, period: str, ours: float, second: float, ends: tuple[float, float],
    owner: str,
) -> Finding | None:  # fmt: skip
    """OPS071: a second method's months ahead lie outside the 80 % interval of ours."""
    if ends[0] <= second <= ends[1]:
        return None
    evidence = {"ahead": ours, "second": second, "ahead_lower": ends[0], "ahead_upper": ends[1]}
    return Finding("OPS071", "yellow", metric, unit, period, evidence, owner=owner)


def narrow(unit: str, period: str, inside: int, n: int, level: float) -> Finding | None:
    """OPS072: issued intervals held fewer values than they said, and not by chance."""
    if not too_narrow(inside, n, level):
        return None
    evidence: dict[str, float | int | str | None] = {
        "column": f"{level:g}",
        "inside": inside,
        "checked": n,
        "held": inside / n,
        "promised": level / 100,
    }
    return Finding("OPS072", "yellow", "", unit, period, evidence)


def unreadable(unit: str, period: str, files: Sequence[str]) -> Finding | None:
    """OPS073: records of earlier runs that could not be read."""
    if not files:
        return None
    evidence: dict[str, float | int | str | None] = {
        "unread": len(files),
        "files": ", ".join(files),
    }
    return Finding("OPS073", "grey", "", unit, period, evidence)

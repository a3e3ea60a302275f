"""Signals: what a metric's control chart says of the reported month, as findings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from opsnb.results import Finding, NotApplicable, Severity

if TYPE_CHECKING:
    from opsnb.findings.rules import MetricCase

CODES = ("OPS030", "OPS031", "OPS032", "OPS033")
BOUND = {"high": "upper", "low": "lower"}
SIDE = {"high": "above", "low": "below"}
MOVED = {"up": "risen", "down": "fallen"}


@dataclass(frozen=True)
class Standing:
    """What a control chart says of its latest point.

    Attributes
    ----------
    basis : str
        Empty where the series is not comparable; then `reason` says why.
    variation, assurance : str
        Icons, as :func:`opsnb.stats.spc.icons` names them.
    signal, direction : str
        As :func:`opsnb.stats.spc.xmr` names them.
    run : int
        Months in a row that the signal has lasted, this one included; steps of a trend.
    sigmas : float
        Distance of the point from the centre in standard deviations.
    false_flags : float
        Probability of a flag without a change.
    trial : bool
        Whether the limits come from fewer than 13 points.
    numbers : mapping
        The point, its centre and limit, by the name under which they are told.
    """

    basis: str = ""
    reason: str = "too few points"
    variation: str = ""
    assurance: str = "none"
    signal: str = ""
    direction: str = ""
    run: int = 0
    sigmas: float = 0.0
    false_flags: float = 0.0
    trial: bool = False
    numbers: Mapping[str, float] = field(default_factory=dict)


def outside(case: MetricCase) -> Finding | NotApplicable | None:
    """OPS030: the month lies outside the control limits."""
    return _signal(case, "OPS030", "outside", "orange")


def trend(case: MetricCase) -> Finding | NotApplicable | None:
    """OPS031: six or more steps one way in a row."""
    return _signal(case, "OPS031", "trend", "yellow")


def nearby(case: MetricCase) -> Finding | NotApplicable | None:
    """OPS032: two of three months close to the same limit."""
    return _signal(case, "OPS032", "two_of_three", "yellow")


def shift(case: MetricCase) -> Finding | NotApplicable | None:
    """OPS033: seven or more months in a row on one side of the centre."""
    return _signal(case, "OPS033", "shift", "yellow")


def _signal(
    case: MetricCase, code: str, signal: str, severity: Severity
) -> Finding | NotApplicable | None:
    """Finding of one kind of signal; an improvement is told, and asks for nothing."""
    found = case.standing
    if found is None or not found.basis:
        return NotApplicable("too few points" if found is None else found.reason)
    if found.signal != signal:
        return None
    if found.variation.startswith("improvement"):
        severity = "info"
    elif found.variation.startswith("neutral"):
        severity = "yellow"
    words = {"basis": found.basis, "variation": found.variation.partition("_")[0]}
    for name, known in (("bound", BOUND), ("side", SIDE), ("moved", MOVED)):
        if found.direction in known:
            words[name] = known[found.direction]
    evidence: dict[str, float | int | str | None] = {**words, **found.numbers}
    if found.run > 1:
        evidence["run"] = found.run
    evidence["sigmas"] = found.sigmas
    return case.finding(code, severity, **evidence)

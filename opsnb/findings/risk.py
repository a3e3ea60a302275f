"""Rules about risk: indicators, the appetite, treatments, reviews, and who has taken on a warning.

A red or orange warning that nobody has taken on, with an action, an owner and a deadline in the
ledger, is a red finding itself (RSK009 and RSK010).
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from opsnb.results import Finding, NotApplicable, Severity

UNOWNED = ("RSK009", "RSK010")
SERIOUS: tuple[Severity, ...] = ("red", "orange")
UNDER_WAY = ("open", "ongoing")
LONG_PAST = dt.timedelta(days=90)
"""After which an expired review is orange."""
APART = 5.0
"""Standard errors between the engines beyond which one of them is wrong."""
DOUBT = 0.05
COLOURS: dict[str, Severity] = {"red": "red", "orange": "orange", "yellow": "yellow"}
NEXT = {"orange": "red", "yellow": "orange"}
"""Threshold whose likely breach is warned of in a colour."""
Verdict = Finding | NotApplicable | None
Evidence = dict[str, float | int | str | None]


@dataclass(frozen=True)
class Place:
    """What all findings of a report share."""

    unit: str
    period: str
    day: dt.date
    """End of the period."""

    def finding(
        self,
        code: str,
        severity: Severity,
        evidence: Evidence,
        metric: str = "",
        owner: str = "",
        unit: str = "",
        action: str = "",
    ) -> Finding:
        """Finding of this report."""
        return Finding(
            code, severity, metric, unit or self.unit, self.period, evidence, owner=owner,
            action=action,
        )  # fmt: skip


@dataclass(frozen=True)
class KriCase:
    """What a rule sees of one indicator.

    Attributes
    ----------
    colour, basis : str
        As :func:`opsnb.stats.warning.state` says.
    level, p_red, p_orange : float
        NaN where there is none.
    thresholds : mapping colour -> float
    months : int or None
        To the breach of the red threshold.
    latest : str
        Month of the last value.
    response : str
        What the colour requires.
    """

    kri: str
    metric: str
    unit: str
    owner: str
    colour: str
    basis: str
    level: float
    p_red: float
    p_orange: float
    thresholds: Mapping[str, float]
    horizon: int
    months: int | None
    latest: str
    response: str
    down_periods: int


def over(case: KriCase, place: Place) -> Verdict:
    """RSK001: an indicator is at or beyond a threshold."""
    if case.colour not in COLOURS or case.basis != "level":
        return None
    return _of(case, place, "RSK001", limit=case.thresholds[case.colour])


def ahead(case: KriCase, place: Place) -> Verdict:
    """RSK002: an indicator is likely to reach the next threshold within the horizon."""
    if case.colour not in NEXT or case.basis != "forecast":
        return None
    towards = NEXT[case.colour]
    chance = case.p_red if towards == "red" else case.p_orange
    told: Evidence = {"towards": towards, "probability": chance, "horizon": case.horizon}
    if towards == "red" and case.months is not None:
        told["months"] = case.months
    return _of(case, place, "RSK002", limit=case.thresholds[towards], **told)


def stale(case: KriCase, place: Place) -> Verdict:
    """RSK003: an indicator has no value that counts; it is grey, never green."""
    if case.colour != "grey":
        return None
    told: Evidence = {"kri": case.kri, "latest_month": case.latest}
    return place.finding("RSK003", "grey", told, case.metric, case.owner, case.unit)


def held(case: KriCase, place: Place) -> Verdict:
    """RSK004: an indicator is calmer, but not for long enough to lose its colour."""
    if case.colour not in COLOURS or case.basis != "held":
        return None
    return _of(case, place, "RSK004", run=case.down_periods)


def _of(case: KriCase, place: Place, code: str, **more: float | int | str | None) -> Finding:
    told: Evidence = {
        "kri": case.kri, "level": case.level, "colour": case.colour, **more,
        "response": case.response,
    }  # fmt: skip
    severity = COLOURS[case.colour]
    return place.finding(code, severity, told, case.metric, case.owner, case.unit)


KRI_RULES = (over, ahead, stale, held)


def find_in_kris(cases: Iterable[KriCase], place: Place) -> tuple[Finding, ...]:
    """What the rules find in indicators."""
    found = (rule(case, place) for case in cases for rule in KRI_RULES)
    return tuple(one for one in found if isinstance(one, Finding))


@dataclass(frozen=True)
class LimitCase:
    """One point of the appetite: a loss, how likely it may be passed, and how likely it is."""

    metric: str
    loss: float
    appetite: float
    probability: float
    owner: str = ""


def beyond_appetite(case: LimitCase, place: Place) -> Verdict:
    """RSK005: a loss is likelier to be passed than the appetite allows."""
    if case.probability <= case.appetite:
        return None
    told: Evidence = {
        "item": f"{case.loss:.0f}", "loss": case.loss, "probability": case.probability,
        "appetite": case.appetite,
    }  # fmt: skip
    return place.finding("RSK005", "red", told, case.metric, case.owner)


@dataclass(frozen=True)
class TreatmentCase:
    """One treatment: what it says of itself, and what is known of it.

    Attributes
    ----------
    doubt : str
        ``evidence`` or ``effect`` where it does not count for that reason.
    before, after, claim : int, int, float
        Incidents before and after it, and the share of them that was to fall away.
    months_before, months_after : int
    due : date or None
        Day by which it was to be done, where it is not.
    """

    treatment: str
    risk: str
    owner: str
    doubt: str
    before: int = 0
    after: int = 0
    claim: float = 0.0
    months_before: int = 0
    months_after: int = 0
    due: dt.date | None = None


def without_effect(case: TreatmentCase, place: Place) -> Verdict:
    """RSK006: a treatment is recorded as effective, and incidents contradict it."""
    if case.doubt != "effect":
        return None
    told: Evidence = {
        "treatment": case.treatment, "risk": case.risk, "before": case.before,
        "after": case.after, "claim": case.claim, "months_before": case.months_before,
        "months_after": case.months_after,
    }  # fmt: skip
    return place.finding("RSK006", "orange", told, owner=case.owner)


def without_evidence(case: TreatmentCase, place: Place) -> Verdict:
    """RSK007: a treatment is recorded as effective without evidence."""
    if case.doubt != "evidence":
        return None
    told: Evidence = {"treatment": case.treatment, "risk": case.risk}
    return place.finding("RSK007", "yellow", told, owner=case.owner)


def late(case: TreatmentCase, place: Place) -> Verdict:
    """RSK014: a treatment was to be done by now, and is not."""
    if case.due is None or case.due > place.day:
        return None
    told: Evidence = {"treatment": case.treatment, "risk": case.risk, "due": case.due.isoformat()}
    return place.finding("RSK014", "yellow", told, owner=case.owner)


TREATMENT_RULES = (without_effect, without_evidence, late)


@dataclass(frozen=True)
class RiskCase:
    """One risk: its rating, its review, and whether anything is done about it.

    Attributes
    ----------
    loss : float
        Expected residual loss a year; NaN where the risk is not quantified.
    treated : bool
        Whether a treatment is effective or under way; accepted risks need none.
    prior, low, high : float
        Frequency as judged, and what incidents leave plausible; NaN where nothing is known.
    """

    risk: str
    owner: str
    metric: str
    rating: str
    loss: float
    treated: bool
    review_on: dt.date | None
    count: int = 0
    prior: float = math.nan
    low: float = math.nan
    high: float = math.nan


def expired(case: RiskCase, place: Place) -> Verdict:
    """RSK008: a review was due and has not taken place."""
    if case.review_on is None or case.review_on > place.day:
        return None
    told: Evidence = {"risk": case.risk, "due": case.review_on.isoformat()}
    severity: Severity = "orange" if place.day - case.review_on > LONG_PAST else "yellow"
    return place.finding("RSK008", severity, told, owner=case.owner)


def untreated(case: RiskCase, place: Place) -> Verdict:
    """RSK011: a risk is rated high, and nothing is done about it."""
    if case.rating != "high" or case.treated:
        return None
    told: Evidence = {"risk": case.risk, "loss": case.loss}
    return place.finding("RSK011", "orange", told, case.metric, case.owner)


def misjudged(case: RiskCase, place: Place) -> Verdict:
    """RSK012: incidents make the judged frequency implausible."""
    if math.isnan(case.prior):
        return NotApplicable("too few points")
    if case.low <= case.prior <= case.high:
        return None
    side = "below" if case.prior < case.low else "above"
    told: Evidence = {"risk": case.risk, "side": side, "count": case.count}
    return place.finding("RSK012", "yellow", told, owner=case.owner)


RISK_RULES = (expired, untreated, misjudged)


@dataclass(frozen=True)
class ModelCase:
    """What is known of the simulation itself.

    Attributes
    ----------
    sigmas : float
        Largest difference of the two engines, in standard errors.
    years, beyond : int
        Years looked back on, and those whose losses passed the value at risk of their time.
    pvalue : float
    """

    metric: str
    sigmas: float
    years: int = 0
    beyond: int = 0
    pvalue: float = 1.0


def engines_apart(case: ModelCase, place: Place) -> Verdict:
    """RSK013: the two engines do not agree."""
    if case.sigmas <= APART:
        return None
    return place.finding("RSK013", "red", {"distance": case.sigmas}, case.metric)


def beyond_risk(case: ModelCase, place: Place) -> Verdict:
    """RSK015: losses passed the value at risk in more years than chance explains."""
    if not case.years:
        return NotApplicable("too few points")
    if case.pvalue >= DOUBT:
        return None
    told: Evidence = {"years": case.years, "beyond": case.beyond}
    return place.finding("RSK015", "orange", told, case.metric)


@dataclass(frozen=True)
class Cases:
    """All that the rules look at, besides indicators."""

    limits: Sequence[LimitCase] = ()
    treatments: Sequence[TreatmentCase] = ()
    risks: Sequence[RiskCase] = ()
    models: Sequence[ModelCase] = field(default=())


def find_in_register(cases: Cases, place: Place) -> tuple[Finding, ...]:
    """What the rules find in the register and its losses."""
    found = [beyond_appetite(case, place) for case in cases.limits]
    found += [rule(case, place) for case in cases.treatments for rule in TREATMENT_RULES]
    found += [rule(case, place) for case in cases.risks for rule in RISK_RULES]
    found += [rule(one, place) for one in cases.models for rule in (engines_apart, beyond_risk)]
    return tuple(one for one in found if isinstance(one, Finding))


def owned(
    findings: Iterable[Finding], actions: Iterable[Mapping[str, Any]], place: Place
) -> tuple[Finding, ...]:
    """The findings with action, owner and deadline from the ledger, and a red one for each without.

    An action takes on the warnings that its row names, by code, indicator, metric or risk, if it
    is open or under way and was recorded by the report's period. Of several the one that names
    most counts, then the one with the nearest deadline.

    Parameters
    ----------
    findings : iterable of Finding
        Only those that are red or orange need an action.
    actions : iterable of mapping
        Rows of the ledger ``actions``.
    """
    rows = [row for row in actions if row["status"] in UNDER_WAY and row["period"] <= place.period]
    out: list[Finding] = []
    for finding in findings:
        if finding.severity not in SERIOUS or finding.code in UNOWNED:
            out.append(finding)
            continue
        fit = [(weight, row) for row in rows if (weight := _weight(row, finding))]
        if fit:
            _, row = min(fit, key=lambda pair: (-pair[0], pair[1]["deadline"], pair[1]["id"]))
            told = {**finding.evidence, "deadline": row["deadline"].date().isoformat()}
            out.append(replace(finding, evidence=told, action=row["action"], owner=row["owner"]))
        else:
            out += [finding, _unowned(finding, place)]
    return tuple(out)


def _weight(row: Mapping[str, Any], finding: Finding) -> int:
    """How much of a finding a row names; 0 where it names another or none."""
    names = {
        "finding": finding.code,
        "metric": finding.metric,
        "kri_id": finding.evidence.get("kri", ""),
        "risk_id": finding.evidence.get("risk", ""),
    }
    given = [name for name in names if row[name]]
    if any(row[name] != names[name] for name in given):
        return 0
    return len(given) if row["unit"] == finding.unit else 0


def _unowned(finding: Finding, place: Place) -> Finding:
    """That nobody has taken on a warning."""
    kept = ("kri", "risk", "treatment", "item")
    told: Evidence = {name: finding.evidence[name] for name in kept if finding.evidence.get(name)}
    told |= {"warning": finding.code, "level_of": finding.severity}
    code = "RSK010" if "risk" in told else "RSK009"
    return place.finding(code, "red", told, finding.metric, finding.owner, finding.unit)


def unowned(findings: Iterable[Finding], hold: str) -> list[Finding]:
    """Findings that hold a run: unowned warnings of a level that the policy names.

    Parameters
    ----------
    hold : {"red", "orange", "never"}
        Orange holds runs for red warnings too.
    """
    levels = {"red": ("red",), "orange": SERIOUS}.get(hold, ())
    return [
        one for one in findings if one.code in UNOWNED and one.evidence.get("level_of") in levels
    ]

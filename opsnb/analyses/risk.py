"""Risk: the section of the monthly report, and all warnings of the risk report."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd

from opsnb.analyses.grid import Grid, listed
from opsnb.analyses.kri import actions, here, kri
from opsnb.analyses.register import LOSS, Register, Row, assessed
from opsnb.analyses.risk_losses import apart, points
from opsnb.analyses.risk_matrix import provenance, rated, risk_matrix
from opsnb.analyses.risk_responses import tested
from opsnb.findings import rank
from opsnb.findings.risk import (
    Cases,
    LimitCase,
    ModelCase,
    RiskCase,
    TreatmentCase,
    find_in_register,
    owned,
)
from opsnb.results import Column, Finding, NotApplicable, Result
from opsnb.workbook import Workbook

TOP = 5
KEYS = (Column("metric", "key"), Column("period", "key"), Column("risk_id", "key"))
RISK = (
    *KEYS,
    Column("loss", "metric"),
    Column("change", "ratio"),
    Column("tail_share", "ratio"),
    Column("rating", "text"),
    Column("owner", "text"),
)
WARNINGS = (
    Column("rank", "key"), Column("code", "key"), Column("metric", "key"), Column("unit", "key"),
    *(Column(name, "text") for name in (
        "severity", "owner", "action", "deadline", "late", "owned", "response",
    )),
)  # fmt: skip
DAYS_OF_MONTH = 30.4375


def risk(workbook: Workbook, top: int = TOP) -> Result:
    """Top risks, indicators and warnings, for the monthly report.

    Parameters
    ----------
    workbook : Workbook
    top : int
        Risks that are shown, the largest expected loss first.

    Returns
    -------
    Result
        ``risk``, a row a risk; its findings are all the warnings, ranked; its parts are ``kri``
        and ``risk_limits``. Without ledgers of risk it has no rows and no findings.
    """
    register, indicators = assessed(workbook), kri(workbook)
    grid = Grid(RISK)
    if len(register.quantified):
        for line in _top(register)[:top]:
            grid.add(line)
    found = (*indicators.findings, *register_findings(register, looks_back=False))
    told = provenance(register)
    told["risk"] |= {
        "quantified": len(register.quantified),
        "unquantified": len(register.unquantified),
        "apart": apart(register.losses),
        "has_kris": bool(len(indicators.frame)),
    }
    return Result(
        "risk",
        grid.frame,
        RISK,
        grid.reasons,
        findings=rank(found),
        parts=(indicators, points(register)),
        provenance=told | {"metrics": told["metrics"] | indicators.provenance["metrics"]},
    )


def risk_warnings(register: Register, indicators: Result) -> Result:
    """All warnings, ranked: what each requires, and who has taken it on until when.

    Parameters
    ----------
    register : Register
        From :func:`assessed`.
    indicators : Result
        From :func:`kri`.

    Returns
    -------
    Result
        ``risk_warnings``; row i belongs to ``findings[i]``.
    """
    found = rank([*indicators.findings, *register_findings(register, looks_back=True)])
    grid = Grid(WARNINGS)
    day = register.workbook.company.profile.as_of.isoformat()
    for place, finding in enumerate(found, start=1):
        deadline = str(finding.evidence.get("deadline", ""))
        grid.add(
            listed(place, finding)
            | {
                "deadline": deadline,
                "late": "yes" if deadline and deadline < day else "",
                "owned": "yes" if finding.action else "",
                "response": str(finding.evidence.get("response", "")),
            }
        )
    told = provenance(register)
    labels = told["metrics"] | indicators.provenance["metrics"]
    return Result(
        "risk_warnings",
        grid.frame,
        WARNINGS,
        grid.reasons,
        findings=found,
        provenance=told | {"metrics": labels, "kri": indicators.provenance["kri"]},
    )


def register_findings(register: Register, *, looks_back: bool) -> tuple[Finding, ...]:
    """What the rules find in the register, with who has taken it on.

    Parameters
    ----------
    looks_back : bool
        Whether the years before are simulated too and held against their losses.
    """
    place = here(register.workbook)
    if not register.records:
        return ()
    found = find_in_register(_cases(register, looks_back=looks_back), place)
    return owned(found, actions(register.workbook), place)


def _cases(register: Register, *, looks_back: bool) -> Cases:
    limits = [
        LimitCase(LOSS, row["loss"], row["appetite"], row["p_residual"], row["owner"])
        for row in points(register).frame.to_dict("records")
    ]
    ratings = rated(register)
    risks = [_risk_case(register, row, ratings) for row in register.records]
    models = []
    if register.losses is not None:
        back = tested(register) if looks_back else None
        known = (back.years, back.beyond, back.pvalue) if back else (0, 0, 1.0)
        models = [ModelCase(LOSS, apart(register.losses), *known)]
    treatments = [_treatment_case(register, row) for row in register.treatments]
    return Cases(limits, treatments, risks, models)


def _risk_case(register: Register, row: Row, ratings: dict[str, str]) -> RiskCase:
    risk_id, review = row["risk_id"], row["review_on"]
    under_way = [
        t
        for t in register.treatments
        if t["risk_id"] == risk_id and t["counted"] in ("effective", "ongoing")
    ]
    # Without limits of its own a company's ratings are relative: one risk is always high.
    has_limits = register.workbook.company.profile.risk.rating is not None
    update = register.updates.get(risk_id)
    known: dict[str, Any] = {}
    if update is not None and update.count:
        known = {
            "count": update.count, "prior": update.prior, "low": update.low, "high": update.high,
        }  # fmt: skip
    return RiskCase(
        risk_id,
        str(row["owner"]),
        LOSS,
        ratings.get(risk_id, "") if has_limits else "",
        register.means().get(risk_id, math.nan),
        bool(under_way) or row["response"] == "accept",
        None if pd.isna(review) else review.date(),
        **known,
    )


def _treatment_case(register: Register, row: Row) -> TreatmentCase:
    known: dict[str, Any] = {}
    if row["doubt"] == "effect":
        found = register.effect(row)
        start, on = register.recorded_from, row["effective_on"].date()
        if found is not None and start is not None:
            known = {
                "before": found.before,
                "after": found.after,
                "claim": float(row["effect_frequency"]),
                "months_before": round((on - start).days / DAYS_OF_MONTH),
                "months_after": round((register.day - on).days / DAYS_OF_MONTH),
            }
    due = row["deadline"]
    pending = row["status"] in ("proposed", "ongoing") and pd.notna(due)
    return TreatmentCase(
        row["treatment_id"],
        row["risk_id"],
        str(row["owner"]),
        row["doubt"],
        due=due.date() if pending else None,
        **known,
    )


def _top(register: Register) -> list[dict[str, Any]]:
    """Rows of the risks by expected residual loss."""
    found = register.losses
    shares: dict[str, float] = {}
    if found is not None:
        own = found.summary[found.summary["stage"] == "residual"]
        shares = dict(zip(own["risk_id"], own["tail_share"], strict=True))
    graded = risk_matrix(register)
    owners = {row["risk_id"]: str(row["owner"]) for row in register.records}
    lines = []
    for place, row in enumerate(graded.frame.to_dict("records")):
        share = shares.get(row["risk_id"], math.nan)
        lines.append(
            {
                "metric": LOSS,
                "period": str(register.workbook.period),
                "risk_id": row["risk_id"],
                "loss": row["loss"],
                "change": graded.cell(place, "change"),
                "tail_share": NotApplicable("the denominator is zero")
                if math.isnan(share)
                else share,
                "rating": row["rating"],
                "owner": owners[row["risk_id"]],
            }
        )
    return lines


def with_provenance(card: Result, warned: Result) -> dict[str, Any]:
    """Provenance of `card` with the names that warnings of risk speak of."""
    metrics = dict(warned.provenance["metrics"]) | dict(card.provenance["metrics"])
    names = ("risks", "treatments")
    return dict(card.provenance) | {"metrics": metrics} | {n: warned.provenance[n] for n in names}

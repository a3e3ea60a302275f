"""Responses and incidents: what is done, what it is worth, what happened since."""

from __future__ import annotations

import datetime as dt
import math
from typing import Any

import pandas as pd

from opsnb.analyses.grid import Grid
from opsnb.analyses.register import LOSS, Register, Row
from opsnb.analyses.risk_matrix import provenance
from opsnb.results import Column, NotApplicable, Result
from opsnb.stats.incidents import Backtest, backtest

KEYS = (Column("metric", "key"), Column("period", "key"))
RESPONSES = (
    *KEYS,
    Column("treatment_id", "key"),
    *(Column(name, "metric") for name in (
        "benefit", "benefit_error", "cost", "net", "net_low", "net_high",
    )),
    *(Column(name, "number") for name in ("rate_before", "rate_after")),
    Column("claim", "ratio"),
    *(Column(name, "text") for name in (
        "risk_id", "measure", "owner", "deadline", "status", "counted", "doubt", "verdict",
        "evidence", "response",
    )),
)  # fmt: skip
STAGES = (
    *KEYS, Column("risk_id", "key"),
    *(Column(name, "metric") for name in ("inherent", "residual", "goal")),
    Column("fall", "ratio"),
)  # fmt: skip
INCIDENTS = (
    *KEYS, Column("risk_id", "key"), Column("count", "count"), Column("lost", "metric"),
    *(Column(name, "number") for name in ("years", "prior", "posterior", "low", "high")),
)  # fmt: skip
BACKTEST = (
    *KEYS, Column("year", "key"), Column("lost", "metric"), Column("var_year", "metric"),
    Column("beyond", "text"),
)  # fmt: skip
ENDED = NotApplicable("it has ended")
NOT_KNOWN = NotApplicable("no incidents are recorded")
GRADES_ONLY = NotApplicable("not quantified")
CLAIMS_NONE = NotApplicable("not meaningful for this metric")
ZERO = NotApplicable("the base is zero")


def risk_responses(register: Register) -> Result:
    """Treatments: whether they count, what they save and cost, and events before and after.

    Returns
    -------
    Result
        ``risk_responses``, a row a treatment; its part ``risk_stages`` has the expected loss of
        each quantified risk before treatment, after what is effective, and after what is planned.
    """
    grid, stages = Grid(RESPONSES), Grid(STAGES)
    responses = {row["risk_id"]: row["response"] for row in register.records}
    benefits: dict[str, Row] = {}
    if register.losses is not None:
        lines = register.losses.benefit.to_dict("records")
        benefits = {line["treatment_id"]: {str(k): v for k, v in line.items()} for line in lines}
    for row in register.treatments:
        cells = _benefit(benefits.get(row["treatment_id"]), row) | _effect(register, row)
        words = {
            name: str(row[name])
            for name in (
                "risk_id", "measure", "owner", "status", "counted", "doubt", "evidence",
            )
        }  # fmt: skip
        due = row["deadline"]
        grid.add(
            {
                **_keys(register),
                "treatment_id": row["treatment_id"],
                **cells,
                **words,
                "deadline": "" if pd.isna(due) else due.date().isoformat(),
                "response": str(responses[row["risk_id"]]),
            }
        )
    for risk_id in register.quantified["risk_id"]:
        names = {"inherent": "inherent", "residual": "residual", "target": "goal"}
        costs = {name: register.means(stage=s)[risk_id] for s, name in names.items()}
        whole = costs["inherent"]
        fall = 1 - costs["residual"] / whole if whole else ZERO
        stages.add(_keys(register) | {"risk_id": risk_id, **costs, "fall": fall})
    return Result(
        "risk_responses",
        grid.frame,
        RESPONSES,
        grid.reasons,
        parts=(Result("risk_stages", stages.frame, STAGES, stages.reasons),),
        provenance=provenance(register),
    )


def risk_incidents(register: Register) -> Result:
    """What happened, what it says of the frequencies, and whether losses were foreseen.

    Returns
    -------
    Result
        ``risk_incidents``, a row a risk of which a time without or with incidents is known; its
        part ``risk_backtest`` has a row for each whole year: its losses, and the value at risk of
        the register as it stood when the year began.
    """
    grid = Grid(INCIDENTS)
    found = register.incidents
    for row in register.records:
        risk_id = row["risk_id"]
        own = found[found["risk_id"] == risk_id]
        update = register.updates.get(risk_id)
        if update is None and not len(own):
            continue
        names = ("years", "prior", "posterior", "low", "high")
        told = {n: GRADES_ONLY if update is None else getattr(update, n) for n in names}
        lost = float(own["loss"].sum())
        grid.add(_keys(register) | {"risk_id": risk_id, "count": len(own), "lost": lost, **told})
    looked = Grid(BACKTEST)
    for year, lost, var in years(register):
        cells = {"lost": lost, "var_year": var, "beyond": "yes" if lost > var else ""}
        looked.add(_keys(register) | {"year": str(year), **cells})
    told = provenance(register)
    start = register.recorded_from
    told["risk"] = told["risk"] | {
        "recorded_from": "" if start is None else start.isoformat(),
        "uncounted": register.uncounted,
    }
    return Result(
        "risk_incidents",
        grid.frame,
        INCIDENTS,
        grid.reasons,
        parts=(Result("risk_backtest", looked.frame, BACKTEST, looked.reasons),),
        provenance=told,
    )


def years(register: Register) -> list[tuple[int, float, float]]:
    """Whole years since incidents are recorded: losses, and the value at risk as the year began."""
    start = register.recorded_from
    if start is None:
        return []
    first = start.year if start == dt.date(start.year, 1, 1) else start.year + 1
    last = (
        register.day.year
        if register.day == dt.date(register.day.year, 12, 31)
        else (register.day.year - 1)
    )
    level = register.workbook.company.profile.risk.level
    found = []
    for year in range(first, last + 1):
        earlier = register.at(dt.date(year - 1, 12, 31)).losses
        if earlier is None:
            continue
        total = earlier.summary.query("stage == 'residual' and risk_id == 'total'")
        var = float(total[f"var_{100 * level:g}"].iloc[0])
        of_year = register.incidents["date"].dt.year == year
        found.append((year, float(register.incidents.loc[of_year, "loss"].sum()), var))
    return found


def tested(register: Register) -> Backtest | None:
    """Years whose losses passed their value at risk; None without a whole year."""
    found = years(register)
    if not found:
        return None
    level = register.workbook.company.profile.risk.level
    return backtest([lost for _, lost, _ in found], [var for *_, var in found], level)


def _benefit(line: Row | None, row: Row) -> dict[str, Any]:
    names = ("benefit", "benefit_error", "net", "net_low", "net_high")
    if line is None:
        return dict.fromkeys(names, GRADES_ONLY) | {"cost": float(row["cost"])}
    return {name: ENDED if math.isnan(line[name]) else float(line[name]) for name in names} | {
        "cost": float(row["cost"])
    }


def _effect(register: Register, row: Row) -> dict[str, Any]:
    found = register.effect(row) if row["status"] == "effective" else None
    claim = float(row["effect_frequency"]) or CLAIMS_NONE
    if found is None:
        why = CLAIMS_NONE if isinstance(claim, NotApplicable) else NOT_KNOWN
        return {"rate_before": why, "rate_after": why, "claim": claim, "verdict": ""}
    return {
        "rate_before": found.rate_before, "rate_after": found.rate_after, "claim": claim,
        "verdict": found.verdict,
    }  # fmt: skip


def _keys(register: Register) -> dict[str, str]:
    return {"metric": LOSS, "period": str(register.workbook.period)}

"""The register, and its matrix on log scales, with what the scores get wrong."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd

from opsnb.analyses.grid import Grid
from opsnb.analyses.register import LOSS, Register, Row, definition
from opsnb.company.risk import RiskSettings
from opsnb.results import Column, NotApplicable, Result
from opsnb.stats.losses.severity import Pert
from opsnb.stats.matrix import matrix, reversals

KEYS = (Column("metric", "key"), Column("period", "key"), Column("risk_id", "key"))
REGISTER = (
    *KEYS,
    *(Column(name, "metric") for name in ("inherent", "residual", "goal")),
    Column("likelihood", "count"),
    Column("impact", "count"),
    *(Column(name, "text") for name in (
        "category", "event", "cause", "consequence", "owner", "department", "response", "rating",
        "review_on", "expired", "quantified", "source", "frequency_text", "loss_text",
    )),
)  # fmt: skip
MATRIX = (
    *KEYS,
    *(Column(name, "number") for name in ("frequency", "frequency_low", "frequency_high")),
    *(Column(name, "metric") for name in ("severity", "severity_low", "severity_high", "loss")),
    Column("before_frequency", "number"),
    *(Column(name, "metric") for name in ("before_severity", "before_loss")),
    Column("change", "ratio"),
    *(Column(name, "count") for name in (
        "likelihood", "impact", "sum", "product", "rank", "sum_rank", "product_rank",
    )),
    Column("rating", "text"),
    Column("event", "text"),
)  # fmt: skip
REVERSALS = (
    Column("metric", "key"), Column("period", "key"), Column("score", "key"),
    Column("pairs", "count"), Column("reversed", "count"), Column("reversed_share", "ratio"),
)  # fmt: skip
GRADES_ONLY = NotApplicable("not quantified")
NO_RANGE = NotApplicable("too few points")
NEW = NotApplicable("judged for the first time")
NO_PAIRS = NotApplicable("too few points")


def risk_register(register: Register) -> Result:
    """All risks by category, with what they cost a year before and after treatment.

    Returns
    -------
    Result
        ``risk_register``, a row a risk; what is not quantified has grades instead of losses.
    """
    ratings, grid = rated(register), Grid(REGISTER)
    stages = {"inherent": "inherent", "residual": "residual", "target": "goal"}
    means = {name: register.means(stage=stage) for stage, name in stages.items()}
    for row in register.records:
        risk_id = row["risk_id"]
        costs = {name: found.get(risk_id, GRADES_ONLY) for name, found in means.items()}
        review = row["review_on"]
        grid.add(
            {
                **_keys(register, risk_id),
                **costs,
                **{name: _grade(row, name) for name in ("likelihood", "impact")},
                **{name: str(row[name]) for name in (
                    "category", "event", "cause", "consequence", "owner", "department",
                    "response", "source",
                )},
                "rating": ratings.get(risk_id, ""),
                "review_on": "" if pd.isna(review) else review.date().isoformat(),
                "expired": "yes" if pd.notna(review) and review.date() <= register.day else "",
                "quantified": "yes" if risk_id in ratings else "",
                "frequency_text": _range(row, ("frequency", "freq_low", "freq_mode", "freq_high")),
                "loss_text": _range(
                    row, ("loss_low", "loss_high", "loss_min", "loss_mode", "loss_max")
                ),
            }
        )  # fmt: skip
    return Result(
        "risk_register", grid.frame, REGISTER, grid.reasons, provenance=provenance(register)
    )


def risk_matrix(register: Register) -> Result:
    """Quantified risks after treatment: how often, how much, how rated, and what has moved.

    Returns
    -------
    Result
        ``risk_matrix``, a row a risk, the largest expected loss first; its part
        ``risk_reversals`` tells how many pairs of different ratings each score puts into the wrong
        order.
    """
    graded = _matrix(register)
    grid, pairs = Grid(MATRIX), Grid(REVERSALS)
    rows = {row["risk_id"]: row for row in register.records}
    judged = {row["risk_id"]: row for row in register.quantified.to_dict("records")}
    for line in graded.sort_values(["rank", "risk_id"]).to_dict("records"):
        risk_id = line["risk_id"]
        row = rows[risk_id] | {str(k): v for k, v in judged[risk_id].items()}
        grid.add(_matrix_row(register, row, {str(k): v for k, v in line.items()}))
    for score in ("product", "sum"):
        if not len(graded):
            break
        found = reversals(graded[score], graded["loss"], among=graded["rating"].tolist())
        share = found.share if found.pairs else NO_PAIRS
        pairs.add(
            {
                "metric": LOSS, "period": str(register.workbook.period), "score": score,
                "pairs": found.pairs, "reversed": found.reversed, "reversed_share": share,
            }
        )  # fmt: skip
    part = Result("risk_reversals", pairs.frame, REVERSALS, pairs.reasons)
    return Result(
        "risk_matrix",
        grid.frame,
        MATRIX,
        grid.reasons,
        parts=(part,),
        provenance=provenance(register),
    )


def rated(register: Register) -> dict[str, str]:
    """Rating of each quantified risk by its expected loss after treatment."""
    graded = _matrix(register)
    return dict(zip(graded["risk_id"].astype(str), graded["rating"].astype(str), strict=True))


def limits(register: Register) -> tuple[float, float, dict[str, str]]:
    """Expected annual losses from which a risk is medium and high, and where they come from."""
    rating = register.workbook.company.profile.risk.rating
    if rating is not None:
        return rating.medium, rating.high, rating.basis.to_dict()
    total = sum(register.means(stage="inherent").values()) or 1.0
    basis = {
        "zh": "未设定，取固有期望损失合计的一成与三成",
        "en": "not set: a tenth and three tenths of the inherent expected loss",
    }
    return total * 0.1, total * 0.3, basis


def provenance(register: Register) -> dict[str, Any]:
    """What a reader must know of the register: names, limits, and where the losses come from."""
    workbook = register.workbook
    medium, high, basis = limits(register)
    whole = workbook.provenance()
    return whole | {
        "metrics": whole["metrics"] | {LOSS: definition(workbook)},
        "risks": {
            row["risk_id"]: {
                "label": {"zh": row["event"], "en": row["event_en"] or row["event"]},
                "owner": row["owner"],
            }
            for row in register.records
        },
        "treatments": {
            row["treatment_id"]: {
                "label": dict.fromkeys(("zh", "en"), row["measure"] or row["treatment_id"])
            }
            for row in register.treatments
        },
        "risk": {
            "medium": medium,
            "high": high,
            "basis": basis,
            "level": workbook.company.profile.risk.level,
            "is_whole": workbook.unit == workbook.units.root,
        },
    }


def _matrix(register: Register) -> pd.DataFrame:
    settings = register.workbook.company.profile.risk
    medium, high, _ = limits(register)
    rows = register.quantified
    columns = ("frequency", "severity", "loss")
    found = {column: register.means(column) for column in columns}
    names = rows["risk_id"].astype(str).tolist()
    frame = pd.DataFrame({"risk_id": names} | {c: [found[c][n] for n in names] for c in columns})
    for grade in ("likelihood", "impact"):
        frame[grade] = rows[grade].astype("Int64").to_numpy()
    return matrix(
        frame,
        likelihood_limits=settings.likelihood,
        impact_limits=impact_limits(settings, medium),
        rating_limits=(medium, high),
    )


def impact_limits(settings: RiskSettings, medium: float) -> list[float]:
    """Losses of an event at which the grades of impact begin: the company's, or about `medium`."""
    if settings.impact:
        return list(settings.impact)
    step = math.sqrt(10)
    return [medium / step, medium, medium * step, medium * 10]


def _matrix_row(register: Register, row: Row, line: Row) -> dict[str, Any]:
    risk_id = row["risk_id"]
    was = {c: register.before.means(c).get(risk_id, NEW) for c in ("frequency", "severity", "loss")}
    change: Any = NEW
    if not isinstance(was["loss"], NotApplicable):
        change = (
            line["loss"] / was["loss"] - 1 if was["loss"] else NotApplicable("the base is zero")
        )
    return {
        **_keys(register, risk_id),
        **{name: float(line[name]) for name in ("frequency", "severity", "loss")},
        **_intervals(register, row),
        **{f"before_{name}": value for name, value in was.items()},
        "change": change,
        **{name: int(line[name]) for name in (
            "likelihood", "impact", "sum", "product", "rank", "sum_rank", "product_rank",
        )},
        "rating": str(line["rating"]),
        "event": str(row["event"]),
    }  # fmt: skip


def _intervals(register: Register, row: Row) -> dict[str, float | NotApplicable]:
    """Where 90 % of the belief about frequency, and of the losses of an event, lie.

    After treatment: both are scaled as their means are.
    """
    risk_id, own = row["risk_id"], row
    ratio = {
        name: _ratio(register.means(name)[risk_id], register.means(name, "inherent")[risk_id])
        for name in ("frequency", "severity")
    }
    frequency: tuple[float, float] | None = None
    if risk_id in register.updates:
        update = register.updates[risk_id]
        frequency = update.low, update.high
    elif pd.notna(own["freq_low"]):
        frequency = _pert(float(own["freq_low"]), float(own["freq_mode"]), float(own["freq_high"]))
    if pd.notna(own["loss_low"]):
        loss = float(own["loss_low"]), float(own["loss_high"])
    else:
        loss = _pert(float(own["loss_min"]), float(own["loss_mode"]), float(own["loss_max"]))
    low, high = frequency or (NO_RANGE, NO_RANGE)
    scale, size = ratio["frequency"], ratio["severity"]
    return {
        "frequency_low": low if isinstance(low, NotApplicable) else low * scale,
        "frequency_high": high if isinstance(high, NotApplicable) else high * scale,
        "severity_low": loss[0] * size,
        "severity_high": loss[1] * size,
    }


def _ratio(one: float, other: float) -> float:
    return one / other if other else 1.0


def _pert(low: float, mode: float, high: float) -> tuple[float, float]:
    """5 and 95 % of a PERT."""
    from scipy.special import betaincinv

    law = Pert(low, mode, high)
    ends = betaincinv(law.alpha, law.beta, [0.05, 0.95])
    first, last = (low + (high - low) * float(end) for end in ends)
    return first, last


def _keys(register: Register, risk_id: str) -> dict[str, str]:
    return {"metric": LOSS, "period": str(register.workbook.period), "risk_id": str(risk_id)}


def _grade(row: Row, name: str) -> float | NotApplicable:
    value = row[name]
    return NotApplicable("not meaningful for this metric") if pd.isna(value) else float(value)


def _range(row: Row, names: tuple[str, ...]) -> str:
    """Numbers of a judgement as the ledger has them, joined."""
    return "/".join(f"{row[name]:.10g}" for name in names if pd.notna(row[name]))

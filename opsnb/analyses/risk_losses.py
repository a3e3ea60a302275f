"""Annual losses: their distribution before and after treatment, against the appetite."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd

from opsnb.analyses.grid import Grid
from opsnb.analyses.register import LOSS, TRIALS, Register
from opsnb.analyses.risk_matrix import provenance
from opsnb.results import Column, NotApplicable, Result
from opsnb.stats.losses import LossResult

STAGES = ("inherent", "residual", "target")
KEYS = (
    Column("metric", "key"), Column("period", "key"), Column("risk_id", "key"),
    Column("stage", "key"),
)  # fmt: skip
LOSSES = (
    *KEYS,
    *(Column(name, "metric") for name in ("mean", "mean_error", "sd")),
    Column("p_zero", "ratio"),
    *(Column(name, "metric") for name in (
        "var_90", "es_90", "var_first", "es_first", "var_99", "es_99",
    )),
    Column("tail_share", "ratio"),
)  # fmt: skip
CURVE = (
    Column("metric", "key"), Column("period", "key"), Column("stage", "key"),
    Column("point", "key"), Column("loss", "metric"), Column("exceedance", "ratio"),
)  # fmt: skip
LIMITS = (
    Column("metric", "key"), Column("period", "key"), Column("point", "key"),
    Column("loss", "metric"), Column("appetite", "ratio"),
    *(Column(f"p_{stage}", "ratio") for stage in STAGES),
    Column("basis", "text"), Column("owner", "text"), Column("approved_on", "text"),
)  # fmt: skip
CHECK = (
    *KEYS, Column("statistic", "key"), Column("simulated", "number"), Column("fft", "number"),
    Column("difference", "number"),
)  # fmt: skip
POINTS = 60
NOTHING_LOST = NotApplicable("the denominator is zero")


def risk_losses(register: Register) -> Result:
    """Simulated losses of each risk and of all together, before and after treatment.

    Returns
    -------
    Result
        ``risk_losses``, a row a risk and stage, ``total`` among them; its parts ``risk_curve``
        (how likely a year's loss passes each amount), ``risk_limits`` (the same at the points of
        the appetite) and ``risk_check`` (both engines and their difference). Without a quantified
        risk it has no rows.
    """
    grid, found = Grid(LOSSES), register.losses
    if found is not None:
        level = register.workbook.company.profile.risk.level
        for line in found.summary.to_dict("records"):
            grid.add(_line(register, {str(k): v for k, v in line.items()}, level))
    told = provenance(register)
    told["risk"] = told["risk"] | {"trials": TRIALS, "apart": apart(found)}
    return Result(
        "risk_losses",
        grid.frame,
        LOSSES,
        grid.reasons,
        parts=(curve(register), points(register), _check(register)),
        provenance=told,
    )


def apart(found: LossResult | None) -> float:
    """Largest difference of the two engines, in standard errors; 0 without a simulation."""
    return 0.0 if found is None else float(found.check["difference"].abs().max())


def curve(register: Register) -> Result:
    """Exceedance curve of all risks together, thinned to what a figure shows."""
    grid, found = Grid(CURVE), register.losses
    if found is not None:
        whole = found.exceedance
        for stage in STAGES:
            own = whole[whole["stage"] == stage]
            places = np.unique(np.linspace(0, len(own) - 1, POINTS).astype(int))
            losses, chances = own["loss"].to_numpy(), own["probability"].to_numpy()
            for place, at in enumerate(places.tolist()):
                grid.add(
                    {
                        **_keys(register), "stage": stage, "point": f"{place:02d}",
                        "loss": float(losses[at]), "exceedance": float(chances[at]),
                    }
                )  # fmt: skip
    return Result("risk_curve", grid.frame, CURVE, grid.reasons)


def points(register: Register) -> Result:
    """Points of the appetite, and how likely a year's loss passes each of them."""
    grid, found = Grid(LIMITS), register.losses
    if found is not None:
        ledger = register.workbook.ledger("appetite").sort_values("loss")
        for row in ledger.to_dict("records"):
            approved = row["approved_on"]
            grid.add(
                {
                    **_keys(register),
                    "point": f"{row['loss']:.0f}",
                    "loss": float(row["loss"]),
                    "appetite": float(row["probability"]),
                    **{f"p_{stage}": found.probability(row["loss"], stage) for stage in STAGES},
                    "basis": str(row["basis"]),
                    "owner": str(row["owner"]),
                    "approved_on": "" if pd.isna(approved) else approved.date().isoformat(),
                }
            )
    return Result("risk_limits", grid.frame, LIMITS, grid.reasons)


def _check(register: Register) -> Result:
    """Both engines of all risks together."""
    grid, found = Grid(CHECK), register.losses
    if found is not None:
        for line in found.check.to_dict("records"):
            if line["risk_id"] == "total" and math.isfinite(line["difference"]):
                names = ("stage", "risk_id", "statistic", "simulated", "fft", "difference")
                grid.add(_keys(register) | {name: line[name] for name in names})
    return Result("risk_check", grid.frame, CHECK, grid.reasons)


def _line(register: Register, line: dict[str, Any], level: float) -> dict[str, Any]:
    share = line["tail_share"]
    own = f"{100 * level:g}"
    return {
        **_keys(register),
        **{name: line[name] for name in (
            "risk_id", "stage", "mean", "mean_error", "sd", "p_zero", "var_90", "es_90",
            "var_99", "es_99",
        )},
        "var_first": line[f"var_{own}"],
        "es_first": line[f"es_{own}"],
        "tail_share": NOTHING_LOST if math.isnan(share) else share,
    }  # fmt: skip


def _keys(register: Register) -> dict[str, str]:
    return {"metric": LOSS, "period": str(register.workbook.period)}

"""Indicators of risk: where they stand, how likely they breach, and what their colour requires."""

from __future__ import annotations

import math
from typing import Any

from opsnb.analyses.grid import Grid
from opsnb.analyses.indicators import Indicator, definitions, indicators
from opsnb.findings.risk import KriCase, Place, find_in_kris, owned
from opsnb.period import Period
from opsnb.results import Column, Finding, NotApplicable, Result
from opsnb.workbook import Workbook

KEYS = (
    Column("metric", "key"), Column("unit", "key"), Column("period", "key"), Column("kri", "key"),
)  # fmt: skip
COLUMNS = (
    *KEYS,
    *(Column(name, "metric") for name in ("reading", "yellow", "orange", "red", "band")),
    Column("p_red", "ratio"),
    Column("p_orange", "ratio"),
    Column("months", "count"),
    Column("changes", "count"),
    *(Column(name, "text") for name in (
        "colour", "basis", "better", "response", "threshold_basis", "owner", "latest", "action",
        "action_owner", "deadline",
    )),
)  # fmt: skip
AHEAD = (*KEYS, Column("target_period", "key"), Column("p_any", "ratio"))
HISTORY = (
    *KEYS, Column("reading", "metric"), Column("p_red", "ratio"), Column("colour", "text"),
    Column("basis", "text"),
)  # fmt: skip
NO_VALUE = NotApplicable("no data in this period")
NOT_FORETOLD = NotApplicable("too few points")
NO_BREACH = NotApplicable("not likely within the horizon")
REACHED = NotApplicable("reached already")


def kri(workbook: Workbook) -> Result:
    """Indicators of the ledger ``kris``, the most alarming first.

    Returns
    -------
    Result
        ``kri``, a row an indicator; its parts ``kri_ahead``, how likely the red threshold is
        reached in any month up to each one, and ``kri_history``, the colours of the last twelve
        months. Without the ledger it has no rows.

    Raises
    ------
    SettingsError, UnknownNameError
    """
    found = indicators(workbook)
    order = ("red", "orange", "yellow", "grey", "green")
    found.sort(key=lambda one: order.index(one.colour))
    cases = [_case(workbook, one) for one in found]
    place = here(workbook)
    warned = owned(find_in_kris(cases, place), actions(workbook), place)
    grid, ahead, history = Grid(COLUMNS), Grid(AHEAD), Grid(HISTORY)
    for one in found:
        grid.add(_row(workbook, one, warned))
        _add_ahead(workbook, one, ahead)
        _add_history(workbook, one, history)
    metrics = dict.fromkeys(one.row["metric"] for one in found if one.row["metric"])
    provenance = workbook.provenance(metrics)
    settings = workbook.company.profile.risk
    told = {
        "horizon": settings.horizon,
        "probability": settings.probability,
        "down_periods": settings.down_periods,
        "labels": {one.id: one.metric for one in found},
    }
    provenance = provenance | {
        "metrics": provenance["metrics"] | definitions(found),
        "kri": told,
    }
    return Result(
        "kri",
        grid.frame,
        COLUMNS,
        grid.reasons,
        findings=warned,
        parts=(
            Result("kri_ahead", ahead.frame, AHEAD, ahead.reasons),
            Result("kri_history", history.frame, HISTORY, history.reasons),
        ),
        provenance=provenance,
    )


def here(workbook: Workbook) -> Place:
    """What all findings of the workbook's report share."""
    return Place(workbook.unit, str(workbook.period), workbook.period.end)


def actions(workbook: Workbook) -> list[dict[str, Any]]:
    """Rows of the ledger of actions."""
    frame = workbook.ledger("actions")
    return [{str(k): v for k, v in row.items()} for row in frame.to_dict("records")]


def _case(workbook: Workbook, one: Indicator) -> KriCase:
    row, seen, settings = one.row, one.seen, workbook.company.profile.risk
    return KriCase(
        one.id,
        one.metric,
        str(row["unit"]),
        str(row["owner"]),
        one.colour,
        seen.states[-1].basis,
        one.level,
        seen.p_red[-1],
        seen.p_orange[-1],
        {name: float(row[name]) for name in ("yellow", "orange", "red")},
        settings.horizon,
        seen.months_to_breach,
        "" if seen.latest is None else f"{seen.latest:%Y-%m}",
        one.response(one.colour),
        settings.down_periods,
    )


def _row(workbook: Workbook, one: Indicator, warned: tuple[Finding, ...]) -> dict[str, Any]:
    row, seen = one.row, one.seen
    own = [f for f in warned if f.evidence.get("kri") == one.id and f.action]
    is_over = seen.states[-1] == "red" and seen.states[-1].basis == "level"
    months = seen.months_to_breach
    if math.isnan(one.level):
        ahead: Any = NO_VALUE
    elif math.isnan(seen.p_red[-1]):
        ahead = NOT_FORETOLD
    else:
        ahead = REACHED if is_over else NO_BREACH if months is None else months
    why = NO_VALUE if math.isnan(one.level) else NOT_FORETOLD
    return {
        **_keys(workbook, one),
        "reading": NO_VALUE if math.isnan(one.level) else one.level,
        **{name: float(row[name]) for name in ("yellow", "orange", "red")},
        "band": one.margin,
        "p_red": why if math.isnan(seen.p_red[-1]) else seen.p_red[-1],
        "p_orange": why if math.isnan(seen.p_orange[-1]) else seen.p_orange[-1],
        "months": ahead,
        "changes": seen.changes,
        "colour": one.colour,
        "basis": seen.states[-1].basis,
        "better": str(row["better"]),
        "response": one.response(one.colour),
        "threshold_basis": str(row["basis"]),
        "owner": str(row["owner"]),
        "latest": "" if seen.latest is None else f"{seen.latest:%Y-%m}",
        "action": own[0].action if own else "",
        "action_owner": own[0].owner if own else "",
        "deadline": str(own[0].evidence["deadline"]) if own else "",
    }


def _keys(workbook: Workbook, one: Indicator) -> dict[str, str]:
    return {
        "metric": one.metric,
        "unit": str(one.row["unit"]),
        "period": str(workbook.period),
        "kri": one.id,
    }


def _add_ahead(workbook: Workbook, one: Indicator, grid: Grid) -> None:
    for month, chance in zip(one.seen.chances["month"], one.seen.chances["p_any"], strict=True):
        target = str(workbook.period.shift(int(month)))
        cells = {"target_period": target, "p_any": float(chance)}
        grid.add(_keys(workbook, one) | cells)


def _add_history(workbook: Workbook, one: Indicator, grid: Grid) -> None:
    seen = one.seen
    for stamp, level, chance, colour in zip(
        seen.months, seen.levels, seen.p_red, seen.states, strict=True
    ):
        period = str(Period.parse(f"{stamp:%Y-%m}"))
        why = NO_VALUE if math.isnan(level) else NOT_FORETOLD
        grid.add(
            _keys(workbook, one)
            | {
                "period": period,
                "reading": NO_VALUE if math.isnan(level) else level,
                "p_red": why if math.isnan(chance) else chance,
                "colour": str(colour),
                "basis": colour.basis,
            }
        )

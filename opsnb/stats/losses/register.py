"""The register as the engines read it: each risk with its frequency, severity and group."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from opsnb.errors import SettingsError, suggest
from opsnb.stats.losses.cells import Row, check_unique, rows
from opsnb.stats.losses.severity import Empirical, Lognormal, Pert, Severity

TOTAL = "total"
"""Stands for the whole register where a risk is named."""
CATEGORIES = (
    "market", "competition", "policy", "technology", "operation", "finance", "credit", "legal",
)  # fmt: skip
FREQUENCY = ("frequency",)
FREQUENCY_PERT = ("freq_low", "freq_mode", "freq_high")
LOSS_90 = ("loss_low", "loss_high")
LOSS_PERT = ("loss_min", "loss_mode", "loss_max")
OBSERVED = ("losses",)


@dataclass(frozen=True)
class Risk:
    """A risk that strikes `frequency` times a year, each time by `severity`.

    Attributes
    ----------
    frequency : float or Pert
        Events a year; a PERT is drawn anew for every year.
    group : str
        Risks of one group share a Gamma shock of mean 1 and variation `group_cv` each year; empty
        where there is none.
    """

    risk_id: str
    frequency: float | Pert
    severity: Severity
    group: str = ""
    group_cv: float = 0.0

    @property
    def rate(self) -> float:
        """Expected number of events a year."""
        return self.frequency.mean if isinstance(self.frequency, Pert) else self.frequency


def read(frame: pd.DataFrame) -> tuple[Risk, ...]:
    """Risks of a register, in the order of their ids.

    Parameters
    ----------
    frame : DataFrame
        As :func:`opsnb.stats.losses.simulate` describes it.

    Raises
    ------
    SettingsError, UnknownNameError
        Naming the label of the row and the column.
    """
    found = [(row, _risk(row, frame)) for row in rows(frame, "risks", ["risk_id"])]
    if not found:
        raise SettingsError("the register is empty", where="risks", expected="one risk or more")
    check_unique(((row, risk.risk_id) for row, risk in found), "risk_id")
    cvs = _group_cvs(found)
    risks = [
        Risk(r.risk_id, r.frequency, r.severity, r.group if cvs[r.group] else "", cvs[r.group])
        for _, r in found
    ]
    return tuple(sorted(risks, key=lambda risk: risk.risk_id))


def _risk(row: Row, frame: pd.DataFrame) -> Risk:
    risk_id = row.identity("risk_id")
    if risk_id == TOTAL:
        raise row.fault("risk_id", f"{TOTAL!r} stands for the whole register", "another id")
    if row.has("category"):
        row.word("category", CATEGORIES, "category")
    group = row.text("group")
    cv = row.number("group_cv") if row.has("group_cv") else math.nan
    if not group and cv > 0:
        raise row.fault("group_cv", "group_cv without a group", "a group beside it")
    return Risk(risk_id, _frequency(row, frame), _severity(row, frame), group, cv)


def _frequency(row: Row, frame: pd.DataFrame) -> float | Pert:
    if _way(row, frame, FREQUENCY, FREQUENCY_PERT) == FREQUENCY:
        return row.number("frequency", above=0)
    return Pert(*_rising(row, FREQUENCY_PERT))


def _severity(row: Row, frame: pd.DataFrame) -> Severity:
    way = _way(row, frame, LOSS_90, LOSS_PERT, OBSERVED)
    if way == LOSS_90:
        return Lognormal(*_rising(row, LOSS_90, above=0))
    if way == LOSS_PERT:
        return Pert(*_rising(row, LOSS_PERT))
    return Empirical(_observed(row))


def _way(row: Row, frame: pd.DataFrame, *ways: Sequence[str]) -> Sequence[str]:
    """The one way in which the row is filled in."""
    started = [way for way in ways if any(row.has(column) for column in way)]
    if len(started) == 1:
        return started[0]
    expected = "either " + " or ".join(", ".join(way) for way in ways)
    if started:
        shown = " and ".join(", ".join(c for c in way if row.has(c)) for way in started)
        raise row.fault(started[1][0], f"both {shown} are given", expected)
    known = {column for way in ways for column in way}
    near = (suggest(str(given), known) for given in frame.columns if str(given) not in known)
    absent = next((column for column in near if column and column not in frame.columns), None)
    hint = f", and no column {absent!r}" if absent else ""
    raise row.fault(ways[0][0], f"nothing is given{hint}", expected)


def _rising(row: Row, columns: Sequence[str], above: float = -math.inf) -> list[float]:
    """Numbers that do not fall, the last above the first."""
    values = [row.number(column, above=above) for column in columns]
    for (one, low), (other, high) in pairwise(zip(columns, values, strict=True)):
        if low > high or (len(columns) == 2 and low == high):
            what = f"{other} {high:g} is not above {one} {low:g}"
            raise row.fault(other, what, " < ".join(columns))
    if values[0] == values[-1]:
        what = f"{columns[0]} and {columns[-1]} are both {values[0]:g}"
        raise row.fault(columns[-1], what, "a range")
    return values


def _observed(row: Row) -> tuple[float, ...]:
    """Losses of a cell that holds several."""
    given: Any = row.record["losses"]
    expected = "a list of losses, each a number from 0"
    try:
        if isinstance(given, (str, bytes)):
            raise TypeError
        values = np.asarray(given, dtype=np.float64).reshape(-1)
    except (TypeError, ValueError):
        raise row.fault("losses", f"{given!r} is no list of numbers", expected) from None
    if not values.size:
        raise row.fault("losses", "no loss was observed", expected)
    for place, value in enumerate(values):
        if not (math.isfinite(value) and value >= 0):
            raise row.fault("losses", f"loss {place + 1} is {value:g}", expected)
    return tuple(values.tolist())


def _group_cvs(found: Sequence[tuple[Row, Risk]]) -> dict[str, float]:
    """Variation of each group; one of its rows must give it, and all that do the same."""
    given: dict[str, tuple[Row, float]] = {}
    for row, risk in found:
        if not risk.group or math.isnan(risk.group_cv):
            continue
        first, cv = given.setdefault(risk.group, (row, risk.group_cv))
        if cv != risk.group_cv:
            what = f"{risk.group_cv:g} for group {risk.group!r}, {cv:g} in row {first.label}"
            raise row.fault("group_cv", what, "one value a group")
    for row, risk in found:
        if risk.group and risk.group not in given:
            what = f"no row of group {risk.group!r} gives it"
            raise row.fault("group_cv", what, "the variation that the group shares, or 0")
    return {"": 0.0} | {group: cv for group, (_, cv) in given.items()}

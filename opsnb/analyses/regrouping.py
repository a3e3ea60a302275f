"""Regrouping: units that joined or left a unit between two periods that are compared."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from opsnb.workbook import Workbook


def moved_units(workbook: Workbook, name: str, row: Mapping[str, Any]) -> list[str]:
    """Units that moved into or out of the workbook's unit, in the ledger's order.

    Parameters
    ----------
    row : mapping
        The metric's row of the scorecard: only comparisons that have a value count.
    """
    units, unit = workbook.units, workbook.unit
    if not workbook.has_units(name):
        return []
    period, months = workbook.period, [month.first for month in workbook.period.ytd]
    pairs = {
        "mom_difference": [(period.prior.first, period.first)],
        "yoy_difference": [(period.year_ago.first, period.first)],
        "ytd_yoy_difference": [(month - 12, month) for month in months],
    }
    found = {
        moved
        for column, compared in pairs.items()
        if not math.isnan(row[column])
        for before, now in compared
        for moved in units.moved(unit, before, now)
    }
    return [one.id for one in units if one.id in found]

"""Indicators as a workbook knows them: rows, values, and what was seen month by month."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from opsnb.analyses.comparison import explained
from opsnb.analyses.grid import number
from opsnb.data.kept import Content, kept, pack_frame, unpack_frame
from opsnb.metrics.spans import Span
from opsnb.stats.indicators import Rule, Watch, watch
from opsnb.stats.warning import State
from opsnb.workbook import Workbook

LENGTH, SHOWN = 60, 12
"""Months that a forecast sees, and that a history of colours shows."""
PERCENT = "%"


@dataclass(frozen=True)
class Indicator:
    """One row of the ledger ``kris``, with what was seen of it.

    Attributes
    ----------
    row : mapping
        Of the ledger.
    metric : str
        The metric, or ``kri:`` and the indicator's id.
    margin : float
        Distance on the good side of a threshold at which a colour may fall.
    seen : Watch
    """

    row: Mapping[str, Any]
    metric: str
    margin: float
    seen: Watch

    @property
    def id(self) -> str:
        """Id in the ledger."""
        return str(self.row["kri_id"])

    @property
    def colour(self) -> str:
        """Colour in the reported month."""
        return str(self.seen.states[-1])

    @property
    def level(self) -> float:
        """Value that counts in the reported month; NaN where none does."""
        return self.seen.levels[-1]

    def response(self, colour: str) -> str:
        """What the ledger asks for at a level."""
        own = self.row.get(f"response_{colour}", "")
        return str(own or self.row["response"])


def indicators(workbook: Workbook) -> list[Indicator]:
    """Indicators of the workbook's unit, in the order of the ledger; the root has those of all.

    Raises
    ------
    SettingsError, UnknownNameError
        A row of the ledgers is wrong.
    """
    rows = kri_rows(workbook)
    if not rows:
        return []
    months = workbook.period.back(LENGTH)
    stamps = [pd.Timestamp(month.start) for month in months]
    values = pd.DataFrame(
        {row["kri_id"]: kri_values(workbook, row, months) for row in rows}, index=stamps
    )
    rules = {row["kri_id"]: kri_rule(workbook, row, values[row["kri_id"]]) for row in rows}
    settings = workbook.company.profile.risk
    how = (settings.horizon, settings.probability, settings.down_periods)

    def make() -> dict[str, Watch]:
        horizon, p_warn, down = how
        seen_in = stamps[-SHOWN:]
        return watch(values, rules, seen_in, horizon=horizon, p_warn=p_warn, down_periods=down)

    parts = [values.to_numpy(), list(map(str, stamps)), rules, how]
    seen = kept("watch", parts, make, _packed, _unpacked)
    return [
        Indicator(row, _metric(row), rules[row["kri_id"]].margin, seen[row["kri_id"]])
        for row in rows
    ]


def _packed(seen: Mapping[str, Watch]) -> Content:
    """Watches as JSON and arrays."""
    told: list[object] = []
    arrays: dict[str, Any] = {}
    for place, (name, one) in enumerate(seen.items()):
        chances = pack_frame(f"chances {place}", one.chances)
        arrays |= chances.arrays
        arrays[f"known {place}"] = np.array([one.levels, one.p_red, one.p_orange])
        latest = None if one.latest is None else one.latest.isoformat()
        months = [month.isoformat() for month in one.months]
        states = [[str(s), s.basis, s.held, list(s.recent)] for s in one.states]
        told.append([name, months, states, latest, chances.told])
    return Content(told, arrays)


def _unpacked(content: Content) -> dict[str, Watch]:
    found = {}
    for place, (name, months, states, latest, chances) in enumerate(content.told):
        levels, reds, oranges = content.arrays[f"known {place}"].tolist()
        frame = unpack_frame(f"chances {place}", Content(chances, content.arrays))
        found[name] = Watch(
            list(map(pd.Timestamp, months)), levels, reds, oranges,
            [State(colour, basis, held, tuple(recent)) for colour, basis, held, recent in states],
            frame,
            None if latest is None else pd.Timestamp(latest),
        )  # fmt: skip
    return found


def kri_rows(workbook: Workbook) -> list[dict[str, Any]]:
    """Rows of the ledger ``kris`` for the workbook's unit; the root has those of all."""
    return [
        {str(name): value for name, value in row.items()}
        for row in workbook.ledger("kris").to_dict("records")
        if workbook.unit in (workbook.units.root, row["unit"])
    ]


def definitions(found: list[Indicator]) -> dict[str, dict[str, Any]]:
    """What a reader must know of the indicators that no metric measures."""
    return {one.metric: _definition(one.row) for one in found if not one.row["metric"]}


def _definition(row: Mapping[str, Any]) -> dict[str, Any]:
    unit = row["measured_in"]
    return {
        "label": {"zh": row["label"], "en": row["label_en"] or row["label"]},
        "description": {"zh": row["basis"], "en": row["basis"]},
        "unit": "ratio" if unit == PERCENT else {"zh": unit, "en": UNITS.get(unit, unit)},
        "decimals": None,
        "better": row["better"],
        "owner": row["owner"],
        "formula": "",
        "tables": [],
    }


UNITS = {"天": "days", "小时": "hours", "个": "items", "次": "times", "家": "companies"}
"""English for the units that indicators are often measured in."""


def _metric(row: Mapping[str, Any]) -> str:
    return str(row["metric"]) or f"kri:{row['kri_id']}"


def kri_values(workbook: Workbook, row: Mapping[str, Any], months: list[Any]) -> list[float]:
    """Values of an indicator by month; NaN where there is none, or units are missing."""
    if not row["metric"]:
        frame = workbook.ledger("readings")
        own = frame[frame["kri_id"] == row["kri_id"]]
        known = dict(zip(own["period"], own["value"], strict=True))
        return [float(known.get(str(month), math.nan)) for month in months]
    here = workbook.for_unit(row["unit"])
    name = row["metric"]
    found = here.values([name], months)
    cells = [
        number(explained(here, name, found.value(name, Span.of(month), here.unit), month))
        for month in months
    ]
    if here.missing_units(name):
        cells[-1] = math.nan
    return cells


def kri_rule(workbook: Workbook, row: Mapping[str, Any], values: pd.Series) -> Rule:
    """How an indicator is judged, by its row and its known values."""
    is_share = row["measured_in"] == PERCENT
    if row["metric"]:
        is_share = workbook.metric(row["metric"]).unit == "ratio"
    known = values.dropna()
    band = None if pd.isna(row["band"]) else float(row["band"])
    return Rule(
        row["better"],
        (float(row["yellow"]), float(row["orange"]), float(row["red"])),
        band,
        int(row["valid_months"]),
        0.0 if len(known) and (known >= 0).all() else -math.inf,
        1.0 if is_share and len(known) and (known <= 1).all() else math.inf,
    )

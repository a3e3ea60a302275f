"""The register as it stood on a day: what was judged, what was done, what happened, what it costs.

Everything is seen as of the end of a period, so that last month's register, and that of years ago,
can be made anew: of several rows of one risk the latest judged by then counts, and of treatments
those that were effective by then.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

import pandas as pd

from opsnb.analyses.simulations import simulated
from opsnb.progress import working
from opsnb.stats.incidents import frequency_update
from opsnb.stats.losses import LossResult, expected
from opsnb.stats.losses.severity import Pert
from opsnb.stats.responses import Effect, effect
from opsnb.workbook import Workbook

LOSS = "risk:annual_loss"
"""Stands for the annual loss where a metric is named."""
TRIALS = 100_000
YEAR = 365.25
VAGUE = 0.5
"""Variation of a frequency that is judged as one number."""
FEWEST = 0.24
"""A quarter: years before and after a treatment from which incidents speak of its effect."""
NUMBERS = (
    "frequency", "freq_low", "freq_mode", "freq_high", "loss_low", "loss_high", "loss_min",
    "loss_mode", "loss_max",
)  # fmt: skip
FREQUENCIES = NUMBERS[:4]
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Update:
    """What incidents since the judgement say of a risk's frequency.

    Attributes
    ----------
    count : int
    years : float
        Years observed; those under a treatment count by the share of events that it leaves.
    prior, posterior, low, high : float
        Events a year before treatment, as judged and after the incidents, with 90 % around it.
    """

    count: int
    years: float
    prior: float
    posterior: float
    low: float
    high: float


@dataclass(frozen=True)
class Register:
    """Risks as they stood on a day.

    Attributes
    ----------
    workbook : Workbook
    day : date
    """

    workbook: Workbook
    day: dt.date

    @cached_property
    def records(self) -> list[dict[str, Any]]:
        """Row of each risk, in the order of the ledger; the register is the whole company's."""
        if self.workbook.unit != self.workbook.units.root:
            return []
        kept: dict[str, dict[str, Any]] = {}
        for row in _records(self.workbook.ledger("risks")):
            if _day(row["assessed_on"]) <= self.day:
                known = kept.get(row["risk_id"])
                if known is None or _day(known["assessed_on"]) <= _day(row["assessed_on"]):
                    kept[row["risk_id"]] = row
        names = dict.fromkeys(self.workbook.ledger("risks")["risk_id"])
        return [kept[name] for name in names if name in kept]

    @cached_property
    def quantified(self) -> pd.DataFrame:
        """Rows of the risks that are judged in numbers, with frequencies after the incidents."""
        rows = []
        for row in self.records:
            if all(pd.isna(row[name]) for name in NUMBERS):
                continue
            update = self.updates.get(row["risk_id"])
            factor = 1.0 if update is None else update.posterior / update.prior
            rows.append(row | {name: row[name] * factor for name in FREQUENCIES})
        return pd.DataFrame(rows, columns=list(self.workbook.ledger("risks").columns))

    @property
    def unquantified(self) -> list[dict[str, Any]]:
        """Risks that have grades only."""
        numbers = set(self.quantified["risk_id"])
        return [row for row in self.records if row["risk_id"] not in numbers]

    @cached_property
    def treatments(self) -> list[dict[str, Any]]:
        """Treatments of the risks, each with the status that counts and why it is another.

        ``counted`` is the status that counts; ``doubt`` is ``evidence``, ``effect`` or empty.
        """
        known = {row["risk_id"] for row in self.records}
        found = _records(self.workbook.ledger("treatments"))
        return [self._counted(row) for row in found if row["risk_id"] in known]

    def _counted(self, row: Row) -> dict[str, Any]:
        status, doubt = row["status"], ""
        if status == "effective":
            if not row["evidence"]:
                status, doubt = "ongoing", "evidence"
            elif pd.notna(row["effective_on"]) and row["effective_on"].date() > self.day:
                status = "ongoing"
            else:
                found = self.effect(row)
                if found is not None and found.verdict == "contradicted":
                    status, doubt = "ongoing", "effect"
        return {**row, "counted": status, "doubt": doubt}

    @cached_property
    def incidents(self) -> pd.DataFrame:
        """What happened up to the day, since it is recorded."""
        found = self.workbook.ledger("incidents")
        start = self.recorded_from
        if start is None:
            return found.iloc[:0]
        days = found["date"]
        within = (days >= pd.Timestamp(start)) & (days <= pd.Timestamp(self.day))
        return found[within].reset_index(drop=True)

    @property
    def uncounted(self) -> int:
        """Incidents before the day from which they are counted."""
        days, start = self.workbook.ledger("incidents")["date"], self.recorded_from
        return 0 if start is None else int((days < pd.Timestamp(start)).sum())

    @cached_property
    def recorded_from(self) -> dt.date | None:
        """Day from which incidents are recorded; None where there are none by the day."""
        days = self.workbook.ledger("incidents")["date"]
        first = days.min().date() if len(days) else None
        start = self.workbook.company.profile.risk.recorded_from(first)
        return start if first is not None and start is not None and start < self.day else None

    def count(self, risk_id: str, after: dt.date, until: dt.date) -> int:
        """Incidents of a risk from one day to another, that one left out."""
        return sum(after <= day < until for day in self._struck.get(risk_id, ()))

    @cached_property
    def _struck(self) -> dict[str, list[dt.date]]:
        """Days of the incidents by risk."""
        found: dict[str, list[dt.date]] = {}
        for risk_id, day in zip(self.incidents["risk_id"], self.incidents["date"], strict=True):
            found.setdefault(risk_id, []).append(day.date())
        return found

    def effect(self, treatment: Row) -> Effect | None:
        """Incidents before and after a treatment; None where too short a time is known of."""
        start, on = self.recorded_from, treatment["effective_on"]
        if start is None or pd.isna(on):
            return None
        on, end = on.date(), self.day + dt.timedelta(days=1)
        spans = _years(start, on), _years(on, end)
        if min(spans) < FEWEST or not treatment["effect_frequency"]:
            return None
        risk_id = treatment["risk_id"]
        counts = self.count(risk_id, start, on), self.count(risk_id, on, end)
        return effect(
            counts[0], spans[0], counts[1], spans[1], float(treatment["effect_frequency"])
        )

    @cached_property
    def updates(self) -> dict[str, Update]:
        """By risk; without those of which no time is known since they were judged."""
        found = {}
        for row in self.records:
            judged = _judged(row)
            years = 0.0 if judged is None else self._exposure(row)
            if judged is None or years <= 0:
                continue
            mean, cv = judged
            since, end = self._since(row), self.day + dt.timedelta(days=1)
            count = self.count(row["risk_id"], since, end)
            line = frequency_update(mean, cv, count, years).iloc[0]
            found[row["risk_id"]] = Update(
                count, years, mean, float(line["posterior"]), float(line["low"]),
                float(line["high"]),
            )  # fmt: skip
        return found

    def _since(self, row: Row) -> dt.date:
        """Day from which incidents were not yet known when the risk was judged."""
        start = self.recorded_from or self.day
        judged = row["assessed_on"]
        return start if pd.isna(judged) else max(start, judged.date())

    def _exposure(self, row: Row) -> float:
        """Years since the judgement, each weighed by the share of events that treatments leave."""
        if self.recorded_from is None:
            return 0.0
        since, end = self._since(row), self.day + dt.timedelta(days=1)
        own = [
            (max(_start(t, since), since), float(t["effect_frequency"]))
            for t in self.treatments
            if t["risk_id"] == row["risk_id"] and t["counted"] == "effective"
        ]
        edges = [*sorted({since, *(day for day, _ in own if day < end)}), end]
        total = 0.0
        for one, other in pairwise(edges):
            keep = math.prod(1 - share for day, share in own if day <= one)
            total += keep * _years(one, other)
        return total

    @cached_property
    def losses(self) -> LossResult | None:
        """Simulated annual losses; None where no risk is quantified."""
        if not len(self.quantified):
            return None
        with working(f"simulating {TRIALS:,} years of losses"):
            return simulated(self.quantified, self.treated, self.levels, TRIALS)

    @property
    def levels(self) -> list[float]:
        """Levels that values at risk are told for, the company's own among them."""
        return sorted({0.9, self.workbook.company.profile.risk.level, 0.99})

    @property
    def treated(self) -> pd.DataFrame:
        """Treatments of the quantified risks, as the simulation reads them."""
        columns = [*self.workbook.ledger("treatments").columns, "counted", "doubt"]
        frame = pd.DataFrame(self.treatments, columns=columns)
        kept = frame[frame["risk_id"].isin(self.quantified["risk_id"])].reset_index(drop=True)
        return kept.assign(status=kept["counted"]).drop(columns=["counted", "doubt"])

    @cached_property
    def expected(self) -> dict[tuple[str, str], dict[str, float]]:
        """Exact frequency, severity and loss by stage (and their columns) and risk."""
        found: dict[tuple[str, str], dict[str, float]] = {}
        if len(self.quantified):
            for line in expected(self.quantified, self.treated).itertuples():
                for name in ("frequency", "severity", "loss"):
                    own = found.setdefault((str(line.stage), name), {})
                    own[str(line.risk_id)] = float(getattr(line, name))
        return found

    def means(self, column: str = "loss", stage: str = "residual") -> dict[str, float]:
        """Expected annual loss by risk at a stage, or what it is made of."""
        return self.expected.get((stage, column), {})

    @cached_property
    def _others(self) -> dict[dt.date, Register]:
        return {}

    def at(self, day: dt.date) -> Register:
        """The register as it stood on another day."""
        if day not in self._others:
            self._others[day] = Register(self.workbook, day)
        return self._others[day]

    @cached_property
    def before(self) -> Register:
        """The register at the end of the period before."""
        return self.at(self.workbook.period.prior.end)


def assessed(workbook: Workbook) -> Register:
    """Register at the end of the workbook's period.

    Raises
    ------
    SettingsError, UnknownNameError
        A row of the ledgers is wrong.
    """
    found = Register(workbook, workbook.period.end)
    _ = found.records
    return found


def definition(workbook: Workbook) -> dict[str, Any]:
    """What a reader must know of annual losses."""
    return {
        "label": {"zh": "年损失", "en": "Annual loss"},
        "description": {
            "zh": "一年内全部事件损失之和：先抽事件次数，再抽每次损失",
            "en": "Sum of what a year's events cost: their number is drawn, then each loss",
        },
        "unit": workbook.company.profile.currency,
        "decimals": None,
        "better": "lower",
        "owner": "",
        "formula": "",
        "tables": [],
    }


def _judged(row: Row) -> tuple[float, float] | None:
    """Frequency of a risk as judged, and its variation; None where it has none."""
    if pd.notna(row["frequency"]):
        return float(row["frequency"]), VAGUE
    if pd.isna(row["freq_low"]):
        return None
    low, mode, high = (float(row[name]) for name in ("freq_low", "freq_mode", "freq_high"))
    mean = Pert(low, mode, high).mean
    return mean, math.sqrt((mean - low) * (high - mean) / 7) / mean


def _day(value: Any) -> dt.date:
    """Day of a cell; one that is empty is before all others."""
    return dt.date.min if pd.isna(value) else value.date()


def _start(treatment: Row, since: dt.date) -> dt.date:
    on = treatment["effective_on"]
    return since if pd.isna(on) else on.date()


def _years(start: dt.date, end: dt.date) -> float:
    return (end - start).days / YEAR


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(k): v for k, v in row.items()} for row in frame.to_dict("records")]

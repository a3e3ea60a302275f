"""Targets of a metric for the period, the year to date and the year."""

from __future__ import annotations

from opsnb.analyses.grid import Value
from opsnb.data.ledgers import Revision
from opsnb.results import NotApplicable
from opsnb.workbook import Workbook

NONE = NotApplicable("no target")


def period_target(workbook: Workbook, metric: str, unit: str) -> Value:
    """Target of the period; a metric with a band has none."""
    value = workbook.targets.value(metric, unit, workbook.period)
    return NONE if value is None else value


def to_date_target(workbook: Workbook, metric: str, unit: str) -> Value:
    """Target of the year to date: months added, a stock's last, an average's mean."""
    definition, months = workbook.metric(metric), workbook.period.ytd
    if definition.over_time == "last":
        return period_target(workbook, metric, unit)
    total = workbook.targets.total(metric, unit, months)
    if definition.over_time == "mean":
        return NONE if total is None else total / len(months)
    if not workbook.catalogue.is_additive(metric):
        return NotApplicable("not meaningful for this metric")
    return NONE if total is None else total


def year_target(workbook: Workbook, metric: str, unit: str) -> Value:
    """Target of the whole year: as the ledger has it, else its months added."""
    if not workbook.catalogue.is_additive(metric):
        return NotApplicable("not meaningful for this metric")
    year = workbook.period.year
    value = workbook.targets.value(metric, unit, year)
    if value is None:
        value = workbook.targets.total(metric, unit, year.months)
    return NONE if value is None else value


def revision(workbook: Workbook, metric: str, unit: str) -> Revision | None:
    """How the period's target was changed after the period had begun, or None."""
    return workbook.targets.revision(metric, unit, workbook.period)

"""Check: what a company needs before a report can be run, step by step, every fault at once.

Settings, ledgers, tables, the period, the declared checks, metrics and targets are looked at in
that order. A step that fails does not stop the others; one that cannot be judged because of it
says what it waits for. Nothing is run or written.
"""

from __future__ import annotations

from collections.abc import Iterator

from opsnb.company import LAST_CLOSED, Company
from opsnb.data.ledgers import WHOLE
from opsnb.dataset import Dataset
from opsnb.errors import OpsnbError, ParameterError
from opsnb.period import Period
from opsnb.reports import Report
from opsnb.runs.check import data, figures, settings
from opsnb.runs.check.steps import Examination, Step, fault
from opsnb.workbook import Workbook

__all__ = ["Examination", "Step", "examine"]


def examine(report: Report, company: str, period: str | None = None) -> Examination:
    """Everything there is to say about running `report` for `company`.

    Parameters
    ----------
    period : str, optional
        As the command line takes it; that of the report's parameters if left out.

    Returns
    -------
    Examination
        Its `exit_code` is 0 where a report can be run, 2 where settings or sources are wrong, and
        3 where data are missing or the gate is closed.
    """
    try:
        found = Company.find(company)
    except OpsnbError as error:
        return Examination(report.name, company, None, (fault("settings", "company", error),))
    steps = settings.steps(found, report)
    if any(step.state == "wrong" for step in steps if step.title in settings.NEEDED):
        return Examination(report.name, company, None, tuple(steps))
    try:
        month = _month(found, report, period)
    except OpsnbError as error:
        steps.append(fault("period", "period", error))
        return Examination(report.name, company, None, tuple(steps))
    steps += _of_data(found, report, month)
    return Examination(report.name, company, str(month), tuple(steps))


def _of_data(company: Company, report: Report, month: Period) -> Iterator[Step]:
    """Ledgers, tables, checks and metrics of a company whose settings are right."""
    dataset = Dataset(company)
    yield from settings.ledger_steps(dataset)
    unit = company.profile.root.id
    try:
        asked = settings.parameters(company, report).unit
        unit = unit if asked == WHOLE else dataset.units[asked].id
    except OpsnbError as error:
        yield fault("settings", f"{report.name}.yaml, unit", error)
    workbook = Workbook(company, month, unit, "en", dataset)
    broken: set[str] = set()
    yield from data.steps(workbook, broken)
    yield from data.check_steps(workbook, broken)
    yield from figures.steps(workbook, broken)


def _month(company: Company, report: Report, given: str | None) -> Period:
    text = given or settings.parameters(company, report).period or LAST_CLOSED
    found = company.period(text)
    if found.kind != report.cadence:
        raise ParameterError(
            f"period {text!r} is a {found.kind}", expected=f"a {report.cadence}, such as 2026-10"
        )
    return found

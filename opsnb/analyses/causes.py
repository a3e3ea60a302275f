"""Causes: of what the changes behind the messages are made, where that can be told."""

from __future__ import annotations

from collections.abc import Iterable

from opsnb.analyses.attribution import attribution
from opsnb.analyses.grid import Grid
from opsnb.results import Column, Finding, Result
from opsnb.workbook import Workbook

COLUMNS = (Column("metric", "key"), Column("unit", "key"))
ORDER = ("OPS041", "OPS047", "OPS040")
"""A reversal by mix, one element that makes half of the change, the largest effect."""
SERIOUS = ("red", "orange", "yellow")


def causes(workbook: Workbook, findings: Iterable[Finding], why: Result | None = None) -> Result:
    """One statement of attribution for each metric and unit that `findings` warn of.

    Parameters
    ----------
    why : Result, optional
        Attributions of the workbook's own unit that have been made already.

    Returns
    -------
    Result
        ``causes``, without rows: its findings are the statements. A metric that declares no
        attribution has none, nor has a change that no single element explains.
    """
    about = dict.fromkeys((f.metric, f.unit) for f in findings if f.severity in SERIOUS)
    known = workbook.company.metrics
    told = []
    for metric, unit in about:
        if metric in known and known[metric].attribution is not None:
            own = [f for f in (why.findings if why else ()) if (f.metric, f.unit) == (metric, unit)]
            told += _first(own or attribution(workbook.for_unit(unit), [metric]).findings)
    return Result("causes", Grid(COLUMNS).frame, COLUMNS, findings=tuple(told))


def _first(found: Iterable[Finding]) -> list[Finding]:
    """The statement that says most."""
    worth = [finding for finding in found if finding.code in ORDER]
    return sorted(worth, key=lambda finding: ORDER.index(finding.code))[:1]

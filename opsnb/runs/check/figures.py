"""Steps about the figures: every metric measured once for the period, and targets beside them."""

from __future__ import annotations

from collections.abc import Iterator

from opsnb.analyses.comparison import explained
from opsnb.display.numbers import metric_format
from opsnb.errors import OpsnbError
from opsnb.metrics.spans import Span
from opsnb.results import NotApplicable
from opsnb.runs.check.steps import Step, counted, fault, waiting
from opsnb.workbook import Workbook


def steps(workbook: Workbook, broken: set[str]) -> Iterator[Step]:
    """One step a metric, and one for the targets."""
    for name in workbook.company.metrics:
        waits = [table for table in workbook.catalogue.tables(name) if table in broken]
        yield waiting("metrics", name, waits) if waits else _metric(workbook, name)
    yield _targets(workbook)


def _metric(workbook: Workbook, name: str) -> Step:
    span = Span.of(workbook.period)
    try:
        value = workbook.values([name], [span]).value(name, span, workbook.unit)
        value = explained(workbook, name, value, workbook.period)
    except OpsnbError as error:
        return fault("metrics", name, error)
    if isinstance(value, NotApplicable):
        facts = {"value": None, "reason": value.reason}
        return Step("metrics", name, "note", (f"no value: {value.reason}",), facts)
    definition = workbook.definition(name)
    shown = metric_format(definition, [value], "en").text(value)
    return Step("metrics", name, "ok", (shown,), {"value": float(value), "reason": None})


def _targets(workbook: Workbook) -> Step:
    names = list(workbook.company.metrics)
    try:
        values = [workbook.targets.value(n, workbook.unit, workbook.period) for n in names]
    except OpsnbError:
        return waiting("targets", "targets", ["ledger targets"])
    given = [name for name, value in zip(names, values, strict=True) if value is not None]
    line = f"{len(given)} of {counted(len(names), 'metric')} with a target for {workbook.period}"
    return Step("targets", "targets", "ok", (line,), {"given": given})

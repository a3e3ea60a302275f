"""Explain: one number, its meaning and source, the query that gives it, and the rows behind it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from opsnb.company import Company
from opsnb.errors import NotReadyError, OpsnbError
from opsnb.metrics.spans import Span
from opsnb.period import Period
from opsnb.results import NotApplicable
from opsnb.runs.explain.rows import Listing, listings, recomputed
from opsnb.workbook import Workbook

__all__ = ["Answer", "Listing", "explain"]

COMPUTABLE = ("the denominator is zero",)
NOISE = 1e-9


@dataclass(frozen=True)
class Answer:
    """What is told of one number.

    Attributes
    ----------
    value : float or NotApplicable
        In the unit of the metric.
    sql : str
        A query whose one value it is.
    provenance : mapping
        Definition, sources with their rows in the period, checks.
    listings : tuple of Listing
        The rows, one listing for each table, span and filter that the metric is made of.
    """

    metric: str
    period: Period
    unit: str
    value: float | NotApplicable
    sql: str
    provenance: Mapping[str, Any]
    listings: tuple[Listing, ...] = ()


def explain(
    metric: str,
    period: str,
    company: str,
    *,
    unit: str | None = None,
    locale: str | None = None,
    rows: int | None = None,
) -> Answer:
    """Explanation of a metric of a unit over a period.

    Parameters
    ----------
    period : str
        A month, quarter, half or year, or ``last-closed``.
    rows : int, optional
        How many rows of each table are listed; none when left out.

    Raises
    ------
    UnknownNameError, PeriodError, SettingsError, SourceError
        A name, or the settings, are wrong.
    NotReadyError
        There are no data for it.
    """
    found = Company.find(company)
    span = found.period(period)
    last = span.months[-1]
    workbook = Workbook.open(found.folder, str(last), unit, locale)
    workbook.metric(metric)
    whole = Span.of(span)
    value = workbook.values([metric], [whole]).value(metric, whole, workbook.unit)
    _refuse_nothing(workbook, metric, span, value)
    listed = tuple(listings(workbook, metric, whole, rows)) if rows is not None else ()
    if listed:
        _refuse_difference(workbook, metric, whole, listed, value)
    return Answer(
        metric=metric,
        period=span,
        unit=workbook.unit,
        value=value,
        sql=workbook.sql(metric, whole),
        provenance=_provenance(workbook, metric, span),
        listings=listed,
    )


def _provenance(workbook: Workbook, metric: str, period: Period) -> dict[str, Any]:
    """Provenance with rows and checks of the whole period and of the unit alone."""
    told = workbook.provenance([metric])
    for table, source in told["sources"].items():
        source["rows_in_period"] = workbook.rows_of(table, Span.of(period))
    counts: dict[tuple[str, str], int] = {}
    for month in period.months:
        for check in replace(workbook, period=month).checks_on(metric):
            place = (check["kind"], check["on"])
            counts[place] = counts.get(place, 0) + check["count"]
    checks = [{"kind": kind, "on": on, "count": n} for (kind, on), n in counts.items()]
    told["metrics"][metric]["checks"] = checks
    return told


def _refuse_nothing(
    workbook: Workbook, metric: str, period: Period, value: float | NotApplicable
) -> None:
    if not isinstance(value, NotApplicable) or value.reason in COMPUTABLE:
        return
    ends = list(_ends(workbook, metric))
    months = f"a period from {Period(min(ends))} to {Period(max(ends))}" if ends else None
    what = f"no value of {metric!r} for {workbook.unit!r} in {period}: {value.reason}"
    raise NotReadyError(what, expected=months)


def _ends(workbook: Workbook, metric: str) -> Iterator[int]:
    for table in workbook.catalogue.tables(metric):
        yield from workbook.load(table).extent or ()


def _refuse_difference(
    workbook: Workbook,
    metric: str,
    span: Span,
    listed: tuple[Listing, ...],
    value: float | NotApplicable,
) -> None:
    """The rows must add up to the number: they are found in another way than it was."""
    again = recomputed(workbook, metric, span, listed)
    if isinstance(value, NotApplicable) or math.isclose(again, value, rel_tol=NOISE, abs_tol=NOISE):
        return
    raise OpsnbError(f"the rows behind {metric!r} make {again}", expected=str(value))

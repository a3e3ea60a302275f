"""Notes: what people wrote about a number, as they wrote it, and whether it has moved since."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from opsnb.analyses.grid import Grid, Value
from opsnb.claims import figure
from opsnb.metrics.spans import Span
from opsnb.period import Period
from opsnb.results import Column, NotApplicable, Result
from opsnb.workbook import Workbook

COLUMNS = (
    Column("metric", "key"),
    Column("unit", "key"),
    Column("period", "key"),
    Column("place", "key"),
    Column("cause", "text"),
    Column("measure", "text"),
    Column("author", "text"),
    Column("seen", "text"),
    Column("stale", "text"),
    Column("actual", "metric"),
)
RECENT = 3
"""Months for which a note is still shown, as an earlier one."""
NO_METRIC = NotApplicable("not meaningful for this metric")


@dataclass(frozen=True)
class Note:
    """A note of the ledger on a metric of a unit in the workbook's period.

    Attributes
    ----------
    cause, measure, author : str
        As written; figures in them may carry a source, ``[3 家](客户访谈)``.
    seen : str
        The number as its author saw it, such as ``1.17 亿元``; empty where the ledger has none.
    actual : float or NotApplicable
        The number as it is now, in the unit of the metric.
    stale : bool
        Whether the number has moved since: `actual` no longer rounds to `seen`.
    place : str
        File and row.
    """

    metric: str
    unit: str
    period: str
    cause: str
    measure: str
    author: str
    seen: str
    actual: Value
    stale: bool
    place: str


def notes(workbook: Workbook, metric: str, unit: str) -> tuple[Note, ...]:
    """Notes on `metric` of `unit` in the workbook's period, in the order of the ledger.

    Parameters
    ----------
    metric : str
        Id; empty for notes that are about the unit and no metric.

    Raises
    ------
    UnknownNameError, SettingsError
        The ledger is not as it should be.
    """
    return _of(workbook, metric, unit, workbook.period)


def latest(workbook: Workbook, metric: str) -> Note | None:
    """Last note on `metric` of the workbook's unit, of the reported month or the two before."""
    for month in reversed(workbook.period.back(RECENT)):
        if found := _of(workbook, metric, workbook.unit, month):
            return found[-1]
    return None


def _of(workbook: Workbook, metric: str, unit: str, month: Period) -> tuple[Note, ...]:
    ledger, period = workbook.ledger("notes"), str(month)
    found = []
    for place, row in zip(ledger.attrs["places"], ledger.to_dict("records"), strict=True):
        if (row["period"], row["metric"], row["unit"]) != (period, metric, unit):
            continue
        actual = _actual(workbook, metric, unit, month)
        stale = is_stale(row["value"], actual)
        cause, measure, author = (str(row[name]) for name in ("cause", "measure", "author"))
        seen = str(row["value"])
        note = Note(metric, unit, period, cause, measure, author, seen, actual, stale, place)
        found.append(note)
    return tuple(found)


def is_stale(seen: str, actual: Value) -> bool:
    """Whether `actual` is no longer what its author saw, at the rounding of what was seen.

    >>> is_stale("1.17 亿元", 116_812_345.0), is_stale("1.17 亿元", 117_900_000.0)
    (False, True)
    >>> is_stale("", 1.0), is_stale("88.4 %", NotApplicable("no data in this period"))
    (False, True)
    """
    claim = figure(seen)
    if claim is None:
        return False
    if isinstance(actual, NotApplicable):
        return True
    is_other_way = claim.number != 0 and (actual < 0) != (claim.sign < 0)
    return is_other_way or not claim.states(actual)


def noted(workbook: Workbook, about: Iterable[tuple[str, str]]) -> Result:
    """Notes on all pairs of metric and unit, and on those units themselves.

    Returns
    -------
    Result
        ``notes``, one row a note; to be a part of the result that shows them.
    """
    pairs = list(dict.fromkeys(about))
    pairs += [("", unit) for unit in dict.fromkeys([workbook.unit, *(u for _, u in pairs)])]
    grid = Grid(COLUMNS)
    for metric, unit in dict.fromkeys(pairs):
        for note in notes(workbook, metric, unit):
            stale = "yes" if note.stale else ""
            grid.add({c.name: getattr(note, c.name) for c in COLUMNS} | {"stale": stale})
    return Result("notes", grid.frame, COLUMNS, grid.reasons)


def _actual(workbook: Workbook, metric: str, unit: str, month: Period) -> Value:
    if not metric:
        return NO_METRIC
    span = Span.of(month)
    return workbook.values([metric], [span]).value(metric, span, unit)

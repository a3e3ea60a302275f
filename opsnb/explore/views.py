"""Views: what an explorer can show, each an analysis of the reports with its parameters."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field

from opsnb import analyses
from opsnb.analyses.histories import history
from opsnb.analyses.what_if import Assumptions, Base
from opsnb.errors import UnknownNameError
from opsnb.period import Period
from opsnb.results import Result
from opsnb.stats.limits import Rules
from opsnb.workbook import Workbook

MONTHS = 36


@dataclass(frozen=True)
class View:
    """One question to a company.

    Attributes
    ----------
    kind : str
        One of :data:`KINDS`.
    metric, period, unit : str
    assumed : Assumptions
        Of ``what_if``.
    rules, rebase
        Of ``control_chart``.
    """

    kind: str
    metric: str
    period: str
    unit: str
    assumed: Assumptions = field(default_factory=Assumptions)
    rules: Rules = "nhs"
    rebase: tuple[str, ...] = ()


@dataclass
class Open:
    """Company that is open: its workbooks share their tables, and forecasts are kept.

    Attributes
    ----------
    workbook : Workbook
        The one it was opened with.
    """

    workbook: Workbook
    books: dict[str, Workbook] = field(default_factory=dict)
    bases: dict[str, Base] = field(default_factory=dict)

    def book(self, period: str, unit: str) -> Workbook:
        """Workbook of a month and unit.

        Raises
        ------
        PeriodError, UnknownNameError, NotReadyError
        """
        month = str(self.workbook.company.period(period))
        if month not in self.books:
            found = self.workbook.for_period(self.workbook.company.period(period))
            found.check_ready()
            self.books[month] = found
        return self.books[month].for_unit(unit)

    def base(self, workbook: Workbook) -> Base:
        """Forecasts of a month, made once."""
        month = str(workbook.period)
        if month not in self.bases:
            self.bases[month] = Base(history(workbook))
        return self.bases[month]

    @property
    def months(self) -> list[str]:
        """Months that have data, the latest first."""
        ends = [
            end for name in self.workbook.company.fact_tables
            for end in self.workbook.load(name).extent or ()
        ]  # fmt: skip
        last = min(max(ends), self.workbook.company.profile.last_closed.first)
        return [str(Period(month)) for month in range(last, min(ends) - 1, -1)]


Make = Callable[[Open, Workbook, View], Result]


def _scorecard(_: Open, book: Workbook, view: View) -> Result:
    return analyses.scorecard(book, [view.metric], [view.metric])


def _trend(_: Open, book: Workbook, view: View) -> Result:
    return analyses.trend(book, view.metric, MONTHS)


def _control_chart(_: Open, book: Workbook, view: View) -> Result:
    return analyses.control_chart(book, view.metric, view.rules, view.rebase)


def _units(_: Open, book: Workbook, view: View) -> Result:
    return analyses.units(book, [view.metric])


def _attribution(_: Open, book: Workbook, view: View) -> Result:
    return analyses.attribution(book, [view.metric])


def _drivers(_: Open, book: Workbook, view: View) -> Result:
    return analyses.drivers(book, [view.metric])


def _forecast(_: Open, book: Workbook, view: View) -> Result:
    return analyses.forecast(book, [view.metric], [view.metric])


def _what_if(known: Open, book: Workbook, view: View) -> Result:
    return analyses.what_if(book, view.metric, view.assumed, known.base(book))


KINDS: dict[str, Make] = {
    "scorecard": _scorecard,
    "trend": _trend,
    "control_chart": _control_chart,
    "units": _units,
    "attribution": _attribution,
    "drivers": _drivers,
    "forecast": _forecast,
    "what_if": _what_if,
}
"""Analyses that can be asked for, by name."""
CALLS: dict[str, str] = {
    "scorecard": 'analyses.scorecard(workbook, ["{metric}"], ["{metric}"])',
    "trend": 'analyses.trend(workbook, "{metric}", 36)',
    "control_chart": 'analyses.control_chart(workbook, "{metric}", "{rules}", {rebase})',
    "units": 'analyses.units(workbook, ["{metric}"])',
    "attribution": 'analyses.attribution(workbook, ["{metric}"])',
    "drivers": 'analyses.drivers(workbook, ["{metric}"])',
    "forecast": 'analyses.forecast(workbook, ["{metric}"], ["{metric}"])',
    "what_if": 'analyses.what_if(workbook, "{metric}", analyses.{assumed})',
}
"""How a cell asks for the same."""


def shown(known: Open, view: View) -> Result:
    """Result of a view.

    Raises
    ------
    UnknownNameError
        There is no such kind, metric or unit.
    ParameterError
        The analysis cannot be made for the metric.
    """
    if view.kind not in KINDS:
        raise UnknownNameError(f"no view {view.kind!r}", given=view.kind, choices=KINDS)
    book = known.book(view.period, view.unit)
    book.metric(view.metric)
    return KINDS[view.kind](known, book, view)


def code(company: str, view: View) -> str:
    """Cell that shows the same, its parameters written out.

    >>> print(code("demo", View("trend", "revenue", "2026-10", "east")))
    import opsnb
    from opsnb import analyses
    <BLANKLINE>
    workbook = opsnb.open("demo", "2026-10", "east")
    analyses.trend(workbook, "revenue", 36)
    """
    told = {"assumed": _written(view.assumed), "rules": view.rules, "rebase": list(view.rebase)}
    place = (company, view.period, view.unit)
    call = CALLS[view.kind].format(metric=view.metric, **told)
    return "\n".join([
        "import opsnb", "from opsnb import analyses", "",
        f"workbook = opsnb.open({', '.join(map(json.dumps, place))})", call,
    ])  # fmt: skip


def _written(assumed: Assumptions) -> str:
    """Assumptions as they are made, those that are none left out."""
    plain = Assumptions()
    names = ("price", "volume", "workdays", "lost", "saving")
    told = {n: getattr(assumed, n) for n in names if getattr(assumed, n) != getattr(plain, n)}
    return f"Assumptions({', '.join(f'{n}={v!r}' for n, v in told.items())})"

"""Opened: a company whose months and forecasts are kept, and what a view of it is and shows."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

from opsnb.analyses.histories import history
from opsnb.analyses.views import View, answer, call
from opsnb.analyses.what_if import Base
from opsnb.period import Period
from opsnb.results import Result
from opsnb.workbook import Workbook


@dataclass(frozen=True)
class Place:
    """Where a question is asked: month and unit."""

    period: str
    unit: str


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

    def book(self, place: Place) -> Workbook:
        """Workbook of a month and unit.

        Raises
        ------
        PeriodError, UnknownNameError, NotReadyError
        """
        month = str(self.workbook.company.period(place.period))
        if month not in self.books:
            found = self.workbook.for_period(self.workbook.company.period(place.period))
            found.check_ready()
            self.books[month] = found
        return self.books[month].for_unit(place.unit)

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


def shown(known: Open, place: Place, view: View) -> Result:
    """Result of a view in a month and unit.

    Raises
    ------
    UnknownNameError
        There is no such kind, metric or unit.
    ParameterError
        The analysis cannot be made for the metric.
    """
    book = known.book(place)
    return answer(book, view, known.base(book) if view.kind == "what_if" else None)


def code(company: str, place: Place, view: View) -> str:
    """Cell that shows the same, its parameters written out.

    >>> print(code("demo", Place("2026-10", "east"), View("trend", "revenue", {"months": 24})))
    import opsnb
    from opsnb import analyses
    <BLANKLINE>
    workbook = opsnb.open("demo", "2026-10", "east")
    analyses.trend(workbook, "revenue", months=24)
    """
    told = ", ".join(json.dumps(text) for text in (company, place.period, place.unit))
    return "\n".join(
        ["import opsnb", "from opsnb import analyses", "", f"workbook = opsnb.open({told})",
         call(view)]
    )  # fmt: skip

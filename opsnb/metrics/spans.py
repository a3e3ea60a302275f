"""Span: consecutive months, ISO weeks or days that are measured as one, as the year to date."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import Literal

from opsnb.period import Period

Grain = Literal["month", "week", "day"]
WEEK = re.compile(r"(\d{4})-W(\d{2})")


@dataclass(frozen=True, order=True)
class Span:
    """`first` to `last`, inclusive, as ordinals of the `grain`.

    Months are 12 * year + month - 1; days are counted as ``date.toordinal`` does, from 1 January
    of the year 1, a Monday; ISO weeks are counted from there, from 0.

    >>> str(Span.of(Period.parse("2026-10"))), str(Span.to_date(Period.parse("2026-03")))
    ('2026-10', '2026-01..2026-03')
    >>> str(Span.day(dt.date(2026, 10, 5))), str(Span.week(dt.date(2027, 1, 1)))
    ('2026-10-05', '2026-W53')
    """

    first: int
    last: int
    grain: Grain = "month"

    @classmethod
    def of(cls, period: Period) -> Span:
        """Months of the period itself."""
        return cls(period.first, period.first + period.length - 1)

    @classmethod
    def to_date(cls, period: Period, within: str = "year") -> Span:
        """From the start of the enclosing fiscal year, half or quarter to the period's end."""
        start: Period = getattr(period, within)
        return cls(start.first, period.first + period.length - 1)

    @classmethod
    def trailing(cls, last: int, months: int) -> Span:
        """The `months` months that end with `last`."""
        return cls(last - months + 1, last)

    @classmethod
    def day(cls, day: dt.date) -> Span:
        """One day."""
        return cls(day.toordinal(), day.toordinal(), "day")

    @classmethod
    def week(cls, day: dt.date) -> Span:
        """ISO week, Monday to Sunday, that holds `day`."""
        week = ordinal(day, "week")
        return cls(week, week, "week")

    @classmethod
    def parse(cls, text: str) -> Span:
        """Span from its text, the inverse of ``str``.

        >>> Span.parse("2026-01..2026-03") == Span.to_date(Period.parse("2026-03"))
        True
        >>> Span.parse("2026-W53") == Span.week(dt.date(2027, 1, 1))
        True
        """
        first, _, last = text.partition("..")
        if WEEK.fullmatch(first):
            ends = [ordinal(_monday(end), "week") for end in (first, last or first)]
            return cls(ends[0], ends[1], "week")
        if len(first) == len("2026-10-05"):
            ends = [dt.date.fromisoformat(end).toordinal() for end in (first, last or first)]
            return cls(ends[0], ends[1], "day")
        return cls(Period.parse(first).first, Period.parse(last or first).first)

    @property
    def year_ago(self) -> Span:
        """Same months one year earlier.

        Raises
        ------
        ValueError
            Of days and weeks, which a year does not hold a whole number of.
        """
        if self.grain != "month":
            raise ValueError(f"{self} has no year before it: it is no span of months")
        return Span(self.first - 12, self.last - 12)

    @property
    def start(self) -> dt.date:
        """First day."""
        return beginning(self.first, self.grain)

    @property
    def end(self) -> dt.date:
        """Last day, inclusive."""
        return beginning(self.last + 1, self.grain) - dt.timedelta(days=1)

    def __str__(self) -> str:
        ends = [_text(self.first, self.grain), _text(self.last, self.grain)]
        return ends[0] if self.first == self.last else "..".join(ends)


def ordinal(day: dt.date, grain: Grain) -> int:
    """Ordinal of the month, week or day that holds `day`."""
    if grain == "month":
        return 12 * day.year + day.month - 1
    return day.toordinal() if grain == "day" else (day.toordinal() - 1) // 7


def beginning(place: int, grain: Grain) -> dt.date:
    """First day of the month, week or day with this ordinal."""
    if grain == "month":
        return dt.date(place // 12, place % 12 + 1, 1)
    return dt.date.fromordinal(place if grain == "day" else 7 * place + 1)


def _text(place: int, grain: Grain) -> str:
    if grain == "month":
        return str(Period(place))
    start = beginning(place, grain)
    if grain == "day":
        return start.isoformat()
    year, week, _ = start.isocalendar()
    return f"{year:04d}-W{week:02d}"


def _monday(text: str) -> dt.date:
    year, week = text.split("-W")
    return dt.date.fromisocalendar(int(year), int(week), 1)

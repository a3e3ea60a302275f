"""Span: consecutive months that are measured as one, such as a month or the year to date."""

from __future__ import annotations

from dataclasses import dataclass

from opsnb.period import Period


@dataclass(frozen=True, order=True)
class Span:
    """Months `first` to `last`, inclusive, as ordinals (12 * year + month - 1).

    >>> str(Span.of(Period.parse("2026-10"))), str(Span.to_date(Period.parse("2026-03")))
    ('2026-10', '2026-01..2026-03')
    """

    first: int
    last: int

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
    def parse(cls, text: str) -> Span:
        """Span from its text, the inverse of ``str``.

        >>> Span.parse("2026-01..2026-03") == Span.to_date(Period.parse("2026-03"))
        True
        """
        first, _, last = text.partition("..")
        return cls(Period.parse(first).first, Period.parse(last or first).first)

    @property
    def year_ago(self) -> Span:
        """Same months one year earlier."""
        return Span(self.first - 12, self.last - 12)

    def __str__(self) -> str:
        ends = [str(Period(self.first)), str(Period(self.last))]
        return ends[0] if self.first == self.last else "..".join(ends)

"""Period: a month, quarter, half-year or year as a value that knows its neighbours."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, field
from typing import Literal

from opsnb.errors import PeriodError

Kind = Literal["month", "quarter", "half", "year"]
LENGTH: dict[Kind, int] = {"month": 1, "quarter": 3, "half": 6, "year": 12}
KIND: dict[int, Kind] = {length: kind for kind, length in LENGTH.items()}
FORMS = "2026-10, 2026-Q3, 2026-H1 or 2026"
FORM = re.compile(
    r"(?P<year>[12]\d{3})(?:-(?:(?P<month>\d{2})|Q(?P<quarter>\d)|H(?P<half>\d)))?", re.ASCII
)
LOOSE = re.compile(
    r"(?P<year>\d{4}|\d{2})[^\dQqHh]?(?P<letter>[QqHh]?)(?P<number>\d{1,2})\D?", re.ASCII
)
MONTH_NAMES = (
    "January February March April May June July August September October November December"
)


@dataclass(frozen=True, order=True)
class FiscalYear:
    """When a company's year begins, and after which calendar year it is named.

    Parameters
    ----------
    start : int
        First month, 1 to 12.
    named_by : {"end", "start"}
        July 2018 to June 2019 is 2019 by its end, 2018 by its start.
    """

    start: int = 1
    named_by: Literal["end", "start"] = "end"

    def __post_init__(self) -> None:
        if self.start not in range(1, 13):
            raise PeriodError(f"fiscal year start {self.start}", expected="a month, 1 to 12")
        if self.named_by not in ("end", "start"):
            raise PeriodError(f"fiscal year named by {self.named_by!r}", expected="end or start")

    def first_month(self, year: int) -> int:
        """Ordinal, 12 * calendar year + month - 1, of the first month of fiscal `year`."""
        ends_next_year = self.start > 1 and self.named_by == "end"
        return 12 * (year - ends_next_year) + self.start - 1

    def year_of(self, ordinal: int) -> int:
        """Fiscal year that holds the month `ordinal`."""
        ends_next_year = self.start > 1 and self.named_by == "end"
        return (ordinal - (self.start - 1)) // 12 + ends_next_year


CALENDAR_YEAR = FiscalYear()


@dataclass(frozen=True, order=True)
class Period:
    """A month, quarter, half or year; frozen, hashable, ordered by its first month.

    Months are calendar months; quarters, halves and years are those of `fiscal`.
    Build one with :meth:`parse` or :meth:`month_of`.

    Attributes
    ----------
    first : int
        Ordinal of the first month, 12 * year + month - 1.
    length : int
        Number of months: 1, 3, 6 or 12.

    Examples
    --------
    >>> october = Period.parse("2026-10")
    >>> str(october.prior), str(october.year_ago), str(october.quarter), len(october.ytd)
    ('2026-09', '2025-10', '2026-Q4', 10)
    >>> Period.parse("202610")
    Traceback (most recent call last):
    ...
    opsnb.errors.PeriodError: '202610' is not a period; expected 2026-10
    """

    first: int
    length: int = 1
    fiscal: FiscalYear = field(default=CALENDAR_YEAR, compare=True)

    @classmethod
    def parse(cls, text: str, fiscal: FiscalYear = CALENDAR_YEAR) -> Period:
        """Read ``2026-10``, ``2026-Q3``, ``2026-H1`` or ``2026``, and nothing else.

        Raises
        ------
        PeriodError
            With the right form named.
        """
        match = FORM.fullmatch(text) if isinstance(text, str) else None
        if match is None:
            raise _refuse(text)
        year = int(match["year"])
        if match["month"] is not None:
            month = int(match["month"])
            if not 1 <= month <= 12:
                raise PeriodError(f"{text!r} is not a period: month {month}", expected="01 to 12")
            return cls(12 * year + month - 1, 1, fiscal)
        if match["quarter"] is None and match["half"] is None:
            return cls(fiscal.first_month(year), 12, fiscal)
        length = 3 if match["quarter"] else 6
        number = int(match["quarter"] or match["half"])
        if not 1 <= number <= 12 // length:
            raise PeriodError(
                f"{text!r} is not a period", expected=f"1 to {12 // length} after the letter"
            )
        return cls(fiscal.first_month(year) + (number - 1) * length, length, fiscal)

    @classmethod
    def month_of(cls, day: dt.date, fiscal: FiscalYear = CALENDAR_YEAR) -> Period:
        """Month that holds `day`."""
        return cls(12 * day.year + day.month - 1, 1, fiscal)

    @property
    def kind(self) -> Kind:
        """``month``, ``quarter``, ``half`` or ``year``."""
        return KIND[self.length]

    @property
    def start(self) -> dt.date:
        """First day."""
        return dt.date(self.first // 12, self.first % 12 + 1, 1)

    @property
    def end(self) -> dt.date:
        """Last day, inclusive."""
        after = self.first + self.length
        return dt.date(after // 12, after % 12 + 1, 1) - dt.timedelta(days=1)

    @property
    def days(self) -> int:
        """Number of calendar days."""
        return (self.end - self.start).days + 1

    @property
    def prior(self) -> Period:
        """Period of the same kind just before."""
        return self.shift(-1)

    @property
    def year_ago(self) -> Period:
        """Same period one year earlier."""
        return Period(self.first - 12, self.length, self.fiscal)

    @property
    def months(self) -> list[Period]:
        """Months of the period, in order."""
        return [Period(self.first + i, 1, self.fiscal) for i in range(self.length)]

    @property
    def ytd(self) -> list[Period]:
        """Months from the start of the fiscal year to the end of the period."""
        begin = self.year.first
        return [Period(m, 1, self.fiscal) for m in range(begin, self.first + self.length)]

    @property
    def quarter(self) -> Period:
        """Fiscal quarter that holds the first month."""
        return self._enclosing(3)

    @property
    def half(self) -> Period:
        """Fiscal half-year that holds the first month."""
        return self._enclosing(6)

    @property
    def year(self) -> Period:
        """Fiscal year that holds the first month."""
        return self._enclosing(12)

    @property
    def fiscal_year(self) -> int:
        """Number of the fiscal year, as it is named."""
        return self.fiscal.year_of(self.first)

    @property
    def fiscal_month(self) -> int:
        """Position of the first month in the fiscal year, 1 to 12."""
        return (self.first - (self.fiscal.start - 1)) % 12 + 1

    def shift(self, n: int) -> Period:
        """Period `n` periods of the same kind later; earlier for negative `n`."""
        return Period(self.first + n * self.length, self.length, self.fiscal)

    def back(self, n: int) -> list[Period]:
        """Run of `n` periods of this kind that ends with this one, oldest first."""
        return [self.shift(i - n + 1) for i in range(n)]

    def label(self, locale: str = "zh") -> str:
        """Name for a reader: ``2026年10月``, ``October 2026``; fiscal years carry their mark.

        >>> Period.parse("2026-Q3").label("zh"), Period.parse("2026-10").label("en")
        ('2026年第三季度', 'October 2026')
        """
        return _label_zh(self) if locale.startswith("zh") else _label_en(self)

    def __str__(self) -> str:
        if self.length == 1:
            return f"{self.first // 12:04d}-{self.first % 12 + 1:02d}"
        if self.length == 12:
            return f"{self.fiscal_year:04d}"
        letter = "Q" if self.length == 3 else "H"
        return f"{self.fiscal_year:04d}-{letter}{(self.fiscal_month - 1) // self.length + 1}"

    def __repr__(self) -> str:
        return f"Period({str(self)!r})"

    def _enclosing(self, length: int) -> Period:
        return Period(self.first - (self.fiscal_month - 1) % length, length, self.fiscal)


def _label_zh(period: Period) -> str:
    year = f"{period.fiscal_year}年" if period.fiscal.start == 1 else f"{period.fiscal_year}财年"
    if period.kind == "month":
        return f"{period.start.year}年{period.start.month}月"
    if period.kind == "year":
        return year
    number = (period.fiscal_month - 1) // period.length
    if period.kind == "half":
        return year + "上下"[number] + "半年"
    return f"{year}第{'一二三四'[number]}季度"


def _label_en(period: Period) -> str:
    if period.kind == "month":
        return f"{MONTH_NAMES.split()[period.start.month - 1]} {period.start.year}"
    year = f"{period.fiscal_year}" if period.fiscal.start == 1 else f"FY{period.fiscal_year}"
    return year if period.kind == "year" else f"{str(period)[5:]} {year}"


def _refuse(text: object) -> PeriodError:
    """Error that names the right form, guessed from what was given."""
    if not isinstance(text, str) and FORM.fullmatch(str(text)):
        return PeriodError(f"{text!r} is not text", expected=f"'{text}'")
    # A float is not read: 2026.10 arrives as 2026.1.
    match = LOOSE.fullmatch(str(text).strip()) if isinstance(text, str | int) else None
    expected = FORMS
    if match is not None:
        year = f"20{match['year']}"[-4:]
        letter, number = match["letter"].upper(), int(match["number"])
        guess = f"{year}-{letter}{number}" if letter else f"{year}-{number:02d}"
        if FORM.fullmatch(guess) and 1 <= number <= {"": 12, "Q": 4, "H": 2}[letter]:
            expected = guess
    return PeriodError(f"{text!r} is not a period", expected=expected)

"""Numbers as a reader sees them; nowhere else is a number written out.

A `NumberFormat` is made for a whole group of numbers (a card, a column, the rows of one unit),
so that they share their scale and their decimals and can be compared by eye.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Context, Decimal, localcontext
from functools import cache
from typing import Any

from babel import Locale
from babel.numbers import NumberPattern, get_currency_name, parse_pattern

from opsnb.display.markup import NBSP
from opsnb.display.words import translate

MINUS = "\u2212"
EXACT = Context(prec=400, rounding=ROUND_HALF_UP)
SYMBOLS = {"CNY": "¥", "USD": "$", "EUR": "€", "GBP": "£", "JPY": "JP¥", "HKD": "HK$"}
# from which size on, in which power of ten, under which word, with how many decimals
SCALES_ZH = ((8, 8, "亿", 2), (6, 4, "万", 1), (0, 0, "", 0))
SCALES_EN = ((9, 9, "billion", 2), (6, 6, "million", 2), (0, 0, "", 0))


@dataclass(frozen=True)
class NumberFormat:
    r"""How the numbers of one group are written.

    Parameters
    ----------
    locale : str
    power : int
        Numbers are shown in units of ten to this power: 8 for 亿, -2 for per cent.
    decimals : int
        Of the number as it is shown.
    before, after : str
        What stands before and after a number in running text: ``¥``, ``亿元``, ``%``.

    Examples
    --------
    >>> NumberFormat("zh", 8, 2, after="亿元").text(112_350_000)
    '1.12\xa0亿元'
    >>> NumberFormat("en", -2, 1, after="%").text(-0.042, signed=True)
    '−4.2\xa0%'
    """

    locale: str
    power: int = 0
    decimals: int = 0
    before: str = ""
    after: str = ""

    def number(self, value: float, *, signed: bool = False) -> str:
        """Bare number; with `signed` a plus where it is positive and ± where it rounds to zero."""
        sign, digits = self._split(value, signed)
        return sign + digits

    def text(self, value: float, *, signed: bool = False) -> str:
        """Number with its unit, which never breaks from it."""
        sign, digits = self._split(value, signed)
        return sign + self.before + digits + (NBSP + self.after if self.after else "")

    def scaled(self, value: float) -> float:
        """Number on the shown scale, not rounded: what an axis is drawn in."""
        return float(EXACT.scaleb(Decimal(repr(float(value))), -self.power))

    @property
    def unit(self) -> str:
        """Unit for a heading over bare numbers: ``亿元``, ``¥ million``, ``%``."""
        return " ".join(part for part in (self.before.rstrip(NBSP), self.after) if part)

    def _split(self, value: float, signed: bool) -> tuple[str, str]:
        exact = EXACT.scaleb(Decimal(repr(float(value))), -self.power)
        shown = exact.quantize(Decimal(1).scaleb(-self.decimals), context=EXACT)
        with localcontext(EXACT):  # Babel quantizes in the context of the moment
            digits: str = _pattern(self.decimals).apply(abs(shown), _locale(self.locale))
        if shown == 0:
            return ("±" if signed else ""), digits
        return (MINUS if shown < 0 else "+" if signed else ""), digits


@cache
def _pattern(decimals: int) -> NumberPattern:
    return parse_pattern("#,##0." + "0" * decimals if decimals else "#,##0")


@cache
def _locale(locale: str) -> Locale:
    return Locale.parse(locale.replace("-", "_"))


def amount(
    currency: str, values: Iterable[float], locale: str, decimals: int | None = None
) -> NumberFormat:
    r"""Format for amounts of money on the scale of the largest of `values`.

    Parameters
    ----------
    currency : str
        ISO 4217 code.
    values : iterable of float
        The numbers that share the format, in units of the currency.
    decimals : int, optional
        Of the shown number; without it two for 亿, billion and million, one for 万, and for
        amounts below a million none from 1,000 on, else two.

    Examples
    --------
    >>> amount("CNY", [34_506_000], "zh").text(34_506_000)
    '3,450.6\xa0万元'
    >>> amount("CNY", [120_000_000], "en").text(120_000_000)
    '¥120.00\xa0million'
    """
    size = largest(values)
    scales = SCALES_ZH if locale.startswith("zh") else SCALES_EN
    _, power, word, usual = next(s for s in scales if size >= 10 ** s[0] or s[0] == 0)
    if decimals is None:
        decimals = 2 if power == 0 and size < 1000 else usual
    if locale.startswith("zh"):
        return NumberFormat(locale, power, decimals, after=word + _yuan(currency))
    symbol = SYMBOLS.get(currency, currency + NBSP)
    return NumberFormat(locale, power, decimals, before=symbol, after=word)


@cache
def _yuan(currency: str) -> str:
    return "元" if currency == "CNY" else str(get_currency_name(currency, locale="zh"))


def percent(locale: str, decimals: int = 1) -> NumberFormat:
    """Shares and growth: 0.973 is shown as 97.3 %."""
    return NumberFormat(locale, -2, decimals, after="%")


def points(locale: str, decimals: int = 1) -> NumberFormat:
    """Differences of two shares: 0.021 is shown as 2.1 percentage points."""
    return NumberFormat(locale, -2, decimals, after=translate(locale)("pp"))


def count(locale: str) -> NumberFormat:
    """Whole numbers of things that need no unit beside them."""
    return NumberFormat(locale)


def metric_format(
    definition: Mapping[str, Any], values: Iterable[float], locale: str
) -> NumberFormat:
    """Format for `values` of one metric, from its unit and decimals.

    Parameters
    ----------
    definition : mapping
        ``unit`` (an ISO currency, ``ratio``, ``days`` or a label by locale) and ``decimals``.
    """
    unit, decimals = definition.get("unit") or "", definition.get("decimals")
    values = list(values)
    if unit == "ratio":
        return percent(locale, 1 if decimals is None else int(decimals))
    if unit == "days":
        return NumberFormat(locale, 0, _or_one(decimals), after=translate(locale)("days"))
    if is_currency(unit):
        return amount(str(unit), values, locale, decimals)
    word = unit if isinstance(unit, str) else chosen(unit, locale)
    whole = all(float(value).is_integer() for value in values if math.isfinite(value))
    fallback = 0 if whole or largest(values) >= 1000 else 1
    return NumberFormat(locale, 0, fallback if decimals is None else int(decimals), after=word)


def _or_one(decimals: int | None) -> int:
    return 1 if decimals is None else int(decimals)


FINE, COARSE = 10, 100_000
"""Sizes on a shared scale between which a difference is well read on it."""


def difference_format(
    definition: Mapping[str, Any], shared: NumberFormat, alone: float | None = None
) -> NumberFormat:
    """Format for differences of a metric whose numbers are written in `shared`.

    Differences of shares are percentage points; all others keep the unit and scale. Only an
    amount that stands `alone`, with its unit beside it, is written on the scale of its own size
    where the shared one is too coarse: −315.0 万元 says more than −0.03 亿元, but −23.1 万元 beside
    161.3 万元 is not −231,035 元.
    """
    unit = definition.get("unit")
    if unit == "ratio":
        return replace(shared, after=translate(shared.locale)("pp"))
    if alone is not None and is_currency(unit) and not FINE <= abs(shared.scaled(alone)) < COARSE:
        return metric_format(definition, [alone], shared.locale)
    return shared


def is_currency(unit: object) -> bool:
    """Whether `unit` is an ISO 4217 code."""
    return isinstance(unit, str) and len(unit) == 3 and unit.isalpha() and unit.isupper()


def chosen(label: Mapping[str, str] | str | None, locale: str) -> str:
    """Text of a label for `locale`: the language asked for, else English, else any."""
    if not isinstance(label, Mapping):
        return "" if label is None else str(label)
    language = locale[:2]
    return str(label.get(language) or label.get("en") or next(iter(label.values()), ""))


def largest(values: Iterable[float]) -> float:
    """Largest absolute value among the finite ones; 0 without any."""
    return max((abs(float(v)) for v in values if math.isfinite(v)), default=0.0)

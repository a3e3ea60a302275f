"""Cells: what a person writes into a ledger, read exactly or refused with the right form.

- A number: ``1200``, ``1,200.50``, ``-3``, ``1e6``, ``95%`` (which is 0.95), and the same in
  full-width characters. ``1,00``, ``1.200,00`` and ``2万`` are refused.
- A day: ``2026-10-31`` or ``2026/10/31``, in this order of year, month and day only.
- A word of a fixed list: in English, or in Chinese.
"""

from __future__ import annotations

import datetime as dt
import math
import re
import unicodedata
from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BeforeValidator, Field
from pydantic_core import PydanticCustomError

from opsnb.errors import suggest

NUMBER = re.compile(r"[-+]?(?:\d+|\d{1,3}(?:,\d{3})+)(?:\.\d+)?(?:[eE][-+]?\d{1,3})?%?", re.ASCII)
DAY = re.compile(r"(\d{4})([-/])(\d{1,2})\2(\d{1,2})", re.ASCII)
NUMBER_FORM = "a finite number such as 1200, 1,200.50 or 95%"
DAY_FORM = "one such as 2026-10-31"


def fault(column: str, message: str) -> PydanticCustomError:
    """Error of a row whose cells contradict each other, to be shown at `column`."""
    return PydanticCustomError("cells", "{message}", {"column": column, "message": message})


def plain(text: str) -> str:
    """Text with full-width characters and the minus sign as ASCII."""
    return unicodedata.normalize("NFKC", text).replace("−", "-").strip()


def is_percent(text: str) -> bool:
    """Whether a number is written with a percent sign."""
    return plain(text).endswith("%")


def _number(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    text = plain(value)
    if NUMBER.fullmatch(text):
        exact = Decimal(text.rstrip("%").replace(",", ""))
        found = float(exact / 100 if text.endswith("%") else exact)
        if math.isfinite(found):
            return found
    raise ValueError(f"{value!r} is not a number; expected {NUMBER_FORM}")


def _day(value: Any) -> Any:
    if type(value) is dt.date:
        return value
    match = DAY.fullmatch(plain(value)) if isinstance(value, str) else None
    if match:
        try:
            return dt.date(int(match[1]), int(match[3]), int(match[4]))
        except ValueError:
            pass
    raise ValueError(f"{value!r} is not a day; expected {DAY_FORM}")


def words(chinese: Mapping[str, str]) -> BeforeValidator:
    """Reads the English words among the values of `chinese`, or the Chinese ones of its keys."""
    known = dict.fromkeys(chinese.values())

    def word(value: Any) -> Any:
        text = plain(str(value))
        found = chinese.get(text, text.lower())
        if found in known:
            return found
        nearest = suggest(text, [*known, *chinese])
        hint = f"; did you mean {nearest!r}?" if nearest else ""
        pairs = ", ".join(f"{english} ({zh})" for zh, english in chinese.items())
        raise ValueError(f"{value!r} is not known; expected one of {pairs}{hint}")

    return BeforeValidator(word)


Number = Annotated[float, BeforeValidator(_number)]
Amount = Annotated[float, BeforeValidator(_number), Field(ge=0)]
Positive = Annotated[float, BeforeValidator(_number), Field(gt=0)]
Share = Annotated[float, BeforeValidator(_number), Field(ge=0, le=1)]
LedgerDay = Annotated[dt.date, BeforeValidator(_day)]

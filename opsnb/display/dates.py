"""Days as a reader sees them."""

from __future__ import annotations

import datetime as dt


def span(start: dt.date, end: dt.date, locale: str) -> str:
    """Days from `start` to `end` without their year, which the period names.

    >>> span(dt.date(2026, 10, 1), dt.date(2026, 10, 31), "zh")
    '10月1日至31日'
    """
    from babel.dates import format_interval

    return str(format_interval(start, end, "MMMd", locale=locale.replace("-", "_")))


def day(value: dt.date, locale: str, *, year: int) -> str:
    """Day with its year only where that is not `year`.

    >>> day(dt.date(2027, 1, 5), "zh", year=2026), day(dt.date(2026, 11, 5), "en", year=2026)
    ('2027年1月5日', 'Nov 5')
    """
    from babel.dates import format_skeleton

    skeleton = "MMMd" if value.year == year else "yMMMd"
    return str(format_skeleton(skeleton, value, locale=locale.replace("-", "_")))

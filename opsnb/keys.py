"""Keys: the name of one number, by which a shown figure is bound to its record.

``metric|measure|unit|period|by|target_period|level``; what does not apply is empty. `by` is the
JSON of further key columns.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

SHOW, RECORDS = "OPSNB_SHOW", "records"
"""Variable of the environment, and its value, by which cells show records and draw nothing."""
SEPARATOR, PIN = "|", "pin"
OWN_KEYS = ("metric", "unit", "period", "target_period", "level")
"""Key columns with a place of their own in the key; all others go into `by`."""


def record_key(
    metric: str,
    measure: str,
    unit: str = "",
    period: str = "",
    by: Mapping[str, str] | str = "",
    target_period: str = "",
    level: float | None = None,
) -> str:
    """Key of a record.

    >>> record_key("revenue", "actual", "all", "2026-10")
    'revenue|actual|all|2026-10|||'
    >>> record_key("revenue", "actual", "all", "2026-10", {"channel": "online"})
    'revenue|actual|all|2026-10|{"channel": "online"}||'
    """
    more = by if isinstance(by, str) else by_text(by)
    last = "" if level is None else f"{level:g}"
    return SEPARATOR.join((metric, measure, unit, period, more, target_period, last))


def by_text(by: Mapping[str, str]) -> str:
    """Further key columns as the records write them; empty without any."""
    return json.dumps(dict(by), ensure_ascii=False, sort_keys=True) if by else ""


def pinned(key: str, pin: str) -> str:
    """Key of the same number where a pinned view shows it.

    >>> pinned("revenue|actual|all|2026-10|||", "a")
    'revenue|actual|all|2026-10|{"pin": "a"}||'
    """
    *first, rest = key.split(SEPARATOR, 4)
    by, *last = rest.rsplit(SEPARATOR, 2)
    more = {**(json.loads(by) if by else {}), PIN: pin}
    return SEPARATOR.join((*first, by_text(more), *last))


def subject(key: str) -> tuple[str, str]:
    """Metric and measure of a key.

    >>> subject("revenue|actual|all|2026-10|||")
    ('revenue', 'actual')
    """
    metric, measure, *_ = key.split(SEPARATOR)
    return metric, measure

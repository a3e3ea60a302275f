"""Samples: rows of a source that is too long to be looked at whole."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from typing import TypeVar

Row = TypeVar("Row")
MOST, HEAD, TAIL = 20_000, 2_000, 200
"""Rows that are looked at, and those among them that are the first and the last."""


def sample(rows: Iterable[Row], count: int) -> list[Row]:
    """All rows of a short source; of a long one the first, the last, and as many between.

    Those between are evenly spread, so that months and units are met wherever they stand.

    Parameters
    ----------
    rows : iterable
    count : int
        How many there are; an estimate will do.

    >>> found = sample(range(100_000), 100_000)
    >>> len(found) <= MOST, found[:2], found[-1]
    (True, [0, 1], 99999)
    """
    if count <= MOST:
        return list(rows)
    step = -(-count // (MOST - HEAD - TAIL))
    kept, last = [], deque[Row](maxlen=TAIL)
    for place, row in enumerate(rows):
        if place < HEAD or place % step == 0:
            kept.append(row)
        else:
            last.append(row)
    return [*kept, *last]

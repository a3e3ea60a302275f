"""Targets by metric, unit and period, in the version that stood on a day."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable
from dataclasses import dataclass

from opsnb.data.ledgers.books import Book
from opsnb.data.ledgers.rows import TargetRow
from opsnb.errors import SettingsError, UnknownNameError
from opsnb.period import Period

Key = tuple[str, str, str]
SCENARIO = "target"


@dataclass(frozen=True)
class Revision:
    """A target that was changed after its period had begun.

    Attributes
    ----------
    old, new : float
        What stood on the day before the period began (or at its end, for a change after it), and
        what counts now.
    approved_on : date
        Day of approval of the version that counts.
    ended : date
        Last day of the period.
    """

    old: float
    new: float
    approved_on: dt.date
    ended: dt.date

    @property
    def is_late(self) -> bool:
        """Whether the period was over by then."""
        return self.approved_on > self.ended


def check_versions(book: Book) -> None:
    """Refuse a version that was approved before a lower one: it would have rewritten the past.

    Raises
    ------
    SettingsError
    """
    rows = sorted(book.rows.items(), key=lambda pair: pair[1].version)
    before: dict[tuple[str, ...], tuple[int, TargetRow]] = {}
    for number, row in rows:
        key = (row.metric, row.unit, row.period, row.scenario)
        other, lower = before.get(key, (number, row))
        day, least = row.approved_on or dt.date.min, lower.approved_on or dt.date.min
        if day < least:
            raise SettingsError(
                f"version {row.version} approved on {row.approved_on or 'no day'}, before version "
                f"{lower.version} (row {other})",
                where=book.place(number, "approved_on"),
                expected=f"{least} or later",
            )
        before[key] = (number, row)


class Targets:
    """Targets of one scenario, as they stood on a day.

    Parameters
    ----------
    rows : iterable of TargetRow
    as_of : date
        Versions approved later do not count; among the others the highest does. A version without
        a day of approval has always stood.
    scenario : str
    """

    def __init__(self, rows: Iterable[TargetRow], as_of: dt.date, scenario: str = SCENARIO) -> None:
        self._rows, self.as_of, self.name = tuple(rows), as_of, scenario
        found: dict[Key, list[TargetRow]] = {}
        for row in self._rows:
            if row.scenario == scenario and (row.approved_on is None or row.approved_on <= as_of):
                found.setdefault((row.metric, row.unit, row.period), []).append(row)
        self._versions = {
            key: tuple(sorted(some, key=lambda row: row.version)) for key, some in found.items()
        }

    @property
    def scenarios(self) -> list[str]:
        """Scenarios that the ledger knows, in its order."""
        return list(dict.fromkeys(row.scenario for row in self._rows))

    def scenario(self, name: str) -> Targets:
        """The same for another scenario, such as ``budget``.

        Raises
        ------
        UnknownNameError
            The ledger has rows, and none of this scenario.
        """
        if self._rows and name not in self.scenarios:
            raise UnknownNameError(
                f"no targets of scenario {name!r}", given=name, choices=self.scenarios
            )
        return Targets(self._rows, self.as_of, name)

    def versions(self, metric: str, unit: str, period: Period) -> tuple[TargetRow, ...]:
        """Versions approved by `as_of`; the last one counts."""
        return self._versions.get((metric, unit, str(period)), ())

    def value(self, metric: str, unit: str, period: Period) -> float | None:
        """Target of the period itself, or None."""
        versions = self.versions(metric, unit, period)
        return versions[-1].value if versions else None

    def total(self, metric: str, unit: str, months: Iterable[Period]) -> float | None:
        """Sum over `months`, or None where one of them has no target."""
        values = [self.value(metric, unit, month) for month in months]
        known = [value for value in values if value is not None]
        return math.fsum(known) if len(known) == len(values) else None

    def revision(self, metric: str, unit: str, period: Period) -> Revision | None:
        """How the period's target was changed after the period had begun, or None."""
        now = next(iter(self.versions(metric, unit, period)[-1:]), None)
        if now is None or now.approved_on is None or now.approved_on < period.start:
            return None
        is_late = now.approved_on > period.end
        before = period.end if is_late else period.start - dt.timedelta(days=1)
        old = Targets(self._rows, before, self.name).value(metric, unit, period)
        if old is None or old == now.value:
            return None
        return Revision(old, now.value, now.approved_on, period.end)

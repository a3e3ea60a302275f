"""Units: the company's parts as a tree under one root, another one from month to month."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from opsnb.errors import SettingsError, UnknownNameError
from opsnb.period import Period

FOREVER = 999_999
"""Ordinal of a month after all others."""


class Above(NamedTuple):
    """A unit that another counts for, from month `first` to month `last` (ordinals)."""

    unit: str
    first: int = 0
    last: int = FOREVER

    @property
    def is_always(self) -> bool:
        """Whether it holds for every month."""
        return (self.first, self.last) == (0, FOREVER)


@dataclass(frozen=True)
class Former:
    """Where a unit stood until a day.

    Attributes
    ----------
    place : str
        File and row, for an error.
    """

    parent: str | None
    until: dt.date
    place: str = "units"

    @property
    def last(self) -> int:
        """Last month it holds for: a month belongs to the tree that stands at its end."""
        after = self.until + dt.timedelta(days=1)
        return 12 * after.year + after.month - 2


@dataclass(frozen=True)
class Unit:
    """A business unit.

    Attributes
    ----------
    label : mapping
        ``{"zh": ..., "en": ...}``.
    parent : str or None
        The present one, or the last; None is the root.
    aliases : tuple of str
        Words that stand for it in the data.
    opened, closed : date or None
        First and last day on which it is expected to have data.
    formers : tuple of Former
        Where it stood before, oldest first.
    place : str
        File and row, for an error.
    """

    id: str
    label: Mapping[str, str]
    parent: str | None = None
    opened: dt.date | None = None
    closed: dt.date | None = None
    aliases: tuple[str, ...] = ()
    formers: tuple[Former, ...] = ()
    place: str = "units"

    def open_during(self, start: dt.date, end: dt.date) -> bool:
        """Whether it was open on some day from `start` to `end`."""
        return (self.opened is None or self.opened <= end) and (
            self.closed is None or self.closed >= start
        )

    def open_in(self, month: int) -> bool:
        """Whether it was open on some day of a month (ordinal)."""
        period = Period(month)
        return self.open_during(period.start, period.end)

    def former(self, month: int | None) -> Former | None:
        """Where it stood in a month that is over; None where it stands there still."""
        if month is None:
            return None
        return next((former for former in self.formers if month <= former.last), None)


class Units:
    """Tree of units.

    Methods take a month `at` (its ordinal, 12 * year + month - 1) and answer for the tree as it
    was at the end of that month; without one, for the latest. Before its first day and after its
    last a unit stands where it stood then, so that no row is lost when units are added up.

    Parameters
    ----------
    units : iterable of Unit
        The first is the root; a unit without a parent hangs under it.

    Raises
    ------
    SettingsError
        An id stands twice, a parent is not there, or the tree of some month has a circle.
    """

    def __init__(self, units: Iterable[Unit]) -> None:
        self._units: dict[str, Unit] = {}
        self._children: dict[int | None, dict[str, list[str]]] = {}
        self._moved: dict[tuple[str, int, int], list[str]] = {}
        for unit in units:
            if unit.id in self._units:
                raise SettingsError(f"unit {unit.id!r} stands twice", where="units")
            self._units[unit.id] = unit
        self.root = next(iter(self._units))
        for at in (*self.changes, None):
            for unit in self:
                self.ancestors(unit.id, at)

    def __iter__(self) -> Iterator[Unit]:
        return iter(self._units.values())

    def __contains__(self, unit: object) -> bool:
        return unit in self._units

    def __getitem__(self, unit: str) -> Unit:
        try:
            return self._units[unit]
        except KeyError:
            raise UnknownNameError(
                f"unknown unit {unit!r}", where="units", given=unit, choices=self._units
            ) from None

    @cached_property
    def changes(self) -> tuple[int, ...]:
        """Last months before a regrouping, in order."""
        return tuple(sorted({former.last for unit in self for former in unit.formers}))

    def parent(self, unit: str, at: int | None = None) -> str | None:
        """Parent's id; None for the root."""
        if unit == self.root:
            return None
        former = self[unit].former(at)
        return (self[unit].parent if former is None else former.parent) or self.root

    def ancestors(self, unit: str, at: int | None = None) -> list[str]:
        """Path from the unit over its parent up to the root."""
        path = [unit]
        while (parent := self.parent(path[-1], at)) is not None:
            if parent not in self._units:
                raise SettingsError(
                    f"unit {path[-1]!r} has the unknown parent {parent!r}",
                    where=self._place(path[-1], at),
                    given=parent,
                    choices=self._units,
                )
            if parent in path:
                when = "" if at is None else f" in {Period(at)}"
                raise SettingsError(
                    f"units {' -> '.join([*path, parent])} form a circle{when}",
                    where=self._place(parent, at),
                )
            path.append(parent)
        return path

    def children(self, unit: str, at: int | None = None) -> list[str]:
        """Units right below, in the ledger's order; those of a month are the ones open in it."""
        if at not in self._children:
            found: dict[str, list[str]] = {}
            for child in self:
                parent = self.parent(child.id, at)
                if parent is not None and (at is None or child.open_in(at)):
                    found.setdefault(parent, []).append(child.id)
            self._children[at] = found
        return self._children[at].get(unit, [])

    def leaves(self, unit: str, at: int | None = None) -> list[str]:
        """Units at or below `unit` that have no children, branch by branch."""
        below = self.children(unit, at)
        return [leaf for child in below for leaf in self.leaves(child, at)] if below else [unit]

    def moved(self, unit: str, before: int, now: int) -> list[str]:
        """Units open in both months that stood below `unit` in one of them only.

        Of a branch that moved as one, only its top is named. An opening or a closure is none.
        """
        if not any(before <= change < now for change in self.changes):
            return []
        key = (unit, before, now)
        if key not in self._moved:
            self._moved[key] = self._movers(unit, before, now)
        return self._moved[key]

    def _movers(self, unit: str, before: int, now: int) -> list[str]:
        gone = [
            other.id
            for other in self
            if other.id != unit
            and other.open_in(before)
            and other.open_in(now)
            and (unit in self.ancestors(other.id, before))
            != (unit in self.ancestors(other.id, now))
        ]
        return [
            one
            for one in gone
            if not set(gone) & {*self.ancestors(one, before)[1:], *self.ancestors(one, now)[1:]}
        ]

    @cached_property
    def aliases(self) -> dict[str, str]:
        """Words for units in the data -> ids: aliases, and labels in both languages.

        Raises
        ------
        SettingsError
            A word stands for two units.
        """
        found: dict[str, str] = {}
        for unit in self:
            for word in dict.fromkeys((*unit.aliases, *unit.label.values())):
                if word in self._units:
                    continue
                if found.setdefault(word, unit.id) != unit.id:
                    raise SettingsError(
                        f"{word!r} stands for {found[word]!r} and {unit.id!r}", where=unit.place
                    )
        return found

    @cached_property
    def bridge(self) -> dict[str, list[Above]]:
        """Unit as it stands in the data -> the units it counts for; ``""`` is any other value."""
        return {"": [Above(self.root)]} | {unit.id: self._above(unit.id) for unit in self}

    def _above(self, unit: str) -> list[Above]:
        """Ancestors over all months; months that follow on each other are one."""
        found: list[Above] = []
        first = 0
        for at in (*self.changes, None):
            last = FOREVER if at is None else at
            for name in self.ancestors(unit, at):
                before = next((a for a in found if (a.unit, a.last + 1) == (name, first)), None)
                if before is None:
                    found.append(Above(name, first, last))
                else:
                    found[found.index(before)] = before._replace(last=last)
            first = last + 1
        return found

    def _place(self, unit: str, at: int | None) -> str:
        former = self[unit].former(at)
        return self[unit].place if former is None else former.place

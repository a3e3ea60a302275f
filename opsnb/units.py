"""Units: the company's parts as a tree under one root."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from opsnb.errors import SettingsError, UnknownNameError


@dataclass(frozen=True)
class Unit:
    """A business unit.

    Attributes
    ----------
    label : mapping
        ``{"zh": ..., "en": ...}``.
    aliases : tuple of str
        Words that stand for it in the data.
    opened, closed : date or None
        First and last day on which it is expected to have data.
    """

    id: str
    label: Mapping[str, str]
    parent: str | None = None
    opened: dt.date | None = None
    closed: dt.date | None = None
    aliases: tuple[str, ...] = ()

    def open_during(self, start: dt.date, end: dt.date) -> bool:
        """Whether it was open on some day from `start` to `end`."""
        return (self.opened is None or self.opened <= end) and (
            self.closed is None or self.closed >= start
        )


class Units:
    """Tree of units.

    Parameters
    ----------
    units : iterable of Unit
        The first is the root; a unit without a parent hangs under it.

    Raises
    ------
    SettingsError
        An id stands twice, a parent is not there, or the tree has a circle.
    """

    def __init__(self, units: Iterable[Unit]) -> None:
        self._units: dict[str, Unit] = {}
        for unit in units:
            if unit.id in self._units:
                raise SettingsError(f"unit {unit.id!r} stands twice", where="units")
            self._units[unit.id] = unit
        self.root = next(iter(self._units))
        for unit in self:
            self.ancestors(unit.id)

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

    def parent(self, unit: str) -> str | None:
        """Parent's id; None for the root."""
        return None if unit == self.root else self[unit].parent or self.root

    def ancestors(self, unit: str) -> list[str]:
        """Path from the unit over its parent up to the root."""
        path = [unit]
        while (parent := self.parent(path[-1])) is not None:
            if parent not in self._units:
                raise SettingsError(
                    f"unit {path[-1]!r} has the unknown parent {parent!r}",
                    where="units",
                    given=parent,
                    choices=self._units,
                )
            if parent in path:
                raise SettingsError(
                    f"units {' -> '.join([*path, parent])} form a circle", where="units"
                )
            path.append(parent)
        return path

    def children(self, unit: str) -> list[str]:
        """Units right below, in the ledger's order."""
        return self._children.get(unit, [])

    def leaves(self, unit: str) -> list[str]:
        """Units at or below `unit` that have no children, branch by branch."""
        below = self.children(unit)
        return [leaf for child in below for leaf in self.leaves(child)] if below else [unit]

    @cached_property
    def _children(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for unit in self:
            parent = self.parent(unit.id)
            if parent is not None:
                found.setdefault(parent, []).append(unit.id)
        return found

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
                        f"{word!r} stands for {found[word]!r} and {unit.id!r}", where="units"
                    )
        return found

    @cached_property
    def bridge(self) -> dict[str, list[str]]:
        """Unit as it stands in the data -> the units it counts for; ``""`` is any other value."""
        return {"": [self.root]} | {unit.id: self.ancestors(unit.id) for unit in self}

"""The units ledger as a tree, with where each unit stood from when to when."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from opsnb.company import Company, check_unit_id
from opsnb.data.ledgers.books import Book, book
from opsnb.data.ledgers.rows import WHOLE, UnitRow
from opsnb.errors import SettingsError
from opsnb.units import Former, Unit, Units

Numbered = tuple[int, UnitRow]
DAY = dt.timedelta(days=1)


def units(company: Company) -> Units:
    """The company's units: its root and those of the units ledger.

    Raises
    ------
    SettingsError
    """
    root = company.profile.root
    found = book(company.folder / "ledgers", "units")
    rows = _by_unit(found, root.id)
    tree = Units(
        [
            Unit(root.id, root.label.to_dict(), place="company.yaml"),
            *(_unit(found, numbered) for numbered in rows.values()),
        ]
    )
    for numbered in rows.values():
        for number, row in numbered:
            _check_parent(found, number, row, tree)
    return tree


def _by_unit(found: Book, root: str) -> dict[str, list[Numbered]]:
    """Rows of each unit in the order of their days, without overlap or gap."""
    rows: dict[str, list[Numbered]] = {}
    for number, row in found.rows.items():
        _check_id(found, number, row, root)
        parent = root if row.parent == WHOLE else row.parent
        rows.setdefault(row.unit, []).append((number, row.model_copy(update={"parent": parent})))
    for unit, numbered in rows.items():
        numbered.sort(key=lambda pair: pair[1].opened or dt.date.min)
        for before, after in pairwise(numbered):
            _check_sequence(found, before, after)
        for number, row in numbered:
            if row.parent is not None and row.parent not in rows and row.parent != root:
                raise SettingsError(
                    f"unknown parent {row.parent!r}",
                    where=found.place(number, "parent"),
                    given=row.parent,
                    choices=[root, *(name for name in rows if name != unit)],
                )
    return rows


def _check_id(found: Book, number: int, row: UnitRow, root: str) -> None:
    where = found.place(number, "unit")
    try:
        check_unit_id(row.unit)
    except ValueError as error:
        raise SettingsError(str(error), where=where) from None
    if row.unit == root:
        expected = "it as the root in company.yaml"
        raise SettingsError(f"unit {row.unit!r} stands twice", where=where, expected=expected)
    if row.unit == WHOLE:
        raise SettingsError(f"{WHOLE!r} stands for the whole company", where=where)


def _check_sequence(found: Book, before: Numbered, after: Numbered) -> None:
    """Refuse two rows of one unit that do not follow on each other day by day."""
    (number, earlier), (other, later) = before, after
    if later.opened is None or earlier.closed is None:
        first, second = sorted((number, other))
        raise SettingsError(
            f"unit {later.unit!r} stands twice",
            where=found.place(second, "unit"),
            expected=f"it in row {first}, or closed in the one row and opened the day after in the "
            "other",
        )
    if later.opened != earlier.closed + DAY:
        is_gap = later.opened > earlier.closed + DAY
        what = "a gap" if is_gap else "an overlap"
        raise SettingsError(
            f"unit {later.unit!r} has {what}: row {number} closes it on {earlier.closed}, this row "
            f"opens it on {later.opened}",
            where=found.place(other, "opened"),
            expected=str(earlier.closed + DAY),
        )


def _unit(found: Book, numbered: Sequence[Numbered]) -> Unit:
    """Unit from its rows, oldest first; what it was called before still stands for it."""
    *earlier, (number, last) = numbered
    label = {"zh": last.label, "en": last.label_en or last.label}
    words = [word for _, row in numbered for word in row.aliases.split(";")]
    words += [word for _, row in earlier for word in (row.label, row.label_en)]
    formers = tuple(
        Former(row.parent, row.closed, found.place(place, "parent"))
        for place, row in earlier
        if row.closed is not None
    )
    aliases = tuple(dict.fromkeys(bare for word in words if (bare := word.strip())))
    unit = Unit(last.unit, label, last.parent, numbered[0][1].opened, last.closed, aliases)
    return replace(unit, formers=formers, place=found.place(number, "parent"))


def _check_parent(found: Book, number: int, row: UnitRow, tree: Units) -> None:
    """Refuse a row that sticks out of its parent's days: its figures would count for nobody."""
    parent = tree[row.parent or tree.root]
    if row.opened and parent.opened and row.opened < parent.opened:
        raise SettingsError(
            f"unit {row.unit!r} is under {parent.id!r}, which opened on {parent.opened}",
            where=found.place(number, "opened"),
            expected=f"{parent.opened} or later, or an earlier row with another parent",
        )
    if parent.closed and (row.closed is None or row.closed > parent.closed):
        raise SettingsError(
            f"unit {row.unit!r} is under {parent.id!r}, which closed on {parent.closed}",
            where=found.place(number, "closed"),
            expected=f"{parent.closed} or earlier, and a further row where the unit moved on",
        )

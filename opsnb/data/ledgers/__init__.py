"""Ledgers: small tables kept by hand in ``ledgers/``, as CSV or Excel, one file each.

`units` and `targets` are what the analyses ask for; :func:`ledger` gives any of them as a frame.
An absent ledger is an empty one.
"""

from __future__ import annotations

import pandas as pd

from opsnb.company import Company
from opsnb.data.ledgers.books import Book, book
from opsnb.data.ledgers.frames import frame
from opsnb.data.ledgers.limits import (
    check_appetite,
    check_groups,
    check_indicators,
    check_readings,
)
from opsnb.data.ledgers.references import checked
from opsnb.data.ledgers.registry import LEDGERS
from opsnb.data.ledgers.rows import WHOLE, TargetRow, UnitRow
from opsnb.data.ledgers.targets import Revision, Targets, check_versions
from opsnb.data.ledgers.tree import units
from opsnb.errors import UnknownNameError
from opsnb.units import Units

CHECKS = {"targets": check_versions, "appetite": check_appetite, "risks": check_groups}
"""What rows of a ledger must be together."""

__all__ = [
    "LEDGERS",
    "WHOLE",
    "Book",
    "Revision",
    "TargetRow",
    "Targets",
    "UnitRow",
    "book",
    "ledger",
    "targets",
    "units",
]


Seen = dict[str, Book]
"""Ledgers that were read and checked; others refer to some of them."""


def targets(company: Company, known: Units, seen: Seen | None = None) -> Targets:
    """Targets of the company's scenario as approved by its `as_of`.

    Raises
    ------
    SettingsError, UnknownNameError
        A row names no metric, unit or period, or stands twice; no row has the scenario.
    """
    found, profile = _checked(company, "targets", known, seen), company.profile
    rows = found.rows.values()
    try:
        return Targets(rows, profile.as_of).scenario(profile.scenario)
    except UnknownNameError as error:
        raise UnknownNameError(
            error.what, where="company.yaml, scenario", given=error.given, choices=error.choices
        ) from None


def ledger(company: Company, name: str, known: Units, seen: Seen | None = None) -> pd.DataFrame:
    """Ledger `name`, typed and checked; without rows where the company does not keep it.

    Parameters
    ----------
    seen : dict, optional
        What was read before, and where what is read now goes.

    Raises
    ------
    UnknownNameError
        There is no such ledger, or a row names what is not known.
    SettingsError
    """
    return frame(_checked(company, name, known, seen))


def _checked(company: Company, name: str, known: Units, seen: Seen | None) -> Book:
    seen = {} if seen is None else seen
    if name not in seen:
        seen[name] = _read(company, name, known, seen)
    return seen[name]


def _read(company: Company, name: str, known: Units, seen: Seen) -> Book:
    folder = company.folder / "ledgers"
    found = book(folder, name)
    if name == "units":
        return found  # `known` was made of it
    registers = {
        register: _checked(company, register, known, seen)
        for register, column in (("risks", "risk_id"), ("kris", "kri_id"))
        if column in LEDGERS[name].columns and name != register
    }
    found = checked(found, company, known, **registers)
    if name == "kris":
        check_indicators(found, book(folder, "readings"))
    if name == "readings":
        check_readings(found, registers["kris"])
    if name in CHECKS:
        CHECKS[name](found)
    return found

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


def targets(company: Company, known: Units) -> Targets:
    """Targets of the company's scenario as approved by its `as_of`.

    Raises
    ------
    SettingsError, UnknownNameError
        A row names no metric, unit or period, or stands twice; no row has the scenario.
    """
    found, profile = _checked(company, "targets", known), company.profile
    rows = found.rows.values()
    try:
        return Targets(rows, profile.as_of).scenario(profile.scenario)
    except UnknownNameError as error:
        raise UnknownNameError(
            error.what, where="company.yaml, scenario", given=error.given, choices=error.choices
        ) from None


def ledger(company: Company, name: str, known: Units) -> pd.DataFrame:
    """Ledger `name`, typed and checked; without rows where the company does not keep it.

    Raises
    ------
    UnknownNameError
        There is no such ledger, or a row names what is not known.
    SettingsError
    """
    return frame(_checked(company, name, known))


def _checked(company: Company, name: str, known: Units) -> Book:
    folder = company.folder / "ledgers"
    found = book(folder, name)
    if name == "units":
        return found  # `known` was made of it
    registers = {
        register: _checked(company, register, known)
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

"""Ledgers: small tables kept by hand in ``ledgers/``, each row checked, each fault with its cell."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from pydantic import Field, ValidationError

from opsnb.company import Company, check_unit_id
from opsnb.errors import PeriodError, SettingsError, UnknownNameError
from opsnb.period import Period
from opsnb.settings import Strict
from opsnb.units import Unit, Units

Row = TypeVar("Row", bound=Strict)


class UnitRow(Strict):
    """A row of ``units.csv``."""

    unit: str
    label: str = Field(min_length=1)
    label_en: str = ""
    parent: str | None = None
    opened: dt.date | None = None
    closed: dt.date | None = None


class TargetRow(Strict):
    """A row of ``targets.csv``: what was planned, in which version, approved when."""

    metric: str
    unit: str
    period: str
    scenario: str = "target"
    version: int = Field(default=1, ge=1)
    value: float = Field(allow_inf_nan=False)
    approved_on: dt.date | None = None


def read_ledger(path: Path, model: type[Row]) -> list[Row]:
    """Rows of a ledger; an absent file is an empty ledger.

    Raises
    ------
    SettingsError
        Naming file, row (the header is row 1) and column.
    """
    if not path.is_file():
        return []
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file)
            header = next(reader, [])
            _check_header(header, model, path.name)
            return [
                _row(dict(zip(header, cells, strict=False)), len(cells), len(header), model, f"{path.name}, row {number}")
                for number, cells in enumerate(reader, start=2)
                if any(cells)
            ]
    except UnicodeDecodeError as error:
        raise SettingsError(f"byte {error.start} is not UTF-8", where=path.name, expected="a file saved as UTF-8") from None


def units(company: Company) -> Units:
    """The company's units: its root and the rows of ``units.csv``.

    Raises
    ------
    SettingsError
    """
    root = company.profile.root
    found = [Unit(root.id, root.label.to_dict())]
    for number, row in enumerate(read_ledger(company.folder / "ledgers" / "units.csv", UnitRow), start=2):
        try:
            check_unit_id(row.unit)
        except ValueError as error:
            raise SettingsError(str(error), where=f"units.csv, row {number}, column unit") from None
        label = {"zh": row.label, "en": row.label_en or row.label}
        found.append(Unit(row.unit, label, row.parent, row.opened, row.closed))
    return Units(found)


class Targets:
    """Targets by metric, unit and period, as they stood on a day.

    Parameters
    ----------
    rows : iterable of TargetRow
    as_of : date
        Versions approved later do not count; among the others the highest does.
    """

    def __init__(self, rows: Iterable[TargetRow], as_of: dt.date, scenario: str = "target") -> None:
        best: dict[tuple[str, str, str], TargetRow] = {}
        for row in rows:
            if row.scenario != scenario or (row.approved_on is not None and row.approved_on > as_of):
                continue
            key = (row.metric, row.unit, row.period)
            if key not in best or best[key].version < row.version:
                best[key] = row
        self._values = {key: row.value for key, row in best.items()}

    def value(self, metric: str, unit: str, period: Period) -> float | None:
        """Target of the period itself, or None."""
        return self._values.get((metric, unit, str(period)))

    def total(self, metric: str, unit: str, months: Iterable[Period]) -> float | None:
        """Sum over `months`, or None where one of them has no target."""
        values = [self.value(metric, unit, month) for month in months]
        return None if None in values else sum(value for value in values if value is not None)


def targets(company: Company, known: Units) -> Targets:
    """Targets of ``targets.csv`` as approved by the company's `as_of`.

    Raises
    ------
    SettingsError, UnknownNameError
        A row names no metric, unit or period, or stands twice.
    """
    name = "targets.csv"
    rows = read_ledger(company.folder / "ledgers" / name, TargetRow)
    parse = cache(lambda text: Period.parse(text, company.profile.fiscal))
    seen: dict[tuple[str, str, str, str, int], int] = {}
    for number, row in enumerate(rows, start=2):
        if row.metric not in company.metrics:
            raise UnknownNameError(
                f"unknown metric {row.metric!r}", where=f"{name}, row {number}, column metric",
                given=row.metric, choices=company.metrics,
            )  # fmt: skip
        if row.unit not in known:
            raise UnknownNameError(
                f"unknown unit {row.unit!r}", where=f"{name}, row {number}, column unit",
                given=row.unit, choices=[unit.id for unit in known],
            )  # fmt: skip
        try:
            parse(row.period)
        except PeriodError as error:
            raise SettingsError(str(error), where=f"{name}, row {number}, column period") from None
        key = (row.metric, row.unit, row.period, row.scenario, row.version)
        if key in seen:
            raise SettingsError(f"the target stands twice (row {seen[key]})", where=f"{name}, row {number}")
        seen[key] = number
    return Targets(rows, company.profile.as_of)


def _check_header(header: list[str], model: type[Strict], name: str) -> None:
    known = list(model.model_fields)
    for column in header:
        if column not in known:
            raise SettingsError(f"unknown column {column!r}", where=f"{name}, row 1", given=column, choices=known)
    for column, field in model.model_fields.items():
        if field.is_required() and column not in header:
            raise SettingsError(f"no column {column!r}", where=f"{name}, row 1", expected=", ".join(known))


def _row(cells: dict[str, Any], found: int, expected: int, model: type[Row], where: str) -> Row:
    if found != expected:
        raise SettingsError(f"the row has {found} cells", where=where, expected=f"{expected}, as the header has")
    try:
        filled = {column: cell for column, cell in cells.items() if cell != ""}
        return model.model_validate(filled)
    except ValidationError as error:
        first = error.errors()[0]
        column = str(first["loc"][0])
        if first["type"] == "missing":
            raise SettingsError("the cell is empty", where=f"{where}, column {column}") from None
        raise SettingsError(f"{first['msg']}, not {first['input']!r}", where=f"{where}, column {column}") from None

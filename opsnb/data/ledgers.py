"""Ledgers: small tables kept by hand in ``ledgers/``; every fault is named by row and column."""

from __future__ import annotations

import csv
import datetime as dt
import math
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import TypeVar

from pydantic import Field, ValidationError

from opsnb.company import Company, check_unit_id
from opsnb.errors import PeriodError, SettingsError, UnknownNameError
from opsnb.period import Period
from opsnb.settings import Day, Strict
from opsnb.units import Unit, Units

Row = TypeVar("Row", bound=Strict)
Key = tuple[str, str, str, str, int]
WHOLE = "all"
"""Stands for the root wherever a unit is asked for."""


class UnitRow(Strict):
    """A row of ``units.csv``."""

    unit: str
    label: str = Field(min_length=1)
    label_en: str = ""
    parent: str | None = None
    opened: Day | None = None
    closed: Day | None = None
    aliases: str = ""


class TargetRow(Strict):
    """A row of ``targets.csv``: what was planned, in which version, approved when."""

    metric: str
    unit: str
    period: str
    scenario: str = "target"
    version: int = Field(default=1, ge=1)
    value: float
    approved_on: Day | None = None


def read_ledger(path: Path, model: type[Row]) -> dict[int, Row]:
    """Rows of a ledger by their number, the header being 1; an absent file is an empty ledger.

    Spaces around a cell do not count, and rows without any text are passed over.

    Raises
    ------
    SettingsError
        Naming file, row and column.
    """
    if not path.is_file():
        return {}
    records = _records(path)
    header = records[0] if records else []
    _check_header(header, model, path.name)
    return {
        number: _row(header, cells, model, f"{path.name}, row {number}")
        for number, cells in enumerate(records[1:], start=2)
        if any(cells)
    }


def _records(path: Path) -> list[list[str]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, strict=True)
            return [[cell.strip() for cell in cells] for cells in reader]
    except UnicodeDecodeError as error:
        raise SettingsError(
            f"byte {error.start} is not UTF-8", where=path.name, expected="a file saved as UTF-8"
        ) from None
    except csv.Error as error:
        raise SettingsError(f"the file cannot be read: {error}", where=path.name) from None


def _check_header(header: list[str], model: type[Strict], name: str) -> None:
    known, where = list(model.model_fields), f"{name}, row 1"
    for column in header:
        if column not in known:
            raise SettingsError(
                f"unknown column {column!r}", where=where, given=column, choices=known
            )
        if header.count(column) > 1:
            raise SettingsError(f"column {column!r} stands twice", where=where)
    for column, field in model.model_fields.items():
        if field.is_required() and column not in header:
            raise SettingsError(f"no column {column!r}", where=where, expected=", ".join(known))


def _row(header: list[str], cells: list[str], model: type[Row], where: str) -> Row:
    if len(cells) != len(header):
        expected = f"{len(header)}, as the header has"
        raise SettingsError(f"the row has {len(cells)} cells", where=where, expected=expected)
    filled = {column: cell for column, cell in zip(header, cells, strict=True) if cell}
    try:
        return model.model_validate(filled)
    except ValidationError as error:
        first = error.errors()[0]
        place = f"{where}, column {first['loc'][0]}"
        if first["type"] == "missing":
            raise SettingsError("the cell is empty", where=place) from None
        message = first["msg"].removeprefix("Value error, ")
        if first["type"] != "value_error":
            message = f"{message}, not {first['input']!r}"
        raise SettingsError(message, where=place) from None


def units(company: Company) -> Units:
    """The company's units: its root and the rows of ``units.csv``.

    Raises
    ------
    SettingsError
    """
    root = company.profile.root
    rows = read_ledger(company.folder / "ledgers" / "units.csv", UnitRow)
    places = {root.id: 0}
    for number, row in rows.items():
        _check_unit(row, number, places)
        places[row.unit] = number
    for number, row in rows.items():
        if row.parent is not None and row.parent not in places:
            raise SettingsError(
                f"unknown parent {row.parent!r}",
                where=f"units.csv, row {number}, column parent",
                given=row.parent,
                choices=places,
            )
    return Units([Unit(root.id, root.label.to_dict()), *map(_unit, rows.values())])


def _check_unit(row: UnitRow, number: int, places: Mapping[str, int]) -> None:
    where = f"units.csv, row {number}, column unit"
    try:
        check_unit_id(row.unit)
    except ValueError as error:
        raise SettingsError(str(error), where=where) from None
    if row.unit in places:
        other = f"in row {places[row.unit]}" if places[row.unit] else "as the root in company.yaml"
        raise SettingsError(f"unit {row.unit!r} stands twice", where=where, expected=f"it {other}")
    if row.unit == WHOLE:
        raise SettingsError(f"{WHOLE!r} stands for the whole company", where=where)
    if row.opened and row.closed and row.closed < row.opened:
        raise SettingsError(
            f"unit {row.unit!r} closed on {row.closed}, before it opened on {row.opened}",
            where=f"units.csv, row {number}, column closed",
        )


def _unit(row: UnitRow) -> Unit:
    label = {"zh": row.label, "en": row.label_en or row.label}
    aliases = tuple(word for part in row.aliases.split(";") if (word := part.strip()))
    return Unit(row.unit, label, row.parent, row.opened, row.closed, aliases)


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
            if row.scenario != scenario or (
                row.approved_on is not None and row.approved_on > as_of
            ):
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
        known = [value for value in values if value is not None]
        return math.fsum(known) if len(known) == len(values) else None


def targets(company: Company, known: Units) -> Targets:
    """Targets of ``targets.csv`` as approved by the company's `as_of`.

    Raises
    ------
    SettingsError, UnknownNameError
        A row names no metric, unit or period, or stands twice.
    """
    rows = read_ledger(company.folder / "ledgers" / "targets.csv", TargetRow)
    parse = cache(lambda text: Period.parse(text, company.profile.fiscal))
    unit_ids = {unit.id: unit for unit in known}
    seen: dict[Key, int] = {}
    for number, row in rows.items():
        where = f"targets.csv, row {number}"
        _check_known("metric", row.metric, company.metrics, where)
        _check_known("unit", row.unit, unit_ids, where)
        try:
            parse(row.period)
        except PeriodError as error:
            raise SettingsError(str(error), where=f"{where}, column period") from None
        key = (row.metric, row.unit, row.period, row.scenario, row.version)
        if key in seen:
            raise SettingsError(f"the target stands twice (row {seen[key]})", where=where)
        seen[key] = number
    return Targets(rows.values(), company.profile.as_of)


def _check_known(column: str, value: str, choices: Iterable[str], where: str) -> None:
    if value not in choices:
        raise UnknownNameError(
            f"unknown {column} {value!r}",
            where=f"{where}, column {column}",
            given=value,
            choices=choices,
        )

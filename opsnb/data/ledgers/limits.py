"""Limits of risk: an appetite is one curve, and every indicator has values in its own unit."""

from __future__ import annotations

from itertools import pairwise

from opsnb.data.ledgers.books import Book
from opsnb.data.ledgers.cells import is_percent
from opsnb.errors import SettingsError
from opsnb.period import Period

PERCENT = "%"
THRESHOLDS = ("yellow", "orange", "red", "band")


def check_appetite(book: Book) -> None:
    """Refuse an appetite that allows a larger loss more often than a smaller one.

    Raises
    ------
    SettingsError
    """
    ordered = sorted(book.rows.items(), key=lambda item: item[1].loss)
    for (_, one), (number, other) in pairwise(ordered):
        if other.probability > one.probability:
            raise SettingsError(
                f"a loss over {other.loss:,.10g} may be likelier ({other.probability:g}) than one "
                f"over {one.loss:,.10g} ({one.probability:g})",
                where=book.place(number, "probability"),
                expected="probabilities that fall as losses rise",
            )


def check_groups(book: Book) -> None:
    """Refuse a group of risks without the variation that it shares, and one with two of them.

    Raises
    ------
    SettingsError
    """
    shared: dict[str, float] = {}
    for number, row in book.rows.items():
        if row.group_cv is None:
            continue
        if shared.setdefault(row.group, row.group_cv) != row.group_cv:
            raise SettingsError(
                f"group {row.group!r} has the variation {shared[row.group]:g} elsewhere",
                where=book.place(number, "group_cv"),
                expected="one for all rows of a group",
            )
    for number, row in book.rows.items():
        if row.group and row.group not in shared:
            raise SettingsError(
                f"no row of group {row.group!r} gives its variation",
                where=book.place(number, "group_cv"),
                expected="the variation that the group shares, such as 0.5",
            )


def check_indicators(kris: Book, readings: Book) -> None:
    """Refuse an indicator without a metric or readings, and numbers that are not in its unit.

    Raises
    ------
    SettingsError
    """
    told = {row.kri_id for row in readings.rows.values()}
    for number, row in kris.rows.items():
        if not row.metric and row.kri_id not in told:
            raise SettingsError(
                f"indicator {row.kri_id!r} has no values",
                where=kris.place(number, "metric"),
                expected="a metric, or its values in the ledger readings",
            )
        if not row.metric:
            _check_unit(kris, number, THRESHOLDS, row.measured_in)


def check_readings(readings: Book, kris: Book) -> None:
    """Refuse a reading of what a metric measures, of no month, or not in its indicator's unit.

    Raises
    ------
    SettingsError
    """
    known = {row.kri_id: row for row in kris.rows.values()}
    for number, row in readings.rows.items():
        kri = known[row.kri_id]
        if kri.metric:
            raise SettingsError(
                f"indicator {row.kri_id!r} is measured by the metric {kri.metric!r}",
                where=readings.place(number, "kri_id"),
                expected="an indicator without a metric",
            )
        if Period.parse(row.period).kind != "month":
            raise SettingsError(
                f"{row.period!r} is no month",
                where=readings.place(number, "period"),
                expected="the month in which it was measured, such as 2026-10 (valid_months says "
                "for how long it counts)",
            )
        _check_unit(readings, number, ("value",), kri.measured_in)


def _check_unit(book: Book, number: int, columns: tuple[str, ...], unit: str) -> None:
    """Refuse 7.5 where per cent are meant (it would be 750 %), and 7.5% where they are not."""
    for column in columns:
        text, value = book.text(number, column), getattr(book.rows[number], column)
        if not text:
            continue
        if unit != PERCENT and is_percent(text):
            expected = f"a number of {unit}" if unit else "a number without %"
            raise SettingsError(
                f"{text!r} for an indicator that is no share",
                where=book.place(number, column),
                expected=expected,
            )
        if unit == PERCENT and not is_percent(text) and abs(value) > 1:
            raise SettingsError(
                f"{text!r} for an indicator in %",
                where=book.place(number, column),
                expected=f"{text}%, or {value / 100:g}",
            )

"""References: what rows of a ledger name must be known, and no two rows may say the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from functools import cache

from opsnb.company import Company
from opsnb.data.ledgers.books import Book
from opsnb.data.ledgers.cells import is_percent
from opsnb.data.ledgers.registry import LEDGERS
from opsnb.data.ledgers.rows import WHOLE
from opsnb.errors import PeriodError, SettingsError, UnknownNameError, suggest
from opsnb.period import Period
from opsnb.settings import Strict
from opsnb.units import Units

Words = Mapping[str, str]


def checked(
    book: Book,
    company: Company,
    units: Units,
    risks: Book | None = None,
    kris: Book | None = None,
) -> Book:
    """The book with metrics and units by their ids, once everything that it names is known.

    A metric or a unit may be named by its label, where only one has it.

    Parameters
    ----------
    risks, kris : Book, optional
        The registers that rows with a risk or an indicator must refer to.

    Raises
    ------
    SettingsError, UnknownNameError
        A row names no metric, unit, risk or period, or says what another has said.
    """
    words = {"metric": _metrics(company), "unit": _units(units)}
    for column, register in (("risk_id", risks), ("kri_id", kris)):
        if register is not None:
            ids = [getattr(row, column) for row in register.rows.values()]
            words[column] = dict(zip(ids, ids, strict=True))
    rows = {number: _named(row, book, number, words) for number, row in book.rows.items()}
    parse = cache(lambda text: Period.parse(text, company.profile.fiscal))
    for number, row in rows.items():
        if hasattr(row, "period"):
            try:
                parse(row.period)
            except PeriodError as error:
                raise SettingsError(str(error), where=book.place(number, "period")) from None
        _check_percent(row, book, number, company)
    found = replace(book, rows=rows)
    _check_twins(found)
    return found


def _named(row: Strict, book: Book, number: int, words: Mapping[str, Words]) -> Strict:
    """Row with the ids of what it names."""
    changed = {}
    for column, known in words.items():
        given = getattr(row, column, "")
        if not given:
            continue
        if given not in known:
            ids = list(dict.fromkeys(known.values()))
            raise UnknownNameError(
                f"unknown {column.removesuffix('_id')} {given!r}",
                where=book.place(number, column),
                given=given,
                choices=ids if suggest(given, ids) else known,
            )
        changed[column] = known[given]
    return row.model_copy(update=changed)


def _metrics(company: Company) -> Words:
    """Words for metrics: ids, and labels that only one has."""
    labels = Counter(metric.label.zh for metric in company.metrics.values())
    found = {m.label.zh: name for name, m in company.metrics.items() if labels[m.label.zh] == 1}
    ids = {name: name for name in company.metrics}
    return ids | {label: name for label, name in found.items() if label not in ids}


def _units(units: Units) -> Words:
    ids = {unit.id: unit.id for unit in units}
    return ids | {k: v for k, v in {WHOLE: units.root, **units.aliases}.items() if k not in ids}


def _check_percent(row: Strict, book: Book, number: int, company: Company) -> None:
    """Refuse 95% for a metric that is no ratio: it would be read as 0.95."""
    metric = company.metrics.get(getattr(row, "metric", ""))
    if metric is None or metric.is_ratio:
        return
    for column in ("value", "yellow", "orange", "red"):
        if is_percent(given := book.text(number, column)):
            unit = metric.unit if isinstance(metric.unit, str) else metric.unit.en
            raise SettingsError(
                f"{given!r} for a metric that is no ratio",
                where=book.place(number, column),
                expected=f"a number of {unit}",
            )


def _check_twins(book: Book) -> None:
    ledger = LEDGERS[book.name]
    key = ledger.key or tuple(ledger.columns)
    seen: dict[tuple[object, ...], int] = {}
    for number, row in book.rows.items():
        same = tuple(getattr(row, column) for column in key)
        if same in seen:
            shown = ", ".join(str(part) for part in same if part is not None)
            what = f"the {_one(book.name)} stands twice (row {seen[same]})"
            if ledger.key:
                what += f": {shown}"
            told = [column for column, part in zip(key, same, strict=True) if part is not None]
            raise SettingsError(what, where=book.place(number, told[0] if len(told) == 1 else ""))
        seen[same] = number


def _one(name: str) -> str:
    """Word for one row.

    >>> _one("targets"), _one("kris")
    ('target', 'kri')
    """
    return name.removesuffix("s")

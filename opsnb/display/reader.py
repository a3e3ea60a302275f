"""Reader: one locale and one provenance, which name and format everything a result speaks of."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from opsnb.display.numbers import NumberFormat, chosen, metric_format
from opsnb.display.words import Words, translate
from opsnb.errors import PeriodError
from opsnb.period import Period
from opsnb.results import NotApplicable, Result

JOINED, CROSS = " x ", " × "


@dataclass(frozen=True)
class Reader:
    """Who reads: the language, and the labels and definitions of the company.

    Parameters
    ----------
    provenance : mapping
        Of a Result. Whatever it lacks is shown by its id.
    locale : str
    """

    provenance: Mapping[str, Any]
    locale: str

    @classmethod
    def of(cls, result: Result, locale: str | None = None) -> Reader:
        """Reader of `result`, in its own locale unless another is given."""
        return cls(result.provenance, locale or str(result.provenance.get("locale") or "zh"))

    @property
    def words(self) -> Words:
        """Catalogue of the locale."""
        return translate(self.locale)

    def definition(self, metric: str) -> Mapping[str, Any]:
        """Definition of `metric`; empty for one that the provenance does not know."""
        found = self.provenance.get("metrics", {}).get(metric)
        return found if isinstance(found, Mapping) else {}

    def metric(self, metric: str) -> str:
        """Label of `metric`."""
        return chosen(self.definition(metric).get("label"), self.locale) or str(metric)

    def unit(self, unit: str) -> str:
        """Label of a business unit."""
        return self._label("units", unit)

    def owner(self, owner: str) -> str:
        """Name of an owner in the reader's language, where the company gives one."""
        return str(self.provenance.get("owners", {}).get(owner, {}).get(self.locale, owner))

    def risk(self, risk: str) -> str:
        """Name of a risk of the register."""
        return self._label("risks", risk)

    def treatment(self, treatment: str) -> str:
        """Name of a treatment of a risk."""
        return self._label("treatments", treatment)

    def table(self, table: str) -> str:
        """Label of a source table."""
        section = "sources" if table in self.provenance.get("sources", {}) else "tables"
        return self._label(section, table)

    def column(self, column: str) -> str:
        """Label of a column of the company's tables; combinations are joined by a cross."""
        names = column.split(JOINED)
        own = {name: self._words(name).get("label") for name in names}
        shown = (chosen(own[name], self.locale) or self._plain(name) for name in names)
        return CROSS.join(shown)

    def element(self, column: str, value: str) -> str:
        """Label of a column's value, or of a combination's values."""
        names, values = column.split(JOINED), value.split(JOINED)
        if len(names) != len(values):
            return value
        return CROSS.join(self._value(n, v) for n, v in zip(names, values, strict=True))

    def _plain(self, column: str) -> str:
        """Name of a column that has no label of its own."""
        return self.words("Unit") if column == "unit" else column.replace("_", " ")

    def _value(self, column: str, value: str) -> str:
        if not value:
            return self.words("not stated")
        words = self._words(column)
        known = words.get("values", {}).get(value)
        return chosen(known, self.locale) or (value if words else self.unit(value))

    def _words(self, column: str) -> Mapping[str, Any]:
        found = self.provenance.get("columns", {}).get(column)
        return found if isinstance(found, Mapping) else {}

    def period(self, period: str) -> str:
        """Name of a period; what is not a period stays as it is."""
        try:
            return Period.parse(str(period)).label(self.locale)
        except PeriodError:
            return str(period)

    @property
    def this_period(self) -> str:
        """Name of the report's period."""
        label = self.provenance.get("period_label")
        return chosen(label, self.locale) or self.period(str(self.provenance.get("period", "")))

    def format(self, metric: str, values: Iterable[object]) -> NumberFormat:
        """Format shared by `values` of `metric`."""
        return metric_format(self.definition(metric), numbers_in(values), self.locale)

    def listed(self, names: Iterable[str]) -> str:
        """Names in a row, as the language lists them."""
        return ("、" if self.words.wide else ", ").join(names)

    def _label(self, section: str, key: str) -> str:
        entry = self.provenance.get(section, {}).get(key)
        label = entry.get("label") if isinstance(entry, Mapping) else None
        return chosen(label, self.locale) or str(key)


def number(value: object) -> float | None:
    """Finite number that `value` is, or None.

    >>> number(1), number(None), number(float("nan")), number("1")
    (1.0, None, None, None)
    """
    if isinstance(value, (bool, str, NotApplicable)) or value is None:
        return None
    try:
        found = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return None
    return found if math.isfinite(found) else None


def numbers_in(values: Iterable[object]) -> list[float]:
    """Finite numbers among `values`."""
    return [found for value in values if (found := number(value)) is not None]


def records(result: Result) -> list[dict[str, Any]]:
    """Rows of a result as dictionaries; a missing number is a NotApplicable with its reason."""
    rows = [{str(name): v for name, v in row.items()} for row in result.frame.to_dict("records")]
    for (row, name), reason in result.reasons.items():
        rows[row][name] = NotApplicable(reason)
    return rows

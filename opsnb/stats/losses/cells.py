"""Rows of a frame, read cell by cell; a fault names the row's label and the column."""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from opsnb.errors import SettingsError, UnknownNameError


@dataclass(frozen=True)
class Row:
    """One row of a frame; a column that is missing is an empty cell."""

    name: str
    label: Hashable
    record: dict[str, Any]

    def place(self, column: str) -> str:
        """``risks, row 3, column frequency``."""
        return f"{self.name}, row {self.label}, column {column}"

    def fault(self, column: str, what: str, expected: str) -> SettingsError:
        """Error at one of its cells."""
        return SettingsError(what, where=self.place(column), expected=expected)

    def has(self, column: str) -> bool:
        """Whether anything stands in the cell."""
        value = self.record.get(column)
        if isinstance(value, str):
            return bool(value.strip())
        is_several = isinstance(value, (Sequence, np.ndarray, pd.Series))
        return is_several or not (value is None or bool(pd.isna(value)))

    def text(self, column: str) -> str:
        """Text of the cell; empty where nothing stands."""
        return str(self.record[column]).strip() if self.has(column) else ""

    def identity(self, column: str) -> str:
        """Text that must be there.

        Raises
        ------
        SettingsError
        """
        if not self.has(column):
            raise self.fault(column, "the cell is empty", "an id")
        return self.text(column)

    def word(self, column: str, choices: Iterable[str], kind: str) -> str:
        """Text that is one of `choices`.

        Raises
        ------
        SettingsError, UnknownNameError
        """
        given, known = self.identity(column), list(choices)
        if given not in known:
            raise UnknownNameError(
                f"unknown {kind} {given!r}", where=self.place(column), given=given, choices=known
            )
        return given

    def number(
        self, column: str, *, above: float = -math.inf, least: float = 0.0, most: float = math.inf
    ) -> float:
        """Number that must be there, finite, over `above` and between `least` and `most`.

        Raises
        ------
        SettingsError
        """
        expected = f"a number above {above:g}" if above >= least else f"a number from {least:g}"
        expected += "" if most == math.inf else f" to {most:g}"
        if not self.has(column):
            raise self.fault(column, "the cell is empty", expected)
        value = _number(self.record[column])
        if value is None or not math.isfinite(value):
            raise self.fault(column, f"{self.record[column]!r} is no finite number", expected)
        if value <= above or not least <= value <= most:
            raise self.fault(column, f"{value:g} is out of range", expected)
        return value

    def share(self, column: str) -> float:
        """Share from 0 to 1; 0 where nothing stands.

        Raises
        ------
        SettingsError
        """
        return self.number(column, most=1.0) if self.has(column) else 0.0


def rows(frame: pd.DataFrame, name: str, needed: Sequence[str]) -> Iterator[Row]:
    """Rows of a frame that has the columns `needed`.

    Raises
    ------
    UnknownNameError
        A column is not there; the nearest of those that are is named.
    """
    present = [str(column) for column in frame.columns]
    for column in needed:
        if column not in present:
            raise UnknownNameError(
                f"no column {column!r}", where=name, given=column, choices=present
            )
    values = [frame[column].tolist() for column in frame.columns]
    for place, label in enumerate(frame.index):
        yield Row(name, label, {c: v[place] for c, v in zip(present, values, strict=True)})


def check_unique(found: Iterable[tuple[Row, str]], column: str) -> None:
    """Refuse an id that stands twice.

    Raises
    ------
    SettingsError
    """
    seen: dict[str, Hashable] = {}
    for row, given in found:
        if given in seen:
            what = f"{given!r} stands twice (row {seen[given]})"
            raise row.fault(column, what, "each id once")
        seen[given] = row.label


def _number(value: Any) -> float | None:
    """Value as a float, unless it is text, a truth value or no number at all."""
    if isinstance(value, (str, bytes, bool, np.bool_)):
        return None
    try:
        return float(value)
    except (TypeError, ValueError):
        return None

"""Grid: rows built cell by cell, where each cell is a number or the reason why there is none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from opsnb.results import Column, Finding, NotApplicable, objects, table

Value = float | NotApplicable
NUMERIC = ("metric", "difference", "ratio", "points", "charted", "count", "number")


@dataclass
class Grid:
    """Frame and reasons of a Result in the making.

    Parameters
    ----------
    columns : sequence of Column
    """

    columns: Sequence[Column]
    rows: list[list[Any]] = field(default_factory=list)
    reasons: dict[tuple[int, str], str] = field(default_factory=dict)

    def add(self, cells: Mapping[str, Any]) -> None:
        """Append a row.

        Raises
        ------
        KeyError
            A column has no cell.
        """
        row = []
        for column in self.columns:
            value = cells[column.name]
            if isinstance(value, NotApplicable):
                self.reasons[len(self.rows), column.name] = value.reason
                value = float("nan")
            row.append(value)
        self.rows.append(row)

    def cell(self, row: int, name: str) -> Any:
        """Value of a cell, or NotApplicable with its reason."""
        reason = self.reasons.get((row, name))
        place = [column.name for column in self.columns].index(name)
        return NotApplicable(reason) if reason else self.rows[row][place]

    @property
    def frame(self) -> pd.DataFrame:
        """Rows as a frame; numbers are float64."""
        cells = zip(*self.rows, strict=True) if self.rows else ((),) * len(self.columns)
        return table(
            {
                column.name: np.array(values, dtype="float64")
                if column.unit in NUMERIC
                else objects(values)
                for column, values in zip(self.columns, cells, strict=True)
            }
        )


def number(value: Value) -> float:
    """Value as a float; NaN where it is not applicable."""
    return float("nan") if isinstance(value, NotApplicable) else value


def listed(place: int, finding: Finding) -> dict[str, Any]:
    """Cells of a finding in a list of findings, where it stands at `place`."""
    return {
        "rank": place,
        "code": finding.code,
        "metric": finding.metric,
        "unit": finding.unit,
        "severity": finding.severity,
        "owner": finding.owner,
        "action": finding.action,
    }

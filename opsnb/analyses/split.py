"""Split: metrics by columns, for the workbook's unit, now and a year ago."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from opsnb.analyses.comparison import (
    INCOMPLETE,
    LAST_YEAR,
    TOGETHER,
    because,
    explained,
    is_split_festival,
)
from opsnb.analyses.grid import Value
from opsnb.metrics.spans import Span
from opsnb.results import NotApplicable
from opsnb.workbook import Workbook


def span_of(workbook: Workbook, name: str) -> Span | NotApplicable:
    """Months that are compared with those of the year before.

    February is compared together with January where the festival may lie in either, and January
    waits for February.
    """
    own = Span.of(workbook.period)
    if not is_split_festival(workbook, name, own):
        return own
    if workbook.period.start.month == 1:
        return TOGETHER
    return Span(own.first - 1, own.last)


def both(workbook: Workbook, name: str, span: Span) -> tuple[Value, Value]:
    """Value of the metric in the span and a year before."""
    values = workbook.values([name], [span, span.year_ago])
    now = explained(workbook, name, values.value(name, span, workbook.unit), workbook.period)
    before = because(values.value(name, span.year_ago, workbook.unit), LAST_YEAR)
    if isinstance(before, NotApplicable) and before.reason == "too few points":
        before = NotApplicable(LAST_YEAR)  # the data begin within the months of the year before
    return now, (INCOMPLETE if workbook.missing_units(name) else before)


def sides(
    workbook: Workbook, metrics: Sequence[str], span: Span, by: Sequence[str]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Metrics by the columns `by`, a column each, a year before the span and in it.

    A value of a column that is missing is the empty text; a metric without a value, 0.
    """
    _ = workbook.values(list(metrics), [span, span.year_ago], by=tuple(by))  # one query for both
    return side(workbook, metrics, span.year_ago, by), side(workbook, metrics, span, by)


def side(workbook: Workbook, metrics: Sequence[str], span: Span, by: Sequence[str]) -> pd.DataFrame:
    """Metrics over a span by the columns `by`, a column each; as :func:`sides`."""
    values = workbook.values(list(metrics), [span], by=tuple(by))
    frame = values.frame[values.frame.index.get_level_values(1) == workbook.unit]
    # levels by place: a column of the company may be called unit, too
    levels = [frame.index.get_level_values(2 + i) for i in range(len(by))]
    keys = {name: list(map(_text, level)) for name, level in zip(by, levels, strict=True)}
    return pd.DataFrame(keys | {m: frame[m].fillna(0.0).to_numpy() for m in metrics})


def wording(workbook: Workbook) -> dict[str, Any]:
    """How the columns and their values are called, for the provenance of a result."""
    found: dict[str, Any] = {}
    units = {unit.id: dict(unit.label) for unit in workbook.units}
    for table in workbook.company.tables.values():
        if table.unit is not None:
            found.setdefault(table.unit, {"label": None, "values": units})
        for column, words in table.labels.items():
            known = found.get(column, {"label": None, "values": {}})
            own = words.to_dict()
            found[column] = {
                "label": own["label"] or known["label"],
                "values": known["values"] | own["values"],
            }
    return found


def _text(value: object) -> str:
    return "" if pd.isna(value) else str(value)  # type: ignore[call-overload]

"""Own analyses: a Result from rows, for whoever writes an analysis of a company's own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from opsnb.analyses.grid import Grid
from opsnb.analyses.split import wording
from opsnb.results import Column, Finding, Result
from opsnb.workbook import Workbook

KEYS = (Column("metric", "key"), Column("unit", "key"), Column("period", "key"))
"""Key columns by which a number is known to be of a metric, unit and month."""


def result(
    workbook: Workbook,
    name: str,
    columns: Sequence[Column],
    rows: Iterable[Mapping[str, Any]],
    *,
    findings: Iterable[Finding] = (),
    labels: Mapping[str, Mapping[str, str]] | None = None,
) -> Result:
    """Rows as a Result, which is shown as a table, recorded, and exported as all are.

    Parameters
    ----------
    workbook : Workbook
    name : str
        Of the result; also the key of its label.
    columns : sequence of Column
        Key columns first, :data:`KEYS` among them where the numbers are a metric's.
    rows : iterable of mapping
        A cell a column: a number, or a `NotApplicable` with the reason why there is none.
    findings : iterable of Finding
        What a rule found in it; one with a code of its own says so by its `title`.
    labels : mapping of str to mapping, optional
        Names of the result and its columns by language, ``{"value": {"zh": ..., "en": ...}}``.

    Raises
    ------
    KeyError
        A row lacks a cell.
    ValueError
        A number is missing without a reason.
    UnknownNameError
        A row is about a metric that there is not.
    """
    grid = Grid(columns)
    for row in rows:
        grid.add(row)
    frame = grid.frame
    used = list(dict.fromkeys(frame["metric"])) if "metric" in frame else []
    provenance = workbook.provenance(used) | {"columns": wording(workbook)}
    if labels:
        provenance["labels"] = {key: dict(words) for key, words in labels.items()}
    return Result(
        name, frame, tuple(columns), grid.reasons, findings=tuple(findings), provenance=provenance
    )

"""Pinned views: what an analyst has found and wants to see again, in the report of its unit."""

from __future__ import annotations

from dataclasses import replace

from opsnb.analyses.grid import Grid
from opsnb.analyses.views import View, answer
from opsnb.errors import ParameterError, UnknownNameError
from opsnb.results import Column, Finding, Result
from opsnb.workbook import Workbook

COLUMNS = (
    Column("pin", "key"), Column("metric", "key"), Column("unit", "key"), Column("period", "key"),
    *(Column(name, "text") for name in ("view", "title", "note", "by", "on", "why")),
)  # fmt: skip


def pinned(workbook: Workbook, report: str = "monthly_operations") -> Result:
    """Views of ``pins.yaml`` for the workbook's unit that `report` shows, in the file's order.

    Returns
    -------
    Result
        ``pinned``, a row a pin; its parts are the results of the views that could be made, each
        with the pin's name in its provenance. A view that cannot be made this month says `why`.

    Raises
    ------
    SettingsError
        ``pins.yaml`` is wrong.
    """
    grid, parts = Grid(COLUMNS), []
    for pin in workbook.company.pins:
        if pin.unit != workbook.unit or report not in pin.reports:
            continue
        why = ""
        try:
            parts.append(
                marked(answer(workbook, View(pin.view, pin.metric, pin.options)), pin.name)
            )
        except (ParameterError, UnknownNameError) as error:
            why = str(error)
        grid.add(
            {
                "pin": pin.name, "metric": pin.metric, "unit": pin.unit,
                "period": str(workbook.period), "view": pin.view,
                "title": pin.title.to_dict()[workbook.locale] if pin.title else "",
                "note": pin.note, "by": pin.by,
                "on": pin.on.isoformat() if pin.on else "", "why": why,
            }
        )  # fmt: skip
    used = list(dict.fromkeys(row[1] for row in grid.rows))
    return Result(
        "pinned", grid.frame, COLUMNS, grid.reasons, parts=tuple(parts),
        provenance=workbook.provenance(used),
    )  # fmt: skip


def marked(result: Result, pin: str) -> Result:
    """The result as that of a pin: its numbers are not those of the same analysis elsewhere."""
    return replace(
        result,
        findings=tuple(_of_pin(finding, pin) for finding in result.findings),
        parts=tuple(marked(part, pin) for part in result.parts),
        provenance={**result.provenance, "pin": pin} if result.provenance else {},
    )


def _of_pin(finding: Finding, pin: str) -> Finding:
    return replace(finding, evidence={**finding.evidence, "pin": pin})

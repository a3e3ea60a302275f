"""Outlook: what the monthly report says of the months ahead, and of what it said before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from opsnb.analyses.accountability import account
from opsnb.analyses.forecast import HORIZON, made
from opsnb.analyses.histories import history as history_of
from opsnb.results import Result
from opsnb.workbook import Workbook


def outlook(
    workbook: Workbook, metrics: Sequence[str] = (), drawn: str = "", history: str | Path = ""
) -> Result:
    """Forecasts of `metrics`, which this run issues, and the account of those issued before.

    Parameters
    ----------
    workbook : Workbook
    metrics : sequence of str
        Ids; empty for all.
    drawn : str
        Metric that has the fan chart; empty for the first.
    history : str or Path
        Folder of the runs; ``outputs`` where it is empty.

    Returns
    -------
    Result
        ``outlook``, the frame and parts of the forecast report, with the part ``accountability``.

    Raises
    ------
    UnknownNameError
    """
    past = history_of(workbook)
    found = made(workbook, past, metrics, [drawn] if drawn else [], HORIZON, below=False)
    checked = account(workbook, past, found.metrics, history)
    return replace(
        found,
        name="outlook",
        parts=(*found.parts, checked),
        findings=(*found.findings, *checked.findings),
    )

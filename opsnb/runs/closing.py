"""Closing of periods: what was provisional becomes final, and stays so until it is reopened.

``outputs/<company>/periods.jsonl`` records who closed or reopened which month, when and why, and a
hash of the values of all metrics and units as they were. A month whose values are others than those
it was closed with, and which nobody has reopened, is held.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from opsnb import journal
from opsnb.errors import ParameterError
from opsnb.period import Period
from opsnb.workbook import Workbook

FILE = "periods.jsonl"
DIGITS = 12
"""Significant digits of a value that count: sums in another order differ in the last ones."""
CLOSE, REOPEN = "close", "reopen"
State = Literal["closed", "reopened", "altered", "open"]


@dataclass(frozen=True)
class Closing:
    """How a month stands.

    Attributes
    ----------
    state : {"closed", "reopened", "altered", "open"}
        Altered is closed, but with other values than now.
    by, at, reason : str
        Of what was done last; empty where nothing was.
    """

    state: State
    by: str = ""
    at: str = ""
    reason: str = ""

    def to_dict(self) -> dict[str, str]:
        """As the manifest has it."""
        return {"state": self.state, "by": self.by, "at": self.at, "reason": self.reason}


def path_of(outputs: Path, company: str) -> Path:
    """Journal of a company."""
    return outputs / company / FILE


def close(workbook: Workbook, outputs: Path, by: str, now: dt.datetime) -> dict[str, Any]:
    """Close the workbook's month.

    Raises
    ------
    ParameterError
        It is not over by the company's `as_of`, or closed already.
    NotReadyError, GateError
        Its data are not there, or a check refuses them.
    """
    profile, month = workbook.company.profile, workbook.period
    if profile.as_of <= month.end:
        raise ParameterError(
            f"{month} is not over", where="as_of", expected=f"a day after {month.end}"
        )
    workbook.check_ready()
    workbook.check_gate()
    path = path_of(outputs, workbook.company.id)
    last = _last(journal.read(path), month)
    values = digest(workbook)
    if last and last["act"] == CLOSE and last["values"] == values:
        raise ParameterError(f"{month} is closed already", expected="a month that is open")
    if last and last["act"] == CLOSE:
        raise ParameterError(
            f"{month} was closed with other values", expected="opsnb reopen, with a reason, first"
        )
    return journal.append(path, _entry(CLOSE, month, by, now) | {"values": values})


def reopen(
    workbook: Workbook, outputs: Path, by: str, reason: str, now: dt.datetime
) -> dict[str, Any]:
    """Reopen the workbook's month.

    Raises
    ------
    ParameterError
        There is no reason, or the month is not closed.
    """
    if not reason.strip():
        raise ParameterError("a month is not reopened without a reason", where="--reason")
    path = path_of(outputs, workbook.company.id)
    entries, month = journal.read(path), workbook.period
    last = _last(entries, month)
    if last is None or last["act"] != CLOSE:
        closed = [one for one in _months(entries) if _last(entries, one)["act"] == CLOSE]  # type: ignore[index]
        raise ParameterError(
            f"{month} is not closed",
            given=str(month), choices=map(str, closed),
        )  # fmt: skip
    return journal.append(path, _entry(REOPEN, month, by, now) | {"reason": reason.strip()})


def closing(workbook: Workbook, outputs: Path) -> Closing | None:
    """How the workbook's month stands; None where the company closes no months.

    Months before the first one that was ever closed are not asked about either.

    Raises
    ------
    OpsnbError
        The journal was altered.
    """
    entries = journal.read(path_of(outputs, workbook.company.id))
    months = _months(entries)
    if not months or workbook.period.first < min(month.first for month in months):
        return None
    last = _last(entries, workbook.period)
    if last is None:
        return Closing("open")
    told = {"by": str(last["by"]), "at": str(last["at"]), "reason": str(last.get("reason", ""))}
    if last["act"] == REOPEN:
        return Closing("reopened", **told)
    return Closing("closed" if last["values"] == digest(workbook) else "altered", **told)


def digest(workbook: Workbook) -> str:
    """sha256 over the month's values of all metrics in all units.

    Those that sum other months are left out: these have their own closing.
    """
    own = [name for name in workbook.company.metrics if workbook.metric(name).kind != "cumulative"]
    frame = workbook.values(own, [workbook.period]).frame
    units = frame.index.get_level_values("unit")
    lines = []
    for metric in frame.columns:
        for unit, value in zip(units, frame[metric].to_list(), strict=True):
            text = "" if math.isnan(value) else f"{value:.{DIGITS}g}"
            lines.append(f"{unit}|{metric}|{text}\n")
    return hashlib.sha256("".join(sorted(lines)).encode()).hexdigest()


def _entry(act: str, month: Period, by: str, now: dt.datetime) -> dict[str, Any]:
    at = now.astimezone(dt.UTC).isoformat(timespec="seconds")
    return {"schema": 1, "act": act, "period": str(month), "by": by, "at": at}


def _last(entries: Sequence[Mapping[str, Any]], month: Period) -> Mapping[str, Any] | None:
    return next((one for one in reversed(entries) if one["period"] == str(month)), None)


def _months(entries: Sequence[Mapping[str, Any]]) -> list[Period]:
    return [Period.parse(one["period"]) for one in entries]

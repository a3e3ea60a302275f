"""Steps of a check: what was looked at, how it stands, and in which words."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from opsnb.errors import OpsnbError

State = Literal["ok", "note", "waits", "not ready", "wrong"]
EXIT: dict[State, int] = {"wrong": 2, "not ready": 3}
PARTS = ("settings", "ledgers", "tables", "period", "checks", "metrics", "targets")


@dataclass(frozen=True)
class Step:
    """One thing that was looked at.

    Attributes
    ----------
    part : str
        One of `PARTS`.
    title : str
        File, table, check or metric.
    state : {"ok", "note", "waits", "not ready", "wrong"}
        A note stops nothing, and is published as a caveat where it is about data; what waits could
        not be judged because of another step; the last two stop a report.
    lines : tuple of str
        What there is to say.
    facts : mapping
        The same as values, for programs.
    """

    part: str
    title: str
    state: State
    lines: tuple[str, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Examination:
    """All steps, and what they come to."""

    report: str
    company: str
    period: str | None
    steps: tuple[Step, ...]

    @property
    def exit_code(self) -> int:
        """0 a report can be run, 2 settings or sources are wrong, 3 data are not ready."""
        codes = {EXIT[step.state] for step in self.steps if step.state in EXIT}
        return min(codes, default=0)

    @property
    def status(self) -> str:
        """The exit code in words."""
        return {0: "ready", 2: "wrong", 3: "not ready"}[self.exit_code]

    @property
    def next(self) -> str:
        """Command to run now."""
        words = ["opsnb", "check", "--company", self.company]
        if self.exit_code == 0:
            words = ["opsnb", "run", self.report, "--company", self.company]
        if self.period is not None:
            words += ["--period", self.period]
        return shlex.join(words)

    def to_dict(self) -> dict[str, Any]:
        """Everything, as JSON holds it."""
        return {
            "status": self.status,
            "exit_code": self.exit_code,
            "company": self.company,
            "period": self.period,
            "steps": [asdict(step) for step in self.steps],
            "next": self.next,
        }


def fault(part: str, title: str, *errors: OpsnbError) -> Step:
    """Step that failed, with the other faults of the same file; the gravest decides how."""
    errors = tuple(e for error in errors for e in (error, *getattr(error, "others", ())))
    state: State = (
        "not ready" if all(error.exit_code == EXIT["not ready"] for error in errors) else "wrong"
    )
    return Step(part, title, state, tuple(dict.fromkeys(map(str, errors))))


def waiting(part: str, title: str, others: Sequence[str]) -> Step:
    """Step that cannot be judged before `others` are right."""
    return Step(part, title, "waits", (f"waits for {', '.join(others)}",))


def counted(number: int, one: str, many: str | None = None) -> str:
    """``1 row``, ``2,000 rows``.

    >>> counted(1, "row"), counted(2000, "row"), counted(0, "entry", "entries")
    ('1 row', '2,000 rows', '0 entries')
    """
    return f"{number:,} {one if number == 1 else many or one + 's'}"

"""Schedule: when a month's reports can be made, as a line for cron.

A month is closed from the company's ``close_day`` on, and its tables come by the day that each
says is ``due``. From the later of these days the line starts the batch once a day: what is done
is named at once, what is late (exit code 3) is tried again the next day.
"""

from __future__ import annotations

import datetime as dt
import shlex
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from opsnb.company import Company
from opsnb.errors import ParameterError
from opsnb.reports import report as report_named

TRIES = 10
"""Days on which the batch is started, the first included."""
LAST = 28
"""Last day that every month has."""
SHOWN = 3


@dataclass(frozen=True)
class Schedule:
    """A line of a crontab, and what it is made of.

    Attributes
    ----------
    minute, hour : int
    first, last : int
        Days of the month.
    words : sequence of str
        Command, without the change of folder before it.
    folder : Path
        Where it works.
    log : str
        File that takes what it prints.
    """

    minute: int
    hour: int
    first: int
    last: int
    words: Sequence[str]
    folder: Path
    log: str

    @property
    def line(self) -> str:
        """As cron reads it: there a percent sign ends a command unless it is escaped."""
        days = str(self.first) if self.first == self.last else f"{self.first}-{self.last}"
        command = f"cd {shlex.quote(str(self.folder))} && {shlex.join(self.words)}"
        command = f"{command} >> {shlex.quote(self.log)} 2>&1".replace("%", r"\%")
        return f"{self.minute} {self.hour} {days} * * {command}"

    def next(self, after: dt.datetime, count: int = SHOWN) -> list[dt.datetime]:
        """The next `count` moments at which cron starts it, later than `after`."""
        found: list[dt.datetime] = []
        day = after.date()
        while len(found) < count:
            moment = dt.datetime.combine(day, dt.time(self.hour, self.minute))
            if self.first <= day.day <= self.last and moment > after:
                found.append(moment)
            day += dt.timedelta(days=1)
        return found


def schedule(
    company: str,
    reports: Sequence[str] = (),
    *,
    at: str = "07:30",
    outputs: Path,
    folder: Path,
) -> Schedule:
    """When and how the last closed month's reports of a company are made.

    Parameters
    ----------
    reports : sequence of str
        Names; all if empty.
    at : str
        Time of day, by the machine's clock.
    outputs, folder : Path
        Folder of the outputs; folder that the command works in.

    Raises
    ------
    OpsnbError
        The company, a report or the time is wrong.
    """
    found = Company.find(company)
    names = [report_named(name, found).name for name in reports]
    hour, minute = _time(at)
    first = opening(found)
    words = [sys.executable, "-m", "opsnb", "batch", "--company", company]
    words += ["--period", "last-closed", "--output", str(outputs)]
    words += ["--reports", ",".join(names)] if names else []
    last = min(first + TRIES - 1, LAST)
    return Schedule(minute, hour, first, last, words, folder, str(outputs / "cron.log"))


def opening(company: Company) -> int:
    """Day of the next month from which a month is closed and all its tables should be there."""
    due = [table.due.day for table in company.fact_tables.values() if table.due]
    return max([company.profile.close_day, *due])


def text(found: Schedule, now: dt.datetime) -> Iterator[str]:
    """Crontab: comments that say what it does, and the line."""
    moments = ", ".join(f"{moment:%Y-%m-%d %H:%M}" for moment in found.next(now))
    yield f"# Reports of the last closed month, daily from day {found.first} to day {found.last}:"
    yield "# what is done is only named, and what was late is tried again (exit code 3)."
    yield "# A month counts as closed once as_of in company.yaml has reached its closing day."
    yield f"# Next: {moments}"
    yield found.line


def _time(at: str) -> tuple[int, int]:
    try:
        parsed = dt.datetime.strptime(at, "%H:%M")
    except ValueError:
        raise ParameterError(
            f"{at!r} is no time", where="--at", expected="one such as 07:30"
        ) from None
    return parsed.hour, parsed.minute

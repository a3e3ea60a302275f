"""Company: the settings of one company, typed and strict, from its params folder."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from opsnb.company import pins
from opsnb.company.checks import Check
from opsnb.company.columns import SourceColumn
from opsnb.company.labels import Label, check_unit_id
from opsnb.company.metrics import Metric, Metrics
from opsnb.company.pins import Pin
from opsnb.company.profile import Profile, Thresholds
from opsnb.company.tables import Join, Sources, Table
from opsnb.errors import SettingsError
from opsnb.period import Period
from opsnb.settings import Lines, read_yaml, validate
from opsnb.shipped import shipped

__all__ = [
    "Check",
    "Company",
    "Join",
    "Label",
    "Metric",
    "Pin",
    "Profile",
    "SourceColumn",
    "Table",
    "Thresholds",
    "check_unit_id",
]

LAST_CLOSED = "last-closed"


@dataclass(frozen=True)
class Company:
    """Settings of one company; files are read when they are first asked for.

    Parameters
    ----------
    folder : Path
        Holds ``company.yaml``, ``sources.yaml``, ``metrics.yaml`` and ``ledgers/``.
    """

    folder: Path

    @classmethod
    def find(cls, name: str | Path) -> Company:
        """Company in the folder `name`, or in ``params/<name>`` here, above, or as shipped.

        Raises
        ------
        SettingsError
            With the nearest name among the companies that are there.
        """
        given = Path(name)
        is_word = given.name == str(name)
        if (given / "company.yaml").is_file() or (given.is_dir() and not is_word):
            return cls(given.resolve())
        bases = (Path.cwd(), *Path.cwd().parents)
        places = [*(base / "params" for base in bases), shipped("params")]
        if is_word:
            for place in places:
                if (place / name / "company.yaml").is_file():
                    return cls((place / name).resolve())
        known = sorted({p.parent.name for place in places for p in place.glob("*/company.yaml")})
        raise SettingsError(f"no company {str(name)!r}", given=str(name), choices=known)

    @cached_property
    def profile(self) -> Profile:
        """Contents of ``company.yaml``."""
        value, lines = read_yaml(self.folder / "company.yaml")
        return validate(value, Profile, where="company.yaml", lines=lines)

    @cached_property
    def _sources(self) -> tuple[Sources, Lines]:
        value, lines = read_yaml(self.folder / "sources.yaml")
        return validate(value, Sources, where="sources.yaml", lines=lines), lines

    @cached_property
    def _metrics(self) -> tuple[Metrics, Lines]:
        value, lines = read_yaml(self.folder / "metrics.yaml")
        return validate(value, Metrics, where="metrics.yaml", lines=lines), lines

    @cached_property
    def pins(self) -> tuple[Pin, ...]:
        """Views of ``pins.yaml``; none where there is no such file.

        Raises
        ------
        SettingsError
        """
        path = self.folder / pins.FILE
        return pins.checked(*read_yaml(path)) if path.exists() else ()

    @property
    def id(self) -> str:
        """Id, also the name of its folder under the outputs."""
        return self.profile.id

    @property
    def tables(self) -> dict[str, Table]:
        """Tables of ``sources.yaml`` by name."""
        return self._sources[0].tables

    @property
    def fact_tables(self) -> dict[str, Table]:
        """Tables whose rows have a date: those that can be measured."""
        return {name: table for name, table in self.tables.items() if table.date is not None}

    def columns(self, table: str) -> list[str]:
        """Columns of a table: its own, those it looks up, and those derived."""
        return self._sources[0].columns_of(table)

    @property
    def metrics(self) -> dict[str, Metric]:
        """Metrics of ``metrics.yaml`` by id, in the order of the file."""
        return self._metrics[0].metrics

    @cached_property
    def data_folder(self) -> Path:
        """Folder of the source files."""
        return (self.folder / self.profile.data).resolve()

    @property
    def calendar(self) -> str:
        """Name of the working-day calendar, or the path of the company's own table."""
        name = self.profile.calendar
        return str(self.folder / name) if name.endswith(".csv") else name

    def place(self, file: str, *keys: str | int) -> str:
        """``metrics.yaml, line 12``: where a key stands, for an error."""
        lines = {"sources.yaml": self._sources, "metrics.yaml": self._metrics}[file][1]
        for length in range(len(keys), 0, -1):
            if keys[:length] in lines:
                return f"{file}, line {lines[keys[:length]]}"
        return file

    def period(self, text: str) -> Period:
        """Period written as `text`; ``last-closed`` is the latest closed month.

        Raises
        ------
        PeriodError
        """
        if text == LAST_CLOSED:
            return self.profile.last_closed
        return Period.parse(text, self.profile.fiscal)

"""Pins: views that an analyst has found, written out, for reports to show."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from opsnb.claims import claims
from opsnb.company.labels import Label
from opsnb.errors import SettingsError
from opsnb.settings import Day, Lines, Location, Strict, validate

FILE = "pins.yaml"
NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")
MONTH = r"^\d{4}-\d{2}$"
Month = Annotated[str, Field(pattern=MONTH)]
Share = Annotated[float, Field(ge=-1, le=1)]


class Options(Strict):
    """Arguments of a view that has none."""


class TrendOptions(Options):
    """Arguments of a trend."""

    months: int = Field(default=36, ge=2, le=120)


class ControlOptions(Options):
    """Arguments of a control chart: the dialect of its rules, and months of new limits."""

    rules: Literal["nhs", "wheeler"] = "nhs"
    rebase: tuple[Month, ...] = ()


class DrillOptions(Options):
    """Arguments of a drill down: the column, what is looked into, and the comparison."""

    by: str
    within: dict[str, str] = Field(default_factory=dict)
    against: Literal["prior_year", "prior_month", "year_to_date", "target"] = "prior_year"


class DriverOptions(Options):
    """Arguments of drivers: months that are looked at, and metrics that are tried."""

    months: int = Field(default=60, ge=8, le=240)
    candidates: tuple[str, ...] = ()


class ForecastOptions(Options):
    """Arguments of a forecast."""

    horizon: int = Field(default=12, ge=1, le=24)


class WhatIfOptions(Options):
    """Assumptions; see :class:`opsnb.analyses.Assumptions`."""

    price: Share = 0.0
    volume: Share = 0.0
    workdays: float = 0.0
    lost: tuple[str, str] | None = None
    saving: float = 0.0
    treatment: str = ""


OPTIONS: dict[str, type[Options]] = {
    "scorecard": Options,
    "trend": TrendOptions,
    "control_chart": ControlOptions,
    "units": Options,
    "attribution": Options,
    "drill_down": DrillOptions,
    "drivers": DriverOptions,
    "forecast": ForecastOptions,
    "what_if": WhatIfOptions,
}
"""Arguments by view; a view is an analysis of one metric."""


def _words(value: str) -> str:
    """A note without figures: next month's are others, and the view shows them."""
    if found := [claim.text for claim in claims(value)]:
        raise ValueError(f"{found[0]!r} is a figure, which grows old; expected words alone")
    return value


def _name(value: str) -> str:
    if not NAME.fullmatch(value):
        raise ValueError(f"{value!r} is no name; expected 1 to 63 of a-z 0-9 _ -")
    return value


class Pin(Strict):
    """One view, for the reports that show it.

    Attributes
    ----------
    name : str
        Its own, among the company's pins.
    view, metric, unit : str
        The report of that unit shows it, and no other.
    options : mapping
        Arguments of the view, of :data:`OPTIONS`; those left out are the view's own.
    title : Label, optional
        Heading; that of the view and metric without one.
    note : str
        What is to be seen in it, in words without figures.
    by, on
        Who pinned it, and when.
    reports : list of str
        Reports that show it.
    """

    name: Annotated[str, AfterValidator(_name)]
    view: Literal[
        "scorecard", "trend", "control_chart", "units", "attribution", "drill_down", "drivers",
        "forecast", "what_if",
    ]  # fmt: skip
    metric: str
    unit: str
    options: dict[str, Any] = Field(default_factory=dict)
    title: Label | None = None
    note: Annotated[str, AfterValidator(_words)] = ""
    by: str = ""
    on: Day | None = None
    reports: tuple[str, ...] = ("monthly_operations",)


class Pins(Strict):
    """Contents of ``pins.yaml``."""

    schema_: Literal[1] = Field(default=1, alias="schema")
    pins: tuple[Pin, ...] = ()


def checked(value: Mapping[str, Any], lines: Lines) -> tuple[Pin, ...]:
    """Pins of the file, their options too.

    Raises
    ------
    SettingsError
        With the line.
    """
    found = validate(value, Pins, where=FILE, lines=lines).pins
    seen: set[str] = set()
    for i, pin in enumerate(found):
        at: Location = ("pins", i, "options")
        if pin.name in seen:
            raise SettingsError(
                f"two pins are called {pin.name!r}", where=_line(lines, ("pins", i, "name")),
                expected="a name of its own",
            )  # fmt: skip
        seen.add(pin.name)
        own = {key[3:]: line for key, line in lines.items() if key[:3] == at}
        validate(pin.options, OPTIONS[pin.view], where=f"{FILE}, pin {pin.name!r}", lines=own)
    return found


def _line(lines: Lines, at: Location) -> str:
    return f"{FILE}, line {lines[at]}" if at in lines else FILE

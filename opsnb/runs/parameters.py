"""Parameters of a run: built and checked as a typed object before any kernel starts."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import yaml
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from opsnb.company import Company
from opsnb.errors import ParameterError, PeriodError, SettingsError
from opsnb.period import Period
from opsnb.reports import Params, Report
from opsnb.settings import parse_value, read_yaml


def build(
    report: Report, company: str, given: Mapping[str, Any], settings: Sequence[str] = ()
) -> Params:
    """Parameters of `report`: the company's file, under what was given, under the settings.

    Parameters
    ----------
    report : Report
    company : str
        Name or folder of the company; it stands above the one in the file.
    given : mapping
        Parameters by name; None is not given.
    settings : sequence of str
        ``NAME=VALUE``, the value as YAML writes it.

    Raises
    ------
    ParameterError
        An unknown, missing or mistyped parameter, with the nearest match.
    """
    origin: dict[str, str] = {}
    values: dict[str, Any] = {}
    path = Company.find(company).folder / f"{report.name}.yaml"
    if path.is_file():
        values, lines = read_yaml(path)
        origin = {name: f"{path.name}, line {lines[name,]}" for name in values}
    for name, value in given.items():
        if value is not None:
            values[name], origin[name] = value, f"--{name}"
    for text in settings:
        name, value = _setting(text)
        values[name], origin[name] = value, f"--set {text}"
    return check(report, values | {"company": company}, origin)


def check(
    report: Report, values: Mapping[str, Any], origin: Mapping[str, str] | None = None
) -> Params:
    """`values` as the report's parameters.

    Parameters
    ----------
    origin : mapping name -> str, optional
        Where each value comes from, for the error.

    Raises
    ------
    ParameterError
    """
    origin = origin or {}
    try:
        return report.params.model_validate(dict(values), strict=True)
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0])
        where = f"{report.name}, {origin[name]}" if name in origin else report.name
        raise _refusal(report, name, first, where) from None


def _refusal(report: Report, name: str, detail: ErrorDetails, where: str) -> ParameterError:
    if detail["type"] == "extra_forbidden":
        known = report.params.model_fields
        return ParameterError(f"unknown parameter {name!r}", where=where, given=name, choices=known)
    if detail["type"] == "missing":
        return ParameterError(f"parameter {name!r} is missing", where=where)
    given = detail["input"]
    what = f"parameter {name!r} is {given!r}"
    if name == "period":
        return ParameterError(what, where=where, expected=_period_form(given))
    expected = detail["msg"].removeprefix("Input should be ")
    choices = re.findall(r"'([^']*)'", expected)
    return ParameterError(what, where=where, expected=expected, given=str(given), choices=choices)


def _period_form(given: object) -> str:
    """How a period is written that did not come as text."""
    try:
        Period.parse(given)  # type: ignore[arg-type]  # it refuses what is not text
    except PeriodError as error:
        return f"text, such as {error.expected}"
    return "text"


def _setting(text: str) -> tuple[str, Any]:
    name, sign, value = text.partition("=")
    if not sign or not name.strip():
        raise ParameterError(f"{text!r} is not a setting", where="--set", expected="NAME=VALUE")
    if name.strip() == "company":
        raise ParameterError("the company is not a setting", where="--set", expected="--company")
    try:
        return name.strip(), parse_value(value)
    except yaml.YAMLError:
        return name.strip(), value
    except SettingsError as error:
        raise ParameterError(error.what, where=f"--set {text}") from None


def papermill_values(params: Params) -> dict[str, Any]:
    """Parameters as papermill injects them."""
    return params.model_dump(mode="json")

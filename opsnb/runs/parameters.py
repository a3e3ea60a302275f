"""Parameters of a run: built and checked as a typed object before any kernel starts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from opsnb.company import Company
from opsnb.errors import ParameterError, suggest
from opsnb.reports import Params, Report
from opsnb.settings import parse_value, read_yaml


def build(
    report: Report, company: str, given: Mapping[str, Any], settings: Sequence[str] = ()
) -> Params:
    """Parameters of `report`: the company's file, then what was given, then ``NAME=VALUE`` settings.

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


def check(report: Report, values: Mapping[str, Any], origin: Mapping[str, str] | None = None) -> Params:
    """`values` as the report's parameters.

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
        raise _refusal(report, name, first["type"], first, where) from None


def _refusal(report: Report, name: str, kind: str, detail: Mapping[str, Any], where: str) -> ParameterError:
    known = list(report.params.model_fields)
    if kind == "extra_forbidden":
        return ParameterError(f"unknown parameter {name!r}", where=where, given=name, choices=known)
    if kind == "missing":
        return ParameterError(f"parameter {name!r} is missing", where=where)
    message = str(detail["msg"]).removeprefix("Input should be ")
    given = detail.get("input")
    hint = suggest(str(given), str(message).replace("'", " ").split())
    what = f"parameter {name!r} is {given!r}"
    if name == "period" and isinstance(given, int):
        return ParameterError(what, where=where, expected=f"text, such as {str(given)[:4]}-{str(given)[4:6] or '10'}")
    return ParameterError(what, where=where, expected=message, given=str(given), choices=[hint] if hint else ())


def _setting(text: str) -> tuple[str, Any]:
    name, sign, value = text.partition("=")
    if not sign or not name.strip():
        raise ParameterError(f"{text!r} is not a setting", where="--set", expected="NAME=VALUE")
    try:
        return name.strip(), parse_value(value)
    except yaml.YAMLError:
        return name.strip(), value


def papermill_values(params: Params) -> dict[str, Any]:
    """Parameters as papermill injects them."""
    return params.model_dump(mode="json")


def notebook_company(params: Params) -> Path:
    """Folder of the company that the parameters name."""
    return Company.find(params.company).folder

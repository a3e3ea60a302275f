"""Strict YAML: a settings file read into a typed model, with file and line in every error.

Differences to plain YAML, all of them against silent surprises: no tags; a key given twice is
an error; only ``true`` and ``false`` are booleans (``no`` is a word); ``007`` and ``2026-10-31``
stay text, so that unit ids and periods keep their form.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar, get_args

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from opsnb.errors import SettingsError, suggest

Model = TypeVar("Model", bound=BaseModel)
Location = tuple[str | int, ...]
Lines = dict[Location, int]


class Strict(BaseModel):
    """Base of all settings: frozen, and a key it does not know is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class _Loader(yaml.SafeLoader):
    """SafeLoader without dates, octal numbers and the many words for true."""


_Loader.yaml_implicit_resolvers = {}
for _tag, _form, _first in (
    ("bool", r"true|false", "tf"),
    ("null", r"null|~|", ["n", "~", ""]),
    ("int", r"[-+]?(?:0|[1-9][0-9_]*)", "-+0123456789"),
    ("float", r"[-+]?(?:[0-9][0-9_]*)?\.[0-9_]+(?:[eE][-+]?[0-9]+)?|[-+]?[0-9][0-9_]*[eE][-+]?[0-9]+",
     "-+.0123456789"),
):
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(f"(?:{_form})$"), list(_first))


def read_yaml(path: Path) -> tuple[dict[str, Any], Lines]:
    """Mapping in a YAML file, and the line of every key and item.

    Raises
    ------
    SettingsError
        The file is missing, is not UTF-8 or not YAML, holds a tag, a key twice, or no mapping.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise _missing_file(path) from None
    except UnicodeDecodeError as error:
        raise SettingsError(
            f"byte {error.start} is not UTF-8", where=path.name, expected="a file saved as UTF-8"
        ) from None
    try:
        node = yaml.compose(text, Loader=_Loader)
        lines: Lines = {}
        value = None if node is None else _value(node, (), lines, path)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = f", line {mark.line + 1}" if mark else ""
        raise SettingsError(str(error.problem or error), where=f"{path.name}{line}") from None
    if not isinstance(value, dict):
        raise SettingsError("holds no settings", where=path.name, expected="lines of the form key: value")
    return value, lines


def read_settings(path: Path, model: type[Model]) -> Model:
    """Settings in the YAML file `path`, checked against `model`.

    Raises
    ------
    SettingsError
        Naming file, line and the nearest right key.
    """
    value, lines = read_yaml(path)
    return validate(value, model, where=path.name, lines=lines)


def validate(value: Mapping[str, Any], model: type[Model], *, where: str, lines: Lines) -> Model:
    """`value` as `model`; the first fault as a SettingsError with its line."""
    try:
        return model.model_validate(value)
    except ValidationError as error:
        raise _translate(error, model, where, lines) from None


def parse_value(text: str) -> Any:
    """One value as the settings would read it: ``24``, ``[a, b]``, ``true``.

    >>> parse_value("[revenue, orders]"), parse_value("24"), parse_value("2026-10")
    (['revenue', 'orders'], 24, '2026-10')
    """
    node = yaml.compose(text, Loader=_Loader)
    return None if node is None else _value(node, (), {}, Path("value"))


def _missing_file(path: Path) -> SettingsError:
    folder = path.parent
    if not folder.is_dir():
        return SettingsError(f"no folder {folder}", where=path.name, expected="a company's params folder")
    names = sorted(p.name for p in folder.glob("*.yaml"))
    return SettingsError(f"no file {path.name} in {folder}", given=path.name, choices=names)


def _value(node: yaml.Node, at: Location, lines: Lines, path: Path) -> Any:
    """Plain value of a YAML node; records the line of each location."""
    lines.setdefault(at, node.start_mark.line + 1)
    if isinstance(node, yaml.MappingNode):
        return _mapping(node, at, lines, path)
    where = f"{path.name}, line {node.start_mark.line + 1}"
    if isinstance(node, yaml.SequenceNode):
        if node.tag != "tag:yaml.org,2002:seq":
            raise SettingsError(f"YAML tag {node.tag!r} is not allowed", where=where)
        return [_value(item, (*at, i), lines, path) for i, item in enumerate(node.value)]
    kind = node.tag.removeprefix("tag:yaml.org,2002:")
    if kind not in ("str", "int", "float", "bool", "null"):
        raise SettingsError(f"YAML tag {node.tag!r} is not allowed", where=where)
    return _scalar(kind, node.value)


def _mapping(node: yaml.MappingNode, at: Location, lines: Lines, path: Path) -> dict[str, Any]:
    if node.tag != "tag:yaml.org,2002:map":
        line = node.start_mark.line + 1
        raise SettingsError(f"YAML tag {node.tag!r} is not allowed", where=f"{path.name}, line {line}")
    found: dict[str, Any] = {}
    for key_node, value_node in node.value:
        key, line = str(key_node.value), key_node.start_mark.line + 1
        if key in found:
            first = lines[(*at, key)]
            raise SettingsError(
                f"key {key!r} stands twice", where=f"{path.name}, line {line}", expected=f"it once (line {first})"
            )
        lines[(*at, key)] = line
        found[key] = _value(value_node, (*at, key), lines, path)
    return found


def _scalar(kind: str, text: str) -> Any:
    if kind == "int":
        return int(text.replace("_", ""))
    if kind == "float":
        return float(text.replace("_", ""))
    return {"bool": text == "true", "null": None}.get(kind, text)


def _translate(error: ValidationError, model: type[BaseModel], where: str, lines: Lines) -> SettingsError:
    """First of pydantic's complaints in our words."""
    first = error.errors()[0]
    at = tuple(first["loc"])
    line = _line(at, lines)
    place = f"{where}, line {line}" if line else where
    key = str(at[-1]) if at else ""
    if first["type"] == "extra_forbidden":
        choices = _keys_at(model, at[:-1])
        return SettingsError(f"unknown key {key!r}", where=place, given=key, choices=choices)
    dotted = ".".join(str(part) for part in at if not _is_type_name(part))
    if first["type"] == "missing":
        return SettingsError(f"key {dotted!r} is missing", where=place)
    message = first["msg"].removeprefix("Value error, ").removeprefix("Assertion failed, ")
    given = first.get("input")
    if first["type"] == "value_error":
        return SettingsError(f"{dotted}: {message}" if dotted else message, where=place)
    nearest = None
    if first["type"] == "literal_error":
        choices = re.findall(r"'([^']*)'", str(first["ctx"]["expected"]))
        nearest = suggest(str(given), choices)
    hint = f"; did you mean {nearest!r}?" if nearest else ""
    return SettingsError(f"{dotted}: {message}, not {given!r}{hint}", where=place)


def _is_type_name(part: str | int) -> bool:
    """Whether a location part is the name of a union's member, which pydantic inserts."""
    return isinstance(part, str) and (part[:1].isupper() or "[" in part or "(" in part)


def _line(at: Location, lines: Lines) -> int | None:
    """Line of the location, or of the nearest enclosing one."""
    known = tuple(part for part in at if not _is_type_name(part))
    for candidate in (at, known):
        for length in range(len(candidate), 0, -1):
            if candidate[:length] in lines:
                return lines[candidate[:length]]
    return None


def _keys_at(model: type[BaseModel], at: Location) -> Iterable[str]:
    """Keys that the model knows at a location (following mappings, lists and unions)."""
    found: list[type[BaseModel]] = [model]
    for part in at:
        step: list[type[BaseModel]] = []
        for candidate in found:
            if isinstance(part, str) and part in _fields(candidate):
                step += _models(_fields(candidate)[part])
        found = step or found
    return sorted({name for candidate in found for name in _fields(candidate)})


def _fields(model: type[BaseModel]) -> dict[str, Any]:
    return {field.alias or name: field.annotation for name, field in model.model_fields.items()}


def _models(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for argument in get_args(annotation) for model in _models(argument)]

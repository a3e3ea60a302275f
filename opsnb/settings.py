"""Strict YAML: a settings file read into a typed model, with file and line in every error.

Differences to plain YAML, all of them against silent surprises: no tags, aliases or merge keys; a
key given twice is an error; only ``true`` and ``false`` are booleans (``no`` is a word); ``007``
and ``2026-10-31`` stay text, so that unit ids and periods keep their form.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, TypeVar, get_args

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError

from opsnb.errors import SettingsError, suggest

Model = TypeVar("Model", bound=BaseModel)
Location = tuple[str | int, ...]
Lines = dict[Location, int]


class Strict(BaseModel):
    """Base of all settings: frozen, and a key it does not know is an error."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, populate_by_name=True, allow_inf_nan=False
    )


class FaultsError(ValueError):
    """Faults of a model as a whole, which its validator has gathered.

    Parameters
    ----------
    found : sequence of (location, message)
        Location below the model of what is at fault, and what is wrong.
    """

    def __init__(self, found: Sequence[tuple[Location, str]]) -> None:
        self.found = tuple(found)
        super().__init__("; ".join(message for _, message in found))


@dataclass(frozen=True)
class _Complaint:
    """What pydantic says of one value."""

    kind: str
    at: Location
    message: str
    given: object = None
    expected: str = ""


def _iso_day(value: object) -> object:
    """Refuse what pydantic would read as seconds since 1970."""
    if type(value) is dt.date:
        return value
    try:
        if isinstance(value, str) and re.fullmatch(r"\d{4}-\d{2}-\d{2}", value, re.ASCII):
            return dt.date.fromisoformat(value)
    except ValueError:
        pass
    raise ValueError(f"{value!r} is not a day; expected one such as 2026-10-31")


Day = Annotated[dt.date, BeforeValidator(_iso_day)]
"""A date written as 2026-10-31, and in no other way."""


class _Loader(yaml.SafeLoader):
    """SafeLoader without dates, octal numbers, the many words for true, and aliases."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        """Refuse an alias: nine of them in nine lines would fill the memory."""
        if self.check_event(yaml.AliasEvent):
            event: Any = self.peek_event()  # type: ignore[no-untyped-call]
            problem = "an alias (*name) is not allowed; expected the value itself"
            raise yaml.MarkedYAMLError(problem=problem, problem_mark=event.start_mark)
        return super().compose_node(parent, index)


NULL = r"null|~|"
INT = r"[-+]?(?:0|[1-9][0-9_]*)"
FLOAT = (
    r"[-+]?(?:[0-9][0-9_]*)?\.[0-9][0-9_]*(?:[eE][-+]?[0-9]+)?"
    r"|[-+]?[0-9][0-9_]*[eE][-+]?[0-9]+"
)
_Loader.yaml_implicit_resolvers = {}
for _tag, _form, _first in (
    ("bool", "true|false", "tf"),
    ("null", NULL, ["n", "~", ""]),
    ("int", INT, "-+0123456789"),
    ("float", FLOAT, "-+.0123456789"),
):
    _Loader.add_implicit_resolver(
        f"tag:yaml.org,2002:{_tag}", re.compile(f"(?:{_form})$"), list(_first)
    )


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
    except OSError as error:
        raise SettingsError(f"cannot be read: {error.strerror}", where=str(path)) from None
    value, lines = _read(text, path.name)
    if not isinstance(value, dict):
        raise SettingsError(
            "holds no settings", where=path.name, expected="lines of the form key: value"
        )
    return value, lines


def _read(text: str, where: str) -> tuple[Any, Lines]:
    """Value of a YAML text, and its lines."""
    lines: Lines = {}
    try:
        node = yaml.compose(text, Loader=_Loader)
        return None if node is None else _value(node, (), lines, where), lines
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = f", line {mark.line + 1}" if mark else ""
        raise SettingsError(str(error.problem or error), where=f"{where}{line}") from None
    except yaml.reader.ReaderError as error:
        number = text.count("\n", 0, error.position) + 1
        what = f"character {text[error.position]!r} is not allowed"
        raise SettingsError(what, where=f"{where}, line {number}") from None
    except RecursionError:
        raise SettingsError("the settings are nested too deeply", where=where) from None


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
    """`value` as `model`; its first fault as a SettingsError with its line, the others with it."""
    try:
        return model.model_validate(value)
    except ValidationError as error:
        raise _translate(error, model, where, lines) from None


def parse_value(text: str) -> Any:
    """One value as the settings would read it: ``24``, ``[a, b]``, ``true``; else the text itself.

    >>> parse_value("[revenue, orders]"), parse_value("24"), parse_value("2026-10")
    (['revenue', 'orders'], 24, '2026-10')
    """
    try:
        return _read(text, "value")[0]
    except SettingsError:
        return text


def _missing_file(path: Path) -> SettingsError:
    folder = path.parent
    if not folder.is_dir():
        return SettingsError(
            f"no folder {folder}", where=path.name, expected="a company's params folder"
        )
    names = sorted(p.name for p in folder.glob("*.yaml"))
    return SettingsError(f"no file {path.name} in {folder}", given=path.name, choices=names)


def _value(node: yaml.Node, at: Location, lines: Lines, where: str) -> Any:
    """Plain value of a YAML node; records the line of each location."""
    lines.setdefault(at, node.start_mark.line + 1)
    kind = node.tag.removeprefix("tag:yaml.org,2002:")
    if isinstance(node, yaml.MappingNode) and kind == "map":
        return _mapping(node, at, lines, where)
    if isinstance(node, yaml.SequenceNode) and kind == "seq":
        return [_value(item, (*at, i), lines, where) for i, item in enumerate(node.value)]
    if isinstance(node, yaml.ScalarNode) and kind in ("str", "int", "float", "bool", "null"):
        return _scalar(kind, node, where)
    raise _fault(node, f"YAML tag {node.tag!r} is not allowed", where)


def _mapping(node: yaml.MappingNode, at: Location, lines: Lines, where: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key_node, value_node in node.value:
        if not isinstance(key_node, yaml.ScalarNode):
            raise _fault(key_node, "a key is a list or a mapping", where, "a word")
        key = str(key_node.value)
        if key == "<<":
            raise _fault(key_node, "a merge key (<<) is not allowed", where, "the keys themselves")
        if key in found:
            once = f"it once (line {lines[(*at, key)]})"
            raise _fault(key_node, f"key {key!r} stands twice", where, once)
        lines[(*at, key)] = key_node.start_mark.line + 1
        found[key] = _value(value_node, (*at, key), lines, where)
    return found


def _scalar(kind: str, node: yaml.ScalarNode, where: str) -> Any:
    text = str(node.value)
    try:
        if kind == "int":
            return int(text.replace("_", ""))
        if kind == "float":
            return float(text.replace("_", ""))
    except ValueError:
        raise _fault(node, f"{text[:40]!r} is not a number that can be read", where) from None
    return {"bool": text == "true", "null": None}.get(kind, text)


def _fault(node: yaml.Node, what: str, where: str, expected: str | None = None) -> SettingsError:
    line = node.start_mark.line + 1
    return SettingsError(what, where=f"{where}, line {line}", expected=expected)


def _translate(
    error: ValidationError, model: type[BaseModel], where: str, lines: Lines
) -> SettingsError:
    """Pydantic's complaints in our words, the most telling first, the others behind it by line."""
    found: dict[Location, tuple[bool, int, SettingsError]] = {}
    for complaint in _complaints(error):
        at = _location(complaint.at, lines)
        told = _told(complaint, at, model, where, lines)
        # Of several wrongs of one value, as of a union's members, the first is enough.
        found.setdefault(at, (complaint.kind != "extra_forbidden", _line(at, lines) or 0, told))
    first, *others = (told for *_, told in sorted(found.values(), key=lambda item: item[:2]))
    first.others = tuple(others)
    return first


def _complaints(error: ValidationError) -> Iterator[_Complaint]:
    """Complaints, those of a model as a whole at the places they name."""
    for item in error.errors():
        at, context = tuple(item["loc"]), item.get("ctx", {})
        several = context.get("error")
        if isinstance(several, FaultsError):
            for below, message in several.found:
                yield _Complaint("value_error", (*at, *below), message)
        else:
            message = item["msg"].removeprefix("Value error, ").removeprefix("Assertion failed, ")
            expected = str(context.get("expected", ""))
            yield _Complaint(item["type"], at, message, item.get("input"), expected)


def _told(
    complaint: _Complaint, at: Location, model: type[BaseModel], where: str, lines: Lines
) -> SettingsError:
    """One complaint in our words."""
    message = complaint.message
    named = re.match(r"key '(\w+)'", message)  # of a fault between keys, the key that is at fault
    line = _line((*at, named[1]) if named else at, lines)
    place = f"{where}, line {line}" if line else where
    dotted = ".".join(str(part) for part in at)
    if complaint.kind == "extra_forbidden":
        key = str(at[-1])
        known = _keys_at(model, at[:-1])
        return SettingsError(f"unknown key {key!r}", where=place, given=key, choices=known)
    if complaint.kind == "missing":
        return SettingsError(f"key {dotted!r} is missing", where=place)
    if complaint.kind == "value_error":
        return SettingsError(f"{dotted}: {message}" if dotted else message, where=place)
    nearest = None
    if complaint.kind == "literal_error":
        choices = re.findall(r"'([^']*)'", complaint.expected)
        nearest = suggest(str(complaint.given), choices)
    hint = f"; did you mean {nearest!r}?" if nearest else ""
    return SettingsError(f"{dotted}: {message}, not {complaint.given!r}{hint}", where=place)


def _location(at: Location, lines: Lines) -> Location:
    """Location without the names of a union's members, which pydantic inserts."""
    found: Location = ()
    for part in at:
        if (*found, part) in lines or not _is_type_name(part):
            found = (*found, part)
    return found


def _is_type_name(part: str | int) -> bool:
    if not isinstance(part, str):
        return False
    return part in ("str", "int", "float", "bool") or part[:1].isupper() or bool({*part} & {*"[("})


def _line(at: Location, lines: Lines) -> int | None:
    """Line of the location, or of the nearest enclosing one."""
    found = (lines[at[:length]] for length in range(len(at), 0, -1) if at[:length] in lines)
    return next(found, None)


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

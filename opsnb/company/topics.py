"""Options of a special topic, as a company writes them beside the topic's notebook."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from opsnb.company.labels import Label
from opsnb.company.own import FOLDER
from opsnb.errors import UnknownNameError
from opsnb.settings import Strict, read_yaml, validate

SUFFIX = ".options.yaml"


def _range(value: Any) -> Any:
    """One number as a range without width."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return (value, value, value)
    return tuple(value) if isinstance(value, list) else value


Range = Annotated[tuple[float, float, float], BeforeValidator(_range)]


class TopicOption(Strict):
    """One thing that can be done.

    Attributes
    ----------
    label : Label
    cost, benefit : number, or [low, mode, high]
        A year, in the company's currency.
    chance : float
        How likely it works at all.
    risk : str
        What may go wrong.
    owner : str
    """

    label: Label
    cost: Range
    benefit: Range
    chance: float = Field(default=1.0, ge=0, le=1)
    risk: str = ""
    owner: str = ""

    @model_validator(mode="after")
    def _ordered(self) -> TopicOption:
        for name in ("cost", "benefit"):
            low, mode, high = getattr(self, name)
            if not low <= mode <= high:
                raise ValueError(
                    f"{name} is {low:g}, {mode:g}, {high:g}; expected low, most likely, high"
                )
        return self


class Options(Strict):
    """Contents of an options file."""

    schema_: Literal[1] = Field(default=1, alias="schema")
    options: dict[str, TopicOption] = Field(min_length=1)


def files(folder: Path) -> list[Path]:
    """Options files of a company."""
    return sorted((folder / FOLDER).glob(f"*{SUFFIX}"))


def options(folder: Path, topic: str) -> dict[str, TopicOption]:
    """Options of a topic by name, in the order of the file.

    Raises
    ------
    UnknownNameError
        There is no file for the topic; with the nearest one.
    SettingsError
        With the line.
    """
    known = {path.name.removesuffix(SUFFIX): path for path in files(folder)}
    if topic not in known:
        raise UnknownNameError(
            f"no options of {topic!r}", where=str(folder / FOLDER), given=topic, choices=known
        )
    value, lines = read_yaml(known[topic])
    where = f"{FOLDER}/{known[topic].name}"
    return dict(validate(value, Options, where=where, lines=lines).options)

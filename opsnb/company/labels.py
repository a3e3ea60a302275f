"""Names for people and ids for machines."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import AfterValidator, Field, model_validator

from opsnb.settings import Strict

UNIT_ID = re.compile(r"[0-9A-Za-z_-]{1,40}")
NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,62}")


class Label(Strict):
    """A name in Chinese and English; one string stands for both."""

    zh: str
    en: str

    @model_validator(mode="before")
    @classmethod
    def _complete(cls, value: Any) -> Any:
        if isinstance(value, str):
            return {"zh": value, "en": value}
        if isinstance(value, dict):
            known = value.get("zh") or value.get("en")
            return {"zh": known, "en": known, **value}
        if isinstance(value, Label):
            return value
        raise ValueError(f"{value!r} is no label; expected a text, or {{zh: ..., en: ...}}")

    def to_dict(self) -> dict[str, str]:
        """``{"zh": ..., "en": ...}``."""
        return {"zh": self.zh, "en": self.en}


class Wording(Strict):
    """How a column and its values are called."""

    label: Label | None = None
    values: dict[str, Label] = Field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """``{"label": {...} or None, "values": {value: {...}}}``."""
        label = self.label.to_dict() if self.label else None
        return {"label": label, "values": {v: name.to_dict() for v, name in self.values.items()}}


def check_unit_id(value: str) -> str:
    """`value` if it is a unit id.

    Raises
    ------
    ValueError
        For anything but 1 to 40 letters, digits, ``_`` and ``-``: an id becomes a folder's name.
    """
    if not UNIT_ID.fullmatch(value):
        raise ValueError(f"{value!r} is not an id; expected 1 to 40 of 0-9 A-Z a-z _ -")
    return value


def check_name(value: str) -> str:
    """`value` if it is a name that can stand in an expression.

    Raises
    ------
    ValueError
    """
    if not NAME.fullmatch(value):
        raise ValueError(f"{value!r} is not a name; expected a letter, then letters, digits or _")
    return value


UnitId = Annotated[str, AfterValidator(check_unit_id)]
Name = Annotated[str, AfterValidator(check_name)]

"""Text: values as YAML writes them on one line, and comments beside them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

SAFE = re.compile(r"[A-Za-z\u4e00-\u9fff_][\w\u4e00-\u9fff ./()-]*")
SPECIAL = {"true", "false", "yes", "no", "on", "off", "null", "y", "n", "~"}


def scalar(value: object) -> str:
    """One value.

    >>> scalar("金额"), scalar("yes"), scalar("a: b"), scalar(None)
    ('金额', '"yes"', '"a: b"', 'null')
    """
    if value is None or isinstance(value, bool | int | float):
        return json.dumps(value)
    text = str(value)
    is_safe = SAFE.fullmatch(text) and text.lower() not in SPECIAL and text == text.strip()
    return text if is_safe else json.dumps(text, ensure_ascii=False)


def flow(value: Any) -> str:
    """Value on one line, nested as it may be.

    >>> flow({"type": "date", "parts": {"year": "年", "month": "月"}})
    '{type: date, parts: {year: 年, month: 月}}'
    """
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{scalar(k)}: {_inner(v)}" for k, v in value.items()) + "}"
    if isinstance(value, str) or not isinstance(value, Sequence):
        return scalar(value)
    return "[" + ", ".join(_inner(one) for one in value) + "]"


def _inner(value: Any) -> str:
    """Value inside brackets, where a comma or bracket would end it."""
    if isinstance(value, str):
        text = scalar(value)
        return (
            text if not re.search(r"[(),\[\]{}#]", text) else json.dumps(value, ensure_ascii=False)
        )
    return flow(value)


def line(indent: int, key: str, value: Any, comment: str = "") -> str:
    """``key: value``, and a comment after it."""
    after = f"    # {comment}" if comment else ""
    return f"{' ' * indent}{scalar(key)}: {flow(value)}{after}"


def comments(indent: int, lines: Iterable[str]) -> list[str]:
    """Lines of comment."""
    return [f"{' ' * indent}# {one}" for one in lines]

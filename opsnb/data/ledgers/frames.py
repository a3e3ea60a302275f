"""Ledgers as frames, typed by column."""

from __future__ import annotations

import datetime as dt
from typing import Any, get_args

import pandas as pd

from opsnb.data.ledgers.books import Book
from opsnb.data.ledgers.registry import LEDGERS


def frame(book: Book) -> pd.DataFrame:
    """Rows of a book, one column each, whether or not the file has it.

    Its ``attrs["places"]`` names file and row of each.

    Numbers are float64 and whole numbers Int64, days datetime64; text is never missing but empty.
    """
    model = LEDGERS[book.name].model
    rows = list(book.rows.values())
    found = {}
    for name, definition in model.model_fields.items():
        values = [getattr(row, name) for row in rows]
        found[name] = _typed(values, _kind(definition.annotation))
    whole = pd.DataFrame(found)
    whole.attrs["places"] = [book.place(number) for number in book.rows]
    return whole


def _kind(annotation: Any) -> type:
    """Plain type behind an annotation such as ``float | None``."""
    if annotation in (float, int, dt.date):
        return annotation  # type: ignore[no-any-return]
    inner = (_kind(part) for part in get_args(annotation))
    return next((kind for kind in inner if kind is not str), str)


def _typed(values: list[Any], kind: type) -> pd.Series:
    if kind is float:
        return pd.Series(values, dtype="float64")
    if kind is int:
        return pd.Series(values, dtype="Int64")
    if kind is dt.date:
        return pd.Series(pd.to_datetime(pd.Series(values, dtype=object)), dtype="datetime64[s]")
    return pd.Series(["" if value is None else value for value in values], dtype="str")

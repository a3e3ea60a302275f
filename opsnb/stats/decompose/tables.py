"""Tables that decompositions are given, checked: columns, numbers, one row an item."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from opsnb.errors import ParameterError, UnknownNameError

Array = npt.NDArray[np.float64]
NOTHING = 1e-12
"""What a sum may be off from nothing, beside the sum of the sizes of its parts."""


def read(
    frame: pd.DataFrame, name: str, key: str, numbers: Sequence[str], *, gaps: Sequence[str] = ()
) -> pd.DataFrame:
    """Columns `key` and `numbers` of `frame`, checked; other columns are left out.

    Parameters
    ----------
    frame : DataFrame
        `key` may also be its index, by that name.
    name : str
        What the frame is called in an error.
    gaps : sequence of str
        Numbers that may be missing.

    Raises
    ------
    UnknownNameError
        A column is not there.
    ParameterError
        A key is missing, or a number is missing, infinite or none.
    """
    if key not in frame.columns and frame.index.name == key:
        frame = frame.reset_index()
    for column in (key, *numbers):
        if column not in frame.columns:
            raise UnknownNameError(
                f"column {column!r} is missing", where=name, given=column, choices=frame.columns
            )
    empty = np.flatnonzero(frame[key].isna())
    if len(empty):
        raise ParameterError(f"no {key}", where=_row(name, empty[0]), expected="a name in each row")
    columns = {column: _numbers(frame[column], name, column in gaps) for column in numbers}
    return pd.DataFrame({key: frame[key].to_numpy(dtype=object)} | columns)


def column_of(frame: pd.DataFrame, name: str, column: str) -> Array:
    """One column of numbers, checked as by :func:`read`."""
    if column not in frame.columns:
        raise UnknownNameError(
            f"column {column!r} is missing", where=name, given=column, choices=frame.columns
        )
    return _numbers(frame[column], name, may_be_missing=False)


def number(value: object, name: str, key: str) -> float:
    """One finite number of a mapping.

    Raises
    ------
    ParameterError
    """
    try:
        found = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        found = np.nan
    if not np.isfinite(found):
        raise ParameterError(f"{value!r} is not a number", where=f"{name}, {key!r}")
    return found


def checked_keys(before: Mapping[str, object], after: Mapping[str, object]) -> list[str]:
    """Keys of `before`, in its order, which are those of `after` too.

    Raises
    ------
    UnknownNameError
    """
    for left, right, name in ((before, after, "after"), (after, before, "before")):
        for key in left:
            if key not in right:
                raise UnknownNameError(
                    f"{key!r} is missing", where=name, given=str(key), choices=map(str, right)
                )
    return list(before)


def union(before: pd.Series, after: pd.Series) -> list[object]:
    """Keys of two tables, each once, in order of appearance."""
    return list(dict.fromkeys([*before, *after]))


def is_nothing(total: float, parts: Array) -> bool:
    """Whether a sum is zero but for rounding."""
    return bool(abs(total) <= NOTHING * np.abs(parts).sum())


def effects(values: Mapping[str, Array | float], name: str) -> pd.Series:
    """Series of the sums of each effect's items."""
    sums = {effect: float(np.sum(value)) for effect, value in values.items()}
    return pd.Series(sums, name=name, dtype="float64").rename_axis("effect")


def by_item(items: Iterable[object], values: Mapping[str, Array]) -> pd.DataFrame:
    """Frame[item, effect, value]: every effect of every item."""
    wide = pd.DataFrame(dict(values), dtype="float64")
    items = list(items)
    return pd.DataFrame(
        {
            "item": pd.Series([item for item in items for _ in values], dtype=object),
            "effect": list(values) * len(items),
            "value": wide.to_numpy().ravel(),
        }
    )


def _numbers(column: pd.Series, name: str, may_be_missing: bool) -> Array:
    values = pd.to_numeric(column, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
    missing = column.isna().to_numpy()
    wrong = ~np.isfinite(values) & ~(missing & may_be_missing)
    if wrong.any():
        place = int(np.flatnonzero(wrong)[0])
        raise ParameterError(
            f"{column.iloc[place]!r} is not a number",
            where=f"{_row(name, place)}, column {column.name!r}",
            expected="a finite number",
        )
    return values


def _row(name: str, place: int) -> str:
    return f"{name}, row {place + 1}"

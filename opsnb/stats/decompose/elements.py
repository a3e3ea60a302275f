"""Elements: which values of which dimensions explain a difference (Adtributor)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from opsnb.errors import ParameterError, UnknownNameError
from opsnb.stats.decompose.tables import Array, column_of, is_nothing

COLUMNS = (
    "dimension", "item", "actual", "expected", "contribution", "explanatory_power", "surprise",
    "explains", "unexplained",
)  # fmt: skip
Dimension = str | tuple[str, ...]


def adtributor(
    actual: pd.DataFrame,
    expected: pd.DataFrame,
    dimensions: Sequence[Dimension],
    *,
    least: float = 0.1,
    enough: float = 0.67,
) -> pd.DataFrame:
    """Elements of each dimension, and the few that explain the difference of the whole.

    With a, f the actual and expected value of an element, and A, F those of the whole:
    explanatory power (a - f) / (A - F), which sums to 1 over a dimension; surprise, the element's
    part of the Jensen-Shannon divergence of its shares p = f / F and q = a / A,
    (p ln(2p / (p + q)) + q ln(2q / (p + q))) / 2. Elements are taken by surprise, those that
    explain less than `least` left out, until they explain `enough` (Bhagwan et al., NSDI 2014).

    Parameters
    ----------
    actual, expected : DataFrame
        The dimensions' columns and value; rows that share an element are added up, an element of
        one frame only is nothing in the other. A dimension that is missing in a row is the
        element None.
    dimensions : sequence of str or tuple of str
        A tuple is a combination: its elements are tuples.
    least, enough : float
        Shares of the difference, between 0 and 1.

    Returns
    -------
    DataFrame
        dimension (a combination joined by " x "), item, actual, expected, contribution
        (actual - expected), explanatory_power, surprise, explains, unexplained: one row an element,
        within a dimension those that explain first, then by surprise; dimensions by the surprise
        of what explains. `unexplained` is the part of the difference, in the unit of the value,
        that the dimension's explaining elements leave.
        Where A = F there is nothing to explain: explanatory_power is NaN, and what explains is
        chosen by the size of contributions, against the sum of their sizes. Where shares are
        negative (returns) the surprise is NaN, and size takes its place.

    Raises
    ------
    UnknownNameError
        A column is missing.
    ParameterError
        A value is missing, or `least` or `enough` is no share.

    Examples
    --------
    >>> sales = pd.DataFrame({"shop": ["a", "b", "c"], "value": [50.0, 98.0, 61.0]})
    >>> plan = pd.DataFrame({"shop": ["a", "b", "c"], "value": [100.0, 100.0, 60.0]})
    >>> adtributor(sales, plan, ["shop"])[["item", "explanatory_power", "explains"]].round(3)
      item  explanatory_power  explains
    0    a              0.980      True
    1    b              0.039     False
    2    c             -0.020     False
    """
    for name, share in (("least", least), ("enough", enough)):
        if not 0 <= share <= 1:
            raise ParameterError(f"{name} is {share:g}", expected="a share between 0 and 1")
    tables = [
        _dimension(dimension, _summed(actual, "actual", dimension),
                   _summed(expected, "expected", dimension), least, enough)
        for dimension in dimensions
    ]  # fmt: skip
    tables = [table for table in tables if len(table)]
    if not tables:
        return pd.DataFrame({column: [] for column in COLUMNS})
    tables.sort(key=lambda table: -float(table.loc[table["explains"], "surprise"].sum()))
    return pd.concat(tables, ignore_index=True)


def _summed(frame: pd.DataFrame, name: str, dimension: Dimension) -> dict[object, float]:
    """Value by element."""
    columns = (dimension,) if isinstance(dimension, str) else tuple(dimension)
    for column in columns:
        if column not in frame.columns:
            raise UnknownNameError(
                f"column {column!r} is missing", where=name, given=column, choices=frame.columns
            )
    values = column_of(frame, name, "value")
    if frame.empty:
        return {}
    parts = [pd.factorize(frame[column], use_na_sentinel=False) for column in columns]
    names = [[None if pd.isna(v) else v for v in known] for _, known in parts]
    sizes = [len(known) for known in names]
    place, cells = pd.factorize(np.ravel_multi_index([code for code, _ in parts], sizes))
    at = zip(*np.unravel_index(cells, sizes), strict=True)
    elements = [tuple(known[k] for known, k in zip(names, row, strict=True)) for row in at]
    total = np.bincount(place, weights=values)
    alone = isinstance(dimension, str)
    return {(e[0] if alone else e): float(v) for e, v in zip(elements, total, strict=True)}


def _dimension(
    dimension: Dimension, actual: dict[object, float], expected: dict[object, float],
    least: float, enough: float,
) -> pd.DataFrame:  # fmt: skip
    """Rows of one dimension."""
    items = list(dict.fromkeys([*expected, *actual]))
    a = np.array([actual.get(item, 0.0) for item in items])
    f = np.array([expected.get(item, 0.0) for item in items])
    whole = float(a.sum() - f.sum())
    balanced = is_nothing(whole, np.concatenate([a, f]))
    surprise = _surprise(a, f)
    order = _order(surprise, a - f)
    power = (a - f) / (float(np.abs(a - f).sum()) or 1.0 if balanced else whole)
    chosen = _chosen(np.abs(power) if balanced else power, order, least, enough)
    place = [*(i for i in order if chosen[i]), *(i for i in order if not chosen[i])]
    names = np.empty(len(items), dtype=object)  # filled one by one: an element may be a tuple
    for row, i in enumerate(place):
        names[row] = items[i]
    left = whole - float((a - f)[chosen].sum())
    return pd.DataFrame(
        {
            "dimension": dimension if isinstance(dimension, str) else " x ".join(dimension),
            "item": pd.Series(names, dtype=object),
            "actual": a[place],
            "expected": f[place],
            "contribution": (a - f)[place],
            "explanatory_power": np.nan if balanced else power[place],
            "surprise": surprise[place],
            "explains": chosen[place],
            "unexplained": left,
        }
    )


def _surprise(actual: Array, expected: Array) -> Array:
    """Part of each element in the divergence; NaN for all where a share is negative."""
    p, q = _shares(expected), _shares(actual)
    if (p < 0).any() or (q < 0).any():
        return np.full(len(actual), np.nan)
    middle = np.where(p + q > 0, (p + q) / 2, 1.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        parts = [np.where(x > 0, x * np.log(x / middle), 0.0) for x in (p, q)]
    found: Array = np.maximum((parts[0] + parts[1]) / 2, 0.0)
    return found


def _shares(values: Array) -> Array:
    """Shares of the whole; none of anything where the whole is nothing."""
    total = float(values.sum())
    return np.zeros_like(values) if is_nothing(total, values) else values / total


def _order(surprise: Array, change: Array) -> list[int]:
    """Places, the most surprising first; by the size of the change where none can surprise."""
    first = np.abs(change) if np.isnan(surprise).any() else surprise
    return list(np.lexsort((-np.abs(change), -first)))


def _chosen(power: Array, order: list[int], least: float, enough: float) -> np.ndarray:
    """Elements that explain `least` or more each, until together they explain `enough`."""
    chosen, told = np.zeros(len(power), dtype=bool), 0.0
    for i in order:
        if told >= enough:
            break
        if power[i] > 0 and power[i] >= least:
            chosen[i] = True
            told += float(power[i])
    return chosen

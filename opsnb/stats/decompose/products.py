"""Products: the change of a product of named factors, shared out among the factors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import numpy as np
import pandas as pd

from opsnb.errors import ParameterError
from opsnb.stats.decompose.tables import Array, by_item, checked_keys, effects, number

Method = Literal["shapley", "chain", "lmdi"]
METHODS = ("shapley", "chain", "lmdi")
FELL_BACK = "lmdi needs positive factors; shapley was used"
Factors = Mapping[str, float] | Mapping[str, pd.Series]


def factors(
    before: Factors, after: Factors, *, method: Method = "shapley", by: bool = False
) -> pd.Series | pd.DataFrame:
    """Change of a product of named factors, by factor.

    Parameters
    ----------
    before, after : mapping
        Factor -> value. For a sum of products, such as price times quantity over items: factor ->
        Series by item, with the same items in all of them.
    method : {"shapley", "chain", "lmdi"}
        shapley: the mean of a factor's effect over all orders in which the factors may change;
        chain: in the order of `before`, each with the new values of those ahead of it, so that it
        depends on the order; lmdi: log mean of the product times the log change of the factor
        (Ang 2004), for positive factors only.
    by : bool
        Return the effects of each item.

    Returns
    -------
    Series
        One effect a factor, in the unit of the product; they sum to its change. The method that
        was used is its name and ``attrs["method"]``; where lmdi met a factor that is not positive,
        that is shapley, and ``attrs["note"]`` says so.
    DataFrame
        With `by`: item, effect, value; attrs likewise.

    Raises
    ------
    UnknownNameError
        The factors of `before` and `after` are not the same.
    ParameterError
        No factors, a value that is no number, items that differ, an unknown method.

    Notes
    -----
    The Shapley value of a multilinear function is the integral of its partial derivative along
    the diagonal (Owen 1972); for a product of n factors that is a polynomial of degree n - 1,
    which Gauss-Legendre integrates exactly, without going through the 2**n subsets.

    Examples
    --------
    >>> dupont = {"margin": 0.10, "turnover": 1.2, "leverage": 2.0}
    >>> later = {"margin": 0.12, "turnover": 1.1, "leverage": 2.1}
    >>> factors(dupont, later).round(6).to_dict()
    {'margin': 0.047133, 'turnover': -0.022567, 'leverage': 0.012633}
    >>> factors(dupont, later, method="chain").round(4).to_dict()
    {'margin': 0.048, 'turnover': -0.024, 'leverage': 0.0132}
    """
    if method not in METHODS:
        raise ParameterError(f"unknown method {method!r}", given=str(method), choices=METHODS)
    names = checked_keys(before, after)
    if not names:
        raise ParameterError("there are no factors", expected="at least one")
    items = _items(before, after, names)
    old, new = _values(before, "before", names, items), _values(after, "after", names, items)
    used: Method = method
    if method == "lmdi" and not ((old > 0).all() and (new > 0).all()):
        used = "shapley"
    parts = {"shapley": _shapley, "chain": _chain, "lmdi": _lmdi}[used](old, new)
    values = dict(zip(names, parts, strict=True))
    found = by_item(items, values) if by else effects(values, used)
    found.attrs |= {"method": used, "note": FELL_BACK if used != method else ""}
    return found


def _shapley(old: Array, new: Array) -> Array:
    """Integral over t of change * product of the others at old + t * change."""
    count = len(old)
    nodes, weights = np.polynomial.legendre.leggauss((count + 1) // 2)
    found = np.zeros_like(old)
    for node, weight in zip((nodes + 1) / 2, weights / 2, strict=True):
        between = old * (1 - node) + new * node
        found += weight * _others(between, between)
    return found * (new - old)


def _chain(old: Array, new: Array) -> Array:
    return _others(new, old) * (new - old)


def _others(ahead: Array, behind: Array) -> Array:
    """For each factor the product of those ahead of it and of those behind it."""
    one = np.ones_like(ahead[:1])
    left = np.cumprod(np.vstack([one, ahead[:-1]]), axis=0)
    right = np.cumprod(np.vstack([one, behind[:0:-1]]), axis=0)[::-1]
    return np.asarray(left * right, dtype=np.float64)


def _lmdi(old: Array, new: Array) -> Array:
    """Log mean times log change; L(a, b) = sqrt(a b) sinh(d / 2) / (d / 2), d = log(b / a)."""
    change = np.log(new) - np.log(old)
    half = change.sum(axis=0) / 2
    with np.errstate(invalid="ignore"):
        ratio = np.where(half == 0, 1.0, np.sinh(half) / np.where(half == 0, 1.0, half))
    middle = np.prod(np.sqrt(old) * np.sqrt(new), axis=0)
    found: Array = change * middle * ratio
    return found


def _items(before: Factors, after: Factors, names: list[str]) -> list[object]:
    """Items of the factors that are Series; one, without a name, where none is."""
    given = [value for side in (before, after) for value in (side[n] for n in names)]
    series = [value for value in given if isinstance(value, pd.Series)]
    if not series:
        return ["all"]
    items = list(series[0].index)
    for one in series:
        if one.index.has_duplicates or set(one.index) != set(items):
            raise ParameterError(
                "the factors do not have the same items", expected="each item once in each factor"
            )
    return items


def _values(side: Factors, name: str, names: list[str], items: list[object]) -> Array:
    """Array of shape (factors, items)."""
    found = np.empty((len(names), len(items)))
    for i, key in enumerate(names):
        value = side[key]
        if isinstance(value, pd.Series):
            known = dict(zip(value.index, value, strict=True))
            found[i] = [number(known[item], name, f"{key}, {item}") for item in items]
        else:
            found[i] = number(value, name, key)
    return found

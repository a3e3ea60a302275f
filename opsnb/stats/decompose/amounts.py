"""Amounts: price, volume and mix between two periods; a flexed budget against the actual."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from opsnb.errors import ParameterError
from opsnb.stats.decompose.tables import NOTHING, Array, by_item, effects, is_nothing, read, union

PVM = ("volume", "mix", "price", "new", "lost")
FLEXED = ("output", "usage", "price")


def price_volume_mix(
    before: pd.DataFrame, after: pd.DataFrame, *, by: bool = False
) -> pd.Series | pd.DataFrame:
    """Change of an amount as volume, mix and price of what was there before, new and lost items.

    With q, p the quantity and price of an item, Q the quantity of the items in both periods and
    P0 their mean price before: volume = (Q1 - Q0) P0; mix = sum (q1 - q0 Q1 / Q0) p0;
    price = sum (p1 - p0) q1; new = sum p1 q1; lost = - sum p0 q0.

    Parameters
    ----------
    before, after : DataFrame
        Columns item, quantity and price (amount of one); others are not looked at. Several rows of
        an item are one item at their mean price. Negative quantities and prices (returns, credit
        notes) count as they are.
    by : bool
        Return the effects of each item.

    Returns
    -------
    Series
        volume, mix, price, new, lost, in the unit of the amount; they sum to its change.
    DataFrame
        With `by`: item, effect, value; volume is what the item would bring had it moved with the
        whole.

    Raises
    ------
    UnknownNameError
        A column is missing.
    ParameterError
        A number or item is missing. A price may be, where the quantity is 0.

    Notes
    -----
    An item whose rows add up to no quantity, and have no price then, but to an amount (a sale, and
    its return at another price), is in no relation to a price: its amount is lost, or new.
    Where the items in both periods had no quantity before, there is no mix to speak of, and
    volume holds what both would.

    Examples
    --------
    >>> was = pd.DataFrame({"item": ["a", "b"], "quantity": [10, 10], "price": [1.0, 2.0]})
    >>> now = pd.DataFrame({"item": ["a", "b"], "quantity": [10, 20], "price": [1.0, 2.5]})
    >>> price_volume_mix(was, now).round(2).to_dict()
    {'volume': 15.0, 'mix': 5.0, 'price': 10.0, 'new': 0.0, 'lost': 0.0}
    """
    left, right = _items(before, "before"), _items(after, "after")
    items = union(left.index.to_series(), right.index.to_series())
    q0, p0, v0 = (left[name].reindex(items).to_numpy(np.float64) for name in left)
    q1, p1, v1 = (right[name].reindex(items).to_numpy(np.float64) for name in right)
    both = np.isfinite(p0) & np.isfinite(p1)
    whole = {"q0": np.where(both, q0, 0.0), "q1": np.where(both, q1, 0.0)}
    growth = _growth(whole["q0"], whole["q1"])
    old = np.where(both, p0, 0.0)
    volume = (whole["q1"] - whole["q0"]) * old if growth is None else growth * whole["q0"] * old
    values = {
        "volume": volume,
        "mix": (whole["q1"] - whole["q0"]) * old - volume,
        "price": np.where(both, v1, 0.0) - whole["q1"] * old,
        "new": np.where(both, 0.0, np.nan_to_num(v1)),
        "lost": np.where(both, 0.0, -np.nan_to_num(v0)),
    }
    return by_item(items, values) if by else effects(values, "price_volume_mix")


def flexed(
    budget: Mapping[str, float] | pd.DataFrame,
    actual: Mapping[str, float] | pd.DataFrame,
    *,
    by: bool = False,
) -> pd.Series | pd.DataFrame:
    """Cost over budget as volume, usage and price, the budget being flexed to the actual output.

    With output o, usage u of a resource for one of output, and price p of the resource:
    volume = (o1 - o0) u0 p0, which no one who uses or buys answers for; usage = (u1 - u0) o1 p0;
    price = (p1 - p0) o1 u1.

    Parameters
    ----------
    budget, actual : mapping or DataFrame
        output, usage and price; a frame has a row a resource, named in the column item (which one
        row alone need not have), and the same resources in both.
    by : bool
        Return the effects of each item.

    Returns
    -------
    Series or DataFrame
        volume, usage, price; positive means a larger cost.

    Raises
    ------
    UnknownNameError, ParameterError

    Examples
    --------
    >>> flexed(
    ...     {"output": 100, "usage": 2, "price": 10}, {"output": 110, "usage": 2.1, "price": 11}
    ... ).round(6).to_dict()
    {'volume': 200.0, 'usage': 110.0, 'price': 231.0}
    """
    left, right = _resources(budget, "budget"), _resources(actual, "actual")
    for one, other, name in ((left, right, "actual"), (right, left, "budget")):
        spare = [item for item in one.index if item not in other.index]
        if spare:
            raise ParameterError(
                f"item {spare[0]!r} is missing", where=name, expected="the same items in both"
            )
    o0, u0, p0 = (left[name].to_numpy() for name in FLEXED)
    o1, u1, p1 = (right[name].reindex(left.index).to_numpy() for name in FLEXED)
    values = {
        "volume": (o1 - o0) * u0 * p0,
        "usage": (u1 - u0) * o1 * p0,
        "price": (p1 - p0) * o1 * u1,
    }
    return by_item(left.index, values) if by else effects(values, "flexed")


def _items(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    """Quantity, price and amount by item; the price is missing where no quantity tells it."""
    rows = read(frame, name, "item", ("quantity", "price"), gaps=("price",))
    unknown = rows["price"].isna() & (rows["quantity"] != 0)
    if unknown.any():
        place = int(np.flatnonzero(unknown)[0])
        raise ParameterError(
            f"no price for a quantity of {rows['quantity'].iloc[place]:g}",
            where=f"{name}, row {place + 1}",
        )
    rows["amount"] = rows["quantity"] * rows["price"].fillna(0.0)
    groups = rows.groupby("item", sort=False)
    found = groups[["quantity", "amount"]].sum()
    size = rows["quantity"].abs().groupby(rows["item"], sort=False).sum()
    nothing = found["quantity"].abs() <= NOTHING * size
    listed = groups["price"].mean().where(groups["price"].nunique() == 1)
    mean = found["amount"] / found["quantity"].where(~nothing)
    price = mean.where(~nothing, listed.where(found["amount"] == 0))
    return found.assign(quantity=found["quantity"].mask(nothing, 0.0), price=price)[
        ["quantity", "price", "amount"]
    ]


def _growth(before: Array, after: Array) -> float | None:
    """Growth of the quantity of all items together; None from nothing."""
    total = float(before.sum())
    return None if is_nothing(total, before) else (float(after.sum()) - total) / total


def _resources(given: Mapping[str, float] | pd.DataFrame, name: str) -> pd.DataFrame:
    if isinstance(given, pd.DataFrame):
        alone = len(given) == 1 and "item" not in (*given.columns, given.index.name)
        rows = read(given.assign(item="all") if alone else given, name, "item", FLEXED)
        twice = rows["item"][rows["item"].duplicated()]
        if len(twice):
            raise ParameterError(f"item {twice.iloc[0]!r} stands twice", where=name)
        return rows.set_index("item")
    frame = pd.DataFrame([{"item": "all", **given}])
    return read(frame, name, "item", FLEXED).set_index("item")

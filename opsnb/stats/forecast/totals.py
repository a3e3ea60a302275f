"""Totals over units and months from joint paths: bottom-up, and coherent by construction.

A total is summed within each path, so that in every future the parts make the whole: means add up
exactly, and intervals of a total know how its parts move together and how long a shock stays.
Nothing is reconciled afterwards because nothing disagrees.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np
import pandas as pd

from opsnb.errors import ParameterError
from opsnb.stats.forecast.panel import Array, by_series
from opsnb.stats.forecast.paths import Paths


def add_up(paths: Paths, parents: Mapping[object, object]) -> Paths:
    """Paths of the parents, each the sum of the paths of its units.

    Parameters
    ----------
    paths : Paths
        Of the units; all end in the same month.
    parents : mapping of unique_id to the id of its parent
        A unit without one is left out.

    Raises
    ------
    ParameterError
        The units end in different months, or none has a parent.
    """
    if paths.ds.ndim != 1:
        raise ParameterError(
            "the series end in different months", expected="paths that cover the same months"
        )
    named = [parents.get(name) for name in paths.unique_id]
    rows = [row for row, parent in enumerate(named) if parent is not None]
    if not rows:
        raise ParameterError("no series has a parent", expected="a parent for some of them")
    codes, ids = pd.factorize(np.array([named[row] for row in rows], dtype=object), sort=True)
    values = np.zeros((len(ids), *paths.values.shape[1:]))
    np.add.at(values, codes, paths.values[rows])
    return Paths(values, pd.Index(ids), paths.ds)


def outcome(
    paths: Paths,
    *,
    to_date: float | Mapping[object, float] | pd.Series | None = None,
    target: float | Mapping[object, float] | pd.Series | None = None,
    better: Literal["higher", "lower"] = "higher",
    level: Sequence[float] = (80, 95),
) -> pd.DataFrame:
    """What the year comes to: what is there already and the sum of the months ahead.

    Parameters
    ----------
    paths : Paths
        Of the months that remain.
    to_date, target : float, mapping or Series by unique_id, optional
        Sum of the months that are over (0 where none is given), and what is to be reached; in the
        units of the series.
    better : {"higher", "lower"}
        A target is met at or above it, or at or below it.
    level : sequence of float
        Coverage in percent.

    Returns
    -------
    DataFrame[unique_id, mean, lo-80, hi-80, lo-95, hi-95, p_met]
        A row a series. `mean` is the expectation, which adds up over units; `p_met` the share of
        paths that meet the target, NaN without one.

    Raises
    ------
    ParameterError
        An unknown `better`, or a level out of range.
    """
    if better not in ("higher", "lower"):
        raise ParameterError(f"better={better!r}", expected="'higher' or 'lower'")
    if any(not 0 < percent < 100 for percent in level):
        raise ParameterError(f"level={level}", expected="percentages between 0 and 100")
    ids = paths.unique_id
    total = paths.values.sum(2) + by_series(to_date, ids, 0.0, "to_date")[:, None]
    columns: dict[str, Array | pd.Index] = {"unique_id": ids, "mean": total.mean(1)}
    for percent in level:
        tail = 0.5 - percent / 200
        columns[f"lo-{percent:g}"] = np.quantile(total, tail, axis=1)
        columns[f"hi-{percent:g}"] = np.quantile(total, 1 - tail, axis=1)
    goal = by_series(target, ids, np.nan, "target")
    met = total >= goal[:, None] if better == "higher" else total <= goal[:, None]
    columns["p_met"] = np.where(np.isnan(goal), np.nan, met.mean(1))
    return pd.DataFrame(columns)

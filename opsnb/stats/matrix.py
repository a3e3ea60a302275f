"""The risk matrix: grades on log scales, scores, ratings, and how well they order the risks.

Expected loss is frequency times severity. On grades that are logarithms it is their sum that
orders risks by it; their product does not (Cox, What's wrong with risk matrices?, 2008).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

Array = npt.NDArray[np.float64]
RATINGS = ("low", "medium", "high")


@dataclass(frozen=True)
class Reversals:
    """Pairs of risks that a score orders against their losses.

    Attributes
    ----------
    pairs : int
        Pairs with different scores and different losses.
    reversed : int
        Those in which the higher score has the lower loss.
    """

    pairs: int
    reversed: int

    @property
    def share(self) -> float:
        """Share of the pairs that are reversed; NaN where there are none."""
        return self.reversed / self.pairs if self.pairs else float("nan")


def grades(values: npt.ArrayLike, limits: Sequence[float]) -> npt.NDArray[np.int64]:
    """Grade of each value: 1 below the first limit, one more at each limit that it reaches.

    Parameters
    ----------
    values : array_like
        Events a year, or mean loss of an event in the register's currency.
    limits : sequence of float
        Rising; with equal ratios the grades are a log scale.

    Raises
    ------
    ValueError
        Limits that do not rise, or a missing value.

    >>> grades([0.05, 0.1, 5], [0.1, 0.3, 1, 3]).tolist()
    [1, 2, 5]
    """
    found = np.asarray(values, dtype=np.float64)
    if np.isnan(found).any():
        raise ValueError("a value to be graded is missing")
    return 1 + np.searchsorted(_rising(limits), found, side="right").astype(np.int64)


def ratings(expected: npt.ArrayLike, limits: Sequence[float]) -> list[str]:
    """``low``, ``medium`` or ``high`` by expected annual loss.

    Parameters
    ----------
    expected : array_like
        In the register's currency.
    limits : (medium, high)
        Losses from which a risk is rated so; they belong into the record beside the rating.

    Raises
    ------
    ValueError

    >>> ratings([50, 100, 300], (100, 300))
    ['low', 'medium', 'high']
    """
    if len(limits) != 2:
        raise ValueError(f"{len(limits)} limits; expected (medium, high)")
    return [RATINGS[grade - 1] for grade in grades(expected, limits)]


def reversals(
    score: npt.ArrayLike, loss: npt.ArrayLike, *, among: Sequence[object] | None = None
) -> Reversals:
    """How many pairs of risks a score puts into the wrong order.

    Parameters
    ----------
    score, loss : array_like
        One of each a risk.
    among : sequence, optional
        Classes such as ratings; then only pairs of different classes count.

    Raises
    ------
    ValueError
        Of different lengths.

    >>> reversals([5, 6], [100, 10])
    Reversals(pairs=1, reversed=1)
    """
    s, x = (np.asarray(values, dtype=np.float64) for values in (score, loss))
    if s.shape != x.shape or s.ndim != 1 or (among is not None and len(among) != s.size):
        raise ValueError(f"{s.size} scores for {x.size} losses; expected one a risk")
    one, other = np.triu_indices(s.size, 1)
    if among is not None:
        apart = [among[int(i)] != among[int(j)] for i, j in zip(one, other, strict=True)]
        one, other = one[apart], other[apart]
    order = np.sign(s[one] - s[other]) * np.sign(x[one] - x[other])
    return Reversals(int(np.count_nonzero(order)), int(np.count_nonzero(order < 0)))


def matrix(
    frame: pd.DataFrame,
    *,
    likelihood_limits: Sequence[float],
    impact_limits: Sequence[float],
    rating_limits: Sequence[float],
) -> pd.DataFrame:
    """Grades, scores and rating of each risk, with ranks by score and by loss.

    Parameters
    ----------
    frame : DataFrame
        risk_id, frequency (events a year), severity (mean loss of an event), loss (simulated mean
        annual loss); where a person graded a risk, likelihood and impact stand in as given.
    likelihood_limits, impact_limits, rating_limits : sequence of float
        Of `frequency`, `severity` and `loss`.

    Returns
    -------
    DataFrame
        risk_id, frequency, severity, loss, likelihood, impact, sum, product, rating, then rank
        (by loss, 1 the largest), sum_rank and product_rank; equal ones share the first rank.

    Raises
    ------
    ValueError
    """
    found = frame[["risk_id", "frequency", "severity", "loss"]].reset_index(drop=True)
    for column, measure, limits in (
        ("likelihood", "frequency", likelihood_limits),
        ("impact", "severity", impact_limits),
    ):
        own = pd.Series(grades(found[measure], limits))
        given = frame.get(column, pd.Series(pd.NA, frame.index)).reset_index(drop=True)
        found[column] = given.astype("Int64").fillna(own).astype("int64")
    found["sum"] = found["likelihood"] + found["impact"]
    found["product"] = found["likelihood"] * found["impact"]
    found["rating"] = ratings(found["loss"], rating_limits)
    for rank, column in (("rank", "loss"), ("sum_rank", "sum"), ("product_rank", "product")):
        found[rank] = found[column].rank(method="min", ascending=False).astype("int64")
    return found


def _rising(limits: Sequence[float]) -> Array:
    edges = np.asarray(limits, dtype=np.float64)
    if edges.ndim != 1 or not edges.size or not (np.diff(edges) > 0).all():
        raise ValueError(f"limits {list(limits)}; expected numbers that rise")
    return edges

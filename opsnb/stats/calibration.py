"""Whether probabilities and intervals held what they said."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import pandas as pd

EDGES = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
DOUBT = 0.01
"""Chance at which coverage this low is no accident any more."""
FEWEST = 20


def calibration(
    probability: npt.ArrayLike, happened: npt.ArrayLike, edges: tuple[float, ...] = EDGES
) -> pd.DataFrame:
    """Said beside happened, by class of probability: the reliability diagram's table.

    Murphy & Winkler 1977. A class is closed below and open above, but for the last one.

    Returns
    -------
    DataFrame[low, high, n, said, happened]
        `said` is the mean probability in the class and `happened` the share that came true; NaN in
        a class without any.

    >>> calibration([0.1, 0.9, 1.0], [0, 1, 1]).dropna()[["n", "said", "happened"]].values.tolist()
    [[1.0, 0.1, 0.0], [2.0, 0.95, 1.0]]
    """
    p, y = np.asarray(probability, np.float64), np.asarray(happened, np.float64)
    place = np.clip(np.searchsorted(edges, p, side="right") - 1, 0, len(edges) - 2)
    rows = []
    for k in range(len(edges) - 1):
        mine = place == k
        n = int(mine.sum())
        means = (p[mine].mean(), y[mine].mean()) if n else (math.nan, math.nan)
        rows.append((edges[k], edges[k + 1], n, *means))
    return pd.DataFrame(rows, columns=["low", "high", "n", "said", "happened"])


def brier(probability: npt.ArrayLike, happened: npt.ArrayLike) -> float:
    """Mean squared distance of a probability from what happened (Brier 1950); NaN without any.

    >>> brier([0.5, 1.0], [1, 1])
    0.125
    """
    p, y = np.asarray(probability, np.float64), np.asarray(happened, np.float64)
    return float(np.mean((p - y) ** 2)) if p.size else math.nan


def chance_of_fewer(inside: int, n: int, level: float) -> float:
    """Probability that intervals of `level` percent hold `inside` of `n` values or fewer.

    Binomial, as if the values were independent of one another.

    >>> round(chance_of_fewer(0, 2, 80), 4)
    0.04
    """
    p = level / 100
    return math.fsum(
        math.exp(_log_choose(n, k) + k * math.log(p) + (n - k) * math.log1p(-p))
        for k in range(inside + 1)
    )


def too_narrow(inside: int, n: int, level: float) -> bool:
    """Whether intervals held too few values for it to be chance; never of fewer than 20.

    >>> too_narrow(60, 100, 80), too_narrow(78, 100, 80), too_narrow(0, 5, 80)
    (True, False, False)
    """
    return n >= FEWEST and chance_of_fewer(inside, n, level) < DOUBT


def _log_choose(n: int, k: int) -> float:
    return math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)

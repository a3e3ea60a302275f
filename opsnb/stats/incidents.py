"""What incidents say about a register: frequencies brought up to date, and VaR put to the test."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd


def frequency_update(
    mean: npt.ArrayLike,
    cv: npt.ArrayLike,
    incidents: npt.ArrayLike,
    years: npt.ArrayLike,
    *,
    level: float = 0.9,
) -> pd.DataFrame:
    """Frequency after some years of incidents, by Gamma and Poisson.

    The judgement so far is a Gamma of shape a = 1 / cv² and rate a / mean; after k incidents in t
    years it is a Gamma of shape a + k and rate a / mean + t.

    Parameters
    ----------
    mean : array_like
        Events a year, as judged before.
    cv : array_like
        How uncertain that judgement is: standard deviation / mean.
    incidents : array_like of int
    years : array_like
        Years in which they were counted.
    level : float
        Of the interval.

    Returns
    -------
    DataFrame
        prior, observed (incidents / years), posterior, low, high, all a year, and weight (of what
        was observed in the posterior). Observed is NaN without years.

    Raises
    ------
    ValueError
        A number is missing or out of range.

    >>> frequency_update(0.5, 1.0, 3, 2)["posterior"].tolist()
    [1.0]
    """
    from scipy.special import gammaincinv

    rows = np.broadcast_arrays(*(np.atleast_1d(x) for x in (mean, cv, incidents, years)))
    m, v, k, t = (np.asarray(row, dtype=np.float64) for row in rows)
    if not ((m > 0) & (v > 0) & (k >= 0) & (t >= 0) & np.isfinite(m + v + k + t)).all():
        raise ValueError("expected mean > 0, cv > 0, incidents >= 0 and years >= 0")
    if not 0 < level < 1:
        raise ValueError(f"level={level!r}; expected a number between 0 and 1")
    if (k != np.floor(k)).any() or ((k > 0) & (t == 0)).any():
        raise ValueError("expected whole numbers of incidents, and years where there are any")
    shape, rate = 1 / v**2 + k, 1 / v**2 / m + t
    tail = (1 - level) / 2
    observed = np.divide(k, t, out=np.full_like(k, np.nan), where=t > 0)
    return pd.DataFrame(
        {
            "prior": m,
            "observed": observed,
            "posterior": shape / rate,
            "low": gammaincinv(shape, tail) / rate,
            "high": gammaincinv(shape, 1 - tail) / rate,
            "weight": t / rate,
        }
    )


@dataclass(frozen=True)
class Backtest:
    """Years whose loss went beyond VaR.

    Attributes
    ----------
    years, beyond : int
    expected : float
        (1 - q) x years.
    pvalue : float
        How likely at least so many are, if VaR is right.
    """

    years: int
    beyond: int
    expected: float
    pvalue: float


def backtest(losses: npt.ArrayLike, var: npt.ArrayLike, q: float) -> Backtest:
    """Annual losses that happened against the VaR that was issued for their years.

    Parameters
    ----------
    losses : array_like
        Loss of each year, in the register's currency.
    var : array_like
        VaR of each year, or one for all.
    q : float
        Its level, between 0 and 1.

    Raises
    ------
    ValueError
        No year, a missing number, or a level out of range.

    >>> backtest([1, 5, 2], 4, 0.9).beyond
    1
    """
    from scipy.special import bdtrc

    found, limit = np.broadcast_arrays(np.atleast_1d(losses), np.atleast_1d(var))
    if not found.size or not np.isfinite(found + limit).all():
        raise ValueError("expected a loss and a VaR for each of one year or more")
    if not 0 < q < 1:
        raise ValueError(f"q={q!r}; expected a number between 0 and 1")
    beyond = int(np.count_nonzero(found > limit))
    chance = float(bdtrc(beyond - 1, found.size, 1 - q))
    return Backtest(found.size, beyond, (1 - q) * found.size, chance)

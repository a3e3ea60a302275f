"""Whole paths of the future, joined over months and across series.

A path is a Gaussian copula with the marginal distributions of the intervals. Over months a shock
stays with the share alpha of its series, as in simple exponential smoothing:

    u_k = (e_k + a (e_1 + ... + e_{k-1})) / sqrt(1 + a^2 (k - 1)),   a = alpha + 0.1

where the tenth stands for what is not known of level and season, which stays as well: with it the
sums of twelve months of the development panels lie in their intervals as often as single months do.

Across series each month's shocks have one common factor: e = l F + sqrt(1 - l^2) own, so that the
correlation between two series is the product of their loadings l.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
import pandas as pd

from opsnb.errors import ParameterError
from opsnb.stats.forecast.intervals import Bound, outlook
from opsnb.stats.forecast.panel import Array, Months, stamps
from opsnb.stats.forecast.scale import Scale

KEPT = 0.1
"""Share of a shock that stays in any series, besides its own alpha."""


@dataclass(frozen=True)
class Paths:
    """Simulated futures.

    Attributes
    ----------
    values : ndarray of float64, shape (series, path, month)
        In the units of the series. Path p of one series goes with path p of every other.
    unique_id : Index
        Ids of the series, ascending.
    ds : ndarray of datetime64, shape (series, month) or (month,)
        First days of the months; one axis where all series end in the same month.
    """

    values: Array
    unique_id: pd.Index
    ds: np.ndarray[tuple[int, ...], np.dtype[np.datetime64]]


def simulate_paths(  # noqa: PLR0913 - the words of `forecast`, and its own
    panel: pd.DataFrame,
    h: int,
    *,
    paths: int = 1000,
    seed: int = 0,
    season_length: int = 12,
    lower: Bound = None,
    upper: Bound = None,
    factors: pd.DataFrame | None = None,
    scale: Scale | None = None,
    correlation: float | None = None,
) -> Paths:
    """Joint futures of all series, with the quantiles of `forecast`.

    Parameters
    ----------
    panel, h, season_length, lower, upper, factors, scale
        As of `forecast`.
    paths : int
        Number of futures.
    seed : int
        A series' own shocks depend on the seed and its id, the common ones on the seed and the
        month: its paths are the same alone and in any batch.
    correlation : float, optional
        Correlation between the shocks of any two series, 0 to 1. Without it the loadings of `scale`
        stand, and 0.3 between series of which it knows nothing.

    Raises
    ------
    ParameterError
        As of `forecast`; fewer than one path; a correlation out of range.
    """
    if h < 1 or paths < 1:
        raise ParameterError(f"h={h}, paths={paths}", expected="at least one of each")
    if correlation is not None and not 0 <= correlation <= 1:
        raise ParameterError(f"correlation={correlation}", expected="a number between 0 and 1")
    found = outlook(panel, h, season_length, lower, upper, factors, scale)
    ids, months = found.panel.unique_id, found.panel.months(h)
    loading = (scale or Scale()).loading(ids)
    if correlation is not None:
        loading = np.full(len(ids), np.sqrt(correlation))
    shocks = _shocks(ids, months, loading, paths, seed)
    z = _over_months(shocks, found.fitted.averaged.alpha + KEPT)
    together = len(ids) > 0 and (months == months[0]).all()
    ds = stamps(months.ravel()).to_numpy().reshape(months.shape)
    return Paths(found.at(z), ids, ds[0] if together else ds)


def _shocks(ids: pd.Index, months: Months, loading: Array, paths: int, seed: int) -> Array:
    """Standard normal shocks, shape (series, path, month)."""
    common = {
        month: np.random.default_rng([seed, 0, month]).standard_normal(paths)
        for month in np.unique(months).tolist()
    }
    out = np.empty((len(ids), paths, months.shape[1]))
    for row, name in enumerate(ids):
        key = int.from_bytes(hashlib.sha256(str(name).encode()).digest()[:8], "big")
        own = np.random.default_rng([seed, 1, key]).standard_normal((months.shape[1], paths))
        shared = np.array([common[month] for month in months[row].tolist()])
        out[row] = (loading[row] * shared + np.sqrt(1 - loading[row] ** 2) * own).T
    return out


def _over_months(shocks: Array, kept: Array) -> Array:
    """Shocks accumulated over months and brought back to unit variance."""
    a = kept[:, None, None]
    before = np.cumsum(shocks, axis=2) - shocks
    k = np.arange(shocks.shape[2])
    return np.asarray((shocks + a * before) / np.sqrt(1 + a**2 * k))

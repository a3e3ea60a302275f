"""Correlation of a metric with candidates at several lags, corrected for all that was tried."""

from __future__ import annotations

import math
from collections.abc import Iterable
from statistics import NormalDist
from typing import Literal

import numpy as np
import pandas as pd

from opsnb.errors import ParameterError
from opsnb.stats.association.comparable import Array, comparable
from opsnb.stats.distributions import t_pvalue

COLUMNS = (
    "candidate", "lag", "method", "basis", "nobs", "nobs_effective", "correlation", "ci_lower",
    "ci_upper", "pvalue", "pvalue_adjusted",
)  # fmt: skip
FEWEST = 8
"""Pairs of values below which nothing is said."""
ROUNDING = 1e-12
"""Share of its largest value below which what a series varies by is rounding."""
MULTIPLICITY = ("holm", "fdr_bh", "none")
METHODS = ("pearson", "spearman")


def correlate(
    y: pd.Series,
    x: pd.DataFrame | pd.Series,
    *,
    lags: Iterable[int] = (0, 1, 2, 3),
    level: float = 0.95,
    basis: str = "auto",
    season_length: int = 12,
    multiplicity: Literal["holm", "fdr_bh", "none"] = "holm",
    autocorrelation: bool = True,
) -> pd.DataFrame:
    """Pearson's and Spearman's correlation of `y` with each candidate, at each lag.

    Parameters
    ----------
    y : Series
        One value a period, in order and evenly spaced; NaN where missing.
    x : DataFrame or Series
        Candidates, on the same index.
    lags : iterable of int
        Periods by which the candidate is ahead: at 2, x of two periods ago with y of now.
    level : float
        Confidence of the intervals, between 0 and 1.
    basis : str
        See :func:`opsnb.stats.association.comparable.comparable`; chosen for y with each candidate.
    multiplicity : {"holm", "fdr_bh", "none"}
        Correction over all rows: every candidate, lag and method was tried.
    autocorrelation : bool
        Count pairs by how much they tell when neighbours resemble each other: n / (1 + 2 sum over
        k of (1 - k / n) r_x(k) r_y(k)), to n / 5 lags, and not above n (Pyper and Peterman 1998).

    Returns
    -------
    DataFrame
        candidate, lag, method (pearson, spearman), basis, nobs, nobs_effective, correlation,
        ci_lower, ci_upper (Fisher's z; for ranks with the variance of Bonett and Wright 2000),
        pvalue (t test), pvalue_adjusted. Where fewer than 8 pairs are there, or a side does not
        vary, the numbers are NaN; such a row counts as not tried.

    Raises
    ------
    ParameterError
        Indexes that differ, a negative lag, a level outside 0 and 1, an unknown basis or
        correction.
    """
    x = x.to_frame(x.name or "x") if isinstance(x, pd.Series) else x
    lags = list(dict.fromkeys(lags))
    _check(y, x, lags, level, multiplicity)
    rows = []
    for name in x:
        pair = pd.DataFrame({"y": y, "x": x[name]}, dtype="float64")
        shown, used, spent = comparable(pair, basis, season_length=season_length)
        a, b = (shown[column].to_numpy() for column in ("x", "y"))
        for lag in lags:
            for method in METHODS:
                found = _pair(a, b, lag, method, spent, autocorrelation)
                rows.append((name, lag, method, used, *_judged(found, method, level)))
    frame = pd.DataFrame(rows, columns=list(COLUMNS[:-1]))
    frame["pvalue_adjusted"] = adjusted(frame["pvalue"].to_numpy(np.float64), multiplicity)
    return frame


def adjusted(pvalues: Array, method: str) -> Array:
    """P values corrected for their number; NaN stays and is not counted.

    Step-down after Holm (1979), step-up after Benjamini and Hochberg (1995).
    """
    found = np.full(len(pvalues), np.nan)
    known = np.isfinite(pvalues)
    if method == "none" or not known.any():
        return np.where(known, pvalues, np.nan)
    order = np.argsort(pvalues[known], kind="stable")
    ranked, count = pvalues[known][order], int(known.sum())
    if method == "holm":
        stepped = np.maximum.accumulate(ranked * np.arange(count, 0, -1))
    else:
        from_last = (ranked * count / np.arange(1, count + 1))[::-1]
        stepped = np.minimum.accumulate(from_last)[::-1]
    back = np.empty(count)
    back[order] = np.minimum(stepped, 1.0)
    found[known] = back
    return found


def effective(a: Array, b: Array) -> float:
    """Pairs as many as would tell the same without autocorrelation; see :func:`correlate`."""
    count = int((np.isfinite(a) & np.isfinite(b)).sum())
    most = count // 5
    total = sum((1 - k / count) * _lagged(a, k) * _lagged(b, k) for k in range(1, most + 1))
    return min(count / max(1 + 2 * total, 1.0), float(count))


def _pair(
    a: Array, b: Array, lag: int, method: str, spent: int, autocorrelation: bool
) -> tuple[int, float, float]:
    """Pairs, what they tell after the degrees of freedom that were `spent`, and correlation."""
    a, b = (a[: len(a) - lag], b[lag:]) if lag < len(a) else (a[:0], b[:0])
    known = np.isfinite(a) & np.isfinite(b)
    count = int(known.sum())
    if count < FEWEST:
        return count, math.nan, math.nan
    tells = (effective(a, b) if autocorrelation else float(count)) - spent
    sides = [a[known], b[known]]
    if tells <= 3 or any(map(_is_flat, sides)):
        return count, tells, math.nan
    if method == "spearman":
        sides = [np.asarray(pd.Series(side).rank(), dtype=np.float64) for side in sides]
    left, right = (_centred(side) for side in sides)
    size = math.sqrt(float(left @ left) * float(right @ right))
    return count, tells, min(max(float(left @ right) / size, -1.0), 1.0)


def _is_flat(values: Array) -> bool:
    """Whether they vary by no more than rounding does."""
    return bool(np.ptp(values) <= ROUNDING * np.abs(values).max())


def _centred(values: Array) -> Array:
    """Distances from the mean, of which the largest is 1."""
    away = values - values.mean()
    return np.asarray(away / np.abs(away).max())


def _judged(
    found: tuple[int, float, float], method: str, level: float
) -> tuple[int, float, float, float, float, float]:
    """Number of pairs, effective number, correlation, interval, p value."""
    count, tells, r = found
    if math.isnan(r):
        return count, tells, math.nan, math.nan, math.nan, math.nan
    if abs(r) == 1:
        return count, tells, r, r, r, 0.0
    spread = math.sqrt((1 + r * r / 2 if method == "spearman" else 1.0) / (tells - 3))
    reach = NormalDist().inv_cdf((1 + level) / 2) * spread
    middle = math.atanh(r)
    pvalue = t_pvalue(r * math.sqrt((tells - 2) / (1 - r * r)), tells - 2)
    return count, tells, r, math.tanh(middle - reach), math.tanh(middle + reach), pvalue


def _lagged(values: Array, lag: int) -> float:
    """Autocorrelation at a lag, of what is there."""
    centred = values - np.nanmean(values)
    size = float(np.nansum(centred**2))
    return float(np.nansum(centred[:-lag] * centred[lag:])) / size if size else 0.0


def _check(y: pd.Series, x: pd.DataFrame, lags: list[int], level: float, method: str) -> None:
    if not y.index.equals(x.index):
        raise ParameterError("y and x do not have the same index", expected="the same periods")
    if any(lag < 0 for lag in lags):
        raise ParameterError(f"lag {min(lags)} is negative", expected="0 or more periods")
    if not 0 < level < 1:
        raise ParameterError(f"level is {level:g}", expected="a share such as 0.95")
    if method not in MULTIPLICITY:
        raise ParameterError(f"unknown correction {method!r}", given=method, choices=MULTIPLICITY)

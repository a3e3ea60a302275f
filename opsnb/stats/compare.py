"""Comparison of an actual with a base, a target or a plan; NaN where it is not applicable."""

from __future__ import annotations

from typing import Literal

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Turn = Literal["", "to profit", "to loss", "smaller loss", "larger loss"]


def growth(actual: npt.ArrayLike, base: npt.ArrayLike) -> Array:
    """(A - B) / abs(B), a ratio; NaN where the base is zero or a value is missing.

    >>> growth([110.0, 5.0], [100.0, 0.0]).tolist()
    [0.1, nan]
    """
    return _relative(*_pair(actual, base))


def turn(actual: float, base: float) -> Turn:
    """Name of a change in which a negative value takes part, where a growth rate misleads.

    >>> turn(3.0, -2.0), turn(-1.0, -2.0)
    ('to profit', 'smaller loss')
    """
    if base < 0 < actual:
        return "to profit"
    if actual < 0 < base:
        return "to loss"
    if actual < 0 and base < 0 and actual != base:
        return "smaller loss" if actual > base else "larger loss"
    return ""


def attainment(
    actual: npt.ArrayLike,
    target: npt.ArrayLike,
    *,
    better: Literal["higher", "lower", "band"] = "higher",
    band: tuple[float, float] | None = None,
) -> Array:
    """Degree to which a target is met, a ratio; 1 is exactly met.

    Higher is better: 1 + (A - P) / abs(P); lower is better: 1 - (A - P) / abs(P); a band: 1 inside,
    else 1 less the distance to the nearer edge over that edge's size.

    Parameters
    ----------
    actual, target : array_like of float
        `target` is not used for a band.
    better : {"higher", "lower", "band"}
    band : (low, high)
        With ``better="band"``.

    Returns
    -------
    ndarray of float64
        NaN where the target (or the edge) is zero or a value is missing.

    Raises
    ------
    ValueError
        ``better="band"`` without a band, or an unknown `better`.

    >>> attainment([95.0], [100.0]).tolist(), attainment([95.0], [100.0], better="lower").tolist()
    ([0.95], [1.05])
    """
    if better == "band":
        if band is None:
            raise ValueError("better='band' needs band=(low, high)")
        return _within(np.asarray(actual, dtype=np.float64), band)
    if better not in ("higher", "lower"):
        raise ValueError(f"better={better!r}; expected 'higher', 'lower' or 'band'")
    sign = 1.0 if better == "higher" else -1.0
    return 1.0 + sign * _relative(*_pair(actual, target))


def two_year_growth(first: npt.ArrayLike, second: npt.ArrayLike) -> Array:
    """Average yearly growth over two years, sqrt((1 + g1) (1 + g2)) - 1, a ratio.

    NaN where a year lost more than everything (growth below -1), which is no rate to average.

    >>> round(float(two_year_growth(-0.135, 0.351)), 4)
    0.081
    """
    left, right = (1.0 + g for g in _pair(first, second))
    with np.errstate(all="ignore"):
        product = np.where((left >= 0) & (right >= 0), left * right, np.nan)
        return _finite(np.sqrt(product) - 1.0)


def required_run_rate(
    target: npt.ArrayLike, to_date: npt.ArrayLike, remaining: npt.ArrayLike
) -> Array:
    """Amount each remaining working day must bring: (year target - to date) / remaining days.

    NaN where no day remains.
    """
    t, d = _pair(target, to_date)
    days = np.asarray(remaining, dtype=np.float64)
    with np.errstate(all="ignore"):
        return _divide(t - d, np.where(days > 0, days, np.nan))


def time_progress(elapsed: npt.ArrayLike, total: npt.ArrayLike) -> Array:
    """Share of the year that is over, elapsed / total days, a ratio."""
    return _divide(*_pair(elapsed, total))


def _pair(left: npt.ArrayLike, right: npt.ArrayLike) -> tuple[Array, Array]:
    return np.asarray(left, dtype=np.float64), np.asarray(right, dtype=np.float64)


def _relative(value: Array, base: Array) -> Array:
    """Difference to the base over the size of the base."""
    with np.errstate(all="ignore"):
        return _divide(value - base, np.abs(base))


def _divide(numerator: Array, denominator: Array) -> Array:
    """Quotient; NaN where the denominator is zero or the quotient is beyond a float."""
    with np.errstate(all="ignore"):
        return _finite(numerator / np.where(denominator == 0, np.nan, denominator))


def _finite(values: Array) -> Array:
    return np.where(np.isfinite(values), values, np.nan)


def _within(actual: Array, band: tuple[float, float]) -> Array:
    low, high = (np.full_like(actual, edge) for edge in band)
    with np.errstate(all="ignore"):
        distance = np.where(actual < low, low - actual, actual - high)
    edge = np.where(actual < low, low, high)
    outside = 1.0 - _divide(distance, np.abs(edge))
    inside = (low <= actual) & (actual <= high)
    return np.where(inside, 1.0, outside)

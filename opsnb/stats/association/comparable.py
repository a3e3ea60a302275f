"""Comparable series: without the trend and the season that any two series may share."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import pandas as pd

from opsnb.errors import ParameterError
from opsnb.stats.distributions import f_pvalue, t_pvalue

Array = npt.NDArray[np.float64]
BASES = ("level", "adjusted", "detrended", "adjusted, detrended", "differenced",
         "adjusted, differenced")  # fmt: skip
SEASONS = 3
"""Whole years that a season is estimated from, at least."""
PERSISTENT = 0.5
"""Lag-1 correlation from which on what is left is more of a walk than of a level."""
SURE = 0.01


def comparable(
    frame: pd.DataFrame, basis: str = "auto", *, season_length: int = 12
) -> tuple[pd.DataFrame, str, int]:
    """Columns of `frame` on one basis on which they can be compared.

    Parameters
    ----------
    frame : DataFrame
        A column a series, a row a period, in order and evenly spaced; NaN where missing.
    basis : str
        One of `BASES`, or "auto", which asks of each series: does it have a season (F test of the
        season's means beside a line, from three seasons on)? Is what a line leaves persistent
        (lag-1 correlation above 0.5, as a walk's is)? Does it have a trend (t test of the line,
        widened by the lag-1 correlation)? What one series needs is done to all, so that they stay
        alike: adjusted (season's means taken out), then differenced, or else detrended (a line
        taken out).
    season_length : int
        Periods of a season; below 2 there is none.

    Returns
    -------
    frame : DataFrame
        Same index and columns; the first row of differences is missing.
    basis : str
        One of `BASES`.
    spent : int
        Degrees of freedom that were spent, beside the mean.

    Raises
    ------
    ParameterError
        Unknown basis.
    """
    if basis not in (*BASES, "auto"):
        raise ParameterError(f"unknown basis {basis!r}", given=basis, choices=(*BASES, "auto"))
    columns = [frame[name].to_numpy(dtype=np.float64, na_value=np.nan) for name in frame]
    if basis == "auto":
        basis = _basis(columns, season_length)
    spent = 0
    if basis.startswith("adjusted"):
        columns = [_adjusted(column, season_length) for column in columns]
        spent += season_length - 1
    if basis.endswith("differenced"):
        columns = [np.diff(column, prepend=np.nan) for column in columns]
    elif basis.endswith("detrended"):
        columns = [column - _line(column) for column in columns]
        spent += 1
    shown = dict(zip(frame.columns, columns, strict=True))
    return pd.DataFrame(shown, index=frame.index), basis, spent


def lag_one(values: Array) -> float:
    """Lag-1 autocorrelation of what is there, about its mean; 0 where there is too little."""
    centred = values - np.nanmean(values) if np.isfinite(values).any() else values
    both = np.isfinite(centred[:-1]) & np.isfinite(centred[1:])
    size = float(np.nansum(centred**2))
    if both.sum() < 3 or size == 0:
        return 0.0
    return float((centred[:-1] * centred[1:])[both].sum() / size)


def _basis(columns: list[Array], season_length: int) -> str:
    seasonal = any(_has_season(column, season_length) for column in columns)
    if seasonal:
        columns = [_adjusted(column, season_length) for column in columns]
    left = [column - _line(column) for column in columns]
    if any(_persistence(column) > PERSISTENT for column in left):
        found = "differenced"
    elif any(_has_trend(column) for column in columns):
        found = "detrended"
    else:
        found = ""
    return ", ".join(word for word in ("adjusted" if seasonal else "", found) if word) or "level"


def _persistence(left: Array) -> float:
    """Lag-1 correlation of what a line leaves, put right for its bias of about -(1 + 4 r) / n."""
    count, r = int(np.isfinite(left).sum()), lag_one(left)
    return r + (1 + 4 * r) / count if count > 4 else 0.0


def _line(values: Array) -> Array:
    """Least-squares line through what is there, at all places; the mean through less than three."""
    known = np.isfinite(values)
    place = np.arange(len(values), dtype=np.float64)
    if known.sum() < 3:
        return np.full(len(values), np.nanmean(values) if known.any() else 0.0)
    centre = place[known].mean()
    mean = values[known].mean()
    slope = ((place[known] - centre) * (values[known] - mean)).sum() / (
        (place[known] - centre) ** 2
    ).sum()
    found: Array = mean + slope * (place - centre)
    return found


def _has_trend(values: Array) -> bool:
    """T test of the line's slope; neighbours that resemble each other count for fewer points."""
    known = np.isfinite(values)
    count = int(known.sum())
    if count < 6:
        return False
    line = _line(values)
    left, explained = values - line, line[known] - line[known].mean()
    rest = float(np.nansum(left**2))
    if rest <= 1e-24 * float((values[known] ** 2).sum()):
        return bool(np.any(explained))
    r = min(max(lag_one(left), 0.0), 0.9)
    effective = count * (1 - r) / (1 + r)
    if effective <= 3:
        return False
    statistic = math.sqrt(float((explained**2).sum()) / rest * (effective - 2))
    return bool(t_pvalue(statistic, effective - 2) < SURE)


def _means(values: Array, season_length: int) -> Array:
    """Mean of each place of the season, once a line is taken out; together they are 0."""
    left = values - _line(values)
    found = np.array([_mean(left[k::season_length]) for k in range(season_length)])
    found -= found.mean()
    return found


def _mean(values: Array) -> float:
    return float(np.nanmean(values)) if np.isfinite(values).any() else 0.0


def _adjusted(values: Array, season_length: int) -> Array:
    means = _means(values, season_length)
    found: Array = values - means[np.arange(len(values)) % season_length]
    return found


def _has_season(values: Array, season_length: int) -> bool:
    """F test of the season's means, against what a line and they leave."""
    count = int(np.isfinite(values).sum())
    spare = count - season_length - 1
    if season_length < 2 or count < SEASONS * season_length or spare < 1:
        return False
    without = values - _line(values)
    adjusted = _adjusted(values, season_length)
    left = adjusted - _line(adjusted)
    rest, whole = float(np.nansum(left**2)), float(np.nansum(without**2))
    if rest <= 1e-24 * float(np.nansum(values**2)):
        return whole > rest
    statistic = (whole - rest) / (season_length - 1) / (rest / spare)
    return bool(f_pvalue(statistic, season_length - 1, spare) < SURE)

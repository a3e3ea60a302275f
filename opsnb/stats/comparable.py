"""A comparable series: what a control chart of a metric may be drawn on.

A chart of raw values flags growth, season and the calendar instead of change. Which of the
bases holds is tested on the months before the last one, which must not choose its own judge.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from opsnb.stats.limits import limits

Array = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Basis = Literal["level", "adjusted", "yoy_log", "detrended"]
FEWEST = 10
"""Points below which nothing is said of a series."""
TREND_Z, SEASON_Z, LAG_Z, STOCK_LAG_Z = 1.645, 2.326, 1.96, 0.84
"""One-sided 5 %, 1 %, 2.5 % and 20 %: as normal scores."""
TINY = 1e-9
"""Residuals below this share of the values are rounding."""
FEW = 0.15
"""Share of points up to which those outside the limits are signals; more are the process itself."""
TREND_OR_SEASON = "trend or season without a year to compare with"
DEPENDENT = "neighbouring months depend on each other"


def basis(
    series: npt.ArrayLike,
    *,
    adjusted: npt.ArrayLike | None = None,
    kind: Literal["flow", "stock", "rate"] = "flow",
    season_length: int = 12,
    points: int | None = None,
    rebase: Sequence[int] = (),
    yearly: npt.ArrayLike | None = None,
) -> pd.DataFrame:
    """The series on the first basis on which its months are comparable.

    In order: ``level``, or ``adjusted`` where the calendar changes something; ``detrended``,
    less a straight line; ``yoy_log``, the log of the ratio to the same month a year before (of
    a rate, the difference). A basis holds when its months before the last show no trend (5 %),
    no season (1 %, from two seasons on) and no lag-1 correlation (2.5 %). Up to 15 % of the
    points that lie outside their limits are left out of the tests, being signals of their own.
    Where neighbours alone depend on each other no line or year before helps, and none is tried.

    Parameters
    ----------
    series : array_like of float, shape (n,)
        One value a month, oldest first, NaN where missing; the last one is the reported month.
    adjusted : array_like of float, optional
        The same, adjusted for the calendar: see :func:`opsnb.stats.adjust.adjust`.
    kind : {"flow", "stock", "rate"}
        Rates differ in points. A stock carries over from month to month: its neighbours are taken
        to depend on each other at a correlation that noise exceeds in one case of five (20 %).
    season_length : int
        Months of a year.
    points : int, optional
        Months that the chart shows, the last ones; the tests look at these. All by default.
    rebase : sequence of int
        Places at which the level is known to change: the tests allow for it, and growth over
        such a change is not comparable and left out.
    yearly : array_like of float, optional
        The values to compare with the year before where they differ from the adjusted ones:
        January and February as one.

    Returns
    -------
    DataFrame
        ``value`` (float64, NaN where missing) and ``basis`` (str), as long as `series`, with
        its index. Where no basis holds, all values are NaN and the basis is empty;
        ``attrs["reason"]`` then says why: ``"too few points"``, ``"neighbouring months depend
        on each other"`` or ``"trend or season without a year to compare with"``.
        ``attrs["trend"]``: the line that was taken off, zeros where none was.
        ``attrs["lag"]``: lag-1 correlation on the chosen basis.

    Examples
    --------
    >>> noise = np.random.default_rng(0).normal(100, 3, 36)
    >>> basis(noise)["basis"].iloc[-1], basis(noise + 3 * np.arange(36))["basis"].iloc[-1]
    ('level', 'detrended')
    """
    index = series.index if isinstance(series, pd.Series) else None
    raw = np.asarray(series, dtype=np.float64).reshape(-1)
    fair = raw if adjusted is None else np.asarray(adjusted, dtype=np.float64).reshape(-1)
    shown = np.arange(len(raw)) >= len(raw) - (points or len(raw))
    segments = _segments(len(raw), rebase)
    year = fair if yearly is None else np.asarray(yearly, dtype=np.float64).reshape(-1)
    reason, found = "too few points", _candidates(raw, fair, shown, segments)
    if len(raw) > season_length:
        growth = _growth(year, segments, kind, season_length)
        found.append(("yoy_log", growth, np.zeros(len(raw))))
    for name, x, line in found:
        past = shown & np.isfinite(x)
        past[-1:] = False
        if past.sum() < FEWEST - 1 or not np.isfinite(x[-1:]).any():
            continue
        season = season_length if name != "yoy_log" else 0
        fault, lag = _fault(x, past, segments, season, STOCK_LAG_Z if kind == "stock" else LAG_Z)
        if not fault:
            return _frame(x, name, "", line, lag, index)
        reason = fault
        if fault == DEPENDENT and name in ("level", "adjusted"):
            break
    return _frame(np.full(len(raw), math.nan), "", reason, np.zeros(len(raw)), 0.0, index)


def _frame(
    x: Array, name: str, reason: str, line: Array, lag: float, index: pd.Index | None
) -> pd.DataFrame:
    frame = pd.DataFrame({"value": x}, index=index)
    frame["basis"] = pd.Series([name] * len(x), dtype="str", index=frame.index)
    frame.attrs.update({"reason": reason, "trend": line.tolist(), "lag": lag})
    return frame


def _segments(n: int, rebase: Sequence[int]) -> npt.NDArray[np.int64]:
    """Number of the segment of each place."""
    starts = sorted({place for place in rebase if 0 < place < n})
    return np.searchsorted(starts, np.arange(n), side="right").astype(np.int64)


def _candidates(
    raw: Array, fair: Array, shown: Flags, segments: npt.NDArray[np.int64]
) -> list[tuple[Basis, Array, Array]]:
    """Name, values and the line taken off, in the order in which they are tried."""
    known = np.isfinite(raw) & np.isfinite(fair)
    none = np.zeros(len(raw))
    same = bool(np.array_equal(raw[known], fair[known]))
    found: list[tuple[Basis, Array, Array]] = [("level" if same else "adjusted", fair, none)]
    if (line := _line(fair, known & shown, segments)) is not None:
        rest = fair - line
        scale = np.abs(fair[known]).max(initial=0.0)
        found.append(("detrended", np.where(np.abs(rest) <= TINY * scale, 0.0, rest), line))
    return found


def _line(x: Array, use: Flags, segments: npt.NDArray[np.int64]) -> Array | None:
    """Straight line through the months before the last, with one slope for all segments."""
    past = use.copy()
    past[-1:] = False
    if past.sum() < FEWEST - 1:
        return None
    kept = past & ~_outlying(x, past, segments, _slope(x, past, segments))
    slope = _slope(x, kept, segments)
    center = float(np.arange(len(x))[kept].mean())
    return np.asarray(slope * (np.arange(len(x)) - center), dtype=np.float64)


def _slope(x: Array, use: Flags, segments: npt.NDArray[np.int64]) -> float:
    """Least squares slope within segments."""
    t = _centred(np.arange(len(x), dtype=np.float64), use, segments)[use]
    y = _centred(x, use, segments)[use]
    spread = float(t @ t)
    return float(t @ y) / spread if spread else 0.0


def _centred(x: Array, use: Flags, segments: npt.NDArray[np.int64]) -> Array:
    """Values less the mean of those in use in their segment."""
    counts = np.bincount(segments, use)
    sums = np.bincount(segments, np.where(use, x, 0.0))
    return np.asarray(x - (sums / np.maximum(counts, 1))[segments], dtype=np.float64)


def _outlying(x: Array, use: Flags, segments: npt.NDArray[np.int64], slope: float) -> Flags:
    """Points outside the limits of a chart around the line."""
    rest = _centred(x - slope * np.arange(len(x)), use, segments)
    out = np.zeros(len(x), bool)
    if use.sum() < 2:
        return out
    found = limits(rest[use][None, :])
    far = np.abs(rest[use] - found.center[0, 0]) > found.reach[0, 0]
    out[use] = far & (far.mean() <= FEW)
    return out


def _growth(x: Array, segments: npt.NDArray[np.int64], kind: str, season: int) -> Array:
    """Growth on the year before, within a segment only; its log unless of a rate."""
    out = np.full(len(x), math.nan)
    now, ago = x[season:], x[:-season]
    comparable = segments[season:] == segments[:-season]
    if kind == "rate":
        out[season:] = np.where(comparable, now - ago, math.nan)
        return out
    positive = comparable & (now > 0) & (ago > 0)
    out[season:][positive] = np.log(now[positive] / ago[positive])
    return out


def _fault(
    x: Array, past: Flags, segments: npt.NDArray[np.int64], season: int, most: float
) -> tuple[str, float]:
    """Why months are not comparable, empty when they are; and their lag-1 correlation."""
    kept = past & ~_outlying(x, past, segments, 0.0)
    if kept.sum() < FEWEST - 1:
        kept = past
    rest = _centred(x, kept, segments)
    if float(np.abs(rest[kept]).max()) <= TINY * float(np.abs(x[kept]).max(initial=0.0)):
        return "", 0.0
    fault = ""
    if _has_trend(x, kept, segments) or (season and _has_season(x, kept, segments, season)):
        fault = TREND_OR_SEASON
    lag, pairs = _lag(rest, kept)
    if pairs and (lag + 1 / pairs) * math.sqrt(pairs) > most:  # -1 / n is its mean in noise
        fault = fault or DEPENDENT
    return fault, lag


def _has_trend(x: Array, use: Flags, segments: npt.NDArray[np.int64]) -> bool:
    slope = _slope(x, use, segments)
    rest = _centred(x, use, segments)[use]
    t = _centred(np.arange(len(x), dtype=np.float64), use, segments)[use]
    explained = slope**2 * float(t @ t)
    free = int(use.sum()) - len(np.unique(segments[use])) - 1
    return f_score(explained, float(rest @ rest) - explained, 1, free) > TREND_Z


def _has_season(x: Array, use: Flags, segments: npt.NDArray[np.int64], season: int) -> bool:
    """Whether the months of the year differ, once the trend is taken off."""
    if use.sum() < 2 * season - 1:
        return False
    rest = _centred(x - _slope(x, use, segments) * np.arange(len(x)), use, segments)[use]
    month = np.arange(len(x))[use] % season
    sums = np.bincount(month, rest, season)
    counts = np.bincount(month, minlength=season)
    explained = float((sums**2 / np.maximum(counts, 1)).sum())
    groups = int((counts > 0).sum()) - 1
    free = len(rest) - groups - 1 - len(np.unique(segments[use]))
    return f_score(explained, float(rest @ rest) - explained, groups, free) > SEASON_Z


def _lag(rest: Array, use: Flags) -> tuple[float, int]:
    """Lag-1 correlation over neighbouring months that are both there, and their number."""
    both = use[1:] & use[:-1]
    spread = float((rest[use] ** 2).mean())
    if not both.any() or spread == 0:
        return 0.0, int(both.sum())
    return float((rest[1:][both] * rest[:-1][both]).mean()) / spread, int(both.sum())


def f_score(explained: float, rest: float, groups: int, free: int) -> float:
    """Normal score of an F ratio, by Paulson's approximation; 0 where there is no ratio.

    E. Paulson (1942), An approximate normalization of the analysis of variance distribution.

    >>> round(f_score(2.27 * 10, 20.0, 10, 20), 1)
    1.7
    """
    if groups < 1 or free < 1 or explained <= 0:
        return 0.0
    if rest <= 0:
        return math.inf
    ratio = (explained / groups) / (rest / free)
    a, b, root = 2 / (9 * groups), 2 / (9 * free), ratio ** (1 / 3)
    score: float = ((1 - b) * root - (1 - a)) / math.sqrt(b * root**2 + a)
    return score

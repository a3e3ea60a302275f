"""What about a history makes its forecast less than usual; short codes, joined by commas.

empty
    No value at all; the forecast is 0, or the bound nearest to it.
short
    Fewer months than two seasons: no season, or one that is hardly known.
gaps
    Months without a value between the first and the last row.
constant
    Every value is the same; the interval has no width.
zeros
    Some values are 0: season and errors are additive. A single 0 may be `partial` or an `outlier`.
negative
    Some values are below 0: likewise.
sparse
    Three in ten values or more are 0: a flat forecast of the mean.
outlier
    A month far off its neighbours was taken as missing.
partial
    The last month is so low that it looks incomplete, and was taken as missing.
shift
    The level moved within the last two years and stayed there.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from opsnb.stats.forecast.panel import Array

Flags = npt.NDArray[np.bool_]

CODES = (
    "empty", "short", "gaps", "constant", "zeros", "negative", "sparse", "outlier", "partial",
    "shift",
)  # fmt: skip
SPARSE = 0.3
FAR = 8.0
"""Robust standard deviations from which a single month is an outlier, or a move a shift."""
PARTIAL = 0.5
"""Share of the expected value below which the last month looks incomplete."""
RARE = 0.05
"""Largest share of months that are outliers; more of them are how the series is."""
NEIGHBOURS = 3
HALF_YEAR = 6
JUDGED = 24


@dataclass(frozen=True)
class Marks:
    """Properties of each series.

    Attributes
    ----------
    clean : ndarray, shape (months, series)
        Values; NaN where missing or taken as such.
    positive, sparse : ndarray of bool
        Every value of `clean` is above 0; the share of zeros is high.
    codes : dict of str to ndarray of bool
        Which series carry which code.
    """

    clean: Array
    positive: Flags
    sparse: Flags
    codes: dict[str, Flags]

    def text(self) -> list[str]:
        """Codes of each series in the order of the table above, joined by commas."""
        table = np.array([self.codes[code] for code in CODES])
        return [",".join(np.array(CODES)[column]) for column in table.T]


def marks(y: Array, season_length: int) -> Marks:
    """Properties of each series, before anything is fitted; shifts come later."""
    present = ~np.isnan(y)
    n = present.sum(0)
    low = np.where(present, y, np.inf).min(0)
    high = np.where(present, y, -np.inf).max(0)
    zero = ((y == 0) & present).sum(0)
    first = np.argmax(present, axis=0)
    constant = (n > 1) & (low == high)
    sparse = (low >= 0) & (zero >= SPARSE * n) & (zero < n)
    far, partial = _far_off(np.where(sparse, np.nan, y), low > 0, season_length)
    clean = np.where(far, np.nan, y)
    positive = (n > 0) & (np.where(np.isnan(clean), np.inf, clean).min(0) > 0)
    codes = {
        "empty": n == 0,
        "short": (n > 0) & (n < 2 * season_length),
        "gaps": (n > 0) & (n < len(y) - first),
        "constant": constant,
        "zeros": (zero > 0) & ~constant & ~positive,
        "negative": (n > 0) & (low < 0),
        "sparse": sparse,
        "outlier": far[:-1].any(0),
        "partial": partial,
        "shift": np.zeros(y.shape[1], dtype=bool),
    }
    return Marks(clean, positive, sparse, codes)


def shifted(z: Array) -> Flags:
    """Whether the median of half a year differs from that before by far more than the noise.

    Judged at each month of the last two years, on adjusted values; needs three years.
    """
    rows, series = z.shape
    if rows < 2 * HALF_YEAR + NEIGHBOURS:
        return np.zeros(series, dtype=bool)
    part = z[-min(rows, JUDGED + HALF_YEAR) :]
    halves = _median(np.lib.stride_tricks.sliding_window_view(part, HALF_YEAR, axis=0))
    noise = _spread(z - _around(z))
    with np.errstate(invalid="ignore"):
        move = np.abs(halves[HALF_YEAR:] - halves[:-HALF_YEAR])
        far = np.nan_to_num(move) > FAR * np.maximum(noise, 1e-9)
    return np.asarray(far.any(0) & ((~np.isnan(z)).sum(0) >= 36) & (noise > 0))


def _far_off(y: Array, positive: Flags, season_length: int) -> tuple[Flags, Flags]:
    """Months far off what their neighbours and the same months of other years say.

    Also by half of what they say, or to twice as much; the last month only if it is too low.
    """
    rows, series = y.shape
    none = np.zeros((rows, series), dtype=bool)
    if rows < 2 * season_length or season_length < 2:
        return none, none[0]
    x = np.where(positive, np.log(np.where(positive, y, 1.0)), y)
    residual = x - _around(x)
    for phase in range(season_length):
        same = (np.arange(rows) - rows) % season_length == phase
        residual[same] -= _median(np.moveaxis(residual[same], 0, -1))
    noise = _spread(residual)
    enough = ((~np.isnan(x)).sum(0) >= 2 * season_length) & (noise > 0)
    with np.errstate(invalid="ignore"):
        far = (np.abs(residual) > FAR * noise) & enough
        least = np.where(positive, -np.log(PARTIAL), PARTIAL * np.abs(x - residual))
        far &= np.abs(residual) > least
        partial = far[-1] & (residual[-1] < 0)
    far &= far[:-1].sum(0) <= RARE * (~np.isnan(x)).sum(0)
    far[-1] = partial
    return far, partial


def _around(x: Array) -> Array:
    """Median of the three months on either side of each."""
    rows, series = x.shape
    wide = np.full((rows + 2 * NEIGHBOURS, series), np.nan)
    wide[NEIGHBOURS : NEIGHBOURS + rows] = x
    lags = [i for i in range(2 * NEIGHBOURS + 1) if i != NEIGHBOURS]
    return _median(np.stack([wide[i : i + rows] for i in lags], axis=-1))


def _median(x: Array) -> Array:
    """Median over the last axis of what is present; NaN where nothing is."""
    ordered = np.sort(x, axis=-1)
    n = (~np.isnan(ordered)).sum(-1)
    at = np.stack([np.maximum(n - 1, 0) // 2, np.minimum(n // 2, x.shape[-1] - 1)], axis=-1)
    both = np.take_along_axis(ordered, at, axis=-1)
    return np.where(n > 0, both.mean(-1), np.nan)


def _spread(residual: Array) -> Array:
    """Robust standard deviation of each column: 1.4826 times the median size; 0 if none."""
    return np.nan_to_num(1.4826 * _median(np.abs(residual).T))

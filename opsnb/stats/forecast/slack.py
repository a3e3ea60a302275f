"""A learned correction of the widths: how far series like this one strayed from their path.

The half-widths of `widths` are multiplied by exp(out_k(features)), at 80 and 95 % each by its own,
and the upper ones lengthened and the lower ones shortened by a third output. The features are those
of the correction of the path (see `lean`) and four more: how heavy the tails of the errors are, the
swing of the season, and how large values and errors are beside the differences from year to year.
The networks were learned by the interval score on windows that end before the last 18 months of
every development series (``python -m benchmarks._learn_slack``) and stand in ``slack.npz``. The
correction is used where that of the path is, and is nothing elsewhere.
"""

from __future__ import annotations

import numpy as np

from opsnb.stats.forecast.members import Averaged
from opsnb.stats.forecast.network import REACH, over, shipped
from opsnb.stats.forecast.panel import Array
from opsnb.stats.forecast.season import Season

YEAR = 12
LARGEST = 1e3
"""Most that values are taken to exceed their differences, or to be exceeded."""
OUTPUTS = 3
"""Logarithms of the factors at 80 and 95 %, and the skew."""


def slack(seen: Array, h: int) -> Array:
    """Corrections of the logarithms of the widths and of the skew, shape (3, series, h).

    Parameters
    ----------
    seen : ndarray, shape (series, features)
        Of `lean.features`, then of :func:`more`.
    """
    out = shipped("slack").out(seen).reshape(len(seen), OUTPUTS, REACH)
    return np.moveaxis(over(out, h), 1, 0)


def more(y: Array, averaged: Averaged, season: Season) -> Array:
    """Features beside those of the path, shape (series, 4).

    Parameters
    ----------
    y : ndarray, shape (months, series)
        Values as they are.
    averaged : Averaged
    season : Season
    """
    error = averaged.error[0]
    safe = np.where(error > 0, error, 1.0)
    size = _mean(np.abs(y[-YEAR:]))
    change = _mean(np.abs(y[YEAR:] - y[:-YEAR]))
    is_known = (change > 0) & (size > 0)
    ratio = np.where(is_known, size / np.where(is_known, change, 1.0), 1.0)
    columns = [
        np.log(np.maximum(np.sqrt(averaged.square[0]) / safe / 1.2533, 0.5)),
        np.log1p(np.sqrt((season.index**2).mean(0)) / safe),
        np.log(np.clip(ratio, 1 / LARGEST, LARGEST)),
        np.log(np.clip(ratio * safe, 1 / LARGEST, LARGEST)),
    ]
    return np.stack(columns, axis=1)


def _mean(values: Array) -> Array:
    """Mean of each column's values that are known; 0 where none is."""
    known = ~np.isnan(values)
    return np.asarray(np.where(known, values, 0.0).sum(0) / np.maximum(known.sum(0), 1))

"""What a panel says about the widths of its intervals and how its series move together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from opsnb.stats.forecast.calendar import remove
from opsnb.stats.forecast.engine import Fitted, fit
from opsnb.stats.forecast.panel import Array, Panel, read
from opsnb.stats.forecast.widths import spread

HORIZON = 18
"""Months held back, where the histories are long enough."""
LEAST = 18
"""Months that must be left before the origin for a series to count; fewer in a young panel."""
CAUTION = (81.0, 95.5)
"""Levels, in percent, held at the origin so that 80 and 95 % hold after it: what comes differs from
what was by a little more than one past period from its own past."""
PATIENCE = 25.0
"""Series at which the panel's own factor and the shipped one weigh the same."""
PERIOD = 0.04
"""Standard deviation, in logarithms, of the factor of one and the same family over periods."""
MOST = 0.95
COMMON = 0.3
"""Correlation between two series of which nothing is known."""


@dataclass(frozen=True)
class Scale:
    """Factors of interval widths, and loadings on the common factor; plain values, to be stored.

    Attributes
    ----------
    widths : tuple of float
        Factors at 80 and 95 %; 1 leaves the shipped constants as they are.
    series : int
        Series that took part in the backtest.
    loadings : mapping of id to float
        Correlation of each series' surprises with those that all share, -0.95 to 0.95.
    """

    widths: tuple[float, float] = (1.0, 1.0)
    series: int = 0
    loadings: Mapping[str, float] = field(default_factory=dict)

    def factors(self) -> Array:
        """Widths as an array."""
        return np.array(self.widths)

    def loading(self, ids: pd.Index) -> Array:
        """Loading of each id; sqrt(0.3) for one that is not known."""
        return np.array([self.loadings.get(str(name), np.sqrt(COMMON)) for name in ids])


def fit_scale(
    panel: pd.DataFrame,
    *,
    h: int = HORIZON,
    season_length: int = 12,
    factors: pd.DataFrame | None = None,
) -> Scale:
    """Widths and loadings from one backtest origin of the panel itself.

    The last `h` months are forecast from what lay before. The factor at each level is the conformal
    quantile of |error| / width over all series and months. Its logarithm g is shrunk to 0 by S / (S
    + 25) for S series, and by g^2 / (g^2 + 0.04^2), since one period is easier or harder than the
    next for all of them alike. Loadings come from the one-step errors within the history (see
    `loadings`). Fit it once a month for the whole company, store it, and pass it to every forecast
    of that month.

    Parameters
    ----------
    panel : DataFrame[unique_id, ds, y]
    h : int
        Months held back; fewer where half of the series have less than three times as many.
    season_length : int
    factors : DataFrame[unique_id, ds, factor], optional
        Calendar factors over the history.

    Returns
    -------
    Scale
        All ones for a panel with no series of at least 18 months before the origin, or half of the
        usual length where that is shorter.
    """
    table = remove(read(panel, season_length), factors)
    n = (~np.isnan(table.y)).sum(0)
    cut = int(min(h, np.median(n) // 3)) if n.size else 0
    least = int(np.clip(np.median(n) // 2, 4, LEAST)) if n.size else LEAST
    used = np.flatnonzero(n - cut >= least)
    if not used.size or cut < 1:
        return Scale()
    then, actual = table.take(used).before(cut), table.y[-cut:, used].T
    known = (~np.isnan(then.y)).sum(0) >= least
    fitted = fit(then, cut, season_length)
    widths = _widths(fitted, actual, known)
    return Scale(widths, int(known.sum()), _loadings(then, fitted))


def _widths(fitted: Fitted, actual: Array, known: Array) -> tuple[float, float]:
    """Shrunk conformal factor at each of the two levels."""
    distance = fitted.distance(actual)
    half_widths = spread(fitted, np.ones(2))
    error = np.abs(distance) * np.exp(-np.sign(distance) * half_widths.skew)
    trust = known.sum() / (known.sum() + PATIENCE)
    found = []
    for half, level in zip((half_widths.low, half_widths.high), CAUTION, strict=True):
        usable = known[:, None] & ~np.isnan(error) & (half > 0)
        ratio = np.sort((error / np.where(half > 0, half, 1.0))[usable])
        if not ratio.size:
            return (1.0, 1.0)
        at = min(int(np.ceil(level / 100 * (ratio.size + 1))), ratio.size) - 1
        found.append(_drawn_to_one(float(np.clip(ratio[at], 0.2, 5.0)), trust))
    return found[0], found[1]


def _drawn_to_one(factor: float, trust: float) -> float:
    """Factor without what one period alone explains: all series share the origin."""
    log = np.log(factor)
    return float(np.exp(trust * log**3 / (log**2 + PERIOD**2)))


def _loadings(panel: Panel, fitted: Fitted) -> dict[str, float]:
    """One-factor loadings from one-step errors that fall into the same month.

    With corr(i, j) = l_i l_j the mean correlation of series i with the others is l_i times their
    mean loading, which is the square root of the mean correlation of all; each is drawn towards
    that by T / (T + 24) for T common months.
    """
    ids = [str(name) for name in panel.unique_id]
    if len(ids) < 2:
        return {}
    error = _same_months(fitted.averaged.residual, (panel.last.max() - panel.last) // panel.step)
    known = ~np.isnan(error)
    size = np.sqrt(np.nansum(error**2, axis=0) / np.maximum(known.sum(0), 1))
    unit = np.clip(np.where(known, error, 0.0) / np.where(size > 0, size, 1.0), -3.0, 3.0)
    others = unit.sum(1, keepdims=True) - unit
    pairs = (known * (known.sum(1, keepdims=True) - known)).sum(0)
    correlation = (unit * others).sum(0) / np.maximum(pairs, 1)
    mean = np.sqrt(max(float(np.average(correlation, weights=pairs + 1e-9)), 0.0))
    own = np.clip(correlation / mean, -MOST, MOST) if mean > 0 else np.zeros(len(ids))
    months = pairs / max(len(ids) - 1, 1)
    loading = np.clip(mean + (own - mean) * months / (months + 24.0), -MOST, MOST)
    return {name: float(value) for name, value in zip(ids, loading, strict=True)}


def _same_months(values: Array, late: Array) -> Array:
    """Columns pushed up by the months each series ended before the last one."""
    rows, series = values.shape
    out = np.full((rows + int(late.max()), series), np.nan)
    for column in range(series):
        first = len(out) - rows - int(late[column])
        out[first : first + rows, column] = values[:, column]
    return out

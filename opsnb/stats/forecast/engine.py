"""From a panel to points, spreads and flags: transform, season, average of the members."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np

from opsnb.stats.forecast import lean
from opsnb.stats.forecast.flags import Flags, Marks, marks, shifted
from opsnb.stats.forecast.members import Averaged, average
from opsnb.stats.forecast.network import REACH
from opsnb.stats.forecast.panel import Array, Panel
from opsnb.stats.forecast.season import Season, season
from opsnb.stats.forecast.slack import OUTPUTS, more, slack

CHUNK = 16
"""Series smoothed at once, so that their arrays stay in the processor's cache."""
MONTHS = 12
"""Season for which the correction of the path was learned."""
FARTHEST = 690.0
"""Largest logarithm that is raised again, short of the largest float."""


@dataclass(frozen=True)
class Fitted:
    """Forecasts on the scale on which errors are symmetric, and what tells their spread.

    Attributes
    ----------
    point : ndarray, shape (series, h)
        Medians on the working scale: logarithms where `logged`, else multiples of `unit`.
    logged : ndarray of bool, shape (series,)
        Every value of the history is positive.
    unit : ndarray, shape (series,)
        Size of the values of the series; 1 where logged.
    averaged : Averaged
        Errors within the history, on the working scale.
    season : Season
    n : ndarray, shape (series,)
        Months with a value.
    marks : Marks
        What is degraded.
    slack : ndarray, shape (3, series, h)
        Learned corrections of the widths; see :mod:`opsnb.stats.forecast.slack`.
    """

    point: Array
    logged: Flags
    unit: Array
    averaged: Averaged
    season: Season
    n: Array
    marks: Marks
    slack: Array

    def centre(self) -> Array:
        """Forecasts in the units of the series, shape (series, h)."""
        raised = np.exp(
            np.clip(np.where(self.logged[:, None], self.point, 0.0), -FARTHEST, FARTHEST)
        )
        return np.where(self.logged[:, None], raised, self.point * self.unit[:, None])

    def displaced(self, far: Array) -> Array:
        """Values at signed distances from the centre, shape (series, ..., h).

        A distance x is a share of the centre where the series is logged: 1 + x above it and exp(x)
        below, which joins smoothly and never reaches zero; elsewhere it is a multiple of `unit`.
        """
        logged, unit, centre = self._wide(far.ndim)
        share = np.where(far < 0, np.exp(np.minimum(far, 0.0)), 1.0 + far)
        return np.where(logged, centre * share, centre + unit * far)

    def distance(self, actual: Array) -> Array:
        """Signed distances of values from the centre, shape (series, h); undoes `displaced`."""
        logged, unit, centre = self._wide(2)
        share = np.where(logged, actual / np.where(logged, centre, 1.0), 1.0)
        with np.errstate(divide="ignore", invalid="ignore"):
            below = np.where(share > 0, np.log(share), -np.inf)
        relative = np.where(share < 1, below, share - 1.0)
        relative = np.where(np.isnan(share), np.nan, relative)
        return np.where(logged, relative, (actual - centre) / unit)

    def _wide(self, axes: int) -> tuple[Flags, Array, Array]:
        """`logged`, `unit` and the centre with axes between series and months."""
        between = (None,) * (axes - 2)
        shape = (slice(None), *between, slice(None))
        return (
            self.logged[:, None][shape],
            self.unit[:, None][shape],
            self.centre()[shape],
        )


def fit(panel: Panel, h: int, season_length: int, *, corrected: bool = True) -> Fitted:
    """Fit every series on its own, with or without the learned corrections of path and widths."""
    n = (~np.isnan(panel.y)).sum(0)
    found = marks(panel.y, season_length)
    logged = found.positive
    size = np.nansum(np.abs(panel.y), axis=0) / np.maximum(n, 1)
    unit = np.where(logged | (size == 0), 1.0, size)
    x = np.where(logged, np.log(np.where(logged, found.clean, 1.0)), found.clean / unit)
    x[-1, n == 0] = 0.0
    shape = season(np.where(found.sparse, np.nan, x), season_length)
    z = x - shape.over(-len(x), len(x))
    found.codes["shift"][:] = shifted(z) & ~found.sparse
    averaged = _in_chunks(z, found.sparse, max(h, REACH))
    leaning = logged & (n >= 2 * MONTHS) & (season_length == MONTHS) & corrected
    correction = np.zeros_like(averaged.ahead)
    loose = np.zeros((OUTPUTS, len(n), h))
    if leaning.any():
        seen = lean.features(z, averaged, shape.strength, n)
        correction = np.where(leaning, lean.lean(seen, averaged), 0.0)
        seen = np.concatenate([seen, more(panel.y, averaged, shape)], axis=1)
        loose = np.where(leaning[:, None], slack(seen, h), 0.0)
    averaged = replace(
        averaged,
        ahead=averaged.ahead[:h],
        discord=averaged.discord[:h],
        doubt=averaged.doubt[:h],
    )
    point = (averaged.ahead + correction[:h] + shape.over(0, h)).T
    return Fitted(point, logged, unit, averaged, shape, n, found, loose)


def _in_chunks(z: Array, flat: Flags, h: int) -> Averaged:
    """Average of the members, for some series of like length at a time."""
    rows, series = z.shape
    length = rows - np.argmax(~np.isnan(z), axis=0)
    order = np.argsort(length, kind="stable")
    parts = []
    residual = np.full_like(z, np.nan)
    for first in range(0, max(series, 1), CHUNK):
        some = order[first : first + CHUNK]
        part = average(z[rows - length[some].max(initial=1) :, some], flat[some], h)
        residual[rows - len(part.residual) :, some] = part.residual
        parts.append(part)
    back = np.argsort(order)
    names = [field.name for field in fields(Averaged) if field.name != "residual"]
    joined = {
        name: np.concatenate([getattr(part, name) for part in parts], axis=-1)[..., back]
        for name in names
    }
    return Averaged(**joined, residual=residual)

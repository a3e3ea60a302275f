"""Paths of one series brought into line with its own past forecast errors.

The engine's intervals and the dependence of its paths over months hold for series on the whole. An
indicator that is foretold for years has errors of its own: how far foretold moves came true, how
wide errors were and how they grew, and whether a miss stays. From forecasts of every second month
of the past, what came and what was foretold are taken less the last value known, in standard
deviations of the interval: y_k and m_k of the k-th month ahead.

A foretold move counts for the share of it that came true, by least squares through the origin, in
which half a year halves the weight w, drawn to one:

    b = (sum w m y / 3 + 3) / (sum w m^2 / 3 + 3)

With z = y - b m, the width of month k is scaled by s_k, where q is the mean of z^2 and g half of
the slope of log z^2 on log k:

    s_k^2 = (n q (k / typical k)^g + 1) / (n + 1)

and paths are arranged anew over the months (each month keeps its values) by the copula

    u_k = (e_k + a (e_1 + ... + e_{k-1})) / sqrt(1 + a^2 (k - 1))

whose a gives the correlation of z_k and z_{k+1} on average, drawn towards 0.6 with the weight of
half an origin. n is a quarter of the number of origins, for their spans overlap.
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt
import pandas as pd

from opsnb.stats.forecast import forecast

Array = npt.NDArray[np.float64]
Months = npt.NDArray[np.datetime64]
FIRST, STEP = 24, 2
"""Values that the first forecast of the past sees, and months from one to the next."""
Q90 = 1.2815515655446004
FARTHEST = 6.0
WIDE, USUAL, DRAWN = 1.0, 0.6, 0.5
OVERLAP = 4.0
SHARED, PRIOR = 3.0, 3.0
HALF_LIFE = 6.0
"""Months after which what came true of a move counts half: moves begin and end."""
STEEP = 0.5
"""Share of the slope over the months ahead that counts."""
LOADINGS = np.linspace(0.0, 1.2, 121)


@dataclass(frozen=True)
class Errors:
    """Past errors of one series.

    Attributes
    ----------
    origins : ndarray of datetime64[M]
        Last month that each forecast saw.
    came, move : ndarray, shape (origins, months ahead)
        What came and what was foretold, less the last value that was seen; NaN where nothing is
        known to have come.
    down, up : ndarray, shape (origins, months ahead)
        Standard deviations of the interval below and above its centre.
    """

    origins: Months
    came: Array
    move: Array
    down: Array
    up: Array

    def until(self, month: np.datetime64) -> Errors:
        """What was known by a month."""
        ahead = np.arange(1, self.came.shape[1] + 1)
        came = np.where(self.origins[:, None] + ahead <= month, self.came, np.nan)
        kept = self.origins < month
        return Errors(
            self.origins[kept], came[kept], self.move[kept], self.down[kept], self.up[kept]
        )

    def z(self, trust: float = 1.0) -> Array:
        """Errors in standard deviations, had moves been foretold `trust` times as far."""
        apart = self.came - trust * self.move
        size = np.where(apart >= 0, self.up, self.down)
        found = np.divide(apart, size, out=np.zeros_like(apart), where=size > 0)
        return np.clip(np.where(np.isnan(self.came), np.nan, found), -FARTHEST, FARTHEST)

    @property
    def trust(self) -> float:
        """How far foretold moves came true: least squares through the origin, drawn to 1."""
        size = (self.up + self.down) / 2
        usable = np.isfinite(self.came) & (size > 0)
        if not usable.any():
            return 1.0
        age = (self.origins[-1] - self.origins).astype(np.float64)[:, None]
        weight = np.broadcast_to(0.5 ** (age / HALF_LIFE), size.shape)[usable] / SHARED
        move, came = self.move[usable] / size[usable], self.came[usable] / size[usable]
        known, slope = float((weight * move**2).sum()), float((weight * move * came).sum())
        return float(np.clip((slope + PRIOR) / (known + PRIOR), 0.0, 1.5))


def past_errors(series: dict[str, pd.Series], horizon: int) -> dict[str, Errors]:
    """Errors of the forecasts that would have been made of each series.

    Parameters
    ----------
    series : mapping
        Monthly values without gaps in their index's order; missing ones are left out.
    horizon : int
    """
    cuts = {name: _cuts(one) for name, one in series.items()}
    names = [(name, cut) for name, found in cuts.items() for cut in found]
    if not names:
        return {}
    labels = [f"{place:05d}" for place in range(len(names))]
    parts = [series[name].iloc[:cut] for name, cut in names]
    panel = pd.DataFrame(
        {
            "unique_id": np.repeat(labels, [len(part) for part in parts]),
            "ds": np.concatenate([part.index.to_numpy() for part in parts]),
            "y": np.concatenate([part.to_numpy(dtype=np.float64) for part in parts]),
        }
    )
    found = forecast(panel, horizon, level=(80,)).sort_values(["unique_id", "ds"])
    shape = (len(names), horizon)
    mean, low, high = (found[c].to_numpy().reshape(shape) for c in ("mean", "lo-80", "hi-80"))
    out: dict[str, Errors] = {}
    for name, own in cuts.items():
        places = [place for place, (other, _) in enumerate(names) if other == name]
        if not places:
            continue
        ds = series[name].index.to_numpy().astype("datetime64[M]")
        last = np.array(own) - 1
        level = series[name].to_numpy(dtype=np.float64)[last][:, None]
        came = _actual(series[name], ds[last], horizon) - level
        middle = mean[places]
        out[name] = Errors(
            ds[last], came, middle - level,
            (middle - low[places]) / Q90, (high[places] - middle) / Q90,
        )  # fmt: skip
    return out


def _cuts(series: pd.Series) -> list[int]:
    """Lengths at which a series is cut: always the same months, whenever they are looked at."""
    ds = series.index.to_numpy().astype("datetime64[M]").astype(int)
    return [n for n in range(FIRST, len(series)) if ds[n - 1] % STEP == 0]


def _actual(series: pd.Series, origins: Months, horizon: int) -> Array:
    known = dict(
        zip(
            series.index.to_numpy().astype("datetime64[M]").astype(int).tolist(),
            series.to_numpy(dtype=np.float64).tolist(),
            strict=True,
        )
    )
    return np.array(
        [[known.get(at + k, math.nan) for k in range(1, horizon + 1)]
         for at in origins.astype(int).tolist()]
    )  # fmt: skip


def scale(z: Array) -> Array:
    """How much wider the errors were than the intervals, by month ahead; 1 without any."""
    known = np.isfinite(z)
    count = known.sum(axis=0)
    if not known.any():
        return np.ones(z.shape[1])
    square = np.where(known, z, 0.0) ** 2
    pooled = float(square.sum() / count.sum())
    each = square.sum(axis=0) / np.maximum(count, 1)
    step = np.log(np.arange(1.0, z.shape[1] + 1))
    step -= np.average(step, weights=count)
    spread = float((count * step**2).sum())
    log = np.log(np.where(count > 0, np.maximum(each, 1e-3), 1.0))
    slope = float((count * step * log).sum()) / spread if spread > 0 else 0.0
    grown = pooled * np.exp(STEEP * np.clip(slope, -1.0, 1.0) * step)
    n = int(known.any(axis=1).sum()) / OVERLAP
    return np.asarray(np.sqrt((n * grown + WIDE) / (n + WIDE)))


def loading(z: Array) -> float:
    """Share of an error that stays with all later months, by the correlation of neighbours."""
    one, other = z[:, :-1], z[:, 1:]
    both = np.isfinite(one) & np.isfinite(other)
    n, correlation = 0.0, USUAL
    if both.any():
        one, other = np.where(both, one, 0.0), np.where(both, other, 0.0)
        square = np.sqrt((one**2).sum(axis=0) * (other**2).sum(axis=0))
        told = square > 0
        if told.any():
            n = float(both.any(axis=1).sum()) / 2
            correlation = float(((one * other).sum(axis=0)[told] / square[told]).mean())
    drawn = (n * correlation + DRAWN * USUAL) / (n + DRAWN)
    return float(np.interp(drawn, _neighbours(max(z.shape[1], 2)), LOADINGS))


@cache
def _neighbours(months: int) -> Array:
    """Mean correlation of neighbouring months for each of the loadings."""
    a, k = LOADINGS[:, None], np.arange(1, months)[None, :]
    shared = a + a**2 * (k - 1)
    return np.asarray((shared / np.sqrt((1 + a**2 * (k - 1)) * (1 + a**2 * k))).mean(axis=1))


def rearranged(paths: Array, errors: Errors | None, level: float, name: str, seed: int) -> Array:
    """Paths with the moves, the widths and the dependence that past errors tell.

    Parameters
    ----------
    paths : ndarray, shape (paths, months)
    errors : Errors, optional
        Those known by the month that the paths begin after.
    level : float
        Last value.
    name : str
        Of the series; with `seed` it decides the arrangement.
    """
    count, months = paths.shape
    ordered = np.sort(paths, axis=0)
    middle = (ordered[(count - 1) // 2] + ordered[count // 2]) / 2
    trust = 1.0 if errors is None else errors.trust
    z = np.empty((0, months)) if errors is None else errors.z(trust)
    ordered = level + trust * (middle - level) + scale(z) * (ordered - middle)
    key = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big")
    shocks = np.random.default_rng([seed, 2, key]).standard_normal((count, months))
    stays = loading(z) * (np.cumsum(shocks, axis=1) - shocks)
    found: Array = np.empty_like(ordered)
    np.put_along_axis(found, np.argsort(shocks + stays, axis=0), ordered, axis=0)
    return found

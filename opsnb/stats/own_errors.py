"""Paths of one series brought into line with its own past forecast errors.

The engine's intervals and the dependence of its paths over months hold for series on the whole. An
indicator that is foretold for years has errors of its own: how wide they were, and whether a miss
stays. From forecasts of every second month of the past, errors are taken in standard deviations of
their intervals, z_k of the k-th month ahead. The width is scaled by

    s^2 = (n mean(z^2) + 4) / (n + 4)

and paths are arranged anew over the months (each month keeps its values) by the copula

    u_k = (e_k + a (e_1 + ... + e_{k-1})) / sqrt(1 + a^2 (k - 1))

whose a gives the correlation of z_k and z_{k+1} on average, drawn towards 0.35 with the weight of
four origins. n is a quarter of the number of origins, for their spans overlap.
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
WIDE, USUAL, DRAWN = 4.0, 0.35, 2.0
OVERLAP = 4.0
LOADINGS = np.linspace(0.0, 1.2, 121)


@dataclass(frozen=True)
class Errors:
    """Past errors of one series.

    Attributes
    ----------
    origins : ndarray of datetime64[M]
        Last month that each forecast saw.
    z : ndarray, shape (origins, months ahead)
        In standard deviations of the interval; NaN where no value was known.
    """

    origins: Months
    z: Array

    def until(self, month: np.datetime64) -> Array:
        """Errors that were known by a month."""
        ahead = np.arange(1, self.z.shape[1] + 1)
        known = self.origins[:, None] + ahead <= month
        return np.where(known, self.z, np.nan)[self.origins < month]


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
        origins = ds[np.array(own) - 1]
        actual = _actual(series[name], origins, horizon)
        out[name] = Errors(origins, _z(actual, mean[places], low[places], high[places]))
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


def _z(actual: Array, mean: Array, low: Array, high: Array) -> Array:
    width = np.where(actual >= mean, high - mean, mean - low)
    apart = np.divide(actual - mean, width, out=np.zeros_like(mean), where=width > 0)
    return np.clip(np.where(np.isnan(actual), np.nan, apart * Q90), -FARTHEST, FARTHEST)


def scale(z: Array) -> float:
    """How much wider the errors were than the intervals; 1 without any."""
    known = z[np.isfinite(z)]
    if not known.size:
        return 1.0
    n = int(np.isfinite(z).any(axis=1).sum()) / OVERLAP
    return math.sqrt((n * float(np.mean(known**2)) + WIDE) / (n + WIDE))


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


def rearranged(paths: Array, z: Array, name: str, seed: int) -> Array:
    """Paths with the widths and the dependence of past errors; the median of each month stays.

    Parameters
    ----------
    paths : ndarray, shape (paths, months)
    z : ndarray, shape (origins, months ahead)
    name : str
        Of the series; with `seed` it decides the arrangement.
    """
    count, months = paths.shape
    ordered = np.sort(paths, axis=0)
    middle = (ordered[(count - 1) // 2] + ordered[count // 2]) / 2
    ordered = middle + scale(z) * (ordered - middle)
    key = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big")
    shocks = np.random.default_rng([seed, 2, key]).standard_normal((count, months))
    stays = loading(z) * (np.cumsum(shocks, axis=1) - shocks)
    found: Array = np.empty_like(ordered)
    np.put_along_axis(found, np.argsort(shocks + stays, axis=0), ordered, axis=0)
    return found

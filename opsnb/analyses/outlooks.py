"""Outlooks: forecasts of many metrics and units at once that agree with one another.

Where the units of a metric add up, each of them and each of the units above has a forecast of its
own; they are reconciled by least squares, weighted by their spreads (Hyndman et al. 2011, with the
weights of Athanasopoulos et al. 2017 in place of equal ones), so that every unit learns from the
steadier series above it. The paths of the smallest units are moved to these means; the paths of all
others are their sums. Units therefore add up to their parents, and months to years, in every path:
point, interval and probability come from the same paths.

What does not add up, such as a ratio, is forecast from its own history.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from opsnb.analyses.histories import History, Series, series_id
from opsnb.analyses.scales import kept
from opsnb.period import Period
from opsnb.progress import working
from opsnb.stats.forecast import Scale, fit_scale, forecast, simulate_paths

Array = npt.NDArray[np.float64]
LEVELS = (80.0, 95.0)
PATHS = 1000
SEED = 6
Z80 = 1.2815515655446004
FAR = 2.0
"""Most that reconciliation moves a mean, as a factor up or down."""
AT_ONCE = 300
"""Series that are simulated at a time."""
LOOSEST, TIGHTEST = 0.0, 0.9
"""Correlation between the surprises of two units."""


@dataclass(frozen=True)
class Outlook:
    """Forecast of one metric in one unit.

    Attributes
    ----------
    months : tuple of Period
        Those ahead of the origin.
    mean : ndarray, shape (months,)
    intervals : mapping level -> (ndarray, ndarray)
        Lower and upper ends by level in percent.
    paths : ndarray, shape (paths, months)
        Joint with those of all other outlooks: path p of one goes with path p of another.
    flag : str
        What is degraded, as codes of the engine joined by commas; of all units that are summed.
    summed : bool
        Whether it is the sum of the units' paths, or comes from its own history.
    """

    metric: str
    unit: str
    months: tuple[Period, ...]
    mean: Array
    intervals: Mapping[float, tuple[Array, Array]]
    paths: Array
    flag: str
    summed: bool


@dataclass(frozen=True)
class Made:
    """Direct forecasts of some series, by series."""

    mean: dict[Series, Array]
    spread: dict[Series, Array]
    ends: dict[Series, dict[float, tuple[Array, Array]]]
    flag: dict[Series, str]


def company_scale(history: History, h: int) -> Scale:
    """Interval widths, and how units move together, from all series of the company.

    It depends on the company's data and the month alone, so that a report run alone and the same
    report in a batch agree. Widths are those of :func:`opsnb.stats.forecast.fit_scale`; the
    correlation of a metric's units is the one with which the spread of their sum is that which
    the sum's own history shows. It is fitted once, and kept; see `opsnb.analyses.scales`.
    """
    with working("learning how far the company's forecasts stray"):
        return kept(history, h, lambda: _fitted(history, h))


def _fitted(history: History, h: int) -> Scale:
    used = [key for key in history.values if _is_simulated(history, key)]
    if not used:
        return Scale()
    panel, factors = history.panel(used), history.factors(used, 0)
    widths = fit_scale(panel, factors=factors)
    plain = Scale(widths.widths, widths.series)
    nodes = [(metric, unit) for metric in history.metrics if metric in history.additive
             for unit in history.units(metric)]  # fmt: skip
    made = _direct(history, nodes, h, plain)
    loadings: dict[str, float] = {}
    for metric in dict.fromkeys(metric for metric, _ in nodes):
        leaves = [(metric, unit) for unit in history.leaves[history.root]]
        rho = _correlation(made.spread[metric, history.root], [made.spread[k] for k in leaves])
        loadings |= {series_id(key): float(np.sqrt(rho)) for key in leaves}
    return Scale(widths.widths, widths.series, loadings)


def outlooks(
    history: History,
    wanted: Sequence[Series],
    h: int,
    scale: Scale,
    *,
    paths: int = PATHS,
    whole: bool = True,
) -> dict[Series, Outlook]:
    """Outlooks of `wanted` metrics and units over `h` months.

    Each is the same whatever others are wanted beside it, and made once. Unless they are `whole`,
    those whose mean and intervals do not come from paths have none.
    """
    keys = [key for key in dict.fromkeys(wanted) if key in history.values]
    about = ("outlooks", h, paths, whole)
    known, found = history.made.get(about, (scale, {}))
    found = dict(found) if known == scale else {}
    found |= _made(history, [key for key in keys if key not in found], h, scale, paths, whole)
    history.made[about] = scale, found
    return {key: found[key] for key in keys}


def _made(
    history: History, keys: Sequence[Series], h: int, scale: Scale, paths: int, whole: bool
) -> dict[Series, Outlook]:
    summed = [key for key in keys if key[0] in history.additive]
    own = [key for key in keys if key[0] not in history.additive]
    nodes = [(m, u) for m in dict.fromkeys(m for m, _ in summed) for u in history.units(m)]
    made = _direct(history, [*nodes, *own], h, scale)
    found: dict[Series, Outlook] = {}
    drawn = own if whole else [key for key in own if not _keeps_ends(history, key)]
    values = _paths(history, [*_needed(history, summed), *drawn], h, scale, paths)
    for metric in dict.fromkeys(m for m, _ in summed):
        found |= _summed(history, metric, [u for m, u in summed if m == metric], made, values)
    return found | _own(history, own, made, values)


def _needed(history: History, keys: Sequence[Series]) -> list[Series]:
    """Smallest parts of which series are made."""
    parts = ((metric, leaf) for metric, unit in keys for leaf in history.leaves[unit])
    return list(dict.fromkeys(parts))


def _is_simulated(history: History, key: Series) -> bool:
    metric, unit = key
    return metric not in history.additive or unit in history.leaves[history.root]


def _bounds(history: History, keys: Sequence[Series]) -> list[dict[object, float]]:
    """Declared bounds by id of series."""
    return [
        {series_id(key): bound[key[0]] for key in keys if key[0] in bound}
        for bound in (history.lower, history.upper)
    ]


def _direct(history: History, keys: Sequence[Series], h: int, scale: Scale) -> Made:
    """Forecasts of each series from its own history, in one batch."""
    if not keys:
        return Made({}, {}, {}, {})
    lower, upper = _bounds(history, keys)
    frame = forecast(
        history.panel(keys), h, level=LEVELS, lower=lower, upper=upper,
        factors=history.factors(keys, h), scale=scale,
    )  # fmt: skip
    by_id = dict(iter(frame.groupby("unique_id", sort=False)))
    made = Made({}, {}, {}, {})
    for key in keys:
        rows: pd.DataFrame = by_id[series_id(key)]
        made.mean[key] = rows["mean"].to_numpy()
        made.ends[key] = {
            level: (rows[f"lo-{level:g}"].to_numpy(), rows[f"hi-{level:g}"].to_numpy())
            for level in LEVELS
        }
        low, high = made.ends[key][LEVELS[0]]
        made.spread[key] = (high - low) / (2 * Z80)
        made.flag[key] = str(rows["flag"].iloc[0])
    return made


def _correlation(whole: Array, parts: Sequence[Array]) -> float:
    """Correlation with which parts of these spreads make a whole of that spread.

    s^2 = sum s_i^2 + r ((sum s_i)^2 - sum s_i^2), averaged over the months.
    """
    alone = np.sum([part**2 for part in parts], axis=0)
    together = np.sum(parts, axis=0) ** 2
    between = float(np.mean(together - alone))
    if between <= 0:
        return LOOSEST
    return float(np.clip(np.mean(whole**2 - alone) / between, LOOSEST, TIGHTEST))


def reconciled(mean: Array, spread: Array, summing: Array) -> Array:
    """Means of the smallest parts that fit all forecasts best.

    b minimises sum over nodes of (y - S b)^2 / spread, month by month.

    Parameters
    ----------
    mean, spread : ndarray, shape (nodes, months)
    summing : ndarray, shape (nodes, parts)
        1 where a part belongs to a node.

    Returns
    -------
    ndarray, shape (parts, months)

    >>> reconciled(np.array([[9.0], [2.0], [4.0]]), np.ones((3, 1)),
    ...            np.array([[1.0, 1], [1, 0], [0, 1]])).ravel().tolist()
    [3.0, 5.0]
    """
    size = np.maximum(spread, 1e-6 * np.maximum(spread.max(0), np.abs(mean).max(0)))
    size = np.where(size > 0, size, 1.0)
    out = np.empty((summing.shape[1], mean.shape[1]))
    for month in range(mean.shape[1]):
        weight = 1.0 / size[:, month]
        weight = weight / weight.max()
        left = summing.T * weight
        out[:, month] = np.linalg.solve(left @ summing, left @ mean[:, month])
    return out


def _summed(
    history: History, metric: str, units: Sequence[str], made: Made, values: Mapping[Series, Array]
) -> dict[Series, Outlook]:
    """Outlooks of units whose parts add up."""
    nodes, leaves = history.units(metric), list(history.leaves[history.root])
    summing = np.array([[leaf in history.leaves[node] for leaf in leaves] for node in nodes], float)
    mean, spread = (
        np.array([values[metric, node] for node in nodes]) for values in (made.mean, made.spread)
    )
    goal = dict(zip(leaves, reconciled(mean, spread, summing), strict=True))
    needed = [leaf for leaf in leaves if (metric, leaf) in values]
    moved = {
        leaf: _moved(values[metric, leaf], made.mean[metric, leaf], goal[leaf],
                     signed=bool((history.values[metric, leaf] < 0).any()))
        for leaf in needed
    }  # fmt: skip
    found = {}
    for unit in units:
        total = np.sum([moved[leaf] for leaf in history.leaves[unit]], axis=0)
        flags = (made.flag[metric, leaf] for leaf in history.leaves[unit])
        found[metric, unit] = _of_paths(history, (metric, unit), total, _joined(flags))
    return found


def _moved(values: Array, centre: Array, goal: Array, *, signed: bool) -> Array:
    """Paths with the mean `goal`: stretched where all is positive, else shifted."""
    mean = values.mean(0)
    if signed:
        return np.asarray(values + (goal - mean))
    aim = np.clip(goal, centre / FAR, centre * FAR)
    ratio = np.where(mean > 0, aim / np.where(mean > 0, mean, 1.0), 1.0)
    return np.asarray(values * ratio)


def _of_paths(
    history: History, key: Series, paths: Array, flag: str, *, summed: bool = True
) -> Outlook:
    """Outlook whose mean and intervals are those of its paths."""
    tails = [0.5 + sign * level / 200 for level in LEVELS for sign in (-1, 1)]
    ends = np.quantile(paths, tails, axis=0)
    intervals = {level: (ends[2 * k], ends[2 * k + 1]) for k, level in enumerate(LEVELS)}
    months = tuple(history.ahead(paths.shape[1]))
    return Outlook(*key, months, paths.mean(0), intervals, paths, flag, summed=summed)


def _own(
    history: History, keys: Sequence[Series], made: Made, values: Mapping[Series, Array]
) -> dict[Series, Outlook]:
    """Outlooks of series that are forecast from their own history.

    The paths of amounts are moved to their forecast, so that months make the year here too; ratios
    and what has bounds keep theirs, since nothing sums them.
    """
    found = {}
    for key in keys:
        mean, flag = made.mean[key], made.flag[key]
        if _keeps_ends(history, key):
            months = tuple(history.ahead(len(mean)))
            paths = values[key] if key in values else np.empty((0, len(mean)))
            found[key] = Outlook(*key, months, mean, made.ends[key], paths, flag, summed=False)
            continue
        signed = bool((history.values[key] < 0).any())
        paths = _moved(values[key], mean, mean, signed=signed)
        found[key] = _of_paths(history, key, paths, flag, summed=False)
    return found


def _keeps_ends(history: History, key: Series) -> bool:
    """Whether its mean and intervals are those of its direct forecast."""
    return history.kinds[key[0]] == "rate" or key[0] in history.lower


def _paths(
    history: History, keys: Sequence[Series], h: int, scale: Scale, paths: int
) -> dict[Series, Array]:
    """Paths of each series, so many series at a time that they fit into memory."""
    found: dict[Series, Array] = {}
    for first in range(0, len(keys), AT_ONCE):
        some = keys[first : first + AT_ONCE]
        lower, upper = _bounds(history, some)
        made = simulate_paths(
            history.panel(some), h, paths=paths, seed=SEED, lower=lower, upper=upper,
            factors=history.factors(some, h), scale=scale,
        )  # fmt: skip
        place = {name: row for row, name in enumerate(made.unique_id)}
        found |= {key: made.values[place[series_id(key)]] for key in some}
    return found


def _joined(flags: Iterable[str]) -> str:
    """Codes of several series, each once."""
    return ",".join(dict.fromkeys(code for flag in flags for code in flag.split(",") if code))

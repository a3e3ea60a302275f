"""Interrupted time series: what a change at a known month did to level and slope.

Segmented regression with errors that depend on each other (Wagner et al., Segmented regression
analysis of interrupted time series studies, 2002). The dependence is not estimated once and then
taken for certain: the restricted likelihood of each autocorrelation weighs what the regression
says under it (REML is what short series ask for: Cheang and Reinsel 2000; Turner et al. 2021), so
that intervals hold in short series too.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from opsnb.errors import ParameterError

Array = npt.NDArray[np.float64]
BEFORE, AFTER = 8, 3
"""Fewest values on either side of the change."""
FOR_SLOPE = 8
"""Values on either side from which on a change of slope is told from one of level."""
HARMONICS, FOR_HARMONICS, FOR_MONTHS = 2, 24, 36
"""Pairs of harmonics; values before the change that they, and months of their own, ask for."""
GRID = np.linspace(-0.8, 0.98, 90)
"""Autocorrelations that are weighed."""
REACH, HALVINGS = 60.0, 60
"""Where a quantile is looked for, in standard errors, and how often that is halved."""


@dataclass(frozen=True)
class Estimate:
    """One effect: its value, the ends of its interval, and how likely chance is as large."""

    value: float
    lower: float
    upper: float
    pvalue: float


@dataclass(frozen=True)
class Design:
    """What the regression has in it.

    Attributes
    ----------
    slope : bool
        Whether the slope may change; else the level alone.
    season : {"months", "harmonics", ""}
    trend : bool
        Whether there is a trend before the change that goes on after it.
    """

    slope: bool
    season: str
    trend: bool = True


@dataclass(frozen=True)
class Interrupted:
    """What the change did.

    Attributes
    ----------
    level, slope, mean, total : Estimate
        Change of level at once; of slope a month (NaN where it is not told apart); mean of the
        effect over the months after; their sum. In the unit of the series; of logarithms, `level`,
        `slope` and `mean` are logarithms of ratios and `total` is in the unit of the series.
    relative : Estimate
        Mean effect as a share of what would have been.
    rho : float
        Autocorrelation of the errors, its mean.
    before, after : int
        Values on either side.
    design : Design
    path : DataFrame
        value, counterfactual, lower, upper, in the unit of the series: what would have been
        without the change; before the change what the regression says.
    """

    level: Estimate
    slope: Estimate
    mean: Estimate
    total: Estimate
    relative: Estimate
    rho: float
    before: int
    after: int
    design: Design
    path: pd.DataFrame


def interrupted(
    values: Sequence[float] | Array,
    start: int,
    *,
    log: bool = False,
    control: Sequence[float] | Array | None = None,
    confidence: float = 0.95,
    design: Design | None = None,
    season_length: int = 12,
) -> Interrupted:
    """Effect of a change that took place at the value `start`.

    Parameters
    ----------
    values : array (n,)
        Equally spaced, oldest first; NaN where missing, which is left out and keeps its place.
    start : int
        Place of the first value after the change.
    log : bool
        Effects multiply: positive values only.
    control : array (n,), optional
        A series that the change did not touch and that shares what else moved; the difference to
        it (the ratio, of logarithms) is looked at.
    confidence : float
        Of the intervals.
    design : Design, optional
        As the lengths allow by default; see :func:`usual`.
    season_length : int
        Values of a year.

    Raises
    ------
    ParameterError
        Too few values on a side, a constant series, values that have no logarithm, or a control
        of another length.
    """
    found = _regressed(values, start, control, design, season_length, log=log)
    x, chosen, fit, there = found.x, found.design, found.fit, found.there
    width = 2 if chosen.slope else 1
    level_only, slope_only = np.zeros(x.shape[1]), np.zeros(x.shape[1])
    level_only[0] = 1.0
    slope_only[width - 1] = float(chosen.slope)
    level, mean = fit.estimate(level_only, confidence), fit.estimate(found.average, confidence)
    slope = fit.estimate(slope_only, confidence) if chosen.slope else _none()
    effects = x[start:, :width] @ fit.centre[:width]
    path = _path(found, start, confidence, log=log)
    total, relative = _sums(mean, path.iloc[start:][there], effects[there], log=log)
    return Interrupted(level, slope, mean, total, relative, fit.rho, *found.sides, chosen, path)


@dataclass(frozen=True)
class _Regressed:
    """A series, its design and its fit."""

    y: Array
    held: Array
    x: Array
    design: Design
    fit: _Fit
    sides: tuple[int, int]
    there: npt.NDArray[np.bool_]
    average: Array


def _regressed(
    values: Sequence[float] | Array,
    start: int,
    control: Sequence[float] | Array | None,
    design: Design | None,
    season_length: int,
    *,
    log: bool,
) -> _Regressed:
    y, held = _series(values, control, log=log)
    known = np.isfinite(y)
    sides = int(known[:start].sum()), int(known[start:].sum())
    if sides[0] < BEFORE or sides[1] < AFTER:
        raise ParameterError(
            f"{sides[0]} values before the change and {sides[1]} after",
            expected=f"at least {BEFORE} and {AFTER}",
        )
    if np.ptp(y[known]) == 0:
        raise ParameterError("the series is constant", expected="values that differ")
    chosen = design or usual(*sides, season_length)
    x = _matrix(len(y), start, chosen, season_length)
    fit = _weighed(x[known], y[known], np.flatnonzero(known))
    there = known[start:]
    average = np.zeros(x.shape[1])
    average[0] = 1.0
    if chosen.slope:
        average[1] = np.flatnonzero(there).mean()
    return _Regressed(y, held, x, chosen, fit, sides, there, average)


def usual(before: int, after: int, season_length: int = 12) -> Design:
    """Design that as many values before and after the change allow."""
    season = "months" if before >= 3 * season_length else ""
    if not season and before >= 2 * season_length:
        season = "harmonics"
    return Design(min(before, after) >= FOR_SLOPE, season)


def placebos(
    values: Sequence[float] | Array,
    start: int,
    *,
    log: bool = False,
    control: Sequence[float] | Array | None = None,
    season_length: int = 12,
) -> pd.DataFrame:
    """The same estimate at months in which nothing was changed: what chance makes of it.

    Only values before the change are looked at, as many after each month as there are after the
    change, if there are so many.

    Returns
    -------
    DataFrame
        place, mean: a row a month that could be estimated.
    """
    known = np.asarray(values, dtype=np.float64)
    held = None if control is None else np.asarray(control, dtype=np.float64)
    after = min(len(known) - start, max(start - 2 * BEFORE, AFTER))
    rows = []
    for place in range(BEFORE, start - after + 1):
        end = place + after
        before = int(np.isfinite(known[:place]).sum())
        design = replace(usual(before, after, season_length), slope=False)
        try:
            beside = None if held is None else held[:end]
            found = _regressed(known[:end], place, beside, design, season_length, log=log)
        except ParameterError:
            continue
        rows.append((place, float(found.fit.centre @ found.average)))
    return pd.DataFrame(rows, columns=["place", "mean"])


def variants(
    values: Sequence[float] | Array,
    start: int,
    *,
    log: bool = False,
    control: Sequence[float] | Array | None = None,
    confidence: float = 0.95,
    season_length: int = 12,
) -> dict[str, Estimate]:
    """Mean effect under other assumptions: what a result must not hang on.

    Returns
    -------
    dict
        Estimate by name: ``usual``; ``no_slope`` (level alone), ``no_season``, ``no_trend``,
        ``no_control``, and ``later`` (the first value after the change left out as one of
        transition), those of them that differ and can be made.
    """
    y = np.asarray(values, dtype=np.float64)
    sides = int(np.isfinite(y[:start]).sum()), int(np.isfinite(y[start:]).sum())
    base = usual(*sides, season_length)
    later = y.copy()
    later[start] = math.nan
    asked = {
        "usual": (y, control, base),
        "no_slope": (y, control, replace(base, slope=False)),
        "no_season": (y, control, replace(base, season="")),
        "no_trend": (y, control, replace(base, trend=False, slope=False)),
        "no_control": (y, None, base),
        "later": (later, control, base),
    }
    found: dict[str, Estimate] = {}
    seen: set[tuple[Design, bool]] = set()
    for name, (series, held, design) in asked.items():
        mark = (design, held is None)
        if name != "later" and mark in seen:
            continue
        seen.add(mark)
        try:
            made = _regressed(series, start, held, design, season_length, log=log)
            found[name] = made.fit.estimate(made.average, confidence)
        except ParameterError:
            continue
    return found


def _series(
    values: Sequence[float] | Array, control: Sequence[float] | Array | None, *, log: bool
) -> tuple[Array, Array]:
    """Series that is looked at, and the control that leads back from it to the values."""
    y = np.asarray(values, dtype=np.float64)
    held = np.full(len(y), 1.0 if log else 0.0)
    if control is not None:
        held = np.asarray(control, dtype=np.float64)
        if held.shape != y.shape:
            raise ParameterError(
                f"the control has {held.size} values, the series {y.size}", expected="as many"
            )
    if not log:
        return y - held, held
    if (y[np.isfinite(y)] <= 0).any() or (held[np.isfinite(held)] <= 0).any():
        raise ParameterError("a value is not positive", expected="positive values, or log=False")
    return np.log(y) - np.log(held), held


def _matrix(n: int, start: int, design: Design, season_length: int) -> Array:
    """Columns: level, slope where it is told apart, then what would have been without them."""
    time = np.arange(n, dtype=np.float64)
    after = (time >= start).astype(np.float64)
    columns = [after, *([after * (time - start)] if design.slope else []), np.ones(n)]
    if design.trend:
        columns.append((time - start) / max(n, 1))
    if design.season == "months":
        phase = np.arange(n) % season_length
        columns += [(phase == p).astype(np.float64) - 1 / season_length
                    for p in range(1, season_length)]  # fmt: skip
    elif design.season == "harmonics":
        for k in range(1, HARMONICS + 1):
            angle = 2 * math.pi * k * time / season_length
            columns += [np.sin(angle), np.cos(angle)]
    return np.column_stack(columns)


@dataclass(frozen=True)
class _Fit:
    """Regression under every autocorrelation, and how much each weighs."""

    weights: Array
    betas: Array
    covariances: Array
    free: int
    rhos: Array
    variances: Array

    @property
    def centre(self) -> Array:
        """Mean of the coefficients."""
        found: Array = self.weights @ self.betas
        return found

    @property
    def rho(self) -> float:
        """Mean of the autocorrelation."""
        return float(self.weights @ self.rhos)

    def estimate(self, contrast: Array, confidence: float) -> Estimate:
        """Estimate of a combination of coefficients, by the mixture of their t distributions."""
        means = self.betas @ contrast
        spreads = np.sqrt(np.einsum("i,gij,j->g", contrast, self.covariances, contrast))
        return self.mixed(means, spreads, confidence)

    def mixed(self, means: Array, spreads: Array, confidence: float) -> Estimate:
        """Middle, ends and tail of a mixture of t distributions."""
        middle = float(self.weights @ means)
        lower, upper = self.ends(means[:, None], spreads[:, None], confidence)
        below = float(self._below(means[:, None], spreads[:, None], np.zeros(1))[0])
        return Estimate(middle, float(lower[0]), float(upper[0]), min(2 * min(below, 1 - below), 1))

    def ends(self, means: Array, spreads: Array, confidence: float) -> tuple[Array, Array]:
        """Lower and upper ends of mixtures, a column each, by bisection."""
        tail = (1 - confidence) / 2
        lower, upper = (self._quantile(means, spreads, q) for q in (tail, 1 - tail))
        return lower, upper

    def _below(self, means: Array, spreads: Array, values: Array) -> Array:
        from scipy.special import stdtr

        found: Array = self.weights @ stdtr(self.free, (values - means) / spreads)
        return found

    def _quantile(self, means: Array, spreads: Array, share: float) -> Array:
        """Value of each column below which a share of its mixture lies."""
        reach = REACH * spreads.max(axis=0)
        low, high = means.min(axis=0) - reach, means.max(axis=0) + reach
        for _ in range(HALVINGS):
            middle = (low + high) / 2
            is_low = self._below(means, spreads, middle) < share
            low, high = np.where(is_low, middle, low), np.where(is_low, high, middle)
        found: Array = (low + high) / 2
        return found


def _weighed(x: Array, y: Array, places: npt.NDArray[np.intp]) -> _Fit:
    """Generalised least squares under each autocorrelation, weighed by restricted likelihood.

    Where values are missing, neighbours that lie `g` places apart depend on each other by the
    g-th power of the autocorrelation.
    """
    n, k = x.shape
    free = n - k
    if free < 2 or np.linalg.matrix_rank(x) < k:
        raise ParameterError(
            f"{n} values for {k} coefficients", expected="more values, or a plainer design"
        )
    gaps = np.diff(places)
    likelihood, betas, covariances, variances = [], [], [], []
    for rho in GRID:
        power = np.sign(rho) ** gaps * np.abs(rho) ** gaps
        scale = np.concatenate([[math.sqrt(1 - rho**2)], np.sqrt((1 - rho**2) / (1 - power**2))])
        wy, wx = y.copy(), x.copy()
        wy[1:] -= power * y[:-1]
        wx[1:] -= power[:, None] * x[:-1]
        wy, wx = wy * scale, wx * scale[:, None]
        gram = wx.T @ wx
        beta = np.linalg.solve(gram, wx.T @ wy)
        rss = float(((wy - wx @ beta) ** 2).sum())
        variance = max(rss, 1e-300) / free
        _, logdet = np.linalg.slogdet(gram)
        likelihood.append(-0.5 * (free * math.log(variance) + logdet) + float(np.log(scale).sum()))
        betas.append(beta)
        covariances.append(variance * np.linalg.inv(gram))
        variances.append(variance / (1 - rho**2))
    weights = np.exp(np.array(likelihood) - max(likelihood))
    weights /= weights.sum()
    return _Fit(weights, np.array(betas), np.array(covariances), free, GRID, np.array(variances))


def _path(found: _Regressed, start: int, confidence: float, *, log: bool) -> pd.DataFrame:
    """Values beside what would have been, with intervals of a single value after the change."""
    y, fit, held = found.y, found.fit, found.held
    without = found.x.copy()
    without[:, : 2 if found.design.slope else 1] = 0.0
    means = fit.betas @ without.T
    spreads = np.sqrt(
        np.einsum("ti,gij,tj->gt", without, fit.covariances, without) + fit.variances[:, None]
    )
    centre = fit.weights @ means
    lower, upper = np.full(len(y), math.nan), np.full(len(y), math.nan)
    lower[start:], upper[start:] = fit.ends(means[:, start:], spreads[:, start:], confidence)
    columns = {"value": y, "counterfactual": centre, "lower": lower, "upper": upper}
    return pd.DataFrame({k: np.exp(v) * held if log else v + held for k, v in columns.items()})


def _sums(
    mean: Estimate, after: pd.DataFrame, effects: Array, *, log: bool
) -> tuple[Estimate, Estimate]:
    """Sum of the effect over the months after, and its mean as a share of what would have been.

    The ends of both are those of the mean effect: its shape over the months is held.
    """
    ends = (mean.value, mean.lower, mean.upper)
    if log:
        value = after["value"].to_numpy()
        shift = effects - effects.mean()
        sums = [float((value * (1 - np.exp(-(shift + end)))).sum()) for end in ends]
        shares = [math.expm1(end) for end in ends]
    else:
        base = float((after["value"].to_numpy() - effects).mean())
        sums = [end * len(after) for end in ends]
        shares = [end / abs(base) if base else math.nan for end in ends]
    return estimate_of(sums, mean.pvalue), estimate_of(shares, mean.pvalue)


def estimate_of(ends: Sequence[float], pvalue: float) -> Estimate:
    """Estimate of a value, its lower and its upper end."""
    value, lower, upper = ends
    return Estimate(value, lower, upper, pvalue)


def _none() -> Estimate:
    return Estimate(math.nan, math.nan, math.nan, math.nan)

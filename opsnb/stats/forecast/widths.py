"""How far the actual may lie from the forecast: half-widths learned once, rescaled by a panel.

The half-width of series s at step k and level p is

    base_s * exp(theta_p . features_sk + slack_psk) * scale_p

where base is the mean absolute one-step error of the forecast within the history, the features
are free of units, and slack is a learned correction (see `slack`). theta was learned on development
panels by minimising the interval score (Gneiting & Raftery 2007) at 80 and 95 %, then the networks
of slack. Between and beyond these levels log widths are linear in
the logarithm of the normal quantile, which makes one distribution of all levels:

    x(p) = w80 * (|z_p| / z_80) ** gamma * sign(z_p),  gamma = log(w95 / w80) / log(z_95 / z_80)

so that paths drawn from it and intervals agree.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from opsnb.stats.forecast.constants import FEATURES, SKEW, WIDTHS
from opsnb.stats.forecast.engine import Fitted
from opsnb.stats.forecast.members import HORIZONS
from opsnb.stats.forecast.panel import Array

NODES = (80, 95)
"""Levels, in percent, at which widths are learned."""
YOUNG = 8
"""One-step errors below which changes from month to month stand in for them."""
WIDEST = 5.0
"""Largest half-width of a logged series, as a share of the centre."""
NARROWEST = 1.05
"""Least ratio of the width at 95 % to that at 80 %."""
TRUSTED = 24.0


def quantile(level: float) -> float:
    """Normal quantile whose central interval holds `level` percent.

    >>> round(quantile(95), 4)
    1.96
    """
    return NormalDist().inv_cdf(0.5 + level / 200.0)


Z_LOW, Z_HIGH = (quantile(level) for level in NODES)


@dataclass(frozen=True)
class Spread:
    """Half-widths on the working scale at the two learned levels.

    Attributes
    ----------
    low, high : ndarray, shape (series, h)
        At 80 and 95 %.
    skew : ndarray, shape (series, h)
        Logarithm by which upper widths are longer and lower ones shorter.
    """

    low: Array
    high: Array
    skew: Array

    def at(self, z: float | Array) -> Array:
        """Signed distance from the centre at normal quantile `z`, shape (series, ..., h)."""
        between = (None,) * max(np.ndim(z) - 2, 0)
        shape = (slice(None), *between, slice(None))
        low, high, skew = self.low[shape], self.high[shape], self.skew[shape]
        ratio = np.where(low > 0, high / np.where(low > 0, low, 1.0), 1.0)
        gamma = np.log(ratio) / np.log(Z_HIGH / Z_LOW)
        far = low * (np.abs(z) / Z_LOW) ** gamma * np.exp(np.sign(z) * skew)
        return np.asarray(np.sign(z) * far)


def spread(fitted: Fitted, scale: Array) -> Spread:
    """Half-widths of a fit.

    Parameters
    ----------
    fitted : Fitted
    scale : ndarray, shape (2,)
        Factors of the widths at 80 and 95 %.
    """
    base = typical_error(fitted)
    log = np.einsum("skf,lf->lsk", features(fitted, base), WIDTHS) + fitted.slack[:2]
    width = base[:, None] * np.exp(log) * scale[:, None, None]
    width *= ~(fitted.marks.codes["constant"] | fitted.marks.codes["empty"])[:, None]
    width = np.where(fitted.logged[:, None], np.minimum(width, WIDEST), width)
    skew = np.where(fitted.logged, SKEW, 0.0)[:, None] + fitted.slack[2]
    return Spread(width[0], np.maximum(width[1], width[0] * NARROWEST), skew)


def features(fitted: Fitted, base: Array | None = None) -> Array:
    """What the widths depend on, free of units, shape (series, h, features)."""
    a, h = fitted.averaged, fitted.point.shape[1]
    base = typical_error(fitted) if base is None else base
    safe = np.where(base > 0, base, 1.0)
    step = np.log(np.arange(1, h + 1.0))
    growth, trust = _growth(a.error, a.count, safe, step)
    tails = np.log(np.maximum(np.sqrt(a.square[0]) / safe / 1.2533, 0.5)) * (a.count[0] >= YOUNG)
    age = np.log(np.clip(fitted.n, 2, 180) / 72.0)
    swing = np.log1p(np.sqrt((fitted.season.index**2).mean(0)) / safe)
    columns = {
        "one": np.ones((len(base), h)),
        "step": np.broadcast_to(step, (len(base), h)),
        "step2": np.broadcast_to(step**2, (len(base), h)),
        "growth": growth,
        "trust_step": trust * step,
        "tails": np.broadcast_to(tails[:, None], (len(base), h)),
        "age": np.broadcast_to(age[:, None], (len(base), h)),
        "age2": np.broadcast_to(np.minimum(age, 0.0)[:, None] ** 2, (len(base), h)),
        "age_step": age[:, None] * step,
        "alpha": np.broadcast_to(a.alpha[:, None], (len(base), h)),
        "alpha_step": a.alpha[:, None] * step,
        "swing": np.broadcast_to(np.minimum(swing, 3.0)[:, None], (len(base), h)),
        "discord": np.log1p(a.discord.T / safe[:, None]),
        "doubt": np.log1p(a.doubt.T / safe[:, None]),
        "move": np.log1p(np.abs(a.ahead - a.ahead[0]).T / safe[:, None]),
        "recent": np.broadcast_to(
            (np.log(np.clip(a.recent / safe, 0.2, 5.0)) * (a.count[0] >= 24))[:, None],
            (len(base), h),
        ),
        "strength": np.broadcast_to(fitted.season.strength[:, None], (len(base), h)),
    }
    return np.stack([columns[name] for name in FEATURES], axis=-1)


def typical_error(fitted: Fitted) -> Array:
    """Mean absolute one-step error; in young series blended with that of the naive forecast."""
    a = fitted.averaged
    missing = np.maximum(YOUNG - a.count[0], 0.0) / YOUNG
    return np.asarray(a.error[0] * (1.0 - missing) + a.change * missing)


def _growth(error: Array, count: Array, base: Array, step: Array) -> tuple[Array, Array]:
    """Log ratio of the errors at each step to those at one step, as far as it is known."""
    known = count / (count + TRUSTED)
    ratio = np.log(np.clip(error / base, 0.2, 20.0)) * (count > 0)
    knots = np.log(np.array(HORIZONS, dtype=np.float64))
    right = np.clip(np.searchsorted(knots, step), 1, len(knots) - 1)
    share = np.clip((step - knots[right - 1]) / (knots[right] - knots[right - 1]), 0.0, 1.0)

    def between(values: Array) -> Array:
        return np.asarray(values[right - 1].T * (1 - share) + values[right].T * share)

    return between(ratio * known), between(known)

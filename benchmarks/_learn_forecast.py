"""Learn the constants of ``opsnb.stats.forecast`` from panels of monthly series.

``python -m benchmarks._learn_forecast DIR`` reads ``m3_dev.parquet``, ``m4like_dev.parquet`` and
``m4like_train.parquet`` (unique_id, ds, y, split) in DIR and prints the tables of
``opsnb/stats/forecast/constants.py``, the widths around the path, from windows that end before the
last 18 months of every series. The last months of the development panels enter two numbers alone,
the levels of the widths at 80 and 95 %. The path is corrected by what ``_learn_lean`` learned,
which is to be run before.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from opsnb.stats.forecast import constants, engine, widths
from opsnb.stats.forecast.panel import Array, Panel

H = 18
PANELS = ("m3_dev", "m4like_dev", "m4like_train")
# Panel, months cut from the end, every which series, from which, range of the history's length,
# weight.
WIDTH_WINDOWS = (
    ("m4like_train", 18, 2, 0, None, 1.0),
    ("m4like_train", 36, 2, 1, None, 1.0),
    ("m4like_dev", 18, 1, 0, None, 1.0),
    ("m3_dev", 18, 1, 0, None, 1.0),
    ("m3_dev", 36, 1, 0, None, 1.0),
    ("m4like_train", 18, 4, 0, (2, 30), 0.1),
    ("m3_dev", 18, 2, 0, (2, 30), 0.1),
)
# Windows on which the widths are made to cover what they say; the last months of the two panels
# that have a test part are among them.
CONFORMAL_WINDOWS = (
    ("m4like_train", 18),
    ("m4like_train", 36),
    ("m4like_dev", 18),
    ("m4like_dev", 0),
    ("m3_dev", 18),
    ("m3_dev", 36),
    ("m3_dev", 0),
)
HELD = {80: 80.8, 95: 95.3}
"""Levels, in percent, held on these windows, some of which the correction was learned from, so that
80 and 95 % hold on others."""
START = {80: np.log(1.6), 95: np.log(3.0)}


@dataclass(frozen=True)
class Window:
    """Histories that end at one distance from the end, and the 18 months that followed."""

    y: Array
    actual: Array

    @property
    def panel(self) -> Panel:
        series = self.y.shape[1]
        return Panel(pd.RangeIndex(series), self.y, np.zeros(series, dtype=np.int64), 1)

    @property
    def scale(self) -> Array:
        """Mean absolute seasonal difference of each history."""
        return np.array([_scale(x[~np.isnan(x)]) for x in self.y.T])


def main() -> None:
    if len(sys.argv) < 2 or not (folder := Path(sys.argv[-1])).is_dir():
        sys.exit("usage: python -m benchmarks._learn_forecast DIR, with the panels in DIR")
    series = {name: series_of(folder / f"{name}.parquet") for name in PANELS}
    low, high = half_widths(series)
    print("LEARNED = (")
    for name, a, b in zip(constants.FEATURES, low, high, strict=False):
        print(f'    ("{name}", {a:.4f}, {b:.4f}),')
    print(f")\nSKEW = {(low[-1] + high[-1]) / 2:.3f}")


def window(series: list[Array], back: int, least: int, lengths: tuple[int, int] | None) -> Window:
    """Histories of `least` months or more, or cut to some length, `back` months before the end."""
    chance = np.random.default_rng(back)
    histories, actual = [], []
    for whole in series:
        y = whole[: len(whole) - back]
        if len(y) - H >= (lengths[0] if lengths else least):
            length = int(chance.integers(lengths[0], lengths[1] + 1)) if lengths else len(y)
            histories.append(y[:-H][-length:])
            actual.append(y[-H:])
    grid = np.full((max(map(len, histories)), len(histories)), np.nan)
    for column, x in enumerate(histories):
        grid[len(grid) - len(x) :, column] = x
    return Window(grid, np.array(actual))


def half_widths(series: dict[str, list[Array]]) -> tuple[Array, Array]:
    """Weights of the features of the widths at 80 and 95 %, and the skew, by the interval score."""
    data = []
    for name, back, every, first, lengths, weight in WIDTH_WINDOWS:
        w = window(series[name][first::every], back, 18, lengths)
        fitted = engine.fit(w.panel, H, 12)
        base = widths.typical_error(fitted)
        usable = np.isfinite(w.scale) & (base > 1e-6)
        centre = fitted.centre()
        parts = (widths.features(fitted, base), base[:, None], centre, w.actual, w.scale[:, None])
        data.append((weight, *(part[usable] for part in parts)))
    found = []
    for level in (80, 95):
        alpha = 1 - level / 100
        start = np.zeros(len(constants.FEATURES) + 1)
        start[:2] = START[level], 0.3

        def gradient(theta: Array, alpha: float = alpha, start: Array = start) -> Array:
            total = 4e-3 * (theta - start)
            share = 1 / sum(d[0] for d in data)
            for weight, *parts in data:
                total = total + weight * share * _score_gradient(theta, alpha, *parts)
            return np.asarray(total)

        theta = _descend(gradient, start, 400, 0.03)
        theta[0] += np.log(np.quantile(np.concatenate(_ratios(series, theta)), HELD[level] / 100))
        found.append(theta)
    return found[0], found[1]


def _ratios(series: dict[str, list[Array]], theta: Array) -> list[Array]:
    """Errors over half-widths, as many of each window: what the widths are made to cover."""
    out = []
    for name, back in CONFORMAL_WINDOWS:
        w = window(series[name], back, 18, None)
        fitted = engine.fit(w.panel, H, 12)
        base = widths.typical_error(fitted)[:, None]
        half = base * np.exp(widths.features(fitted, base[:, 0]) @ theta[:-1])
        distance = fitted.distance(w.actual)
        ratio = np.abs(distance) * np.exp(-np.sign(distance) * theta[-1]) / half
        out.append(np.quantile(ratio, np.linspace(0.0005, 0.9995, 1000)))
    return out


def _score_gradient(
    theta: Array, alpha: float, x: Array, base: Array, centre: Array, actual: Array, scale: Array
) -> Array:
    """Gradient of the mean interval score over the scale, by features and skew."""
    half = np.minimum(base * np.exp(x @ theta[:-1]), widths.WIDEST)
    below, above = half * np.exp(-theta[-1]), half * np.exp(theta[-1])
    low, high = centre * np.exp(-below), centre * (1 + above)
    by_low = -low * below * (2 / alpha * (actual < low) - 1) / scale
    by_high = centre * above * (1 - 2 / alpha * (actual > high)) / scale
    by_width = np.einsum("sk,skf->f", by_low + by_high, x)
    return np.r_[by_width, (by_high - by_low).sum()] / half.size


def _descend(gradient, start: Array, steps: int, rate: float) -> Array:
    """Adam (Kingma & Ba 2015) with a rate that falls to zero."""
    theta, m, v = start.copy(), np.zeros_like(start), np.zeros_like(start)
    for t in range(1, steps + 1):
        g = gradient(theta)
        m, v = 0.9 * m + 0.1 * g, 0.99 * v + 0.01 * g * g
        step = (m / (1 - 0.9**t)) / (np.sqrt(v / (1 - 0.99**t)) + 1e-9)
        theta = theta - rate * np.sqrt(1 - t / steps) * step
    return theta


def series_of(path: Path) -> list[Array]:
    panel = pd.read_parquet(path).sort_values(["unique_id", "ds"])
    return [part["y"].to_numpy() for _, part in panel.groupby("unique_id", sort=True)]


def _scale(x: Array) -> float:
    lag = 12 if len(x) > 12 else 1
    error = np.abs(x[lag:] - x[:-lag]).mean() if len(x) > lag else np.nan
    return float(error) if error > 0 else np.nan


if __name__ == "__main__":
    main()

"""Learn the correction of the widths, ``opsnb/stats/forecast/slack.npz``, from monthly series.

``python -m benchmarks._learn_slack DIR`` reads the panels of ``_learn_forecast`` in DIR; it is run
last, after ``_learn_lean`` and ``_learn_forecast``. Windows end before the last 18 months of every
series. These last months enter two numbers alone: the levels of the widths at 80 and 95 %.

With ``--check`` nothing is written: networks learned on two thirds of the series hold the others'
last 18 months of ``m4like_train``; and, learned on windows that end 36 months before the end, those
from 36 to 18 before it in the other panels. Printed are coverage and interval score, at their own
level and at that which holds 80 and 95 % of what came, without and with the networks.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, fields, replace
from pathlib import Path

import numpy as np

from benchmarks._learn_forecast import PANELS, H, series_of, window
from benchmarks._networks import Plan, Slope, mean_of, one, standardised, stored
from opsnb.stats.forecast import engine, lean, slack, widths
from opsnb.stats.forecast.constants import SKEW, WIDTHS
from opsnb.stats.forecast.network import Network
from opsnb.stats.forecast.panel import Array

BACKS = (18, 20, 22, 24, 27, 30, 33, 36, 39, 42, 45, 48, 54, 60, 66, 72, 84)
LEAST = 24
PLAN, NETWORKS = Plan(units=48, epochs=20, rate=4e-3), 8
SHARE = 0.5
"""How much of what was learned is believed."""
WEIGHTS = (2.0, 1.0, 1.0)
"""Of the panels: the first is small."""
ALPHA = (0.2, 0.05)
LARGE = 0.95
"""Quantile of the series' size, beside their year-to-year differences, at which weights end."""
FILE = Path(slack.__file__).with_name("slack.npz")


@dataclass(frozen=True)
class Lessons:
    """Windows: features, logarithms of half-widths, signed distances, centres in scaled units."""

    x: Array
    low: Array
    high: Array
    distance: Array
    centre: Array
    series: Array
    back: Array
    panel: Array

    def where(self, rows: Array) -> Lessons:
        return Lessons(**{f.name: getattr(self, f.name)[rows] for f in fields(Lessons)})

    def halves(self, level: int, out: Array, rows: Array) -> tuple[Array, Array]:
        """Lower and upper half-widths at a level, corrected by what came out."""
        log = (self.low, self.high)[level][rows] + out[:, level * H : (level + 1) * H]
        skew = SKEW + out[:, 2 * H :]
        below, above = np.exp(log - skew), np.exp(log + skew)
        return np.minimum(below, widths.WIDEST), np.minimum(above, widths.WIDEST)


def main() -> None:
    check = "--check" in sys.argv
    folders = [Path(word) for word in sys.argv[1:] if word != "--check"]
    if len(folders) != 1 or not folders[0].is_dir():
        sys.exit("usage: python -m benchmarks._learn_slack [--check] DIR, with the panels in DIR")
    series = {name: series_of(folders[0] / f"{name}.parquet") for name in PANELS}
    all_of_them = lessons(series, (0, *BACKS))
    if check:
        validate(all_of_them)
        return
    network = learned(all_of_them.where(all_of_them.back > 0))
    np.savez(FILE, **stored(levelled(network, all_of_them.where(all_of_them.back == 0))))


def lessons(series: dict[str, list[Array]], backs: tuple[int, ...]) -> Lessons:
    """What the engine saw, how wide it would be, and how far off what came was."""
    parts = []
    for panel, name in enumerate(PANELS):
        for back in backs:
            chosen = [i for i, y in enumerate(series[name]) if len(y) - back - H >= LEAST]
            w = window([series[name][i] for i in chosen], back, LEAST, None)
            fitted = engine.fit(w.panel, H, 12)
            base = widths.typical_error(fitted)
            usable = fitted.logged & (fitted.n >= LEAST) & np.isfinite(w.scale) & (base > 1e-6)
            x = np.where(np.isnan(fitted.marks.clean), np.nan, fitted.marks.clean)
            z = np.log(np.where(fitted.logged, x, 1.0)) - fitted.season.over(-len(x), len(x))
            seen = lean.features(z, fitted.averaged, fitted.season.strength, fitted.n)
            more = slack.more(w.y, fitted.averaged, fitted.season)
            log = np.log(np.maximum(base, 1e-6))[:, None] + np.einsum(
                "skf,lf->lsk", widths.features(fitted, base), WIDTHS
            )
            whose = 10_000 * panel + np.array(chosen)
            ended, whence = np.full(len(base), back), np.full(len(base), panel)
            lesson = Lessons(
                np.concatenate([seen, more], axis=1), log[0], log[1], fitted.distance(w.actual),
                fitted.centre() / w.scale[:, None], whose, ended, whence,
            )  # fmt: skip
            parts.append(lesson.where(usable))
    return Lessons(
        **{f.name: np.concatenate([getattr(p, f.name) for p in parts]) for f in fields(Lessons)}
    )


def learned(seen: Lessons) -> Network:
    """Mean of all networks, as far as it is believed."""
    x, mean, sd = standardised(seen.x)
    size = seen.centre.mean(1)
    weight = np.minimum(1.0, np.quantile(size, LARGE) / np.maximum(size, 1e-6))
    worth = (weight * np.array(WEIGHTS)[seen.panel])[:, None] * seen.centre

    def pull(some: Array, out: Array) -> Array:
        """Gradient of the interval scores at both levels (Gneiting & Raftery 2007)."""
        found, distance = np.zeros_like(out), seen.distance[some]
        for level, alpha in enumerate(ALPHA):
            below, above = seen.halves(level, out, some)
            by_below = np.exp(-below) * below * (1 - 2 / alpha * (distance < -below))
            by_above = above * (1 - 2 / alpha * (distance > above))
            found[:, level * H : (level + 1) * H] += worth[some] * (by_below + by_above)
            found[:, 2 * H :] += worth[some] * (by_above - by_below)
        return np.asarray(found / np.float32(len(out) * H), dtype=np.float32)

    def slope(_: Array) -> Slope:
        return pull

    outputs = slack.OUTPUTS * H
    parts = [one(x, seen.series, outputs, PLAN, seed, slope) for seed in range(NETWORKS)]
    found = mean_of(parts, mean, sd)
    return replace(found, outer=found.outer * SHARE, constant=found.constant * SHARE)


def levelled(network: Network, last: Lessons) -> Network:
    """Network whose widths hold 80 and 95 % of the last months, each panel counting the same."""
    constant = network.constant.copy()
    for level, factor in enumerate(_factors(last, network.out(last.x))):
        constant[level * H : (level + 1) * H] += np.log(factor)
    return replace(network, constant=constant)


def _factors(last: Lessons, out: Array) -> list[float]:
    """Factors of the widths with which they hold what came at each level."""
    found = []
    for level, alpha in enumerate(ALPHA):
        below, above = last.halves(level, out, np.arange(len(out)))
        ratio = np.where(last.distance < 0, -last.distance / below, last.distance / above)
        grid = np.linspace(0.0005, 0.9995, 1000)
        each = [np.quantile(ratio[last.panel == p], grid) for p in np.unique(last.panel)]
        found.append(float(np.quantile(np.concatenate(each), 1 - alpha)))
    return found


def validate(all_of_them: Lessons) -> None:
    """Coverage and interval scores on series and months that were not learned from."""
    third = all_of_them.series % 3
    for after, at in ((18, 0), (36, 18)):
        parts = []
        for fold in range(3):
            network = learned(all_of_them.where((third != fold) & (all_of_them.back >= after)))
            held = all_of_them.where((third == fold) & (all_of_them.back == at))
            parts.append((held, network.out(held.x)))
        for panel, name in enumerate(PANELS):
            if at or name == "m4like_train":
                for used in (0.0, 1.0):
                    told = [_told(parts, panel, level, used) for level in (0, 1)]
                    print(f"{name}, {at} months before the end, {used:g}: {'; '.join(told)}")


def _told(parts: list[tuple[Lessons, Array]], panel: int, level: int, used: float) -> str:
    chosen = [(held.where(held.panel == panel), out[held.panel == panel]) for held, out in parts]
    below, above, distance, centre = (
        np.concatenate(columns)
        for columns in zip(
            *(
                (*held.halves(level, used * out, np.arange(len(out))), held.distance, held.centre)
                for held, out in chosen
            ),
            strict=True,
        )
    )
    ratio = np.where(distance < 0, -distance / below, distance / above)
    alpha = ALPHA[level]
    factor = float(np.quantile(ratio, 1 - alpha))
    scores = [_score(below * f, above * f, distance, centre, alpha) for f in (1.0, factor)]
    return f"{(ratio <= 1).mean():.3f}, score {scores[0]:.3f}, levelled {scores[1]:.3f}"


def _score(below: Array, above: Array, distance: Array, centre: Array, alpha: float) -> float:
    """Mean interval score over the scale."""
    low, high = centre * np.exp(-below), centre * (1 + above)
    came = centre * np.where(distance < 0, np.exp(np.minimum(distance, 0.0)), 1 + distance)
    out = np.maximum(low - came, 0.0) + np.maximum(came - high, 0.0)
    return float((high - low + 2 / alpha * out).mean())


if __name__ == "__main__":
    main()

"""Learn the correction of the path, ``opsnb/stats/forecast/lean.npz``, from monthly series.

``python -m benchmarks._learn_lean DIR`` reads the panels of ``_learn_forecast`` in DIR, which is to
be run afterwards for the widths. Windows end before the last 18 months of every series. With
``--check`` nothing is written: networks learned on two thirds of the series forecast the last 18
months of the others among ``m4like_train``; and, learned on windows that end 36 months before the
end, those from 36 to 18 before it in all panels, whose ratio to the uncorrected error is printed.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np

from benchmarks._learn_forecast import PANELS, H, series_of, window
from benchmarks._networks import Plan, Slope, mean_of, one, standardised, stored
from opsnb.stats.forecast import engine, lean
from opsnb.stats.forecast.network import Network
from opsnb.stats.forecast.panel import Array

BACKS = (18, 20, 22, 24, 27, 30, 33, 36, 42, 48, 54, 60, 72)
LEAST = 24
# Months of adjusted values a network sees, and how many networks see as many.
MEMORIES = ((12, 6), (36, 6))
PLAN = Plan(units=48, epochs=12, rate=2e-3)
PERCENT, SCALED = 0.15, 1.1
"""Typical relative and scaled errors of Naive2: each error counts in multiples of both."""
SHARES = (0.5, 0.65, 0.8, 1.0)


@dataclass(frozen=True)
class Lessons:
    """Windows: features, errors in units of the base, weights, series, months cut, panel."""

    x: Array
    error: Array
    weight: Array
    series: Array
    back: Array
    panel: Array

    def where(self, rows: Array) -> Lessons:
        return Lessons(**{f.name: getattr(self, f.name)[rows] for f in fields(Lessons)})


def main() -> None:
    check = "--check" in sys.argv
    folders = [Path(word) for word in sys.argv[1:] if word != "--check"]
    if len(folders) != 1 or not folders[0].is_dir():
        sys.exit("usage: python -m benchmarks._learn_lean [--check] DIR, with the panels in DIR")
    series = {name: series_of(folders[0] / f"{name}.parquet") for name in PANELS}
    if check:
        validate(lessons(series, (0, *BACKS)))
        return
    file = Path(lean.__file__).with_name("lean.npz")
    np.savez(file, **stored(learned(lessons(series, BACKS))))


def lessons(series: dict[str, list[Array]], backs: tuple[int, ...]) -> Lessons:
    """What the engine without a correction saw, and by how much it missed."""
    parts = []
    for panel, name in enumerate(PANELS):
        for back in backs:
            chosen = [i for i, y in enumerate(series[name]) if len(y) - back - H >= LEAST]
            w = window([series[name][i] for i in chosen], back, LEAST, None)
            fitted = engine.fit(w.panel, H, 12, corrected=False)
            usable = fitted.logged & (fitted.n >= LEAST) & np.isfinite(w.scale)
            x = np.where(np.isnan(fitted.marks.clean), np.nan, fitted.marks.clean)
            z = np.log(np.where(fitted.logged, x, 1.0)) - fitted.season.over(-len(x), len(x))
            rows = lean.features(z, fitted.averaged, fitted.season.strength, fitted.n)
            unit = lean.base(fitted.averaged)
            error = np.log(np.where(usable[:, None], w.actual, 1.0)) - fitted.point
            size = np.exp(np.where(usable, fitted.point.mean(1), 0.0)) / w.scale
            weight = unit * (1 / PERCENT + np.minimum(size, 40.0) / SCALED)
            whose = 10_000 * panel + np.array(chosen)
            ended, whence = np.full(len(unit), back), np.full(len(unit), panel)
            lesson = Lessons(rows, error / unit[:, None], weight, whose, ended, whence)
            parts.append(lesson.where(usable))
    return Lessons(
        **{f.name: np.concatenate([getattr(p, f.name) for p in parts]) for f in fields(Lessons)}
    )


def learned(seen: Lessons) -> Network:
    """Mean of all networks."""
    x, mean, sd = standardised(seen.x)
    error = np.clip(seen.error, -60.0, 60.0).astype(np.float32)
    weight = np.minimum(seen.weight, 3.0 * np.median(seen.weight))
    _, at, count = np.unique(seen.series, return_inverse=True, return_counts=True)
    weight = (weight / np.sqrt(count[at])).astype(np.float32)

    def slope(rows: Array) -> Slope:
        """Of the smoothed absolute error."""
        own = weight / weight[rows].mean()

        def pull(some: Array, out: Array) -> Array:
            miss = out - error[some]
            size = np.float32(miss.size)
            return np.asarray(miss / np.sqrt(miss * miss + 0.01) * own[some][:, None] / size)

        return pull

    parts, seed = [], 0
    for memory, networks in MEMORIES:
        used = np.ones((x.shape[1], 1), dtype=np.float32)
        used[: lean.MEMORY - memory] = 0.0
        for _ in range(networks):
            parts.append(one(x, seen.series, H, PLAN, seed, slope, used))
            seed += 1
    return mean_of(parts, mean, sd)


def validate(all_of_them: Lessons) -> None:
    """Weighted absolute error on series and months that were not learned from."""
    third = all_of_them.series % 3
    for after, at in ((18, 0), (36, 18)):
        parts = []
        for fold in range(3):
            network = learned(all_of_them.where((third != fold) & (all_of_them.back >= after)))
            held = all_of_them.where((third == fold) & (all_of_them.back == at))
            parts.append((held, network.out(held.x)))
        for panel, name in enumerate(PANELS):
            if at or name == "m4like_train":
                ratios = [_ratio(parts, panel, share) for share in SHARES]
                text = ", ".join(f"{s}: {r:.4f}" for s, r in zip(SHARES, ratios, strict=True))
                print(f"{name}, {at} months before the end: {text}")


def _ratio(parts: list[tuple[Lessons, Array]], panel: int, share: float) -> float:
    corrected = plain = 0.0
    for held, out in parts:
        mine = held.panel == panel
        weight = held.weight[mine, None]
        plain += float((weight * np.abs(held.error[mine])).sum())
        corrected += float((weight * np.abs(held.error[mine] - share * out[mine])).sum())
    return corrected / plain


if __name__ == "__main__":
    main()

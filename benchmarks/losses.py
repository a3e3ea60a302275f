"""Annual losses of 50 risks in a million simulated years, with VaR, ES and tail shares.

Contestants: `simulate`, counts for each year with `repeat` and `bincount`, and a loop over the
years as riskquant does. Each runs in a process of its own, whose peak memory is read; the loop
simulates a hundredth of the years, and its seconds are multiplied.
"""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable

import numpy as np
import pandas as pd

from benchmarks._measure import header
from opsnb.stats.losses import simulate

FEW = 100_000
"""Years for a widget that answers while one moves it."""
TRIALS = int(os.environ.get("OPSNB_BENCH_TRIALS", "1_000_000"))
ROUNDS = 3
RISKS = 50
PART = 100
LEVELS = (0.9, 0.95, 0.99)
Z95 = 1.6448536269514722


def main() -> None:
    taken: dict[str, list[tuple[float, float]]] = {name: [] for name in CONTESTANTS}
    for _ in range(ROUNDS):
        for name, runs in taken.items():
            command = [sys.executable, "-m", "benchmarks.losses", name]
            found = subprocess.run(command, check=True, capture_output=True, text=True).stdout
            seconds, peak = map(float, found.split())
            runs.append((seconds, peak))
    header(f"Annual losses of {RISKS} risks in {TRIALS:,} years")
    print(f"| {'':28} | median, s | best, s | peak, MB | ratio |")
    print(f"|{'-' * 30}|----------:|--------:|---------:|------:|")
    first = None
    for name, runs in taken.items():
        seconds = [one for one, _ in runs]
        median, peak = statistics.median(seconds), max(peak for _, peak in runs)
        first = first or median
        line = f"{median:9.3f} | {min(seconds):7.3f} | {peak:8.0f} | {median / first:5.2f} |"
        print(f"| {name:28} | {line}")


def register() -> pd.DataFrame:
    """Register with frequencies from .05 to 3 a year and losses over several powers of ten."""
    chance = np.random.default_rng(20261126)
    low = 10 ** chance.uniform(3, 5, RISKS)
    return pd.DataFrame(
        {
            "risk_id": [f"R{number:02d}" for number in range(RISKS)],
            "frequency": np.exp(chance.uniform(np.log(0.05), np.log(3), RISKS)),
            "loss_low": low,
            "loss_high": low * 10 ** chance.uniform(0.5, 1.5, RISKS),
        }
    )


def by_opsnb(risks: pd.DataFrame) -> float:
    began = time.perf_counter()
    simulate(risks, trials=TRIALS, level=LEVELS)
    return time.perf_counter() - began


def few(risks: pd.DataFrame) -> float:
    simulate(risks, trials=1000, level=LEVELS)  # what is imported late is there
    began = time.perf_counter()
    simulate(risks, trials=FEW, level=LEVELS)
    return time.perf_counter() - began


def by_repeat(risks: pd.DataFrame) -> float:
    """Counts a year, `repeat` of the years, `bincount` of the severities; every loss in memory."""
    began = time.perf_counter()
    chance, years = np.random.default_rng(0), np.arange(TRIALS)
    losses = np.empty((len(risks), TRIALS))
    for place, (rate, mu, sigma) in enumerate(_laws(risks)):
        where = np.repeat(years, chance.poisson(rate, TRIALS))
        losses[place] = np.bincount(where, chance.lognormal(mu, sigma, where.size), TRIALS)
    total = losses.sum(axis=0)
    for values in (*losses, total):
        _tails(values)
    losses[:, np.argpartition(total, -TRIALS // 100)[-TRIALS // 100 :]].mean(axis=1)
    return time.perf_counter() - began


def by_loop(risks: pd.DataFrame) -> float:
    """riskquant's way: for each year a count, and the sum of as many severities."""
    began = time.perf_counter()
    chance, trials = np.random.default_rng(0), TRIALS // PART
    total = np.zeros(trials)
    for rate, mu, sigma in _laws(risks):
        counts = chance.poisson(rate, trials)
        values = np.array([chance.lognormal(mu, sigma, count).sum() for count in counts])
        _tails(values)
        total += values
    _tails(total)
    return (time.perf_counter() - began) * PART


CONTESTANTS: dict[str, Callable[[pd.DataFrame], float]] = {
    "opsnb, with both engines": by_opsnb,
    f"opsnb, {FEW:,} years, warm": few,
    "repeat and bincount": by_repeat,
    "loop over the years, times 100": by_loop,
}


def _laws(risks: pd.DataFrame) -> list[tuple[float, float, float]]:
    low, high = np.log(risks["loss_low"]), np.log(risks["loss_high"])
    mu, sigma = (low + high) / 2, (high - low) / (2 * Z95)
    return list(zip(risks["frequency"], mu, sigma, strict=True))


def _tails(values: np.ndarray) -> None:
    """VaR of the levels, and the mean of what is beyond."""
    places = [int(np.ceil(q * values.size)) - 1 for q in LEVELS]
    ordered = np.partition(values, places)
    for place in places:
        ordered[place:].mean()


if __name__ == "__main__":
    if len(sys.argv) == 1:
        main()
    else:
        spent = CONTESTANTS[sys.argv[1]](register())
        print(spent, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)

"""Forecasts of a year of monthly series: accuracy, coverage and time beside statsmodels.

The series are made with a seed in four families (business figures, random walks, changing seasons,
moving levels), and one is the sea surface temperature that statsmodels ships. Contestants: opsnb,
ETS with damped trend and season, the Theta method, and the seasonal naive forecast.
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Mapping
from statistics import NormalDist

import numpy as np
import numpy.typing as npt
import pandas as pd

from opsnb.stats import accuracy
from opsnb.stats.forecast import fit_scale, forecast

H, SEASON, SERIES = 12, 12, 12
Array = npt.NDArray[np.float64]
Forecast = tuple[Array, Array, Array]
Z95 = NormalDist().inv_cdf(0.975)


def main() -> None:
    families = {**generated(), "sea surface (El Niño)": sea_surface()}
    contestants = {
        "seasonal naive": seasonal_naive,
        "statsmodels ETS": by_series(ets),
        "statsmodels Theta": by_series(theta),
        "opsnb": ours,
    }
    for family, series in families.items():
        print(f"\n### {family}: {len(series)} series, {H} months ahead\n")
        print("| | MASE | sMAPE, % | 95 % covers, % | MSIS | CPU s / 1,000 |")
        print("|---|---:|---:|---:|---:|---:|")
        for name, contestant in contestants.items():
            print(f"| {name} | " + " | ".join(row(series, contestant)) + " |")


def row(series: list[Array], contestant: Callable[[list[Array]], Forecast]) -> list[str]:
    """Figures of one contestant on one family."""
    history, actual = [y[:-H] for y in series], np.array([y[-H:] for y in series])
    began = time.process_time()
    mean, low, high = contestant(history)
    taken = (time.process_time() - began) / len(series) * 1000
    return [
        f"{accuracy.mase(actual, mean, history):.3f}",
        f"{accuracy.smape(actual, mean):.2f}",
        f"{100 * accuracy.coverage(actual, low, high):.1f}",
        f"{accuracy.msis(actual, low, high, history):.2f}",
        f"{taken:.2f}",
    ]


def ours(history: list[Array]) -> Forecast:
    """With the widths of the panel itself, whose fitting counts into the time."""
    panel = pd.concat(
        pd.DataFrame({"unique_id": f"{i:04d}", "ds": months(len(y)), "y": y})
        for i, y in enumerate(history)
    )
    out = forecast(panel, H, level=(95,), scale=fit_scale(panel, h=H))
    mean, low, high = (out[c].to_numpy().reshape(-1, H) for c in ("mean", "lo-95", "hi-95"))
    return mean, low, high


def seasonal_naive(history: list[Array]) -> Forecast:
    """Last year's months; normal intervals from last year's changes."""
    mean = np.array([y[-SEASON:][:H] for y in history])
    sd = np.array([[np.std(y[SEASON:] - y[:-SEASON])] for y in history])
    return mean, mean - Z95 * sd, mean + Z95 * sd


def by_series(one: Callable[[pd.Series], Forecast]) -> Callable[[list[Array]], Forecast]:
    """A contestant that knows one series at a time."""

    def all_of_them(history: list[Array]) -> Forecast:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # optimisers that do not converge, which is theirs
            found = [one(pd.Series(y, index=months(len(y)))) for y in history]
        mean, low, high = (np.array(part) for part in zip(*found, strict=True))
        return mean, low, high

    return all_of_them


def ets(y: pd.Series) -> Forecast:
    from statsmodels.tsa.exponential_smoothing.ets import ETSModel

    words = {"error": "add", "trend": "add", "damped_trend": True, "seasonal": "add"}
    result = ETSModel(y, seasonal_periods=SEASON, **words).fit(disp=False)
    ahead = result.get_prediction(start=len(y), end=len(y) + H - 1).summary_frame(alpha=0.05)
    return tuple(ahead[c].to_numpy() for c in ("mean", "pi_lower", "pi_upper"))  # type: ignore[return-value]


def theta(y: pd.Series) -> Forecast:
    from statsmodels.tsa.forecasting.theta import ThetaModel

    result = ThetaModel(y, period=SEASON).fit()
    ahead = result.prediction_intervals(H, alpha=0.05)
    return result.forecast(H).to_numpy(), ahead["lower"].to_numpy(), ahead["upper"].to_numpy()


def generated() -> Mapping[str, list[Array]]:
    """Families by name, always the same."""
    chance = np.random.default_rng(20261126)
    makers = {
        "business figures": business,
        "random walks": walk,
        "changing seasons": changing,
        "moving levels": moving,
    }
    return {name: [make(chance) for _ in range(SERIES)] for name, make in makers.items()}


def business(chance: np.random.Generator) -> Array:
    t = np.arange(chance.integers(48, 84))
    level = np.cumsum(chance.normal(0.003, 0.012, t.size))
    noise = 0.025 * chance.standard_t(5, t.size)
    return np.asarray(1000 * np.exp(level + season(chance, 0.12)[t % SEASON] + noise))


def walk(chance: np.random.Generator) -> Array:
    return np.asarray(200 * np.exp(np.cumsum(chance.normal(0.003, 0.03, 84))))


def changing(chance: np.random.Generator) -> Array:
    t = np.arange(108)
    size = 1 + 0.8 * chance.choice([-1, 1]) * t / t.size
    shape = size * season(chance, 0.12)[t % SEASON]
    return np.asarray(500 * np.exp(0.002 * t + shape + chance.normal(0, 0.03, t.size)))


def moving(chance: np.random.Generator) -> Array:
    t = np.arange(96)
    level = np.cumsum((chance.random(t.size) < 0.03) * chance.normal(0, 0.25, t.size))
    noise = chance.normal(0, 0.05, t.size)
    return np.asarray(800 * np.exp(level + season(chance, 0.08)[t % SEASON] + noise))


def season(chance: np.random.Generator, size: float) -> Array:
    shape = chance.normal(size=SEASON)
    return np.asarray(size * (shape - shape.mean()) / shape.std())


def sea_surface() -> list[Array]:
    """Windows of seven years of the temperature off Peru, 1950 to 2010."""
    from statsmodels.datasets import elnino

    table = elnino.load_pandas().data.set_index("YEAR")
    y = table.to_numpy(dtype=np.float64).ravel()
    return [y[first : first + 84] for first in range(0, len(y) - 83, 129)]


def months(count: int) -> pd.DatetimeIndex:
    return pd.date_range("2018-01-01", periods=count, freq="MS")


if __name__ == "__main__":
    main()

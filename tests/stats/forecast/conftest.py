"""Series whose nature is known, made with a seed."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

Make = Callable[..., pd.DataFrame]


def long(series: dict[str, object], start: str = "2020-01-01") -> pd.DataFrame:
    """A long table of the series, all from one month on."""
    parts = [
        pd.DataFrame(
            {
                "unique_id": name,
                "ds": pd.date_range(start, periods=len(values), freq="MS"),
                "y": np.asarray(values, dtype=float),
            }
        )
        for name, values in series.items()
    ]
    return pd.concat(parts, ignore_index=True)


def business(
    count: int, seed: int = 0, lengths: tuple[int, int] = (30, 80)
) -> dict[str, np.ndarray]:
    """Series with trend, season and noise, and with different lengths."""
    chance = np.random.default_rng(seed)
    out = {}
    for number in range(count):
        months = np.arange(chance.integers(*lengths))
        season = 0.1 * chance.normal(size=12)
        level = np.cumsum(chance.normal(0.003, 0.01, months.size))
        noise = chance.normal(0, 0.03, months.size)
        out[f"s{number:03d}"] = 500 * np.exp(level + season[months % 12] + noise)
    return out


@pytest.fixture
def panel() -> pd.DataFrame:
    return long(business(12))

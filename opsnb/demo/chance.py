"""Random numbers: one stream a topic, stratified uniforms, lasting noise."""

from __future__ import annotations

import zlib

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def stream(seed: int, topic: str) -> np.random.Generator:
    """Random stream of `topic`; a change in one topic leaves the numbers of the others alone."""
    return np.random.default_rng([seed, zlib.crc32(topic.encode())])


def stratified(rng: np.random.Generator, group: Ints, groups: int) -> Floats:
    """Uniforms that are evenly spread within each group, in random order.

    A share p of a group of n is then met to within 1/n, where independent draws would be off
    by sqrt(p(1 - p)/n): the noise of a month stays the noise that was meant.

    Parameters
    ----------
    rng : numpy.random.Generator
    group : array of int64, shape (n,)
        Values from 0 to `groups` - 1, in any order.
    groups : int
    """
    count = np.bincount(group, minlength=groups)
    order = np.lexsort((rng.random(len(group)), group))
    rank = np.empty(len(group), dtype=np.int64)
    rank[order] = np.arange(len(group)) - (np.cumsum(count) - count)[group[order]]
    uniform: Floats = (rank + rng.random(groups)[group]) / count[group]
    return uniform


def pick(cumulative: Floats, uniform: Floats) -> Ints:
    """Position in a cumulative distribution for each uniform in [0, 1)."""
    place = np.searchsorted(cumulative / cumulative[-1], uniform, side="right")
    return np.minimum(place, len(cumulative) - 1).astype(np.int64)


def lasting(rng: np.random.Generator, shape: tuple[int, ...], sd: float, carry: float) -> Floats:
    """First-order autoregressive noise of standard deviation `sd` along the last axis."""
    noise = rng.normal(0.0, sd, shape)
    for month in range(1, shape[-1]):
        noise[..., month] *= np.sqrt(1 - carry**2)
        noise[..., month] += carry * noise[..., month - 1]
    return noise

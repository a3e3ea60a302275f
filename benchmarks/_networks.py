"""How small networks of one hidden layer are learned: in batches, by Adam, some units left out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from opsnb.stats.forecast.network import UNUSUAL, Network
from opsnb.stats.forecast.panel import Array

ROWS, DECAY = 512, 1e-3
DROPPED = 0.3
"""Share of the hidden units left out at each step (Srivastava et al. 2014)."""
BAG = 0.7
"""Share of the series each network sees (Breiman 1996)."""
Slope = Callable[[Array, Array], Array]
"""Gradient of the loss by the outputs of some rows: of their places, and what came out."""


@dataclass(frozen=True)
class Plan:
    """Hidden units, rounds through the rows, and the highest rate of learning."""

    units: int
    epochs: int
    rate: float


def standardised(x: Array) -> tuple[Array, Array, Array]:
    """Features as networks see them, and their mean and deviation."""
    mean, sd = x.mean(0), x.std(0) + 1e-3
    return np.clip((x - mean) / sd, -UNUSUAL, UNUSUAL).astype(np.float32), mean, sd


def one(
    x: Array, series: Array, outputs: int, plan: Plan, seed: int,
    slope: Callable[[Array], Slope], used: Array | None = None,
) -> tuple[Array, ...]:  # fmt: skip
    """Weights of one network, by Adam with decoupled decay (Loshchilov & Hutter 2019).

    Parameters
    ----------
    x : ndarray, shape (rows, features)
    series : ndarray, shape (rows,)
        Whose each row is.
    slope : callable
        Of the rows that are learned from: what gives the gradient.
    used : ndarray, shape (features, 1), optional
        1 where a feature is seen.
    """
    chance = np.random.default_rng(seed)
    names = np.unique(series)
    bag = chance.choice(names, int(BAG * len(names)), replace=False)
    rows = np.flatnonzero(np.isin(series, bag))
    pull_of = slope(rows)
    used = np.ones((x.shape[1], 1), dtype=np.float32) if used is None else used
    bound = 1 / np.sqrt(used.sum())
    start = [
        chance.uniform(-bound, bound, (x.shape[1], plan.units)) * used,
        chance.uniform(-bound, bound, plan.units),
        np.zeros((plan.units, outputs)),
        np.zeros(outputs),
    ]
    theta = [part.astype(np.float32) for part in start]
    m, v = ([np.zeros_like(part) for part in theta] for _ in range(2))
    batches = len(rows) // ROWS
    steps = plan.epochs * batches
    for step in range(1, steps + 1):
        if step % batches == 1 % batches:
            order = chance.permutation(rows)
        some = order[(step - 1) % batches * ROWS :][:ROWS]
        kept = (chance.random((ROWS, plan.units), dtype=np.float32) >= DROPPED) / (1 - DROPPED)
        gradient = _gradient(theta, x[some], some, kept.astype(np.float32), pull_of)
        gradient[0] *= used
        rate = plan.rate * _warmth(step / steps)
        for i, g in enumerate(gradient):
            m[i] += 0.1 * (g - m[i])
            v[i] += 0.001 * (g * g - v[i])
            move = (m[i] / (1 - 0.9**step)) / (np.sqrt(v[i] / (1 - 0.999**step)) + 1e-8)
            theta[i] -= np.float32(rate) * (move + np.float32(DECAY) * theta[i])
    return tuple(part.astype(np.float64) for part in theta)


def _gradient(
    theta: list[Array], x: Array, rows: Array, kept: Array, pull_of: Slope
) -> list[Array]:
    """Gradient of the loss by all weights, some hidden units being left out."""
    inner, threshold, outer, constant = theta
    hidden = np.maximum(x @ inner + threshold, 0.0) * kept
    pull = pull_of(rows, hidden @ outer + constant)
    back = (pull @ outer.T) * kept * (hidden > 0)
    return [x.T @ back, back.sum(0), hidden.T @ pull, pull.sum(0)]


def _warmth(done: float) -> float:
    """Rate of learning, as a share: up for three tenths, then down to nothing."""
    return done / 0.3 if done < 0.3 else 0.5 * (1 + np.cos(np.pi * (done - 0.3) / 0.7))


def mean_of(parts: Sequence[tuple[Array, ...]], mean: Array, sd: Array) -> Network:
    """The network that is the mean of some."""
    inner, threshold, outer, constant = zip(*parts, strict=True)
    return Network(
        mean,
        sd,
        np.concatenate(inner, axis=1),
        np.concatenate(threshold),
        np.concatenate(outer) / len(parts),
        np.mean(constant, axis=0),
    )


def stored(network: Network) -> dict[str, Array]:
    """Arrays of the file; weights in two bytes."""
    small = {"inner": np.float16, "outer": np.float16}
    return {
        name: getattr(network, name).astype(small.get(name, np.float32))
        for name in Network.__dataclass_fields__
    }

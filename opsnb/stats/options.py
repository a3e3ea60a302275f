"""Options: what each brings net of its cost, how unsure that is, and which is likely the best."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

Array = npt.NDArray[np.float64]
Range = tuple[float, float, float]
TRIALS, SEED, WIDTH = 100_000, 0, 0.8


@dataclass(frozen=True)
class Option:
    """One thing that can be done.

    Attributes
    ----------
    name : str
    cost, benefit : (low, mode, high)
        A year; three equal numbers are certain.
    chance : float
        How likely it works at all: else its cost is spent for nothing.
    """

    name: str
    cost: Range
    benefit: Range
    chance: float = 1.0


def weigh(options: Sequence[Option], trials: int = TRIALS, seed: int = SEED) -> pd.DataFrame:
    """Net benefit of each option, simulated with the same chances for all.

    Costs and benefits are PERT distributions (Malcolm et al. 1959), a beta on the range with the
    mean (low + 4 mode + high) / 6; options are independent of each other.

    Parameters
    ----------
    options : sequence of Option
        At least one.
    trials, seed : int

    Returns
    -------
    DataFrame
        name, cost, benefit (its chance in it) and net, means that are exact; net_low and
        net_high, 80 % of what comes; p_loss, how likely it costs more than it brings; p_best, how
        likely it brings the most of all; dominated_by, an option that costs no more and brings no
        less in every case, empty without one.

    Raises
    ------
    ValueError
        A range is out of order, or a chance is none.

    >>> sure = Option("a", (1.0, 1.0, 1.0), (3.0, 3.0, 3.0), 0.5)
    >>> float(weigh([sure]).at[0, "net"])
    0.5
    """
    for option in options:
        _check(option)
    rng = np.random.default_rng(seed)
    draws = [_net(option, trials, rng) for option in options]
    best = np.stack(draws).argmax(axis=0)
    tail = (1 - WIDTH) / 2
    rows = []
    for place, (option, net) in enumerate(zip(options, draws, strict=True)):
        cost, benefit = _mean(option.cost), option.chance * _mean(option.benefit)
        low, high = np.quantile(net, [tail, 1 - tail])
        rows.append(
            {
                "name": option.name, "cost": cost, "benefit": benefit, "net": benefit - cost,
                "net_low": float(low), "net_high": float(high),
                "p_loss": float((net < 0).mean()), "p_best": float((best == place).mean()),
                "dominated_by": _dominating(option, options),
            }
        )  # fmt: skip
    return pd.DataFrame(rows)


def _check(option: Option) -> None:
    for what, (low, mode, high) in (("cost", option.cost), ("benefit", option.benefit)):
        if not low <= mode <= high:
            raise ValueError(f"{option.name}: {what} {low:g}, {mode:g}, {high:g} is out of order")
    if not 0 <= option.chance <= 1:
        raise ValueError(f"{option.name}: chance {option.chance:g} is none")


def _mean(span: Range) -> float:
    low, mode, high = span
    return (low + 4 * mode + high) / 6


def _net(option: Option, trials: int, rng: np.random.Generator) -> Array:
    works = rng.random(trials) < option.chance
    found: Array = works * _draw(option.benefit, trials, rng) - _draw(option.cost, trials, rng)
    return found


def _draw(span: Range, trials: int, rng: np.random.Generator) -> Array:
    low, mode, high = span
    if low == high:
        return np.full(trials, mode)
    reach = high - low
    shape = 1 + 4 * (mode - low) / reach, 1 + 4 * (high - mode) / reach
    found: Array = low + reach * rng.beta(*shape, trials)
    return found


def _dominating(option: Option, options: Sequence[Option]) -> str:
    """Option that is nowhere worse, and somewhere better."""
    for other in options:
        if other is option:
            continue
        pairs = [
            *zip(option.cost, other.cost, strict=True),
            *zip((-v for v in option.benefit), (-v for v in other.benefit), strict=True),
            (-option.chance, -other.chance),
        ]
        if all(theirs <= ours for ours, theirs in pairs) and any(t < o for o, t in pairs):
            return other.name
    return ""

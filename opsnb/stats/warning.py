"""Early warning: how likely an indicator crosses a threshold, and the colour that follows.

The functions serve indicators for which high is bad (``better="lower"``) and those for which low
is (``better="higher"``).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

Better = Literal["higher", "lower"]
Colour = Literal["green", "yellow", "orange", "red", "grey"]
COLOURS: tuple[Colour, ...] = ("green", "yellow", "orange", "red")
"""From calm to alarm; grey stands apart: nothing is known."""


class State(str):
    """A colour that knows how it came about and what came before, for the next period's state.

    Attributes
    ----------
    basis : str
        ``level``, ``forecast``, ``held`` (calmer already, but not for long enough) or ``missing``.
    held : str
        Last colour that was not grey; empty where there was none.
    recent : tuple of str
        What the last periods would have been with thresholds tightened by the band.

    >>> state(46, 0.0, 0.0, None, better="lower", thresholds=(30, 38, 45), band=1).basis
    'level'
    """

    basis: str
    held: str
    recent: tuple[str, ...]

    def __new__(
        cls, colour: str, basis: str = "", held: str = "", recent: tuple[str, ...] = ()
    ) -> State:
        """Colour and memory."""
        self = super().__new__(cls, colour)
        self.basis, self.held, self.recent = basis, held, recent
        return self


def breach(paths: npt.ArrayLike, threshold: float, *, better: Better) -> pd.DataFrame:
    """Probability that a threshold is reached in any month up to each one.

    Counted over whole paths. The largest of the monthly probabilities is far too low: paths that
    cross in different months add up.

    Parameters
    ----------
    paths : array_like, shape (paths, months)
        Simulated futures of the indicator.
    threshold : float
        Reached at or above it where lower is better, at or below it where higher is.
    better : {"higher", "lower"}

    Returns
    -------
    DataFrame
        month (1, 2, ...), p_any (a ratio that never falls).

    Raises
    ------
    ValueError
        `paths` is not a table of finite numbers with a path and a month, or `better` is unknown.

    >>> breach([[1, 3, 1], [1, 1, 1]], 2, better="lower")["p_any"].tolist()
    [0.0, 0.5, 0.5]
    """
    values = np.asarray(paths, dtype=np.float64)
    if values.ndim != 2 or not values.size:
        raise ValueError(f"paths of shape {values.shape}; expected (paths, months)")
    if not (np.isfinite(values).all() and math.isfinite(threshold)):
        raise ValueError("a path or the threshold is not finite")
    sign = _sign(better)
    is_over = np.logical_or.accumulate(sign * values >= sign * threshold, axis=1)
    months = np.arange(1, values.shape[1] + 1)
    return pd.DataFrame({"month": months, "p_any": is_over.mean(axis=0)})


def months_to_breach(chance: pd.DataFrame, p: float = 0.5) -> int | None:
    """First month by which a breach is at least as likely as `p`; None within the horizon.

    >>> months_to_breach(breach([[1, 3], [1, 1]], 2, better="lower"))
    2
    """
    likely = chance.loc[chance["p_any"] >= p, "month"]
    return int(likely.iloc[0]) if len(likely) else None


def state(  # noqa: PLR0913 - an indicator and its rule, each under its own name
    level: float,
    p_red: float,
    p_orange: float,
    previous: State | str | None,
    *,
    better: Better,
    thresholds: Sequence[float],
    band: float,
    p_warn: float = 0.5,
    down_periods: int = 2,
) -> State:
    """Colour of an indicator in this period.

    Red at the red threshold; orange at the orange one, or where red is as likely as `p_warn` within
    the horizon; yellow at the yellow one, or where orange is. A colour rises at once. It falls only
    after `down_periods` periods that were calmer by the band too, and then to the worst of them.

    Parameters
    ----------
    level : float
        Present value; NaN where it is missing, or too old to count: that is grey, never green.
    p_red, p_orange : float
        Probabilities of :func:`breach` at the end of the horizon; where they are missing the level
        decides alone.
    previous : State, str or None
        State of the period before; a mere word has no memory, so that the wait begins anew.
    better : {"higher", "lower"}
    thresholds : (yellow, orange, red)
        In the unit of `level`.
    band : float
        How far the level must be on the good side of a threshold before its colour falls, in the
        unit of `level`.
    p_warn : float
    down_periods : int

    Returns
    -------
    State
        A str: ``green``, ``yellow``, ``orange``, ``red`` or ``grey``. After a grey period the
        colour before it still counts, and the wait begins anew.

    Raises
    ------
    ValueError
        Thresholds out of order, a negative band, or an unknown word.

    >>> was = State("orange", held="orange")
    >>> now = state(36, 0.1, 0.2, was, better="lower", thresholds=(30, 38, 45), band=1)
    >>> now, state(36, 0.1, 0.2, now, better="lower", thresholds=(30, 38, 45), band=1)
    ('orange', 'yellow')
    """
    _check(previous, better, thresholds, band, down_periods)
    held, recent = _memory(previous)
    if level is None or math.isnan(level):
        return State("grey", "missing", held)
    sign = _sign(better)
    limits = [sign * threshold for threshold in thresholds]
    by_level = sum(sign * level >= limit for limit in limits)
    by_forecast = 2 if p_red >= p_warn else int(p_orange >= p_warn)
    now = max(by_level, by_forecast)
    tight = max(sum(sign * level >= limit - band for limit in limits), now)
    recent = (*recent, COLOURS[tight])[-down_periods:]
    basis = "level" if by_level >= by_forecast else "forecast"
    before = COLOURS.index(held) if held else now
    if now < before:
        worst = max(map(COLOURS.index, recent)) if len(recent) == down_periods else before
        lowest = min(before, worst)
        now, basis = max(now, lowest), "held" if lowest > now else basis
    return State(COLOURS[now], basis, COLOURS[now], recent)


def _memory(previous: State | str | None) -> tuple[str, tuple[str, ...]]:
    """Last colour that was not grey, and the recent ones."""
    if isinstance(previous, State):
        return previous.held, previous.recent
    return ("", ()) if previous is None or previous == "grey" else (previous, ())


def _sign(better: str) -> float:
    if better not in ("higher", "lower"):
        raise ValueError(f"better={better!r}; expected 'higher' or 'lower'")
    return 1.0 if better == "lower" else -1.0


def _check(
    previous: str | None, better: str, thresholds: Sequence[float], band: float, down_periods: int
) -> None:
    levels = [_sign(better) * float(threshold) for threshold in thresholds]
    if len(levels) != 3 or levels != sorted(levels) or not all(map(math.isfinite, levels)):
        order = "<=" if better == "lower" else ">="
        given = ", ".join(f"{threshold:g}" for threshold in thresholds)
        raise ValueError(f"thresholds {given}; expected yellow {order} orange {order} red")
    if not band >= 0:
        raise ValueError(f"band={band!r}; expected a number from 0")
    if down_periods < 1:
        raise ValueError(f"down_periods={down_periods!r}; expected a whole number from 1")
    if previous is not None and previous not in (*COLOURS, "grey"):
        raise ValueError(f"previous={previous!r}; expected one of {', '.join(COLOURS)}, grey, None")

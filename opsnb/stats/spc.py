"""Control charts: XmR limits, the rules that flag points, and the icons they earn.

After NHS-R's ``NHSRplotthedots`` ("Making Data Count"), whose defaults are the rules ``nhs``.
A chart is drawn on a comparable series: see :func:`basis`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from opsnb.stats.comparable import basis
from opsnb.stats.limits import NEAR, Rules, limits, signals

__all__ = ["TRIAL", "Assurance", "Better", "Variation", "basis", "icons", "xmr"]

TRIAL = 13
"""Limits from fewer points are trial limits."""
Better = Literal["higher", "lower", "band"]
Variation = Literal[
    "improvement_high", "improvement_low", "concern_high", "concern_low",
    "neutral_high", "neutral_low", "common",
]  # fmt: skip
Assurance = Literal["pass", "fail", "inconsistent", "none"]
SIGNALS = np.array(["", "outside", "trend", "two_of_three", "shift"])
LEVELS = ("center", "lower", "upper", "near_lower", "near_upper")
UP = ("high", "up")


def xmr(
    values: npt.ArrayLike,
    *,
    baseline: int | None = None,
    rebase: Sequence[int] = (),
    screen: bool = True,
    rules: Rules = "nhs",
    raw: npt.ArrayLike | None = None,
) -> pd.DataFrame:
    """Limits and signals of an individuals chart, one row a point.

    Parameters
    ----------
    values : array_like of float, shape (n,)
        Oldest first; NaN is a gap, which is stepped over: it has no signal, and the points
        beside it are neighbours. A Series keeps its index.
    baseline : int, optional
        Points of each segment, at least 2, that its limits come from; all of them by default.
    rebase : sequence of int
        Places at which a new segment starts.
    screen : bool
        Leave out, once, moving ranges of 3.267 times their mean or more.
    rules : {"nhs", "wheeler"}
        nhs: outside, 6 steps one way, 2 of 3 beyond two thirds, 7 on one side.
        wheeler: outside, 3 of 4 beyond half way (told as ``two_of_three``), 8 on one side.
    raw : array_like of float, shape (n,), optional
        What is shown, where `values` are its residuals from a trend line: a signal of a trend must
        be a trend there too, or a standstill below a rising line would count as a fall.

    Returns
    -------
    DataFrame
        ``value``, ``center``, ``lower``, ``upper``, ``near_lower``, ``near_upper`` (float64, in
        the unit of `values`), ``segment`` (int64, from 0), ``signal`` ("", outside, trend,
        two_of_three, shift) and ``direction`` ("", high, low; up, down for a trend).
        ``attrs["trial"]``: for each segment, whether its limits come from fewer than 13 points.

    Raises
    ------
    ValueError
        An infinite value, a baseline below 2, a rebase outside the series, unknown rules.

    Examples
    --------
    >>> chart = xmr([50, 52, 49, 51, 50, 48, 51, 49, 50, 52, 49, 51, 60], baseline=12)
    >>> round(float(chart["upper"].iloc[-1]), 4), chart["signal"].iloc[-1]
    (55.7285, 'outside')
    """
    index = values.index if isinstance(values, pd.Series) else None
    x = np.asarray(values, dtype=np.float64).reshape(-1)
    seen = x if raw is None else np.asarray(raw, dtype=np.float64).reshape(-1)
    starts = _starts(x, baseline, rebase, rules)
    ends = [*starts[1:], len(x)][: len(starts)]
    segments = [slice(a, b) for a, b in zip(starts, ends, strict=True)]
    parts = [_segment(x[part], seen[part], baseline, (screen, rules)) for part in segments]
    levels = np.concatenate([part[0] for part in parts]) if parts else np.empty((0, 5))
    signal, direction = (
        np.concatenate([part[k] for part in parts]) if parts else np.empty(0, "<U1") for k in (1, 2)
    )
    frame = pd.DataFrame({"value": x} | dict(zip(LEVELS, levels.T, strict=True)), index=index)
    frame["segment"] = np.repeat(np.arange(len(parts)), [s.stop - s.start for s in segments])
    frame["signal"] = pd.Series(signal, dtype="str", index=frame.index)
    frame["direction"] = pd.Series(direction, dtype="str", index=frame.index)
    known = [int(np.isfinite(x[part][:baseline]).sum()) for part in segments]
    frame.attrs["trial"] = tuple(n < TRIAL for n in known)
    return frame


def icons(
    limits: pd.DataFrame, better: Better, target: float | tuple[float, float] | None
) -> tuple[Variation, Assurance]:
    """Icons of the latest point: is it a signal, and do the limits promise the target.

    Parameters
    ----------
    limits : DataFrame
        From :func:`xmr`, with at least one row.
    better : {"higher", "lower", "band"}
        By a band nothing is better or worse: its signals are neutral.
    target : float, (low, high) or None
        None and NaN are no target. An edge of the limits on the target is inconsistent.

    Raises
    ------
    ValueError
        Without rows, or an unknown `better`.
    """
    if better not in ("higher", "lower", "band"):
        raise ValueError(f"better={better!r}; expected 'higher', 'lower' or 'band'")
    if not len(limits):
        raise ValueError("a chart without points has no icons")
    last = limits.iloc[-1]
    return _variation(str(last["direction"]), better), _assurance(
        float(last["lower"]), float(last["upper"]), better, target
    )


def _variation(direction: str, better: Better) -> Variation:
    if not direction:
        return "common"
    high = direction in UP
    if better == "band":
        return "neutral_high" if high else "neutral_low"
    if high:
        return "improvement_high" if better == "higher" else "concern_high"
    return "improvement_low" if better == "lower" else "concern_low"


def _assurance(
    lower: float, upper: float, better: Better, target: float | tuple[float, float] | None
) -> Assurance:
    edges = target if isinstance(target, tuple) else (target,)
    wanted = [float(edge) for edge in edges if edge is not None and not math.isnan(edge)]
    if len(wanted) < len(edges) or math.isnan(lower) or math.isnan(upper):
        return "none"
    low, high = min(wanted), max(wanted)
    if better == "higher" and len(wanted) == 1:
        high = math.inf
    if better == "lower" and len(wanted) == 1:
        low = -math.inf
    if low < lower and upper < high:
        return "pass"
    return "fail" if upper < low or lower > high else "inconsistent"


def _starts(
    x: npt.NDArray[np.float64], baseline: int | None, rebase: Iterable[int], rules: str
) -> list[int]:
    """First place of each segment, checked."""
    if np.isinf(x).any():
        raise ValueError(f"value {int(np.isinf(x).argmax())} is infinite; expected a number or NaN")
    if baseline is not None and baseline < 2:
        raise ValueError(f"baseline={baseline}; expected 2 points or more")
    if rules not in ("nhs", "wheeler"):
        raise ValueError(f"rules={rules!r}; expected 'nhs' or 'wheeler'")
    for place in rebase:
        if not 0 <= place < len(x):
            raise ValueError(f"rebase at {place}; expected a place from 0 to {len(x) - 1}")
    return sorted({0, *map(int, rebase)}) if len(x) else []


def _segment(
    x: npt.NDArray[np.float64],
    raw: npt.NDArray[np.float64],
    baseline: int | None,
    how: tuple[bool, Rules],
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.str_], npt.NDArray[np.str_]]:
    """Levels (n, 5), signals and directions of one segment."""
    screen, rules = how
    known = np.isfinite(x)
    signal, direction = np.full(len(x), "", "<U12"), np.full(len(x), "", "<U4")
    if not known.any():
        return np.full((len(x), 5), math.nan), signal, direction
    # the baseline is of points as they stand; where all of them are gaps, there are no limits
    fixed = x[:baseline][known[:baseline]][None, :]
    if not fixed.shape[1]:
        return np.full((len(x), 5), math.nan), signal, direction
    found = limits(fixed, screen=screen)
    codes, ways = signals(x[known][None, :], found, rules, raw[known][None, :])
    signal[known] = SIGNALS[codes[0]]
    names = np.where(codes[0] == 2, ["down"], ["low"]), np.where(codes[0] == 2, ["up"], ["high"])
    direction[known] = np.where(ways[0] > 0, names[1], np.where(ways[0] < 0, names[0], ""))
    center, reach = float(found.center[0, 0]), float(found.reach[0, 0])
    levels = [center, center - reach, center + reach, center - NEAR * reach, center + NEAR * reach]
    return np.tile(levels, (len(x), 1)), signal, direction

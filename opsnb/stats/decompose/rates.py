"""Rates: the change of an average rate as the segments' own change and their changed weights."""

from __future__ import annotations

import numpy as np
import pandas as pd

from opsnb.errors import ParameterError
from opsnb.stats.decompose.tables import NOTHING, Array, by_item, effects, read, union

REVERSALS = {
    1: "Simpson reversal: every segment rises, the whole falls",
    -1: "Simpson reversal: every segment falls, the whole rises",
}


def rate_mix(
    before: pd.DataFrame, after: pd.DataFrame, *, by: bool = False
) -> pd.Series | pd.DataFrame:
    """Change of the weighted mean of a rate: rate effect sum w dr, mix effect sum dw r.

    w and r are the means of the two periods' weights and rates; weights are taken as shares of
    their sum, so that counts and amounts may be given as they are.

    Parameters
    ----------
    before, after : DataFrame
        Columns segment, weight (not negative) and rate; others are not looked at. Several rows of
        a segment are one segment at their weighted mean.
    by : bool
        Return the effects of each segment.

    Returns
    -------
    Series
        rate, mix, in the unit of the rate; they sum to the change of the mean.
        ``attrs["reversal"]`` names a Simpson reversal (every segment that has weight in both
        periods moves one way, the whole moves the other way) and is empty without one.
        ``attrs["before"]`` and ``attrs["after"]`` hold the means.
    DataFrame
        With `by`: item, effect, value, a row a segment and effect; attrs likewise.

    Raises
    ------
    UnknownNameError
        A column is missing.
    ParameterError
        A number is missing (a rate may be, where the weight is 0), a weight is negative, or a
        period has no weight at all, and hence no mean.

    Notes
    -----
    A segment of one period only has no change of rate: its rate is taken for both, and all that it
    brings or takes away is mix.

    Examples
    --------
    >>> was = pd.DataFrame({"segment": ["a", "b"], "weight": [80, 20], "rate": [0.9, 0.5]})
    >>> now = pd.DataFrame({"segment": ["a", "b"], "weight": [20, 80], "rate": [0.92, 0.55]})
    >>> found = rate_mix(was, now)
    >>> found.round(4).to_dict(), found.attrs["reversal"]
    ({'rate': 0.035, 'mix': -0.231}, 'Simpson reversal: every segment rises, the whole falls')
    """
    left, right = _segments(before, "before"), _segments(after, "after")
    segments = union(left.index.to_series(), right.index.to_series())
    w0, w1 = (side["weight"].reindex(segments, fill_value=0.0).to_numpy() for side in (left, right))
    r0, r1 = (side["rate"].reindex(segments).to_numpy() for side in (left, right))
    # a rate that is not known belongs to no weight: the other period's stands for it
    r0, r1 = (_known(a, b) for a, b in ((r0, r1), (r1, r0)))
    values = {"rate": (w0 + w1) / 2 * (r1 - r0), "mix": (w1 - w0) * (r0 + r1) / 2}
    found = by_item(segments, values) if by else effects(values, "rate_mix")
    means = float(w0 @ r0), float(w1 @ r1)
    shared = (w0 > 0) & (w1 > 0)
    found.attrs |= {
        "before": means[0],
        "after": means[1],
        "reversal": _reversal((r1 - r0)[shared], means),
    }
    return found


def _segments(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    """Share of the weight, and rate, by segment."""
    rows = read(frame, name, "segment", ("weight", "rate"), gaps=("rate",))
    for wrong, what in (
        (rows["weight"] < 0, "a weight is negative"),
        (rows["rate"].isna() & (rows["weight"] > 0), "no rate for a weight"),
    ):
        if wrong.any():
            place = int(np.flatnonzero(wrong)[0])
            raise ParameterError(what, where=f"{name}, row {place + 1}")
    total = float(rows["weight"].sum())
    if not total > 0:
        raise ParameterError("the weights add up to nothing", where=name, expected="some weight")
    rows["product"] = rows["weight"] * rows["rate"].fillna(0.0)
    groups = rows.groupby("segment", sort=False)
    weight = groups["weight"].sum()
    mean = groups["product"].sum() / weight.where(weight > 0)
    return pd.DataFrame({"weight": weight / total, "rate": mean.fillna(groups["rate"].mean())})


def _known(own: Array, other: Array) -> Array:
    return np.where(np.isfinite(own), own, np.where(np.isfinite(other), other, 0.0))


def _reversal(changes: Array, means: tuple[float, float]) -> str:
    """Name of a reversal: at least two segments, all of which move against the whole."""
    whole = means[1] - means[0]
    if len(changes) < 2 or abs(whole) <= NOTHING * max(map(abs, means)):
        return ""
    against = changes * np.sign(whole) < 0
    return REVERSALS[int(-np.sign(whole))] if against.all() else ""

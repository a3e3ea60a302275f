"""Forecasts as they would have been made earlier, beside what came."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

from opsnb.errors import ParameterError
from opsnb.stats.forecast.intervals import Bound, forecast
from opsnb.stats.forecast.panel import ordinals, require, stamps
from opsnb.stats.forecast.scale import Scale


def backtest(  # noqa: PLR0913 - the words of `forecast`, and its own
    panel: pd.DataFrame,
    h: int,
    *,
    origins: int | Iterable[object],
    level: Sequence[float] = (80, 95),
    season_length: int = 12,
    lower: Bound = None,
    upper: Bound = None,
    factors: pd.DataFrame | None = None,
    scale: Scale | None = None,
) -> pd.DataFrame:
    """Forecasts from past origins with the actual values of the months they were made for.

    Nothing after an origin is seen at it. A `scale` that was fitted on later months would be a
    leak: pass one that was known then, or none.

    Parameters
    ----------
    panel : DataFrame[unique_id, ds, y]
    h : int
        Months ahead.
    origins : int or iterable of dates
        How many origins, the last of them h months before the last month of the panel and the
        others each a month earlier; or the last known months themselves.
    level, season_length, lower, upper, factors, scale
        As of `forecast`.

    Returns
    -------
    DataFrame[unique_id, cutoff, ds, y, mean, lo-80, hi-80, lo-95, hi-95, flag]
        `cutoff` is the origin; y is NaN where no value came. Series that had not begun, or whose
        last row lies before the origin, are left out at it.

    Raises
    ------
    ParameterError
        As of `forecast`; no origin, or one before the first month.
    """
    require(panel, ("unique_id", "ds", "y"), "panel")
    month = ordinals(panel["ds"], "panel")
    parts = []
    for origin in _origins(month, h, origins, 12 // season_length if season_length > 1 else 1):
        known = panel[month <= origin]
        alive = known.loc[month[month <= origin] == origin, "unique_id"]
        known = known[known["unique_id"].isin(alive)]
        made = forecast(
            known, h, level=level, season_length=season_length, lower=lower, upper=upper,
            factors=factors, scale=scale,
        )  # fmt: skip
        made.insert(1, "cutoff", stamps(np.full(len(made), origin)))
        parts.append(made)
    actual = pd.DataFrame(
        {"unique_id": panel["unique_id"], "ds": stamps(month), "y": panel["y"].astype(np.float64)}
    )
    out = pd.concat(parts, ignore_index=True).merge(actual, on=["unique_id", "ds"], how="left")
    out.insert(3, "y", out.pop("y"))
    return out.sort_values(["unique_id", "cutoff", "ds"], ignore_index=True)


def _origins(
    month: np.ndarray[tuple[int], np.dtype[np.int64]],
    h: int,
    origins: int | Iterable[object],
    step: int,
) -> list[int]:
    """Last known months of each origin, ascending."""
    if not len(month):
        raise ParameterError("an empty panel has no origin", where="panel", expected="some rows")
    if isinstance(origins, int):
        last = int(month.max()) - h * step
        chosen = [last - i * step for i in range(origins)][::-1]
    else:
        chosen = sorted(set(ordinals(pd.Series(list(origins)), "origins").tolist()))
    if not chosen or chosen[0] < month.min():
        raise ParameterError(
            f"origins={origins!r} with h={h} leaves no month to learn from",
            expected="at least one origin, none before the first month of the panel",
        )
    return chosen

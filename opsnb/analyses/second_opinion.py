"""Second opinion: another method's forecast of the same months, by statsmodels."""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from opsnb.analyses.forecast import HORIZON, KEYS
from opsnb.analyses.grid import Grid, Value
from opsnb.analyses.histories import History, Series, history
from opsnb.analyses.outlooks import LEVELS, company_scale, outlooks
from opsnb.findings.forecast import disagreement
from opsnb.results import Column, Finding, NotApplicable, Result
from opsnb.workbook import Workbook

Array = npt.NDArray[np.float64]
SEASONAL = 36
"""Months from which on a season is fitted."""
FEWEST = 12
MONTHS = 12
COLUMNS = (
    *KEYS,
    Column("method", "text"),
    Column("ahead", "metric"),
    Column("ahead_lower", "metric"),
    Column("ahead_upper", "metric"),
    Column("second", "metric"),
    Column("second_gap", "ratio"),
)
NO_ANSWER = NotApplicable("the second method found no answer")


def second_opinion(
    workbook: Workbook, metrics: Sequence[str] = (), horizon: int = HORIZON
) -> Result:
    """Mean of the months ahead by exponential smoothing with maximum likelihood, beside ours.

    The second method is the state-space model with damped trend and, from three years on, a season
    (Hyndman et al. 2008; ``statsmodels`` ETSModel), fitted to the same calendar-adjusted history,
    on logarithms where all of it is positive. Both are compared on the mean of the months ahead.

    Returns
    -------
    Result
        ``second_opinion``, one row a metric; a finding where the second lies outside the 80 %
        interval of the first.
    """
    past = history(workbook)
    wanted = [name for name in metrics or past.metrics if (name, workbook.unit) in past.values]
    keys = [(name, workbook.unit) for name in wanted]
    found = outlooks(past, keys, horizon, company_scale(past, horizon))
    grid, findings = Grid(COLUMNS), list[Finding]()
    for key in keys:
        mean = found[key].paths.mean(1)
        low, high = np.quantile(mean, [0.5 - LEVELS[0] / 200, 0.5 + LEVELS[0] / 200])
        ours, method, second = float(found[key].mean.mean()), *_second(past, key, horizon)
        gap: Value = NotApplicable("the base is zero")
        if isinstance(second, NotApplicable):
            gap = second
        elif ours:
            gap = second / ours - 1
        grid.add(
            {"metric": key[0], "unit": key[1], "period": str(past.origin), "method": method,
             "ahead": ours, "ahead_lower": float(low), "ahead_upper": float(high),
             "second": second, "second_gap": gap}
        )  # fmt: skip
        if not isinstance(second, NotApplicable):
            owner = workbook.metric(key[0]).owner.zh
            ends = (float(low), float(high))
            one = disagreement(*key, str(past.origin), ours, second, ends, owner)
            findings += [one] if one else []
    return Result(
        "second_opinion", grid.frame, COLUMNS, grid.reasons, findings=tuple(findings),
        provenance=workbook.provenance(wanted),
    )  # fmt: skip


def _second(past: History, key: Series, h: int) -> tuple[str, Value]:
    """Name of the model, and its mean of the months ahead."""
    factor = past.factor(key[0])
    y = past.values[key] / factor[: len(past.months)]
    known = np.flatnonzero(np.isfinite(y))
    if len(known) < FEWEST:
        return "", NotApplicable("too few points")
    y = _filled(y[known[0] :])
    is_logged = bool((y > 0).all())
    season = len(y) >= SEASONAL
    made = _smoothed(np.log(y) if is_logged else y, h, season=season)
    name = "ETS(A,Ad,A)" if season else "ETS(A,Ad,N)"
    if made is None:
        return name, NO_ANSWER
    ahead = (np.exp(made) if is_logged else made) * factor[len(past.months) :][:h]
    return name, float(ahead.mean()) if np.isfinite(ahead).all() else NO_ANSWER


def _filled(y: Array) -> Array:
    """Values with the missing ones on the line between their neighbours."""
    known = np.isfinite(y)
    return np.interp(np.arange(len(y)), np.flatnonzero(known), y[known])


def _smoothed(y: Array, h: int, *, season: bool) -> Array | None:
    """Forecast on the scale of `y`; None where the method fails or does not converge."""
    from statsmodels.tsa.exponential_smoothing.ets import ETSModel

    if math.isclose(float(y.std()), 0.0, abs_tol=1e-12 * max(1.0, float(np.abs(y).max()))):
        return np.full(h, y[-1])
    size = float(y.std())
    model = ETSModel(
        (y - y.mean()) / size, error="add", trend="add", damped_trend=True,
        seasonal="add" if season else None, seasonal_periods=MONTHS if season else None,
        initialization_method="heuristic",
    )  # fmt: skip
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            fitted = model.fit(disp=False, maxiter=500)
            ahead = np.asarray(fitted.forecast(h), dtype=np.float64)
        except (ValueError, ArithmeticError, np.linalg.LinAlgError):
            return None
    return ahead * size + y.mean() if fitted.mle_retvals["converged"] else None

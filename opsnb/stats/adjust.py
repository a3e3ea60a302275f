"""Calendar adjustment: what a month would have been with an average calendar.

A log-linear regression in the manner of X-13's trading-day and Spring Festival regressors
(``genhol`` of R's seasonal), with one working-day elasticity a metric.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from opsnb.stats.comparable import f_score

Array = npt.NDArray[np.float64]
Kind = Literal["flow", "stock", "rate"]
FESTIVAL = ("pre", "during", "post")
COLUMNS = ("value", "workdays", *FESTIVAL)
FEWEST, FEWEST_YEARS = 12, 2
"""Months for an elasticity; Spring Festivals for their coefficients."""
STEEPEST = 1.5
"""Largest elasticity: work that waits for a working day, and draws some more along."""
SEASON_Z, SEASON_MONTHS = 2.326, 36
HUBER = 2.5
ROUNDING = 1e-9


def adjust(frame: pd.DataFrame, *, kind: Kind = "flow") -> pd.DataFrame:
    """Values adjusted to an average number of working days and no Spring Festival.

    log(value) = level + trend + elasticity log(workdays / mean) + festival shares, fitted on the
    months before the last with Huber weights; with a smooth season where 36 months show one.
    A coefficient is shrunk by the factor 1 - 1 / t², to 0 where |t| <= 1; those of the festival
    need two festivals. The last month is left out of the fit: with it, the coefficients would
    swallow the very anomaly that is looked for.

    Parameters
    ----------
    frame : DataFrame
        ``value`` (NaN where missing) and the columns of :func:`opsnb.calendar.regressors`
        (``workdays``, ``pre``, ``during``, ``post``), one row a month without gaps between
        them, oldest first; the last row is the reported month.
    kind : {"flow", "stock", "rate"}
        Stocks and rates do not depend on the length of a month: their factor is 1.

    Returns
    -------
    DataFrame
        ``raw``, ``factor`` and ``adjusted`` = raw / factor, float64, with the index of `frame`.
        ``attrs``: ``elasticity`` (float), ``festival`` (coefficients by name, log points) and
        ``reason``, why the factors are 1, empty where they are not.

    Raises
    ------
    ValueError
        A column is missing, or `kind` is unknown.

    Examples
    --------
    >>> days = np.tile([20.0, 22.0, 18.0], 12)
    >>> frame = pd.DataFrame({"value": 5 * days, "workdays": days})
    >>> frame = frame.assign(pre=0, during=0, post=0)
    >>> found = adjust(frame)
    >>> round(found.attrs["elasticity"], 2), found["adjusted"].round(1).unique().tolist()
    (1.0, [100.0])
    """
    if missing := [name for name in COLUMNS if name not in frame]:
        raise ValueError(f"no column {missing[0]!r}; expected {', '.join(COLUMNS)}")
    if kind not in ("flow", "stock", "rate"):
        raise ValueError(f"kind={kind!r}; expected 'flow', 'stock' or 'rate'")
    raw = frame["value"].to_numpy(dtype=np.float64, na_value=math.nan)
    names, columns = _regressors(frame)
    reason = _reason(raw, kind, names)
    coefficients = dict.fromkeys(("elasticity", *FESTIVAL), 0.0)
    if not reason:
        fitted = _fitted(raw, columns)
        coefficients |= dict(zip(names, fitted.tolist(), strict=True))
        coefficients["elasticity"] = min(max(coefficients["elasticity"], 0.0), STEEPEST)
        reason = "" if any(coefficients.values()) else "the calendar shows no effect"
    factor = np.exp(columns @ np.array([coefficients[name] for name in names]))
    out = pd.DataFrame({"raw": raw, "factor": factor, "adjusted": raw / factor}, index=frame.index)
    elasticity = coefficients.pop("elasticity")
    out.attrs.update({"elasticity": elasticity, "festival": coefficients, "reason": reason})
    return out


def _regressors(frame: pd.DataFrame) -> tuple[list[str], Array]:
    """Names and columns of the regressors that the months before the last can tell of."""
    days = frame["workdays"].to_numpy(dtype=np.float64)
    past, known = days[:-1], frame["value"].notna().to_numpy()[:-1]
    mean = float(past.mean()) if len(past) else 0.0
    if mean <= 0 or (days <= 0).any():
        return [], np.empty((len(frame), 0))
    names, columns = ["elasticity"], [np.log(days / mean)]
    for name in FESTIVAL:
        share = frame[name].to_numpy(dtype=np.float64)
        if share[:-1][known].sum() >= FEWEST_YEARS - 0.5:
            names.append(name)
            columns.append(share)
    return names, np.column_stack(columns)


def _reason(raw: Array, kind: Kind, names: Sequence[str]) -> str:
    """Why there is nothing to fit; empty where there is."""
    past = raw[:-1][np.isfinite(raw[:-1])]
    if kind != "flow":
        return "stocks and rates do not depend on working days"
    if (past < 0).any():
        return "some values are negative"
    if not names or (past > 0).sum() < FEWEST:
        return "too few points"
    return ""


def _fitted(raw: Array, columns: Array) -> Array:
    """Coefficients of `columns`, shrunk by their uncertainty."""
    use = np.isfinite(raw) & (raw > 0)
    use[-1:] = False
    t = np.arange(len(raw), dtype=np.float64)
    y, x = np.log(raw[use]), columns[use]
    base = np.column_stack([np.ones(len(y)), t[use] - t[use].mean()])
    rest = [x, base]
    if len(y) >= SEASON_MONTHS:
        turn = 2 * math.pi * t[use][:, None] * np.array([1, 2]) / 12
        season = np.column_stack([np.cos(turn), np.sin(turn)])
        if _explains(season, np.column_stack(rest), y):
            rest.append(season)
    full = np.column_stack(rest)
    if len(y) <= full.shape[1] + 2:
        return np.zeros(columns.shape[1])
    beta, spread = _robust(full, y)
    k = columns.shape[1]
    with np.errstate(divide="ignore", invalid="ignore"):
        shrunk = beta[:k] * np.maximum(0.0, 1.0 - (spread[:k] / beta[:k]) ** 2)
    return np.where(np.isfinite(shrunk) & (np.abs(shrunk) > ROUNDING), shrunk, 0.0)


def _explains(more: Array, x: Array, y: Array) -> bool:
    """Whether columns `more` explain what `x` does not (F test, 1 %)."""
    both = np.column_stack([x, more])
    before, after = (_squares(z, y) for z in (x, both))
    free = len(y) - both.shape[1]
    return f_score(before - after, after, more.shape[1], free) > SEASON_Z


def _squares(x: Array, y: Array) -> float:
    rest = y - x @ np.linalg.lstsq(x, y, rcond=None)[0]
    return float(rest @ rest)


def _robust(x: Array, y: Array) -> tuple[Array, Array]:
    """Coefficients and their standard errors, outlying months weighed down (Huber, 1964)."""
    weight = np.ones(len(y))
    for _ in range(3):
        root = np.sqrt(weight)[:, None]
        beta = np.linalg.lstsq(x * root, y * root[:, 0], rcond=None)[0]
        rest = y - x @ beta
        scale = float(np.median(np.abs(rest))) / 0.6745
        if scale <= 1e-12:
            break
        weight = np.minimum(1.0, HUBER * scale / np.maximum(np.abs(rest), 1e-300))
    inverse = np.linalg.pinv((x * weight[:, None]).T @ x)
    variance = float((weight * rest) @ rest) / max(len(y) - x.shape[1], 1)
    errors = np.sqrt(np.maximum(np.diag(inverse), 0.0) * variance)
    return np.asarray(beta, dtype=np.float64), np.asarray(errors, dtype=np.float64)

"""Regression of a metric on candidates, with errors that hold for time series."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from opsnb.errors import ParameterError
from opsnb.stats.association.comparable import Array, comparable
from opsnb.stats.distributions import chi2_pvalue, t_pvalue, t_quantile

CONSTANT = "const"
SPARE = 5
"""Periods beyond the terms, below which nothing is fitted."""


@dataclass(frozen=True)
class Regression:
    """What :func:`regress` found.

    Attributes
    ----------
    params : DataFrame
        term ("const" first), param, bse, ci_lower, ci_upper, pvalue, vif, distinguishable: whether
        the interval leaves out 0. A term that is not distinguishable is no effect to speak of.
    fitted : DataFrame
        A row a period that was used, on its index: y and fitted on the basis; resid; ci_lower and
        ci_upper of the mean; pi_lower and pi_upper of one further value; leverage,
        cooks_distance, influential (Cook's distance above 4 / nobs).
    summary : Series
        nobs, dropped (periods left out for a missing value), rsquared, rsquared_adj, maxlags,
        durbin_watson, ljung_box_pvalue (of the residuals at `maxlags`; small means that they are
        autocorrelated), condition_number.
    basis : str
        How the series were made comparable.
    """

    params: pd.DataFrame
    fitted: pd.DataFrame
    summary: pd.Series
    basis: str


def regress(
    y: pd.Series,
    x: pd.DataFrame | pd.Series,
    *,
    level: float = 0.95,
    basis: str = "auto",
    season_length: int = 12,
    maxlags: int | None = None,
) -> Regression:
    """Ordinary least squares with heteroscedasticity- and autocorrelation-consistent errors.

    Parameters
    ----------
    y : Series
        One value a period, in order and evenly spaced; NaN where missing.
    x : DataFrame or Series
        Candidates, on the same index.
    level : float
        Confidence of the intervals, between 0 and 1.
    basis : str
        See :func:`opsnb.stats.association.comparable.comparable`; one for all series.
    maxlags : int, optional
        Of the Newey-West errors; 4 (n / 100)^(2/9), rounded down, when left out.

    Returns
    -------
    Regression

    Raises
    ------
    ParameterError
        Indexes that differ; too few periods; a candidate that does not vary or is made of others.

    Notes
    -----
    Intervals use Student's t and the small-sample correction n / (n - k), where the degrees of
    freedom that were spent to make the series comparable count as terms.
    """
    x = x.to_frame(x.name or "x") if isinstance(x, pd.Series) else x
    if not y.index.equals(x.index):
        raise ParameterError("y and x do not have the same index", expected="the same periods")
    if not 0 < level < 1:
        raise ParameterError(f"level is {level:g}", expected="a share such as 0.95")
    whole = pd.concat([y.rename("y"), x.add_prefix("x:")], axis=1).astype("float64")
    shown, used, spent = comparable(whole, basis, season_length=season_length)
    known = shown.notna().all(axis=1).to_numpy()
    names = [str(name) for name in x]
    _check(shown[known], names, spent)
    return _fitted(shown[known], names, (level, spent, maxlags, int((~known).sum())), used)


def _fitted(
    shown: pd.DataFrame, names: list[str], how: tuple[float, int, int | None, int], basis: str
) -> Regression:
    level, spent, maxlags, dropped = how
    count = len(shown)
    lags = int(4 * (count / 100) ** (2 / 9)) if maxlags is None else maxlags
    terms = [CONSTANT, *names]
    design = np.column_stack([np.ones(count), shown.iloc[:, 1:].to_numpy()])
    fit = _least_squares(shown["y"].to_numpy(), design)
    spare = count - len(terms) - spent
    covariance = _newey_west(fit, design, lags) * count / spare
    return Regression(
        _params(fit.param, covariance, terms, design, (spare, level)),
        _periods(shown, fit, covariance, design, (spare, level)),
        _summary(fit, design, lags, dropped),
        basis,
    )


@dataclass(frozen=True)
class _Fit:
    """Ordinary least squares: `inverse` is that of X'X, `leverage` the diagonal of the hat."""

    y: Array
    param: Array
    fitted: Array
    inverse: Array
    leverage: Array

    @property
    def resid(self) -> Array:
        return self.y - self.fitted


def _least_squares(y: Array, design: Array) -> _Fit:
    pseudo = np.linalg.pinv(design)
    param = pseudo @ y
    leverage = np.einsum("ij,ji->i", design, pseudo)
    return _Fit(y, param, design @ param, pseudo @ pseudo.T, leverage)


def _newey_west(fit: _Fit, design: Array, lags: int) -> Array:
    """Covariance of the coefficients with Bartlett's weights (Newey and West 1987)."""
    scores = design * fit.resid[:, None]
    middle = scores.T @ scores
    for lag in range(1, lags + 1):
        cross = scores[lag:].T @ scores[:-lag]
        middle += (1 - lag / (lags + 1)) * (cross + cross.T)
    found: Array = fit.inverse @ middle @ fit.inverse
    return found


def _params(
    param: Array, covariance: Array, terms: list[str], design: Array, how: tuple[int, float]
) -> pd.DataFrame:
    spare, level = how
    bse = np.sqrt(np.diag(covariance))
    reach = t_quantile(level, spare) * bse
    with np.errstate(divide="ignore", invalid="ignore"):
        pvalue = [t_pvalue(float(one), spare) for one in np.nan_to_num(param / bse)]
    frame = pd.DataFrame({"term": terms, "param": param, "bse": bse})
    frame["ci_lower"], frame["ci_upper"], frame["pvalue"] = param - reach, param + reach, pvalue
    frame["vif"] = [np.nan, *_vif(design[:, 1:])]
    frame["distinguishable"] = (frame["ci_lower"] > 0) | (frame["ci_upper"] < 0)
    return frame


def _vif(columns: Array) -> Array:
    """Variance inflation: the diagonal of the inverse of the candidates' correlations."""
    found: Array = np.diag(np.linalg.inv(np.atleast_2d(np.corrcoef(columns, rowvar=False))))
    return found


def _periods(
    shown: pd.DataFrame, fit: _Fit, covariance: Array, design: Array, how: tuple[int, float]
) -> pd.DataFrame:
    spare, level = how
    reach = t_quantile(level, spare)
    noise = float(fit.resid @ fit.resid) / spare
    of_mean = np.einsum("ij,jk,ik->i", design, covariance, design)
    frame = pd.DataFrame({"y": shown["y"], "fitted": fit.fitted, "resid": fit.resid})
    for name, variance in (("ci", of_mean), ("pi", of_mean + noise)):
        frame[f"{name}_lower"] = fit.fitted - reach * np.sqrt(variance)
        frame[f"{name}_upper"] = fit.fitted + reach * np.sqrt(variance)
    distance = _cooks_distance(fit)
    frame["leverage"] = fit.leverage
    frame["cooks_distance"], frame["influential"] = distance, distance > 4 / len(frame)
    return frame


def _cooks_distance(fit: _Fit) -> Array:
    """How far the fit moves without each period (Cook 1977); 0 for a perfect fit."""
    terms = len(fit.param)
    variance = float(fit.resid @ fit.resid) / (len(fit.y) - terms)
    with np.errstate(divide="ignore", invalid="ignore"):
        inside = fit.resid**2 / (variance * (1 - fit.leverage))
        return np.nan_to_num(inside * fit.leverage / (1 - fit.leverage) / terms)


def _summary(fit: _Fit, design: Array, lags: int, dropped: int) -> pd.Series:
    resid, count = fit.resid, len(fit.y)
    squares, total = float(resid @ resid), float(((fit.y - fit.y.mean()) ** 2).sum())
    exact = squares <= 1e-24 * total
    rsquared = 1 - squares / total if total else np.nan
    found: dict[str, float] = {
        "nobs": float(count),
        "dropped": float(dropped),
        "rsquared": rsquared,
        "rsquared_adj": 1 - (1 - rsquared) * (count - 1) / (count - len(fit.param)),
        "maxlags": float(lags),
        "durbin_watson": np.nan if exact else float((np.diff(resid) ** 2).sum()) / squares,
        "ljung_box_pvalue": np.nan if exact else _ljung_box(resid, max(lags, 1)),
        "condition_number": float(np.linalg.cond(design)),
    }
    return pd.Series(list(found.values()), index=list(found))


def _ljung_box(resid: Array, lags: int) -> float:
    """P value that the first autocorrelations are all nothing (Ljung and Box 1978)."""
    count, centred = len(resid), resid - resid.mean()
    squares = float(centred @ centred)
    told = (float(centred[k:] @ centred[:-k]) / squares for k in range(1, lags + 1))
    statistic = count * (count + 2) * sum(r**2 / (count - k) for k, r in enumerate(told, 1))
    return chi2_pvalue(statistic, lags)


def _check(shown: pd.DataFrame, names: list[str], spent: int) -> None:
    if not names:
        raise ParameterError("there are no candidates", expected="at least one")
    if len(shown) < len(names) + 1 + spent + SPARE:
        raise ParameterError(
            f"{len(shown)} periods have all values",
            expected=f"at least {len(names) + 1 + spent + SPARE}, for {len(names)} candidates",
        )
    columns = shown.iloc[:, 1:].to_numpy()
    centred = columns - columns.mean(axis=0)
    size = np.sqrt((centred**2).sum(axis=0))
    for name, own, spread in zip(names, columns.T, size, strict=True):
        if spread <= 1e-12 * np.abs(own).max() * len(own):
            raise ParameterError(f"candidate {name!r} does not vary")
    for place, name in enumerate(names):
        rank = np.linalg.matrix_rank(centred[:, : place + 1] / size[: place + 1], tol=1e-8)
        if rank <= place:
            raise ParameterError(f"candidate {name!r} is made of those before it")

"""Regression of a metric on candidates, with errors that hold for time series."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from opsnb.errors import ParameterError
from opsnb.stats.association.comparable import Array, comparable
from opsnb.stats.distributions import t_pvalue, t_quantile

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
    import statsmodels.api as sm

    level, spent, maxlags, dropped = how
    count = len(shown)
    lags = int(4 * (count / 100) ** (2 / 9)) if maxlags is None else maxlags
    terms = [CONSTANT, *names]
    design = np.column_stack([np.ones(count), shown.iloc[:, 1:].to_numpy()])
    plain = sm.OLS(shown["y"].to_numpy(), design).fit()
    robust = plain.get_robustcov_results("HAC", maxlags=lags, use_correction=True, use_t=True)
    robust.df_resid = robust.df_resid_inference = count - len(terms) - spent
    widen = np.sqrt((count - len(terms)) / (count - len(terms) - spent))
    return Regression(
        _params(robust, terms, design, widen, level),
        _periods(shown, plain, robust, design, widen, level),
        _summary(plain, lags, dropped),
        basis,
    )


def _params(
    robust: Any, terms: list[str], design: Array, widen: float, level: float
) -> pd.DataFrame:
    param, bse = np.asarray(robust.params), np.asarray(robust.bse) * widen
    spare = robust.df_resid
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
    shown: pd.DataFrame, plain: Any, robust: Any, design: Array, widen: float, level: float
) -> pd.DataFrame:
    covariance = np.asarray(robust.cov_params()) * widen**2
    spare = robust.df_resid
    reach = t_quantile(level, spare)
    resid = np.asarray(plain.resid)
    noise = float(resid @ resid) / spare
    of_mean = np.einsum("ij,jk,ik->i", design, covariance, design)
    influence = plain.get_influence()
    with warnings.catch_warnings(), np.errstate(divide="ignore", invalid="ignore"):
        warnings.simplefilter("ignore", RuntimeWarning)  # a perfect fit has no distances
        distance = np.nan_to_num(np.asarray(influence.cooks_distance[0]))
    middle = np.asarray(plain.fittedvalues)
    frame = pd.DataFrame({"y": shown["y"], "fitted": middle, "resid": resid}, index=shown.index)
    for name, variance in (("ci", of_mean), ("pi", of_mean + noise)):
        frame[f"{name}_lower"] = middle - reach * np.sqrt(variance)
        frame[f"{name}_upper"] = middle + reach * np.sqrt(variance)
    frame["leverage"] = np.asarray(influence.hat_matrix_diag)
    frame["cooks_distance"], frame["influential"] = distance, distance > 4 / len(frame)
    return frame


def _summary(plain: Any, lags: int, dropped: int) -> pd.Series:
    from statsmodels.stats.diagnostic import acorr_ljungbox
    from statsmodels.stats.stattools import durbin_watson

    resid = np.asarray(plain.resid)
    exact = float(resid @ resid) <= 1e-24 * float(plain.centered_tss)
    test = np.nan if exact else acorr_ljungbox(resid, lags=[max(lags, 1)])["lb_pvalue"].iloc[0]
    found: dict[str, float] = {
        "nobs": float(len(resid)),
        "dropped": float(dropped),
        "rsquared": float(plain.rsquared),
        "rsquared_adj": float(plain.rsquared_adj),
        "maxlags": float(lags),
        "durbin_watson": np.nan if exact else float(durbin_watson(resid)),
        "ljung_box_pvalue": float(test),
        "condition_number": float(plain.condition_number),
    }
    return pd.Series(list(found.values()), index=list(found))


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

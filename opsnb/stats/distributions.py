"""Tails of Student's t and of F, by the incomplete beta function, and of chi-square."""

from __future__ import annotations

import math

TINY, PRECISION, MOST = 1e-300, 4e-15, 1_000


def t_pvalue(statistic: float, df: float) -> float:
    """Probability of a t at least as far from zero, on either side.

    >>> round(t_pvalue(2.228138852, 10), 6)
    0.05
    """
    return _beyond(df, 1.0, statistic**2)


def t_quantile(level: float, df: float) -> float:
    """Reach of the interval about zero that holds t with probability `level`.

    >>> round(t_quantile(0.95, 10), 6)
    2.228139
    """
    low, high = 0.0, 1.0
    while t_pvalue(high, df) > 1 - level:
        low, high = high, high * 2
    for _ in range(200):
        middle = (low + high) / 2
        if middle in (low, high):
            break
        low, high = (middle, high) if t_pvalue(middle, df) > 1 - level else (low, middle)
    return (low + high) / 2


def f_pvalue(statistic: float, df: float, df_rest: float) -> float:
    """Probability of an F at least as large.

    >>> round(f_pvalue(3.325834530, 5, 10), 6)
    0.05
    """
    return _beyond(df_rest, df, df * max(statistic, 0.0))


def chi2_pvalue(statistic: float, df: int) -> float:
    """Probability of a chi-square at least as large, for whole degrees of freedom (A&S 26.4.4-5).

    >>> round(chi2_pvalue(3.841458821, 1), 6), round(chi2_pvalue(11.07049769, 5), 6)
    (0.05, 0.05)
    """
    half = max(statistic, 0.0) / 2
    if df % 2:
        first, term, power = math.erfc(math.sqrt(half)), math.exp(-half), 0.5
        term *= math.sqrt(half) / math.gamma(1.5)
    else:
        first, term, power = 0.0, math.exp(-half), 0.0
    total = first
    while power < df / 2 - 0.25:
        total += term
        power += 1
        term *= half / power
    return min(total, 1.0)


def _beyond(rest: float, df: float, size: float) -> float:
    """I_x(rest / 2, df / 2) at x = rest / (rest + size), from the end where x keeps its digits."""
    if size < rest:
        return 1.0 - incomplete_beta(df / 2, rest / 2, size / (rest + size))
    return incomplete_beta(rest / 2, df / 2, rest / (rest + size))


def incomplete_beta(a: float, b: float, x: float) -> float:
    """Regularised incomplete beta function I_x(a, b), by its continued fraction (DLMF 8.17.22).

    >>> incomplete_beta(1, 1, 0.3)
    0.3
    """
    if x <= 0 or x >= 1:
        return 0.0 if x <= 0 else 1.0
    if x > (a + 1) / (a + b + 2):
        return 1.0 - incomplete_beta(b, a, 1.0 - x)
    log = math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b)
    front = math.exp(log + a * math.log(x) + b * math.log1p(-x)) / a
    return front * _fraction(a, b, x)


def _fraction(a: float, b: float, x: float) -> float:
    """Continued fraction, by the method of Lentz."""
    c, d = 1.0, 1 / _apart(1 - (a + b) * x / (a + 1))
    found = d
    for m in range(1, MOST):
        for top in (
            m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
        ):
            d, c = 1 / _apart(1 + top * d), _apart(1 + top / c)
            found *= c * d
        if abs(c * d - 1) < PRECISION:
            break
    return found


def _apart(value: float) -> float:
    return value if abs(value) > TINY else TINY

"""Effect of a response: events before and after it, against what it was said to do."""

from __future__ import annotations

from dataclasses import dataclass

DOUBT = 0.05
"""Probability below which what was counted contradicts an assumption."""


@dataclass(frozen=True)
class Effect:
    """Events before and after a treatment.

    Attributes
    ----------
    before, after : int
    rate_before, rate_after : float
        Events a year.
    p_claim : float
        How likely at least so many come after, if the frequency fell as claimed.
    p_none : float
        How likely at most so many come after, if it did not fall at all.
    """

    before: int
    after: int
    rate_before: float
    rate_after: float
    p_claim: float
    p_none: float

    @property
    def verdict(self) -> str:
        """``contradicted``, ``confirmed``, or ``open`` where too little was counted for either."""
        if self.p_claim < DOUBT:
            return "contradicted"
        return "confirmed" if self.p_none < DOUBT else "open"


def effect(
    before: int, years_before: float, after: int, years_after: float, claim: float
) -> Effect:
    """Events of two spans compared: given their sum, those after are binomial.

    The exact conditional test of two Poisson rates (Przyborowski and Wilenski, Homogeneity of
    results in testing samples from Poisson series, 1940).

    Parameters
    ----------
    before, after : int
        Events.
    years_before, years_after : float
        Lengths of the spans, in years.
    claim : float
        Share of the frequency that was said to fall away, 0 to 1.

    Raises
    ------
    ValueError
        A span without length, a negative number, or a claim out of range.

    >>> effect(46, 3.83, 12, 1.0, 0.6).verdict
    'contradicted'
    """
    if min(before, after) < 0 or min(years_before, years_after) <= 0 or not 0 <= claim <= 1:
        raise ValueError("expected counts from 0, spans above 0 and a claim from 0 to 1")
    from scipy.special import bdtr, bdtrc

    total = before + after
    claimed = _share(years_before, years_after * (1 - claim))
    same = _share(years_before, years_after)
    return Effect(
        before,
        after,
        before / years_before,
        after / years_after,
        float(bdtrc(after - 1, total, claimed)),
        float(bdtr(after, total, same)),
    )


def _share(before: float, after: float) -> float:
    return after / (before + after)

"""Odds of reaching a target, adjusted by how earlier forecasts and targets came out.

What came stands somewhere among the futures that were simulated for it. Were the forecasts right,
the normal score of its place would be 0 on average. Its mean over past years is a `shift` of all
futures. Targets say something too: who missed most of them will, other things being equal, miss the
next. The `share` reached is joined to the forecast on the scale of normal scores (a generalised
linear pool; Ranjan & Gneiting 2010), with a weight that vanishes as the year ends.

Months of one year are not independent of one another, nor are the units of a metric. What is
counted is therefore years of one metric, and both parts are shrunk towards nothing as if
:data:`PRIOR` of these had shown no error.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
import numpy.typing as npt
import pandas as pd

NORMAL = NormalDist()
PRIOR = 8.0
"""Years of one metric that count for no adjustment at all."""
FURTHEST, FINEST = 0.01, 0.001
"""Places in the futures, and probabilities, nearer to 0 and 1 than this are taken for this."""
LEAST = 0.02
"""No adjusted probability is nearer to 0 or 1."""


@dataclass(frozen=True)
class Adjustment:
    """What past years say of the odds; nothing, unless it is learned.

    Attributes
    ----------
    shift : float
        Of all futures, in standard deviations of the simulated ones; above 0 where more came than
        was forecast. Shrunk.
    share : float
        Of past targets that were reached; of interest only with a weight.
    weight : float
        Of the share at the beginning of a year, 0 to 1; in proportion to the months left.
    clusters, years : int
        Years of one metric, and years, that it is learned from.
    """

    shift: float = 0.0
    share: float = 0.5
    weight: float = 0.0
    clusters: int = 0
    years: int = 0

    def odds(self, simulated: float, *, higher: bool, left: float) -> float:
        """Adjusted probability of reaching a target.

        Parameters
        ----------
        simulated : float
            Share of the simulated futures that reach it.
        higher : bool
            Whether a higher value reaches it.
        left : float
            Share of the year that is still ahead.

        >>> Adjustment().odds(0.3, higher=True, left=0.5)
        0.3
        >>> round(Adjustment(shift=1.0, clusters=9).odds(0.5, higher=True, left=0.5), 4)
        0.8413
        """
        if not self.clusters:
            return simulated
        weight = self.weight * left
        score = _score(simulated, FINEST) + (self.shift if higher else -self.shift)
        score = (1 - weight) * score + weight * _score(self.share, LEAST)
        return min(max(NORMAL.cdf(score), LEAST), 1 - LEAST)


def learned(
    cluster: npt.ArrayLike,
    year: npt.ArrayLike,
    place: npt.ArrayLike,
    reached: npt.ArrayLike,
    planned: npt.ArrayLike,
) -> Adjustment:
    """Adjustment that forecasts of years now over ask for; all arrays of one length.

    Parameters
    ----------
    cluster, year : array of str
        What is dependent: the metric of a case, and its year.
    place : array of float
        Share of the simulated futures below what came, 0 to 1.
    reached, planned : array of bool
        Whether the target was reached, and whether it was one on record.
    """
    scores = [_score(float(one), FURTHEST) for one in np.asarray(place, np.float64)]
    cases = pd.DataFrame(
        {"cluster": cluster, "year": year, "score": scores,
         "reached": np.asarray(reached, np.float64), "planned": np.asarray(planned, bool)}
    )  # fmt: skip
    if cases.empty:
        return Adjustment()
    means = cases.groupby(["cluster", "year"])["score"].mean()
    targets = cases[cases["planned"]].groupby(["cluster", "year"])["reached"].mean()
    n, known = len(means), len(targets)
    return Adjustment(
        float(means.sum()) / (n + PRIOR),
        (float(targets.sum()) + 0.5) / (known + 1),
        known / (known + PRIOR),
        n,
        cases["year"].nunique(),
    )


def _score(probability: float, least: float) -> float:
    return NORMAL.inv_cdf(min(max(probability, least), 1 - least))

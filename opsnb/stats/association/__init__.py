"""Association: which candidates move with a metric, and how sure that is.

Series that trend go together whatever they are, so they are first made comparable, and it is said
how (:mod:`opsnb.stats.association.comparable`). Nothing here says that one thing causes another.
"""

from opsnb.stats.association.comparable import BASES, comparable
from opsnb.stats.association.correlation import correlate
from opsnb.stats.association.regression import Regression, regress

__all__ = ["BASES", "Regression", "comparable", "correlate", "regress"]

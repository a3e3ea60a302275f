"""Analyses: one question each, from a workbook to a Result."""

from opsnb.analyses.annex import definitions, sources
from opsnb.analyses.attribution import attribution
from opsnb.analyses.benchmarks import benchmarks
from opsnb.analyses.descriptives import descriptives
from opsnb.analyses.drivers import drivers
from opsnb.analyses.exceptions import exceptions
from opsnb.analyses.headline import headline, problems
from opsnb.analyses.matrix import matrix
from opsnb.analyses.scorecard import scorecard
from opsnb.analyses.trend import trend
from opsnb.analyses.units import units

__all__ = [
    "attribution",
    "benchmarks",
    "definitions",
    "descriptives",
    "drivers",
    "exceptions",
    "headline",
    "matrix",
    "problems",
    "scorecard",
    "sources",
    "trend",
    "units",
]

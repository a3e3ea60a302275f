"""Analyses: one question each, from a workbook to a Result."""

from opsnb.analyses.annex import definitions, sources
from opsnb.analyses.attribution import attribution
from opsnb.analyses.benchmarks import benchmarks
from opsnb.analyses.descriptives import descriptives
from opsnb.analyses.drivers import drivers
from opsnb.analyses.exceptions import exceptions
from opsnb.analyses.headline import headline, problems
from opsnb.analyses.kri import kri
from opsnb.analyses.matrix import matrix
from opsnb.analyses.register import assessed
from opsnb.analyses.risk import risk, risk_warnings
from opsnb.analyses.risk_losses import risk_losses
from opsnb.analyses.risk_matrix import risk_matrix, risk_register
from opsnb.analyses.risk_responses import risk_incidents, risk_responses
from opsnb.analyses.scorecard import scorecard
from opsnb.analyses.trend import trend
from opsnb.analyses.units import units

__all__ = [
    "assessed",
    "attribution",
    "benchmarks",
    "definitions",
    "descriptives",
    "drivers",
    "exceptions",
    "headline",
    "kri",
    "matrix",
    "problems",
    "risk",
    "risk_incidents",
    "risk_losses",
    "risk_matrix",
    "risk_register",
    "risk_responses",
    "risk_warnings",
    "scorecard",
    "sources",
    "trend",
    "units",
]

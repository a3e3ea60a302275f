"""Analyses: one question each, from a workbook to a Result."""

from opsnb.analyses.accountability import accountability
from opsnb.analyses.annex import definitions, sources
from opsnb.analyses.attribution import attribution
from opsnb.analyses.backtests import backtest
from opsnb.analyses.before_after import before_after, robustness
from opsnb.analyses.benchmarks import benchmarks
from opsnb.analyses.completion import completion
from opsnb.analyses.descriptives import descriptives
from opsnb.analyses.drill_down import drill_down
from opsnb.analyses.drivers import drivers
from opsnb.analyses.exceptions import control_chart, exceptions
from opsnb.analyses.forecast import forecast
from opsnb.analyses.headline import headline, problems
from opsnb.analyses.kri import kri
from opsnb.analyses.matrix import matrix
from opsnb.analyses.options import options
from opsnb.analyses.outlook import outlook
from opsnb.analyses.own import KEYS, result
from opsnb.analyses.pinned import pinned
from opsnb.analyses.register import assessed
from opsnb.analyses.restated import restated
from opsnb.analyses.risk import risk, risk_warnings
from opsnb.analyses.risk_losses import risk_losses
from opsnb.analyses.risk_matrix import risk_matrix, risk_register
from opsnb.analyses.risk_responses import risk_incidents, risk_responses
from opsnb.analyses.scorecard import scorecard
from opsnb.analyses.second_opinion import second_opinion
from opsnb.analyses.trend import trend
from opsnb.analyses.units import units
from opsnb.analyses.views import View, answer
from opsnb.analyses.what_if import Assumptions, what_if

__all__ = [
    "KEYS",
    "Assumptions",
    "View",
    "accountability",
    "answer",
    "assessed",
    "attribution",
    "backtest",
    "before_after",
    "benchmarks",
    "completion",
    "control_chart",
    "definitions",
    "descriptives",
    "drill_down",
    "drivers",
    "exceptions",
    "forecast",
    "headline",
    "kri",
    "matrix",
    "options",
    "outlook",
    "pinned",
    "problems",
    "restated",
    "result",
    "risk",
    "risk_incidents",
    "risk_losses",
    "risk_matrix",
    "risk_register",
    "risk_responses",
    "risk_warnings",
    "robustness",
    "scorecard",
    "second_opinion",
    "sources",
    "trend",
    "units",
    "what_if",
]

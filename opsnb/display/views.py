"""Which view shows which result."""

from __future__ import annotations

from collections.abc import Callable

from markupsafe import Markup

from opsnb.display.accountability import accountability, outlook
from opsnb.display.annex import definitions, sources
from opsnb.display.attribution import attribution
from opsnb.display.backtests import backtest, second_opinion
from opsnb.display.before_after import before_after, robustness
from opsnb.display.benchmarks import benchmarks
from opsnb.display.descriptives import descriptives
from opsnb.display.drill_down import drill_down
from opsnb.display.drivers import drivers
from opsnb.display.exceptions import control_chart, exceptions
from opsnb.display.forecast import forecast, forecast_units
from opsnb.display.generic import generic
from opsnb.display.markup import anchor, element
from opsnb.display.matrix import matrix
from opsnb.display.messages import headline, problems
from opsnb.display.options import options
from opsnb.display.pinned import pinned
from opsnb.display.reader import Reader
from opsnb.display.restated import restated
from opsnb.display.risk import risk, risk_register, risk_warnings
from opsnb.display.risk_kri import kri
from opsnb.display.risk_losses import risk_losses
from opsnb.display.risk_matrix import risk_matrix
from opsnb.display.risk_responses import risk_incidents, risk_responses
from opsnb.display.scorecard import scorecard
from opsnb.display.trend import trend
from opsnb.display.units import units
from opsnb.display.what_if import what_if
from opsnb.results import Result

View = Callable[[Result, Reader], Markup]
# each view, and the columns it needs: a user's own result of the same name may have others
VIEWS: dict[str, tuple[View, frozenset[str]]] = {
    "headline": (headline, frozenset({"rank", "code"})),
    "problems": (problems, frozenset({"rank", "code"})),
    "scorecard": (scorecard, frozenset({"metric", "actual", "target", "attainment"})),
    "matrix": (matrix, frozenset({"metric", "variation", "assurance", "false_flags"})),
    "exceptions": (exceptions, frozenset({"metric", "period", "point", "center", "signal"})),
    "control_chart": (control_chart, frozenset({"metric", "period", "point", "center"})),
    "trend": (trend, frozenset({"metric", "period", "value", "prior_year", "target"})),
    "attribution": (attribution, frozenset({"metric", "effect", "value", "share"})),
    "drill_down": (drill_down, frozenset({"metric", "dimension", "contribution", "compared"})),
    "drivers": (drivers, frozenset({"metric", "candidate", "correlation", "lag"})),
    "units": (units, frozenset({"metric", "unit", "actual", "target", "attainment"})),
    "outlook": (outlook, frozenset({"metric", "year_forecast", "p_met", "flag"})),
    "forecast": (forecast, frozenset({"metric", "year_forecast", "p_met", "flag"})),
    "forecast_units": (forecast_units, frozenset({"metric", "part", "next_month", "part_year"})),
    "backtest": (backtest, frozenset({"metric", "mase", "skill", "coverage_80"})),
    "second_opinion": (second_opinion, frozenset({"metric", "ahead", "second", "second_gap"})),
    "accountability": (
        accountability,
        frozenset({"metric", "issued_for", "issued_mase", "issued_skill"}),
    ),
    "descriptives": (descriptives, frozenset({"metric", "median", "missing"})),
    "before_after": (before_after, frozenset({"metric", "since", "estimate", "effect"})),
    "benchmarks": (benchmarks, frozenset({"metric", "benchmark", "actual"})),
    "restated": (restated, frozenset({"metric", "reported", "restated", "cause"})),
    "what_if": (what_if, frozenset({"metric", "scenario", "p_met"})),
    "robustness": (robustness, frozenset({"metric", "variant", "effect"})),
    "options": (options, frozenset({"metric", "option", "option_net", "p_best"})),
    "pinned": (lambda result, reader: pinned(result, reader, view), frozenset({"pin", "why"})),
    "risk": (risk, frozenset({"risk_id", "loss", "change", "rating"})),
    "risk_warnings": (risk_warnings, frozenset({"rank", "code", "deadline"})),
    "risk_register": (risk_register, frozenset({"risk_id", "category", "inherent"})),
    "risk_matrix": (risk_matrix, frozenset({"risk_id", "frequency", "severity", "rating"})),
    "risk_losses": (risk_losses, frozenset({"risk_id", "stage", "var_first"})),
    "risk_responses": (risk_responses, frozenset({"treatment_id", "benefit", "doubt"})),
    "risk_incidents": (risk_incidents, frozenset({"risk_id", "posterior"})),
    "kri": (kri, frozenset({"kri", "reading", "colour", "p_red"})),
    "sources": (sources, frozenset({"table"})),
    "definitions": (definitions, frozenset({"metric", "formula"})),
}


def view(result: Result, reader: Reader) -> Markup:
    """Fragment of `result` for `reader`, its root a ``div`` of class ``opsnb``."""
    show, needed = VIEWS.get(result.name, (generic, frozenset()))
    if not needed <= set(result.frame.columns):
        show = generic
    lang = None if reader.locale == result.provenance.get("locale") else reader.locale
    css = "opsnb v-" + anchor(result.name)
    return element("div", show(result, reader), class_=css, lang=lang)

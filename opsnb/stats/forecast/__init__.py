"""Forecasts of many monthly series at once: points, intervals, joint paths, backtests."""

from opsnb.stats.forecast.components import components
from opsnb.stats.forecast.intervals import forecast
from opsnb.stats.forecast.origins import backtest
from opsnb.stats.forecast.paths import Paths, simulate_paths
from opsnb.stats.forecast.scale import Scale, fit_scale
from opsnb.stats.forecast.totals import add_up, outcome

__all__ = [
    "Paths",
    "Scale",
    "add_up",
    "backtest",
    "components",
    "fit_scale",
    "forecast",
    "outcome",
    "simulate_paths",
]

"""Names of the measures, and how each is computed, in the words of the catalogue.

A formula speaks of other measures in braces; where the page shows them they lead to theirs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from opsnb.display.further_names import LABELS
from opsnb.display.words import mark

SAME = {
    "value": "actual", "restated": "actual", "old": "target", "new": "target",
    "restated_change": "restated_difference",
}  # fmt: skip
"""Measures that are another one under the name of their result."""


@dataclass(frozen=True)
class MeasureName:
    """Name of a measure; its formula, empty for a value of the metric itself.

    Attributes
    ----------
    planned : bool
        Whether the ledger of targets is a source of it.
    measured : bool
        Whether the metric's own data are.
    """

    label: str
    formula: str = ""
    planned: bool = False
    measured: bool = True


MEASURES: dict[str, MeasureName] = {
    "actual": MeasureName(mark("Actual")),
    "ytd": MeasureName(mark("YTD")),
    "prior_year": MeasureName(mark("A year ago")),
    "target": MeasureName(mark("Target"), mark("approved by the cut-off"), True, False),
    "ytd_target": MeasureName(mark("YTD target"), mark("targets to date"), True, False),
    "year_target": MeasureName(mark("Full-year target"), mark("as approved"), True, False),
    "variance": MeasureName(mark("Variance"), mark("{actual} − {target}"), True),
    "attainment": MeasureName(mark("Attainment"), mark("{actual} ÷ {target}"), True),
    "ytd_attainment": MeasureName(mark("YTD attainment"), mark("{ytd} ÷ {ytd_target}"), True),
    "year_attainment": MeasureName(
        mark("Full-year attainment"), mark("{ytd} ÷ {year_target}"), True
    ),
    "yoy": MeasureName(mark("YoY"), mark("{actual} ÷ same period last year − 1")),
    "yoy_difference": MeasureName(mark("YoY"), mark("{actual} − same period last year")),
    "mom": MeasureName(mark("MoM"), mark("{actual} ÷ prior period − 1")),
    "mom_difference": MeasureName(mark("MoM"), mark("{actual} − prior period")),
    "ytd_yoy": MeasureName(mark("YTD YoY"), mark("{ytd} ÷ same months last year − 1")),
    "ytd_yoy_difference": MeasureName(mark("YTD YoY"), mark("{ytd} − same months last year")),
    "gap": MeasureName(
        mark("Gap to time progress"), mark("{year_attainment} − {time_progress}"), True
    ),
    "time_progress": MeasureName(
        mark("Time progress"), mark("workdays passed ÷ workdays of the year"), False, False
    ),
    "required_run_rate": MeasureName(
        mark("Required run rate"), mark("({year_target} − {ytd}) ÷ remaining workdays"), True
    ),
    "forecast": MeasureName(mark("Forecast"), mark("mean of the simulated futures")),
    "lower": MeasureName(mark("Interval, lower end"), mark("quantile of the simulated futures")),
    "upper": MeasureName(mark("Interval, upper end"), mark("quantile of the simulated futures")),
    "to_date": MeasureName(mark("YTD")),
    "year_forecast": MeasureName(
        mark("Full-year forecast"), mark("{ytd} + forecasts of the remaining months")
    ),
    "p_met": MeasureName(
        mark("P(target met)"),
        mark("share of simulated futures that reach {year_target}, adjusted by past years"),
        True,
    ),
    "expected_run_rate": MeasureName(
        mark("Expected run rate"), mark("({year_forecast} − {ytd}) ÷ remaining workdays")
    ),
    "slope": MeasureName(mark("Trend a year"), mark("growth of the forecast without season")),
    "last_forecast": MeasureName(mark("Last forecast"), mark("issued a month before")),
    "last_error": MeasureName(mark("Error"), mark("{actual} ÷ {last_forecast} − 1")),
    "last_error_difference": MeasureName(mark("Error"), mark("{actual} − {last_forecast}")),
    "nobs": MeasureName(mark("Months"), mark("months with a value")),
    "missing": MeasureName(mark("Missing"), mark("months without one, since the first")),
    "median": MeasureName(mark("Median")),
    "robust_deviation": MeasureName(
        mark("Robust deviation"), mark("1.4826 × median absolute deviation")
    ),
    "mean": MeasureName(mark("Mean")),
    "standard_deviation": MeasureName(mark("Standard deviation"), mark("of a sample")),
    "minimum": MeasureName(mark("Lowest")),
    "maximum": MeasureName(mark("Highest")),
    "benchmark": MeasureName(
        mark("Benchmark"), mark("as the ledger of benchmarks has it"), False, False
    ),
    "benchmark_gap": MeasureName(mark("Gap"), mark("{actual} − {benchmark}")),
    "own_percentile": MeasureName(
        mark("Own percentile"), mark("between the percentiles given, in proportion")
    ),
    "reported": MeasureName(mark("As reported"), mark("what the report of the month said")),
    "restated_difference": MeasureName(
        mark("Restated by"), mark("{actual} against {reported}, in percent or points")
    ),
    "threshold": MeasureName(mark("Threshold"), mark("set by the company"), False, False),
}
MEASURES |= {name: MeasureName(label) for name, label in LABELS.items()}
LOWER = mark("2 − {actual} ÷ {target}")
BAND = mark("1 inside the band, less outside it")


def formula(measure: str, definition: Any) -> str:
    """How `measure` is computed for a metric; empty for one that is not known here."""
    known = MEASURES.get(measure)
    if measure == "attainment" and definition.get("better") in ("lower", "band"):
        return LOWER if definition["better"] == "lower" else BAND
    return known.formula if known else ""

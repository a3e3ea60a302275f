"""Reports: the notebooks that are run, and the parameters each takes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import Field

from opsnb.company import LAST_CLOSED
from opsnb.errors import UnknownNameError
from opsnb.settings import Strict
from opsnb.shipped import shipped


class Params(Strict):
    """Parameters that every report takes."""

    company: str
    period: str = LAST_CLOSED
    unit: str = "all"
    locale: Literal["zh", "en"] | None = None

    def metric_ids(self) -> Iterator[str]:
        """Metrics that the parameters name."""
        yield from ()


class MonthlyOperationsParams(Params):
    """Parameters of the monthly operations report.

    Attributes
    ----------
    metrics : list of str
        Metrics of the scorecard; empty for all.
    key_metrics : list of str
        Those that stand as cards; empty for the first six.
    trend_metric : str
        Metric whose trend is drawn; empty for the first of the key metrics.
    trend_months : int
        Length of the trend.
    history : str
        Folder of the runs of earlier months; the run's own outputs where it is empty.
    """

    metrics: list[str] = Field(default=[])
    key_metrics: list[str] = Field(default=[])
    trend_metric: str = ""
    trend_months: int = Field(default=36, ge=2, le=120)
    history: str = ""

    def metric_ids(self) -> Iterator[str]:
        """Metrics that the parameters name."""
        yield from (*self.metrics, *self.key_metrics, *filter(None, [self.trend_metric]))


class ForecastParams(Params):
    """Parameters of the forecast report.

    Attributes
    ----------
    metrics : list of str
        Metrics that are forecast; empty for all.
    key_metrics : list of str
        Those that are drawn; empty for the first six.
    horizon : int
        Months ahead.
    history : str
        Folder of the runs of earlier months; the run's own outputs where it is empty.
    """

    metrics: list[str] = Field(default=[])
    key_metrics: list[str] = Field(default=[])
    horizon: int = Field(default=12, ge=1, le=24)
    history: str = ""

    def metric_ids(self) -> Iterator[str]:
        """Metrics that the parameters name."""
        yield from (*self.metrics, *self.key_metrics)


@dataclass(frozen=True)
class Report:
    """One report: a notebook, and the parameters it takes.

    Attributes
    ----------
    name : str
        Also the notebook's name and that of ``params/<company>/<name>.yaml``.
    title : mapping
    cadence : {"month", "quarter", "year"}
        Kind of period it is about.
    params : type of Params
    """

    name: str
    title: dict[str, str]
    cadence: Literal["month", "quarter", "year"]
    params: type[Params]

    @property
    def notebook(self) -> Path:
        """File of the notebook."""
        return shipped("notebooks") / f"{self.name}.ipynb"


REPORTS = (
    Report(
        "monthly_operations",
        {"zh": "月度运营分析报告", "en": "Monthly operations report"},
        "month",
        MonthlyOperationsParams,
    ),
    Report(
        "risk_assessment",
        {"zh": "风险评估与预警报告", "en": "Risk assessment and early warning"},
        "month",
        Params,
    ),
    Report("forecast", {"zh": "趋势预测报告", "en": "Forecast report"}, "month", ForecastParams),
)


def report(name: str) -> Report:
    """Report called `name`.

    Raises
    ------
    UnknownNameError
        With the nearest match.
    """
    for known in REPORTS:
        if known.name == name:
            return known
    raise UnknownNameError(
        f"unknown report {name!r}", given=name, choices=[r.name for r in REPORTS]
    )

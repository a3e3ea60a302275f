"""Reports: the notebooks that are run, and the parameters each takes."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, create_model

from opsnb.company import LAST_CLOSED, Company, own
from opsnb.errors import SettingsError, UnknownNameError
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
    path : Path, optional
        Notebook of a company's own report; one of the shipped where it is left out.
    """

    name: str
    title: dict[str, str]
    cadence: Literal["month", "quarter", "year"]
    params: type[Params]
    path: Path | None = None

    @property
    def notebook(self) -> Path:
        """File of the notebook."""
        return self.path or shipped("notebooks") / f"{self.name}.ipynb"


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


def report(name: str, company: Company | None = None) -> Report:
    """Report called `name`: a shipped one, or one of the company's own.

    Raises
    ------
    UnknownNameError
        With the nearest match.
    SettingsError
        The notebook of the company's report is none.
    """
    for known in REPORTS:
        if known.name == name:
            return known
    paths = {path.stem: path for path in own.notebooks(company.folder)} if company else {}
    if name in paths:
        return _own(paths[name])
    raise UnknownNameError(
        f"unknown report {name!r}", given=name, choices=[*(r.name for r in REPORTS), *paths]
    )


def reports_of(company: Company) -> list[Report]:
    """Shipped reports, and those of the company's own; not the notebooks that are :func:`none`."""
    return [*REPORTS, *_found(company)[0]]


def none(company: Company) -> list[SettingsError]:
    """Why a notebook in the company's folder ``reports`` is no report: one error a notebook.

    Analysts leave notebooks there, ``Untitled.ipynb`` say, that nothing should stop at.
    """
    return _found(company)[1]


def _found(company: Company) -> tuple[list[Report], list[SettingsError]]:
    """Reports of the company's own, and what is wrong with the other notebooks."""
    good: list[Report] = []
    wrong: list[SettingsError] = []
    for path in own.notebooks(company.folder):
        try:
            good.append(_own(path))
        except SettingsError as error:
            wrong.append(error)
    return good, wrong


def titles(company: Company) -> dict[str, dict[str, str]]:
    """Title of each report by its name; a notebook that is none has no title."""
    found = {known.name: known.title for known in REPORTS}
    for path in own.notebooks(company.folder):
        with contextlib.suppress(SettingsError):
            found.setdefault(path.stem, own.told(path)["title"])
    return found


class OwnParams(Params):
    """Parameters of a company's own report: those of all, and what its cell assigns."""

    def metric_ids(self) -> Iterator[str]:
        """Metrics that parameters called ``metric`` or ``metrics`` name."""
        for name in type(self).model_fields:
            value = getattr(self, name)
            if name in ("metric", "metrics") or name.endswith(("_metric", "_metrics")):
                yield from filter(None, [value] if isinstance(value, str) else value or ())


def _own(path: Path) -> Report:
    where = f"{own.FOLDER}/{path.name}"
    own.check_name(path.stem, where)
    if any(known.name == path.stem for known in REPORTS):
        raise SettingsError(
            f"{path.stem!r} is a shipped report", where=where, expected="another name"
        )
    told = own.told(path)
    fields: dict[str, Any] = {
        name: (_type(value), value)
        for name, value in told["parameters"].items() if name not in Params.model_fields
    }  # fmt: skip
    params = create_model("OwnParams", __base__=OwnParams, **fields)
    return Report(path.stem, told["title"], "month", params, path)


def _type(value: object) -> Any:
    """Type that a parameter keeps, from its default."""
    if value is None:
        return Any
    if isinstance(value, list | tuple):
        return list[Any]
    return float if isinstance(value, float) else type(value)

"""What if: the year's end under assumptions, on the very paths of the forecast."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from opsnb.analyses.comparison import CURRENCY, difference
from opsnb.analyses.forecast import HORIZON
from opsnb.analyses.grid import Grid, Value
from opsnb.analyses.histories import History, history
from opsnb.analyses.odds import adjustment
from opsnb.analyses.outlooks import LEVELS, Outlook, company_scale, outlooks
from opsnb.analyses.split import wording
from opsnb.analyses.what_if_risk import (
    Moves,
    Treated,
    Treatments,
    Watched,
    breaches,
    losses,
    months_ahead,
    watched,
)
from opsnb.analyses.year_ends import YearEnd, year_end
from opsnb.calendar import workdays
from opsnb.errors import ParameterError
from opsnb.metrics.spans import Span
from opsnb.period import Period
from opsnb.results import Column, NotApplicable, Result
from opsnb.stats.odds import Adjustment
from opsnb.workbook import Workbook

Array = npt.NDArray[np.float64]
COLUMNS = (
    Column("metric", "key"), Column("unit", "key"), Column("period", "key"),
    Column("scenario", "key"), Column("year_forecast", "metric"),
    Column("year_difference", "difference"), Column("year_lower", "metric"),
    Column("year_upper", "metric"), Column("p_met", "ratio"), Column("p_change", "points"),
    Column("shortfall", "metric"), Column("assumed", "text"),
)  # fmt: skip
BASE, TOGETHER = "expected", "together"
MOST = 1.0
"""Largest relative change that is assumed, up or down."""
NOT_MONEY = "is no amount of money"


@dataclass(frozen=True)
class Assumptions:
    """What is assumed of the months ahead.

    Attributes
    ----------
    price, volume : float
        Relative changes, 0.05 = 5 % more; they multiply.
    workdays : float
        Working days more (or less) in each month; the metric is taken to go with them.
    lost : pair of str, optional
        Dimension and its element that is lost, such as a customer: its share of the last twelve
        months is missing from now on.
    saving : float
        Amount that a measure brings a year, net of its cost, for metrics in money.
    treatment : str
        Treatment of a risk, of the ledger ``treatments``, that takes effect now: what it saves on
        average less its cost is added, so choose a metric that bears the losses.
    """

    price: float = 0.0
    volume: float = 0.0
    workdays: float = 0.0
    lost: tuple[str, str] | None = None
    saving: float = 0.0
    treatment: str = ""

    def __post_init__(self) -> None:
        for name in ("price", "volume"):
            value = getattr(self, name)
            if not -MOST <= value <= MOST:
                raise ParameterError(
                    f"{name} changes by {value:g}", expected=f"a share from {-MOST:g} to {MOST:g}"
                )


@dataclass(frozen=True)
class Base:
    """Forecast that assumptions are laid upon; kept, for it does not depend on them.

    Attributes
    ----------
    history : History
    found : mapping metric and unit -> Outlook
    indicators : mapping metric and unit -> list of Watched
    treatments : mapping unit -> Treatments
    odds : mapping month -> Adjustment
    """

    history: History
    found: dict[str, Outlook] = field(default_factory=dict)
    indicators: dict[str, list[Watched]] = field(default_factory=dict)
    treatments: dict[str, Treatments] = field(default_factory=dict)
    odds: dict[str, Adjustment] = field(default_factory=dict)

    def outlook(self, workbook: Workbook, metric: str) -> Outlook:
        """Outlook of a metric for the workbook's unit."""
        key = (metric, workbook.unit)
        name = "|".join(key)
        if name not in self.found:
            scale = company_scale(self.history, HORIZON)
            self.found[name] = outlooks(self.history, [key], HORIZON, scale)[key]
        return self.found[name]

    def adjustment(self, workbook: Workbook) -> Adjustment:
        """How past years adjust the odds of the year's target."""
        month = str(self.history.origin)
        if month not in self.odds:
            self.odds[month] = adjustment(workbook, self.history, HORIZON)
        return self.odds[month]

    def watched(self, workbook: Workbook, metric: str) -> list[Watched]:
        """Indicators that the metric measures in the workbook's unit."""
        name = f"{metric}|{workbook.unit}"
        if name not in self.indicators:
            self.indicators[name] = watched(workbook, metric)
        return self.indicators[name]

    def treated(self, workbook: Workbook, treatment: str) -> Treated:
        """Losses without and with a treatment."""
        return self.treatments_of(workbook).treated(treatment)

    def treatments_of(self, workbook: Workbook) -> Treatments:
        """Treatments of the month's register."""
        if workbook.unit not in self.treatments:
            self.treatments[workbook.unit] = Treatments(workbook)
        return self.treatments[workbook.unit]


def what_if(
    workbook: Workbook, metric: str, assumed: Assumptions | None = None, base: Base | None = None
) -> Result:
    """Year's end of a metric as it is expected, under each assumption alone, and under all.

    Assumptions move the simulated paths of the months ahead, so that the odds keep their width: a
    price and a volume multiply them, working days do in proportion to each month's, a lost
    element takes its share of the last twelve months away, and a saving is added in twelfths.
    Nothing is assumed of how customers answer to a price: give the volume too.

    Parameters
    ----------
    workbook : Workbook
    metric : str
        One whose months add up to a year.
    assumed : Assumptions, optional
    base : Base, optional
        From an earlier call for the same company, month and unit.

    Returns
    -------
    Result
        ``what_if``, a row a scenario: ``expected``, each assumption that is made, and ``together``
        where there are several. ``shortfall`` is the mean of what is lacking to the target, over
        all paths. Its parts: ``what_if_kri``, how likely the indicators of risk that this metric
        measures turn red in each scenario, and ``what_if_losses``, a year's losses without and
        with the treatment.

    Raises
    ------
    UnknownNameError
    ParameterError
        The metric has no year's end, an element is not there, or a saving meets no money.
    """
    definition, asked = workbook.metric(metric), assumed or Assumptions()
    if not workbook.catalogue.is_additive(metric):
        raise ParameterError(
            f"months of {metric!r} do not add up to a year", where="metric",
            expected="a metric such as an amount or a count",
        )  # fmt: skip
    is_priced = definition.attribution is not None and definition.attribution.quantity is not None
    if asked.price and not is_priced:
        raise ParameterError(
            f"{metric!r} is not known to be a quantity times a price", where="price",
            expected="a metric whose attribution names its quantity",
        )  # fmt: skip
    if asked.volume and definition.kind != "simple":
        raise ParameterError(
            f"{metric!r} is made of others, which do not all go with the volume", where="volume",
            expected="one that is counted or summed itself",
        )  # fmt: skip
    in_money = isinstance(definition.unit, str) and CURRENCY.fullmatch(definition.unit)
    for name in ("saving", "treatment"):
        if getattr(asked, name) and not in_money:
            raise ParameterError(f"{metric!r} {NOT_MONEY}", where=name, expected="one in money")
    known = base or Base(history(workbook))
    outlook = known.outlook(workbook, metric)
    treated = known.treated(workbook, asked.treatment) if asked.treatment else None
    moves = _moves(workbook, metric, outlook.months, asked, treated)
    grid = Grid(COLUMNS)
    learned = known.adjustment(workbook)
    first = year_end(workbook, outlook, learned)
    for name, (factor, addend) in _every(moves).items():
        paths = outlook.paths * factor + addend
        end = year_end(workbook, replace(outlook, paths=paths), learned)
        grid.add(_row(workbook, metric, name, end, first, _shortfall(workbook, outlook, paths, end),
                      asked))  # fmt: skip
    ahead = _moves(workbook, metric, months_ahead(workbook), asked, treated)
    risks = breaches(workbook, metric, known.watched(workbook, metric), _every(ahead))
    under = losses(workbook, {"treatment": treated} if treated else {})
    provenance = workbook.provenance([metric]) | {
        "columns": wording(workbook), "treatments": _treatments(workbook),
    }  # fmt: skip
    return Result(
        "what_if", grid.frame, COLUMNS, grid.reasons, parts=(risks, under), provenance=provenance
    )


def _moves(
    workbook: Workbook,
    metric: str,
    months: Sequence[Period],
    asked: Assumptions,
    treated: Treated | None,
) -> Moves:
    """Factor and addend of each of the months ahead, by assumption."""
    h = len(months)
    one, none = np.ones(h), np.zeros(h)
    found: dict[str, tuple[Array, Array]] = {}
    if asked.price:
        found["price"] = (one * (1 + asked.price), none)
    if asked.volume:
        found["volume"] = (one * (1 + asked.volume), none)
    if asked.workdays:
        calendar = workbook.company.calendar
        days = np.array([workdays(month, calendar) for month in months], float)
        found["workdays"] = (np.maximum(days + asked.workdays, 0.0) / days, none)
    if asked.lost:
        found["lost"] = (one * (1 - share(workbook, metric, *asked.lost)), none)
    if asked.saving:
        found["saving"] = (one, one * asked.saving / 12)
    if treated is not None:
        sign = 1.0 if workbook.metric(metric).better == "higher" else -1.0
        found["treatment"] = (one, one * sign * treated.net / 12)
    return found


def _every(moves: Moves) -> Moves:
    """Moves of all scenarios, in the order of the rows; that of what is expected moves nothing."""
    if not moves:
        return {BASE: (np.ones(1), np.zeros(1))}
    h = len(next(iter(moves.values()))[0])
    factor, addend = np.ones(h), np.zeros(h)
    for own, more in moves.values():
        factor, addend = factor * own, addend * own + more
    first = {BASE: (np.ones(h), np.zeros(h))}
    return {**first, **moves, **({TOGETHER: (factor, addend)} if len(moves) > 1 else {})}


def _treatments(workbook: Workbook) -> dict[str, Any]:
    rows = workbook.ledger("treatments").to_dict("records")
    return {
        str(row["treatment_id"]): {
            "label": dict.fromkeys(("zh", "en"), str(row["measure"] or row["treatment_id"]))
        }
        for row in rows
    }


def dimensions(workbook: Workbook, metric: str) -> list[str]:
    """Dimensions that all tables of a metric have."""
    tables = workbook.catalogue.tables(metric)
    named = dict.fromkeys(d for table in tables for d in workbook.company.tables[table].dimensions)
    columns = [workbook.company.columns(table) for table in tables]
    return [name for name in named if all(name in known for known in columns)]


def elements(workbook: Workbook, metric: str, dimension: str) -> pd.Series:
    """Values of the elements of a dimension over the last twelve months, the largest first."""
    span = Span.trailing(workbook.period.first, 12)
    frame = workbook.values([metric], [span], by=(dimension,)).frame
    mine = frame.xs(workbook.unit, level="unit")[metric].groupby(level=dimension).sum()
    return mine.sort_values(ascending=False)


def share(workbook: Workbook, metric: str, dimension: str, item: str) -> float:
    """Share of an element of a dimension in the metric's last twelve months.

    Raises
    ------
    ParameterError
        There is no such dimension or element, or nothing to have a share of.
    """
    known = dimensions(workbook, metric)
    if dimension not in known:
        raise ParameterError(f"no dimension {dimension!r}", given=dimension, choices=known)
    mine = elements(workbook, metric, dimension)
    if item not in mine.index:
        raise ParameterError(f"no {dimension} {item!r}", given=item, choices=map(str, mine.index))
    whole = float(mine.sum())
    if whole <= 0:
        raise ParameterError(f"{metric!r} has nothing to lose in the last twelve months")
    return float(mine[item]) / whole


def _shortfall(workbook: Workbook, outlook: Outlook, paths: Array, end: YearEnd) -> Value:
    """Mean of what is lacking to the target of the year, over all paths."""
    if isinstance(end.target, NotApplicable) or isinstance(end.to_date, NotApplicable):
        return end.target if isinstance(end.target, NotApplicable) else end.to_date
    remaining = workbook.period.year.months[-1].first - workbook.period.first
    total = paths[:, :remaining].sum(1) + end.to_date
    sign = 1.0 if workbook.metric(outlook.metric).better == "higher" else -1.0
    return float(np.maximum(sign * (end.target - total), 0.0).mean())


def _row(
    workbook: Workbook, metric: str, name: str, end: YearEnd, first: YearEnd, lacking: Value,
    asked: Assumptions,
) -> dict[str, Any]:  # fmt: skip
    ends: tuple[Value, Value] = end.intervals.get(LEVELS[0], (end.mean, end.mean))
    return {
        "metric": metric,
        "unit": workbook.unit,
        "period": str(workbook.period),
        "scenario": name,
        "year_forecast": end.mean,
        "year_difference": difference(end.mean, first.mean),
        "year_lower": ends[0],
        "year_upper": ends[1],
        "p_met": end.p_met,
        "p_change": difference(end.p_met, first.p_met),
        "shortfall": lacking,
        "assumed": _assumed(name, asked),
    }


def _assumed(name: str, asked: Assumptions) -> str:
    """Assumption of a scenario as it was given."""
    value = getattr(asked, name, "")
    if name == "lost" and asked.lost:
        return "=".join(asked.lost)
    if name == "treatment":
        return asked.treatment
    return f"{float(value):+g}" if isinstance(value, int | float) else ""

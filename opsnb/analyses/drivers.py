"""Drivers: what moves with a metric, among the candidates that the company names."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Any

import pandas as pd

from opsnb.analyses.comparison import NO_REGRESSION, explained
from opsnb.analyses.grid import Grid, number
from opsnb.errors import ParameterError
from opsnb.findings.attribution import DriverCase, find_in_drivers
from opsnb.metrics.spans import Span
from opsnb.results import Column, NotApplicable, Result
from opsnb.stats.association import correlate, regress
from opsnb.workbook import Workbook

MONTHS, LAGS, LEVEL = 60, (0, 1, 2, 3), 0.95
KEYS = (
    Column("metric", "key"), Column("unit", "key"), Column("period", "key"),
    Column("candidate", "key"),
)  # fmt: skip
COLUMNS = (
    *KEYS, Column("lag", "count"), Column("nobs", "count"), Column("basis", "text"),
    *(Column(name, "number") for name in (
        "correlation", "ci_lower", "ci_upper", "pvalue", "pvalue_adjusted", "rank_correlation",
    )),
    Column("tried", "count"),
)  # fmt: skip
EFFECTS = (
    *KEYS, Column("basis", "text"), Column("nobs", "count"),
    *(Column(name, "number") for name in (
        "param", "ci_lower", "ci_upper", "pvalue", "vif", "rsquared", "ljung_box_pvalue",
    )),
    Column("distinguishable", "text"), Column("influential", "count"),
)  # fmt: skip
TOO_FEW = NotApplicable("too few points")
FLAT = NotApplicable("not meaningful for this metric")


def drivers(
    workbook: Workbook,
    metrics: Sequence[str] = (),
    months: int = MONTHS,
    candidates: Sequence[str] = (),
) -> Result:
    """Correlation with, and regression on, the candidates that `metrics` declare as drivers.

    Parameters
    ----------
    workbook : Workbook
    metrics : sequence of str, optional
        All of the company by default.
    months : int
    candidates : sequence of str, optional
        Metrics that are tried instead of those declared.

    Series are the last `months` months; those that trend or have a season are made comparable
    first, and `basis` says how. Of each candidate the lag is told at which Pearson's correlation
    is strongest; p values are corrected for all that was tried for the metric.

    Returns
    -------
    Result
        ``drivers``, a row a metric and candidate; its part ``driver_effects`` holds the regression
        on all candidates together, in standard deviations. Without a declaration it has no rows.

    Raises
    ------
    UnknownNameError
    """
    named = list(dict.fromkeys(metrics)) or list(workbook.company.metrics)
    tried = {name: _candidates(workbook, name, candidates) for name in named}
    names = [name for name in named if tried[name]]
    grid, effects = Grid(COLUMNS), Grid(EFFECTS)
    cases: list[DriverCase] = []
    fitted = True
    for name in names:
        frame = _series(workbook, [name, *tried[name]], months)
        cases += _correlations(workbook, name, frame, grid)
        fitted = _regression(workbook, name, frame, effects) and fitted
    used = dict.fromkeys(m for name in names for m in (name, *tried[name]))
    return Result(
        "drivers",
        grid.frame,
        COLUMNS,
        grid.reasons,
        findings=find_in_drivers(cases),
        notes=() if fitted else (NO_REGRESSION,),
        parts=(Result("driver_effects", effects.frame, EFFECTS, effects.reasons),),
        provenance=workbook.provenance(used),
    )


def _candidates(workbook: Workbook, name: str, asked: Sequence[str]) -> tuple[str, ...]:
    """Metrics that are tried for one; never itself."""
    for candidate in asked:
        workbook.metric(candidate)
    return tuple(m for m in asked or workbook.metric(name).drivers if m != name)


def _series(workbook: Workbook, names: Sequence[str], months: int) -> pd.DataFrame:
    """Monthly values; NaN where there are none, and where units are missing in the last month."""
    periods = workbook.period.back(months)
    values = workbook.values(names, periods)
    frame = pd.DataFrame(index=[str(period) for period in periods])
    for name in names:
        cells = [values.value(name, Span.of(p), workbook.unit) for p in periods]
        pairs = zip(cells, periods, strict=True)
        frame[name] = [number(explained(workbook, name, v, p)) for v, p in pairs]
        if workbook.missing_units(name):
            frame.loc[frame.index[-1], name] = float("nan")
    return frame


def _keys(workbook: Workbook, name: str, candidate: str) -> dict[str, Any]:
    return {
        "metric": name, "unit": workbook.unit, "period": str(workbook.period),
        "candidate": candidate,
    }  # fmt: skip


def _correlations(
    workbook: Workbook, name: str, frame: pd.DataFrame, grid: Grid
) -> list[DriverCase]:
    found = correlate(frame[name], frame.drop(columns=name), lags=LAGS, level=LEVEL)
    tried = int(found["pvalue"].notna().sum())
    cases = []
    records = found.to_dict("records")
    for candidate, group in groupby(records, key=lambda row: str(row["candidate"])):
        rows = list(group)
        known = [r for r in rows if r["method"] == "pearson" and pd.notna(r["correlation"])]
        best = max(known, key=lambda row: abs(row["correlation"]), default=rows[0])
        ranks = next(r for r in rows if r["method"] == "spearman" and r["lag"] == best["lag"])
        reason = TOO_FEW if best["nobs"] < 8 else FLAT
        cells = {"rank_correlation": ranks["correlation"]} | {
            column: best[column]
            for column in ("correlation", "ci_lower", "ci_upper", "pvalue", "pvalue_adjusted")
        }
        shown = {k: reason if pd.isna(v) else float(v) for k, v in cells.items()}
        about = {c: best[c] for c in ("lag", "nobs", "basis")} | {"tried": tried}
        grid.add(_keys(workbook, name, candidate) | about | shown)
        cases.append(
            DriverCase(
                name, workbook.unit, str(workbook.period), workbook.metric(name).owner.zh,
                candidate, shown["correlation"], number(shown["pvalue_adjusted"]),
                int(best["lag"]), tried, LEVEL,
            )
        )  # fmt: skip
    return cases


def _regression(workbook: Workbook, name: str, frame: pd.DataFrame, grid: Grid) -> bool:
    """Effects in standard deviations, the other candidates held; whether there is a regression."""
    known = frame.dropna()
    spread = known.std()
    if len(known) < 2 or not (spread > 0).all():
        return False
    try:
        found = regress(
            frame[name] / spread[name], frame.drop(columns=name) / spread.drop(name), level=LEVEL
        )
    except ParameterError:
        return False  # the correlations stand alone, and a note says so
    for row in found.params.iloc[1:].to_dict("records"):
        test = found.summary["ljung_box_pvalue"]
        grid.add(
            _keys(workbook, name, str(row["term"]))
            | {c: float(row[c]) for c in ("param", "ci_lower", "ci_upper", "pvalue", "vif")}
            | {
                "basis": found.basis,
                "nobs": found.summary["nobs"],
                "rsquared": found.summary["rsquared"],
                "ljung_box_pvalue": FLAT if pd.isna(test) else test,
                "distinguishable": "yes" if row["distinguishable"] else "",
                "influential": int(found.fitted["influential"].sum()),
            }
        )
    return True

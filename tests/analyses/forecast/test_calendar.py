"""Spring Festival and working days: the forecast of January to March with them and without."""

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import opsnb
from opsnb.analyses.histories import history
from opsnb.analyses.outlooks import company_scale, outlooks
from opsnb.demo import generate

PARAMS = Path(__file__).parents[3] / "params/demo"
METRICS = ("revenue", "gross_profit")
YEARS = (2024, 2025, 2026)
SEEDS = (11, 12, 13)


@pytest.fixture(scope="module", params=SEEDS)
def past(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("company") / f"s{request.param}"
    shutil.copytree(PARAMS, folder, ignore=shutil.ignore_patterns("data", "ledgers"))
    generate(folder, seed=request.param, lines=60_000)
    return history(opsnb.open(folder, "2026-10"), METRICS)


def errors(past, *, calendar):
    """Mean relative errors of January to March, of the company and of its units."""
    months = [str(month) for month in past.months]
    found = {"company": [], "units": []}
    for year in YEARS:
        then = past.until(months.index(f"{year - 1}-12") + 1)
        if not calendar:
            then = replace(then, kinds=dict.fromkeys(then.kinds, "stock"))
        made = outlooks(then, list(then.values), 3, company_scale(then, 3), paths=200)
        for (metric, unit), one in made.items():
            actual = past.values[metric, unit][len(then.months) :][:3]
            level = "company" if unit == past.root else "units"
            found[level].append(np.abs(one.mean / actual - 1).mean())
    return {level: float(np.mean(values)) for level, values in found.items()}


def test_the_calendar_takes_at_least_half_of_the_error(past):
    """Nothing after the origin is known to either: factors are fitted on what lay before."""
    without, with_ = errors(past, calendar=False), errors(past, calendar=True)
    assert with_["company"] <= 0.5 * without["company"], (with_, without)
    assert with_["units"] <= 0.5 * without["units"], (with_, without)


def test_factors_know_nothing_of_later_months(past):
    then = past.until(40)
    changed = {key: np.where(np.arange(len(y)) >= 40, 7 * y, y) for key, y in past.values.items()}
    again = replace(past, values=changed).until(40)
    for metric in METRICS:
        assert then.factor(metric) == pytest.approx(again.factor(metric), rel=1e-12)

"""Drivers of a made-up company whose one cause is known, and how long it takes."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import opsnb
from opsnb.analyses import drivers
from opsnb.display import html

MONTHS = [str(month) for month in pd.period_range("2022-11", "2026-10", freq="M")]
METRICS = {
    "revenue": {"table": "sales", "measure": "sum(amount)", "drivers": ["visits", "rain"]},
    "visits": {"table": "sales", "measure": "sum(visits)"},
    "rain": {"table": "sales", "measure": "sum(rain)"},
}


@pytest.fixture(scope="module")
def company(write_company, tmp_path_factory):
    """Revenue follows visits a month later; both grow; rain falls as it likes."""

    def company(months=48, metrics=METRICS):
        rng = np.random.default_rng(4)
        visits = 1000 + 8 * np.arange(48) + rng.normal(0, 40, 48)
        revenue = 5000 + 30 * np.arange(48) + 3 * np.roll(visits - 8 * np.arange(48), 1)
        rain = rng.gamma(4, 20, 48)
        lines = [
            f"{month}-20,{revenue[i] + rng.normal(0, 30):.2f},{visits[i]:.2f},{rain[i]:.2f}"
            for i, month in enumerate(MONTHS)
        ][-months:]
        kinds = dict.fromkeys(("amount", "visits", "rain"), "decimal(2)")
        return write_company(
            tmp_path_factory.mktemp("driven"),
            metrics=metrics,
            sources={"sales": {"columns": {"day": "date"} | kinds}},
            data={"sales": "\n".join(["day,amount,visits,rain", *lines, ""])},
        )

    return company


@pytest.fixture(scope="module")
def found(company):
    return drivers(opsnb.open(company(), "2026-10"))


def test_the_cause_is_found_at_its_lag(found):
    rows = found.frame.set_index("candidate")
    assert rows.loc["visits", "lag"] == 1
    assert rows.loc["visits", "ci_lower"] > 0.7
    assert rows.loc["visits", "pvalue_adjusted"] < 1e-6
    assert rows.loc["visits", "basis"] == "detrended"
    (finding,) = found.findings
    assert (finding.code, finding.metric) == ("OPS045", "revenue")
    assert finding.evidence["driver"] == "visits"
    assert finding.evidence["lag"] == 1
    assert finding.evidence["tried"] == 2 * 4 * 2


def test_what_is_no_cause_is_not_called_one(found):
    row = found.frame.set_index("candidate").loc["rain"]
    assert row["pvalue_adjusted"] > 0.05
    effects = found.part("driver_effects").frame.set_index("candidate")
    assert effects.loc["rain", "distinguishable"] == ""
    assert effects["nobs"].tolist() == [48, 48]


def test_too_few_months_are_a_reason(company):
    result = drivers(opsnb.open(company(months=6), "2026-10"))
    for row in range(2):
        assert result.cell(row, "correlation").reason == "too few points"
    assert result.findings == ()
    assert len(result.part("driver_effects").frame) == 0
    assert result.notes[0].startswith("No regression")


def test_without_candidates_there_are_no_rows(company):
    bare = {"rain": METRICS["rain"]}
    result = drivers(opsnb.open(company(metrics=bare), "2026-10"))
    assert len(result.frame) == 0


@pytest.mark.parametrize(
    ("part", "name"),
    [
        ("", "correlation"), ("", "ci_lower"), ("", "rank_correlation"), ("", "pvalue_adjusted"),
        ("driver_effects", "vif"), ("driver_effects", "param"), ("driver_effects", "ci_upper"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("locale", ["zh", "en"])
def test_any_number_may_be_missing_alone(found, part, name, locale):
    """What could not be computed is told as its reason; the others are shown."""
    one = found.part(part) if part else found
    row = one.frame.index[one.frame["candidate"] == "rain"][0]
    frame = one.frame.assign(**{name: one.frame[name].where(one.frame.index != row)})
    reasons = {**one.reasons, (int(row), name): "too few points"}
    bare = replace(one, frame=frame, reasons=reasons)
    whole = found.parts if not part else tuple(bare if p is one else p for p in found.parts)
    shown = html(replace(found, parts=whole) if part else bare, locale)
    assert "nan" not in shown.lower()
    visits = f"{found.frame.set_index('candidate').loc['visits', 'rank_correlation']:+.2f}"
    assert visits in shown

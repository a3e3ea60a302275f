"""What is planted in the ledgers of risk is found in its month, whatever the seed."""

import shutil
from pathlib import Path

import pandas as pd
import pytest

import opsnb
from opsnb.analyses import assessed, kri, risk_warnings
from opsnb.demo import SEED, generate
from opsnb.demo.risks import PLANTED

PARAMS = Path(__file__).parents[2] / "params/demo"
SEEDS = (SEED, 1, 2, 3)


@pytest.fixture(scope="module", params=SEEDS)
def company(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp(f"planted-{request.param}") / "demo"
    hidden = shutil.ignore_patterns("data", "ledgers")
    shutil.copytree(PARAMS, folder, ignore=hidden)
    return generate(folder, seed=request.param, lines=10_000)


@pytest.fixture(scope="module")
def warned(company):
    """Return the findings of a month's risk report, by code and subject."""
    made = {}

    def warned(period):
        if period not in made:
            workbook = opsnb.open(company, period)
            found = risk_warnings(assessed(workbook), kri(workbook)).findings
            made[period] = {
                (f.code, f.evidence.get(name)): f
                for f in found
                for name in ("kri", "treatment", "risk")
                if f.evidence.get(name)
            }
        return made[period]

    return warned


def subject(name):
    return next(one.subject for one in PLANTED if one.id == name)


def test_the_breach_ahead_is_foretold(warned):
    finding = warned("2026-10")["RSK002", subject("breach_ahead")]
    assert finding.severity == "orange"
    assert finding.evidence["towards"] == "red"
    assert finding.evidence["level"] < 43.5  # still below its orange level
    assert 2 <= finding.evidence["months"] <= 4
    assert finding.evidence["probability"] > 0.7


def test_what_only_looks_like_a_breach_is_not_foretold(company, warned):
    name = subject("season_only")
    about = [f for (_, what), f in warned("2026-10").items() if what == name]
    assert {f.severity for f in about} <= {"yellow"}
    assert {f.code for f in about} <= {"RSK001"}
    readings = pd.read_csv(company / "ledgers/readings.csv")
    last = readings[readings["kri_id"] == name]["value"].to_numpy()[-4:]
    slope = (last[-1] - last[0]) / 3
    assert last[-1] + 6 * slope > 0.09  # a straight line would reach red


def test_a_treatment_without_effect_is_found(warned):
    finding = warned("2026-10")["RSK006", subject("no_effect")]
    assert finding.evidence["after"] == 12
    assert finding.evidence["claim"] == 0.6
    early = warned("2026-01")
    assert ("RSK006", subject("no_effect")) not in early


def test_a_treatment_without_evidence_is_found(warned):
    assert ("RSK007", "T07") in warned("2026-10")


def test_an_expired_review_is_found_from_its_month_on(warned):
    name = subject("expired_review")
    assert ("RSK008", name) in warned("2026-07")
    assert ("RSK008", name) in warned("2026-10")
    assert ("RSK008", name) not in warned("2026-05")


def test_nobody_owns_what_the_ledger_does_not_name(warned):
    found = warned("2026-10")
    assert ("RSK010", "T03") in found
    south = [f for (code, what), f in found.items() if what == "K05"]
    assert {f.severity for f in south} & {"red", "orange"}
    assert all(f.action and f.owner and f.evidence["deadline"] for f in south)
    assert found["RSK002", "K02"].evidence["deadline"] == "2026-12-15"


def test_stale_values_are_grey(warned):
    assert warned("2026-10")["RSK003", "K06"].evidence["latest_month"] == "2026-08"
    assert ("RSK003", "K06") not in warned("2026-08")

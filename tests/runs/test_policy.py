"""A finished run is held while nobody has taken on its warnings, if the company says so."""

import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from opsnb.runs.policy import applied
from opsnb.runs.run import Outcome


def finding(code, warning="", level=""):
    evidence = {"risk": "R1", "warning": warning, "level_of": level} if warning else {"risk": "R1"}
    return {
        "code": code, "severity": "red", "metric": "", "unit": "all", "period": "2026-10",
        "evidence": json.dumps(evidence),
    }  # fmt: skip


@pytest.fixture
def outcome(tmp_path):
    def outcome(*findings, status="done"):
        pq.write_table(pa.Table.from_pylist(list(findings)), tmp_path / "findings.parquet")
        return Outcome(tmp_path, status, tmp_path / "report.html")

    return outcome


ORANGE = finding("RSK010", "RSK008", "orange")
RED = finding("RSK010", "RSK005", "red")


@pytest.mark.parametrize(
    ("found", "hold", "code"),
    [
        ([ORANGE], "never", 0), ([ORANGE], "red", 0), ([ORANGE], "orange", 4), ([RED], "red", 4),
        ([RED], "orange", 4), ([finding("RSK008")], "orange", 0),
    ],
)  # fmt: skip
@pytest.mark.parametrize("status", ["done", "cached"])
def test_the_policy_decides(outcome, found, hold, code, status):
    held = applied(outcome(*found, status=status), hold)
    assert held.exit_code == code
    if code:
        assert held.status == "held"
        assert held.message.startswith("the run is held: 1 warnings")
        assert f"{json.loads(found[0]['evidence'])['warning']} R1" in held.message


def test_a_failed_run_has_failed(outcome):
    assert applied(outcome(RED, status="failed"), "red").exit_code == 1

"""Issued forecasts: read from the runs that count, and what is damaged is named."""

import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from opsnb.data.issued import issued
from opsnb.period import Period
from opsnb.runs.records import RESULTS

NOW = Period.parse("2026-10")


@pytest.fixture
def publish(tmp_path):
    """Put a run with one forecast into the outputs."""

    def publish(period, value, report="monthly_operations", unit="all", run="r1"):
        folder = tmp_path / "firm" / period / report / unit
        (folder / run).mkdir(parents=True)
        row = dict.fromkeys(RESULTS.names) | {
            "result": "issued", "metric": "revenue", "measure": "forecast", "unit": unit,
            "period": period, "target_period": "2026-10", "value": value,
            "created_at": "2026-10-05T08:00:00+00:00",
        }  # fmt: skip
        pq.write_table(
            pa.Table.from_pylist([row], schema=RESULTS), folder / run / "results.parquet"
        )
        (folder / "latest.json").write_text(json.dumps({"run_id": run, "content_digest": "x"}))
        return folder

    return publish


def test_the_run_that_counts_of_every_earlier_month_is_read(publish, tmp_path):
    publish("2026-08", 1.0)
    publish("2026-09", 2.0)
    publish("2026-10", 3.0)
    publish("2026-09", 9.0, unit="north")
    found = issued(tmp_path, "firm", "all", NOW)
    assert found.frame[["period", "value"]].values.tolist() == [["2026-08", 1.0], ["2026-09", 2.0]]
    assert found.unreadable == ()


def test_one_report_a_month_counts(publish, tmp_path):
    publish("2026-09", 5.0, report="forecast")
    publish("2026-09", 2.0)
    assert issued(tmp_path, "firm", "all", NOW).frame["value"].tolist() == [2.0]


def test_damaged_files_are_named_and_left_out(publish, tmp_path):
    publish("2026-06", 1.0)
    (publish("2026-07", 1.0) / "r1/results.parquet").write_bytes(b"PAR1 half of it")
    (publish("2026-08", 1.0) / "latest.json").write_text("{")
    (publish("2026-09", 1.0) / "r1/results.parquet").unlink()
    found = issued(tmp_path, "firm", "all", NOW)
    assert found.frame["period"].tolist() == ["2026-06"]
    assert found.unreadable == (
        "2026-07/monthly_operations/all/r1/results.parquet",
        "2026-08/monthly_operations/all/latest.json",
        "2026-09/monthly_operations/all/r1/results.parquet",
    )


def test_without_outputs_there_is_nothing(tmp_path):
    found = issued(tmp_path / "none", "firm", "all", NOW)
    assert found.frame.empty
    assert found.unreadable == ()

"""Forecasts of runs: stored with what issued them, read back, and the same alone and in a batch."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from opsnb.reports import report
from opsnb.runs import batch
from opsnb.runs.parameters import build
from opsnb.runs.perform import perform

ISSUED = ("issued", "issued_intervals")
KEY = ["metric", "unit", "period", "target_period", "level", "measure"]


def forecasts(finished):
    """Issued numbers of a run, by what they are."""
    table = finished.table("results")
    kept = table[table["result"].isin(ISSUED)].fillna({"level": 0.0})
    return kept.set_index(KEY)["value"].sort_index()


@pytest.fixture(scope="module")
def months(root, tmp_path_factory):
    """Outputs of a batch over three months, for the whole and a unit."""
    outputs = tmp_path_factory.mktemp("history")
    todo = batch.jobs(
        str(root / "params/little"), "2026-08..2026-10", ["monthly_operations"], ["all", "north"],
        outputs=outputs,
    )  # fmt: skip
    with ThreadPoolExecutor(2) as executor:
        summary = batch.run_batch(todo, executor, clock=lambda: 0.0)
    assert summary.counts == {"done": 6}
    return outputs


@pytest.fixture
def of(months, read_run):
    """Return the run that counts for a month and unit."""

    def of(period, unit="all", report="monthly_operations", outputs=months):
        place = outputs / "little" / period / report / unit
        run = json.loads((place / "latest.json").read_text())["run_id"]
        return read_run(place / run)

    return of


def test_every_forecast_has_its_month_and_level(of):
    table = of("2026-09").table("results")
    points = table[(table["result"] == "issued") & (table["measure"] == "forecast")]
    assert set(points["target_period"]) == {f"2026-{m}" for m in (10, 11, 12)} | {
        f"2027-{m:02d}" for m in range(1, 10)
    }
    ends = table[table["result"] == "issued_intervals"]
    assert set(ends["level"].dropna()) == {80.0, 95.0}
    assert not table["key"][table["result"].isin(ISSUED)].duplicated().any()


def test_a_later_month_shows_what_the_month_before_said(of):
    before = forecasts(of("2026-09"))
    told = of("2026-10").table("results")
    last = told[(told["result"] == "last") & (told["measure"] == "last_forecast")]
    assert len(last.dropna(subset="value"))
    for row in last.dropna(subset="value").to_dict("records"):
        issued = before[row["metric"], row["unit"], "2026-09", "2026-10", 0.0, "forecast"]
        assert row["value"] == issued


def test_the_first_month_says_that_it_is_the_first(of):
    assert "此前尚无报告发布过预测" in of("2026-08").html
    assert "此前尚无报告发布过预测" not in of("2026-10").html


def test_alone_and_in_a_batch_the_intervals_are_the_same(of, root, tmp_path, read_run):
    params = build(
        report("monthly_operations"), str(root / "params/little"),
        {"period": "2026-10", "unit": "north"},
    )  # fmt: skip
    outcome = perform(report("monthly_operations"), params, tmp_path)
    alone, together = forecasts(read_run(outcome.folder)), forecasts(of("2026-10", "north"))
    assert alone.index.equals(together.index)
    assert alone.to_numpy() == pytest.approx(together.to_numpy(), rel=1e-12, nan_ok=True)


def test_both_reports_issue_the_same_and_hold_the_same_to_account(of, root, months, read_run):
    spec = report("forecast")
    params = build(spec, str(root / "params/little"), {"period": "2026-10", "unit": "all"})
    outcome = perform(spec, params, months)
    assert outcome.status == "done", outcome.message
    own, monthly = forecasts(read_run(outcome.folder)), forecasts(of("2026-10"))
    both = own.index.intersection(monthly.index)
    assert len(both)
    assert own[both].to_numpy() == pytest.approx(monthly[both].to_numpy(), rel=1e-12, nan_ok=True)


def test_runs_of_earlier_months_are_inputs(of, months):
    found = [item for item in of("2026-10").manifest["inputs"] if item["kind"] == "history"]
    assert [item["path"] for item in found] == [
        f"2026-{month}/monthly_operations/all/latest.json" for month in ("08", "09")
    ]
    for item in found:
        latest = json.loads((months / "little" / item["path"]).read_text())
        assert item["sha256"] == latest["content_digest"]

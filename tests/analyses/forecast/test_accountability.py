"""Accountability: forecasts that runs issued, scored on what came, by hand and by record."""

import json
import shutil
from dataclasses import replace

import numpy as np
import pytest

from opsnb.analyses import accountability, forecast
from opsnb.analyses.accountability import account
from opsnb.analyses.histories import history
from opsnb.results import NotApplicable
from opsnb.runs.records import write_records
from opsnb.stats import accuracy

MONTHS = ("2025-05", "2025-06", "2025-07", "2025-08")


def publish(outputs, workbook, made, run="r1"):
    """Store the numbers of `made` as a run of the monthly report would."""
    period, unit = str(workbook.period), workbook.unit
    place = outputs / workbook.company.id / period / "monthly_operations" / unit
    (place / run).mkdir(parents=True)
    about = {"run_id": run, "created_at": f"{workbook.period.shift(1).start}T08:00:00+00:00",
             "company": workbook.company.id, "report": "monthly_operations", "period": period,
             "unit": unit}  # fmt: skip
    write_records(place / run, [made], about)
    (place / "latest.json").write_text(json.dumps({"run_id": run, "content_digest": "x"}))


@pytest.fixture(scope="module")
def outputs(firm, tmp_path_factory):
    folder = tmp_path_factory.mktemp("outputs")
    for period in MONTHS:
        publish(folder, firm(period), forecast(firm(period)))
    return folder


@pytest.fixture(scope="module")
def found(firm, outputs):
    return accountability(firm(), outputs=outputs)


def row(result, metric):
    (place,) = np.flatnonzero(result.frame["metric"] == metric)
    return {column.name: result.cell(int(place), column.name) for column in result.columns}


def test_the_first_month_says_that_there_is_nothing_yet(firm, tmp_path):
    nothing = accountability(firm(), outputs=tmp_path)
    shown = row(nothing, "revenue")
    assert shown["issued_mase"] == NotApplicable("no forecast was issued")
    assert row(nothing.part("last"), "revenue")["last_forecast"] == shown["issued_mase"]
    assert nothing.findings == ()


def test_the_last_forecast_is_the_one_that_was_issued_a_month_before(firm, found):
    shown = row(found.part("last"), "revenue")
    made = forecast(firm("2025-08"))
    frame = made.part("issued").frame
    (mean,) = frame[(frame["metric"] == "revenue") & (frame["target_period"] == "2025-09")][
        "forecast"
    ]
    ends = made.part("issued_intervals").frame
    ends = ends[(ends["metric"] == "revenue") & (ends["target_period"] == "2025-09")]
    (eighty,) = ends[ends["level"] == 80.0].to_dict("records")
    actual = firm().values(["revenue"], [firm().period]).value("revenue", _span(firm), "all")
    assert shown["last_forecast"] == mean
    assert (shown["last_lower"], shown["last_upper"]) == (eighty["lower"], eighty["upper"])
    assert shown["actual"] == actual
    assert shown["last_error"] == pytest.approx(actual / mean - 1)
    assert (shown["verdict"] == "80") == (eighty["lower"] <= actual <= eighty["upper"])


def _span(firm):
    from opsnb.metrics.spans import Span

    return Span.of(firm().period)


def test_scores_are_those_of_the_issued_numbers(firm, found):
    """MASE of four origins, computed anew from the forecasts themselves."""
    past = history(firm())
    y = past.values["revenue", "all"]
    months = [str(month) for month in past.months]
    actual = np.full((4, 4), np.nan)
    mean, low, high = (np.full((4, 4), np.nan) for _ in range(3))
    histories = []
    for i, origin in enumerate(MONTHS):
        made = forecast(firm(origin))
        points = made.part("issued").frame
        points = points[points["metric"] == "revenue"]["forecast"].to_numpy()
        ends = made.part("issued_intervals").frame
        ends = ends[(ends["metric"] == "revenue") & (ends["level"] == 80.0)]
        place = months.index(origin) + 1
        histories.append(y[:place])
        for k in range(len(y) - place):
            actual[i, k], mean[i, k] = y[place + k], points[k]
            low[i, k], high[i, k] = ends["lower"].iloc[k], ends["upper"].iloc[k]
    shown = row(found, "revenue")
    assert shown["issued_checked"] == np.isfinite(actual).sum() == 10
    assert shown["issued_mase"] == pytest.approx(accuracy.mase(actual, mean, histories))
    assert shown["issued_coverage_80"] == pytest.approx(accuracy.coverage(actual, low, high))
    size = np.nanmean(np.abs(actual))
    assert shown["issued_bias"] == pytest.approx(np.nanmean(mean - actual) / size)


def test_runs_made_in_their_month_are_no_history_filled_in_later(found):
    (whole,) = found.part("all_issued").frame.to_dict("records")
    assert (whole["months_scored"], whole["made_later"]) == (4.0, 0.0)


def narrowed(part):
    """Intervals of a hundredth of their width; any other part as it is."""
    if part.name != "issued_intervals":
        return part
    middle = (part.frame["lower"] + part.frame["upper"]) / 2
    half = (part.frame["upper"] - part.frame["lower"]) / 200
    return replace(part, frame=part.frame.assign(lower=middle - half, upper=middle + half))


def test_intervals_that_held_too_little_are_called_so(firm, outputs, tmp_path):
    """The same forecasts with intervals of a hundredth of their width."""
    for period in [f"2024-{m:02d}" for m in range(1, 13)]:
        made = forecast(firm(period))
        parts = [narrowed(part) for part in made.parts]
        publish(tmp_path, firm(period), replace(made, parts=tuple(parts)))
    found = accountability(firm(), outputs=tmp_path)
    assert {f.code for f in found.findings} == {"OPS072"}
    evidence = found.findings[0].evidence
    assert evidence["inside"] < evidence["promised"] * evidence["checked"]
    honest = accountability(firm(), outputs=outputs)
    assert not honest.findings


def test_a_damaged_record_is_named(firm, outputs, tmp_path):
    copy = tmp_path / "outputs"
    shutil.copytree(outputs, copy)
    (copy / "tiny/2025-06/monthly_operations/all/r1/results.parquet").write_bytes(b"no parquet")
    found = accountability(firm(), outputs=copy)
    (finding,) = found.findings
    assert finding.code == "OPS073"
    assert "2025-06/monthly_operations/all/r1/results.parquet" in str(finding.evidence["files"])
    assert row(found, "revenue")["issued_checked"] == 10 - 3


def test_it_is_the_same_with_a_history_at_hand(firm, outputs, found):
    again = account(firm(), history(firm()), [], outputs)
    assert again.digest() == found.digest()

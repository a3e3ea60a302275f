"""Restated numbers: what was reported, what the data say today, and why they differ."""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import json

import pandas as pd
import pytest
import yaml

import opsnb
from opsnb import journal, standing
from opsnb.analyses import headline, problems, restated, scorecard
from opsnb.display import html
from opsnb.results import NotApplicable
from opsnb.runs.records import write_records

UNITS = "unit,label,parent\nnorth,北区,\nsouth,南区,\n"
METRICS = {
    "revenue": {"table": "sales", "measure": "sum(amount)", "owner": "销售部"},
    "profit": {"table": "sales", "measure": "sum(amount - cost)"},
    "margin": {"kind": "ratio", "numerator": "profit", "denominator": "revenue", "unit": "ratio"},
    "trailing": {"kind": "cumulative", "metric": "revenue", "window": 2},
}
ROWS = [(f"2026-{month:02}-15", unit, 100 * month + 50 * (unit == "south"), 60)
        for month in range(1, 6) for unit in ("north", "south")]  # fmt: skip


@pytest.fixture
def folder(write_company, tmp_path):
    text = "day,unit,amount,cost\n" + "".join(",".join(map(str, row)) + "\n" for row in ROWS)
    return write_company(
        tmp_path / "co",
        metrics=METRICS,
        sources={"sales": {"unit": "unit", "owner": "财务部", "columns": {
            "day": "date", "unit": "text", "amount": "decimal(2)", "cost": "decimal(2)"}}},
        data={"sales": text},
        ledgers={"units": UNITS},
        as_of="2026-06-05",
    )  # fmt: skip


def report(
    folder, outputs, period, run="r1", unit="all", published=False, basis=True, results=None
):
    """Leave the files that a monthly report leaves."""
    book = opsnb.open(folder, period, unit)
    place = outputs / book.company.id / period / "monthly_operations" / book.unit
    (place / run).mkdir(parents=True)
    about = {"run_id": run, "created_at": "2026-06-01T08:00:00+00:00", "company": book.company.id,
             "report": "monthly_operations", "period": period, "unit": book.unit}  # fmt: skip
    write_records(place / run, results or [scorecard(book)], about)
    digest = hashlib.sha256((place / run / "results.parquet").read_bytes()).hexdigest()
    made = {**about, "outputs": [{"path": "results.parquet", "sha256": digest}], "code": "c"}
    made |= {"basis": book.basis(book.period).to_dict()} if basis else {}
    (place / run / "manifest.json").write_text(json.dumps(made))
    (place / "latest.json").write_text(json.dumps({"run_id": run, "content_digest": run}))
    if published:
        entry = {n: about[n] for n in ("run_id", "period", "report", "unit")} | {"digest": run}
        journal.append(outputs / book.company.id / standing.FILE,
                       entry | {"act": "publish", "at": dt.date.today().isoformat()})  # fmt: skip
    return place / run


def rewrite(folder, change):
    path = folder / "data/sales.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(change(rows))


def edit(folder, change):
    path = folder / "metrics.yaml"
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    change(content["metrics"])
    path.write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False), encoding="utf-8")


def late(rows):
    return [*rows, ["2026-03-20", "north", "70", "0"]]


def told(result, *columns):
    return [tuple(row[name] for name in columns) for row in result.frame.to_dict("records")]


def test_nothing_is_restated_where_nothing_changed(folder, tmp_path):
    for period in ("2026-02", "2026-03", "2026-04"):
        report(folder, tmp_path / "out", period)
    rewrite(folder, lambda rows: [*rows, ["2026-05-20", "north", "70", "0"]])
    edit(folder, lambda metrics: metrics["revenue"].update(owner={"zh": "别人", "en": "Other"}))
    found = restated(opsnb.open(folder, "2026-05"), outputs=tmp_path / "out")
    assert not len(found.frame)
    assert found.findings == ()
    assert "历次报告所报数与当前数据一致" in html(found, "zh")


def test_a_late_row_restates_what_reads_its_month(folder, tmp_path):
    for period in ("2026-03", "2026-04"):
        report(folder, tmp_path / "out", period)
    rewrite(folder, late)
    found = restated(opsnb.open(folder, "2026-05"), outputs=tmp_path / "out")
    assert told(found, "metric", "period") == [
        ("trailing", "2026-04"), ("revenue", "2026-03"), ("profit", "2026-03"),
        ("margin", "2026-03"), ("trailing", "2026-03"),
    ]  # fmt: skip
    assert set(found.frame["cause"]) == {"rows"}
    assert set(found.frame["state"]) == {"reported"}
    at = {(r["metric"], r["period"]): r for r in found.frame.to_dict("records")}
    assert (at["revenue", "2026-03"]["reported"], at["revenue", "2026-03"]["restated"]) == (
        650,
        720,
    )
    assert at["revenue", "2026-03"]["restated_difference"] == 70
    assert at["revenue", "2026-03"]["restated_change"] == pytest.approx(70 / 650)
    assert at["margin", "2026-03"]["restated_difference"] == pytest.approx(600 / 720 - 530 / 650)
    place = list(found.frame["metric"]).index("margin")
    assert found.cell(place, "restated_change") == NotApplicable("not meaningful for this metric")
    (finding,) = found.findings
    assert (finding.code, finding.severity) == ("OPS074", "info")  # nothing of it was published
    assert finding.evidence["restated_count"] == 5
    assert finding.evidence["restated_months"] == 2


def test_a_unit_sees_its_own_numbers_alone(folder, tmp_path):
    for unit in ("north", "south"):
        report(folder, tmp_path / "out", "2026-03", unit=unit)
    rewrite(folder, late)
    north, south = (
        restated(opsnb.open(folder, "2026-05", unit), outputs=tmp_path / "out")
        for unit in ("north", "south")
    )
    assert set(north.frame["unit"]) == {"north"}
    assert told(north, "metric", "reported", "restated")[0] == ("revenue", 300, 370)
    assert not len(south.frame)


def test_a_definition_that_changed_is_the_cause_and_ends_comparability(folder, tmp_path):
    for period in ("2026-03", "2026-04"):
        report(folder, tmp_path / "out", period, published=period == "2026-03")
    edit(folder, lambda metrics: metrics["profit"].update(measure="sum(amount - 2 * cost)"))
    book = opsnb.open(folder, "2026-05")
    found = restated(book, outputs=tmp_path / "out")
    assert told(found, "metric", "period", "cause", "state") == [
        ("profit", "2026-04", "definition", "reported"),
        ("margin", "2026-04", "definition", "reported"),
        ("profit", "2026-03", "definition", "published"),
        ("margin", "2026-03", "definition", "published"),
    ]
    defined = {f.metric: f for f in found.findings if f.code == "OPS075"}
    assert set(defined) == {"profit", "margin"}
    assert defined["profit"].severity == "yellow"
    assert defined["profit"].evidence == {"redefined_months": 2, "latest_month": "2026-04"}
    shown = html(found, "zh")
    assert "口径变更" in shown
    assert "不可直接比较" in shown
    card = scorecard(book)
    listed = problems(book, card, None, None, found)
    assert {"OPS074", "OPS075"} <= {f.code for f in listed.findings}
    assert {"OPS074"} <= {f.code for f in headline(book, card, None, None, found).findings}


def test_a_definition_that_changed_and_gives_the_same_number_is_said(folder, tmp_path):
    report(folder, tmp_path / "out", "2026-04")
    edit(folder, lambda metrics: metrics["revenue"].update(filter="amount > 1"))
    found = restated(opsnb.open(folder, "2026-05"), outputs=tmp_path / "out")
    assert not len(found.frame)
    assert {f.metric for f in found.findings} == {"revenue", "margin", "trailing"}
    assert "口径与此前" in html(found, "zh")


def test_two_causes_are_both_named(folder, tmp_path):
    report(folder, tmp_path / "out", "2026-03")
    rewrite(folder, late)
    edit(folder, lambda metrics: metrics["profit"].update(measure="sum(amount - 2 * cost)"))
    found = restated(opsnb.open(folder, "2026-05"), outputs=tmp_path / "out")
    causes = dict(told(found, "metric", "cause"))
    assert causes == {"revenue": "rows", "profit": "definition,rows", "margin": "definition,rows",
                      "trailing": "rows"}  # fmt: skip
    assert "并列两项原因的" in html(found, "zh")


def test_units_that_moved_are_the_cause(folder, tmp_path):
    report(folder, tmp_path / "out", "2026-03", unit="north")
    (folder / "ledgers/units.csv").write_text(UNITS.replace("南区,", "南区,north"), "utf-8")
    found = restated(opsnb.open(folder, "2026-05", "north"), outputs=tmp_path / "out")
    assert told(found, "metric", "reported", "restated", "cause")[0] == (
        "revenue", 300, 650, "units")  # fmt: skip


def test_the_published_run_counts_and_not_a_later_draft(folder, tmp_path):
    report(folder, tmp_path / "out", "2026-03", "r1", published=True)
    rewrite(folder, late)
    report(folder, tmp_path / "out", "2026-03", "r2")
    found = restated(opsnb.open(folder, "2026-05"), outputs=tmp_path / "out")
    assert told(found, "metric", "reported", "restated", "state", "reported_by")[0] == (
        "revenue", 650, 720, "published", "r1")  # fmt: skip
    (finding,) = found.findings
    assert (finding.severity, finding.evidence["restated_published"]) == ("yellow", 4)


def test_a_number_that_came_or_went(folder, tmp_path):
    report(folder, tmp_path / "out", "2026-03")
    rewrite(folder, lambda rows: [row for row in rows if not row[0].startswith("2026-03")])
    found = restated(opsnb.open(folder, "2026-05"), outputs=tmp_path / "out")
    assert told(found, "metric", "reported")[0] == ("revenue", 650)
    assert found.cell(0, "restated") == NotApplicable("no data in this period")
    assert found.cell(0, "restated_difference") == found.cell(0, "restated")
    rewrite(folder, late)  # now the month has a row again, and another sum
    again = restated(opsnb.open(folder, "2026-05"), outputs=tmp_path / "out")
    assert told(again, "reported", "restated")[0] == (650, 70)


def test_a_run_that_recorded_no_basis_has_no_cause(folder, tmp_path):
    report(folder, tmp_path / "out", "2026-03", basis=False)
    rewrite(folder, late)
    found = restated(opsnb.open(folder, "2026-05"), outputs=tmp_path / "out")
    assert set(found.frame["cause"]) == {"unknown"}
    assert "原因未留记录" in html(found, "zh")


def test_records_that_were_altered_are_named_and_left_out(folder, tmp_path):
    run = report(folder, tmp_path / "out", "2026-03")
    report(folder, tmp_path / "out", "2026-04")
    (run / "results.parquet").write_bytes((run / "results.parquet").read_bytes() + b"x")
    rewrite(folder, late)
    found = restated(opsnb.open(folder, "2026-05"), outputs=tmp_path / "out")
    assert set(found.frame["period"]) == {"2026-04"}
    (finding,) = [f for f in found.findings if f.code == "OPS076"]
    assert finding.evidence["files"] == "2026-03/monthly_operations/all/r1/results.parquet"


def test_a_metric_that_is_not_defined_any_more_is_named(folder, tmp_path):
    report(folder, tmp_path / "out", "2026-03")
    edit(folder, lambda metrics: metrics.pop("trailing"))
    (finding,) = restated(opsnb.open(folder, "2026-05"), outputs=tmp_path / "out").findings
    assert (finding.code, finding.severity) == ("OPS074", "yellow")
    assert finding.evidence["gone"] == "trailing"


def test_a_long_list_is_cut_on_the_page_and_says_so(folder, tmp_path):
    for period in ("2026-01", "2026-02", "2026-03", "2026-04"):
        report(folder, tmp_path / "out", period)
    rewrite(folder, lambda rows: [rows[0], *([*r[:2], str(int(r[2]) + 1), r[3]] for r in rows[1:])])
    found = restated(opsnb.open(folder, "2026-05"), outputs=tmp_path / "out")
    assert len(found.frame) == 15  # two months of January have no sum
    shown = html(found, "zh")
    assert shown.count("所用数据有变") == 12
    assert "另有 3 项见附表工作簿" in shown


def test_values_that_round_to_the_same_are_shown_apart(folder, tmp_path):
    report(folder, tmp_path / "out", "2026-03")
    rewrite(folder, lambda rows: [*rows, ["2026-03-20", "north", "0.01", "0"]])
    found = restated(opsnb.open(folder, "2026-05"), outputs=tmp_path / "out")
    shown = html(found, "zh")
    assert ">650.00<" in shown
    assert ">650.01<" in shown


def test_what_was_published_anew_is_shown_once_beside_what_readers_knew(folder, tmp_path):
    for period in ("2026-02", "2026-03"):
        report(folder, tmp_path / "out", period, "r1", published=True)
    rewrite(folder, lambda rows: [*rows, ["2026-02-20", "north", "70", "0"]])
    report(folder, tmp_path / "out", "2026-02", "r2", published=True)
    known = restated(opsnb.open(folder, "2026-04"), ["revenue"], tmp_path / "out")
    assert told(known, "period", "reported", "restated", "reported_by") == [
        ("2026-02", 450, 520, "r1")
    ]
    report(folder, tmp_path / "out", "2026-04", "r1", published=True)
    told_before = restated(opsnb.open(folder, "2026-05"), ["revenue"], tmp_path / "out")
    assert not len(told_before.frame)


def test_what_the_report_before_has_restated_is_no_news(folder, tmp_path):
    report(folder, tmp_path / "out", "2026-03", published=True)
    rewrite(folder, late)
    book = opsnb.open(folder, "2026-04")
    said = restated(book, outputs=tmp_path / "out")
    report(folder, tmp_path / "out", "2026-04", results=[scorecard(book), said])
    found = restated(opsnb.open(folder, "2026-05"), outputs=tmp_path / "out")
    assert set(found.frame["told"]) == {"yes"}
    assert found.findings == ()
    assert f"另有 {len(said.frame)} 项已在上期报告中重述" in html(found, "zh")
    rewrite(folder, lambda rows: [*rows, ["2026-03-21", "north", "5", "0"]])
    again = restated(opsnb.open(folder, "2026-05"), ["revenue"], tmp_path / "out")
    assert set(again.frame["told"]) == {""}  # it has changed once more


def test_a_definition_is_news_until_a_report_was_made_with_it(folder, tmp_path):
    for period in ("2026-02", "2026-03"):
        report(folder, tmp_path / "out", period, published=True)
    edit(folder, lambda metrics: metrics["profit"].update(measure="sum(amount - 2 * cost)"))
    edit(folder, lambda metrics: metrics.pop("trailing"))
    found = {
        f.code: f
        for f in restated(opsnb.open(folder, "2026-04"), outputs=tmp_path / "out").findings
    }
    assert (found["OPS075"].severity, found["OPS074"].evidence["gone"]) == ("yellow", "trailing")
    report(folder, tmp_path / "out", "2026-04", published=True)
    later = restated(opsnb.open(folder, "2026-05"), ["profit"], tmp_path / "out").findings
    assert {(f.code, f.severity) for f in later if f.code == "OPS075"} == {("OPS075", "info")}
    assert not [f for f in later if f.evidence.get("gone")]


def test_a_reason_that_is_not_known_any_more_is_no_fault(folder, tmp_path):
    run = report(folder, tmp_path / "out", "2026-03")
    path = run / "results.parquet"
    rows = pd.read_parquet(path)
    rows.loc[rows["metric"] == "revenue", ["value", "reason"]] = [None, "a reason of old times"]
    rows.to_parquet(path)
    manifest = json.loads((run / "manifest.json").read_text())
    manifest["outputs"][0]["sha256"] = hashlib.sha256(path.read_bytes()).hexdigest()
    (run / "manifest.json").write_text(json.dumps(manifest))
    found = restated(opsnb.open(folder, "2026-05"), ["revenue"], tmp_path / "out")
    assert found.cell(0, "reported") == NotApplicable("no data in this period")
    assert found.frame["restated"].tolist() == [650]

"""History: what all runs have said is one question, and what is damaged is named."""

import json
import shutil

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from opsnb.history import History

SCHEMA_1 = pa.schema(
    [("schema", pa.int32())]
    + [(n, pa.string()) for n in ("run_id", "created_at", "company", "report", "period", "unit")]
    + [(n, pa.string()) for n in ("result", "metric", "measure", "by", "target_period")]
    + [("level", pa.float64()), ("value", pa.float64())]
    + [(n, pa.string()) for n in ("reason", "unit_of_measure", "key", "caveats")]
)
"""As the first version has written it; never to be changed."""
FINDINGS_1 = pa.schema(
    [("schema", pa.int32())]
    + [(n, pa.string()) for n in ("run_id", "created_at", "company", "report", "period", "unit")]
    + [(n, pa.string()) for n in ("result", "code", "severity", "metric", "evidence")]
    + [(n, pa.string()) for n in ("action", "owner")]
)


def make(outputs, period, run_id, values, *, status="done", schema=1, latest=True):
    """Write a run by hand, as the first version did."""
    place = outputs / "firm" / period / "monthly_operations/all"
    folder = place / run_id
    folder.mkdir(parents=True)
    told = {"run_id": run_id, "created_at": f"{period}-28T00:00:00+00:00", "company": "firm"}
    told |= {"report": "monthly_operations", "period": period, "unit": "all"}
    rows = [
        {**dict.fromkeys(SCHEMA_1.names, ""), **told, "schema": schema, "result": "scorecard",
         "metric": name, "measure": "actual", "level": None, "value": value, "reason": None,
         "key": f"{name}|actual|all|{period}|||"}
        for name, value in values.items()
    ]  # fmt: skip
    if status == "done":
        pq.write_table(pa.Table.from_pylist(rows, SCHEMA_1), folder / "results.parquet")
        pq.write_table(pa.Table.from_pylist([], FINDINGS_1), folder / "findings.parquet")
    manifest = {"schema": 1, **told, "status": status, "outputs": [], "inputs": []}
    (folder / "manifest.json").write_text(json.dumps(manifest))
    if latest:
        (place / "latest.json").write_text(json.dumps({"run_id": run_id}))
    return folder


@pytest.fixture
def outputs(tmp_path):
    folder = tmp_path / "outputs"
    for month, value in (("2026-08", 1.0), ("2026-09", 2.0), ("2026-10", 4.0)):
        make(folder, month, f"r{month}", {"revenue": value, "cost": 10 * value})
    make(folder, "2026-10", "older", {"revenue": 3.0}, latest=False)
    make(folder, "2026-09", "failed", {}, status="failed", latest=False)
    return folder


REVENUE = "select period, value from latest where metric = 'revenue' order by period"


def test_the_runs_that_count_are_one_question(outputs):
    past = History(outputs, "firm")
    assert past.query(REVENUE).to_numpy().tolist() == [
        ["2026-08", 1.0], ["2026-09", 2.0], ["2026-10", 4.0]
    ]  # fmt: skip
    both = past.query(
        "select run_id, value from results where metric = ? and period = ? order by run_id",
        ["revenue", "2026-10"],
    )
    assert both.to_numpy().tolist() == [["older", 3.0], ["r2026-10", 4.0]]
    assert past.runs["status"].tolist().count("failed") == 1
    assert past.faults == []


def test_no_company_is_every_company(outputs):
    shutil.copytree(outputs / "firm", outputs / "other")
    assert len(History(outputs).runs) == 2 * len(History(outputs, "firm").runs)
    for table in ("runs", "results", "findings", "latest"):
        assert len(History(outputs, "nobody").query("from " + table)) == 0


@pytest.mark.parametrize(
    "statement",
    ["copy runs to '{}'", "select * from read_text('{}')", "set enable_external_access = true"],
)
def test_a_question_opens_and_writes_no_file(outputs, tmp_path, statement):
    past = History(outputs, "firm")
    (tmp_path / "there").write_text("secret")
    with pytest.raises(duckdb.Error):
        past.query(statement.format(tmp_path / "there"))
    assert (tmp_path / "there").read_text() == "secret"


@pytest.mark.parametrize(
    ("spoil", "path", "why"),
    [
        (
            lambda f: (f / "results.parquet").write_bytes(b"PAR1x"),
            "results.parquet", "cannot be read",
        ),
        (lambda f: (f / "results.parquet").unlink(), "results.parquet", "cannot be read"),
        (lambda f: (f / "findings.parquet").write_bytes(b""), "findings.parquet", "cannot be read"),
        (lambda f: (f / "manifest.json").write_text("{"), "manifest.json", "cannot be read"),
        (lambda f: (f / "manifest.json").write_text("[]"), "manifest.json", "no JSON object"),
        (lambda f: (f / "manifest.json").write_text("{}"), "manifest.json", "without run_id"),
        (
            lambda f: pq.write_table(pa.table({"schema": [1]}), f / "results.parquet"),
            "results.parquet", "without the columns",
        ),
    ],
)  # fmt: skip
def test_what_is_damaged_is_named_and_nothing_else_fails(outputs, spoil, path, why):
    folder = outputs / "firm/2026-09/monthly_operations/all/r2026-09"
    spoil(folder)
    past = History(outputs, "firm")
    left = past.query(REVENUE)["period"].tolist()
    assert left == (
        ["2026-08", "2026-09", "2026-10"] if "findings" in path else ["2026-08", "2026-10"]
    )
    (fault,) = past.faults
    assert fault.path == f"firm/2026-09/monthly_operations/all/r2026-09/{path}"
    assert why in str(fault)


def test_records_that_were_altered_are_left_out(outputs):
    folder = outputs / "firm/2026-09/monthly_operations/all/r2026-09"
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["outputs"] = [{"path": "results.parquet", "sha256": "0" * 64}]
    (folder / "manifest.json").write_text(json.dumps(manifest))
    past = History(outputs, "firm")
    assert past.query(REVENUE)["period"].tolist() == ["2026-08", "2026-10"]
    assert "not what its run has left" in str(past.faults[0])


def test_a_later_schema_is_named_not_guessed(outputs):
    make(outputs, "2026-11", "later", {"revenue": 9.0}, schema=99)
    past = History(outputs, "firm")
    assert past.query(REVENUE)["period"].tolist() == ["2026-08", "2026-09", "2026-10"]
    assert "schema 99" in str(past.faults[0])


def test_the_command_lists_runs_and_answers(outputs, call):
    listed = call("history", "--output", outputs)
    assert listed.code == 0
    assert "r2026-10" in listed.out
    (outputs / "firm/2026-08/monthly_operations/all/r2026-08/results.parquet").write_bytes(b"")
    answered = call("history", "--output", outputs, "--sql", REVENUE, "--json")
    told = json.loads(answered.out)
    assert [row["value"] for row in told["rows"]] == [2.0, 4.0]
    assert told["left_out"][0]["path"].endswith("r2026-08/results.parquet")
    wrong = call("history", "--output", outputs, "--sql", "select nothing from nowhere")
    assert wrong.code == 2
    assert "nowhere" in wrong.err

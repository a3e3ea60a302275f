"""A run that succeeds: what it leaves behind, held against its files and a second derivation."""

from __future__ import annotations

import hashlib
import json
from importlib import metadata

import pandas as pd
import pytest

from opsnb.runs.store import Place


def sha256(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_folder_of_a_run(root, first):
    parts = first.folder.relative_to(root / "outputs").parts
    assert parts[:4] == ("little", "2026-10", "monthly_operations", "all")
    assert {path.name for path in first.folder.iterdir()} == {
        "report.html", "notebook.ipynb", "manifest.json", "results.parquet", "findings.parquet",
    }  # fmt: skip


def test_latest_names_the_last_good_run(root, first, second):
    place = Place(root / "outputs", "little", "2026-10", "monthly_operations", "all")
    latest = place.latest()
    assert latest["run_id"] == second.manifest["run_id"] == second.folder.name
    assert latest["content_digest"] == second.manifest["content_digest"]
    assert (place.folder / latest["page"]).read_text(encoding="utf-8") == second.html


def test_manifest_is_about_the_run(first):
    content = first.manifest
    assert content["schema"] == 1
    assert content["status"] == "done"
    assert (content["company"], content["report"]) == ("little", "monthly_operations")
    assert (content["period"], content["unit"], content["as_of"]) == (
        "2026-10", "all", "2026-11-05",
    )  # fmt: skip
    assert content["run_id"] == first.folder.name
    assert content["calendar"]["name"] == "none"
    told = content["parameters"]
    assert (told["period"], told["unit"], told["locale"]) == ("2026-10", "all", "zh")
    assert (told["trend_metric"], told["trend_months"]) == ("revenue", 12)
    assert content["packages"]["pandas"] == metadata.version("pandas")
    assert all(seconds >= 0 for seconds in content["timings"].values())


def test_manifest_names_every_output_with_its_hash(first):
    outputs = {item["path"]: item for item in first.manifest["outputs"]}
    files = [path for path in first.folder.iterdir() if path.name != "manifest.json"]
    assert set(outputs) == {path.name for path in files}
    for path in files:
        assert outputs[path.name]["sha256"] == sha256(path)
        assert outputs[path.name]["bytes"] == path.stat().st_size


def test_manifest_names_every_input_with_its_hash(root, first, little_lines):
    company = root / "params/little"
    inputs = {item["path"]: item for item in first.manifest["inputs"]}
    settings = ["company.yaml", "sources.yaml", "metrics.yaml"]
    ledgers = ["ledgers/units.csv", "ledgers/targets.csv"]
    for name in settings + ledgers:
        assert inputs[name]["sha256"] == sha256(company / name)
    assert inputs["lines.csv"]["sha256"] == sha256(company / "data/lines.csv")
    assert inputs["lines.csv"]["rows"] == len(little_lines)
    assert "monthly_operations.ipynb" in inputs
    assert len(inputs) == len(settings) + len(ledgers) + 2


def test_manifest_says_how_the_tables_were_found(first, little_lines):
    (check,) = first.manifest["checks"]
    in_period = [row for row in little_lines if row["day"].startswith("2026-10")]
    assert check == {
        "table": "lines",
        "rows_in_period": len(in_period),
        "units_missing": [],
        "unknown_units": {},
        "unparsed": 0,
        "without_date": 0,
        "ahead": 0,
        "excluded": 0,
        "merged": 0,
        "unmatched": {},
        "recognised": {},
        "alerts": [],
    }


def test_notebook_is_as_papermill_leaves_it(first):
    told = first.notebook.metadata.papermill
    assert told["exception"] is None
    assert told["parameters"]["period"] == "2026-10"
    for cell in first.notebook.cells:
        assert cell.metadata.papermill["status"] == "completed"
        assert cell.cell_type != "code" or cell.execution_count is not None


def test_page_is_stamped_with_the_run(first):
    assert first.manifest["run_id"] in first.html
    digest = first.manifest["content_digest"]
    assert f"{digest[:4]}·{digest[4:8]}·{digest[8:12]}" in first.html


def test_equal_inputs_make_an_equal_digest(first, second):
    assert first.manifest["run_id"] < second.manifest["run_id"]
    assert first.manifest["content_digest"] == second.manifest["content_digest"]
    columns = ["run_id", "created_at"]
    for name in ("results", "findings"):
        one, other = (run.table(name).drop(columns=columns) for run in (first, second))
        pd.testing.assert_frame_equal(one, other)


@pytest.fixture(scope="session")
def changed(root, run_little, make_little):
    """Run of a company that differs by one cent, in another year, and by one unit's name."""
    company = make_little(root / "changed/little")
    path = company / "data/lines.csv"
    text = path.read_text(encoding="utf-8")
    assert "101.25" in text
    path.write_text(text.replace("101.25", "101.26", 1), encoding="utf-8")
    ledger = company / "ledgers/units.csv"
    script = "<script>alert(1)</script>"
    ledger.write_text(ledger.read_text(encoding="utf-8").replace("北区", script), encoding="utf-8")
    more = {"trend_months": 24, "metrics": ["revenue"]}
    return run_little(root / "changed/outputs", company=company, **more)


def test_one_changed_value_makes_another_digest(first, changed):
    content = json.loads((changed.folder / "manifest.json").read_text(encoding="utf-8"))
    assert content["content_digest"] != first.manifest["content_digest"]


def test_markup_in_a_label_is_text(changed):
    page = changed.page.read_text(encoding="utf-8")
    assert "<script" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


def test_parameters_reach_the_notebook(changed):
    numbers = pd.read_parquet(changed.folder / "results.parquet")
    trend = numbers[(numbers["result"] == "trend") & (numbers["measure"] == "value")]
    assert len(trend) == 24
    assert set(numbers["metric"]) - {""} == {"revenue"}

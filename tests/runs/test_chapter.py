"""A chapter of one's own: from a question to a metric, a rule, an analysis and a report."""

from __future__ import annotations

import json
import re
import shutil

import nbformat
import pytest

import opsnb
from opsnb.company import Company, own
from opsnb.errors import ParameterError, SettingsError, UnknownNameError
from opsnb.reports import REPORTS, none, report, reports_of
from opsnb.runs.chapter import new_analysis, new_report

METRIC = """
  late_lines:
    label: {zh: 延误订单行, en: Late order lines}
    description: {zh: 晚于承诺日期交付的订单行数, en: Order lines delivered after the promised date}
    unit: {zh: 行, en: lines}
    better: lower
    kind: simple
    table: order_lines
    measure: count_if(delivered_date > promised_date)
    owner: {zh: 生产部, en: Production}
"""


@pytest.fixture
def company(demonstration, tmp_path):
    folder = tmp_path / "demo"
    shutil.copytree(demonstration, folder)
    return folder


def test_the_whole_way_by_the_command_line(company, call, tmp_path):
    """Question, metric, rule, analysis, report; scheduled, gated, rendered and recorded."""
    settings = company / "metrics.yaml"
    settings.write_text(settings.read_text("utf-8").rstrip() + "\n" + METRIC, "utf-8")
    given = ("--company", company)
    assert call("new", "analysis", "lateness", *given, "--title", "延误分析").code == 0
    asked = ("--title", "交付专题", "--metric", "late_lines", "--analysis", "lateness")
    made = call("new", "report", "delivery", *given, *asked)
    assert made.code == 0, made.err
    assert call("check", *given, "--period", "2026-10", "--report", "delivery").code == 0
    outputs = ("--output", tmp_path / "out")
    ran = call("run", "delivery", *given, "--period", "2026-10", *outputs)
    assert ran.code == 0, ran.err
    folder = tmp_path / "out" / ran.last_line.removeprefix(f"{tmp_path / 'out'}/")
    page = (folder / "report.html").read_text("utf-8")
    assert "交付专题" in page
    assert "延误订单行" in page
    known = opsnb_records(folder)
    assert {"lateness", "scorecard", "trend"} <= {row["result"] for row in known}
    book = opsnb.open(company, "2026-10")
    expected = book.values(["late_lines"], [book.period]).value("late_lines", book.period, "all")
    (value,) = [row["value"] for row in known if row["result"] == "lateness"
                and (row["measure"], row["period"]) == ("value", "2026-10")]  # fmt: skip
    assert value == expected > 0
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    assert {"path": "reports/lateness.py", "kind": "code"}.items() <= next(
        item.items() for item in manifest["inputs"] if item["path"].endswith(".py")
    )
    line = call("schedule", *given, "--reports", "delivery").out
    assert "delivery" in line


def opsnb_records(folder):
    import pyarrow.parquet as pq

    return pq.read_table(folder / "results.parquet").to_pylist()


def test_what_changes_in_the_module_makes_the_report_anew(company, call, tmp_path):
    given = ("--company", company, "--period", "2026-10", "--output", tmp_path / "out", "--json")
    call("new", "analysis", "spread", "--company", company)
    call("new", "report", "spreads", "--company", company, "--analysis", "spread")
    first = json.loads(call("run", "spreads", *given).out)
    again = json.loads(call("run", "spreads", *given).out)
    assert (first["status"], again["status"]) == ("done", "cached")
    path = company / "reports/spread.py"
    path.write_text(path.read_text("utf-8").replace("months=12", "months=6"), "utf-8")
    assert json.loads(call("run", "spreads", *given).out)["status"] == "done"
    (company / "reports/another.py").write_text("X = 1\n", "utf-8")
    assert json.loads(call("run", "spreads", *given).out)["status"] == "done"


def test_a_batch_makes_it_with_the_others(company, call, tmp_path):
    call("new", "report", "own_one", "--company", company)
    done = call("batch", "--company", company, "--period", "2026-10", "--units", "east",
                "--output", tmp_path / "out", "--jobs", "1", "--json")  # fmt: skip
    summary = json.loads(done.out)
    names = {one["report"] for one in summary["reports"]}
    assert names == {r.name for r in REPORTS} | {"own_one"}
    assert all(one["status"] == "done" for one in summary["reports"])


def test_the_notebook_is_one_that_papermill_and_jupyterlab_know(company):
    from papermill.inspection import inspect_notebook

    path = new_report(Company(company), "delivery", Company(company).profile.name, "orders")
    nbformat.validate(nbformat.read(path, as_version=4))
    told = inspect_notebook(str(path))
    assert set(told) == {"company", "period", "unit", "locale", "metric"}
    assert told["metric"]["default"] == '"orders"'
    assert list(report("delivery", Company(company)).params.model_fields)[-1] == "metric"


def test_names_are_checked_and_nothing_is_written_over(company, call):
    given = ("--company", company)
    assert call("new", "report", "delivery", *given).code == 0
    before = (company / "reports/delivery.ipynb").read_bytes()
    again = call("new", "report", "delivery", *given)
    assert (again.code, "there already" in again.err) == (2, True)
    assert (company / "reports/delivery.ipynb").read_bytes() == before
    for name in ("forecast", "../up", "A", "class", "1st"):
        assert call("new", "report", name, *given).code == 2, name
    assert "did you mean 'orders'" in call("new", "report", "x", *given, "--metric", "order").err
    assert "did you mean 'delivery'" in call("run", "delivry", *given).err
    assert sorted(path.name for path in (company / "reports").iterdir()) == ["delivery.ipynb"]


def test_parameters_of_its_own_are_typed(company, call):
    call("new", "report", "delivery", "--company", company)
    path = company / "reports/delivery.ipynb"
    text = path.read_text("utf-8").replace('metric = \\"revenue\\"',
                                           'metric = \\"revenue\\"\\nmonths = 12')  # fmt: skip
    path.write_text(text, "utf-8")
    found = report("delivery", Company(company)).params(company="demo")
    assert found.months == 12
    wrong = call("run", "delivery", "--company", company, "--set", "months=twelve")
    assert (wrong.code, "months" in wrong.err) == (2, True)
    wrong = call("run", "delivery", "--company", company, "--set", "month=3")
    assert "did you mean 'months'" in wrong.err


@pytest.mark.parametrize(
    ("change", "match"),
    [
        (lambda node: node["cells"].pop(1), "0 cells tagged 'parameters'"),
        (lambda node: node["cells"][1].update(source="metric = min(1, 2)"), "plain values"),
        (lambda node: node["cells"][1].update(source="import os"), "plain values"),
        (lambda node: node.pop("cells"), "is no notebook"),
    ],
)
def test_a_notebook_that_is_no_report_is_refused(company, call, change, match):
    call("new", "report", "delivery", "--company", company)
    path = company / "reports/delivery.ipynb"
    node = json.loads(path.read_text("utf-8"))
    change(node)
    path.write_text(json.dumps(node), "utf-8")
    with pytest.raises(SettingsError, match=match):
        report("delivery", Company(company))
    assert [one.name for one in reports_of(Company(company))] == [one.name for one in REPORTS]


def test_a_notebook_left_lying_stops_no_batch_and_is_named(company, call, tmp_path):
    folder = company / "reports"
    folder.mkdir()
    (folder / "Untitled.ipynb").write_text('{"cells": [], "nbformat": 4}', "utf-8")
    given = ("--company", company, "--period", "2026-10")
    checked = call("check", *given)
    assert checked.code == 0
    assert "reports/Untitled.ipynb" in checked.out
    made = call("batch", *given, "--units", "east", "--output", tmp_path / "out", "--json")
    assert made.code == 0, made.err
    assert json.loads(made.out)["counts"]["done"] == len(REPORTS)
    assert "left out, no report" in made.err
    assert "Untitled" in made.err
    named = call("batch", *given, "--reports", "Untitled", "--output", tmp_path / "out")
    assert named.code == SettingsError.exit_code
    assert "Untitled" in named.err


def test_a_module_that_fails_says_where(company):
    folder = company / "reports"
    folder.mkdir()
    (folder / "broken.py").write_text("x = 1\ny = x / 0\n", "utf-8")
    (folder / "typo.py").write_text("def f(:\n", "utf-8")
    book = opsnb.open(company, "2026-10")
    with pytest.raises(SettingsError, match=r"reports/broken.py, line 2: ZeroDivisionError"):
        book.own("broken")
    with pytest.raises(SettingsError, match=r"reports/typo.py, line 1: SyntaxError"):
        book.own("typo")
    with pytest.raises(UnknownNameError, match="did you mean 'broken'"):
        book.own("borken")


def test_a_shipped_name_is_not_taken(company):
    folder = company / "reports"
    folder.mkdir()
    shutil.copy(REPORTS[0].notebook, folder / "forecast.ipynb")
    (wrong,) = none(Company(company))
    assert "shipped report" in str(wrong)
    assert report("forecast", Company(company)) in REPORTS


def test_the_rule_of_a_new_module_fires_and_does_not(company):
    new_analysis(Company(company), "spread", Company(company).profile.name)
    found = opsnb.open(company, "2026-10").own("spread")
    book = opsnb.open(company, "2026-10")
    assert found.far_from_before(book, "revenue", [100.0, 100.0, 100.0, 119.0]) == ()
    (finding,) = found.far_from_before(book, "revenue", [100.0, 100.0, 100.0, 121.0])
    assert finding.evidence == {"mean": 100.0}
    assert found.far_from_before(book, "revenue", []) == ()
    text = re.sub(r"\s", "", (company / own.FOLDER / "spread.py").read_text("utf-8"))
    assert "analyses.result(" in text


def test_only_a_company_that_has_it_knows_it(company, demonstration):
    with pytest.raises(UnknownNameError):
        report("delivery", Company(demonstration))
    with pytest.raises(ParameterError):
        new_report(Company(company), "forecast", Company(company).profile.name, "")

"""The command line: what is refused, with which exit code, in one line; and what a script reads."""

from __future__ import annotations

import json
from contextlib import contextmanager
from pathlib import Path

import pytest

from opsnb.runs import kernel

REPORT = "monthly_operations"


class Untold:
    """A kernel that must not be told anything."""

    def __getattr__(self, name):
        raise AssertionError(f"the kernel was used: {name}")


@pytest.fixture
def untold(monkeypatch):
    """Stand in for the kernel where nothing may run."""

    @contextmanager
    def started():
        yield Untold()

    monkeypatch.setattr(kernel, "started", started)


@pytest.fixture
def refused(call, company, tmp_path, untold):
    """Run the report, which must be refused; returns the one line that says why."""

    def run(code: int, *arguments: object, report: str = REPORT) -> str:
        outputs = tmp_path / "outputs"
        given = ["--company", company, "--output", outputs, *arguments]
        done = call("run", report, *given)
        assert done.code == code, done.err
        assert done.out == ""
        assert not outputs.exists()
        assert done.err.startswith("opsnb: ")
        assert done.err.count("\n") == 1
        assert "Traceback" not in done.err
        return done.err

    return run


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


PERIODS = [
    ("202610", "2026-10"),
    ("2026/10", "2026-10"),
    ("2026-Q3", "a month, such as 2026-10"),
    ("october", "2026-10, 2026-Q3"),
]


@pytest.mark.parametrize(("given", "form"), PERIODS)
def test_period_in_another_form_names_the_right_one(refused, given, form):
    assert f"expected {form}" in refused(2, "--period", given)


def test_period_without_data_says_which_months_have_some(refused):
    error = refused(3, "--period", "2031-01")
    assert "no data for 'all' in 2031-01; expected a month from 2025-01 to 2026-10" in error


ARGUMENTS = [
    (["--unit", "nroth"], ["unknown unit 'nroth'", "did you mean 'north'?"]),
    (["--unit", "../../x"], ["unknown unit '../../x'", "known: all, north, south"]),
    (["--locale", "de"], ["parameter 'locale' is 'de'", "expected 'zh' or 'en'"]),
    (["--set", "trend_month=24"], ["unknown parameter 'trend_month'", "'trend_months'"]),
    (["--set", "trend_months=abc"], ["'trend_months' is 'abc'", "a valid integer"]),
    (["--set", "trend_months=1"], ["'trend_months' is 1", "greater than or equal to 2"]),
    (["--set", "trend_months"], ["'trend_months' is not a setting", "NAME=VALUE"]),
    (["--set", "trend_metric=revenu"], ["unknown metric 'revenu'", "did you mean 'revenue'?"]),
    (["--set", "metrics=revenue"], ["'metrics' is 'revenue'", "a valid list"]),
    (["--set", "metrics=[revenue"], ["'metrics' is '[revenue'", "a valid list"]),
    (["--set", "metrics=!!python/name:os.system x"], ["'metrics' is"]),
    (["--set", "company=demo"], ["the company is not a setting", "--company"]),
    (["--set", "period=202610"], ["'period' is 202610", "such as 2026-10"]),
]


@pytest.mark.parametrize(("arguments", "words"), ARGUMENTS, ids=lambda x: " ".join(x)[:40])
def test_wrong_parameters_are_refused(refused, arguments, words):
    error = refused(2, *arguments)
    for word in words:
        assert word in error


def test_unknown_report_and_company(refused, call, company):
    assert "did you mean 'monthly_operations'?" in refused(2, report="monthly_operation")
    done = call("run", REPORT, "--company", "dmeo")
    assert done.code == 2
    assert "no company 'dmeo'" in done.err
    assert "did you mean 'demo'?" in done.err


SETTINGS = [
    ("company.yaml", "locale: zh", "locale: no", ["company.yaml, line 4", "locale"]),
    ("company.yaml", "locale: zh", "lcoale: zh", ["line 4", "'lcoale'", "'locale'"]),
    ("company.yaml", "locale: zh", "locale: !!python/name:os.system", ["line 4", "YAML tag"]),
    ("company.yaml", "locale: zh", "locale: zh\nlocale: en", ["line 5", "stands twice"]),
    ("sources.yaml", "path: lines.csv", "path: liens.csv", ["liens.csv", "'lines.csv'?"]),
    ("sources.yaml", "path: lines.csv", "path: ../x.csv", ["line 4", "leaves the data folder"]),
    (
        "sources.yaml", "cost: decimal(2)", "cost: {type: text, from: csot}",
        ["lines.csv, line 1", "'cost'?"],
    ),
    ("sources.yaml", "cost: decimal(2)", "cost: decimals", ["line 15", "not a type"]),
    ("metrics.yaml", "better: higher", "beter: higher", ["metrics.yaml, line 6", "'better'?"]),
    ("metrics.yaml", "table: lines", "table: line", ["line 7", "unknown table 'line'"]),
    ("metrics.yaml", "sum(amount)", "sum(amuont)", ["line 8", "'amuont'", "'amount'?"]),
    ("metrics.yaml", "sum(amount)", "sum(amount); drop table lines", ["line 8", "semicolon"]),
    ("metrics.yaml", "sum(amount)", "sum(amount) -- all", ["line 8", "comment"]),
    ("metrics.yaml", "sum(amount)", "sum(amount) /* all */", ["line 8", "comment"]),
    ("metrics.yaml", "sum(amount)", "(select max(amount) from lines)", ["line 8", "subquery"]),
    ("metrics.yaml", "sum(amount)", "sun(amount)", ["line 8", "'sun'", "'sum'?"]),
    ("metrics.yaml", "sum(amount)", "amount", ["line 8", "not an aggregate"]),
    ("metrics.yaml", "sum(amount)", "sum(amount", ["line 8", "cannot read"]),
    (
        "metrics.yaml", "measure: sum(amount)",
        "measure: sum(amount)\n    filter: amount in (select 1)", ["line 9", "not allowed"],
    ),
    (
        "metrics.yaml", "measure: sum(amount)",
        "measure: sum(amount)\n    filter: read_text('/etc/passwd') = ''", ["line 9", "read"],
    ),
    ("monthly_operations.yaml", "trend_months: 12", "period: 202610", ["line 4", "2026-10"]),
    ("monthly_operations.yaml", "trend_months: 12", "trend_month: 12", ["line 4", "months'?"]),
    ("monthly_operations.yaml", "trend_months: 12", "trend_months: '12'", ["line 4", "integer"]),
    ("ledgers/units.csv", "north", "../north", ["units.csv, row 2, column unit", "not an id"]),
    ("ledgers/units.csv", "south", "north", ["unit 'north' stands twice"]),
    ("ledgers/targets.csv", "north", "nroth", ["targets.csv, row 3", "'north'?"]),
    ("ledgers/targets.csv", "2026-01", "202601", ["row 2, column period", "2026-01"]),
    ("ledgers/targets.csv", "2000", "2.000,00", ["row 2"]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("file", "old", "new", "words"), SETTINGS, ids=lambda x: x[:40] if isinstance(x, str) else ""
)
def test_wrong_settings_name_file_and_line(refused, company, file, old, new, words):
    edit(company / file, old, new)
    error = refused(2)
    for word in words:
        assert word in error


def test_parameter_twice_in_the_file(refused, company):
    edit(company / f"{REPORT}.yaml", "trend_months: 12", "trend_months: 12\ntrend_months: 24")
    assert "stands twice" in refused(2)


def test_missing_data(refused, company):
    (company / "data/lines.csv").unlink()
    assert "no file lines.csv" in refused(2)
    (company / "data").rmdir()
    assert "no data folder" in refused(3)


def test_empty_table_is_not_ready(refused, company):
    path = company / "data/lines.csv"
    path.write_text(path.read_text(encoding="utf-8").splitlines()[0] + "\n", encoding="utf-8")
    assert "the table is empty" in refused(3)
    path.write_text("", encoding="utf-8")
    assert "the file is empty" in refused(2)


def test_outputs_that_cannot_be_written(call, company, tmp_path, untold):
    (tmp_path / "outputs").write_text("a file", encoding="utf-8")
    done = call("run", REPORT, "--company", company, "--output", tmp_path / "outputs")
    assert done.code == 2
    assert done.err.startswith("opsnb: outputs: nothing can be made in")
    assert done.err.count("\n") == 1


@pytest.mark.parametrize(
    ("period", "code", "status"), [("2026-13", 2, "refused"), ("2031-01", 3, "not ready")]
)
def test_json_of_a_refusal(call, company, untold, tmp_path, period, code, status):
    done = call(
        "run",
        REPORT,
        "--company",
        company,
        "--period",
        period,
        "--json",
        "--output",
        tmp_path / "o",
    )
    answer = json.loads(done.out)
    assert (answer["status"], answer["exit_code"], done.code) == (status, code, code)
    assert done.err == f"opsnb: {answer['message']}\n"


def test_a_missing_option_is_a_usage_error(call):
    done = call("run", REPORT)
    assert done.code == 2
    assert "--company" in done.err


def test_help_names_every_command(call):
    done = call("--help")
    assert done.code == 0
    for name in ("run", "batch", "render", "export", "explain", "cache", "check", "demo"):
        assert f"\n  {name} " in done.out

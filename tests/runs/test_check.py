"""`opsnb check`: says what is there and all that is missing, and agrees with `opsnb run`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest


@pytest.fixture
def check(call, company):
    """The command for the little company, and its answer as an object."""

    def check(*arguments, code):
        done = call("check", "--company", company, "--json", *arguments)
        found = json.loads(done.out)
        assert (done.code, found["exit_code"], done.err) == (code, code, "")
        return found

    return check


def step(found, part, title):
    (step,) = [s for s in found["steps"] if (s["part"], s["title"]) == (part, title)]
    return step


def states(found):
    return {s["title"]: s["state"] for s in found["steps"]}


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), encoding="utf-8")


def add(company: Path, text: str) -> None:
    """Add to the little company's one table."""
    edit(company / "sources.yaml", "    unit: unit\n", f"    unit: unit\n{text}")


def test_a_company_that_is_right_is_ready(check, company, little_lines):
    found = check(code=0)
    assert found["status"] == "ready"
    assert found["period"] == "2026-10"
    assert set(states(found).values()) == {"ok"}
    table = step(found, "tables", "lines")["facts"]
    month = [row for row in little_lines if row["day"].startswith("2026-10")]
    assert (table["rows"], table["rows_in_period"]) == (len(little_lines), len(month))
    assert (table["months"][0], table["months"][-1]) == ("2025-01", "2026-10")
    revenue = sum(float(row["amount"]) for row in month)
    assert step(found, "metrics", "revenue")["facts"]["value"] == pytest.approx(revenue)
    assert step(found, "targets", "targets")["facts"]["given"] == ["revenue"]
    next_ = f"opsnb run monthly_operations --company {company} --period 2026-10"
    assert found["next"] == next_


def test_the_text_says_it_in_these_words(call, company):
    done = call("check", "--company", company, "--period", "2026-09")
    assert done.code == 0
    lines = done.out.splitlines()
    assert lines[:2] == [
        "Settings",
        "  ok         company.yaml: Little (little), as of 2026-11-05, last closed month 2026-10",
    ]
    for part in ("Ledgers", "Tables", "Period", "Metrics", "Targets"):
        assert part in lines
    assert "  ok         lines: lines.csv: 176 rows" in lines
    assert "               months 2025-01 to 2026-10" in lines
    assert "  ok         2026-09: closed; 1 of 1 table has rows in it" in lines
    assert "  ok         targets: 1 of 3 metrics with a target for 2026-09" in lines
    assert lines[-2:] == [
        "A report can be run:",
        f"  opsnb run monthly_operations --company {company} --period 2026-09",
    ]
    assert "\x1b" not in done.out


def test_nothing_is_run_or_written(call, company):
    before = sorted(company.parent.rglob("*"))
    call("check", "--company", company)
    assert sorted(company.parent.rglob("*")) == before


def test_an_unknown_company_has_one_fault(call):
    done = call("check", "--company", "demmo")
    assert done.code == 2
    assert "no company 'demmo'" in done.out
    assert "did you mean 'demo'?" in done.out
    assert done.err == ""


def test_faults_of_several_files_are_all_told(check, company):
    edit(company / "company.yaml", "locale: zh", "lokale: zh")
    edit(company / "sources.yaml", "unit: text", "unit: texxt")
    edit(company / "metrics.yaml", "kind: ratio", "kind: ration")
    found = check(code=2)
    wrong = {s["title"]: s["lines"][0] for s in found["steps"] if s["state"] == "wrong"}
    assert wrong.keys() == {"company.yaml", "sources.yaml", "metrics.yaml"}
    assert wrong["company.yaml"].startswith("company.yaml, line 4: unknown key 'lokale'")
    assert wrong["company.yaml"].endswith("did you mean 'locale'?")
    assert wrong["sources.yaml"].startswith("sources.yaml, line 12: ")
    assert wrong["metrics.yaml"].startswith("metrics.yaml, line 19: ")
    assert states(found)["monthly_operations.yaml"] == "waits"


def test_every_metric_that_is_wrong_is_told(check, company):
    edit(company / "metrics.yaml", "measure: sum(amount)", "measure: sum(amuont)")
    edit(company / "metrics.yaml", "count(distinct order_id)", "count(distinct oder_id)")
    lines = step(check(code=2), "settings", "metrics.yaml")["lines"]
    assert len(lines) == 2
    assert "did you mean 'amount'?" in lines[0]
    assert "did you mean 'order_id'?" in lines[1]


def test_a_wrong_parameter_is_told_with_its_line(check, company):
    edit(company / "monthly_operations.yaml", "trend_metric: revenue", "trend_metric: revenu")
    found = step(check(code=2), "settings", "monthly_operations.yaml")
    assert found["state"] == "wrong"
    assert "did you mean 'revenue'?" in found["lines"][0]


def test_a_wrong_ledger_does_not_hide_the_tables(check, company):
    edit(company / "ledgers/units.csv", "north,", "no rth,")
    found = check(code=2)
    assert states(found)["units"] == "wrong"
    assert states(found)["targets"] == "waits"
    assert step(found, "tables", "lines")["facts"]["rows"] == 176


def two_more_tables(company: Path) -> None:
    with (company / "sources.yaml").open("a", encoding="utf-8") as file:
        file.write(
            """\
  stock:
    path: stock.csv
    label: Stock
    date: day
    columns: {day: date, value: decimal(2)}
  wide:
    label: Lines with stock
    base: lines
    joins: [{table: stock, on: day}]
    date: day
"""
        )
    with (company / "metrics.yaml").open("a", encoding="utf-8") as file:
        file.write(
            """\
  stock:
    label: Stock
    unit: CNY
    better: lower
    table: stock
    measure: sum(value)
    over_time: last
"""
        )


def test_every_file_that_is_missing_is_told_and_what_waits_for_it(check, company):
    two_more_tables(company)
    (company / "data/lines.csv").rename(company / "data/line.csv")
    found = check(code=2)
    missing = {s["title"]: s["lines"][0] for s in found["steps"] if s["state"] == "wrong"}
    assert missing.keys() == {"lines", "stock"}
    assert "no file lines.csv" in missing["lines"]
    assert "did you mean 'line.csv'?" in missing["lines"]
    assert "no file stock.csv" in missing["stock"]
    assert step(found, "tables", "wide")["lines"] == ["waits for lines, stock"]
    assert step(found, "metrics", "stock")["lines"] == ["waits for stock"]
    assert step(found, "metrics", "revenue")["state"] == "waits"


def test_what_does_not_parse_is_told_by_file_row_and_column(check, company):
    path = company / "data/lines.csv"
    text = path.read_text(encoding="utf-8").splitlines()
    text[6] = text[6].replace(text[6].split(",")[4], "a lot")
    path.write_text("\n".join(text) + "\n", encoding="utf-8")
    found = step(check(code=0), "tables", "lines")
    assert found["state"] == "note"
    assert found["facts"]["unparsed"] == 1
    assert "  lines.csv, row 7, column amount: 'a lot', expected decimal(2)" in found["lines"]


def test_declared_words_and_notations_are_counted(check, company):
    path = company / "data/lines.csv"
    text = path.read_text(encoding="utf-8").splitlines()
    for row, written in ((1, "无"), (2, "1.5万"), (3, "2万")):
        text[row] = text[row].replace(text[row].split(",")[4], written)
    path.write_text("\n".join(text) + "\n", encoding="utf-8")
    add(company, "    missing: [无]\n    notation: [wan]\n")
    found = step(check(code=0), "tables", "lines")
    assert found["facts"]["recognised"] == {"missing amount": 1, "notation amount": 2}
    assert found["state"] == "ok"


def test_missing_and_unknown_units_are_notes_unless_required(check, call, company):
    path = company / "data/lines.csv"
    text = path.read_text(encoding="utf-8")
    rows = [line for line in text.splitlines() if "2026-10-06,south" not in line]
    rows = [line.replace("2026-10-07,south", "2026-10-07,sowth") for line in rows]
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    found = step(check(code=0), "tables", "lines")
    assert found["state"] == "note"
    assert found["facts"]["missing_units"] == ["south"]
    assert found["facts"]["unknown_units"] == {"sowth": 2}
    add(company, "    required: true\n    due: {day: 3}\n")
    found = step(check(code=3), "tables", "lines")
    assert "nothing in 2026-10 from south, due 2026-11-03 (late); it is required" in found["lines"]
    assert call("run", "monthly_operations", "--company", company).code == 3


@pytest.mark.parametrize(
    ("severity", "state", "code"), [("warning", "note", 0), ("error", "not ready", 3)]
)
def test_a_check_that_does_not_hold(check, call, company, little_lines, severity, state, code):
    limit = 300
    rules = f"rows: amount < {limit}\n        severity: {severity}"
    add(company, f"    checks:\n      - {rules}\n      - unique: [order_id, product]\n")
    found = check(code=code)
    bad = [row for row in little_lines if float(row["amount"]) >= limit]
    inside = [row for row in bad if row["day"].startswith("2026-10")]
    judged = step(found, "checks", f"lines: rows (amount < {limit})")
    assert judged["state"] == state
    assert (judged["facts"]["count"], judged["facts"]["total"]) == (len(inside), len(bad))
    assert judged["lines"][0] == f"does not hold: {len(inside)} in 2026-10, {len(bad)} up to then"
    assert step(found, "checks", "lines: unique (order_id, product)")["lines"] == ["holds"]
    if code:
        assert call("run", "monthly_operations", "--company", company).code == code


def test_a_month_without_data_is_not_ready(check, call, company):
    found = check("--period", "2026-11", code=3)
    assert step(found, "period", "2026-11")["state"] == "not ready"
    assert "a month from 2025-01 to 2026-10" in step(found, "period", "2026-11")["lines"][0]
    metric = step(found, "metrics", "revenue")
    assert (metric["state"], metric["facts"]["value"]) == ("note", None)
    assert found["next"].startswith("opsnb check")
    run = call("run", "monthly_operations", "--company", company, "--period", "2026-11")
    assert run.code == 3


@pytest.mark.parametrize("period", ["2026-Q3", "202610"])
def test_a_wrong_period_is_told(check, period):
    found = check("--period", period, code=2)
    assert step(found, "period", "period")["state"] == "wrong"


def test_a_metric_that_cannot_be_computed_is_told_and_the_others_are_measured(check, company):
    edit(company / "metrics.yaml", "measure: sum(amount)", "measure: sum(product)")
    found = check(code=2)
    assert "metric 'revenue' cannot be computed" in step(found, "metrics", "revenue")["lines"][0]
    assert step(found, "metrics", "orders")["state"] == "ok"


def test_an_unknown_unit_of_the_report_is_told(check, company):
    path = company / "monthly_operations.yaml"
    path.write_text(path.read_text(encoding="utf-8") + "unit: nord\n", encoding="utf-8")
    found = check(code=2)
    lines = step(found, "settings", "monthly_operations.yaml, unit")["lines"]
    assert "did you mean 'north'?" in lines[0]


def test_every_fault_of_a_file_is_told_with_its_line(check, call, company):
    edit(company / "sources.yaml", "unit: text", "unit: texxt")
    edit(company / "sources.yaml", "amount: decimal(2)", "amount: decimal(22)")
    edit(company / "sources.yaml", "date: day", "dates: day")
    lines = step(check(code=2), "settings", "sources.yaml")["lines"]
    assert [line.split(":")[0] for line in lines] == [
        f"sources.yaml, line {number}" for number in (6, 12, 14)
    ]
    assert "did you mean 'date'?" in lines[0]
    assert "did you mean 'text'?" in lines[1]
    done = call("run", "monthly_operations", "--company", company)
    assert (done.code, lines[0] in done.err, lines[1] in done.err) == (2, True, False)


def test_faults_between_tables_are_told_with_their_lines(check, company):
    with (company / "sources.yaml").open("a", encoding="utf-8") as file:
        file.write(
            """\
  wide:
    label: Lines with stock
    base: line
    joins: [{table: stock, on: day}]
    date: day
"""
        )
    add(company, "    checks:\n      - refers: {column: unit, table: shop, key: unit}\n")
    lines = step(check(code=2), "settings", "sources.yaml")["lines"]
    assert [line.split(": ")[0] for line in lines] == [
        "sources.yaml, line 20",
        "sources.yaml, line 21",
    ]
    assert "builds on 'line', which does not stand before it; did you mean 'lines'?" in lines[0]
    assert "builds on 'stock'" in lines[1]
    edit(company / "sources.yaml", "base: line\n", "base: lines\n")
    edit(
        company / "sources.yaml",
        "    joins: [{table: stock, on: day}]\n",
        "    dimensions: [prodct]\n",
    )
    lines = step(check(code=2), "settings", "sources.yaml")["lines"]
    assert [line.split(": ")[0] for line in lines] == [
        "sources.yaml, line 9",
        "sources.yaml, line 21",
    ]
    assert "refers to table 'shop'" in lines[0]
    assert "did you mean 'product'?" in lines[1]


def test_days_to_come_are_told_unless_they_are_meant(check, company, little_lines):
    path = company / "data/lines.csv"
    row = path.read_text(encoding="utf-8").splitlines()[-1]
    ahead = [row.replace("2026-10-", f"2026-{month}-") for month in (11, 12)]
    path.write_text(path.read_text(encoding="utf-8") + "\n".join(ahead) + "\n", encoding="utf-8")
    found = step(check(code=0), "tables", "lines")
    days = [line.split(",")[1] for line in ahead]
    later = [day for day in days if day > "2026-11-05"]  # the day of the report
    assert found["facts"]["ahead"] == len(later) > 0
    assert f"{len(later)} row" in " ".join(found["lines"])
    assert f"up to {max(days)}" in " ".join(found["lines"])
    add(company, "    ahead: true\n")
    assert step(check(code=0), "tables", "lines")["state"] == "ok"


def test_a_number_where_a_day_should_be_is_taken_for_a_serial_number(check, company):
    path = company / "data/lines.csv"
    text = path.read_text(encoding="utf-8").splitlines()
    text[6] = text[6].replace(text[6].split(",")[1], "46326")
    path.write_text("\n".join(text) + "\n", encoding="utf-8")
    lines = step(check(code=0), "tables", "lines")["lines"]
    assert "  a number may be a day as Excel counts it: format: serial" in lines


def test_nothing_is_kept_where_that_is_switched_off(call, company, own_cache, monkeypatch):
    monkeypatch.setenv("OPSNB_CACHE", str(company / "kept"))
    assert call("check", "--company", company, "--no-cache").code == 0
    assert not (company / "kept").exists()
    assert call("cache").out == "nothing is kept: OPSNB_CACHE is off\n"
    monkeypatch.setenv("OPSNB_CACHE", str(company / "kept"))
    assert call("check", "--company", company).code == 0
    told = [json.loads(path.read_text("utf-8")) for path in (company / "kept").glob("*.json")]
    assert sum("header" in entry["about"] for entry in told) == 1  # what was read of the one table
    assert {"table", "values"} <= {entry["about"].get("kind") for entry in told}
    rows = {path.stem for path in (company / "kept").iterdir() if path.suffix != ".json"}
    assert rows == {entry["rows"] for entry in told}
    assert call("cache").out.startswith(f"{company / 'kept'}: 0.")
    assert "removed" in call("cache", "--clear").out
    assert not list((company / "kept").iterdir())

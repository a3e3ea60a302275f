"""Workbooks of runs, read back with the library that people read them with."""

from __future__ import annotations

import datetime as dt
import json
import math
import re
import runpy
import shutil
import zipfile
from pathlib import Path
from types import SimpleNamespace

import openpyxl
import pytest

from opsnb.display.reasons import reason_text
from opsnb.display.words import translate
from opsnb.errors import OpsnbError
from opsnb.results import REASONS
from opsnb.runs.export.chromium import OLDEST, ChromiumError, found
from opsnb.runs.export.workbook import LONGEST, NAME, _Names, text

HOSTILE = SimpleNamespace(**runpy.run_path(str(Path(__file__).with_name("hostile_report.py"))))
MANIFEST = {
    "run_id": "20261105T083122-abcdef",
    "status": "done",
    "report": "monthly_operations",
    "company": "demo",
    "created_at": "2026-11-05T08:31:22+00:00",
    "content_digest": "7c1f09e2a94e" * 5,
    "parameters": {"locale": "zh"},
}


@pytest.fixture
def exported(call, tmp_path):
    """Write a notebook as a run, export it, and read the workbook back."""

    def read(notebook, *options):
        folder = tmp_path / MANIFEST["run_id"]
        folder.mkdir(exist_ok=True)
        (folder / "manifest.json").write_text(json.dumps(MANIFEST), encoding="utf-8")
        (folder / "notebook.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
        done = call("export", folder, "--xlsx", *options)
        assert (done.code, done.err) == (0, ""), done.err
        return openpyxl.load_workbook(done.out.strip()), Path(done.out.strip())

    return read


@pytest.fixture
def run(first, tmp_path):
    """A copy of the little company's run."""
    folder = tmp_path / "outputs" / first.folder.relative_to(first.folder.parents[4])
    shutil.copytree(first.folder, folder)
    return folder


def rows(sheet):
    head, *body = sheet.iter_rows()
    return [dict(zip([cell.value for cell in head], row, strict=True)) for row in body]


def test_every_recorded_number_is_in_the_workbook(call, run, first):
    """Against the parquet records: each value as it is, each reason in words."""
    done = call("export", run.name, "--xlsx", "--locale", "en", "--output", run.parents[4])
    assert (done.code, done.err) == (0, "")
    assert done.out.strip() == str(run / "report.en.xlsx")
    book = openpyxl.load_workbook(run / "report.en.xlsx")
    recorded = first.table("results")
    recorded = recorded[recorded["result"] == "scorecard"]
    labels = {"revenue": "Revenue", "orders": "Orders", "margin": "Margin"}
    heads = {"actual": "Actual", "target": "Target", "yoy": "YoY", "ytd": "YTD"}
    heads |= {"mom": "MoM", "attainment": "Attainment", "yoy_difference": "YoY difference"}
    shown = {row["Metric"].value: row for row in rows(book["KPI completion"])}
    assert set(shown) == set(labels.values())
    checked = 0
    for record in recorded.itertuples():
        if record.measure in heads:
            cell = shown[labels[record.metric]][heads[record.measure]]
            if math.isnan(record.value):
                assert cell.value == reason_text(record.reason, translate("en"))
                assert cell.data_type == "s"
            else:
                assert cell.data_type == "n"
                assert cell.value == pytest.approx(record.value, rel=1e-15)  # 16 digits are kept
            checked += 1
    assert checked == len(labels) * len(heads)


def test_numbers_have_the_format_of_their_unit_and_days_are_days(call, run):
    done = call("export", run, "--xlsx")
    assert done.code == 0, done.err
    book = openpyxl.load_workbook(run / "report.xlsx")
    card = {row["指标"].value: row for row in rows(book["指标完成情况"])}
    assert card["收入"]["实际"].value >= 1000  # from there on without decimals
    assert card["收入"]["实际"].number_format == '#,##0"元"'
    assert card["毛利率"]["实际"].number_format == "0.0%"
    assert card["毛利率"]["同比差异"].number_format.startswith('+0.0%"pt";-0.0%"pt"')
    assert card["订单数"]["实际"].number_format == '#,##0"单"'
    assert card["订单数"]["同比"].number_format.startswith("+0.0%;-0.0%")
    period = card["收入"]["期间"]
    assert (period.value, period.is_date) == (dt.datetime(2026, 10, 1), True)
    assert period.number_format == 'yyyy"年"m"月"'
    assert card["收入"]["计量单位"].value == "CNY"


def test_sheets_can_be_used_at_once(call, run):
    call("export", run, "--xlsx")
    book = openpyxl.load_workbook(run / "report.xlsx")
    first, *others = book.worksheets
    facts = {row[0].value: row[1].value for row in first.iter_rows()}
    manifest = json.loads((run / "manifest.json").read_text("utf-8"))
    assert facts["公司"] == "小公司"
    assert facts["运行编号"] == manifest["run_id"]
    assert facts["内容摘要"] == manifest["content_digest"]
    for name in ("本月要点", "指标完成情况", "趋势", "各单位", "数据来源", "指标口径"):
        assert name in book.sheetnames
    for sheet in book.worksheets:
        assert sheet.freeze_panes.endswith("2")
        assert sheet.print_title_rows == "$1:$1"
        assert all(cell.value for cell in sheet[1])
        widths = [dimension.width for dimension in sheet.column_dimensions.values()]
        assert all(8 <= width <= 48 for width in widths)
    assert others


def test_what_is_shown_twice_is_one_sheet(call, run):
    """The history belongs to the scorecard and to the headline's cards."""
    call("export", run, "--xlsx")
    names = openpyxl.load_workbook(run / "report.xlsx").sheetnames
    assert names.count("各月数据") == 1
    assert not [name for name in names if name.endswith(" 2")]


@pytest.mark.parametrize(
    ("label", "locale"),
    [
        (HOSTILE.formula, "zh"),
        (HOSTILE.formula, "en"),
        (HOSTILE.markup, "zh"),
        (HOSTILE.long, "zh"),
    ],
)
def test_no_text_becomes_a_formula(exported, label, locale):
    book, path = exported(HOSTILE.monthly(label, "zh"), "--locale", locale)
    texts = []
    for sheet in book.worksheets:
        assert len(sheet.title) <= NAME
        for row in sheet.iter_rows():
            for cell in row:
                assert cell.data_type in ("s", "n", "d"), (sheet.title, cell.coordinate)
                if cell.data_type == "s":
                    texts.append(cell.value)
                    assert cell.quotePrefix
    for place in HOSTILE.PLACES:
        if place not in ("description", "check"):  # stand on the page, in no column
            assert any(text(label(place)) in told for told in texts), place
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            assert not re.search(rb"<f[ >]", archive.read(name)), name
            assert b'Target="http' not in archive.read(name).replace(b"http://schemas", b"")


def test_text_that_a_workbook_cannot_hold_is_shown_as_such():
    assert text("\x07=1") == "\ufffd=1"
    assert text("a\rb\r\nc") == "a\nb\nc"
    cut = text("x" * (LONGEST + 1))
    assert len(cut) == LONGEST
    assert cut.endswith("…")


def test_names_of_sheets_differ_and_are_allowed():
    names = _Names()
    given = [names.give(name) for name in ("a/b", "A:B", "History", "", "x" * 40, "x" * 41, "'q'")]
    assert len({name.casefold() for name in given}) == len(given)
    assert all(1 <= len(name) <= NAME and not re.search(r"[\[\]:*?/\\]", name) for name in given)
    assert "history" not in {name.casefold() for name in given}


@pytest.mark.parametrize("reason", REASONS)
def test_no_reason_is_empty(reason):
    assert reason_text(reason, translate("zh")).strip()


def test_nothing_asked_for_is_refused(call, run):
    done = call("export", run)
    assert done.code == 2
    assert "expected --pdf, --xlsx or both" in done.err


def test_unknown_run_and_locale_are_refused(call, run):
    done = call("export", run.name[:-1] + "x", "--xlsx", "--output", run.parents[4])
    assert done.code == 2
    assert f"did you mean '{run.name}'?" in done.err
    done = call("export", run, "--xlsx", "--locale", "de")
    assert done.code == 2
    assert "unknown locale 'de'" in done.err


def test_a_failed_run_is_not_exported(call, run):
    manifest = json.loads((run / "manifest.json").read_text("utf-8")) | {"status": "failed"}
    (run / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    done = call("export", run, "--xlsx")
    assert done.code == 1
    assert not (run / "report.xlsx").exists()


def test_without_chromium_nothing_is_written(call, run, monkeypatch):
    """The PDF is asked of the browser first; the refusal says what is wanted."""
    monkeypatch.setenv("OPSNB_CHROMIUM", "/nowhere/chromium")
    done = call("export", run, "--pdf", "--xlsx")
    assert done.code == 2
    assert "no Chromium" in done.err
    assert f"{OLDEST} or later" in done.err
    assert done.err.count("\n") == 1
    assert not list(run.glob("report.[px]*"))


def program(folder, body):
    path = folder / "chromium"
    path.write_text(f"#!/bin/sh\n{body}\n", encoding="utf-8")
    path.chmod(0o755)
    return str(path)


@pytest.mark.parametrize("told", ["Chromium 130.0.6723.58", "no version at all"])
def test_a_browser_that_numbers_no_pages_is_refused(tmp_path, told):
    with pytest.raises(ChromiumError, match="version 131 or later"):
        found({"OPSNB_CHROMIUM": program(tmp_path, f"echo '{told}'")})


def test_the_setting_goes_before_the_path(tmp_path):
    own = program(tmp_path, "echo 'Chromium 156.0.8078.108'")
    assert found({"OPSNB_CHROMIUM": own, "PATH": ""}) == own
    assert found({"PATH": str(tmp_path)}) == own
    with pytest.raises(ChromiumError, match="on the path"):
        found({"PATH": str(tmp_path / "none")})


def test_a_browser_that_fails_is_told_by_its_last_line(call, run, tmp_path, monkeypatch):
    said = 'echo "first" >&2; echo "no display" >&2; exit 3'
    body = f'case "$1" in --version) echo "Chromium 156.0.1.2";; *) {said};; esac'
    monkeypatch.setenv("OPSNB_CHROMIUM", program(tmp_path, body))
    done = call("export", run, "--pdf")
    assert done.code == 2
    assert "made no PDF: no display" in done.err
    assert not (run / "report.pdf").exists()
    assert issubclass(ChromiumError, OpsnbError)

"""A year as a department lives it: run, review, close, publish, restate, reject, verify."""

import csv
import datetime as dt
import json
import shutil
from types import SimpleNamespace

import pytest

from opsnb import history, journal
from opsnb.company import Company
from opsnb.publication.publish import publish
from opsnb.publication.reviews import journal_of, review
from opsnb.publication.verify import verify
from opsnb.runs import apart
from opsnb.runs.closing import close, reopen
from opsnb.runs.diff import diff
from opsnb.standing import APPROVE, REJECT, published
from opsnb.workbook import Workbook

MONTHS = [f"2025-{m}" for m in (11, 12)] + [f"2026-{m:02}" for m in range(1, 11)]
RESTATED, AT, REJECTED, CRASHED = MONTHS[4], MONTHS[6], MONTHS[8], MONTHS[9]
SECOND = "east"
"""A unit that has a report of its own in the month of the crash."""
REPORT = "monthly_operations"
REASON = "补录一笔漏记订单"


def now(month, day=6):
    """A day of the month after."""
    year, number = map(int, month.split("-"))
    return dt.datetime(year + number // 12, number % 12 + 1, day, 9, tzinfo=dt.UTC)


def make(place, month, unit="all"):
    values = {"company": str(place.folder), "period": month, "unit": unit, "locale": "zh"}
    job = apart.Job(REPORT, values, str(place.outputs), str(place.outputs.parent))
    ended = apart.apart(job)
    latest = place.outputs / f"demo/{month}/{REPORT}/{unit}/latest.json"
    return ended, latest.parent / json.loads(latest.read_text())["run_id"]


def late_order(place, month):
    """Book an order of a month that is closed."""
    path = place.folder / "data/order_lines.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    header, when = rows[0], rows[0].index("order_date")
    row = next(list(row) for row in rows[1:] if row[when].startswith(month))
    row[0] = f"{row[0]}-late"
    with path.open("a", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerow(row)
    return float(row[header.index("amount")])


def sign(place, month, by="张三"):
    """Review, close and publish a month."""
    ended, folder = make(place, month)
    assert ended.exit_code == 0, ended.message
    review(folder, place.outputs, APPROVE, by, "", now(month))
    close(Workbook.open(place.folder, month), place.outputs, by, now(month))
    return publish(place.company, month, place.outputs, by, now(month))


@pytest.fixture(scope="module")
def place(demonstration, tmp_path_factory, dying):
    home = tmp_path_factory.mktemp("year")
    shutil.copytree(demonstration, home / "demo")
    folder, outputs = home / "demo", home / "outputs"
    place = SimpleNamespace(folder=folder, outputs=outputs, company=Company(folder))
    place.told = SimpleNamespace()
    for month in MONTHS:
        if month == AT:
            place.told.amount = late_order(place, RESTATED)
            place.told.before = make_path(place, RESTATED)
            place.told.held = make(place, RESTATED)
            place.told.kept = sign_again(place)
        if month == REJECTED:
            _, folder = make(place, month)
            review(folder, outputs, REJECT, "李四", "原因未填写", now(month, 5))
        if month == CRASHED:
            crash_while_publishing(place, dying)
        place.told.last = sign(place, month)
    return place


def crash_while_publishing(place, dying):
    """Publish the month's two reports, and die between the pages."""
    for unit in ("all", SECOND):
        _, folder = make(place, CRASHED, unit)
        review(folder, place.outputs, APPROVE, "张三", "", now(CRASHED))
    place.told.index_before = (place.outputs / "published/demo/index.html").read_bytes()
    dying(lambda: publish(place.company, CRASHED, place.outputs, "张三", now(CRASHED)))
    place.told.index_after = (place.outputs / "published/demo/index.html").read_bytes()
    place.told.faults = verify(place.company, place.outputs)


def make_path(place, month):
    root = place.outputs / f"demo/{month}/{REPORT}/all"
    return root / json.loads((root / "latest.json").read_text())["run_id"]


def sign_again(place):
    book = Workbook.open(place.folder, RESTATED)
    reopen(book, place.outputs, "张三", REASON, now(AT))
    return sign(place, RESTATED)


@pytest.mark.slow
def test_every_month_is_published_and_everything_verifies(place):
    entries = journal.read(journal_of(place.outputs, "demo"))
    assert sorted(p[0] for p in published(entries) if p[2] == "all") == MONTHS
    assert verify(place.company, place.outputs) == []
    index = place.told.last.index.read_text(encoding="utf-8")
    for month in MONTHS:
        year, number = map(int, month.split("-"))
        assert f"{year}年{number}月" in index


@pytest.mark.slow
def test_a_late_order_holds_its_month_until_it_is_reopened(place):
    ended, folder = place.told.held
    assert (ended.status, ended.exit_code) == ("held", 4)
    assert "opsnb reopen" in ended.message
    assert "关账后数据有变动，未重新开账" in (folder / "report.html").read_text(encoding="utf-8")
    after = make_path(place, RESTATED)
    found = diff(place.told.before, after)
    assert list(found.causes) == ["data"]
    numbers = found.numbers.set_index(["result", "key"])
    key = ("scorecard", f"revenue|actual|all|{RESTATED}|||")
    assert numbers.loc[key, "change"] == pytest.approx(place.told.amount)
    index = place.told.last.index.read_text(encoding="utf-8")
    assert "个指标有变动" in index  # the restated month says so to its readers


@pytest.mark.slow
def test_the_next_report_shows_what_was_published_and_what_it_is_now(place):
    past = history.History(place.outputs, "demo")
    rows = past.query(
        "select period, metric, measure, value from latest where result = 'restated' "
        "and target_period = '' and metric = 'revenue' order by 1, 2, 3"
    )
    assert rows["period"].unique().tolist() == [RESTATED]
    told = dict(zip(rows["measure"], rows["value"], strict=True))
    assert told["restated"] - told["reported"] == pytest.approx(place.told.amount)
    page = (make_path(place, AT) / "report.html").read_text(encoding="utf-8")
    assert "此前报告所报数中" in page
    assert "所用数据有变" in page
    after = (make_path(place, MONTHS[7]) / "report.html").read_text(encoding="utf-8")
    assert "此前报告所报数中" not in after  # it has been said
    assert "项已在上期报告中重述" in after  # sums over twelve months that were not published anew


@pytest.mark.slow
def test_a_crash_between_two_reports_leaves_readers_what_they_had(place):
    assert place.told.index_after == place.told.index_before
    assert place.told.faults  # the index is behind, and verify says so
    assert all("index.html" in fault or "opsnb publish" in fault for fault in place.told.faults)
    stands = published(journal.read(journal_of(place.outputs, "demo")))
    assert {key[2] for key in stands if key[0] == CRASHED} == {"all", SECOND}


@pytest.mark.slow
def test_a_rejected_draft_is_published_once_it_is_approved(place):
    entries = journal.read(journal_of(place.outputs, "demo"))
    acts = [entry["act"] for entry in entries if entry["period"] == REJECTED]
    assert acts == ["reject", "approve", "publish"]


@pytest.mark.slow
def test_history_holds_the_year(place):
    past = history.History(place.outputs, "demo")
    found = past.query(
        "select period, value from latest where result = 'scorecard' and metric = 'revenue' "
        "and measure = 'actual' and unit = 'all' order by period"
    )
    assert found["period"].tolist() == MONTHS
    with (place.folder / "data/order_lines.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    sums = dict.fromkeys(MONTHS, 0.0)
    for row in rows:
        if row["order_date"][:7] in sums:
            sums[row["order_date"][:7]] += float(row["amount"])
    assert found["value"].tolist() == pytest.approx(list(sums.values()))
    assert past.faults == []


@pytest.mark.slow
def test_a_tampered_file_is_found(place, tmp_path):
    other = tmp_path / "outputs"
    shutil.copytree(place.outputs, other)
    page = next((other / "published/demo/all" / MONTHS[2]).rglob("*.html"))
    page.write_text(page.read_text(encoding="utf-8").replace("营业收入", "营业总收入", 1), "utf-8")
    (fault,) = verify(place.company, other)
    assert "was altered" in fault
    assert MONTHS[2] in fault

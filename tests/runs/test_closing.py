"""Months that are closed: final on the page, held when they change, open again with a reason."""

import datetime as dt
import json
import shutil

import pytest

import opsnb
from opsnb.errors import OpsnbError, ParameterError
from opsnb.runs.closing import close, closing, path_of, reopen

NOW = dt.datetime(2026, 11, 6, 9, 30, tzinfo=dt.UTC)


@pytest.fixture
def place(root, tmp_path):
    shutil.copytree(root / "params/little", tmp_path / "little")
    return tmp_path


def book(place, period="2026-10"):
    return opsnb.open(place / "little", period)


def change(place, row="late,2026-10-09,north,nut,50.00,20.00"):
    with (place / "little/data/lines.csv").open("a") as file:
        file.write(f"{row}\n")


def test_a_company_that_closes_no_months_is_not_asked(place):
    assert closing(book(place), place) is None


def test_a_month_is_closed_and_stays_so(place):
    close(book(place), place, "张三", NOW)
    found = closing(book(place), place)
    assert (found.state, found.by, found.at) == ("closed", "张三", "2026-11-06T09:30:00+00:00")
    assert closing(book(place, "2026-09"), place) is None
    with pytest.raises(ParameterError, match="closed already"):
        close(book(place), place, "", NOW)


def test_a_later_row_of_another_month_is_no_change(place):
    close(book(place), place, "", NOW)
    change(place, "next,2026-11-02,north,nut,50.00,20.00")
    assert closing(book(place), place).state == "closed"


def test_another_value_is_a_change_until_the_month_is_reopened(place):
    close(book(place), place, "", NOW)
    change(place)
    assert closing(book(place), place).state == "altered"
    with pytest.raises(ParameterError, match="opsnb reopen"):
        close(book(place), place, "", NOW)
    with pytest.raises(ParameterError, match="without a reason"):
        reopen(book(place), place, "", " ", NOW)
    reopen(book(place), place, "李四", "补录一单", NOW)
    found = closing(book(place), place)
    assert (found.state, found.reason, found.by) == ("reopened", "补录一单", "李四")
    close(book(place), place, "张三", NOW)
    assert closing(book(place), place).state == "closed"
    text = path_of(place, "little").read_text(encoding="utf-8")
    acts = [json.loads(line)["act"] for line in text.splitlines()]
    assert acts == ["close", "reopen", "close"]


def test_what_cannot_be_closed_or_reopened_is_refused(place):
    with pytest.raises(ParameterError, match="is not closed"):
        reopen(book(place), place, "", "so", NOW)
    text = (place / "little/company.yaml").read_text(encoding="utf-8")
    early = text.replace("2026-11-05", "2026-10-31")
    assert early != text
    (place / "little/company.yaml").write_text(early, encoding="utf-8")
    with pytest.raises(ParameterError, match="is not over"):
        close(book(place), place, "", NOW)


def test_an_altered_record_is_an_error(place, run_little):
    close(book(place), place / "outputs", "张三", NOW)
    path = path_of(place / "outputs", "little")
    path.write_text(path.read_text(encoding="utf-8").replace('"previous": "0', '"previous": "1'))
    with pytest.raises(OpsnbError, match=r"periods.jsonl, line 1"):
        run_little(place / "outputs", company=place / "little")


def test_the_page_says_how_the_month_stands(place, run_little, read_run, call):
    outputs, company = place / "outputs", place / "little"
    before = run_little(outputs, company=company)
    assert "关账" not in read_run(before.folder).html
    done = call("close", "2026-10", "--company", company, "--by", "张三", "--output", outputs)
    assert (done.code, done.out) == (0, "2026-10 is closed\n")
    final = run_little(outputs, company=company)
    today = dt.datetime.now(dt.UTC)
    assert f"正式，张三于{today.month}月{today.day}日关账" in read_run(final.folder).html
    digests = [read_run(run.folder).manifest["content_digest"] for run in (before, final)]
    assert digests[0] == digests[1]  # what the report says is the same
    change(place)
    held = run_little(outputs, company=company)
    assert (held.status, held.exit_code) == ("held", 4)
    assert "opsnb reopen" in held.message
    assert "关账后数据有变动，未重新开账" in read_run(held.folder).html
    again = call("reopen", "2026-10", "--company", company, "--reason", "补录一单",
                 "--output", outputs)  # fmt: skip
    assert again.code == 0
    opened = run_little(outputs, company=company)
    assert opened.status == "done"
    assert "重新开账：补录一单" in read_run(opened.folder).html
    english = call("render", opened.folder, "--locale", "en")
    assert "补录一单" in (opened.folder / "report.en.html").read_text(encoding="utf-8")
    assert english.code == 0


def test_closing_makes_a_report_anew_and_then_it_is_unchanged(place, call):
    words = ("run", "monthly_operations", "--company", place / "little", "--period", "2026-10",
             "--output", place / "outputs", "--json")  # fmt: skip
    assert json.loads(call(*words).out)["status"] == "done"
    assert json.loads(call(*words).out)["status"] == "cached"
    call("close", "2026-10", "--company", place / "little", "--output", place / "outputs")
    assert json.loads(call(*words).out)["status"] == "done"
    assert json.loads(call(*words).out)["status"] == "cached"

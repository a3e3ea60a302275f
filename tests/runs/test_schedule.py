"""The line for cron, read back as cron reads it."""

from __future__ import annotations

import datetime as dt
import json
import re
import shlex
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsnb.company import Company
from opsnb.errors import ParameterError, UnknownNameError
from opsnb.runs.schedule import Schedule, opening, schedule

FIELDS = re.compile(r"(\d+) (\d+) (\d+)(?:-(\d+))? \* \* (.+)")


def fires(line: str, moment: dt.datetime) -> bool:
    """Whether cron starts the line in the minute of `moment`, read from its text alone."""
    match = FIELDS.fullmatch(line)
    assert match is not None, line
    minute, hour, first, last = (int(match[i] or match[3]) for i in (1, 2, 3, 4))
    return (moment.minute, moment.hour) == (minute, hour) and first <= moment.day <= last


def minutes(start: dt.datetime, days: int) -> list[dt.datetime]:
    return [start + dt.timedelta(minutes=n) for n in range(1, days * 24 * 60)]


def words_of(line: str) -> list[str]:
    """Words of the command, as the shell that cron starts has them."""
    command = FIELDS.fullmatch(line)[5].replace(r"\%", "%")  # type: ignore[index]
    return shlex.split(command)


@given(
    minute=st.integers(0, 59), hour=st.integers(0, 23), first=st.integers(1, 28),
    length=st.integers(0, 9),
    day=st.datetimes(dt.datetime(2024, 1, 1), dt.datetime(2028, 12, 31)),
)  # fmt: skip
def test_moments_are_those_of_the_line(minute, hour, first, length, day, tmp_path_factory):
    """Found again minute by minute, from the text of the line."""
    folder = tmp_path_factory.getbasetemp()
    found = Schedule(minute, hour, first, min(first + length, 28), ["x"], folder, "log")
    moments = found.next(day, 2)
    assert day < moments[0] < moments[1]
    assert all(fires(found.line, moment) for moment in moments)
    start = moments[0].replace(second=0) - dt.timedelta(days=1)
    between = [m for m in minutes(start, 3) if day < m < moments[1] and fires(found.line, m)]
    assert between in ([moments[0]], [])


@pytest.mark.parametrize("name", ["plain", "with space", "名 '字' 100%"])
def test_the_command_is_the_batch_whatever_its_folder_is_called(company, tmp_path, name):
    folder = tmp_path / name
    folder.mkdir()
    outputs = tmp_path / name / "outputs"
    found = schedule(
        str(company), ["monthly_operations"], outputs=outputs, folder=folder, at="06:05"
    )
    words = words_of(found.line)
    assert words[:3] == ["cd", str(folder), "&&"]
    assert words[3:-3] == list(found.words)
    assert words[-3:] == [">>", str(outputs / "cron.log"), "2>&1"]
    assert found.words[1:4] == ["-m", "opsnb", "batch"]
    assert found.line.startswith("5 6 5-14 * * cd ")
    assert found.line.replace(r"\%", "").count("%") == 0


def test_it_begins_when_a_month_is_closed_and_all_tables_are_due(company):
    assert opening(Company.find(company)) == 5
    profile = company / "company.yaml"
    profile.write_text(profile.read_text("utf-8") + "close_day: 3\n", encoding="utf-8")
    assert opening(Company.find(company)) == 3
    sources = company / "sources.yaml"
    text = sources.read_text("utf-8")
    sources.write_text(text.replace("date: day", "date: day\n    due: {day: 26}"), "utf-8")
    found = schedule(str(company), outputs=company, folder=company)
    assert (found.first, found.last) == (26, 28)
    after = dt.datetime(2026, 12, 28, 8)
    assert found.next(after)[0] == dt.datetime(2027, 1, 26, 7, 30)


def test_what_is_wrong_is_refused(company):
    for at in ("7.30", "25:00", ""):
        with pytest.raises(ParameterError, match="is no time"):
            schedule(str(company), at=at, outputs=company, folder=company)
    with pytest.raises(UnknownNameError, match="monthly_operations"):
        schedule(str(company), ["monthly"], outputs=company, folder=company)


def test_the_command_prints_a_crontab(call, company, tmp_path):
    done = call("schedule", "--company", company, "--output", tmp_path / "o", "--at", "23:59")
    assert done.code == 0, done.err
    *comments, line = done.out.splitlines()
    assert all(comment.startswith("# ") for comment in comments)
    told = re.findall(r"\d{4}-\d\d-\d\d \d\d:\d\d", " ".join(comments))
    assert len(told) == 3
    for moment in told:
        parsed = dt.datetime.strptime(moment, "%Y-%m-%d %H:%M")
        assert fires(line, parsed)
        assert parsed.day >= Company.find(company).profile.close_day
    answer = call("schedule", "--company", company, "--json", "--output", tmp_path / "o")
    assert FIELDS.fullmatch(json.loads(answer.out)["line"])


def test_the_line_runs_as_it_stands(company, tmp_path, monkeypatch):
    """As cron runs it: by sh; the batch itself is stood in for."""
    found = schedule(str(company), outputs=tmp_path / "o", folder=tmp_path)
    (tmp_path / "o").mkdir()
    command = FIELDS.fullmatch(found.line)[5]  # type: ignore[index]
    asked = command.replace(" batch ", " batch --help ")
    subprocess.run(["sh", "-c", asked], check=True, timeout=60, cwd="/")
    assert "--company" in (tmp_path / "o/cron.log").read_text("utf-8")

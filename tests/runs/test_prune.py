"""What goes, what stays, and that what was published or stands as the last good run never goes."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from opsnb.errors import OpsnbError
from opsnb.runs import prune
from opsnb.runs.store import MANIFEST, new_run_id

NOW = dt.datetime(2026, 11, 5, 8, tzinfo=dt.UTC)
PLACE = "demo/2026-10/monthly_operations/all"


def add(outputs: Path, age: int, status: str = "done", place: str = PLACE) -> str:
    """Run of so many days ago."""
    made = NOW - dt.timedelta(days=age)
    run_id = new_run_id(made)
    folder = outputs / place / run_id
    folder.mkdir(parents=True)
    content = {"status": status, "created_at": made.isoformat()}
    (folder / MANIFEST).write_text(json.dumps(content), encoding="utf-8")
    (folder / "report.html").write_text("x" * 1000, encoding="utf-8")
    return run_id


def name_latest(outputs: Path, run_id: str, place: str = PLACE) -> None:
    (outputs / place / "latest.json").write_text(json.dumps({"run_id": run_id}), encoding="utf-8")


def going(outputs: Path, **more: int) -> set[str]:
    return {item.path.name for item in prune.old(outputs, now=NOW, **more)}


def test_the_newest_good_runs_and_the_young_stay(tmp_path):
    runs = {age: add(tmp_path, age) for age in (400, 300, 200, 150, 100, 10, 1)}
    failed = {age: add(tmp_path, age, "failed") for age in (350, 95, 2)}
    name_latest(tmp_path, runs[1])
    assert going(tmp_path) == {runs[400], runs[300], runs[200], runs[150], failed[350], failed[95]}
    assert going(tmp_path, keep=5) == {runs[400], runs[300], failed[350], failed[95]}
    assert going(tmp_path, days=250) == {runs[400], runs[300], failed[350]}
    assert going(tmp_path, keep=1, days=0) == {*runs.values(), *failed.values()} - {runs[1]}


def test_the_last_good_run_stays_though_newer_ones_are_there(tmp_path):
    runs = [add(tmp_path, age) for age in (400, 300, 200)]
    name_latest(tmp_path, runs[0])
    assert going(tmp_path, keep=1) == {runs[1]}


@pytest.mark.parametrize(
    "where", ["reviews.jsonl", "demo/reviews.jsonl", f"{PLACE}/reviews.jsonl", "run/reviews.jsonl"]
)
@pytest.mark.parametrize("state", ["reviewed", "published", "superseded"])
def test_what_was_signed_stays_for_ever(tmp_path, where, state):
    signed, other, last = (add(tmp_path, age) for age in (900, 800, 700))
    name_latest(tmp_path, last)
    path = tmp_path / where.replace("run", f"{PLACE}/{signed}")
    entries = [{"run_id": signed, "state": state}, {"run_id": signed, "state": "superseded"}]
    path.write_text("".join(json.dumps(e) + "\n" for e in entries) + '{"cut sho', "utf-8")
    assert going(tmp_path, keep=1, days=0) == {other}


def test_what_lies_in_published_stays_however_it_got_there(tmp_path):
    runs = [add(tmp_path, age) for age in (900, 800, 700, 600, 500)]
    name_latest(tmp_path, runs[4])
    folder = tmp_path / "published/demo/2026-10"
    folder.mkdir(parents=True)
    (folder / "report.html").write_text(f"<footer>{runs[0]}</footer>", encoding="utf-8")
    (folder / f"{runs[1]}.html").write_text("", encoding="utf-8")
    (folder / "link.html").symlink_to(tmp_path / PLACE / runs[2] / "report.html")
    assert going(tmp_path, keep=1, days=0) == {runs[3]}
    prune.remove(tmp_path, prune.old(tmp_path, keep=1, days=0, now=NOW))
    assert {path.name for path in (tmp_path / PLACE).glob("2*")} == {*runs} - {runs[3]}
    assert (folder / "link.html").is_file()


def test_what_is_named_meanwhile_stays(tmp_path):
    runs = [add(tmp_path, age) for age in (900, 800, 700)]
    name_latest(tmp_path, runs[2])
    found = prune.old(tmp_path, keep=1, days=0, now=NOW)
    name_latest(tmp_path, runs[0])
    (tmp_path / "reviews.jsonl").write_text(json.dumps({"run_id": runs[1]}), encoding="utf-8")
    assert prune.remove(tmp_path, found) == 0
    assert {path.name for path in (tmp_path / PLACE).glob("2*")} == {*runs}


def test_what_nobody_can_judge_stays(tmp_path):
    strange, last = add(tmp_path, 900), add(tmp_path, 1)
    name_latest(tmp_path, last)
    (tmp_path / PLACE / strange / MANIFEST).write_text("{", encoding="utf-8")
    (tmp_path / PLACE / "mine").mkdir()
    assert going(tmp_path, keep=1, days=0) == set()
    (tmp_path / PLACE / "latest.json").write_text("{", encoding="utf-8")
    with pytest.raises(OpsnbError, match=r"latest\.json: does not name a run"):
        going(tmp_path)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(
    ages=st.lists(st.integers(0, 400), min_size=1, max_size=12),
    bad=st.sets(st.integers(0, 11)), signed=st.sets(st.integers(0, 11)),
    last=st.integers(0, 11), keep=st.integers(1, 4), days=st.integers(0, 300),
)  # fmt: skip
def test_the_rule_holds_for_all(tmp_path_factory, ages, bad, signed, last, keep, days):
    outputs = tmp_path_factory.mktemp("outputs")
    runs = [add(outputs, age, "failed" if i in bad else "done") for i, age in enumerate(ages)]
    good = [run for i, run in enumerate(runs) if i not in bad]
    if good:
        name_latest(outputs, good[last % len(good)])
    kept = {runs[i] for i in signed if i < len(runs)}
    (outputs / "reviews.jsonl").write_text("\n".join(kept), encoding="utf-8")
    gone = going(outputs, keep=keep, days=days)
    assert not gone & kept
    assert not gone & {*sorted(good)[-keep:]}
    assert not good or good[last % len(good)] not in gone
    assert all(ages[runs.index(run)] > days for run in gone) or days == 0
    again = {run for run, age in zip(runs, ages, strict=True) if age > days}
    stay = kept | {*sorted(good)[-keep:]} | ({good[last % len(good)]} if good else set())
    assert gone - {r for r, a in zip(runs, ages, strict=True) if a == days} == again - stay


def test_the_command_only_names_unless_it_is_told(call, company, tmp_path):
    outputs = tmp_path / "o"
    place = PLACE.replace("demo", "little")
    runs = [add(outputs, age, place=place) for age in (900, 800, 700, 600)]
    other = [add(outputs, age) for age in (900, 800, 700, 600)]
    name_latest(outputs, runs[3], place)
    left = outputs / place / f".{new_run_id(NOW)}.partial"
    left.mkdir()
    words = ["prune", "--company", company, "--output", outputs, "--days", 30]
    named = call(*words)
    assert named.code == 0, named.err
    assert runs[0] in named.out
    assert other[0] not in named.out
    assert (outputs / place / runs[0]).is_dir()
    answer = json.loads(call(*words, "--delete", "--json").out)
    assert [Path(item["path"]).name for item in answer["items"]] == [runs[0]]
    assert answer["bytes"] > 1000
    assert not (outputs / place / runs[0]).exists()
    assert not left.exists()
    assert {path.name for path in (outputs / place).iterdir()} == {*runs[1:], "latest.json"}
    assert len(list((outputs / PLACE).glob("2*"))) == 4

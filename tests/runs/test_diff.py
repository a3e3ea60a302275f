"""Two runs beside each other: which numbers differ, and what may be the cause."""

import json
import shutil

import pytest

from opsnb.errors import OpsnbError
from opsnb.runs.diff import diff


@pytest.fixture(scope="module")
def place(root, tmp_path_factory):
    """The little company where it may be changed."""
    folder = tmp_path_factory.mktemp("diff")
    shutil.copytree(root / "params/little", folder / "little")
    return folder


@pytest.fixture(scope="module")
def before(place, run_little):
    return run_little(place / "outputs", company=place / "little").folder


@pytest.fixture(scope="module")
def more_data(place, before, run_little):
    with (place / "little/data/lines.csv").open("a") as file:
        file.write("late,2026-10-09,north,nut,50.00,20.00\n")
    return run_little(place / "outputs", company=place / "little").folder


@pytest.fixture(scope="module")
def other_question(place, more_data, run_little):
    return run_little(place / "outputs", company=place / "little", trend_months=18).folder


def test_the_same_twice_differs_in_nothing(first, second):
    found = diff(first.folder, second.folder)
    assert found.numbers.empty
    assert found.causes == {}
    assert found.compared > 100
    assert found.is_told_apart


def test_a_row_more_moves_what_is_made_of_it(before, more_data):
    found = diff(before, more_data)
    assert list(found.causes) == ["data"]
    assert "lines.csv (changed)" in found.causes["data"][0]
    first = found.numbers.iloc[0]
    assert (first["result"], first["measure"], first["state"]) == ("scorecard", "actual", "changed")
    revenue = found.numbers.set_index(["result", "key"]).loc[
        ("scorecard", "revenue|actual|all|2026-10|||")
    ]
    assert revenue["change"] == pytest.approx(50)
    units = found.numbers[found.numbers["unit"] == "south"]
    assert units[units["measure"] == "actual"].empty  # nothing of the south has changed


def test_another_question_is_told_from_other_data(more_data, other_question):
    found = diff(more_data, other_question)
    assert found.causes == {"parameters": ["trend_months: 12 -> 18"]}
    assert set(found.numbers["state"]) == {"new"}  # months that were not shown
    assert set(found.numbers["result"]) <= {"history", "trend"}


def test_where_several_differ_it_says_so(before, other_question, call):
    done = call("diff", before, other_question)
    assert done.code == 0
    assert "any of them may be the cause" in done.out
    told = json.loads(call("diff", before, other_question, "--json").out)
    assert set(told["causes"]) == {"data", "parameters"}
    assert told["told_apart"] is False
    assert len(told["numbers"]) == len(diff(before, other_question).numbers)


@pytest.mark.parametrize(
    ("name", "change", "cause"),
    [
        ("code", "0" * 64, "code"),
        ("python", "9.9.9", "environment"),
        ("calendar", "other", "calendar"),
        ("as_of", "2026-12-31", "parameters"),
    ],
)
def test_every_cause_is_named(first, second, tmp_path, name, change, cause):
    other = tmp_path / second.folder.name
    shutil.copytree(second.folder, other)
    manifest = json.loads((other / "manifest.json").read_text())
    (other / "manifest.json").write_text(json.dumps(manifest | {name: change}))
    assert list(diff(first.folder, other).causes) == [cause]


def test_altered_records_are_refused(first, second, tmp_path):
    other = tmp_path / second.folder.name
    shutil.copytree(second.folder, other)
    shutil.copy(other / "findings.parquet", other / "results.parquet")
    with pytest.raises(OpsnbError, match="not what the run has left"):
        diff(first.folder, other)

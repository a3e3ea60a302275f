"""Journals: added to, never changed without being found out."""

import json
import multiprocessing

import pytest

from opsnb import journal
from opsnb.errors import OpsnbError


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "a/journal.jsonl"
    for number in range(4):
        journal.append(path, {"number": number, "who": "李四"})
    return path


def test_entries_come_back_in_their_order(path, tmp_path):
    assert [entry["number"] for entry in journal.read(path)] == [0, 1, 2, 3]
    assert journal.read(tmp_path / "nothing.jsonl") == []


@pytest.mark.parametrize(
    ("change", "line"),
    [
        (lambda rows: [rows[0], rows[1].replace("李四", "王五"), *rows[2:]], 3),
        (lambda rows: [rows[0], *rows[2:]], 2),
        (lambda rows: rows[1:], 1),
        (lambda rows: [rows[1], rows[0], *rows[2:]], 1),
        (lambda rows: [*rows[:2], rows[1], *rows[2:]], 3),
        (lambda rows: [rows[0], "x", *rows[2:]], 2),
        (lambda rows: [*rows, json.dumps({"number": 4, "previous": "0" * 64})], 5),
    ],
)
def test_what_was_altered_is_found(path, change, line):
    rows = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join(change(rows)) + "\n", encoding="utf-8")
    with pytest.raises(OpsnbError, match=f"line {line}"):
        journal.read(path)
    with pytest.raises(OpsnbError):
        journal.append(path, {"number": 9})


def test_a_line_that_was_not_finished_is_named(path):
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(OpsnbError, match="line 4"):
        journal.read(path)


def add(path, who):
    for number in range(20):
        journal.append(path, {"who": who, "number": number})


def test_two_at_once_leave_one_chain(tmp_path):
    path = tmp_path / "journal.jsonl"
    context = multiprocessing.get_context("spawn")
    both = [context.Process(target=add, args=(path, who)) for who in "ab"]
    for one in both:
        one.start()
    for one in both:
        one.join(60)
    entries = journal.read(path)
    assert len(entries) == 40
    for who in "ab":
        assert [e["number"] for e in entries if e["who"] == who] == list(range(20))

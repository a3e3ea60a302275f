"""Each line of the doctor, on a machine that lacks what it is about."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from opsnb.errors import OpsnbError
from opsnb.runs import doctor


def one(lines) -> doctor.Line:
    (line,) = lines
    return line


def test_a_machine_that_has_everything(call, tmp_path):
    done = call("doctor", "--output", tmp_path / "outputs", "--json")
    answer = json.loads(done.out)
    assert done.code == answer["exit_code"] == 0, done.out
    names = {line["name"] for line in answer["lines"]}
    assert {"Python", "packages", "bytecode", "fonts", "Chromium", "memory"} <= names
    assert {"outputs", "cache", "temporary", "fork", "extra cluster"} <= names
    assert all(line["todo"] for line in answer["lines"] if line["state"] != "ok")
    assert not (tmp_path / "outputs").exists(), "nothing is left behind"


def test_lines_for_a_person():
    lines = [doctor.Line("a", "ok", "fine"), doctor.Line("long", "wrong", "broken", "mend it")]
    assert list(doctor.text(lines)) == [
        "ok    a     fine", "WRONG long  broken", "            -> mend it",
    ]  # fmt: skip
    assert (doctor.exit_code(lines), doctor.exit_code(lines[:1])) == (2, 0)


@pytest.mark.parametrize(
    ("requirement", "said"),
    [
        ("pandas>=99", "pandas is .*, not 99 or later"),
        ("sqlalchemy[asyncio]>=99; python_version > '3'", "sqlalchemy is .*, not 99 or later"),
        ("nothing-such>=1", "nothing-such is missing"),
        ("pandas>=1.0", ""),
        ("numpy", ""),
    ],
)
def test_a_package_that_is_missing_or_old(requirement, said):
    assert re.fullmatch(said, doctor._lacking(requirement))


@pytest.mark.parametrize(
    ("one", "other"), [("3.9", "3.10"), ("2.0", "2.0.1"), ("3", "3.0.1"), ("1.9.9", "2")]
)
def test_versions_are_compared_by_number(one, other):
    assert doctor._numbers(one) < doctor._numbers(other)
    assert doctor._numbers("2.0") == doctor._numbers("2")


def test_python_that_is_too_old(monkeypatch):
    monkeypatch.setattr(doctor, "OLDEST", (9, 0))
    assert one(doctor._python()).state == "wrong"


def test_bytecode_that_is_not_written(monkeypatch):
    code = "from opsnb.runs.doctor import _bytecode; print([l.todo for l in _bytecode()])"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60,
        env=os.environ | {"PYTHONDONTWRITEBYTECODE": "1"},
    )  # fmt: skip
    assert "unset PYTHONDONTWRITEBYTECODE" in done.stdout
    monkeypatch.setattr(doctor, "_is_compiled", lambda name: name != "pandas")
    found = next(line for line in doctor._bytecode() if "pandas" in line.found)
    assert "compileall" in found.todo
    assert Path(found.todo.split()[-1]).joinpath("pandas").is_dir()


def test_fonts_that_are_not_there(monkeypatch):
    def refused(*_):
        raise OpsnbError("no font")

    monkeypatch.setattr("opsnb.display.fonts.font_faces", refused)
    found = one(doctor._fonts())
    assert (found.state, found.found) == ("wrong", "no font")
    assert "pylopdf-fonts-zh-cn" in found.todo


def test_no_chromium_is_a_note(monkeypatch):
    monkeypatch.setattr("opsnb.runs.export.chromium.shutil.which", lambda *_, **__: None)
    assert one(doctor._chromium()).state == "note"


@pytest.mark.parametrize(("free", "state"), [(50e6, "wrong"), (500e6, "note"), (5e9, "ok")])
def test_a_disk_that_is_nearly_full(monkeypatch, tmp_path, free, state):
    usage = type("Usage", (), {"free": free})
    monkeypatch.setattr(doctor.shutil, "disk_usage", lambda _: usage)
    found = one(doctor._folder("outputs", tmp_path, "wrong"))
    assert found.state == state
    assert ("prune" in found.todo) == (state != "ok")


def test_a_folder_that_cannot_be_written(tmp_path):
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    found = one(doctor._folder("outputs", tmp_path / "file/outputs", "wrong"))
    assert found.state == "wrong"
    assert "right to write" in found.todo


@pytest.mark.parametrize(
    ("program", "state", "word"),
    [
        ("print(1)", "ok", "safe"),
        ("print(3)", "note", "kernel"),
        ("import nothing_such", "wrong", "nothing_such"),
    ],
)
def test_whether_a_fork_is_safe(monkeypatch, program, state, word):
    monkeypatch.setattr(doctor, "WARM", program)
    monkeypatch.setattr("opsnb.runs.apart.is_forkable", lambda: True)
    found = one(doctor._fork())
    assert found.state == state
    assert word in found.found + found.todo


def test_what_cannot_be_looked_at_is_wrong():
    def look():
        raise OSError(5, "broken")

    assert one(doctor._looked("disk", look)).state == "wrong"

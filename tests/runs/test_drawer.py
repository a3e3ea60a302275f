"""The drawer: all that is asked for is drawn, by it or by its owner, and it ends with its owner."""

from __future__ import annotations

import dataclasses
import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from opsnb.runs import apart as processes
from opsnb.runs.apart import Job, apart

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the fork is Linux's")
HEAD = """
import json, os, signal, sys, time
from opsnb.runs.drawer import Drawer

def draw(asked):
    number, length = json.loads(asked)
    if number < 0:
        raise ValueError(number)
    return chr(0x4E00 + number) * length
"""


def run(body: str) -> str:
    """What a process of one thread prints that owns a drawer."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", HEAD + body],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_more_than_a_pipe_holds_comes_back_whole_whatever_the_order():
    out = run("""
drawer = Drawer(draw)
given = [drawer.give(json.dumps([n, 300_000 + n]).encode() + b" " * 400_000) for n in range(30)]
for number in (7, 29, 0, *given):
    assert drawer.take(number) == chr(0x4E00 + number) * (300_000 + number)
drawer.close()
print("whole")
""")
    assert out == "whole\n"


def test_what_cannot_be_drawn_is_its_owners_to_draw():
    out = run("""
drawer = Drawer(draw)
good, bad, last = (drawer.give(json.dumps([n, 1]).encode()) for n in (1, -1, 2))
print(drawer.take(last) is not None, drawer.take(bad), drawer.take(good) is not None)
drawer.close()
""")
    assert out == "True None True\n"


@pytest.mark.parametrize("before", [True, False])
def test_a_drawer_that_is_killed_leaves_all_to_its_owner(before):
    out = run(f"""
drawer = Drawer(lambda asked: time.sleep(600) or "")
first = None if {before} else drawer.give(b"1")
os.kill(drawer.process, signal.SIGKILL)
if {before}:
    os.waitid(os.P_PID, drawer.process, os.WEXITED | os.WNOWAIT)
    first = drawer.give(b"1")
print(drawer.take(first), drawer.take(drawer.give(b"2")))
drawer.close()
""")
    assert out == "None None\n"


def test_owner_and_drawer_share_and_every_record_is_drawn():
    """From both ends, in whatever order they come to meet; drawn twice at most where they meet."""
    out = run("""
import random
def slow(asked):
    time.sleep(random.random() / 200)
    return asked.decode()
for seed in range(20):
    random.seed(seed)
    drawer = Drawer(slow)
    given = [drawer.give(str(n).encode()) for n in range(12)]
    own = []
    for number in reversed(given):
        if not drawer.spare(number):
            break
        own.append(number)
        time.sleep(random.random() / 200)
    rest = [number for number in given if number not in own]
    assert [drawer.take(number) for number in rest] == [str(number) for number in rest]
    assert own == list(reversed(given))[:len(own)]
    drawer.close()
print("all")
""")
    assert out == "all\n"


def test_it_ends_with_its_owner():
    out = run("""
child = os.fork()
if child == 0:
    drawer = Drawer(lambda asked: time.sleep(600) or "")
    drawer.give(b"1")
    sys.stdout.write(str(drawer.process))
    sys.stdout.flush()
    os.kill(os.getpid(), signal.SIGKILL)
os.waitpid(child, 0)
""")
    end = time.monotonic() + 20
    while Path(f"/proc/{out}").exists():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_a_report_is_the_same_whoever_draws(company, tmp_path, monkeypatch):
    values = {"period": "2026-10", "unit": "all", "company": str(company)}
    job = Job("monthly_operations", values, str(tmp_path / "out"), str(tmp_path), 60, force=True)
    digests = []
    for cores in (1, 2):
        monkeypatch.setattr(processes, "cores", lambda cores=cores: cores)
        ended = apart(job)
        assert (ended.status, ended.warm) == ("done", True), ended.message
        told = json.loads((Path(ended.folder) / "manifest.json").read_text("utf-8"))
        page = (Path(ended.folder) / "report.html").read_text("utf-8")
        digests.append((told["content_digest"], page.count("<svg")))
    assert digests[0] == digests[1]
    assert digests[0][1] > 0
    assert apart(dataclasses.replace(job, force=False)).status == "cached"


def test_practice_leaves_one_thread_and_fails_alone():
    """A child may be forked after it; what cannot be practised keeps no report from being made."""
    body = """
import os
os.environ.update(OPENBLAS_NUM_THREADS="1", JE_ARROW_MALLOC_CONF="background_thread:false")
from opsnb.runs import warm
from opsnb.stats import false_flags
if {broken}:
    warm.practise = lambda: 1 / 0
assert warm.warm_up() == 1
print(false_flags._rate.cache_info().currsize > 0)
"""
    for broken in (False, True):
        done = subprocess.run(
            [sys.executable, "-c", body.format(broken=broken)],
            capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
        assert done.stdout == f"{not broken}\n", done.stderr

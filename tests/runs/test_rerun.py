"""Causes told apart by making a run anew: code from its commit, settings from their history."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from opsnb.shipped import PACKAGE, shipped

pytestmark = pytest.mark.slow
VARIANCE = "return _missing(actual, base) or number(actual) - number(base)"
ORDERS = "measure: count(distinct order_id)"


class Checkout:
    """A copy of the package under git, with a company in it that may be changed."""

    def __init__(self, place: Path, make_company) -> None:
        self.place, self.company = place, place / "params/little"
        skip = shutil.ignore_patterns("__pycache__")
        shutil.copytree(PACKAGE, place / "opsnb", ignore=skip)
        shutil.copytree(shipped("notebooks"), place / "notebooks")
        shutil.copy(PACKAGE.parent / "pyproject.toml", place)
        make_company(self.company)
        (place / ".gitignore").write_text("outputs/\n__pycache__/\nparams/little/data/\n")
        self.git("init", "--quiet")
        self.commit()

    def git(self, *arguments: str) -> None:
        who = ("-c", "user.name=t", "-c", "user.email=t@localhost")
        subprocess.run(["git", "-C", str(self.place), *who, *arguments], check=True)

    def commit(self) -> None:
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message=.")

    def edit(self, name: str, old: str, new: str) -> None:
        path = self.place / name
        text = path.read_text(encoding="utf-8")
        assert text.count(old) == 1
        path.write_text(text.replace(old, new), encoding="utf-8")

    def opsnb(self, *arguments: object) -> str:
        command = [sys.executable, "-m", "opsnb", *map(str, arguments)]
        environment = os.environ | {"PYTHONPATH": str(self.place)}
        done = subprocess.run(
            command, cwd=self.place, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def run(self, *more: object) -> Path:
        told = self.opsnb("run", "monthly_operations", "--company", "params/little", *more)
        return self.place / told.splitlines()[-1]

    def separate(self, before: Path, after: Path) -> dict:
        told = self.opsnb("diff", before, after, "--company", "params/little", "--rerun", "--json")
        return json.loads(told)


@pytest.fixture
def checkout(tmp_path, make_little):
    return Checkout(tmp_path / "checkout", make_little)


def late_order(checkout):
    with (checkout.company / "data/lines.csv").open("a") as file:
        file.write("late,2026-10-09,north,nut,50.00,20.00\n")


def changes(step):
    """Change of each scorecard number of the step."""
    return {
        row["key"]: row["change"]
        for row in step["numbers"]
        if row["result"] == "scorecard" and row["state"] == "changed"
    }


def test_four_changes_at_once_are_told_apart(checkout):
    before = checkout.run()
    late_order(checkout)
    checkout.edit("params/little/metrics.yaml", ORDERS, "measure: 3 * count(distinct order_id)")
    checkout.edit("opsnb/analyses/comparison.py", VARIANCE, f"{VARIANCE} + 1000")
    checkout.edit("params/little/monthly_operations.yaml", "months: 12", "months: 18")
    checkout.commit()
    after = checkout.run()
    stood = sorted(path for path in checkout.place.rglob("*") if "__pycache__" not in path.parts)
    told = checkout.separate(before, after)
    assert set(told["causes"]) == {"data", "settings", "code", "parameters"}
    assert [step["causes"] for step in told["steps"]] == [
        ["data"], ["settings"], ["code"], ["parameters"], [],
    ]  # fmt: skip
    assert told["lost"] == {}
    data, settings, code, parameters, rest = told["steps"]
    revenue, variance = (f"revenue|{name}|all|2026-10|||" for name in ("actual", "variance"))
    orders = "orders|actual|all|2026-10|||"
    assert changes(data)[revenue] == pytest.approx(50)
    assert changes(data)[orders] == 1
    assert changes(data)[variance] == pytest.approx(50)
    assert revenue not in changes(settings)
    assert changes(settings)[orders] == 2 * 5  # four orders, and the late one
    assert changes(code)[variance] == pytest.approx(1000)
    assert not {revenue, orders} & set(changes(code))
    assert {row["state"] for row in parameters["numbers"]} == {"new"}
    assert rest["numbers"] == []
    now = sorted(path for path in checkout.place.rglob("*") if "__pycache__" not in path.parts)
    assert now == stood, "nothing is left behind"


def test_what_is_not_kept_is_named_with_its_reason(checkout):
    checkout.edit("opsnb/analyses/comparison.py", VARIANCE, f"{VARIANCE} + 1")
    checkout.edit("params/little/metrics.yaml", ORDERS, "measure: 2 * count(distinct order_id)")
    before = checkout.run()  # neither was committed
    checkout.edit("opsnb/analyses/comparison.py", f"{VARIANCE} + 1", VARIANCE)
    checkout.edit("params/little/metrics.yaml", f"2 * {ORDERS[9:]}", ORDERS[9:])
    after = checkout.run()
    told = checkout.separate(before, after)
    assert "not committed" in told["lost"]["code"]
    assert "metrics.yaml as it was" in told["lost"]["settings"]
    (step, rest) = told["steps"]
    assert set(step["causes"]) == {"code", "settings"}
    assert changes(step)["orders|actual|all|2026-10|||"] == -4
    assert rest["numbers"] == []


def test_what_changed_after_the_second_run_is_no_cause_of_it(checkout):
    before = checkout.run()
    checkout.edit("params/little/metrics.yaml", ORDERS, "measure: 3 * count(distinct order_id)")
    after = checkout.run()
    late_order(checkout)
    told = checkout.separate(before, after)
    steps = {tuple(step["causes"]): changes(step) for step in told["steps"]}
    revenue = "revenue|actual|all|2026-10|||"
    assert steps["settings",].keys().isdisjoint({revenue})
    assert told["steps"][-1]["causes"] == []
    assert changes(told["steps"][-1])[revenue] == pytest.approx(-50)

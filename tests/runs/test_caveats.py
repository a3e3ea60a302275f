"""A check that does not hold: published with a caveat where it touches, or not published at all."""

from __future__ import annotations

import re

import pytest

from opsnb.errors import GateError
from opsnb.runs.run import EXIT

CHECK = "    checks: [{{unique: [order_id, product], metrics: [revenue], severity: {}}}]\n"


@pytest.fixture(scope="module")
def make_doubtful(make_little, tmp_path_factory):
    """The little company with an order line of north, October 2026, that stands twice."""

    def make(severity):
        folder = make_little(tmp_path_factory.mktemp(severity) / "little")
        path = folder / "data/lines.csv"
        lines = path.read_text(encoding="utf-8").splitlines()
        twice = next(line for line in lines if line.startswith("2026-10-north-1,"))
        path.write_text("\n".join([*lines, twice, ""]), encoding="utf-8")
        with (folder / "sources.yaml").open("a", encoding="utf-8") as file:
            file.write(CHECK.format(severity))
        return folder

    return make


@pytest.fixture(scope="module")
def doubtful(make_doubtful, run_little, tmp_path_factory):
    outcome = run_little(tmp_path_factory.mktemp("out"), company=make_doubtful("warning"))
    assert outcome.status == "done", outcome.message
    return outcome.folder


def test_the_records_carry_the_caveat_where_it_touches_and_nowhere_else(doubtful, read_run):
    table = read_run(doubtful).table("results")
    touches = (
        (table["metric"] == "revenue")
        & table["unit"].isin(["all", "north"])
        & (table["period"] == "2026-10")
    )
    results = {"scorecard", "cards", "history", "trend", "units"}
    assert set(table.loc[touches, "result"]) >= results
    stated = touches & table["result"].isin(results)
    assert (table.loc[stated, "caveats"] == "OPS011").all()
    assert (table.loc[~touches, "caveats"] == "").all()


def test_the_manifest_lists_the_alert(doubtful, read_run, little_lines):
    (state,) = read_run(doubtful).manifest["checks"]
    (alert,) = state["alerts"]
    assert alert == {
        "check": "unique", "severity": "warning", "count": 1, "total": 1, "units": ["north"],
        "examples": [f"lines.csv, row {len(little_lines) + 2}"],
    }  # fmt: skip


def test_the_page_tags_what_is_touched_and_tells_why(doubtful, read_run):
    html = read_run(doubtful).html
    card = re.search(r"<li [^>]*id=card-revenue.*?(?=<li |</ul>)", html, re.S)
    assert card
    assert "存疑" in card[0]
    other = re.search(r"<li [^>]*id=card-margin.*?(?=<li |</ul>)", html, re.S)
    assert other
    assert "存疑" not in other[0]
    assert "首见于 lines.csv 第" in html
    assert "涉及收入。" in html


def test_an_error_is_not_run_and_nothing_is_written(make_doubtful, run_little, tmp_path, call):
    folder = make_doubtful("error")
    with pytest.raises(GateError, match="unique does not hold once"):
        run_little(tmp_path / "out", company=folder)
    assert not (tmp_path / "out").exists()
    done = call("run", "monthly_operations", "--company", folder, "--output", tmp_path / "out")
    assert done.code == GateError.exit_code == 3
    assert 3 not in EXIT.values()
    assert "the gate is closed" in done.err
    assert not (tmp_path / "out").exists()

"""Drawings: each result is drawn once, for the notebook and for the page."""

import json
from collections import Counter

import nbformat
import pytest

import opsnb
from opsnb import display
from opsnb.analyses import scorecard, units
from opsnb.results import MIME, Result
from opsnb.runs import drawings as subject
from opsnb.runs import kernel
from opsnb.runs.drawings import Drawings
from opsnb.runs.execute import execute
from opsnb.runs.render import render

SOURCE = "import opsnb\nfrom opsnb import analyses\nworkbook = opsnb.open({!r}, '2026-10')"


@pytest.fixture
def notebook(demonstration, tmp_path):
    """Notebook with two results."""
    cells = [
        nbformat.v4.new_markdown_cell("# 月度运营分析报告"),
        nbformat.v4.new_code_cell(SOURCE.format(str(demonstration))),
        nbformat.v4.new_code_cell("analyses.matrix(analyses.scorecard(workbook))"),
        nbformat.v4.new_code_cell("analyses.definitions(workbook, ['revenue'])"),
    ]
    path = tmp_path / "two.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    return path


@pytest.fixture
def drawn(monkeypatch):
    """Count what is drawn, by name and language."""
    counted: Counter[tuple[str, str | None]] = Counter()
    real = display.html

    def html(result, locale=None):
        counted[result.name, locale] += 1
        return real(result, locale)

    monkeypatch.setattr(display, "html", html)
    return counted


def outputs(path):
    node = nbformat.read(path, as_version=4)
    return [o["data"] for cell in node.cells for o in cell.get("outputs", []) if "data" in o]


def test_a_result_is_drawn_once_for_notebook_and_page(notebook, tmp_path, drawn):
    target = tmp_path / "done.ipynb"
    made = Drawings("zh", beside=True)
    with kernel.started() as ready:
        assert execute(notebook, target, {}, ready, drawings=made) is None
    shown = outputs(target)
    assert len(shown) == 2
    for data in shown:
        expected = display.bundle(Result.from_bundle(data[MIME]))
        assert data["text/html"] == expected["text/html"], "as a kernel that draws by itself has it"
        assert data["text/plain"] == expected["text/plain"]
    drawn.clear()
    page = render(json.loads(target.read_text("utf-8")), locale="zh", drawings=made)
    made.close()
    assert not drawn, "the page takes what was drawn for the notebook"
    alone = render(json.loads(target.read_text("utf-8")), locale="zh")
    assert page.html == alone.html
    assert sorted(drawn.values()) == [1, 1]


def test_another_language_is_drawn_anew(demonstration, drawn):
    record = scorecard(opsnb.open(demonstration, "2026-10")).to_bundle()
    made = Drawings("zh")
    assert made.html(record, "en") != made.html(record, "zh") == made.html(record)
    assert drawn == {("scorecard", "zh"): 1, ("scorecard", "en"): 1}


@pytest.mark.parametrize("beside", [False, True])
def test_what_cannot_be_drawn_is_told_by_the_page_alone(demonstration, monkeypatch, beside):
    """The notebook is whole without it; who makes the page hears why there is none."""
    workbook = opsnb.open(demonstration, "2026-10")
    good, bad = (r.to_bundle() for r in (units(workbook, ["revenue"]), scorecard(workbook)))
    real = display.html

    def html(result, locale=None):
        if result.name == "scorecard":
            raise ZeroDivisionError("no view")
        return real(result, locale)

    monkeypatch.setattr(display, "html", html)
    cell = {"outputs": [{"data": {MIME: bad}}, {"data": {MIME: good}}, {"name": "stdout"}]}
    made = Drawings("zh", beside=beside)
    made.begin(cell)
    made.fill({"cells": [{"cell_type": "markdown"}, cell]})
    assert ["text/html" in o.get("data", {}) for o in cell["outputs"]] == [False, True, False]
    with pytest.raises(ZeroDivisionError, match="no view"):
        made.html(bad)
    made.close()


def test_what_a_cell_has_drawn_itself_is_kept(demonstration):
    record = scorecard(opsnb.open(demonstration, "2026-10")).to_bundle()
    cell = {"outputs": [{"data": {MIME: record, "text/html": "<p>own</p>"}}]}
    Drawings("zh").fill({"cells": [cell]})
    assert cell["outputs"][0]["data"]["text/html"] == "<p>own</p>"


def test_the_environment_is_as_before(monkeypatch):
    monkeypatch.setenv(subject.SHOW, "all")
    with subject.records_only():
        assert subject.os.environ[subject.SHOW] == subject.RECORDS
    assert subject.os.environ[subject.SHOW] == "all"
    monkeypatch.delenv(subject.SHOW)
    with subject.records_only():
        pass
    assert subject.SHOW not in subject.os.environ

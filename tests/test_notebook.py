"""Habits of notebooks: what a kernel shows of a workbook, a finding and an error."""

from __future__ import annotations

import inspect
import pkgutil
import re
import time

import pytest
from IPython.core.completer import provisionalcompleter
from IPython.core.interactiveshell import InteractiveShell

import opsnb
from opsnb import analyses, explore, notebook, progress, results
from opsnb.errors import UnknownNameError
from opsnb.keys import RECORDS, SHOW
from opsnb.results import Finding


@pytest.fixture
def shell(monkeypatch):
    monkeypatch.setattr(progress, "is_watched", lambda: True)
    return InteractiveShell()


@pytest.fixture
def book(demonstration):
    return opsnb.open(demonstration, "2026-10", "east")


def test_a_workbook_and_a_finding_are_shown_as_they_read(shell, book):
    notebook.register(shell, book)
    bundle, _ = shell.display_formatter.format(book)
    assert "order_lines" in bundle["text/html"]
    assert "2026年10月" in bundle["text/html"]
    finding = Finding("OPS005", "info", "revenue", "east", "2026-10",
                      {"actual": 1.2e7, "attainment": 1.05})  # fmt: skip
    bundle, _ = shell.display_formatter.format(finding)
    assert "营业收入" in bundle["text/html"]
    assert "105" in bundle["text/plain"]


def test_an_error_of_ours_ends_in_its_sentence(shell, book, capsys):
    notebook.register(shell, book)
    shell.user_ns["book"] = book
    done = shell.run_cell("book.metric('revenu')")
    assert isinstance(done.error_in_exec, UnknownNameError)
    shown = capsys.readouterr().out
    assert "did you mean 'revenue'" in shown
    assert shown.count("\n") <= 4
    shell.run_line_magic("tb", "")
    whole = re.sub(r"\x1b\[[0-9;]*m", "", capsys.readouterr().out)
    assert "Traceback" in whole
    assert "catalogue.py" in whole
    assert "book.metric('revenu')" in whole
    shell.run_cell("1 / 0")
    assert "Traceback" in capsys.readouterr().out


def test_where_nobody_watches_errors_stay_as_they_are(book, monkeypatch, capsys):
    monkeypatch.setenv(SHOW, RECORDS)
    assert not progress.is_watched()
    shell = InteractiveShell()
    notebook.register(shell, book)
    shell.user_ns["book"] = book
    shell.run_cell("book.metric('revenu')")
    assert "Traceback" in capsys.readouterr().out


def test_long_work_says_so_and_short_work_does_not(monkeypatch, capsys):
    monkeypatch.setattr(progress, "is_watched", lambda: True)
    with progress.working("reading", patience=5):
        pass
    assert capsys.readouterr().err == ""
    with progress.working("reading", patience=0.01):
        time.sleep(0.2)
    first, second = capsys.readouterr().err.splitlines()
    assert first == "opsnb: reading ..."
    assert second.startswith("opsnb: reading: 0.")


def test_nothing_is_said_in_a_run(monkeypatch, capsys):
    monkeypatch.setenv("PAPERMILL_OUTPUT_PATH", "out.ipynb")
    with progress.working("reading", patience=0.0):
        time.sleep(0.05)
    assert capsys.readouterr().err == ""


def public():
    """Every public name: of the package, its analyses, results, explorer and statistics."""
    yield from ((f"opsnb.{n}", getattr(opsnb, n)) for n in opsnb.__all__)
    for module in (analyses, explore):
        yield from ((f"{module.__name__}.{n}", getattr(module, n)) for n in module.__all__)
    from opsnb.workbook import Workbook

    for kind in (Workbook, results.Result, results.Finding):
        yield kind.__name__, kind
        for name, member in inspect.getmembers(kind):
            if not name.startswith("_") and (callable(member) or isinstance(member, property)):
                yield f"{kind.__name__}.{name}", member


def test_every_public_name_has_a_docstring_and_is_completed(shell):
    for name, member in public():
        if not isinstance(member, str | tuple):
            assert inspect.getdoc(member), name
    shell.user_ns["analyses"] = analyses
    with provisionalcompleter():
        found = {one.text for one in shell.Completer.completions("analyses.con", 12)}
    assert any(text.endswith("control_chart") for text in found)
    assert set(analyses.__all__) <= set(dir(analyses))


def test_statistics_have_docstrings():
    from opsnb import stats

    for module in pkgutil.walk_packages(stats.__path__, "opsnb.stats."):
        loaded = __import__(module.name, fromlist=["_"])
        assert loaded.__doc__, module.name
        for name, member in vars(loaded).items():
            own = getattr(member, "__module__", "") == module.name
            if not name.startswith("_") and own and callable(member) and inspect.isfunction(member):
                assert inspect.getdoc(member), f"{module.name}.{name}"

"""Every shipped notebook: thin, stripped, and run from top to bottom with its own defaults."""

from __future__ import annotations

import ast
import shutil

import nbformat
import pytest
from nbclient import NotebookClient

from opsnb.reports import REPORTS
from opsnb.results import MIME, Result
from opsnb.runs import demonstration
from opsnb.shipped import shipped

FILES = sorted(shipped("notebooks").glob("*.ipynb"))
EXPLORER = "explore"
"""The one notebook that is no report: its widgets ask for the analyses."""
BY_NAME = {report.name: report for report in REPORTS}
BANNED = (
    ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda, ast.For, ast.AsyncFor,
    ast.While, ast.Try, ast.If, ast.With, ast.ListComp, ast.DictComp, ast.SetComp,
    ast.GeneratorExp,
)  # fmt: skip
CALLS = {"open": 4}  # the cell that opens the workbook may make what several cells show


@pytest.fixture(params=FILES, ids=lambda path: path.stem)
def file(request):
    return request.param


@pytest.fixture
def cells(file):
    return nbformat.read(file, as_version=4).cells


def test_every_notebook_is_a_report_and_every_report_a_notebook():
    assert {path.stem for path in FILES} == {*BY_NAME, EXPLORER}


def test_outputs_are_stripped(cells):
    for cell in cells:
        if cell.cell_type == "code":
            assert cell.outputs == []
            assert cell.execution_count is None
        assert set(cell.metadata) <= {"tags"}


def test_it_runs_in_any_python_kernel(file):
    metadata = nbformat.read(file, as_version=4).metadata
    assert metadata.kernelspec.name == "python3"
    assert metadata.kernelspec.language == "python"
    assert set(metadata) <= {"kernelspec", "language_info"}


def test_it_is_valid_and_its_cells_have_names(file, cells):
    nbformat.validate(nbformat.read(file, as_version=4))
    ids = [cell.id for cell in cells]
    assert len(set(ids)) == len(ids)


def test_title_parameters_and_opening_come_first(file, cells):
    title = "探索" if file.stem == EXPLORER else BY_NAME[file.stem].title["zh"]
    opening = "explore" if file.stem == EXPLORER else "opsnb.open"
    assert [cell.cell_type for cell in cells[:3]] == ["markdown", "code", "code"]
    assert cells[0].source == f"# {title}"
    assert cells[1].metadata.tags == ["parameters"]
    assert f"{opening}(company, period, unit, locale)" in cells[2].source
    tagged = [
        c for c in cells if c.cell_type == "code" and "parameters" in c.metadata.get("tags", [])
    ]
    assert len(tagged) == 1


def test_code_is_one_or_two_calls_a_cell(cells):
    for cell in cells:
        if cell.cell_type == "code":
            nodes = list(ast.walk(ast.parse(cell.source)))
            assert not [node for node in nodes if isinstance(node, BANNED)], cell.id
            calls = sum(isinstance(node, ast.Call) for node in nodes)
            assert calls <= CALLS.get(cell.id, 2), cell.id


def test_every_parameter_is_used(cells):
    names = {node.targets[0].id for node in ast.parse(cells[1].source).body}
    rest = "\n".join(cell.source for cell in cells[2:] if cell.cell_type == "code")
    assert names <= {node.id for node in ast.walk(ast.parse(rest)) if isinstance(node, ast.Name)}


@pytest.fixture(scope="session")
def checkout(tmp_path_factory):
    """Notebooks and the demonstration company, laid out as in a checkout."""
    root = tmp_path_factory.mktemp("checkout")
    shutil.copytree(shipped("notebooks"), root / "notebooks")
    demonstration.make(root / "params/demo")
    return root


def test_run_all_shows_a_result_in_every_cell_that_shows_something(checkout, file):
    """As in JupyterLab, where a notebook's kernel works in the notebook's folder."""
    node = nbformat.read(checkout / "notebooks" / file.name, as_version=4)
    where = {"metadata": {"path": str(checkout / "notebooks")}}
    NotebookClient(node, kernel_name="python3", timeout=240, resources=where).execute()
    if file.stem == EXPLORER:
        # A word about what takes long may stand before it.
        (output,) = (o for o in node.cells[2].outputs if o.output_type != "stream")
        assert "application/vnd.jupyter.widget-view+json" in output.data
        return
    shown = 0
    for cell in node.cells:
        if cell.cell_type != "code" or not isinstance(ast.parse(cell.source).body[-1], ast.Expr):
            continue
        (output,) = [output for output in cell.outputs if output.output_type != "stream"]
        result = Result.from_bundle(output.data[MIME])
        assert result.provenance["company"]["id"] == "demo", cell.id
        assert "<" in output.data["text/html"], cell.id
        assert output.data["text/plain"].startswith(result.name)
        shown += 1
    assert shown >= 3
    streams = [o for c in node.cells for o in c.get("outputs", []) if o.output_type == "stream"]
    assert not [o for o in streams if not o.text.startswith("opsnb: ")]  # what takes long says so

from __future__ import annotations

import runpy
import tomllib
from pathlib import Path
from types import SimpleNamespace

import nbformat
import pytest
from nbconvert.exporters import Exporter

from opsnb.errors import RunError
from opsnb.runs.exporter import OpsnbExporter
from opsnb.runs.render import render

SAMPLE = Path(__file__).with_name("sample_report.py")
PROJECT = Path(__file__).parents[2] / "pyproject.toml"


@pytest.fixture(scope="module")
def notebook():
    sample = SimpleNamespace(**runpy.run_path(str(SAMPLE)))
    return nbformat.from_dict(sample.monthly())


@pytest.mark.parametrize("locale", ["", "en"])
def test_gives_the_page_that_render_gives(notebook, locale):
    html, resources = OpsnbExporter(locale=locale).from_notebook_node(notebook)
    assert html == render(notebook, locale=locale or None).html
    assert resources["output_extension"] == ".html"


def test_refuses_a_failed_notebook(notebook):
    failed = nbformat.from_dict(notebook)
    error = {"ename": "E", "evalue": "x", "traceback": []}
    failed.cells[-1].outputs = [nbformat.v4.new_output("error", **error)]
    with pytest.raises(RunError):
        OpsnbExporter().from_notebook_node(failed)


def test_is_found_by_its_name():
    entries = tomllib.loads(PROJECT.read_text("utf-8"))["project"]["entry-points"]
    assert entries["nbconvert.exporters"] == {"opsnb": "opsnb.runs.exporter:OpsnbExporter"}
    assert issubclass(OpsnbExporter, Exporter)


def test_template_folder_is_one_that_nbconvert_reads():
    exporter = OpsnbExporter()
    folder = Path(exporter.template_paths[0])
    assert folder.name == "opsnb"
    assert {"conf.json", "index.html.j2"} <= {file.name for file in folder.iterdir()}

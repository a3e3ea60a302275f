"""Pages of notebooks that were executed before: by a run, by papermill, by nbconvert."""

from __future__ import annotations

import copy
import json
import shutil

import nbformat
import pytest

from opsnb.runs.frame import compact
from opsnb.runs.render import render

NAME = "monthly_operations"


@pytest.fixture(scope="session")
def by_papermill(root, shell, first):
    """The monthly report of the little company, executed by plain papermill."""
    ledger = root / f"params/little/{NAME}.yaml"
    told = ledger.read_text(encoding="utf-8").replace("key_metrics: [revenue, margin]\n", "")
    (root / "told.yaml").write_text(told, encoding="utf-8")
    done = shell(
        "papermill", f"notebooks/{NAME}.ipynb", "out.ipynb", "-f", "told.yaml", "-k", "python3",
        "--no-progress-bar", cwd=root,
    )  # fmt: skip
    assert done.code == 0, done.err
    return root / "out.ipynb"


@pytest.fixture
def executed(by_papermill, tmp_path):
    """A copy of it, as a dictionary and the file it is written to."""
    path = tmp_path / "out.ipynb"
    shutil.copy(by_papermill, path)
    return json.loads(path.read_text(encoding="utf-8")), path


def write(path, node):
    path.write_text(json.dumps(node), encoding="utf-8")
    return path


def test_plain_papermill_makes_the_same_page(by_papermill, first):
    """But for the provenance strip and the foot, which know of the run."""
    plain = render(nbformat.read(by_papermill, as_version=4))
    run = render(first.notebook)
    assert plain.body == run.body
    assert plain.title == run.title
    for name, part in run.parts.items():
        assert compact(part) in first.html, name


def test_render_writes_beside_the_notebook(call, executed):
    node, path = executed
    done = call("render", path)
    assert (done.code, done.err) == (0, "")
    page = path.with_name("out.html")
    assert done.out.strip() == str(page)
    assert page.read_text(encoding="utf-8") == render(node).html
    english = call("render", path, "--locale", "en")
    assert english.out.strip() == str(path.with_name("out.en.html"))
    text = path.with_name("out.en.html").read_text(encoding="utf-8")
    assert "<html lang=en" in text
    assert "Everything" in text
    assert page.read_text(encoding="utf-8") == render(node).html


def test_render_to_a_file_of_one_s_own(call, executed, tmp_path):
    _, path = executed
    target = tmp_path / "page.html"
    assert call("render", path, "--to", target).out.strip() == str(target)
    assert target.read_text(encoding="utf-8").startswith("<!")


def test_nbconvert_makes_the_same_page(shell, executed):
    node, path = executed
    done = shell("jupyter", "nbconvert", "--to", "opsnb", path)
    assert done.code == 0, done.err
    assert path.with_name("out.html").read_text(encoding="utf-8") == render(node).html


def refused(call, path, code, *words):
    done = call("render", path)
    assert done.code == code
    assert done.out == ""
    assert done.err.count("\n") == 1
    for word in words:
        assert word in done.err
    assert not path.with_suffix(".html").exists()


def test_a_parameter_that_papermill_let_pass_is_refused(call, executed):
    node, path = executed
    node["metadata"]["papermill"]["parameters"]["preiod"] = "2026-09"
    refused(call, write(path, node), 2, "unknown parameter 'preiod'", "did you mean 'period'?")


def test_a_parameter_that_papermill_made_a_number_is_refused(call, executed):
    node, path = executed
    node["metadata"]["papermill"]["parameters"]["period"] = 202610
    refused(call, write(path, node), 2, "'period' is 202610", "2026-10")


def test_a_failed_notebook_is_refused(call, executed):
    node, path = executed
    fault = {"output_type": "error", "ename": "ValueError", "evalue": "boom", "traceback": []}
    node["cells"][-1]["outputs"] = [fault]
    refused(call, write(path, node), 1, "the notebook failed: ValueError: boom")


def test_a_notebook_that_papermill_began_and_never_finished_is_refused(call, executed):
    node, path = executed
    node["cells"][-1]["metadata"]["papermill"]["status"] = "pending"
    refused(call, write(path, node), 1, "did not run to its end")


def test_a_notebook_whose_kernel_died_is_refused(call, executed):
    """papermill 2.7 calls the cells after the death completed; only their exception is null."""
    node, path = executed
    for cell in node["cells"][-4:]:
        cell["metadata"]["papermill"].update(
            exception=None, start_time=None, end_time=None, duration=None
        )
        if cell["cell_type"] == "code":
            cell.update(outputs=[], execution_count=None)
    refused(call, write(path, node), 1, "did not run to its end")


def test_what_is_no_notebook_is_refused(call, executed, tmp_path):
    node, path = executed
    empty = copy.deepcopy(node)
    empty["cells"] = []
    refused(call, write(path, empty), 1, "shows no result")
    for text in ("{", "[]", '{"a": 1}', "\x00"):
        path.write_text(text, encoding="utf-8")
        refused(call, path, 1, "not a notebook")
    path.write_bytes(b"\xff\xfe")
    refused(call, path, 1, "not a notebook")
    refused(call, tmp_path / "uot.ipynb", 1, "no file", "did you mean 'out.ipynb'?")
    done = call("render", tmp_path, "--output", tmp_path)
    assert done.code == 1
    assert "no run in" in done.err


def test_unknown_locale_is_refused(call, executed):
    done = call("render", executed[1], "--locale", "de")
    assert done.code == 2
    assert "unknown locale 'de'" in done.err


def test_another_language_of_a_run(call, first, root, tmp_path):
    outputs = tmp_path / "outputs"
    folder = outputs / first.folder.relative_to(root / "outputs")
    shutil.copytree(first.folder, folder)
    was = {path.name: path.read_bytes() for path in folder.iterdir()}
    english = folder / "report.en.html"
    for source in (folder, first.folder.name):
        done = call("render", source, "--locale", "en", "--output", outputs)
        assert (done.code, done.err) == (0, "")
        assert done.out.strip() == str(english)
        text = english.read_text(encoding="utf-8")
        english.unlink()
    assert first.manifest["run_id"] in text
    digest = first.manifest["content_digest"]
    assert f"{digest[:4]}·{digest[4:8]}·{digest[8:12]}" in text
    own = call(
        "render", first.folder.name, "--output", outputs, "--company", root / "params/little"
    )
    assert own.out.strip() == str(folder / "report.html")
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == was


def test_a_run_that_failed_has_no_page(call, first, tmp_path):
    folder = tmp_path / "run"
    shutil.copytree(first.folder, folder)
    (folder / "manifest.json").write_text(
        json.dumps(first.manifest | {"status": "failed"}), encoding="utf-8"
    )
    done = call("render", folder, "--locale", "en")
    assert done.code == 1
    assert "failed" in done.err

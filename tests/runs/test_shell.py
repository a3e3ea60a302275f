"""The shell that runs a notebook in its own process, held against a kernel, cell for cell."""

from __future__ import annotations

import os
import subprocess
import sys

import nbformat
import pytest

from opsnb.runs import kernel
from opsnb.runs.execute import execute

HERE = """
import sys
from pathlib import Path
from opsnb.runs.execute import execute
source, target, seconds = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
failure = execute(source, target, {"n": 3}, None, cell_timeout=seconds)
print("" if failure is None else failure.kind)
"""
CELLS = {
    "streams": "import sys\nprint('one')\nprint('two')\nprint('three', file=sys.stderr)\nprint(n)",
    "value": "n * 2",
    "frame": "import pandas as pd\npd.DataFrame({'a': [1, 2], '名': ['x', 'y']})",
    "displays": "display('first')\ndisplay({'application/json': {'x': 1}}, raw=True)\n'last'",
    "update": "handle = display('before', display_id=True)\nhandle.update('after')",
    "import": "from IPython.display import clear_output",
    "cleared": "print('gone')\nclear_output()\nprint('stays')",
    "waits": "print('gone')\nclear_output(wait=True)\nprint('new')",
    "suppressed": "n;",
    "none": "None",
    "html": "from IPython.display import HTML\nHTML('<b>bold</b>')",
    "figure": "import matplotlib.pyplot as plt\nplt.plot([1, 2, 3])\nplt.title('t');",
    "two figures": "for k in range(2):\n    plt.figure()\n    plt.plot([k, 1])",
    "await": "import asyncio\nawait asyncio.sleep(0, 'awaited')",
    "magic": "%env OPSNB_ANY=1",
    "empty": "   ",
    "main": "__name__",
    "back": "_",
}  # fmt: skip


class Streams(dict):
    """What was printed between two other outputs, by stream."""


def normal(output):
    """What of an output must agree: the words of an error may name the process's own places."""
    return output.ename if output.output_type == "error" else dict(output)


def outputs(path):
    """Execution count and outputs by source; how two streams are cut and woven is chance."""
    found = {}
    for cell in nbformat.read(path, as_version=4).cells:
        pieces = []
        for output in cell.get("outputs", []):
            if output.output_type != "stream":
                pieces.append(normal(output))
                continue
            if not pieces or not isinstance(pieces[-1], Streams):
                pieces.append(Streams())
            pieces[-1][output.name] = pieces[-1].get(output.name, "") + output.text
        found[cell.source] = (cell.get("execution_count"), pieces)
    return found


@pytest.fixture
def notebook(tmp_path):
    def make(*sources, tags=()):
        new = nbformat.v4
        parameters = new.new_code_cell("n = 0", metadata={"tags": ["parameters"]})
        cells = [new.new_markdown_cell("# Title"), parameters]
        cells += [new.new_code_cell(source, metadata={"tags": list(tags)}) for source in sources]
        nbformat.write(new.new_notebook(cells=cells), tmp_path / "in.ipynb")
        return tmp_path / "in.ipynb"

    return make


@pytest.fixture
def here(tmp_path):
    """Execute a notebook in a process of its own; returns the file and the kind of failure."""

    def run(path, seconds=60):
        out = tmp_path / "here.ipynb"
        done = subprocess.run(
            [sys.executable, "-c", HERE, path, out, str(seconds)],
            capture_output=True, text=True, timeout=120, check=False,
            env=os.environ | {"IPYTHONDIR": str(tmp_path / "none")},
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return out, done.stdout.strip()

    return run


def test_what_cells_show_is_what_a_kernel_shows(notebook, here, tmp_path):
    path = notebook(*CELLS.values())
    ours, failure = here(path)
    assert failure == ""
    with kernel.started() as ready:
        assert execute(path, tmp_path / "there.ipynb", {"n": 3}, ready) is None
    mine, theirs = outputs(ours), outputs(tmp_path / "there.ipynb")
    assert mine.keys() == theirs.keys()
    for name, source in CELLS.items():
        assert mine[source] == theirs[source], name
    pictures = [o for o in mine[CELLS["two figures"]][1] if "image/png" in o.get("data", {})]
    assert len(pictures) == 2


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        ("1 / 0", "ZeroDivisionError"),
        ("x = (", "SyntaxError"),
        ("input()", "StdinNotImplementedError"),
    ],
)
@pytest.mark.parametrize("tags", [(), ("raises-exception",)])
def test_an_error_ends_it_as_it_ends_a_kernel_s(notebook, here, tmp_path, source, kind, tags):
    path = notebook("a = 1", source, "a", tags=tags)
    ours, failure = here(path)
    with kernel.started() as ready:
        there = execute(path, tmp_path / "there.ipynb", {"n": 3}, ready)
    assert failure == there.kind == kind
    assert outputs(ours) == outputs(tmp_path / "there.ipynb")
    states = [
        cell.metadata.papermill.status
        for cell in nbformat.read(ours, as_version=4).cells
        if cell.cell_type == "code"
    ]
    assert states[-3:] == ["completed", *(("completed",) * 2 if tags else ("failed", "pending"))]


@pytest.mark.parametrize(
    "endless",
    [
        "while True:\n    pass",
        "import time\nwhile True:\n  try:\n    time.sleep(0.05)\n  except Exception:\n    pass",
    ],
)  # fmt: skip
def test_a_cell_that_never_ends_is_interrupted(notebook, here, endless):
    ours, failure = here(notebook("n", endless, "n"), seconds=1)
    assert failure == "CellTimeoutError"
    states = [
        cell.metadata.papermill.status
        for cell in nbformat.read(ours, as_version=4).cells
        if cell.cell_type == "code"
    ]
    assert states[-3:] == ["completed", "failed", "pending"]

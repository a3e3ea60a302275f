import subprocess
import sys

from opsnb.runs.execute import Failure, _absent

PROGRAM = """
import sys
from opsnb.runs.execute import imported_papermill
papermill, _ = imported_papermill()
assert "rfc3987_syntax" not in sys.modules
import nbformat
node = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("x")])
nbformat.validate(node)
node.cells[0].pop("source")
try:
    nbformat.validate(node)
except nbformat.ValidationError:
    print("refused")
import rfc3987_syntax
"""


def test_the_costly_grammar_is_passed_over_and_notebooks_are_validated_all_the_same():
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.stdout, done.stderr) == ("refused\n", "")


def test_a_module_that_is_there_already_stays_as_it_is():
    import json

    with _absent("json"):
        assert sys.modules["json"] is json
    assert sys.modules["json"] is json


def test_a_failure_is_told_in_one_line():
    assert str(Failure("ValueError", "\nfirst\nsecond")) == "ValueError: first"
    assert str(Failure("DeadKernelError", "")) == "DeadKernelError"

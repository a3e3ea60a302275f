"""One report from a cold start: ``opsnb run`` against papermill and nbconvert by command line."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks._measure import interleaved, show
from opsnb.runs import demonstration
from opsnb.shipped import shipped

ROUNDS = 5
NAME = "monthly_operations"
BIN = Path(sys.executable).parent
ENVIRONMENT = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        company = demonstration.make(folder / "params/demo")
        notebook = shipped("notebooks") / f"{NAME}.ipynb"
        parameters = company / f"{NAME}.yaml"

        def ours() -> None:
            shutil.rmtree(folder / "cache", ignore_errors=True)  # nothing is known of the sources
            _run(folder, "opsnb", "run", NAME, "--company", "demo")

        def theirs() -> None:
            shutil.rmtree(folder / "cache", ignore_errors=True)
            _run(folder, "papermill", notebook, "out.ipynb", "-f", parameters)
            _run(folder, "jupyter", "nbconvert", "--to", "html", "--no-input", "out.ipynb")

        contestants = {"papermill, then nbconvert": theirs, "opsnb run": ours}
        show("One report of the demonstration company, cold", interleaved(contestants, ROUNDS))


def _run(folder: Path, command: str, *arguments: object) -> None:
    words = [str(BIN / command), *map(str, arguments)]
    environment = ENVIRONMENT | {"OPSNB_CACHE": str(folder / "cache")}
    subprocess.run(words, cwd=folder, env=environment, check=True, capture_output=True)


if __name__ == "__main__":
    main()

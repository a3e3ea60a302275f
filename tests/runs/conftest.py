"""Runs of the little company, each made once a session."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import nbformat
import pandas as pd
import pytest

from opsnb.reports import MonthlyOperationsParams, Report, report
from opsnb.results import MIME, Result
from opsnb.runs.perform import perform
from opsnb.runs.run import Outcome
from opsnb.shipped import shipped

MONTHLY = report("monthly_operations")


@dataclass(frozen=True)
class Finished:
    """A finished run, read back from its folder."""

    folder: Path

    @cached_property
    def manifest(self) -> dict[str, Any]:
        return json.loads((self.folder / "manifest.json").read_text(encoding="utf-8"))

    @cached_property
    def html(self) -> str:
        return (self.folder / "report.html").read_text(encoding="utf-8")

    @cached_property
    def notebook(self) -> Any:
        return nbformat.read(self.folder / "notebook.ipynb", as_version=4)

    @cached_property
    def shown(self) -> list[Result]:
        """Results of the notebook, their parts after them."""
        outputs = [output for cell in self.notebook.cells for output in cell.get("outputs", [])]
        bundles = [output.data[MIME] for output in outputs if MIME in output.get("data", {})]
        whole = [Result.from_bundle(bundle) for bundle in bundles]
        return [one for result in whole for one in _with_parts(result)]

    def table(self, name: str) -> pd.DataFrame:
        return pd.read_parquet(self.folder / f"{name}.parquet")


def _with_parts(result: Result) -> list[Result]:
    return [result, *(inner for part in result.parts for inner in _with_parts(part))]


@pytest.fixture(scope="session")
def root(tmp_path_factory: pytest.TempPathFactory, make_little: Callable[[Path], Path]) -> Path:
    """Folder laid out as a checkout is: notebooks, and params with the little company."""
    root = tmp_path_factory.mktemp("root")
    shutil.copytree(shipped("notebooks"), root / "notebooks")
    make_little(root / "params/little")
    return root


@pytest.fixture(scope="session")
def run_little(root: Path) -> Callable[..., Outcome]:
    """Run the monthly report of the little company, or another report or company."""

    def run(
        outputs: Path,
        *,
        spec: Report = MONTHLY,
        company: Path = root / "params/little",
        **more: Any,
    ) -> Outcome:
        limit = {key: more.pop(key) for key in ("cell_timeout", "name") if key in more}
        values = {"trend_metric": "revenue", "trend_months": 12} | more
        params = MonthlyOperationsParams(company=str(company), **values)
        return perform(spec, params, outputs, **limit)

    return run


@pytest.fixture(scope="session")
def read_run() -> Callable[[Path], Finished]:
    """Read a finished run back from its folder."""
    return Finished


@pytest.fixture(scope="session")
def first(root: Path, run_little: Callable[..., Outcome]) -> Finished:
    outcome = run_little(root / "outputs")
    assert outcome.status == "done", outcome.message
    return Finished(outcome.folder)


@pytest.fixture(scope="session")
def second(root: Path, run_little: Callable[..., Outcome], first: Finished) -> Finished:
    """The same once more."""
    outcome = run_little(root / "outputs")
    assert outcome.status == "done", outcome.message
    return Finished(outcome.folder)

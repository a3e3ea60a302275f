"""Manifest: what a run was made of and what it made, written once and never again."""

from __future__ import annotations

import platform
import subprocess
from collections.abc import Mapping
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

from opsnb.company import Company
from opsnb.runs.store import sha256
from opsnb.shipped import PACKAGE
from opsnb.workbook import Workbook

SCHEMA = 1
PACKAGES = (
    "opsnb", "papermill", "nbconvert", "pandas", "numpy", "duckdb", "sqlglot", "matplotlib", "pydantic", "pyarrow",
)  # fmt: skip
SETTINGS = ("company.yaml", "sources.yaml", "metrics.yaml")


def inputs(workbook: Workbook, notebook: Path) -> list[dict[str, Any]]:
    """Files that the run reads: notebook, settings, ledgers and sources, each with its hash."""
    folder = workbook.company.folder
    files = [folder / name for name in SETTINGS] + sorted((folder / "ledgers").glob("*.csv"))
    found = [{"path": notebook.name, "kind": "notebook", "sha256": sha256(notebook)}]
    found += [
        {"path": str(path.relative_to(folder)), "kind": "settings", "sha256": sha256(path)} for path in files
    ]
    for name, table in workbook.company.tables.items():
        loaded = workbook.load(name)
        found.append(
            {
                "path": table.path, "kind": "source", "table": name, "sha256": loaded.sha256,
                "rows": loaded.rows, "modified": loaded.modified.isoformat(),
            }
        )  # fmt: skip
    return found


def checks(workbook: Workbook) -> list[dict[str, Any]]:
    """State of every table as it was found."""
    return [
        {
            "table": name,
            "rows_in_period": workbook.coverage(name).rows,
            "units_missing": list(workbook.coverage(name).missing),
            "unknown_units": workbook.coverage(name).unknown,
            "unparsed": workbook.load(name).unparsed,
            "without_date": workbook.load(name).without_date,
        }
        for name in workbook.company.tables
    ]


def outputs(folder: Path) -> list[dict[str, Any]]:
    """Files that the run made, with size and hash."""
    return [
        {"path": path.name, "bytes": path.stat().st_size, "sha256": sha256(path)}
        for path in sorted(folder.iterdir())
        if path.name != "manifest.json"
    ]


def environment() -> dict[str, Any]:
    """Versions of Python and of the packages that make the numbers and the page; the commit."""
    return {"python": platform.python_version(), "packages": _versions(), "commit": _commit()}


def input_hashes(found: list[dict[str, Any]]) -> dict[str, str]:
    """sha256 by path, for the content digest."""
    return {f"{item['kind']}:{item['path']}": str(item["sha256"]) for item in found}


def calendar(company: Company, provenance: Mapping[str, Any]) -> Mapping[str, Any]:
    """Calendar that counted the working days, and its version."""
    return provenance.get("calendar", {"name": company.profile.calendar})


@cache
def _versions() -> dict[str, str]:
    return {name: metadata.version(name) for name in PACKAGES}


@cache
def _commit() -> str | None:
    """Commit of the checkout the package runs from; None outside one."""
    if not (PACKAGE.parent / ".git").exists():
        return None
    command = ["git", "-C", str(PACKAGE.parent), "rev-parse", "HEAD"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=5, check=False)  # noqa: S603
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() or None

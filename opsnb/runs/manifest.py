"""Manifest: what a run was made of and what it made, written once and never again."""

from __future__ import annotations

import hashlib
import json
import platform
import subprocess
from collections.abc import Mapping
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

from opsnb.calendar import calendar_version
from opsnb.company import Company, own, pins, topics
from opsnb.data.issued import places
from opsnb.data.ledgers.files import ledger_files
from opsnb.data.reported import told
from opsnb.errors import SettingsError
from opsnb.runs import unchanged
from opsnb.runs.store import sha256
from opsnb.shipped import PACKAGE
from opsnb.workbook import Workbook

SCHEMA = 1
PACKAGES = (
    "opsnb",
    "papermill",
    "nbclient",
    "pandas",
    "numpy",
    "duckdb",
    "sqlglot",
    "matplotlib",
    "fonttools",
    "babel",
    "pydantic",
    "pyarrow",
)
SETTINGS = ("company.yaml", "sources.yaml", "metrics.yaml")
OPTIONAL = (pins.FILE,)
"""Settings that a company may have."""


def inputs(workbook: Workbook, notebook: Path) -> list[dict[str, Any]]:
    """Files that the run reads: notebook, settings, ledgers and sources, each with its hash."""
    company = workbook.company
    found: list[dict[str, Any]] = [
        {"path": notebook.name, "kind": "notebook", "sha256": sha256(notebook)}
    ]
    for name, digest in settings(company).items():
        kind = "code" if name.endswith(".py") else "settings"
        found.append({"path": name, "kind": kind, "sha256": digest})
    for table in company.tables:
        loaded = workbook.load(table)
        found.append(
            {
                "path": loaded.path,
                "kind": "source",
                "table": table,
                "sha256": loaded.sha256,
                "rows": loaded.rows,
                "modified": loaded.modified.isoformat(),
            }
        )
    return found


def settings(company: Company) -> dict[str, str]:
    """Hashes of the settings, modules, ledgers and calendar in the company's folder, by name.

    Raises
    ------
    SettingsError
        One of the settings is not there.
    """
    paths = [company.folder / name for name in SETTINGS]
    paths += [path for name in OPTIONAL if (path := company.folder / name).exists()]
    paths += [*own.modules(company.folder), *topics.files(company.folder)]
    paths += ledger_files(company.folder / "ledgers")
    if Path(company.calendar).suffix:
        paths.append(Path(company.calendar))
    try:
        return {path.relative_to(company.folder).as_posix(): sha256(path) for path in paths}
    except FileNotFoundError as error:
        raise SettingsError("no such file", where=str(error.filename)) from None


def history(workbook: Workbook, outputs: Path) -> list[dict[str, Any]]:
    """Runs of earlier months that the report looks back on, each with its content digest.

    Their forecasts are held to account, and their numbers against what the data say today.
    """
    found = []
    for latest in places(outputs, workbook.company.id, workbook.unit, workbook.period):
        name = latest.relative_to(outputs / workbook.company.id).as_posix()
        try:
            digest = str(json.loads(latest.read_text(encoding="utf-8"))["content_digest"])
        except (OSError, ValueError, KeyError, TypeError):
            digest = ""  # the report says that it cannot be read
        found.append({"path": name, "kind": "history", "sha256": digest})
    where = (outputs, workbook.company.id, workbook.unit, workbook.period)
    for run in told(*where)[0]:
        if run.published:  # another run than the latest may stand
            path = run.folder.relative_to(outputs / workbook.company.id).as_posix()
            found.append({"path": path, "kind": "history", "sha256": run.digest})
    return found


def checks(workbook: Workbook) -> list[dict[str, Any]]:
    """State of every table as it was found."""
    return [_check(workbook, table) for table in workbook.company.fact_tables]


def _check(workbook: Workbook, table: str) -> dict[str, Any]:
    loaded, coverage = workbook.load(table), workbook.coverage(table)
    return {
        "table": table,
        "rows_in_period": coverage.rows,
        "units_missing": list(coverage.missing),
        "unknown_units": coverage.unknown,
        "unparsed": loaded.unparsed,
        "without_date": loaded.without_date,
        "ahead": coverage.ahead,
        "excluded": loaded.excluded,
        "merged": loaded.merged,
        "unmatched": dict(loaded.unmatched),
        "recognised": dict(loaded.recognised),
        "alerts": [
            {
                "check": alert.kind,
                "severity": alert.severity,
                "count": alert.count,
                "total": alert.total,
                "units": list(alert.units),
                "examples": list(alert.examples),
            }
            for alert in workbook.alerts
            if alert.table == table
        ],
    }


def outputs(folder: Path) -> list[dict[str, Any]]:
    """Files that the run made, with size and hash."""
    return [
        {"path": path.name, "bytes": path.stat().st_size, "sha256": sha256(path)}
        for path in sorted(folder.iterdir())
        if path.name != "manifest.json"
    ]


def environment() -> dict[str, Any]:
    """Versions of Python and of the packages that make the numbers and the page; the code."""
    return {
        "python": platform.python_version(),
        "packages": _versions(),
        "commit": _commit(),
        "code": code_hash(),
    }


def input_hashes(found: list[dict[str, Any]]) -> dict[str, str]:
    """sha256 by path, for the content digest."""
    return {f"{item['kind']}:{item['path']}": str(item["sha256"]) for item in found}


def key(
    workbook: Workbook,
    found: list[dict[str, Any]],
    parameters: Mapping[str, Any],
    closing: Mapping[str, str] | None = None,
) -> str:
    """Hash of all that a report depends on: inputs, parameters, calendar, code and environment.

    How its month stands (`closing`) changes the strip above it, though not its content.

    Two runs of the same key show the same figures.
    """
    content = {
        "inputs": input_hashes(found),
        # Where company and earlier runs lie is no matter; what lies there is among the inputs.
        "parameters": {n: v for n, v in parameters.items() if n not in ("company", "history")},
        "calendar": calendar_version(workbook.company.calendar),
        "closing": closing,
        "code": code_hash(),
        "python": platform.python_version(),
        "packages": _versions(),
    }
    text = json.dumps(content, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


@cache
def code_hash() -> str:
    """Hash of the package's own files: code, templates, styles, catalogues and tables."""
    return unchanged.tree_hash(str(PACKAGE))


@cache
def _versions() -> dict[str, str]:
    return {name: metadata.version(name) for name in PACKAGES}


@cache
def _commit() -> str | None:
    """Commit of the checkout the package runs from, marked when files differ; None outside one."""
    if not (PACKAGE.parent / ".git").exists():
        return None
    command = ["git", "-C", str(PACKAGE.parent), "describe", "--always", "--dirty", "--abbrev=40"]
    try:
        done = subprocess.run(  # noqa: S603
            [*command, "--exclude=*"], capture_output=True, text=True, timeout=5, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() or None

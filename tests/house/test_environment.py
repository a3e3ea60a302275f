"""What is declared, what is locked, what conda is asked for, and what the code imports agree."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

# Where conda-forge calls a distribution by another name.
CONDA = {
    "brotli": "brotli-python",
    "duckdb": "python-duckdb",
    "matplotlib": "matplotlib-base",  # without Qt, which a report does not need
    "seaborn": "seaborn-base",
}
NOT_ON_CONDA = {"pylopdf-fonts-zh-cn"}
PART_OF = {"pydantic-core": "pydantic"}  # which pins it to one version
PIN = re.compile(r"^([a-z0-9.-]+)==(\S+)", re.M)


def bounds(requirements: list[str]) -> dict[str, str]:
    """Version bounds by name."""
    parsed = [Requirement(text) for text in requirements]
    return {canonicalize_name(item.name): str(item.specifier) for item in parsed}


@pytest.fixture(scope="module")
def wanted(pyproject: dict[str, Any]) -> dict[str, str]:
    return bounds(pyproject["project"]["dependencies"])


@pytest.fixture(scope="module")
def environment(root: Path) -> dict[str, Any]:
    return yaml.safe_load((root / "environment.yml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def lock(root: Path) -> str:
    return (root / "requirements.lock").read_text(encoding="utf-8")


def test_conda_is_asked_for_the_same(
    pyproject: dict[str, Any], environment: dict[str, Any], wanted: dict[str, str]
) -> None:
    named = [item for item in environment["dependencies"] if isinstance(item, str)]
    assert len(named) == len(set(named))
    found = bounds(named)
    assert found.pop("python") == pyproject["project"]["requires-python"]
    assert found.pop("pip") == ""
    assert found == {CONDA.get(n, n): b for n, b in wanted.items() if n not in NOT_ON_CONDA}


def test_pip_is_asked_for_the_rest(environment: dict[str, Any], wanted: dict[str, str]) -> None:
    (rest,) = (item["pip"] for item in environment["dependencies"] if isinstance(item, dict))
    assert bounds(rest) == {name: wanted[name] for name in NOT_ON_CONDA}


def test_conda_is_asked_of_one_channel(environment: dict[str, Any]) -> None:
    assert environment["channels"] == ["conda-forge"]
    assert set(environment) == {"name", "channels", "dependencies"}


def test_the_lock_holds_what_is_declared(pyproject: dict[str, Any], lock: str) -> None:
    """In all its forks; ``CONTRIBUTING.md`` tells how it is refreshed."""
    pinned: dict[str, set[str]] = {}
    for name, version in PIN.findall(lock):
        pinned.setdefault(canonicalize_name(name), set()).add(version)
    project = pyproject["project"]
    declared = [*project["dependencies"], *project["optional-dependencies"]["dev"]]
    declared += pyproject["build-system"]["requires"]
    for item in map(Requirement, declared):
        versions = pinned.get(canonicalize_name(item.name), set())
        assert versions, f"{item.name} is not in requirements.lock"
        assert all(item.specifier.contains(version) for version in versions), str(item)


def test_everything_locked_has_a_hash(lock: str) -> None:
    for block in re.split(r"^(?=[a-z0-9])", lock, flags=re.M):
        if match := PIN.match(block):
            assert "--hash=sha256:" in block, match[0]


def test_the_lock_names_no_index(lock: str) -> None:
    assert not re.search(r"https?://|--(extra-)?index|--find-links| @ ", lock)


def test_what_is_imported_is_declared(
    root: Path, pyproject: dict[str, Any], wanted: dict[str, str]
) -> None:
    """Directly, not because something else happens to need it; an extra where it is used."""
    extras = dict(pyproject["project"]["optional-dependencies"])
    del extras["dev"]
    optional = bounds([requirement for group in extras.values() for requirement in group])
    assert not undeclared(root / "opsnb", {*wanted, *optional})
    for path in (root / "opsnb").rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        at_start = [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
        assert not names_of(at_start) & set(optional), path


def test_what_tests_import_is_declared(
    root: Path, pyproject: dict[str, Any], wanted: dict[str, str]
) -> None:
    groups = pyproject["project"]["optional-dependencies"].values()
    extras = [requirement for group in groups for requirement in group]
    for folder in ("tests", "benchmarks"):
        assert not undeclared(root / folder, {*wanted, *bounds(extras)})


def undeclared(folder: Path, declared: set[str]) -> list[str]:
    """Imports of distributions that are not among `declared`."""
    known = metadata.packages_distributions()
    own = {path.stem for path in folder.rglob("*.py")} | {"opsnb", folder.name}
    found = []
    for path in sorted(folder.rglob("*.py")):
        for module in sorted(imported(path) - sys.stdlib_module_names - own):
            names = {canonicalize_name(name) for name in known.get(module, [module])}
            names |= {PART_OF[name] for name in names & set(PART_OF)}
            if not names & declared:
                found.append(f"{path.relative_to(folder)} imports {module}")
    return found


def imported(path: Path) -> set[str]:
    """Top-level names that a module imports, wherever in it."""
    return names_of(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))


def names_of(nodes: Iterable[ast.AST]) -> set[str]:
    """Top-level names that these import, whatever else is among them."""
    found: set[str] = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            found.add(node.module.split(".")[0])
    return found

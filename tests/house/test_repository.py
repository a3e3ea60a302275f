"""The repository keeps its own house: layers, versions, notebooks, and no trace of a machine."""

from __future__ import annotations

import ast
import json
import os
import re
from pathlib import Path
from typing import Any

import pytest
from importlinter import cli as linter

import opsnb

# Written so that this file does not match itself.
MACHINE = re.compile(
    r"(?<![\w.~)}])/(?:tm[p]/|wor[k](?![\w-])|roo[t](?![\w-])|hom[e]/\w|User[s]/\w)"
)
REGISTRY = re.compile(
    r"pyp[i]\.org|pythonhoste[d]\.org|anacond[a]\.(?:org|com)|npmj[s]\.|debia[n]\.org", re.I
)
TRACES = (
    "see /tm" + "p/x",
    "'/wor" + "k/main'",
    "/roo" + "t",
    "/hom" + "e/me",
    "https://pyp" + "i.org/simple",
)
INNOCENT = ("days/workdays", "outputs/home", "a/root/b", "x / work", "/workbook")


def test_no_file_names_a_machine_or_a_registry(files: list[Path], root: Path) -> None:
    found = []
    for path in files:
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        for number, line in enumerate(text.splitlines(), start=1):
            if match := MACHINE.search(line) or REGISTRY.search(line):
                found.append(f"{path.relative_to(root)}:{number}: {match[0]}")
    assert not found, "\n".join(found)


@pytest.mark.parametrize("line", TRACES)
def test_a_machine_or_a_registry_would_be_found(line: str) -> None:
    assert MACHINE.search(line) or REGISTRY.search(line)


@pytest.mark.parametrize("line", INNOCENT)
def test_words_like_them_are_let_pass(line: str) -> None:
    assert not MACHINE.search(line)
    assert not REGISTRY.search(line)


def test_notebooks_are_stripped(files: list[Path], root: Path) -> None:
    notebooks = [path for path in files if path.suffix == ".ipynb"]
    assert notebooks
    for path in notebooks:
        content = json.loads(path.read_text(encoding="utf-8"))
        name = path.relative_to(root)
        assert set(content["metadata"]) <= {"kernelspec", "language_info"}, name
        assert set(content["metadata"].get("language_info", {})) <= {"name"}, name
        for cell in content["cells"]:
            assert not cell.get("outputs"), f"{name}: cell {cell['id']} has outputs"
            assert cell.get("execution_count") is None, f"{name}: cell {cell['id']} has a number"
            assert set(cell["metadata"]) <= {"tags"}, f"{name}: cell {cell['id']} has metadata"


def test_version_stands_once(pyproject: dict[str, Any]) -> None:
    assert pyproject["project"]["version"] == opsnb.__version__


def test_every_module_says_what_it_is(root: Path) -> None:
    for path in (root / "opsnb").rglob("*.py"):
        assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))), path.relative_to(
            root
        )


def test_layers_hold(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The contracts of ``pyproject.toml``; the output names what is broken, and where."""
    monkeypatch.chdir(root)
    assert linter.lint_imports(config_filename="pyproject.toml", no_cache=True) == 0


def test_every_layer_but_display_may_not_draw(pyproject: dict[str, Any]) -> None:
    contracts = pyproject["tool"]["importlinter"]["contracts"]
    (layers,) = (contract for contract in contracts if contract["type"] == "layers")
    (drawing,) = (c for c in contracts if "matplotlib" in c.get("forbidden_modules", ()))
    named = {name.strip() for layer in layers["layers"] for name in layer.split("|")}
    assert set(drawing["source_modules"]) == {f"opsnb.{name}" for name in named - {"display"}}


def test_changelog_has_what_is_not_released(root: Path) -> None:
    headings = re.findall(r"^## (.+)$", (root / "CHANGELOG.md").read_text(encoding="utf-8"), re.M)
    assert headings[0] == "[Unreleased]"


def test_decisions_are_listed(root: Path) -> None:
    folder = root / "docs" / "decisions"
    pages = {path.name for path in folder.glob("[0-9]*.md")}
    index = (folder / "README.md").read_text(encoding="utf-8")
    assert set(re.findall(r"\]\((\d{4}-[\w-]+\.md)\)", index)) == pages
    for page in pages:
        text = (folder / page).read_text(encoding="utf-8")
        assert text.startswith(f"# {page[:4]} ")
        assert re.findall(r"^## (.+)$", text, re.M) == ["Context", "Decision", "Consequences"]


def test_ci_can_be_run(root: Path) -> None:
    assert os.access(root / ".ci" / "run", os.X_OK)


def test_links_between_pages_lead_somewhere(files: list[Path], root: Path) -> None:
    for path in files:
        if path.suffix == ".md":
            text = re.sub(r"^```.*?^```", "", path.read_text(encoding="utf-8"), flags=re.M | re.S)
            text = re.sub(r"`[^`\n]*`", "", text)  # code is no link
            for target in re.findall(r"\]\(([^)#:]+)\)", text):
                assert (path.parent / target).exists(), f"{path.relative_to(root)}: {target}"

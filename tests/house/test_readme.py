"""What the READMEs tell a reader to do can be done, and both say the same."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
import typer

import opsnb
from opsnb import analyses, errors
from opsnb.cli import app

READMES = ("README.md", "README.zh-CN.md")
BLOCK = re.compile(r"^(?:`([^`\n]+)`\n)?```(\w+)\n(.*?)^```$", re.M | re.S)


def blocks(readme: Path, language: str) -> list[tuple[str, str]]:
    """Name and text of the fenced blocks of a language; the name stands on the line before."""
    found = BLOCK.findall(readme.read_text(encoding="utf-8"))
    return [(name, text) for name, kind, text in found if kind == language]


def commands(readme: Path) -> list[list[str]]:
    """Words of every command line."""
    lines = [line for _, text in blocks(readme, "sh") for line in text.splitlines() if line]
    return [shlex.split(line) for line in lines]


def example(readme: Path) -> dict[str, str]:
    """Files of the example company."""
    found = [*blocks(readme, "yaml"), *blocks(readme, "csv")]
    return {name: text for name, text in found if name}


@pytest.fixture(params=READMES)
def readme(request: pytest.FixtureRequest, root: Path) -> Path:
    return root / str(request.param)


def test_verbs_are_in_the_makefile(readme: Path, root: Path) -> None:
    targets = re.findall(r"^([a-z]+):", (root / "Makefile").read_text(encoding="utf-8"), re.M)
    asked = [words[1] for words in commands(readme) if words[0] == "make"]
    assert {"report", "test"} <= set(asked) <= set(targets)


def test_commands_are_understood(readme: Path) -> None:
    """Verbs, arguments and options, as the command line itself reads them."""
    group = typer.main.get_command(app)
    asked = [words[3:] for words in commands(readme) if words[:3] == ["python", "-m", "opsnb"]]
    assert {words[0] for words in asked} == {"run", "demo", "render"}
    for words in asked:
        verb = group.commands[words[0]]  # type: ignore[attr-defined]
        verb.make_context(words[0], words[1:])  # raises for what it does not know


def test_options_of_run_are_all_told(readme: Path) -> None:
    run = typer.main.get_command(app).commands["run"]  # type: ignore[attr-defined]
    known = {name for item in run.params for name in item.opts if name.startswith("--")}
    told = re.findall(r"^\| `(--[a-z-]+)", readme.read_text(encoding="utf-8"), re.M)
    assert sorted(told) == sorted(known - {"--help"})


def test_exit_codes_are_all_told(readme: Path) -> None:
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type)]
    known = {kind.exit_code for kind in kinds if issubclass(kind, errors.OpsnbError)}
    told = re.findall(r"^\| (\d) \|", readme.read_text(encoding="utf-8"), re.M)
    assert set(map(int, told)) == known | {0}


def test_files_named_in_commands_are_there(readme: Path, root: Path) -> None:
    for words in commands(readme):
        for word in words:
            if re.fullmatch(r"(requirements|notebooks/|params/demo/).*\.\w+", word):
                assert (root / word).is_file(), word


def test_both_say_the_same(root: Path) -> None:
    english, chinese = (root / name for name in READMES)
    assert commands(english) == commands(chinese)
    assert sections(english) == sections(chinese)
    for language in ("yaml", "csv"):
        pairs = zip(blocks(english, language), blocks(chinese, language), strict=True)
        for (name, text), (other, words) in pairs:
            assert (name, bare(text)) == (other, bare(words))


def sections(readme: Path) -> int:
    return len(re.findall(r"^#+ ", readme.read_text(encoding="utf-8"), re.M))


def bare(text: str) -> list[str]:
    """Lines without their comments."""
    return [re.sub(r"\s+# .*", "", line) for line in text.splitlines()]


@pytest.fixture
def company(readme: Path, tmp_path: Path) -> Path:
    """The example company, written as the README says."""
    for name, text in example(readme).items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return tmp_path / "params" / "acme"


def test_the_example_is_a_company(company: Path) -> None:
    workbook = opsnb.open(company)
    card = analyses.scorecard(workbook)
    value = card.frame.set_index("metric")
    assert str(workbook.period) == "2026-02"
    assert value.at["revenue", "actual"] == pytest.approx(1350 + 760)
    assert value.at["revenue", "target"] == 2000
    assert value.at["revenue", "ytd"] == pytest.approx(1200 + 800 + 1350 + 760)
    assert value.at["return_rate", "actual"] == pytest.approx((45 + 10) / (1350 + 760))
    assert [unit.id for unit in workbook.units] == ["all", "north", "south"]


def test_the_example_needs_no_ledgers(company: Path) -> None:
    for path in (company / "ledgers").iterdir():
        path.unlink()
    card = analyses.scorecard(opsnb.open(company))
    assert card.cell(0, "actual") == pytest.approx(1350 + 760)
    assert card.cell(0, "target").reason == "no target"


def test_a_metric_is_added_by_one_entry(company: Path, readme: Path) -> None:
    (entry,) = (text for name, text in blocks(readme, "yaml") if not name)
    with (company / "metrics.yaml").open("a", encoding="utf-8") as file:
        file.write(entry)
    card = analyses.scorecard(opsnb.open(company))
    assert card.metrics == ["revenue", "return_rate", "average_sale"]
    assert card.cell(2, "actual") == pytest.approx((1350 + 760) / 2)

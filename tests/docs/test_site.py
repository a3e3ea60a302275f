"""The documentation: snippets run, the site builds without a warning, links lead somewhere."""

from __future__ import annotations

import doctest
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from opsnb import analyses, explore

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = sorted(p for p in DOCS.rglob("*.md") if "decisions" not in p.parts and p.name != "index.md")
BLOCK = re.compile(
    r"(?:^\*\*(?P<name>[^*\n]+)\*\*\n)?^```(?P<kind>\w+)\n(?P<text>.*?)^```$", re.M | re.S
)
RUN = "RUN"  # stands for the folder that the command before named
OPTIONS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE | doctest.IGNORE_EXCEPTION_DETAIL


def name(page: Path) -> str:
    return page.relative_to(DOCS).as_posix()


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_snippet_runs(page, demonstration, tmp_path, monkeypatch, call):
    """In order, in a folder of its own with the demonstration company; outputs as they stand."""
    blocks = list(BLOCK.finditer(page.read_text("utf-8")))
    if any(block["kind"] in ("sh", "pycon", "yaml", "text") for block in blocks):
        shutil.copytree(demonstration, tmp_path / "params/demo")
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    made = ""
    for block in blocks:
        text, kind = block["text"], block["kind"]
        if block["name"] and kind in ("yaml", "text"):
            path = tmp_path / block["name"]
            before = path.read_text("utf-8").rstrip() + "\n\n" if path.exists() else ""
            path.write_text(before + text, "utf-8")
        elif kind == "sh":
            for line in filter(None, text.splitlines()):
                made = command([made if w == RUN else w for w in shlex.split(line)], call)
        elif kind == "pycon":
            run(text, names, page)
        else:
            assert kind == "console", f"{page}: nobody runs a block of {kind}"


def command(words, call):
    assert words[:3] == ["python", "-m", "opsnb"], words
    done = call(*words[3:])
    expected = (0, 3) if words[3] == "doctor" else (0,)
    assert done.code in expected, f"{words}: {done.err}{done.out}"
    return Path(done.last_line).name if done.out.strip() else ""


def run(text, names, page):
    example = doctest.DocTestParser().get_doctest(text, names, page.name, str(page), 0)
    runner = doctest.DocTestRunner(verbose=False, optionflags=OPTIONS)
    told: list[str] = []
    runner.run(example, out=told.append, clear_globs=False)
    names.update(example.globs)
    assert not runner.failures, "".join(told)


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The built site; any warning is an error."""
    out = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-b", "html"]
    made = subprocess.run(
        [*command, str(DOCS), str(out)], capture_output=True, text=True, check=False
    )
    assert made.returncode == 0, made.stderr
    return out


def test_it_asks_for_nothing_from_outside(site):
    for page in site.rglob("*.html"):
        text = page.read_text("utf-8")
        found = re.findall(r'<(?:script|link|img|iframe)\b[^>]*(?:src|href)="(https?:[^"]*)"', text)
        assert not found, page
    for sheet in site.rglob("*.css"):
        assert "http" not in re.sub(r"/\*.*?\*/", "", sheet.read_text("utf-8"), flags=re.S), sheet


def test_links_lead_somewhere(site):
    ids = {}
    for page in site.rglob("*.html"):
        ids[page.resolve()] = set(re.findall(r'\bid="([^"]+)"', page.read_text("utf-8")))
    for page in site.rglob("*.html"):
        for link in re.findall(r'<a\b[^>]*href="([^"]*)"', page.read_text("utf-8")):
            if link.startswith(("http", "mailto")) or not link:
                continue
            target, _, place = link.partition("#")
            file = (page.parent / target).resolve() if target else page.resolve()
            if file.suffix == ".html":
                assert file in ids, f"{page.name}: {link}"
                assert not place or place in ids[file], f"{page.name}: {link}"


def test_every_public_name_stands_in_the_reference(site):
    text = (site / "reference/python.html").read_text("utf-8")
    for name in analyses.__all__:
        if callable(getattr(analyses, name)):
            assert re.search(rf'id="[\w.]*\b{name}"', text), name
    for name in ("explore", "pin", "shown", "code"):
        assert hasattr(explore, name)
        assert re.search(rf'id="[\w.]*\b{name}"', text), name


def test_every_verb_key_and_finding_stands_in_the_reference(site):
    from typer.main import get_command

    from opsnb.cli import app
    from opsnb.company.metrics import Metric
    from opsnb.display.sentences import TEMPLATES

    commands = (site / "reference/commands.html").read_text("utf-8")
    for verb in get_command(app).commands:  # type: ignore[attr-defined]
        assert f"<h2>{verb}" in commands, verb
    settings = (site / "reference/settings.html").read_text("utf-8")
    for key, field in Metric.model_fields.items():
        assert f"<p>{field.alias or key}</p>" in settings, key
    findings = (site / "reference/findings.html").read_text("utf-8")
    assert all(code in findings for code in TEMPLATES)


def test_method_pages_state_formula_source_reference_and_limits():
    for page in (DOCS / "methods").glob("*.md"):
        text = page.read_text("utf-8")
        assert "## Limits" in text, page
        assert "```pycon" in text, page

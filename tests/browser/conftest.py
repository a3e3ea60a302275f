"""Chromium, and the pages it is shown.

Without Chromium these tests are skipped; with ``OPSNB_REQUIRE_BROWSER=1`` they fail instead.
``OPSNB_CHROMIUM`` names the program where it is not on the path.
"""

from __future__ import annotations

import os
import runpy
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NoReturn

import pytest

from opsnb.runs.render import render, status_page

SAMPLE = Path(__file__).parents[1] / "runs" / "sample_report.py"
META = {
    "run_id": "2026-11-05-01",
    "created_at": "2026-11-05T08:31:22",
    "state": "reviewed",
    "reviewer": "周敏",
    "digest": "7c1f09e2a94e" * 5,
}
PAGES = ("zh", "en", "status")


def lacking(what: str) -> NoReturn:
    """Skip, or fail where browser tests are required."""
    if os.environ.get("OPSNB_REQUIRE_BROWSER") == "1":
        pytest.fail(f"{what} is required by OPSNB_REQUIRE_BROWSER=1")
    pytest.skip(f"{what} is not here")


@pytest.fixture(scope="session")
def need() -> Callable[[str], NoReturn]:
    return lacking


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    program = os.environ.get("OPSNB_CHROMIUM") or shutil.which("chromium")
    if not program:
        lacking("Chromium")
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        lacking("playwright")
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(
            executable_path=program, args=["--no-sandbox", "--disable-gpu"]
        )
        yield launched
        launched.close()


@pytest.fixture(scope="session")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Pages as files, by name."""
    sample = SimpleNamespace(**runpy.run_path(str(SAMPLE)))
    folder = tmp_path_factory.mktemp("pages")
    notebook = sample.monthly()
    status = status_page(
        title="月度运营分析报告",
        company="启明制造 计划运营部",
        period="2026年10月",
        unit="集团",
        what="订单行没有本期数据，报告没有生成。",
        when="2026-11-05 08:30",
        last_good="../2026-09/report.html",
    )
    pages = {locale: render(notebook, locale=locale, meta=META).html for locale in ("zh", "en")}
    for name, html in (pages | {"status": status}).items():
        (folder / f"{name}.html").write_text(html, "utf-8")
    return {name: folder / f"{name}.html" for name in PAGES}


@pytest.fixture(params=PAGES)
def file(request: pytest.FixtureRequest, files: dict[str, Path]) -> Path:
    return files[request.param]


@pytest.fixture
def visit(browser: Any) -> Iterator[Callable[..., Any]]:
    """Open a file in a context of its own; options are those of playwright's contexts."""
    contexts = []

    def opened(file: Path, **options: Any) -> Any:
        options.setdefault("viewport", {"width": 1280, "height": 900})
        context = browser.new_context(**options)
        contexts.append(context)
        page = context.new_page()
        page.asked, page.said = [], []
        page.on("request", lambda request: page.asked.append(request.url))
        page.on("console", lambda message: page.said.append(message.text))
        page.on("pageerror", lambda error: page.said.append(str(error)))
        page.goto(file.as_uri())
        page.evaluate("document.fonts.ready.then(() => true)")
        return page

    yield opened
    for context in contexts:
        context.close()

"""The documentation in a browser: accessible, and as wide as a phone."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe

pytestmark = pytest.mark.browser
DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    out = tmp_path_factory.mktemp("site")
    made = subprocess.run(
        [sys.executable, "-m", "sphinx", "-q", "-b", "html", str(DOCS), str(out)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    return out


@pytest.mark.parametrize(
    "page", ["index", "tutorial.zh-CN", "methods/risk", "reference/settings", "reference/python"]
)
@pytest.mark.parametrize("width", [1200, 390])
def test_pages_are_accessible_and_fit(site, browser, page, width):
    shown = browser.new_page(viewport={"width": width, "height": 900})
    shown.goto((site / f"{page}.html").as_uri())
    found = Axe().run(shown).response["violations"]
    assert not [(one["id"], one["nodes"][0]["html"]) for one in found]
    assert shown.evaluate("document.documentElement.scrollWidth") <= width
    shown.close()

"""JupyterLab in a browser: the explorer is opened, run and moved, and says what the reports say."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request

import pytest

import opsnb
from opsnb import analyses, display
from opsnb.analyses import Assumptions
from opsnb.company import Company
from opsnb.shipped import shipped

pytestmark = [pytest.mark.browser, pytest.mark.slow]
SECONDS = 60
HARMLESS = ("favicon", "ResizeObserver", "404")


@pytest.fixture(scope="module")
def lab(demonstration, tmp_path_factory):
    """Address of a JupyterLab on a copy of the notebooks and the company, and its folder."""
    root = tmp_path_factory.mktemp("lab")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    shutil.copytree(shipped("notebooks"), root / "notebooks")
    shutil.copytree(demonstration, root / "params/demo")
    own = {name: str(root / name.lower()) for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR")}
    command = [
        sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", f"--port={port}",
        "--ServerApp.ip=127.0.0.1", "--IdentityProvider.token=", "--ServerApp.password=",
        f"--ServerApp.root_dir={root / 'notebooks'}", "--LabApp.expose_app_in_browser=True",
        "--LabApp.news_url=", "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    ]  # fmt: skip
    with (root / "lab.log").open("w") as log:
        process = subprocess.Popen(command, cwd=root, stdout=log, stderr=log, env=os.environ | own)
        try:
            _wait(f"http://127.0.0.1:{port}/api", process, root / "lab.log")
            yield f"http://127.0.0.1:{port}", root / "params/demo"
        finally:
            process.terminate()
            process.wait(30)


def _wait(address, process, log):
    for _ in range(SECONDS * 2):
        assert process.poll() is None, log.read_text()[-2000:]
        try:
            urllib.request.urlopen(address, timeout=5).close()  # noqa: S310 - on loopback
        except OSError:
            time.sleep(0.5)
        else:
            return
    raise AssertionError(log.read_text()[-2000:])


@pytest.fixture
def page(lab, browser):
    found = browser.new_page(viewport={"width": 1500, "height": 1200})
    found.set_default_timeout(SECONDS * 1000)
    told = []
    found.on("console", lambda one: told.append(one.text) if one.type == "error" else None)
    found.on("pageerror", lambda error: told.append(str(error)))
    found.goto(f"{lab[0]}/lab/tree/explore.ipynb?reset")
    found.wait_for_selector(".jp-Notebook .jp-CodeCell")
    found.wait_for_function("() => document.body.innerText.includes('| Idle')")  # the kernel is up
    found.told = told
    yield found
    found.close()


def run_all(page):
    page.evaluate("() => { window.jupyterapp.commands.execute('notebook:run-all-cells'); }")
    page.wait_for_selector(".jp-OutputArea .widget-dropdown select")
    page.wait_for_selector(".jp-OutputArea .opsnb table")


def choose(page, label, text):
    row = page.locator(".widget-dropdown", has=page.locator(f"label:text-is('{label}')"))
    row.locator("select").select_option(label=text)


SAYS = """(told) => {
  const shown = document.querySelector('.jp-OutputArea .opsnb');
  return shown !== null && shown.innerText.includes(told);
}"""


def waited(page, told):
    page.wait_for_function(SAYS, arg=told)


def figure(result, key):
    """Number of the record `key` as a report shows it."""
    found = re.search(rf'data-key="{re.escape(key)}[^"]*"[^>]*>([^<]+)<', display.html(result))
    return found[1]


def test_the_explorer_runs_and_moves_and_shows_the_reports_figures(page, demonstration):
    run_all(page)
    book = opsnb.open(demonstration, "2026-10")
    card = analyses.scorecard(book, ["revenue"], ["revenue"])
    waited(page, figure(card, "revenue|actual|all|2026-10"))
    choose(page, "视图", "情景测算")
    waited(page, "按现有预期")
    slider = page.locator(".widget-hslider", has=page.locator("label:text-is('价格')"))
    slider.locator(".noUi-handle").focus()
    page.keyboard.press("ArrowRight")
    waited(page, "+0.5")
    made = analyses.what_if(book, "revenue", Assumptions(price=0.005))
    (_, price) = re.findall(r'data-key="revenue\|year_forecast[^>]*>([^<]+)<', display.html(made))
    waited(page, price)
    choose(page, "单位", "华东")
    choose(page, "视图", "趋势")
    page.wait_for_selector(".jp-OutputArea .opsnb svg")
    assert 'analyses.trend(workbook, "revenue")' in page.locator("pre code").last.inner_text()
    wrong = [one for one in page.told if not any(word in one for word in HARMLESS)]
    assert wrong == []


def command(page, name):
    page.evaluate("(name) => { window.jupyterapp.commands.execute(name); }", name)


def test_a_view_is_drilled_into_pinned_and_made_a_cell(page, lab):
    run_all(page)
    choose(page, "视图", "逐层下钻")
    choose(page, "按", "渠道")
    waited(page, "按渠道")
    choose(page, "展开", "经销商")
    waited(page, "集团，经销商")
    page.get_by_role("button", name="加入报告").click()
    page.wait_for_selector("text=已加入")
    (pin,) = Company(lab[1]).pins
    assert (pin.view, pin.metric, pin.options["within"]) == (
        "drill_down", "revenue", {"channel": "dealer"},
    )  # fmt: skip
    page.locator(".jp-CodeCell").last.locator(".jp-InputPrompt").click()
    command(page, "notebook:insert-cell-below")
    command(page, "notebook:enter-edit-mode")
    page.keyboard.type("explorer.to_cell()")
    command(page, "notebook:run-cell")
    page.wait_for_selector(".cm-content:has-text('analyses.drill_down(workbook, ')")
    wrong = [one for one in page.told if not any(word in one for word in HARMLESS)]
    assert wrong == []


def test_in_english(page, demonstration):
    cell = page.locator(".jp-CodeCell").nth(0).locator(".cm-content")
    cell.click()
    page.keyboard.press("Control+a")
    page.keyboard.type('company = "demo"\nperiod = "2026-10"\nunit = "all"\nlocale = "en"')
    run_all(page)
    waited(page, "Revenue")
    choose(page, "View", "Forecast")
    waited(page, "80 % interval")
    wrong = [one for one in page.told if not any(word in one for word in HARMLESS)]
    assert wrong == []

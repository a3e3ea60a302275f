from __future__ import annotations

import copy
import json
import os
import re
import runpy
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace

import nbformat
import pytest

import opsnb
from opsnb.display import translate
from opsnb.errors import OpsnbError, ParameterError, RunError
from opsnb.results import MIME
from opsnb.runs.render import content_digest, render, status_page

SAMPLE = Path(__file__).with_name("sample_report.py")
CSP = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:; "
    "base-uri 'none'; form-action 'none'"
)
META = {"run_id": "2026-11-05-01", "created_at": "2026-11-05T08:31:22", "digest": "7c1f09e2a94e00"}
HOSTILE = "<script>alert(a)</script></style><img src=x onerror=alert(b)>\"'&"


class Elements(HTMLParser):
    """Elements of a page with their attributes and, for some, their text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, list[str]] = {}
        self.open: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        self.texts.setdefault(tag, []).append("")
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in self.open:
            while self.open.pop() != tag:
                pass

    def handle_data(self, data: str) -> None:
        for tag in self.open:
            self.texts[tag][-1] += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attrs for name, attrs in self.found if name == tag]


@pytest.fixture(scope="module", autouse=True)
def _cache(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="module")
def sample():
    return SimpleNamespace(**runpy.run_path(str(SAMPLE)))


@pytest.fixture(scope="module")
def monthly(sample):
    return sample.monthly()


@pytest.fixture(scope="module")
def page(monthly):
    return render(monthly, meta=META)


@pytest.fixture(scope="module")
def small(sample):
    """Notebook of one result, with `cells` before it."""
    one = sample.results()["指标口径"]
    return lambda *cells: sample.notebook(*cells, sample.code(sample.shown(one)))


def test_one_file_without_script_under_the_exact_policy(page):
    elements = Elements(page.html)
    policy = [m for m in elements.all("meta") if m.get("http-equiv") == "Content-Security-Policy"]
    assert [m["content"] for m in policy] == [CSP]
    assert not elements.all("script")
    assert not elements.all("link")
    addresses = [
        value
        for _, attrs in elements.found
        for name, value in attrs.items()
        if name in ("src", "srcset", "action", "poster", "data") and value
    ]
    assert all(address.startswith("data:") for address in addresses)
    assert not re.findall(r"url\((?!data:)", page.html)
    assert "@import" not in page.html


def test_structure(page, sample):
    elements = Elements(page.html)
    assert elements.all("html")[0]["lang"] == "zh-CN"
    assert elements.texts["title"] == ["月度运营分析报告 2026年10月 · 启明制造"]
    assert elements.texts["h1"] == ["月度运营分析报告 2026年10月"]
    headings = [
        "本月要点",
        "指标完成情况",
        "趋势",
        "各单位",
        "存在问题及改进建议",
        "客户走访",
        "附录",
    ]
    assert elements.texts["h2"] == headings
    ids = {attrs["id"] for _, attrs in elements.found if "id" in attrs}
    links = [a["href"] for a in elements.all("a") if str(a["href"]).startswith("#")]
    assert links[0] == "#content"
    assert {href[1:] for href in links} <= ids
    assert [r.name for r in page.results] == [r.name for r in sample.results().values()]


def test_ids_are_unique(page):
    ids = [attrs["id"] for _, attrs in Elements(page.html).found if "id" in attrs]
    assert sorted(ids) == sorted(set(ids))


def test_tables_have_captions_and_scopes(page):
    elements = Elements(page.html)
    assert len(elements.all("caption")) == len(elements.all("table")) > 5
    assert all(th.get("scope") for th in elements.all("th"))
    assert all(text.strip() for text in elements.texts["th"])


def test_code_parameters_and_untrusted_html_are_not_shown(page):
    assert "secret()" not in page.html
    assert "company = 'demo'" not in page.html
    assert "as it was shown" not in page.html
    assert "<td>own</td>" not in page.html
    assert "   客户  次数\n0  甲   2" in page.html
    assert "&lt;Figure size" not in page.html


def test_streams_widgets_and_bare_objects_are_not_shown(small, sample):
    cell = sample.code(
        {"text/plain": "<Axes: xlabel='x'>"},
        {"text/plain": "[<matplotlib.lines.Line2D at 0x7f00>]"},
        {"application/vnd.jupyter.widget-view+json": {}, "text/plain": "IntSlider()"},
    )
    cell["outputs"].append({"output_type": "stream", "name": "stderr", "text": "a warning"})
    html = render(small(cell)).html
    assert not re.search("Line2D|Axes|IntSlider|a warning", html)


def test_picture_takes_its_words_from_what_stands_before(page):
    pictures = Elements(page.html).all("img")
    assert [p["alt"] for p in pictures] == [
        "图\N{NO-BREAK SPACE}4 十月走访 3\N{NO-BREAK SPACE}家人工填报：客户访谈，"
        "其中 2\N{NO-BREAK SPACE}家人工填报：客户访谈提到交期，分布见下图。".replace(
            "\N{NO-BREAK SPACE}", " "
        )
    ]
    assert page.flags == ()


def test_picture_without_words_is_numbered_and_flagged(small, sample):
    page = render(small(sample.code({"image/png": sample.picture()})))
    assert [p["alt"] for p in Elements(page.html).all("img")] == ["图 1"]
    assert page.flags == ("figure 1: nothing is written about it",)


def test_svg_of_others_is_an_image_that_cannot_run(small, sample):
    svg = "<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"
    html = render(small(sample.markdown("## 图示"), sample.code({"image/svg+xml": svg}))).html
    assert "data:image/svg+xml;base64," in html
    assert "<script" not in html


def test_folds_hold_what_stands_under_their_heading(page):
    folds = re.findall(r"<details class=fold><summary><h3>(.*?)</h3>", page.html)
    assert folds == ["数据来源", "指标口径"]
    assert "order_lines.csv" in page.html.split("数据来源</h3>", 1)[1]


@pytest.mark.parametrize("url", ["客户访谈", "javascript:alert(1)", "data:text/html,x"])
def test_a_link_to_no_address_is_a_source_of_a_number(small, sample, url):
    html = render(small(sample.markdown(f"走访 [3 家]({url})"))).html
    assert "class=by-hand" in html
    assert "人工填报" in html
    assert not [a for a in Elements(html).all("a") if "alert" in str(a["href"])]


def test_hostile_words_stay_words(sample):
    about = sample.provenance()
    company = about["company"] | {
        key: {"zh": HOSTILE} for key in ("name", "department", "classification")
    }
    metrics = copy.deepcopy(about["metrics"])
    for definition in metrics.values():
        definition |= {"label": {"zh": HOSTILE}, "description": {"zh": HOSTILE}, "owner": HOSTILE}
    units = {unit: {"label": {"zh": HOSTILE}, "parent": "all"} for unit in about["units"]}
    sources = {
        t: s | {"label": {"zh": HOSTILE}, "path": HOSTILE} for t, s in about["sources"].items()
    }
    notebook = sample.monthly(
        company=company, metrics=metrics, units=units, sources=sources, period_label={"zh": HOSTILE}
    )
    notebook["cells"][0]["source"] = (
        f"# {HOSTILE}\n\n{HOSTILE}\n\n<div onclick=alert(a)>\n\n## {HOSTILE}"
    )
    notebook["cells"].append(sample.code({"text/plain": HOSTILE}, {"text/markdown": HOSTILE}))
    html = render(notebook, meta=META | {"reviewer": HOSTILE, "run_id": HOSTILE}).html
    elements = Elements(html)
    assert "<script" not in html
    assert html.count("</style>") == 1
    assert not [name for _, attrs in elements.found for name in attrs if name.startswith("on")]
    assert all(str(i["src"]).startswith("data:") for i in elements.all("img"))
    assert "alert(a)" in elements.texts["h1"][0]


@pytest.mark.parametrize("source", ["# 一\n# 二", "```\n# 一\n```"])
def test_only_the_first_heading_of_the_first_level_is_the_title(small, sample, source):
    elements = Elements(render(small(sample.markdown(source))).html)
    assert len(elements.all("h1")) == 1


def test_a_failed_notebook_is_refused(small, sample):
    cell = sample.code()
    cell["outputs"] = [
        {"output_type": "error", "ename": "ValueError", "evalue": "bad\nmore", "traceback": ["x"]}
    ]
    with pytest.raises(RunError, match=r"cell 1: the notebook failed: ValueError: bad$"):
        render(small(cell))
    with pytest.raises(RunError, match="the notebook failed"):
        render(sample.notebook(cell))


@pytest.mark.parametrize("status", ["pending", "running", "failed"])
def test_an_unfinished_notebook_is_refused(small, sample, status):
    cell = sample.code()
    cell["metadata"]["papermill"] = {"status": status}
    with pytest.raises(RunError, match="did not run to its end"):
        render(small(cell))


def test_a_notebook_without_results_is_refused(sample):
    with pytest.raises(
        OpsnbError, match=re.escape(f"expected an executed notebook with an output of type {MIME}")
    ):
        render(sample.notebook(sample.markdown("# 空"), sample.code({"text/plain": "1"})))


def test_an_older_notebook_is_refused():
    with pytest.raises(OpsnbError, match="not a notebook"):
        render({"nbformat": 3, "worksheets": []})


def test_a_notebook_file_gives_the_same_page(tmp_path, monthly, page):
    path = tmp_path / "out.ipynb"
    nbformat.write(nbformat.from_dict(monthly), path)
    assert render(nbformat.read(path, 4), meta=META).html == page.html
    assert render(json.loads(path.read_text("utf-8")), meta=META).html == page.html


def test_strip_says_what_is_known_and_nothing_else(monthly, page):
    facts = dict(zip(Elements(page.html).texts["dt"], Elements(page.html).texts["dd"], strict=True))
    assert facts["状态"] == "草稿"
    assert facts["期间与截止"].replace("\N{NO-BREAK SPACE}", " ") == "10月1日至31日，截止 11月5日"
    assert facts["数据覆盖"].startswith("3／4")
    assert facts["数据性质"] == "正式"
    assert facts["摘要"] == "sha256 7c1f·09e2·a94e"
    bare = Elements(render(monthly).html).texts["dt"]
    assert not {"审核人", "摘要", "生成时间"} & set(bare)


def test_provisional_data_are_said_to_be(sample):
    facts = Elements(render(sample.monthly(closed=False)).html).texts["dd"]
    assert translate("zh")("Provisional") in facts


def test_a_state_that_does_not_exist_is_refused(monthly):
    with pytest.raises(ParameterError, match="did you mean 'reviewed'"):
        render(monthly, meta={"state": "reviewd"})


def test_the_unit_of_a_part_of_the_company_stands_in_the_title(sample):
    page = render(sample.monthly(unit="east"))
    assert page.title == "月度运营分析报告 2026年10月 华东 · 启明制造"


def test_margin_boxes_are_localised(monthly, page):
    assert (
        '@bottom-right { content: "第 " counter(page) " 页，共 " counter(pages) " 页"'
        in page.html.replace("\N{NO-BREAK SPACE}", " ")
    )
    english = render(monthly, locale="en").html
    assert '"Page " counter(page) " of " counter(pages)' in english


def test_english(monthly):
    page = render(monthly, locale="en", meta=META | {"state": "reviewed", "reviewer": "周敏"})
    elements = Elements(page.html)
    assert elements.all("html")[0]["lang"] == "en"
    assert page.title == "Monthly operations report October 2026 · Qiming Manufacturing"
    assert elements.texts["h2"][:3] == ["Messages of the month", "KPI completion", "Trend"]
    assert elements.texts["h2"][5] == "客户走访"
    assert "Reviewed" in page.html


def test_numbers_do_not_break_from_their_units(small, sample):
    text = "[收入 4.02 亿元，`a 3 家`，18 days and 88.4 %](报表)，图 1"
    html = render(small(sample.markdown(text))).html
    shown = html.replace("\N{NO-BREAK SPACE}", "~")
    assert "收入 4.02~亿元" in shown
    assert "18~days and 88.4~%" in shown
    assert "图~1" in shown
    assert "<code>a 3 家</code>" in shown


def test_digest_covers_results_body_and_inputs_but_not_the_strip(monthly, page):
    inputs = {"order_lines.csv": "ab"}
    digest = content_digest(monthly, page.body, inputs)
    reviewed = page.stamped(META | {"state": "reviewed", "reviewer": "周敏"})
    assert reviewed.html != page.html
    assert content_digest(monthly, reviewed.body, inputs) == digest
    assert content_digest(copy.deepcopy(monthly), render(monthly).body, dict(inputs)) == digest
    assert content_digest(monthly, page.body + " ", inputs) != digest
    assert content_digest(monthly, page.body, {"order_lines.csv": "ac"}) != digest


def test_digest_changes_with_any_value_of_any_result(monthly, page):
    digest = content_digest(monthly, page.body, {})
    seen = {digest}
    for i, cell in enumerate(monthly["cells"]):
        for j, output in enumerate(cell.get("outputs", [])):
            if MIME not in output["data"]:
                continue
            changed = copy.deepcopy(monthly)
            rows = changed["cells"][i]["outputs"][j]["data"][MIME]["data"]
            rows[-1][-1] = f"{rows[-1][-1]}0"
            seen.add(content_digest(changed, page.body, {}))
    assert len(seen) == 1 + len(page.results)


def test_same_notebook_same_bytes_in_another_process(tmp_path, monthly, page):
    path = tmp_path / "out.ipynb"
    path.write_text(json.dumps(monthly), "utf-8")
    program = (
        "import json, sys; from opsnb.runs.render import render;"
        "notebook, meta = (json.loads(text) for text in sys.stdin.read().split('\\0'));"
        "sys.stdout.buffer.write(render(notebook, meta=meta).html.encode())"
    )
    environment = os.environ | {"PYTHONHASHSEED": "7", "XDG_CACHE_HOME": str(tmp_path)}
    told = path.read_text("utf-8") + "\0" + json.dumps(META)
    run = subprocess.run(
        [sys.executable, "-c", program],
        input=told.encode(),
        capture_output=True,
        check=True,
        env=environment,
    )
    assert run.stdout.decode() == page.html


def test_render_does_not_import_nbconvert_nor_matplotlib():
    program = (
        "import opsnb.runs.render, sys;"
        "print({'nbconvert', 'matplotlib', 'IPython'} & set(sys.modules))"
    )
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, check=True, text=True
    )
    assert run.stdout.strip() == "set()"


def test_size(page):
    fonts = sum(len(font) for font in re.findall(r"font/woff2;base64,([^)]*)", page.html))
    assert fonts <= 150_000
    assert len(page.html.encode()) - fonts <= 300_000


@pytest.mark.parametrize("locale", ["zh", "en"])
def test_status_page(locale):
    html = status_page(
        title="月度运营分析报告", company="启明制造 计划运营部", period="2026年10月", unit="华东",
        what="订单行没有本期数据。\nTraceback (most recent call last)", when="2026-11-05 08:30",
        last_good="../2026-09/report.html", locale=locale,
    )  # fmt: skip
    elements = Elements(html)
    assert elements.texts["h1"] == ["月度运营分析报告 2026年10月 华东"]
    assert "订单行没有本期数据。" in html
    assert "Traceback" not in html
    assert "../2026-09/report.html" in [a["href"] for a in elements.all("a")]
    assert CSP in html


def test_status_page_without_an_earlier_report_and_with_hostile_words():
    html = status_page(
        title=HOSTILE, company=HOSTILE, period=HOSTILE, unit=HOSTILE, what=HOSTILE, when=HOSTILE
    )
    assert "<script" not in html
    assert translate("zh")("There is no earlier report.") in html


def test_every_word_of_the_frame_is_translated():
    package = Path(opsnb.__file__).parent
    files = [*(package / "templates").rglob("*.j2"), *(package / "runs").glob("*.py")]
    found = {
        msgid
        for file in files
        for msgid in re.findall(r'\b(?:words|mark)\("((?:[^"\\]|\\.)+)"', file.read_text("utf-8"))
    }
    assert len(found) > 25
    assert found - set(translate("zh").catalogue) == set()

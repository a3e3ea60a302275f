"""Figures in prose: true ones pass, all others stop the page, unless they carry their source."""

from __future__ import annotations

import json
import runpy
from pathlib import Path
from types import SimpleNamespace

import pytest

from opsnb.errors import ClaimError
from opsnb.runs.bindings import check_notes, states
from opsnb.runs.narrative import Checker, check_markdown
from opsnb.runs.render import render

PROVENANCE = {
    "period": "2026-10",
    "unit": "all",
    "metrics": {
        "revenue": {"label": {"zh": "营业收入", "en": "Revenue"}, "unit": "CNY"},
        "gross_margin": {"label": {"zh": "毛利率", "en": "Gross margin"}, "unit": "ratio"},
        "orders": {
            "label": {"zh": "订单数", "en": "Orders"},
            "unit": {"zh": "单", "en": "orders"},
        },
        "top": {"label": {"zh": "前10大客户收入", "en": "Top 10 customers"}, "unit": "CNY"},
    },
    "units": {
        "all": {"label": {"zh": "集团", "en": "Group"}},
        "east": {"label": {"zh": "华东", "en": "East"}},
    },
}
RECORDS = [
    ("revenue", "actual", "all", "2026-10", 116_812_345.0, "CNY"),
    ("revenue", "value", "all", "2026-09", 136_900_000.0, "CNY"),
    ("revenue", "yoy", "all", "2026-10", 0.0963, "ratio"),
    ("revenue", "mom", "all", "2026-10", -0.147, "ratio"),
    ("revenue", "attainment", "all", "2026-10", 1.0209, "ratio"),
    ("revenue", "actual", "east", "2026-10", 45_849_548.0, "CNY"),
    ("gross_margin", "actual", "all", "2026-10", 0.269, "ratio"),
    ("gross_margin", "yoy_difference", "all", "2026-10", -0.0148, "points"),
    ("orders", "actual", "all", "2026-10", 1693.0, "orders"),
    ("top", "actual", "all", "2026-10", 20_000_000.0, "CNY"),
]


def rows():
    names = ("metric", "measure", "unit", "period", "value", "unit_of_measure")
    found = [dict(zip(names, row, strict=True)) for row in RECORDS]
    return [
        row | {"key": f"{row['metric']}|{row['measure']}|{row['unit']}|{row['period']}|||"}
        for row in found
    ]


@pytest.fixture
def faults():
    """Return what is found wrong with a text."""

    def faults(text, records=None, **more):
        checker = Checker(records or rows(), PROVENANCE)
        check_markdown(checker, text, "cell 3", **more)
        return checker.faults

    return faults


TRUE = [
    "营业收入 1.17 亿元",
    "营业收入为１．１７亿元，完成率 102.1％。",
    "营业收入 11,681.2 万元，同比增长 9.6%，环比下降 14.7%。",
    "同比 +9.6 %，环比 −14.7 %。",
    "Revenue was ¥116.81 million, up 9.6% year on year.",
    "Gross margin is 26.9%, down 1.5 percentage points.",
    "毛利率 26.9%，同比下降 1.5 个百分点。",
    "本月订单 1,693 单。",
    "1,693 orders in October 2026",
    "9月营业收入 1.37 亿元，10月 1.17 亿元。",
    "华东营业收入 4,585.0 万元。",
    "前10大客户收入 2,000 万元。",
    "- 2026年10月：见图 3\n- 近 12 个月没有新增",
    "| 指标 | 本月 |\n|---|---|\n| 营业收入 | 1.17 亿元 |",
]
WRONG = [
    ("营业收入 1.18 亿元", "1.18 亿元"),  # another rounding
    ("营业收入 1.16 亿元", "1.16 亿元"),  # cut off instead of rounded
    ("营业收入同比增长 9.7%", "9.7%"),
    ("营业收入同比下降 9.6%", "9.6%"),  # the other way
    ("营业收入环比增长 14.7%", "14.7%"),
    ("环比 14.7%", "14.7%"),  # a fall, told as if it were a rise
    ("毛利率同比增长 9.6%", "9.6%"),  # right for another metric
    ("毛利率下降 1.5%", "1.5%"),  # points, not per cent
    ("营业收入 1.17 亿", None),
    ("营业收入 1.37 亿元", "1.37 亿元"),  # right for another month
    ("华东营业收入 1.17 亿元", "1.17 亿元"),  # right for another unit
    ("本月新增客户 12 家", "12"),
    ("订单 1,693 家", "1,693"),
    ("Revenue was $116.81 million", "$116.81 million"),
    ("Orders rose to 1,700 orders", "1,700"),
    ("## 收入破 2 亿元", "2 亿元"),
    ("> 投诉 ３５ 起", "３５"),
    ("- 走访 3 家", "3"),
    ("| 客户 |\n|---|\n| 3 家 |", "3"),
]


@pytest.mark.parametrize("text", TRUE)
def test_a_true_figure_passes(faults, text):
    assert faults(text) == []


@pytest.mark.parametrize(("text", "figure"), WRONG)
def test_a_wrong_one_is_named_with_its_place(faults, text, figure):
    found = faults(text)
    if figure is None:  # without its unit it may still mean the amount
        assert found == []
        return
    (fault,) = found
    assert fault.startswith(f"cell 3: figure {figure!r} states no recorded number")
    assert f"[{figure}](source)" in fault


def test_the_nearest_record_is_named(faults):
    (fault,) = faults("营业收入同比增长 9.7%")
    assert "the nearest is revenue|yoy|all|2026-10||| = 9.630 %" in fault
    (fault,) = faults("营业收入 1.18 亿元")
    assert "the nearest is revenue|actual|all|2026-10||| = 1.1681 x 10^8" in fault


@pytest.mark.parametrize(
    "text",
    [
        "走访 [3 家](客户访谈)，其中 [2 家](客户访谈) 提到交期",
        "铜价上涨 [12%](https://example.com/copper)",
        "We visited [3 customers](interviews).",
        "代码 `x = 5` 与\n\n```\n价格 7 元\n```",
    ],
)
def test_a_sourced_figure_and_code_pass(faults, text):
    assert faults(text) == []


def test_an_empty_source_is_no_source(faults):
    (fault,) = faults("走访 [3 家]()")
    assert fault == "cell 3: '3 家' has an empty source; expected one, as [3 家](source)"


def test_a_fall_may_be_told_without_a_sign(faults):
    assert faults("环比降幅 14.7%") == []
    assert faults("毛利率比去年低 1.5 个百分点") == []


@pytest.mark.parametrize(
    ("text", "value", "holds"),
    [
        ("1.168", 116_812_345.0, True), ("1.169", 116_812_345.0, False), ("+9.6", 0.0963, True),
        ("9.6", -0.0963, False), ("−9.6", -0.0963, True), ("±0.0", 0.0001, True),
        ("102.1\u00a0%", 1.0209, True), ("102.2\u00a0%", 1.0209, False),
        ("1,070.8", 10_707_641.0, True), ("¥116.81\u00a0million", 116_812_345.0, True),
    ],
)  # fmt: skip
def test_a_shown_figure_is_its_record_at_its_rounding(text, value, holds):
    assert states(text, value) is holds


NOTE = {
    "metric": "revenue",
    "unit": "all",
    "cause": "华东收入 4,585.0 万元，走访 [3 家](访谈)。",
    "measure": "追回 5 家",
    "stale": "",
    "place": "notes.csv, row 2",
}


def test_figures_of_notes_are_checked_unless_the_note_is_stale():
    checker = Checker(rows(), PROVENANCE)
    check_notes(checker, [NOTE])
    (fault,) = checker.faults
    assert fault.startswith("notes.csv, row 2, measure: figure '5'")
    checker = Checker(rows(), PROVENANCE)
    check_notes(checker, [NOTE | {"stale": "yes"}])
    assert checker.faults == []


@pytest.fixture(scope="module")
def sample():
    return SimpleNamespace(**runpy.run_path(str(Path(__file__).with_name("sample_report.py"))))


def test_a_page_with_a_wrong_figure_is_not_made(sample):
    node = sample.monthly()
    node["cells"].insert(2, sample.markdown("本月营业收入 3.99 亿元。"))
    revenue = sample.METRICS["revenue"]["actual"]
    right = f"本月营业收入 {revenue / 1e8:.2f} 亿元。"
    with pytest.raises(ClaimError, match=r"cell 3: figure '3\.99 亿元' states no recorded number"):
        render(node)
    node["cells"][2]["source"] = right
    assert right.replace(" 亿元", "\u00a0亿元") in render(node).html


def test_a_figure_that_is_not_its_record_is_refused(sample):
    """The evidence of a finding says another number than the scorecard's row."""
    node = sample.monthly()
    text = json.dumps(node, ensure_ascii=False)
    assert '"attainment": 0.9305' in text
    with pytest.raises(ClaimError, match=r"on_time_delivery\|attainment\|all\|2026-10"):
        render(json.loads(text.replace('"attainment": 0.9305', '"attainment": 0.5305')))


def test_english_page_checks_the_same_cells(sample):
    node = sample.monthly("en")
    node["cells"].insert(2, sample.markdown("Orders fell to 17 orders."))
    with pytest.raises(ClaimError, match="figure '17'"):
        render(node, locale="en")

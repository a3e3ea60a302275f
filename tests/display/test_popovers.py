"""What a figure answers when it is pressed."""

from __future__ import annotations

import re
from typing import Any

import pytest

from opsnb.display.measure_names import MEASURES, SAME
from opsnb.display.popovers import CHECKS, bind, merged
from opsnb.display.words import translate
from opsnb.results import SCORED

HASH = "0123456789abcdef" * 4
PROVENANCE: dict[str, Any] = {
    "metrics": {
        "revenue": {
            "label": {"zh": "营业收入", "en": "Revenue"},
            "description": {"zh": "订单行净额之和", "en": "Sum of net lines"},
            "formula": "sum(amount)",
            "better": "higher",
            "owner": "销售部",
            "tables": ["lines"],
            "sql": 'SELECT SUM("amount") FROM "lines" WHERE "a" < \'<b>\'',
            "sql_ytd": "SELECT 2",
            "checks": [
                {"kind": "unique", "on": "id", "count": 3},
                {"kind": "range", "on": "amount", "count": 0},
            ],
        },
        "cost": {"label": {"zh": "成本"}, "better": "lower", "tables": [], "checks": []},
    },
    "sources": {
        "lines": {
            "label": {"zh": "订单行", "en": "Lines"},
            "path": "lines.csv",
            "sha256": HASH,
            "rows_in_period": 5122,
            "owner": "销售部",
            "missing": ["east"],
            "checks": [{"kind": "jump", "on": "amount", "count": 0}],
        }
    },
    "units": {"east": {"label": {"zh": "华东", "en": "East"}}},
    "owners": {"销售部": {"zh": "销售部", "en": "Sales"}},
    "ledgers": {"targets": {"path": "targets.csv", "sha256": HASH[::-1]}},
}


def cell(key: str, text: str = "1.17") -> str:
    return f'<td class="a" data-key="{key}">{text}</td>'


def told(key: str, locale: str = "zh", more: str = "") -> str:
    _, popovers = bind(cell(key) + more, [PROVENANCE], locale)
    return str(popovers)


def facts(popover: str) -> dict[str, str]:
    pairs = re.findall(r"<dt>(.*?)<dd>(.*?)(?=<dt>|</dl>)", popover)
    return {term: re.sub(r"<[^>]*>", " ", shown).split() and " ".join(
        re.sub(r"<[^>]*>", " ", shown).split()) for term, shown in pairs}  # fmt: skip


def test_a_figure_becomes_a_button_and_nothing_else_changes():
    html = cell("revenue|actual|all|2026-10|||") + "<td>9</td>" + cell("nobody|actual|||||")
    shown, popovers = bind(html, [PROVENANCE], "zh")
    told = html.replace(' data-key="revenue|actual|all|2026-10|||"', "")  # the popover tells it
    assert re.sub(r"</?button[^>]*>", "", shown) == told
    assert shown.count("<button popovertarget=p1>1.17</button>") == 1
    assert shown.count("<button") == 1  # of what nothing is known there is nothing to open
    assert popovers.count("<dialog") == 1


def test_figures_of_a_metric_and_measure_share_one_popover():
    keys = [
        "revenue|actual|all|2026-10|||", "revenue|actual|east|2026-10|||",
        "revenue|value|all|2026-09|||", "revenue|target|all|2026-10|||",
        "revenue|actual|all|2026-10|{&#34;channel&#34;: &#34;a|b&#34;}||",
        "lines|count|all|2026-10|||",
    ]  # fmt: skip
    shown, popovers = bind("".join(map(cell, keys)), [PROVENANCE], "zh")
    assert re.findall(r"popovertarget=(\w+)", shown) == ["p1", "p1", "p1", "p2", "p1", "p3"]
    assert re.findall(r'popover id="(\w+)"', str(popovers)) == ["p1", "p2", "p3"]


def test_a_value_tells_meaning_formula_query_source_rows_checks_owner():
    popover = told("revenue|actual|all|2026-10|||")
    found = facts(popover)
    assert found == {
        "口径": "订单行净额之和",
        "公式": "sum(amount)",
        "来源": f"lines.csv {HASH[:8]} 5,122 行",
        "检查": "通过：取值范围；未通过：主键唯一（3 处）；华东缺数",
        "责任部门": "销售部",
    }
    assert 'aria-label="营业收入 实际"' in popover
    assert "<summary>SQL</summary>" in popover
    assert 'SELECT SUM("amount") FROM "lines" WHERE "a" &lt; \'&lt;b&gt;\'' in popover


def test_in_english():
    found = facts(told("revenue|actual|all|2026-10|||", "en"))
    assert found["Meaning"] == "Sum of net lines"
    assert (
        found["Checks"] == "hold: values in range; do not hold: no row twice (3); no data from East"
    )
    assert found["Owner"] == "Sales"


def test_a_formula_leads_to_its_parts():
    parts = cell("revenue|actual|all|2026-10|||") + cell("revenue|target|all|2026-10|||")
    _, popovers = bind(parts + cell("revenue|attainment|all|2026-10|||"), [PROVENANCE], "zh")
    third = str(popovers).split("<dialog")[3]
    assert (
        '<button popovertarget="p1">实际</button> ÷ <button popovertarget="p2">目标</button>'
        in third
    )
    assert "口径与来源" not in third, "the formula leads there itself"
    assert "lines.csv" not in third, "it stands where the third leads to"
    assert f"targets.csv <code>{HASH[::-1][:8]}</code>" in str(popovers).split("<dialog")[2]
    alone = facts(told("cost|attainment|all|2026-10|||"))
    assert alone["公式"] == "2 − 实际 ÷ 目标"


def test_a_target_is_told_by_its_ledger_alone():
    found = facts(told("revenue|target|all|2026-10|||"))
    assert found["来源"] == f"targets.csv {HASH[::-1][:8]}"
    assert "检查" not in found


def test_a_table_and_a_measure_of_ones_own():
    found = facts(told("lines|count|all|2026-10|||"))
    assert found["检查"] == "通过：无突变；华东缺数"
    popover = told("revenue|price_effect|all|2026-10|||")
    assert "Price effect" in popover
    assert facts(popover)["口径"] == "订单行净额之和"


def test_definitions_of_all_results_are_known():
    one, other = {"metrics": {"a": 1}, "unit": "x"}, {"metrics": {"b": 2}, "unit": "y"}
    assert merged([one, other]) == {"metrics": {"a": 1, "b": 2}, "unit": "x"}


def test_every_measure_of_the_scorecard_and_every_check_has_a_name_in_chinese():
    words = translate("zh")
    for measure in SCORED:
        assert words(MEASURES[measure].label) != MEASURES[measure].label
    for name in MEASURES.values():
        assert not name.formula or words(name.formula) in words.catalogue.values()
    assert all(words(label) != label for label in CHECKS.values())
    assert set(SAME.values()) <= set(MEASURES)


@pytest.mark.parametrize("hostile", ["<script>", '"><b>', "</dialog>"])
def test_words_of_others_stay_words(hostile):
    metric = PROVENANCE["metrics"]["revenue"] | {
        "label": {"zh": hostile}, "description": {"zh": hostile}, "formula": hostile,
        "sql": hostile, "owner": hostile,
    }  # fmt: skip
    html = cell("revenue|actual|all|2026-10|||")
    _, popovers = bind(html, [PROVENANCE | {"metrics": {"revenue": metric}}], "zh")
    assert hostile not in str(popovers).removesuffix("</dialog>")

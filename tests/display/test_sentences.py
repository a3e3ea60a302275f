from __future__ import annotations

import re
from dataclasses import replace
from html import unescape
from typing import Any

import pytest

from opsnb.display import plain_sentence, sentence
from opsnb.display.markup import NBSP
from opsnb.display.sentences import ONE, TEMPLATES
from opsnb.display.words import translate
from opsnb.findings.doubts import CODES
from opsnb.results import Finding

KEY = re.compile(r'<data value="([^"]*)" class="n" data-key="([^"]*)">([^<]*)</data>')
TAG = re.compile(r"<[^>]*>")
ZH = [
    "准时交付率完成目标的 93.1 %。实际 88.4 %，目标 95.0 %，差异 −6.6 个百分点。",
    "营业利润完成目标的 88.7 %。实际 1,640.7 万元，目标 1,850.0 万元，差异 −209.3 万元。",
    "营业收入完成全年目标的 80.0 %，落后时间进度 2.2 个百分点。"
    "时间进度 82.3 %。要完成全年目标，余下每个工作日须 629.0 万元。",
    "客户满意度缺西部、海外的数据。客户满意度调查中没有其数据；所示数字只含其余单位。",
    "活跃客户数达到目标。实际 1,204 家，目标 1,180 家，完成率 102.0 %。",
]
EN = [
    "On-time delivery: attainment 93.1 %. Actual 88.4 %, target 95.0 %, variance −6.6 pp.",
    "Operating profit: attainment 88.7 %. "
    "Actual ¥16.41 million, target ¥18.50 million, variance −¥2.09 million.",
    "Revenue: 80.0 % of the year's target, 2.2 pp behind time progress. Time progress is 82.3 %. "
    "The year's target takes ¥6.29 million every remaining workday.",
    "Customer satisfaction: no data from West, Overseas. "
    "Missing in Customer surveys; the figure covers the other units only.",
    "Active customers met its target. "
    "Actual 1,204 customers, target 1,180 customers, attainment 102.0 %.",
]


@pytest.mark.parametrize(("locale", "expected"), [("zh", ZH), ("en", EN)])
def test_findings_read_as_sentences(
    locale: str, expected: list[str], found: tuple[Finding, ...], provenance: dict[str, Any]
) -> None:
    texts = [plain_sentence(finding, provenance, locale).replace(NBSP, " ") for finding in found]
    assert texts == expected


@pytest.mark.parametrize("locale", ["zh", "en"])
def test_html_and_plain_text_say_the_same(
    locale: str,
    found: tuple[Finding, ...],
    in_tables: tuple[Finding, ...],
    provenance: dict[str, Any],
) -> None:
    for finding in (*found, *in_tables):
        html = unescape(str(sentence(finding, provenance, locale)))
        assert TAG.sub("", html) == plain_sentence(finding, provenance, locale)
        assert html.startswith("<b>")


def test_every_figure_is_bound_to_its_record(
    found: tuple[Finding, ...], provenance: dict[str, Any]
) -> None:
    for finding in found:
        html = sentence(finding, provenance, "zh")
        bound = KEY.findall(html)
        assert not re.search(r"\d", TAG.sub("", KEY.sub("", html)))
        for value, key, _ in bound:
            metric, measure, unit, period, _ = key.split("|", 4)
            assert (metric, unit, period) == (finding.metric, finding.unit, finding.period)
            assert unescape(key) == finding.key(measure)
            assert float(value) == finding.evidence[measure]


def test_table_faults_name_their_table(
    in_tables: tuple[Finding, ...], provenance: dict[str, Any]
) -> None:
    texts = [plain_sentence(f, provenance, "zh").replace(NBSP, " ") for f in in_tables]
    assert texts[0] == "订单行有 12 行的单位不在单位名录中。这些行只计入全公司。例如：E9, W7。"
    assert texts[1].startswith(
        "客户满意度调查有 3 个值不符合所在列的类型。首个：第 1,204 行，score 列"
    )
    assert texts[2] == "期间费用有 1 行没有日期。这些行不属于任何期间。"


def test_a_detail_without_its_evidence_is_left_out(
    found: tuple[Finding, ...], provenance: dict[str, Any]
) -> None:
    late = replace(
        found[2], evidence={"year_attainment": 0.98, "gap": -0.02, "time_progress": None}
    )
    text = plain_sentence(late, provenance, "zh").replace(NBSP, " ")
    assert text == "营业收入完成全年目标的 98.0 %，落后时间进度 2.0 个百分点。"
    banded = replace(found[4], evidence={"actual": 1285.0, "attainment": 1.0})
    assert "目标 " not in plain_sentence(banded, provenance, "zh")


@pytest.mark.parametrize(
    ("evidence", "zh", "en"),
    [
        ({"due": "2026-11-05"}, "应于11月5日前提交。", "It is due before Nov 5."),
        ({"overdue": "2026-11-05"}, "应于11月5日前提交，已逾期。", "It was due before Nov 5."),
        ({"due": "2027-01-05"}, "应于2027年1月5日前提交。", "It is due before Jan 5, 2027."),
    ],
)
def test_what_is_missing_says_when_it_is_or_was_due(
    found: tuple[Finding, ...],
    provenance: dict[str, Any],
    evidence: dict[str, str],
    zh: str,
    en: str,
) -> None:
    late = replace(found[3], evidence=dict(found[3].evidence) | evidence)
    assert plain_sentence(late, provenance, "zh").endswith(f"所示数字只含其余单位。{zh}")
    assert plain_sentence(late, provenance, "en").endswith(f"other units only. {en}")


def test_a_value_that_did_not_parse_is_placed_in_its_file(
    in_tables: tuple[Finding, ...], provenance: dict[str, Any]
) -> None:
    placed = replace(in_tables[1], evidence=dict(in_tables[1].evidence) | {"file": "a/调查.xlsx"})
    text = plain_sentence(placed, provenance, "zh").replace(NBSP, " ")
    assert "首个：a/调查.xlsx 第 1,204 行，score 列" in text


def test_a_doubt_about_a_table_without_units_is_the_whole_companys(
    provenance: dict[str, Any],
) -> None:
    evidence = {"table": "expenses", "count": 1, "total": 1, "units": "", "examples": "+900%"}
    jump = Finding("OPS019", "grey", "operating_expenses", "all", "2026-10", evidence)
    assert plain_sentence(jump, provenance, "zh").endswith("集团较上月 +900%。")


def test_a_finding_about_another_unit_names_it(
    found: tuple[Finding, ...], provenance: dict[str, Any]
) -> None:
    below = replace(found[0], unit="south")
    assert plain_sentence(below, provenance, "zh").startswith("华南准时交付率完成目标")
    assert plain_sentence(below, provenance, "en").startswith("On-time delivery of South: ")


def test_an_own_title_takes_the_place_of_the_lead(
    found: tuple[Finding, ...], provenance: dict[str, Any]
) -> None:
    title = {"zh": "{metric}只有 {actual} {unknown}", "en": "Only {actual}"}
    own = replace(found[0], title=title)
    html = sentence(own, provenance, "zh")
    assert TAG.sub("", html).replace(NBSP, " ").startswith("准时交付率只有 88.4 % {unknown}")
    assert 'data-key="on_time_delivery|actual|all|2026-10|||"' in html


def test_an_unknown_code_is_still_a_sentence(provenance: dict[str, Any]) -> None:
    odd = Finding("XYZ9", "red", "revenue", "all", "2026-10")
    assert plain_sentence(odd, provenance, "zh") == "营业收入：XYZ9。"


def test_nothing_is_needed_of_the_provenance(found: tuple[Finding, ...]) -> None:
    for finding in found:
        assert sentence(finding, {}, "zh")


def test_every_template_has_its_code() -> None:
    assert list(TEMPLATES) == sorted(set(TEMPLATES))  # rules of one subject have codes of one ten
    assert all(re.fullmatch(r"(OPS|RSK)\d{3}", code) for code in TEMPLATES)
    assert set(CODES.values()) < set(TEMPLATES)


def test_one_is_told_as_one():
    provenance = {"tables": {"t": {"label": {"zh": "表", "en": "Sales"}}}}
    for evidence, said in (
        ({"rows": 1}, "1 row has no date."),
        ({"rows": 2}, "2 rows have no date."),
    ):
        finding = Finding("OPS008", "grey", "", "all", "2026-10", {"table": "t", **evidence})
        assert plain_sentence(finding, provenance, "en").startswith(f"Sales: {said}")
        assert plain_sentence(finding, provenance, "zh").startswith(
            f"表有 {evidence['rows']} 行没有日期"
        )


def test_every_lead_for_one_is_the_same_in_chinese_and_has_no_plural():
    words = translate("zh")
    for code, one in ONE.items():
        assert words(one) == words(TEMPLATES[code].lead) != one
        assert re.search(r"\{(rows|count)\} (rows|values|totals|pairs|merged cells)\b", one) is None


def test_a_check_is_told_by_its_own_name():
    provenance = {"tables": {"t": {"label": {"zh": "表", "en": "Sales"}}}}
    title = {"zh": "无负数", "en": "no negative {table}"}
    evidence = {"table": "t", "count": 3, "file": "a.csv", "row": 9}
    finding = Finding("OPS012", "grey", "m", "all", "2026-10", evidence, title)
    en, zh = (plain_sentence(finding, provenance, locale) for locale in ("en", "zh"))
    lead = (
        "Sales: 3 values lie outside their range. Check: no negative {table}. First: a.csv, row 9."
    )
    assert en == lead
    assert zh.startswith("表有 3 个值超出规定范围。检查项：无负数。")

"""What a reader or an assistive technology meets in a fragment; parsed, not matched as text."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import pytest

from opsnb.display import bundle, html, number, plain, register
from opsnb.results import MIME, Column, Finding, Result

VOID = {"path", "rect", "circle", "br", "col", "use", "img"}
Attributes = dict[str, str | None]


class Parsed(HTMLParser):
    """Elements in order, each with its attributes and all the text in it; fails if ill nested."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, Attributes, list[str]]] = []
        self.open: list[tuple[str, Attributes, list[str]]] = []
        self.cards: list[Attributes] = []  # cells that stand on cards on a phone
        self.feed(source)
        self.close()
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names)), (tag, names)
        element = (tag, dict(attrs), list[str]())
        self.elements.append(element)
        if tag == "td" and any("stack" in str(a.get("class")) for _, a, _ in self.open):
            self.cards.append(element[1])
        if tag not in VOID:
            self.open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop()[0] == tag

    def handle_data(self, data: str) -> None:
        for _, _, text in self.open:
            text.append(data)

    def all(self, tag: str, css: str = "") -> list[tuple[Attributes, str]]:
        return [
            (attributes, "".join(text))
            for name, attributes, text in self.elements
            if name == tag and (not css or css in (attributes.get("class") or "").split())
        ]


@pytest.fixture(scope="session", params=["zh", "en"])
def pages(request: pytest.FixtureRequest, everything: list[Result]) -> dict[str, Parsed]:
    return {result.name: Parsed(html(result, request.param)) for result in everything}


def test_each_fragment_has_one_root_of_class_opsnb(pages: dict[str, Parsed]) -> None:
    for name, page in pages.items():
        tag, attributes, _ = page.elements[0]
        assert tag == "div"
        assert (attributes["class"] or "").split() == ["opsnb", f"v-{name}"]


def test_tables_have_a_caption_and_every_head_a_scope_and_a_name(pages: dict[str, Parsed]) -> None:
    for name, page in pages.items():
        assert len(page.all("table")) == len(page.all("caption"))
        assert all(text.strip() for _, text in page.all("caption")), name
        for attributes, text in page.all("th"):
            assert attributes["scope"] in ("col", "row", "rowgroup")
            assert text.strip(), name


def test_no_cell_is_empty_or_a_bare_dash(pages: dict[str, Parsed]) -> None:
    for page in pages.values():
        for attributes, text in page.all("td"):
            if "s" in (attributes.get("class") or "").split():
                continue  # a sparkline says its numbers in its label
            assert text.strip() not in ("", "-", "—", "–", "nan", "None", "NaN")
        assert all(attributes["data-l"] for attributes in page.cards)


def test_wide_tables_scroll_in_a_named_region(pages: dict[str, Parsed]) -> None:
    (attributes, _) = pages["scorecard"].all("div", "scr")[0]
    assert attributes["tabindex"] == "0"
    assert attributes["role"] == "region"
    assert attributes["aria-label"]


def test_each_drawing_says_a_number_or_is_hidden(pages: dict[str, Parsed]) -> None:
    for page in pages.values():
        ids = {attributes["id"] for _, attributes, _ in page.elements if "id" in attributes}
        for attributes, _ in page.all("svg"):
            if attributes.get("aria-hidden") == "true":
                continue
            assert attributes["role"] == "img"
            if label := attributes.get("aria-label"):
                is_icon = attributes["viewbox"] == "0 0 24 24"  # says a word: "Variation: Concern"
                assert re.search(": .|：." if is_icon else r"\d", label)
            else:
                assert set((attributes["aria-labelledby"] or "").split()) <= ids


def test_ids_are_unique_over_a_page(everything: list[Result]) -> None:
    page = Parsed("".join(html(result) for result in everything))
    ids = [attributes["id"] for _, attributes, _ in page.elements if "id" in attributes]
    assert len(ids) == len(set(ids))


def test_rows_of_one_unit_stand_in_one_group_with_equal_decimals(scorecard: Result) -> None:
    page = Parsed(html(scorecard, "zh"))
    groups = [text for attributes, text in page.all("th") if attributes["scope"] == "rowgroup"]
    assert [group.split("；")[0] for group in groups] == [
        "金额，亿元", "金额，万元", "金额，元", "比率，%", "其他单位",
    ]  # fmt: skip
    shown = {key: text for key, text in keyed(page).items() if "|actual|" in key}
    assert shown["revenue|actual|all|2026-10|||"] == "1.124"
    assert shown["revenue_trailing_year|actual|all|2026-10|||"] == "14.020"
    assert shown["inventory|actual|all|2026-10|||"] == "8,421.0"
    assert shown["operating_expenses|actual|all|2026-10|||"] == "1,482.3"


def keyed(page: Parsed) -> dict[str, str]:
    return {
        str(attributes["data-key"]): text
        for attributes, text in page.all("td")
        if "data-key" in attributes
    }


def test_ratios_change_in_points_and_all_others_in_per_cent(scorecard: Result) -> None:
    cells = keyed(Parsed(html(scorecard, "zh")))
    assert cells["gross_margin|yoy_difference|all|2026-10|||"] == "−0.9"
    assert cells["revenue|yoy|all|2026-10|||"] == "+4.2"
    assert "gross_margin|yoy|all|2026-10|||" not in cells


def test_a_missing_number_shows_its_reason_in_words(scorecard: Result) -> None:
    texts = [text for _, text in Parsed(html(scorecard, "zh")).all("small", "na")]
    assert {"无目标", "无去年同期", "不适用", "单位缺数"} <= set(texts)


def test_incomplete_marks_exactly_what_it_touches(scorecard: Result, headline: Result) -> None:
    rows = [text for _, text in Parsed(html(scorecard, "zh")).all("th") if "缺数" in text]
    assert rows == ["客户满意度分缺数"]
    cards = Parsed(html(headline, "zh")).all("li", "card")
    assert [text[:5] for _, text in cards if "缺数" in text.split("目标")[0]] == ["客户满意度"]
    assert "客户满意度缺西部、海外的数据" in Parsed(html(scorecard, "zh")).all("p", "note")[1][1]


def test_doubt_marks_exactly_what_it_touches_and_is_told_once(scorecard: Result) -> None:
    evidence = {"table": "order_lines", "count": 120, "total": 120, "units": "east",
                "file": "order_lines.csv", "row": 300_522}  # fmt: skip
    touched = ["revenue", "gross_margin"]
    kept = tuple(f for f in scorecard.findings if f.metric not in touched and f.code != "OPS003")
    doubts = [Finding("OPS011", "grey", m, "all", "2026-10", evidence) for m in touched]
    parsed = Parsed(html(replace(scorecard, findings=(*kept, *doubts)), "zh"))
    heads = [text for attributes, text in parsed.all("th") if attributes.get("scope") == "row"]
    assert [text for text in heads if "存疑" in text] == [
        text for text in heads if text.startswith(("营业收入", "毛利率"))
    ]
    told = [text for _, text in parsed.all("p", "note") if "重复" in text]
    assert [text.replace("\xa0", " ") for text in told] == [
        "订单行有 120 行重复。本期按原样计入。首见于 order_lines.csv 第 300,522 行。"
        "涉及营业收入、毛利率。"
    ]


def test_sources_tell_what_was_made_of_the_rows_only_where_there_is_something(
    sources: Result,
) -> None:
    plainly = Parsed(html(sources, "zh"))
    heads = [text for _, text in plainly.all("th")]
    assert not {"排除行数", "按约定识别", "未匹配行数"} & set(heads)
    provenance = dict(sources.provenance)
    surveys = provenance["sources"]["surveys"] | {"recognised": {"missing score": 3}}
    provenance["sources"] = provenance["sources"] | {"surveys": surveys}
    counts = {"excluded": [0, 0, 7, 0, 0], "recognised": [0, 3, 0, 0, 0], "unmatched": [0] * 5}
    frame = sources.frame.assign(**counts)
    columns = (*sources.columns, *(Column(name, "count") for name in counts))
    told = Parsed(html(replace(sources, frame=frame, columns=columns, provenance=provenance), "zh"))
    shown = {text for _, text in told.all("th")} - set(heads)
    assert shown == {"排除行数", "按约定识别"}
    (note,) = [text for _, text in told.all("p", "note")]
    assert note.replace("\xa0", " ") == "客户满意度调查的取值：score 列 3 个为约定的缺失标记。"


def test_a_tag_on_a_card_is_explained_even_where_no_message_says_it(headline: Result) -> None:
    fewer = replace(headline, frame=headline.frame.iloc[:2], findings=headline.findings[:2])
    assert "客户满意度缺西部、海外的数据" in html(fewer, "zh")
    assert html(headline, "zh").count("客户满意度缺西部、海外的数据") == 1


def test_what_is_grey_or_not_judged_is_never_normal(scorecard: Result, headline: Result) -> None:
    states = [text for _, text in Parsed(html(scorecard, "zh")).all("td", "j")]
    assert states.count("灰") == 1
    assert states.count("未判断") == 2
    card = next(a for a, t in Parsed(html(headline, "zh")).all("li", "card") if "满意度" in t)
    assert card["class"] == "card s-grey"


def test_units_are_ranked_by_attainment_with_the_missing_last(units: Result) -> None:
    page = Parsed(html(units, "zh"))
    names = [text for attributes, text in page.all("th") if attributes["scope"] == "row"]
    score = names[20:25]
    assert score[:3] == ["华东", "华北", "华南"]
    assert set(score[3:]) == {"西部", "海外"}
    assert [text for _, text in page.all("th") if "红" in text] == ["华南红"]


def test_units_without_units_below_say_so(units: Result) -> None:
    empty = replace(units, frame=units.frame.iloc[:0], reasons={}, findings=())
    assert "没有下级单位" in html(empty, "zh")


def test_messages_ask_the_owner_where_no_action_is_recorded(headline: Result) -> None:
    asks = [text for _, text in Parsed(html(headline, "zh")).all("p", "ask")]
    assert asks[0] == "→ 批准启用第二货源，轴承安全库存由 12 天提到 20 天 生产部"
    assert asks[1] == "→ 请财务部说明原因和措施"
    assert asks[3] == "→ 请客服部补报数据"
    assert asks[4] == "无须决定"


def test_every_warning_has_a_shape_and_a_word(problems: Result) -> None:
    levels = Parsed(html(problems, "en")).all("span", "wl")
    assert [text for _, text in levels] == ["Orange", "Red", "Yellow", "Grey", "Normal"]


def test_no_findings_are_said_and_not_left_blank(headline: Result, problems: Result) -> None:
    for result in (headline, problems):
        none = replace(result, frame=result.frame.iloc[:0], findings=())
        assert "没有规则报出" in html(none, "zh")


def test_numbers_and_links_are_given_once_the_page_is_whole(
    headline: Result, scorecard: Result, trend: Result
) -> None:
    page = number("".join(html(result, "zh") for result in (headline, scorecard, trend)), "zh")
    links = Parsed(page).all("a", "ref")
    assert [text for _, text in links] == ["表 1", "表 1", "图 1", "表 1", "表 1"]
    assert links[2][0]["href"] == "#trend-revenue-all"
    alone = number(html(headline, "en"), "en")
    assert not Parsed(alone).all("a", "ref")


@pytest.mark.parametrize("locale", ["zh", "en"])
def test_hostile_text_is_escaped_everywhere(
    locale: str, everything: list[Result], hostile: str, spoilt: dict[str, Any]
) -> None:
    for result in everything:
        html_of = html(soiled(result, spoilt, hostile), locale)
        assert "<script" not in html_of
        assert "alert(1)" in html_of
        page = Parsed(html_of)  # a quote that broke out of an attribute would add others
        assert not [
            name for _, attributes, _ in page.elements for name in attributes if "'" in name
        ]
        assert not page.all("script")


def soiled(result: Result, provenance: dict[str, Any], hostile: str) -> Result:
    """The same result with hostile labels, texts, ids and notes."""
    frame = result.frame.copy()
    for column in result.columns:
        if column.unit == "text" and column.name != "key":
            frame[column.name] = hostile
    findings = tuple(
        replace(
            finding, action=hostile, owner=hostile, title={"zh": hostile, "en": hostile},
            evidence={**finding.evidence, "units": hostile, "tables": hostile},
        )
        for finding in (*result.findings, Finding(hostile, "red", hostile, hostile, hostile))
    )  # fmt: skip
    return replace(
        result, frame=frame, findings=findings, notes=(hostile,), provenance=provenance,
        parts=tuple(replace(part, provenance=provenance) for part in result.parts),
    )  # fmt: skip


def test_hostile_names_of_results_columns_and_keys_are_escaped(own: Result, hostile: str) -> None:
    columns = tuple(replace(c, name=f"{hostile}{i}") for i, c in enumerate(own.columns))
    frame = own.frame.set_axis([c.name for c in columns], axis=1).copy()
    frame[columns[0].name] = hostile
    name = {c.name: new.name for c, new in zip(own.columns, columns, strict=True)}
    reasons = {(row, name[column]): why for (row, column), why in own.reasons.items()}
    text = html(Result(hostile, frame, columns, reasons, notes=(hostile,)))
    assert "<script" not in text
    assert Parsed(text)


def test_an_own_result_is_a_table_by_the_units_of_its_columns(own: Result) -> None:
    page = Parsed(html(own, "zh"))
    assert page.all("caption")[0][1] == "Product mix，2026年10月"
    rows = [text for attributes, text in page.all("th") if attributes["scope"] == "row"]
    assert rows == ["减速机", "伺服电机", "控制器", "传感器"]
    cells = [text for _, text in page.all("td")]
    assert cells[:5] == ["4,938", "40.0", "−1.5", "1,500", "无"]


def test_an_own_result_may_name_its_columns(own: Result, provenance: dict[str, Any]) -> None:
    labels = {"product_mix": {"zh": "产品结构"}, "share": {"zh": "占比"}}
    text = html(replace(own, provenance=provenance | {"labels": labels}), "zh")
    assert "产品结构，2026年10月" in text
    assert "占比" in text


@pytest.mark.parametrize("rows", [0, 1])
def test_an_own_result_may_be_empty_or_have_one_row(own: Result, rows: int) -> None:
    reasons = {key: why for key, why in own.reasons.items() if key[0] < rows}
    assert Parsed(html(replace(own, frame=own.frame.iloc[:rows], reasons=reasons), "zh"))


@pytest.mark.parametrize("name", ["scorecard", "trend", "units", "sources", "headline"])
def test_an_own_result_under_a_known_name_is_shown_by_its_columns(own: Result, name: str) -> None:
    assert "减速机" in html(replace(own, name=name), "zh")


def test_nothing_of_the_provenance_is_needed(everything: list[Result]) -> None:
    for result in everything:
        bare = replace(result, provenance={})
        assert Parsed(html(bare))


def test_the_record_gives_the_same_html_as_the_result(everything: list[Result]) -> None:
    for result in everything:
        record = json.loads(json.dumps(result.to_bundle(), allow_nan=False))
        assert html(Result.from_bundle(record)) == html(result)


def test_a_bundle_holds_html_text_and_record(scorecard: Result) -> None:
    shown = bundle(scorecard)
    assert set(shown) == {"text/html", "text/plain", MIME}
    style, _, fragment = shown["text/html"].partition("</style>")
    assert style.startswith("<style data-opsnb>")
    assert fragment == html(scorecard)
    assert len(style.encode()) < 16_000
    assert "@import" not in style
    assert "url(" not in style


def test_plain_text_is_short_and_says_the_findings(headline: Result) -> None:
    lines = plain(headline).splitlines()
    assert lines[0] == "headline 2026年10月 集团"
    assert len(lines) == 6


def test_a_shell_shows_a_result_by_its_bundle(scorecard: Result) -> None:
    from IPython.core.formatters import DisplayFormatter

    class Shell:
        display_formatter = DisplayFormatter()

    register(Shell())
    data, _ = Shell.display_formatter.format(scorecard)
    assert MIME in data
    assert data["text/plain"] == plain(scorecard)

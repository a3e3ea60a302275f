"""Before and after on the demonstration company, whose truth is known, and on made-up changes."""

import json
import shutil

import numpy as np
import pytest

import opsnb
from opsnb import analyses, display
from opsnb.errors import ParameterError, SettingsError, UnknownNameError
from opsnb.runs.records import recorded
from opsnb.stats.interrupted import interrupted


@pytest.fixture(scope="module")
def book(demonstration):
    return opsnb.open(demonstration, "2026-10")


def rows(result):
    return {row["estimate"]: row for row in result.frame.to_dict("records")}


def test_the_planted_rise_of_costs_is_found(book):
    """Unit costs of motors rose in June 2026; the margin of the months before says how much."""
    found = analyses.before_after(book, "gross_margin", "2026-06")
    mean = rows(found)["mean"]
    assert mean["effect_upper"] < 0
    assert mean["pvalue"] < 0.01
    assert (mean["months_before"], mean["months_after"]) == (55, 5)
    (placebo,) = found.part("before_after_placebos").frame.to_dict("records")
    assert placebo["as_far"] == 0
    assert placebo["p_placebo"] == pytest.approx(1 / (placebo["number"] + 1))


def test_it_is_the_estimate_of_the_adjusted_values(book):
    found = analyses.before_after(book, "revenue", "2026-04")
    path = found.part("before_after_path").frame
    place = list(path["target_period"]).index("2026-04")
    told = interrupted(path["adjusted_value"].to_numpy(), place, log=True)
    mean, total = rows(found)["mean"], rows(found)["total"]
    assert total["effect"] == pytest.approx(told.total.value)
    assert mean["effect"] == pytest.approx(told.total.value / 7)
    assert mean["relative"] == pytest.approx(told.relative.value)
    assert path["without"].to_numpy()[place:] == pytest.approx(
        told.path["counterfactual"].to_numpy()[place:]
    )


def test_another_unit_is_the_control(book):
    alone = analyses.before_after(book.for_unit("south"), "on_time_delivery", "2026-08")
    beside = analyses.before_after(
        book.for_unit("south"), "on_time_delivery", "2026-08", "unit:east"
    )
    assert rows(beside)["mean"]["effect"] != rows(alone)["mean"]["effect"]
    assert (beside.part("before_after_path").frame["without"] <= 1).all()
    with pytest.raises(ParameterError, match="own control"):
        analyses.before_after(book, "revenue", "2026-04", "revenue")
    with pytest.raises(UnknownNameError):
        analyses.before_after(book, "revenue", "2026-04", "unit:nowhere")


@pytest.mark.parametrize(("locale", "other"), [("zh", "另一单位"), ("en", "another unit")])
def test_a_units_page_does_not_name_another_unit(book, locale, other):
    def page(unit):
        found = analyses.before_after(book.for_unit(unit), "revenue", "2026-04", "unit:east")
        assert "east" in rows(found)["mean"]["control"] or unit != book.units.root
        return json.dumps(
            [display.html(found, locale), recorded([found])], default=str, ensure_ascii=False
        )

    name = book.units["east"].label[locale]
    whole, one = page("all"), page("south")
    assert name in whole
    assert other not in whole
    assert other in one
    assert name not in one
    assert "east" not in one


@pytest.mark.parametrize("since", ["2026-09", "2021-11", "2026-Q2", "2030-01"])
def test_a_month_without_enough_on_a_side_is_refused(book, since):
    with pytest.raises(ParameterError):
        analyses.before_after(book, "revenue", since)


@pytest.mark.parametrize("locale", ["zh", "en"])
@pytest.mark.parametrize("metric", ["gross_margin", "revenue", "orders"])
def test_every_figure_is_a_record(book, metric, locale):
    found = analyses.before_after(book, metric, "2026-04")
    both = [found, analyses.robustness(found)]
    keys = {row["key"] for row in recorded(both)}
    for one in both:
        html = display.html(one, locale)
        shown = {part.split('"')[0].replace("&#34;", '"') for part in html.split('data-key="')[1:]}
        assert shown
        assert shown <= keys


OPTIONS = """schema: 1
options:
  nothing: {label: 维持现状, cost: 0, benefit: 0}
  hedge:
    label: {zh: 锁定铜价, en: Hedge copper}
    cost: [10, 20, 30]
    benefit: [0, 60, 90]
    chance: 0.9
    risk: 价格下跌
    owner: 财务部
"""


@pytest.fixture
def company(demonstration, tmp_path):
    folder = tmp_path / "demo"
    shutil.copytree(demonstration, folder)
    (folder / "reports").mkdir()
    return folder


def test_options_of_a_topic(company):
    (company / "reports/copper.options.yaml").write_text(OPTIONS, "utf-8")
    found = analyses.options(opsnb.open(company, "2026-10"), "copper")
    frame = found.frame.set_index("option")
    assert list(frame.index) == ["hedge", "nothing"]
    assert frame.loc["hedge", "option_net"] == pytest.approx(0.9 * (240 + 90) / 6 - 20)
    assert np.isclose(frame["p_best"].sum(), 1)
    html = display.html(found)
    assert "锁定铜价" in html
    assert "价格下跌" in html
    assert "Hedge copper" in display.html(found, "en")


@pytest.mark.parametrize(
    ("old", "new", "match"),
    [
        ("[10, 20, 30]", "[30, 20, 10]", r"copper.options.yaml, line \d+.*low, most likely"),
        ("chance", "chanse", "did you mean 'chance'"),
        ("0.9", "1.9", "line 8"),
        ("    benefit: [0, 60, 90]\n", "", "benefit"),
    ],
)
def test_a_wrong_line_is_named(company, old, new, match):
    path = company / "reports/copper.options.yaml"
    path.write_text(OPTIONS.replace(old, new), "utf-8")
    with pytest.raises(SettingsError, match=match):
        analyses.options(opsnb.open(company, "2026-10"), "copper")


def test_a_topic_that_is_not_there(company):
    (company / "reports/copper.options.yaml").write_text(OPTIONS, "utf-8")
    with pytest.raises(UnknownNameError, match="did you mean 'copper'"):
        analyses.options(opsnb.open(company, "2026-10"), "coper")


@pytest.mark.parametrize("locale", ["zh", "en"])
def test_a_topic_from_question_to_decision(company, call, tmp_path, locale):
    """Written, run, rendered and recorded by the command line."""
    asked = ("--metric", "gross_margin", "--since", "2026-06", "--title", "铜价专题")
    made = call("new", "topic", "copper", "--company", company, *asked)
    assert made.code == 0, made.err
    out = tmp_path / "out"
    ran = call("run", "copper", "--company", company, "--period", "2026-10", "--locale", locale,
               "--output", out)  # fmt: skip
    assert ran.code == 0, ran.err
    (page,) = out.glob("demo/2026-10/copper/all/*/report.html")
    text = page.read_text("utf-8")
    for heading in {
        "zh": ("问题", "方法与假设", "结果", "稳健性", "方案比较", "建议与决定"),
        "en": ("Question", "Method and assumptions", "Result", "Robustness", "Options",
               "Advice and decision"),
    }[locale]:  # fmt: skip
        assert heading in text
    again = call("new", "topic", "copper", "--company", company, *asked)
    assert (again.code, "there already" in again.err) == (2, True)
    options = company / "reports/copper.options.yaml"
    options.write_text(OPTIONS, "utf-8")
    more = call("run", "copper", "--company", company, "--period", "2026-10", "--locale", locale,
                "--output", out, "--json")  # fmt: skip
    assert '"done"' in more.out  # other options are another report

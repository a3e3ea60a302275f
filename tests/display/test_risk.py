"""Views of risk: what they say, what they bind, and how they look without a provenance."""

import re
from dataclasses import replace

import pytest

import opsnb
from opsnb import analyses
from opsnb.display import html
from opsnb.display.figures import NARROW, WIDE
from opsnb.display.reader import Reader, records
from opsnb.display.risk_curve import exceedance
from opsnb.display.risk_figures import Axis, MatrixData, matrix
from opsnb.display.risk_losses import data as curve_data
from opsnb.display.risk_matrix import data as matrix_data
from opsnb.display.risk_words import chance, round_amount
from opsnb.results import Result
from opsnb.runs.records import recorded

NAMES = ("risk", "warnings", "kri", "matrix", "losses", "responses", "incidents", "register")


@pytest.fixture(scope="module")
def results(demonstration):
    workbook = opsnb.open(demonstration, "2026-10")
    register, indicators = analyses.assessed(workbook), analyses.kri(workbook)
    found = (
        analyses.risk(workbook), analyses.risk_warnings(register, indicators), indicators,
        analyses.risk_matrix(register), analyses.risk_losses(register),
        analyses.risk_responses(register), analyses.risk_incidents(register),
        analyses.risk_register(register),
    )  # fmt: skip
    return dict(zip(NAMES, found, strict=True))


@pytest.mark.parametrize("name", NAMES)
def test_the_record_gives_the_same_view(results, name):
    result = results[name]
    shown = html(result)
    assert html(Result.from_bundle(result.to_bundle())) == shown
    assert html(replace(result, provenance={}))
    english = html(result, "en")
    assert 'lang="en"' in english
    assert "{" not in re.sub(r"<svg.*?</svg>|data-key=\"[^\"]*\"", "", english, flags=re.S)


@pytest.mark.parametrize("name", NAMES)
def test_every_bound_figure_has_one_record(results, name):
    keys = {row["key"] for row in recorded(results.values())}
    bound = re.findall(r'data-key="([^"]*)"', html(results[name]))
    assert bound
    assert {key.replace("&#34;", '"') for key in bound} <= keys


def test_one_number_has_one_value(results):
    values = {}
    for row in recorded(results.values()):
        if row["value"] is not None:
            assert values.setdefault(row["key"], row["value"]) == pytest.approx(row["value"])


def test_the_section_says_what_a_leader_asks(results):
    shown = html(results["risk"])
    words = ("在制品积压天数", "越红线概率", "年期望损失", "没有行动、责任人和期限")
    for word in (*words, "2,000\u00a0万元"):
        assert word in shown, word


def test_warnings_without_an_owner_are_red(results):
    shown = html(results["warnings"])
    unowned = [f for f in results["warnings"].findings if f.code in ("RSK009", "RSK010")]
    assert unowned
    assert shown.count('class="bad">台账中没有行动、责任人和期限') == len(unowned)


def test_colours_never_stand_alone(results):
    shown = html(results["kri"])
    for row in records(results["kri"]):
        word = {"red": "红", "orange": "橙", "yellow": "黄", "green": "正常", "grey": "灰"}
        assert re.search(f'<span class="wl w-[a-z]+">{word[row["colour"]]}</span>', shown)
    assert all(
        "aria-label" in svg for svg in re.findall(r'<svg[^>]*class="(?:pp|hs)"[^>]*>', shown)
    )


@pytest.mark.parametrize("canvas", [WIDE, NARROW])
def test_the_matrix_has_a_dot_for_each_risk_where_it_belongs(results, canvas):
    rows = records(results["matrix"])
    given = matrix_data(rows, Reader.of(results["matrix"]))
    assert [(s.x, s.y) for s in given.spots] == [(r["frequency"], r["severity"]) for r in rows]
    drawn = matrix(given, canvas)
    texts = [t.get_text() for t in drawn.texts]
    assert sum(any(text.startswith(s.name) for text in texts) for s in given.spots) == len(rows)
    dots = [p for p in drawn.axes[0].patches if getattr(p, "radius", 0) == 5]
    assert len(dots) == len(rows)
    order = sorted(range(len(rows)), key=lambda i: rows[i]["frequency"])
    across = [dots[i].center[0] for i in order]
    assert across == sorted(across)


def test_one_risk_alone_is_drawn(results):
    given = matrix_data(records(results["matrix"])[:1], Reader.of(results["matrix"]))
    assert isinstance(given, MatrixData)
    assert matrix(given, WIDE).texts


def test_the_curves_are_those_of_the_simulation(results):
    result = results["losses"]
    curve = records(result.part("risk_curve"))
    given = curve_data(curve, records(result.part("risk_limits")), Reader.of(result))
    assert [c.kind for c in given.curves] == ["inherent", "residual", "target"]
    for one, other in zip(given.curves, given.curves[1:], strict=False):
        assert all(a >= b for a, b in zip(one.chances, other.chances, strict=True))
    assert given.limits == ((5e6, 0.8), (1e7, 0.4), (2e7, 0.05), (4e7, 0.01))
    assert given.noted[0] == 2e7
    assert exceedance(given, NARROW).texts


def test_a_log_scale_is_even_in_the_logarithm():
    axis = Axis(1, 100, 0, 200)
    assert [axis(v) for v in (1, 10, 100)] == [0, 100, 200]
    assert axis.within(1000) == 100


def test_numbers_in_words(results):
    assert chance(0.004, "zh") == "<\u00a01\u00a0%"
    assert chance(0.0, "zh") == "0\u00a0%"
    assert chance(0.999, "en") == ">\u00a099\u00a0%"
    reader = Reader.of(results["matrix"])
    for value, text in ((20e6, "2,000\u00a0万元"), (1.5e6, "150\u00a0万元"), (3e4, "3\u00a0万元")):
        assert round_amount(value, reader) == text


def test_without_ledgers_one_line_stands(results):
    empty = replace(
        results["risk"], frame=results["risk"].frame.iloc[:0], reasons={}, findings=(), parts=()
    )
    assert html(empty).count("<p") == 1
    assert "本节从略" in html(empty)

"""Charts, matrix and exceptions of a company whose series are made for them."""

import math

import numpy as np
import pytest

import opsnb
from opsnb.analyses import exceptions, headline, matrix, problems, scorecard, units
from opsnb.analyses.charting import adjust_kind
from opsnb.analyses.control import charts
from opsnb.data import kept
from opsnb.findings.signals import CODES
from opsnb.period import Period
from opsnb.results import Result
from opsnb.stats.spc import xmr

MONTHS = Period.parse("2026-10").back(48)
NOISE = np.random.default_rng(12).normal(0, 1, (8, 48))
LEVEL = np.round(1000 + 20 * NOISE[0], 2)
FALLEN = np.append(LEVEL[:-1], 800.0)
METRICS = {
    "level": {"measure": "sum(level)"},
    "fallen": {"measure": "sum(fallen)", "owner": "甲部"},
    "cost": {"measure": "sum(fallen)", "better": "lower"},
    "growing": {"measure": "sum(growing)"},
    "seasonal": {"measure": "sum(seasonal)"},
    "walking": {"measure": "sum(walking)"},
    "flat": {"measure": "sum(flat)"},
    "banded": {"measure": "sum(fallen)", "better": "band", "band": [900, 1100]},
}
SERIES = {
    "level": LEVEL,
    "fallen": FALLEN,
    "growing": np.round(1000 + 30 * np.arange(48) + 20 * NOISE[1], 2),
    "seasonal": np.round(1000 + 200 * np.sin(np.arange(48) * math.pi / 6) + 10 * NOISE[2], 2),
    "walking": np.round(3000 + 40 * np.cumsum(NOISE[3]), 2),
    "flat": np.full(48, 500.0),
}
NOTES = """period,unit,metric,cause,measure,author
2026-09,all,cost,旧原因,旧措施,甲
2026-10,all,fallen,供应商停产,启用第二货源,乙
2026-10,all,fallen,供应商停产两周,启用第二货源并加班,丙
2026-05,all,banded,太早,太早,丁
"""


@pytest.fixture(scope="module")
def folder(write_company, tmp_path_factory):
    """Write the company: unit a has all of it; b opens in 2026, c closes in 2025."""
    names = list(SERIES)
    rows = [
        (f"{month}-15", "a", *(SERIES[name][i] for name in names)) for i, month in enumerate(MONTHS)
    ]
    rows += [(f"{month}-15", "b", *[1.0] * len(names)) for month in MONTHS[-9:]]
    rows += [(f"{month}-15", "c", *[1.0] * len(names)) for month in MONTHS[:30]]
    text = f"day,u,{','.join(names)}\n"
    text += "".join(",".join(map(str, row)) + "\n" for row in rows)
    targets = "metric,unit,period,value\n" + "".join(
        f"{metric},all,2026-10,{value}\n"
        for metric, value in (("level", 700), ("fallen", 1000), ("cost", 700), ("growing", 99999))
    )
    return write_company(
        tmp_path_factory.mktemp("charts"),
        metrics={name: {"table": "t"} | metric for name, metric in METRICS.items()},
        sources={
            "t": {
                "unit": "u",
                "columns": {"day": "date", "u": "text"} | dict.fromkeys(names, "decimal(2)"),
            }
        },
        data={"t": text},
        ledgers={
            "units": "unit,label,opened,closed\na,A,,\nb,B,2026-02-01,\nc,C,,2025-04-30\n",
            "targets": targets,
            "notes": NOTES,
        },
    )


@pytest.fixture(scope="module")
def workbook(folder):
    return opsnb.open(folder, "2026-10", "a")


@pytest.fixture(scope="module")
def drawn(workbook):
    return charts(workbook, list(METRICS))


@pytest.fixture(scope="module")
def whole(folder):
    book = opsnb.open(folder, "2026-10")
    card = scorecard(book)
    return book, card, units(book, list(METRICS))


@pytest.mark.parametrize(
    ("metric", "basis", "variation"),
    [
        ("level", "level", "common"),
        ("fallen", "level", "concern_low"),
        ("cost", "level", "improvement_low"),
        ("banded", "level", "neutral_low"),
        ("growing", "detrended", "common"),
        ("seasonal", "yoy_log", "common"),
        ("walking", "", ""),
        ("flat", "level", "common"),
    ],
)
def test_each_series_has_its_basis_and_its_icon(drawn, metric, basis, variation):
    found = drawn[metric].standing
    assert (found.basis, found.variation) == (basis, variation)
    assert bool(found.reason) == (not basis)


def test_a_chart_is_the_limits_of_its_last_36_months(drawn):
    chart, expected = drawn["fallen"], xmr(FALLEN[-36:])
    assert [str(month) for month in chart.months] == [str(month) for month in MONTHS[-36:]]
    for shown, column in (("point", "value"), ("center", "center"), ("lower", "lower")):
        np.testing.assert_allclose(chart.frame[shown], expected[column])
    assert chart.standing.numbers == pytest.approx(
        {
            "point": 800.0,
            "limit": expected["lower"].iloc[-1],
            "center": expected["center"].iloc[-1],
        }
    )
    assert chart.standing.run == 1
    assert 0 < chart.standing.false_flags < 0.03


def test_a_trend_is_put_back_into_points_centre_and_limits(drawn):
    frame = drawn["growing"].frame
    np.testing.assert_allclose(frame["point"], SERIES["growing"][-36:])
    slopes = [np.diff(frame[name]) for name in ("center", "lower", "upper")]
    for slope in slopes:
        np.testing.assert_allclose(slope, slopes[0][0])
    assert slopes[0][0] == pytest.approx(30, abs=3)


def test_growth_is_shown_as_growth(drawn):
    frame, values = drawn["seasonal"].frame, SERIES["seasonal"]
    np.testing.assert_allclose(frame["point"], values[-36:] / values[-48:-12] - 1)


def test_assurance_compares_the_target_with_the_limits(whole):
    card = whole[1].part("standings").frame.set_index("metric")["assurance"]
    assert card["level"] == "pass"  # 1000 against 700
    assert card["cost"] == "fail"
    assert card["growing"] == "fail"
    assert card["fallen"] == "inconsistent"
    assert card["flat"] == "none"


def test_units_that_open_and_close(folder):
    book = opsnb.open(folder, "2026-10", "b")
    assert charts(book, ["level"])["level"].standing.reason == "too few points"
    book = book.for_unit("c")
    found = charts(book, ["level"])["level"].standing
    assert (found.basis, found.reason) == ("", "no data in this period")


def test_the_matrix_has_every_metric_in_one_cell(whole):
    _, card, _ = whole
    frame = matrix(card).frame
    assert frame["metric"].tolist() == list(METRICS)
    judged = frame["variation"] != ""
    assert (frame["false_flags"].notna() == judged).all()
    assert (frame["reason"] == "").tolist() == judged.tolist()
    assert 0 < frame["false_flags"].sum() < 0.4


def test_exceptions_are_the_signals_of_the_unit_and_of_those_below(whole):
    book, card, below = whole
    result = exceptions(book, card, below, limit=2)
    about = {(f.metric, f.unit) for f in result.findings}
    assert {(m, u) for m in ("fallen", "banded") for u in ("all", "a")} <= about
    assert ("cost", "all") in about, "an improvement is told"
    assert ("cost", "a") not in about, "of a unit, only what asks for something"
    assert all(f.code in CODES for f in result.findings)
    sizes = [f.evidence["sigmas"] for f in result.findings if f.severity == "orange"]
    assert sizes == sorted(sizes, reverse=True)
    drawn = list(dict.fromkeys(zip(result.frame["metric"], result.frame["unit"], strict=True)))
    assert drawn == [(f.metric, f.unit) for f in result.findings[:2]]
    assert len(result.part("stakes").frame) == len(result.findings)
    assert Result.from_bundle(result.to_bundle()).frame.shape == result.frame.shape


def test_cause_and_measure_are_those_of_the_ledger(whole):
    book, card, below = whole
    result = exceptions(book, card, below)
    stakes = result.part("stakes").frame.set_index(["metric", "unit"])
    columns = ["cause", "measure", "author", "noted"]
    assert stakes.loc[("fallen", "all"), columns].tolist() == [
        "供应商停产两周", "启用第二货源并加班", "丙", "",
    ]  # fmt: skip
    assert stakes.loc[("cost", "all"), columns].tolist() == ["旧原因", "旧措施", "甲", "2026-09"]
    assert stakes.loc[("banded", "all"), columns].tolist() == ["", "", "", ""]
    assert stakes.loc[("fallen", "a"), columns].tolist() == ["", "", "", ""]


def test_messages_carry_cause_and_measure_and_are_chosen_from_the_signals(whole):
    book, card, below = whole
    told = {f.metric: f for f in headline(book, card, below).findings}
    fallen = next(f for f in card.findings if f.code == "OPS030" and f.metric == "fallen")
    listed = problems(book, card, below).part("notes").frame.set_index(["metric", "unit"])
    said = listed.loc[(fallen.metric, fallen.unit), ["cause", "measure"]]
    assert said.iloc[-1].tolist() == ["供应商停产两周", "启用第二货源并加班"]
    assert told["fallen"].code in ("OPS030", "OPS001")
    assert "level" not in {m for m, f in told.items() if f.code in CODES}


REBASES = "metric,unit,date,cause\nstepped,all,2025-06-10,新排产系统\n"


def company_of(write_company, path, values, months, **ledgers):
    """Write a company of one metric with a target of 0 in every month."""
    rows = "".join(
        f"{month}-15,{value}\n"
        for month, value in zip(months, values, strict=True)
        if not math.isnan(value)
    )
    return write_company(
        path,
        metrics={"stepped": {"table": "t", "measure": "sum(n)"}},
        sources={"t": {"columns": {"day": "date", "n": "decimal(2)"}}},
        data={"t": "day,n\n" + rows},
        ledgers=ledgers,
    )


def test_a_rebase_starts_anew_in_its_month_with_its_cause(write_company, tmp_path):
    values = LEVEL + np.where(np.arange(48) >= 31, 400, 0)  # from June 2025 on
    with_ledger = company_of(write_company, tmp_path / "a", values, MONTHS, rebases=REBASES)
    chart = charts(opsnb.open(with_ledger, "2026-10"), ["stepped"])["stepped"]
    assert chart.causes == {19: "新排产系统"}
    assert chart.frame["segment"].tolist() == [0] * 19 + [1] * 17
    np.testing.assert_allclose(chart.frame["center"].iloc[[0, -1]], [
        values[12:31].mean(), values[31:].mean(),
    ])  # fmt: skip
    # nothing rebases itself
    without = company_of(write_company, tmp_path / "b", values, MONTHS)
    assert charts(opsnb.open(without, "2026-10"), ["stepped"])["stepped"].causes == {}


@pytest.mark.parametrize(
    ("values", "months", "basis", "trial"),
    [
        ([5.0] * 12, MONTHS[-12:], "level", True),
        ([7.0], MONTHS[-1:], "", False),
        (LEVEL[:12], MONTHS[-12:], "level", True),
        (LEVEL[:9], MONTHS[-9:], "", False),
        ([*LEVEL[:20], *[math.nan] * 8, *LEVEL[20:40]], MONTHS, "level", False),
        (LEVEL - 1000, MONTHS, "level", False),
        ([0.0] * 48, MONTHS, "level", False),
        ([*LEVEL[:-1], math.nan], MONTHS, "", False),
    ],
    ids=["constant", "one", "twelve", "nine", "gaps", "negatives", "zeros", "nothing now"],
)
def test_poor_series_have_a_chart_or_a_reason(
    write_company, tmp_path, values, months, basis, trial
):
    values = np.asarray(values, dtype=float)
    if math.isnan(values[-1]):  # another metric of the table has the month
        folder = company_of(write_company, tmp_path, [*values[:-1], 1.0], months)
        text = (folder / "data/t.csv").read_text().rsplit("\n", 2)[0]
        (folder / "data/t.csv").write_text(f"{text}\n2026-10-15,\n")
    else:
        folder = company_of(write_company, tmp_path, values, months)
    book = opsnb.open(folder, "2026-10")
    card = scorecard(book)
    row = card.part("standings").frame.iloc[0]
    assert (row["basis"], row["trial"] == "yes") == (basis, trial)
    assert bool(row["reason"]) == (not basis)
    assert exceptions(book, card).findings == tuple(f for f in card.findings if f.code in CODES)


def test_values_that_all_equal_their_target_are_neither_promised_nor_missed(
    write_company, tmp_path
):
    targets = "metric,unit,period,value\nstepped,all,2026-10,5\n"
    folder = company_of(write_company, tmp_path, [5.0] * 24, MONTHS[-24:], targets=targets)
    found = charts(opsnb.open(folder, "2026-10"), ["stepped"])["stepped"].standing
    assert (found.variation, found.assurance) == ("common", "inconsistent")


def test_what_adds_up_is_a_flow(demonstration):
    book = opsnb.open(demonstration, "2026-10")
    kinds = {name: adjust_kind(book.metric(name)) for name in book.company.metrics}
    assert kinds["revenue"] == kinds["operating_profit"] == kinds["orders"] == "flow"
    assert kinds["inventory"] == kinds["headcount"] == kinds["revenue_trailing_year"] == "stock"
    assert kinds["gross_margin"] == kinds["average_order_value"] == "rate"


def test_growth_is_shown_raw_and_adjusted(demonstration):
    """The Spring Festival of 2024 lay in February, that of 2025 began in January."""
    book = opsnb.open(demonstration, "2025-05", "east")
    chart = charts(book, ["revenue"])["revenue"]
    row = scorecard(book, ["revenue"]).frame.iloc[0]
    last, year = chart.frame["adjusted"].iloc[[-1, -13]]
    assert row["yoy_adjusted"] == pytest.approx(last / year - 1)
    raw, ago = chart.frame["raw"].iloc[[-1, -13]]
    assert row["yoy"] == pytest.approx(raw / ago - 1)
    # 19 working days against 21
    assert row["yoy_adjusted"] > row["yoy"]


def told(chart):
    """All of a chart, as what can be compared."""
    fields = {name: getattr(chart, name) for name in chart.__dataclass_fields__ if name != "frame"}
    return fields | {"frame": chart.frame.to_dict("list"), "types": chart.frame.dtypes.to_dict()}


@pytest.mark.parametrize("period", ["2026-10", "2026-02", "2026-01", "2022-05"])
def test_a_chart_that_was_kept_is_the_chart(demonstration, period, monkeypatch, tmp_path):
    """Made, kept and read again, and made where nothing is kept: not a bit differs."""
    monkeypatch.setattr(kept, "code_hash", lambda: "this code")
    found = []
    for where in (tmp_path, tmp_path, "off"):
        monkeypatch.setenv("OPSNB_CACHE", str(where))
        book = opsnb.open(demonstration, period)
        names, rules = list(book.company.metrics), "wheeler"
        drawn = [charts(book.for_unit(unit), names) for unit in ("all", "south")]
        drawn.append(charts(book, names[:3], rules=rules, tried=[book.period.shift(-9)]))
        found.append(repr([[told(chart) for chart in one.values()] for one in drawn]))
    assert found[0] == found[1] == found[2]


def test_another_target_is_another_chart(company, monkeypatch, tmp_path):
    monkeypatch.setattr(kept, "code_hash", lambda: "this code")
    monkeypatch.setenv("OPSNB_CACHE", str(tmp_path / "cache"))
    ledger = company / "ledgers/targets.csv"

    def goals():
        book = opsnb.open(company, "2026-10")
        return charts(book, ["revenue"])["revenue"].frame["target"].tolist()[-1]

    assert goals() == 2000
    ledger.write_text(ledger.read_text("utf-8").replace(",2000", ",2500"), "utf-8")
    assert goals() == 2500

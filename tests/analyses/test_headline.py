"""Headline and problems: few messages, one a metric, and all that asks for something."""

from dataclasses import replace

import pytest

import opsnb
from opsnb.analyses import headline, problems, scorecard, units
from opsnb.findings.forecast import narrow, unlikely
from opsnb.results import Finding

ORDER = ["red", "orange", "yellow", "grey", "info"]


@pytest.fixture
def bad(write_company, tmp_path):
    """Write eight metrics far from target, of a table in bad order."""
    names = [f"m{i}" for i in range(8)]
    targets = "".join(f"{name},all,2026-10,{100 + 10 * i}\n" for i, name in enumerate(names))
    years = "".join(f"{name},all,2026,9000\n" for name in names)
    return write_company(
        tmp_path,
        metrics={name: {"table": "t", "measure": "sum(n)"} for name in names},
        sources={"t": {"unit": "u", "columns": {"day": "date", "u": "text", "n": "integer"}}},
        data={"t": "day,u,n\n2026-01-05,a,1\n2026-10-05,a,60\n2026-10-05,zz,x\n,a,7\n"},
        ledgers={
            "units": "unit,label\na,A\n",
            "targets": f"metric,unit,period,value\n{targets}{years}",
        },
    )


def test_at_most_five_messages_and_one_a_metric(bad):
    workbook = opsnb.open(bad, "2026-10")
    card = scorecard(workbook)
    assert len(card.findings) >= 16
    result = headline(workbook, card)
    assert len(result.findings) == len(result.frame) == 5
    metrics = [finding.metric for finding in result.findings]
    assert len(set(metrics)) == 5
    assert metrics == ["m7", "m6", "m5", "m4", "m3"], "the farthest from target first"
    assert result.frame["rank"].tolist() == [1, 2, 3, 4, 5]
    for row, finding in zip(result.frame.to_dict("records"), result.findings, strict=True):
        assert (row["code"], row["metric"], row["severity"]) == (
            finding.code,
            finding.metric,
            finding.severity,
        )


def test_a_metric_speaks_once_and_the_tables_are_heard(bad):
    """Both metrics are below target and behind time; the year's plan is 9000."""
    workbook = opsnb.open(bad, "2026-10")
    card = scorecard(workbook, ["m0", "m1"])
    assert sorted((f.code, f.metric) for f in card.findings) == [
        ("OPS001", "m0"),
        ("OPS001", "m1"),
        ("OPS002", "m0"),
        ("OPS002", "m1"),
        ("OPS023", "m0"),
        ("OPS023", "m1"),
    ]
    said = [(f.code, f.metric) for f in headline(workbook, card).findings]
    assert said == [
        ("OPS001", "m1"),
        ("OPS001", "m0"),
        ("OPS006", ""),
        ("OPS007", ""),
        ("OPS008", ""),
    ]


def test_problems_are_all_that_asks_for_something_and_the_tables_too(bad):
    workbook = opsnb.open(bad, "2026-10")
    result = problems(workbook, scorecard(workbook))
    codes = [finding.code for finding in result.findings]
    assert codes.count("OPS001") == 8
    assert {"OPS006", "OPS007", "OPS008"} <= set(codes)
    severities = [ORDER.index(finding.severity) for finding in result.findings]
    assert severities == sorted(severities)
    assert "info" not in result.frame["severity"].tolist()


def test_the_cards_are_the_rows_of_the_key_metrics(tiny, cells):
    workbook = tiny()
    card = scorecard(workbook, key_metrics=["margin", "stock"])
    cards = headline(workbook, card).part("cards")
    assert cards.frame["metric"].tolist() == ["margin", "stock"]
    for metric in ("margin", "stock"):
        assert cells(cards, metric) == cells(card, metric)
    assert {finding.metric for finding in cards.findings} <= {"margin", "stock"}
    assert cards.part("history").frame.equals(card.part("history").frame)


def test_the_headline_hears_what_is_serious_below_and_nothing_milder(tiny):
    workbook = tiny()
    card, below = scorecard(workbook), units(workbook)
    with_units = problems(workbook, card, below)
    added = [f for f in with_units.findings if f.unit != "all"]
    assert {finding.severity for finding in added} <= {"red", "orange"}
    assert ("revenue", "north") in {(f.metric, f.unit) for f in added}
    assert len(problems(workbook, card).findings) + len(added) == len(with_units.findings)


def test_a_good_month_has_its_message_too(write_company, tmp_path):
    folder = write_company(
        tmp_path,
        metrics={"flow": {"table": "t", "measure": "sum(n)"}},
        sources={"t": {"columns": {"day": "date", "n": "integer"}}},
        data={"t": "day,n\n2026-10-05,5\n"},
        ledgers={"targets": "metric,unit,period,value\nflow,all,2026-10,4\n"},
    )
    workbook = opsnb.open(folder, "2026-10")
    card = scorecard(workbook)
    assert [f.code for f in headline(workbook, card).findings] == ["OPS005"]
    assert problems(workbook, card).frame.empty


def test_targets_that_are_likely_missed_are_messages_and_problems(bad):
    """The farthest from its target first; how wide intervals were is no message of the month."""
    workbook = opsnb.open(bad, "2026-10")
    card = replace(scorecard(workbook, ["m0", "m1", "m2"]), findings=())
    about = ("all", "2026-10")
    near, far, coin = (
        unlikely(metric, *about, odds, forecast, 9000.0, "销售部")
        for metric, odds, forecast in (("m0", 0.1, 8900.0), ("m1", 0.15, 7000.0),
                                       ("m2", 0.4, 8000.0))
    )  # fmt: skip
    ahead = replace(card, name="outlook", findings=(near, far, coin, narrow(*about, 40, 100, 80.0)))
    listed = problems(workbook, card, ahead=ahead).findings
    assert [f for f in listed if f.code.startswith("OPS07")] == [far, near, coin]
    told = headline(workbook, card, ahead=ahead).findings
    assert [f for f in told if f.code.startswith("OPS07")] == [far], "one of the year's targets"
    assert listed[0] == told[0] == far
    silent = headline(workbook, card)
    assert "OPS070" not in {finding.code for finding in silent.findings}


def test_a_metric_that_is_red_already_speaks_of_that(bad):
    workbook = opsnb.open(bad, "2026-10")
    card = scorecard(workbook, ["m0"])
    missed = unlikely("m0", "all", "2026-10", 0.05, 8000.0, 9000.0, "")
    ahead = replace(card, name="outlook", findings=(missed,))
    told = headline(workbook, card, ahead=ahead).findings
    assert [f.code for f in told if f.metric == "m0"] == ["OPS001"]
    assert missed in problems(workbook, card, ahead=ahead).findings


def test_the_years_target_of_the_whole_is_heard_beside_a_unit_of_the_same_metric(bad):
    """An orange signal of many deviations comes after it, and what is red before it."""
    workbook = opsnb.open(bad, "2026-10")
    red, signal = (
        Finding("OPS001", "red", "m0", "a", "2026-10", {"attainment": 0.5}),
        Finding("OPS030", "orange", "m1", "a", "2026-10", {"sigmas": 9.0}),
    )
    card = replace(scorecard(workbook, ["m0"]), findings=())
    missed = unlikely("m0", "all", "2026-10", 0.05, 8000.0, 9000.0, "")
    below = replace(card, name="units", findings=(signal, red))
    ahead = replace(card, name="outlook", findings=(missed,))
    told = headline(workbook, card, below, ahead=ahead).findings
    assert [f for f in told if f.metric] == [red, missed, signal]

"""Findings about forecasts: each fires, and does not."""

from opsnb.findings.forecast import disagreement, narrow, unlikely, unreadable

ABOUT = ("revenue", "all", "2026-10")


def test_ops070_a_target_more_likely_missed_than_met():
    found = unlikely(*ABOUT, 0.35, 95.0, 100.0, "销售部")
    assert (found.code, found.severity, found.owner) == ("OPS070", "yellow", "销售部")
    assert unlikely(*ABOUT, 0.05, 95.0, 100.0, "").severity == "orange"
    assert unlikely(*ABOUT, 0.5, 100.0, 100.0, "") is None


def test_ops071_a_second_method_outside_the_interval():
    assert disagreement(*ABOUT, 10.0, 10.9, (9.0, 11.0), "") is None
    found = disagreement(*ABOUT, 10.0, 11.1, (9.0, 11.0), "")
    assert found.code == "OPS071"
    assert found.numbers == {
        "ahead": 10.0, "second": 11.1, "ahead_lower": 9.0, "ahead_upper": 11.0,
    }  # fmt: skip


def test_ops072_intervals_too_narrow():
    found = narrow("all", "2026-10", 40, 100, 80.0)
    assert found.numbers["held"] == 0.4
    assert found.numbers["promised"] == 0.8
    assert narrow("all", "2026-10", 78, 100, 80.0) is None
    assert narrow("all", "2026-10", 0, 10, 80.0) is None


def test_ops073_records_that_cannot_be_read():
    assert unreadable("all", "2026-10", ()) is None
    found = unreadable("all", "2026-10", ("a/results.parquet", "b/latest.json"))
    assert found.numbers == {"unread": 2.0}
    assert found.severity == "grey"

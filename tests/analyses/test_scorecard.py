"""The scorecard of a tiny company, worked out by hand."""

import pytest

import opsnb
from opsnb.analyses import scorecard
from opsnb.errors import UnknownNameError
from opsnb.results import Result

NO_TARGET = "no target"
NOT_MEANINGFUL = "not meaningful for this metric"
TOGETHER = "January and February are compared together"
INCOMPLETE = "some units have no data in this period"


def approx(expected):
    return {
        name: value if isinstance(value, str) else pytest.approx(value, rel=1e-12)
        for name, value in expected.items()
    }


def test_a_flow_by_hand(tiny, cells):
    """March: 90 + 66; last year 120 + 60; February 88 + 50; targets 160 + 140 + 200 and 2000."""
    row = cells(scorecard(tiny()), "revenue")
    assert row == approx(
        {
            "metric": "revenue",
            "unit": "all",
            "period": "2026-03",
            "key": "yes",
            "actual": 156,
            "target": 200,
            "variance": -44,
            "attainment": 0.78,
            "yoy": (156 - 180) / 180,
            "yoy_difference": -24,
            "yoy_adjusted": "too few points",
            "yoy_turn": "",
            "mom": (156 - 138) / 138,
            "mom_difference": 18,
            "ytd": 160 + 138 + 156,
            "ytd_target": 500,
            "ytd_attainment": 454 / 500,
            "ytd_yoy": (454 - 450) / 450,
            "ytd_yoy_difference": 4,
            "year_target": 2000,
            "year_attainment": 454 / 2000,
        }
    )


def test_a_ratio_by_hand(tiny, cells):
    """Margin is 40 % in 2026 and 50 % in 2025; its months do not add up."""
    row = cells(scorecard(tiny()), "margin")
    expected = {
        "actual": 0.4,
        "target": 0.5,
        "variance": -0.1,
        "attainment": 0.8,
        "yoy": NOT_MEANINGFUL,
        "yoy_difference": -0.1,
        "mom": NOT_MEANINGFUL,
        "mom_difference": 0.0,
        "ytd": 0.4,
        "ytd_target": NOT_MEANINGFUL,
        "ytd_attainment": NOT_MEANINGFUL,
        "ytd_yoy": NOT_MEANINGFUL,
        "ytd_yoy_difference": -0.1,
        "year_target": NOT_MEANINGFUL,
        "year_attainment": NOT_MEANINGFUL,
    }
    for name, value in expected.items():
        assert row[name] == (
            value if isinstance(value, str) else pytest.approx(value, abs=1e-12)
        ), name


def test_a_target_of_zero_and_less_is_better(tiny, cells):
    card = scorecard(tiny())
    profit = cells(card, "profit")
    assert profit["target"] == 0
    assert profit["actual"] == profit["variance"] == pytest.approx(62.4)
    assert profit["attainment"] == "the target is zero"
    assert profit["ytd_target"] == 100
    assert profit["year_target"] == NO_TARGET
    cost = cells(card, "cost")
    assert cost["actual"] == pytest.approx(93.6)
    assert cost["attainment"] == pytest.approx(1 - 3.6 / 90)
    assert cost["ytd_target"] == NO_TARGET


def test_a_cumulative_metric_by_hand(tiny, cells):
    row = cells(scorecard(tiny()), "trailing")
    assert row["actual"] == 138 + 156
    assert row["attainment"] == pytest.approx(294 / 300)
    assert row["yoy"] == pytest.approx((294 - 300) / 300)
    assert row["mom"] == pytest.approx((294 - 298) / 298)
    assert row["ytd"] == 294
    assert row["ytd_target"] == NOT_MEANINGFUL


def test_a_band_by_hand(tiny, cells):
    """15 people in March, 13 on average since January; the band is 10 to 12.5."""
    row = cells(scorecard(tiny()), "staff")
    assert row["actual"] == 15
    assert row["target"] == NO_TARGET
    assert row["attainment"] == pytest.approx(1 - 2.5 / 12.5)
    assert row["ytd"] == pytest.approx((12 + 13 + 15) / 3)
    assert row["yoy"] == "no data in the same period last year"


def test_targets_of_an_average_are_averaged(tiny, cells):
    """12, 13 and 15 people where 10, 12 and 14 were planned."""
    row = cells(scorecard(tiny()), "crew")
    assert (row["ytd"], row["ytd_target"]) == (pytest.approx(40 / 3), 12)
    assert row["ytd_attainment"] == pytest.approx(40 / 36)
    assert row["year_target"] == NOT_MEANINGFUL


def test_a_metric_with_missing_units_is_shown_and_not_compared(tiny, cells):
    """South has counted no stock in March."""
    card = scorecard(tiny())
    row = cells(card, "stock")
    assert (row["actual"], row["target"], row["ytd"]) == (60, 80, 60)
    for name in ("variance", "attainment", "yoy", "yoy_difference", "mom", "mom_difference"):
        assert row[name] == INCOMPLETE, name
    for name in ("ytd_target", "ytd_attainment", "ytd_yoy", "year_target", "year_attainment"):
        assert row[name] == INCOMPLETE, name
    codes = {finding.code for finding in card.findings if finding.metric == "stock"}
    assert codes == {"OPS003"}
    north = cells(scorecard(tiny(unit="north")), "stock")
    assert north["attainment"] == pytest.approx(1 - 10 / 50)
    assert north["mom"] == pytest.approx(0.5)
    assert north["ytd_target"] == 50


def test_a_band_with_missing_units_is_not_compared(write_company, tmp_path, cells):
    staff = {"better": "band", "band": [10, 20], "over_time": "mean"}
    folder = write_company(
        tmp_path,
        metrics={"staff": {"table": "t", "measure": "sum(n)", **staff}},
        sources={"t": {"unit": "u", "columns": {"day": "date", "u": "text", "n": "integer"}}},
        data={"t": "day,u,n\n2026-09-30,a,9\n2026-09-30,b,9\n2026-10-31,a,9\n"},
        ledgers={"units": "unit,label\na,A\nb,B\n"},
    )
    card = scorecard(opsnb.open(folder, "2026-10"))
    row = cells(card, "staff")
    assert (row["actual"], row["attainment"]) == (9, INCOMPLETE)
    assert row["ytd_attainment"] == "too few points"  # of a year whose first months are not there
    assert [finding.code for finding in card.findings] == ["OPS003"]


def test_an_edge_of_zero_is_a_reason_and_no_crash(write_company, tmp_path, cells):
    folder = write_company(
        tmp_path,
        metrics={"gap": {"table": "t", "measure": "sum(n)", "better": "band", "band": [0, 9]}},
        sources={"t": {"columns": {"day": "date", "n": "integer"}}},
        data={"t": "day,n\n2026-10-31,-3\n"},
    )
    row = cells(scorecard(opsnb.open(folder, "2026-10")), "gap")
    assert (row["actual"], row["attainment"]) == (-3, "the target is zero")


@pytest.mark.parametrize("unit", ["all", "north"])
def test_january_and_february_are_compared_together_alone(tiny, cells, unit):
    """A flow of either month depends on where Spring Festival fell; a ratio does not."""
    share = 1 if unit == "all" else 0
    january = cells(scorecard(tiny("2026-01", unit)), "revenue")
    for name in ("yoy", "yoy_difference", "ytd_yoy", "ytd_yoy_difference"):
        assert january[name] == TOGETHER, name
    assert january["ytd"] == january["actual"] == 110 + 50 * share
    february = cells(scorecard(tiny("2026-02", unit)), "revenue")
    for name in ("yoy", "yoy_difference"):
        assert february[name] == TOGETHER, name
    both, before = 198 + 100 * share, 180 + 90 * share
    assert february["ytd"] == both
    assert february["ytd_yoy_difference"] == both - before
    assert february["ytd_yoy"] == pytest.approx((both - before) / before)
    for month in ("2026-01", "2026-02"):
        margin = cells(scorecard(tiny(month, unit)), "margin")
        assert margin["yoy_difference"] == pytest.approx(-0.1)
    march = cells(scorecard(tiny("2026-03", unit)), "revenue")
    assert march["yoy_difference"] == -30 + 6 * share


def test_a_year_to_date_that_ends_in_january_is_not_compared(write_company, tmp_path, cells):
    """A fiscal year from April: January is in it without February."""
    months = [f"{year}-{month:02d}" for year in (2024, 2025, 2026) for month in range(1, 13)]
    folder = write_company(
        tmp_path,
        metrics={"flow": {"table": "t", "measure": "sum(n)"}},
        sources={"t": {"columns": {"day": "date", "n": "integer"}}},
        data={"t": "day,n\n" + "".join(f"{month}-05,1\n" for month in months)},
        calendar="cn",
        fiscal_year={"start": 4},
    )
    january = cells(scorecard(opsnb.open(folder, "2026-01")), "flow")
    february = cells(scorecard(opsnb.open(folder, "2026-02")), "flow")
    assert (january["ytd"], january["ytd_yoy"]) == (10, TOGETHER)
    assert (february["ytd"], february["ytd_yoy"]) == (11, 0)


def test_without_a_festival_january_is_a_month_like_others(write_company, tmp_path, cells):
    folder = write_company(
        tmp_path,
        metrics={"flow": {"table": "t", "measure": "sum(n)"}},
        sources={"t": {"columns": {"day": "date", "n": "integer"}}},
        data={"t": "day,n\n2025-01-05,2\n2026-01-05,3\n"},
        calendar="none",
    )
    row = cells(scorecard(opsnb.open(folder, "2026-01")), "flow")
    assert (row["yoy"], row["ytd_yoy"]) == (0.5, 0.5)


def test_a_month_without_data_says_so_everywhere(tiny, cells):
    card = scorecard(tiny("2025-12"))
    row = cells(card, "stock")
    assert row["actual"] == "no data in this period"
    assert row["attainment"] == "no data in this period"
    assert {"OPS004"} == {f.code for f in card.findings if f.metric == "stock"}
    row = cells(card, "revenue")
    assert row["mom"] == "no data in the prior period"


def test_the_rows_are_those_asked_for_in_their_order(tiny):
    card = scorecard(tiny(), ["margin", "revenue"], ["stock", "margin"])
    assert card.frame["metric"].tolist() == ["margin", "revenue", "stock"]
    assert card.key_metrics == ["margin", "stock"]
    assert len(scorecard(tiny()).key_metrics) == 6
    with pytest.raises(UnknownNameError, match="did you mean 'revenue'"):
        scorecard(tiny(), ["revnue"])


def test_a_metric_named_twice_stands_once(tiny):
    card = scorecard(tiny(), ["revenue", "margin", "revenue"], ["revenue", "revenue"])
    assert card.frame["metric"].tolist() == ["revenue", "margin"]
    assert scorecard(tiny(), ["revenue", "revenue"]).frame["metric"].tolist() == ["revenue"]


def test_history_is_the_last_three_years(tiny):
    history = scorecard(tiny(), ["revenue"]).part("history")
    frame = history.frame.set_index("period")
    assert len(frame) == 36
    assert frame.index[0] == "2023-04"
    assert frame.loc["2025-12", "value"] == 225
    assert history.cell(0, "value").reason == "no data in this period"


def test_findings_are_about_what_the_card_shows(tiny):
    found = {(f.code, f.metric): f for f in scorecard(tiny()).findings}
    red = found["OPS001", "revenue"]
    assert (red.severity, red.owner, red.evidence["attainment"]) == ("red", "销售部", 0.78)
    assert found["OPS001", "staff"].severity == "red"
    assert found["OPS003", "stock"].evidence["units"] == "south"
    assert ("OPS005", "revenue") not in found


def test_a_record_of_the_card_comes_back_whole(tiny):
    card = scorecard(tiny())
    assert Result.from_bundle(card.to_bundle()).digest() == card.digest()


def test_the_same_files_give_the_same_digest(tiny, tiny_folder):
    again = opsnb.open(tiny_folder, "2026-03")
    assert scorecard(again).digest() == scorecard(tiny()).digest()
    assert scorecard(tiny()).digest() != scorecard(tiny("2026-02")).digest()

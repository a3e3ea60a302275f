"""The trend: every month beside last year's and the plan."""

import pytest

from opsnb.analyses import scorecard, trend
from opsnb.errors import UnknownNameError

TOGETHER = "January and February are compared together"
LAST_YEAR = "no data in the same period last year"


def test_months_by_hand(tiny, cells):
    result = trend(tiny(), "revenue", 4)
    assert result.frame["period"].tolist() == ["2025-12", "2026-01", "2026-02", "2026-03"]
    march = cells(result, "revenue", period="2026-03")
    assert (march["value"], march["prior_year"], march["target"]) == (156, 180, 200)
    assert march["attainment"] == pytest.approx(0.78)
    assert march["yoy"] == pytest.approx(-24 / 180)
    assert march["yoy_difference"] == -24
    december = cells(result, "revenue", period="2025-12")
    assert (december["value"], december["prior_year"], december["target"]) == (
        225,
        LAST_YEAR,
        "no target",
    )


def test_january_and_february_are_shown_and_not_compared(tiny, cells):
    result = trend(tiny(), "revenue", 4)
    for month, value, before in (("2026-01", 160, 150), ("2026-02", 138, 120)):
        row = cells(result, "revenue", period=month)
        assert (row["value"], row["prior_year"]) == (value, before)
        assert (row["yoy"], row["yoy_difference"]) == (TOGETHER, TOGETHER)
        assert isinstance(row["attainment"], float)


@pytest.mark.parametrize("metric", ["revenue", "margin", "stock", "trailing", "cost"])
@pytest.mark.parametrize("unit", ["all", "north"])
def test_the_last_month_agrees_with_the_scorecard(tiny, cells, metric, unit):
    row = cells(trend(tiny(unit=unit), metric, 3), metric, period="2026-03")
    card = cells(scorecard(tiny(unit=unit)), metric)
    assert row["value"] == card["actual"]
    for name in ("target", "attainment", "yoy", "yoy_difference"):
        assert row[name] == card[name], name


def test_its_findings_are_the_caveats_of_the_last_month(tiny):
    assert [f.code for f in trend(tiny(), "stock").findings] == ["OPS003"]
    assert trend(tiny(), "revenue").findings == ()
    assert [f.code for f in trend(tiny("2025-12"), "stock").findings] == ["OPS004"]


def test_an_unknown_metric_is_refused(tiny):
    with pytest.raises(UnknownNameError, match="did you mean 'revenue'"):
        trend(tiny(), "revnue")

"""A control chart of one metric, as the report's charts are, with other rules and new limits."""

import numpy as np
import pytest

import opsnb
from opsnb.analyses import control_chart
from opsnb.analyses.control import charts
from opsnb.display import html
from opsnb.errors import PeriodError, UnknownNameError
from opsnb.stats.spc import xmr

LEVELS = ["point", "center", "lower", "upper"]


@pytest.fixture(scope="module")
def book(demonstration):
    return opsnb.open(demonstration, "2026-10")


@pytest.mark.parametrize("metric", ["satisfaction", "on_time_delivery"])
def test_it_is_the_chart_of_the_report(book, metric):
    chart = charts(book, [metric])[metric]
    found = control_chart(book, metric).frame
    known = chart.frame["point"].notna().to_numpy().nonzero()[0][0]
    np.testing.assert_array_equal(found[LEVELS], chart.frame[LEVELS].iloc[known:])
    assert found["signal"].tolist() == chart.frame["signal"].iloc[known:].tolist()


def test_limits_that_are_tried_come_from_their_own_months(book):
    found = control_chart(book, "satisfaction", rebase=["2025-10"]).frame
    later = found[found["period"] >= "2025-10"]
    earlier = found[found["period"] < "2025-10"]
    for part in (earlier, later):
        x = part["point"].to_numpy()
        moving = np.abs(np.diff(x))
        moving = moving[moving < 3.267 * moving.mean()]
        assert part["center"].to_numpy() == pytest.approx(x.mean())
        assert part["upper"].to_numpy() == pytest.approx(x.mean() + 2.66 * moving.mean(), rel=1e-4)
        assert part["lower"].to_numpy() == pytest.approx(x.mean() - 2.66 * moving.mean(), rel=1e-4)
    assert "试设分段" in html(control_chart(book, "satisfaction", rebase=["2025-10"]), "zh")


def test_rules_are_those_of_the_dialect(book):
    for rules in ("nhs", "wheeler"):
        found = control_chart(book, "satisfaction", rules).frame
        by_hand = xmr(found["point"].to_numpy(), rules=rules)
        assert found["signal"].tolist() == by_hand["signal"].tolist()


def test_without_a_basis_it_says_why(book):
    for metric, why in (("inventory", "单位缺数"), ("revenue_trailing_year", "相邻月不独立")):
        found = control_chart(book, metric)
        assert not len(found.frame)
        assert why in html(found, "zh")


def test_with_and_without_a_signal_it_is_drawn(book):
    for metric in ("satisfaction", "on_time_delivery"):
        shown = html(control_chart(book, metric), "zh")
        assert shown.count("<svg") >= 2  # wide and narrow
        assert shown.count("<h3") == 1


def test_what_is_not_there_is_refused(book):
    with pytest.raises(UnknownNameError):
        control_chart(book, "revenues")
    with pytest.raises(PeriodError):
        control_chart(book, "revenue", rebase=["202510"])

"""OPS002: the year's target is attained by more than a point less than time has passed."""

import pytest

from opsnb.findings.rules import behind_time
from opsnb.results import NotApplicable

YEAR = {"ytd": 700.0, "year_target": 1000.0}


def test_it_fires_with_what_each_day_must_bring(metric_case, is_about_the_case):
    case = metric_case(year_attainment=0.7, progress=0.8, remaining=50, **YEAR)
    finding = behind_time(case)
    is_about_the_case(finding, "OPS002")
    assert finding.severity == "yellow"
    assert finding.evidence["gap"] == pytest.approx(-0.1)
    assert finding.evidence["required_run_rate"] == 6.0
    assert finding.evidence["year_attainment"] == 0.7
    assert finding.evidence["time_progress"] == 0.8


def test_it_names_no_run_rate_when_the_year_is_over(metric_case):
    finding = behind_time(metric_case(year_attainment=0.7, progress=1.0, remaining=0, **YEAR))
    assert "required_run_rate" not in finding.evidence


@pytest.mark.parametrize(
    ("attained", "progress", "fires"),
    [
        (0.79, 0.8, False),
        (0.7899, 0.8, True),
        (0.74, 0.75, False),
        (0.8, 0.8, False),
        (1.0, 0.8, False),
    ],
)
def test_a_point_is_not_more_than_a_point(metric_case, attained, progress, fires):
    case = metric_case(year_attainment=attained, progress=progress, **YEAR)
    assert (behind_time(case) is not None) is fires


@pytest.mark.parametrize("better", ["lower", "band"])
def test_it_does_not_apply_where_less_is_better(metric_case, better):
    case = metric_case(better=better, year_attainment=0.1, **YEAR)
    assert behind_time(case) == NotApplicable("not meaningful for this metric")


@pytest.mark.parametrize("target", [-100.0, 0.0])
def test_it_does_not_apply_to_a_planned_loss(metric_case, target):
    """A profit where a loss was planned would be a share below zero."""
    case = metric_case(ytd=50.0, year_target=target, year_attainment=-0.5)
    assert behind_time(case) == NotApplicable("not meaningful for this metric")


@pytest.mark.parametrize("given", [{}, {"ytd": 1.0}, {"year_target": 1.0, "ytd": 1.0}])
def test_it_does_not_apply_without_a_target(metric_case, given):
    assert behind_time(metric_case(**given)) == NotApplicable("no target")

"""OPS001: attainment is below a threshold."""

import pytest

from opsnb.findings.rules import below_target
from opsnb.results import NotApplicable


@pytest.mark.parametrize(
    ("attainment", "severity", "threshold"),
    [
        (0.849, "red", 0.85),
        (0.85, "orange", 0.95),
        (0.949, "orange", 0.95),
        (0.95, "yellow", 1.0),
        (0.999, "yellow", 1.0),
        (-3.0, "red", 0.85),
    ],
)
def test_it_fires_with_the_worst_threshold(
    metric_case, is_about_the_case, attainment, severity, threshold
):
    case = metric_case(attainment=attainment, actual=90.0, target=100.0, variance=-10.0)
    finding = below_target(case)
    is_about_the_case(finding, "OPS001")
    assert finding.severity == severity
    assert finding.evidence == {
        "actual": 90.0,
        "target": 100.0,
        "variance": -10.0,
        "attainment": attainment,
        "threshold": threshold,
    }


def test_a_band_has_no_target_to_tell(metric_case):
    finding = below_target(metric_case(better="band", attainment=0.9, actual=2.2))
    assert finding.severity == "orange"
    assert set(finding.evidence) == {"actual", "attainment", "threshold"}


@pytest.mark.parametrize("attainment", [1.0, 1.2])
def test_it_does_not_fire_at_the_target_or_above(metric_case, attainment):
    assert below_target(metric_case(attainment=attainment)) is None


@pytest.mark.parametrize("target", [9, 13, 19, 21, 1897])
def test_a_value_on_the_threshold_is_not_below_it(metric_case, target):
    """Floats put 8.1 of 9 at 0.8999999999999999."""
    for threshold, severity in ((0.85, "orange"), (0.95, "yellow")):
        reached = 1 + (target * threshold - target) / target
        assert below_target(metric_case(attainment=reached)).severity == severity


def test_it_does_not_apply_without_a_target(metric_case):
    assert below_target(metric_case(actual=5.0)) == NotApplicable("no target")

"""OPS004: the metric has no value in the period. It applies to every metric."""

import pytest

from opsnb.findings.rules import absent


def test_it_fires_without_a_value(metric_case, is_about_the_case):
    finding = absent(metric_case(target=5.0))
    is_about_the_case(finding, "OPS004")
    assert finding.severity == "grey"


@pytest.mark.parametrize("actual", [0.0, -1.0, 5.0])
def test_it_does_not_fire_with_one_be_it_zero(metric_case, actual):
    assert absent(metric_case(actual=actual)) is None

"""OPS005: the target is met."""

import pytest

from opsnb.findings.rules import on_target
from opsnb.results import NotApplicable


@pytest.mark.parametrize("attainment", [1.0, 1.0 - 1e-15, 1.3])
def test_it_fires_at_the_target_and_above(metric_case, is_about_the_case, attainment):
    finding = on_target(metric_case(attainment=attainment, actual=130.0, target=100.0))
    is_about_the_case(finding, "OPS005")
    assert finding.severity == "info"
    assert finding.evidence == {"actual": 130.0, "target": 100.0, "attainment": attainment}


def test_it_does_not_fire_below(metric_case):
    assert on_target(metric_case(attainment=0.999, actual=1.0)) is None


def test_it_does_not_fire_while_units_are_missing(metric_case):
    case = metric_case(attainment=1.2, actual=1.0, missing={"sales": ["north"]})
    assert on_target(case) is None


@pytest.mark.parametrize("given", [{"actual": 5.0}, {"attainment": 1.0}])
def test_it_does_not_apply_without_a_target(metric_case, given):
    assert on_target(metric_case(**given)) == NotApplicable("no target")

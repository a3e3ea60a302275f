"""OPS021: units joined or left between the periods that are compared."""

from opsnb.findings.rules import regrouped
from opsnb.results import NotApplicable


def test_it_fires_with_the_units_that_moved(metric_case, is_about_the_case):
    finding = regrouped(metric_case(actual=1.0, moved=("a", "b")))
    is_about_the_case(finding, "OPS021")
    assert finding.evidence == {"group": "north", "units": "a,b"}


def test_it_does_not_fire_when_nobody_moved(metric_case):
    assert regrouped(metric_case(actual=1.0)) is None


def test_it_is_not_applicable_without_a_value(metric_case):
    assert isinstance(regrouped(metric_case(moved=("a",))), NotApplicable)

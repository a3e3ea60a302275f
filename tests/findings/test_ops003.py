"""OPS003: some units have delivered nothing for the period."""

from opsnb.findings.rules import incomplete
from opsnb.results import NotApplicable

MISSING = {"sales": ["north", "south"], "costs": ["south", "west"]}


def test_it_fires_with_the_tables_and_each_unit_once(metric_case, is_about_the_case):
    finding = incomplete(metric_case(actual=5.0, missing=MISSING))
    is_about_the_case(finding, "OPS003")
    assert finding.severity == "grey"
    assert finding.evidence == {"tables": "sales,costs", "units": "north,south,west"}


def test_it_does_not_fire_when_all_have_delivered(metric_case):
    assert incomplete(metric_case(actual=5.0)) is None


def test_it_does_not_apply_without_a_value(metric_case):
    assert incomplete(metric_case(missing=MISSING)) == NotApplicable("no data in this period")

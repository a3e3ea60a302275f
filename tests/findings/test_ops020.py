"""OPS020: the target was changed after its period had begun; graver, after its end."""

import datetime as dt

from opsnb.data.ledgers.targets import Revision
from opsnb.findings.rules import revised
from opsnb.results import NotApplicable

END = dt.date(2026, 10, 31)


def test_a_change_after_the_end_is_yellow(metric_case, is_about_the_case):
    late = Revision(10.0, 8.0, dt.date(2026, 11, 3), END)
    finding = revised(metric_case(actual=9.0, target=8.0, revision=late))
    is_about_the_case(finding, "OPS020")
    assert finding.severity == "yellow"
    assert finding.evidence == {
        "old": 10.0, "new": 8.0, "approved_on": "2026-11-03", "ended": "2026-10-31",
    }  # fmt: skip


def test_a_change_on_its_last_day_is_a_note(metric_case):
    finding = revised(metric_case(actual=9.0, target=8.0, revision=Revision(10.0, 8.0, END, END)))
    assert finding.severity == "info"


def test_it_does_not_fire_for_a_target_that_stood(metric_case):
    assert revised(metric_case(actual=9.0, target=8.0)) is None


def test_it_is_not_applicable_without_a_target(metric_case):
    assert isinstance(revised(metric_case(actual=9.0)), NotApplicable)

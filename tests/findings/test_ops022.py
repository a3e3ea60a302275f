"""OPS022: rows of days that have not come yet. It does not apply to tables without dates."""

from opsnb.findings.rules import ahead
from opsnb.results import NotApplicable


def test_it_fires_with_the_last_day(table_case, is_about_the_case):
    finding = ahead(table_case(ahead=3))
    is_about_the_case(finding, "OPS022")
    assert finding.severity == "grey"
    assert finding.evidence == {
        "table": "sales", "rows": 3, "as_of": "2026-11-05", "latest": "2027-01-01",
    }  # fmt: skip


def test_it_does_not_fire_where_no_row_is_ahead(table_case):
    assert ahead(table_case()) is None


def test_it_does_not_apply_to_what_is_only_looked_up(table_case):
    assert ahead(table_case(looked_up=True)) == NotApplicable("only looked up, without dates")

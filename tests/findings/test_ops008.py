"""OPS008: rows without a date. It applies to every table."""

from opsnb.findings.rules import undated


def test_it_fires_with_the_number_of_rows(table_case, is_about_the_case):
    finding = undated(table_case(without_date=3))
    is_about_the_case(finding, "OPS008")
    assert finding.severity == "grey"
    assert finding.evidence == {"table": "sales", "rows": 3}


def test_it_does_not_fire_when_all_are_dated(table_case):
    assert undated(table_case()) is None

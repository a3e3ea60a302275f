"""OPS010: merged cells below the header of a sheet. It applies to every table."""

from opsnb.findings.rules import merged


def test_it_fires_with_their_number(table_case, is_about_the_case):
    finding = merged(table_case(merged=2))
    is_about_the_case(finding, "OPS010")
    assert finding.evidence == {"table": "sales", "count": 2}


def test_it_does_not_fire_without_merged_cells(table_case):
    assert merged(table_case()) is None


def test_of_a_table_that_is_only_looked_up_it_is_no_news_of_the_month(table_case):
    assert merged(table_case(looked_up=True, merged=2)).severity == "info"
